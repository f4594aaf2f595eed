"""What is known of a layer when it is judged: its place in the graph, and its scale."""

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np

from helpers.activations import Activation, gain
from helpers.inspection.layers import ADDS, between, mean_square
from helpers.propagation import gradient_map

# Weights are called too small or too large beyond this factor of the variance that they need.
# It lies between 1 and the factor of 2 by which Xavier's and He's differ.
TOLERANCE = math.sqrt(2)
# Weights that were drawn by another fan than fan_in are known by their variance. It must be
# close: where fans differ, one of them may give about the right number by chance.
CLOSE = 1.15
# A drift is told from this many powers of ten on, if a layer does more than this to it, or
# however slow it is.
DRIFT, A_LAYER, ANY_DRIFT = 2.0, math.log10(1.2), 4.0
# In a branch, what comes back to a layer may be this share of what comes back to its last.
LITTLE_GRADIENT = 1e-6
MUCH_SATURATED = 0.5  # weights that fit tanh saturate a tenth; half takes most gradient away
DROWNED = 1500.0  # what is added to an embedding may be so many times its mean square
RESHAPES = {"view", "reshape", "flatten", "unflatten", "transpose", "permute", "contiguous"}
RESHAPES |= {"squeeze", "unsqueeze"}
TURNS = RESHAPES | {"getitem"}


class Remedy(NamedTuple):
    """What to do to a parameter: draw it, scale it, or set it to zero."""

    action: str  # "normal", "scale" or "zeros"
    path: str
    value: float = 0.0  # standard deviation, or factor
    scheme: str = ""  # the name in `helpers.initializers`, if it has one


class Measured(NamedTuple):
    """Stands for a function of several entries, of which only what it did is known."""

    name: str
    scale: float  # which weights behind it need


class Whole:
    """What the layers of a graph share when they are judged.

    Attributes
    ----------
    layers : list of Evidence
        Calls of the same layer are one.
    drift : float
        Of the signal, in powers of ten.
    width : float
        The median number of units.
    level : float
        Second moment of what the first weights gave.
    finite : bool
        Whether all is that layers gave.
    curved : list of Activation
        The functions behind layers; `sigmoids` counts those that let little gradient through.
    """

    def __init__(self, graph):
        self.graph, self._known = graph, {}
        for node in reversed(graph.nodes):
            node.leads = any(c.layer or c.leads for c in node.children)
        self.branches, self.equal = _branches(graph), _equal(graph)
        self.ends = {}  # the last layers' nodes, for each branch
        for layer in graph.layers:
            total, last = self.branches.get(id(layer.node), (None, False))
            if last:
                self.ends.setdefault(id(total), []).append(layer.node)
        self.tables = {layer.path for layer in graph.layers if layer.kind == "embedding"}
        calls = {}
        for layer in graph.layers:
            calls.setdefault((layer.path, layer.weights.shape), []).append(layer)
        self.layers = [Evidence(group, self) for group in calls.values()]
        widths = [e.layer.weights.shape[1] for e in self.layers]
        self.width = float(np.median(widths)) if widths else 64
        self.drift, _ = drift(points(graph), "moment", self.width)
        first = [e.layer for e in self.layers if e.first and e.layer.kind != "embedding"]
        self.level = first[0].unbiased if first else math.inf
        self.curved = [e.function for e in self.layers if e.function and not e.gate]
        self.sigmoids = sum(wanted_slope(function) < 0.5 for function in self.curved)
        self.finite = all(np.isfinite(layer.node.moment) for layer in graph.layers)

    def end(self, node, **may):
        """Return where the scale of a result ends: see `_cancels`."""
        return _cancels(node, self._known.setdefault(tuple(may), {}), **may)


class Evidence:
    """What is known of a layer when it is judged.

    Attributes
    ----------
    before : list
        Of the functions through which its input came; None is none.
    after : Node or None
        That of the function through which z goes.
    first : bool
        Whether nothing with weights comes before it.
    branch : Node or None
        The sum that its branch ends in; `last` says whether it is the last layer there.
    scale : float
        The weights' mean square times fan_in; from `low` to `high` fits.
    """

    def __init__(self, calls, whole):
        self.calls, self.whole, self.layer = calls, whole, calls[-1]
        layer, node = self.layer, self.layer.node
        self.after = follower(node) if layer.kind != "embedding" else None
        self.function = self.after.function if self.after else None
        before = [f for call in calls[:4] for f in origins(call.source)]
        self.before = list({id(f): f for f in before}.values()) or [None]
        self.head, self.gate = not node.leads, self.after is not None and _is_gate(self.after)
        self.first = not any(is_fed(call.source) for call in calls)
        self.branch, self.last = whole.branches.get(id(node), (None, False))
        self.scale = layer.fan_in * mean_square(layer.weights)
        own = None if self.head or self.gate else self.function
        functions = [*self.before, own]
        if self.gate:  # it is to be open by half, whatever comes
            functions = [f for f in functions if not isinstance(f, Measured)]
            functions.append(self.function)
        self.ranges = [wanted(function) for function in functions]
        self.low = min(low for low, _, _ in self.ranges)
        self.high = max(high for _, high, _ in self.ranges)
        if self.head or self.first:  # as Xavier's is, to few outputs; it counts once
            self.high = max(self.high, 2.0)
        told = own or next((f for f in self.before if f), None)
        self.told = told.name if told else "a linear layer"
        if self.gate:
            self.told = "a gate"
        if self.head and self.tied:
            self.told = "a head that is the embedding too"
        aim = own or next((f for f in self.before if isinstance(f, Measured)), None)
        self.aim = wanted(aim) if aim else (1.0, 1.0, "lecun_normal")
        # Of few weights the mean square is far from their variance; of 1800 it is within 10 %.
        by_chance = max(1.0, 0.9 + 3 * math.sqrt(2 / max(layer.weights.size, 1)))
        self.tolerance, self.close = TOLERANCE * by_chance, CLOSE * by_chance

    @property
    def fits_in_scale(self):
        """Whether the weights have about the variance by fan_in that they need."""
        return self.low / self.tolerance <= self.scale <= self.high * self.tolerance

    @property
    def normalized(self):
        """Whether its scale cancels in a normalization."""
        return self.whole.end(self.layer.node) == "norm"

    @property
    def faded(self):
        """Whether a normalization follows behind a function, which is straight near zero."""
        return self.whole.end(self.layer.node, bent=True, gates=True) == "norm"

    @property
    def gates(self):
        """Whether it only opens and closes gates."""
        return self.whole.end(self.layer.node, bent=True, gates=True) == "gate"

    @property
    def below(self):
        """Whether what it adds to is normalized wherever it is taken."""
        end = self.whole.end(self.layer.node, bent=True, gates=True, sums=True)
        return end == "norm" and not (self.branch or any(c.is_beside for c in self._nearest))

    @property
    def rested(self):
        """Whether no layer is between it and a normalization before, and heads follow."""
        alone = self.whole.end(self.layer.node, bent=True) == "head"
        return alone and all(_is_rested(call.source) for call in self.calls)

    @cached_property
    def _nearest(self):
        return _nearest(self.layer.node)

    @property
    def evaluated(self):
        """Whether a normalization follows that runs on its running means."""
        return any(c.evaluated for c in self._nearest)

    @property
    def joined(self):
        """Whether its result is added to, or multiplied with, another."""
        return any(c.joins and not _is_made_of(c, self.layer.node) for c in self._nearest)

    @property
    def term(self):
        """Whether it is one of several ways to a sum that holds enough of what went in."""
        return any(_is_term(c, self.layer) for c in self._nearest)

    @property
    def beside(self):
        """Whether it is heard in what it is put side by side with."""
        parts = [c for c in self._nearest if c.is_beside]
        return any(self.layer.unbiased > 0.01 * part.moment for part in parts)

    @property
    def added_up(self):
        """By what its second moment is multiplied where its entries are added up; else 1."""
        moments = [c.moment for c in self._nearest if c.adds_up]
        return moments[0] / self.layer.node.moment if moments and moments[0] > 0 else 1.0

    @property
    def attends(self):
        """Whether its result is multiplied with another, but not entry by entry."""
        return any(c.joins and not (c.is_sum or c.is_gate or c.part) for c in self._nearest)

    @property
    def alone(self):
        """Whether it is of attention that has one position to choose from."""
        stack = [self.layer.node] if self.attends else []
        while stack:
            at = stack.pop()
            if at.choices == 1:
                return True
            stack.extend(c for c in at.children if c.signal and not c.layer)
        return False

    @property
    def heard(self):
        """Whether its branch is not so weak that next to nothing comes back to the layer.

        Queries and keys get little: where they are small, attention is even.
        """
        if self.last or self.attends:
            return not self.bare
        ends = self.whole.ends.get(id(self.branch), [self.layer.node])
        most = max(call.node.gradient for call in self.calls)
        return not most < LITTLE_GRADIENT * max(end.gradient for end in ends)

    @property
    def equal(self):
        """The names of other layers that start with the same weights."""
        return self.whole.equal.get(self.layer.path, [])

    @property
    def lone(self):
        """The layer of its kind into which alone its result goes, as it is, or None."""
        return _lone(self.layer.node) if len(self.calls) == 1 else None

    @property
    def tied(self):
        """Whether its weights are an embedding too."""
        return self.layer.kind != "embedding" and self.layer.path in self.whole.tables

    @cached_property
    def gradients(self):
        """Second moments of its parameters, and of gradients there, where one is known."""
        found = {name: self.whole.graph.gradients.get(name) for name in self.layer.parameters}
        return {name: pair for name, pair in found.items() if pair and not math.isnan(pair[1])}

    @property
    def bare(self):
        """Whether no gradient comes to the weights."""
        return bool(self.gradients) and all(g == 0 for _, g in self.gradients.values())

    @property
    def opens(self):
        """Whether one of its parameters is zero, and learns."""
        return any(size == 0 < gradient for size, gradient in self.gradients.values())

    @property
    def blocked(self):
        """A parameter that is zero, and learns, through which all its gradient goes, or ""."""
        return _blocked(self.layer.node, self.whole.graph) if self.bare else ""

    @cached_property
    def shares(self):
        """Shares of saturated, inactive and dead units, over all calls."""
        nodes = [after for call in self.calls if (after := follower(call.node))]
        return tuple(np.mean([n.shares for n in nodes], 0)) if nodes else (0.0, 0.0, 0.0)

    @property
    def activated(self):
        """Second moment of what leaves the function, over all calls."""
        return float(np.mean([(follower(c.node) or c.node).moment for c in self.calls]))

    def drawn_by(self):
        """Return the name of a fan by which the weights fit, and their variance times it."""
        if not (self.fits_in_scale or self.head or self.normalized):
            layer = self.layer
            average = (layer.fan_in + layer.fan_out) / 2
            for fan, size in (("fan_avg", average), ("fan_out", layer.fan_out)):
                scale = self.scale * size / layer.fan_in
                if any(
                    lo / self.close <= scale <= hi * self.close for lo, hi, _ in self.ranges
                ):
                    return fan, scale
        return "fan_in", self.scale

    def redrawn(self, why=""):
        """Return the remedy that brings the weights to the scale that they need."""
        layer, (low, high, scheme) = self.layer, self.aim
        target = math.sqrt(low * high) / layer.fan_in
        if scheme == "xavier_normal":
            target = 2 / (layer.fan_in + layer.fan_out)
            off = abs(math.log(max(target * layer.fan_in, 1e-300)))
            if (why == "small" and target * layer.fan_in < self.scale) or off > 2:
                scheme, target = "lecun_normal", 1 / layer.fan_in
        elif scheme in ("lecun_normal", ""):
            target = (1.0 if scheme else math.sqrt(low * high)) / layer.fan_in
        if layer.plain:
            return (Remedy("normal", layer.path, math.sqrt(target), scheme),)
        variance = mean_square(layer.weights)
        if layer.scalable and 0 < variance < math.inf:
            return (Remedy("scale", layer.scalable, math.sqrt(target / variance)),)
        return ()

    def zeroed(self):
        """Return the remedy that takes the biases away."""
        return (Remedy("zeros", self.layer.bias_path),) if self.layer.bias_path else ()


# What functions need of the weights beside them.


def is_bounded(function):
    """Whether it stays as it is where entries are ten times as large."""
    z = np.linspace(-4, 4, 161)
    return np.abs(function(10 * z)).max() < 2 * np.abs(function(z)).max()


_WANTED: dict = {}


def wanted(activation):
    """Return the smallest and largest ``fan_in * variance`` that fit, and what gives it.

    The name is empty where no named scheme does.
    """
    if activation is None:
        return 1.0, 1.0, "lecun_normal"
    if isinstance(activation, Measured):
        return activation.scale, activation.scale, ""
    key = id(activation)
    if key not in _WANTED or _WANTED[key][0] is not activation:
        _WANTED[key] = activation, *_wanted(activation)
    return _WANTED[key][1:4]


def wanted_slope(activation):
    """Return the gradient's factor where the signal is kept at 1."""
    wanted(activation)
    return _WANTED[id(activation)][4]


def _wanted(activation):
    z = np.array([-2.0, -1.0, 1.0, 2.0])
    values = activation(z)
    if np.allclose(activation(3 * z), 3 * values, rtol=1e-3, atol=1e-6):  # a rectifier
        up, down = abs(float(values[2])), abs(float(values[1]))
        scale = 2 / max(up**2 + down**2, 1e-12)
        leak = round(-float(values[1]) / float(values[2]), 4) if values[2] else 0
        named = {0: "he_normal", 1: "lecun_normal"}.get(leak, f"he_normal(leak={leak:g})")
        return scale, scale, named if abs(up - 1) < 1e-3 else "", 1.0
    odd = np.allclose(activation(-z), -values, atol=1e-4)
    unit = 1e-2
    slope = abs(float(activation(np.array([unit]))[0] - activation(np.array([0.0]))[0])) / unit
    if odd and not 0.7 < slope < 1.4 and slope > 0:  # as sin(30 z): in units of its own
        inner = Activation(
            activation.name,
            lambda z: activation(z / slope),
            lambda z: activation.derivative(z / slope) / slope,
        )
        square = _square(inner)
        return 1 / slope**2, max(square, 1.0) / slope**2, "", 1.0
    square = _square(activation)
    if not math.isfinite(square):
        return 1.0, 1.0, "", 1.0
    try:
        kept = gradient_map(1.0, activation, math.sqrt(square))
    except ValueError:  # its slope has no mean square, as that of a root
        kept = 1.0
    if kept < 0.5:
        return square, square, "", float(kept)
    if odd:  # tanh and its like
        return 1.0, max(square, 1.0), "xavier_normal", 1.0
    if abs(square - 1) < 0.01:
        return 1.0, 1.0, "lecun_normal", 1.0
    return square, square, f"variance_scaling(scale={square:.2f})", 1.0


def _square(activation):
    try:
        return gain(activation) ** 2
    except ValueError:
        return math.nan


# Ways through the graph.


def origins(source):
    """Return the functions through which an input came; None where it came through none."""
    found, stack, seen = [], [source], set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.function and (node.bends or abs(abs(node.line) - 1) > 0.05):
            found.append(node.function if abs(node.line or 1) > 1e-6 else None)
        elif node.function:
            stack.append(node.root)
        elif node.weighed is not None:
            stack.append(node.weighed)
        elif node.is_gate and not (node.function or node.part or node.normalizes):
            found.append(_measured(node))
        elif node.layer or not node.carriers or node.normalizes or node.joins:
            found.append(None)
        else:
            stack.extend(node.carriers)
    return found


def _measured(node):
    """Return what a product of results did to the mean square of those layers it came from."""
    before = back(node.carriers, lambda at: at.layer is not None).values()
    moments = [at.moment for at in before if at.layer]
    if not moments or not node.moment > 0 or not np.mean(moments) > 0:
        return None
    return Measured("a gate", float(np.mean(moments) / node.moment))


def follower(node):
    """Return the function that a result goes through, before it is multiplied again."""
    queue, seen = [(child, 0) for child in node.children], set()
    while queue:
        at, sums = queue.pop(0)
        if id(at) in seen or at.layer or not at.signal:
            continue
        seen.add(id(at))
        if at.part or at.normalizes:
            queue.extend((child, sums) for child in at.children)
            continue
        if at.bends:
            longer = [c for c in at.children if c.bends and c.root is at.root]
            while longer:
                at = longer[0]
                longer = [c for c in at.children if c.bends and c.root is at.root]
            return at
        if at.joins and not at.is_sum and not _is_weighed(at, node):
            continue
        sums += at.is_sum
        if sums <= 1:
            queue.extend((child, sums) for child in at.children)
    return None


def _is_weighed(at, node):
    """Whether a product weighs what comes from a result, as a whole."""
    return at.weighed is not None and id(node) in back([at.weighed], lambda n: n is node)


def _cancels(node, known, **may):
    """Return where the scale of a result ends, before anything else can see it.

    "norm" is a normalization, "head" a last layer, where a factor counts only once, "gate" a
    bounded function by which something else is multiplied; "" is neither. Of several ways it is
    the last of these words that one ends in.
    """
    if id(node) not in known:
        known[id(node)] = ""
        ends = {_end(child, node, known, may) for child in node.children if child.signal}
        known[id(node)] = "" if not ends or "" in ends else max(ends)
    return known[id(node)]


def _end(child, node, known, may):
    if child.part and not child.normalizes:
        return "norm"
    if child.scales_away:
        return "norm"
    if child.normalizes:  # of next to nothing: it is nearly a straight line
        return _cancels(child, known, **may) if may.get("bent") else ""
    if child.layer is not None:
        bias = child.layer.bias
        share = 1.0 if may else 0.1  # to be heard, or for the scale to cancel
        small = bias is None or mean_square(bias) < share * child.layer.unbiased
        end = _cancels(child, known, **may) if child.leads else "head"
        return end if small or end in ("head", "gate") else ""
    if child.function is not None and child.bends:
        if may.get("gates") and _opens(child):
            return "gate"
        z = np.array([-2.0, -1.0, 1.0, 2.0])
        straight = np.allclose(child.function(3 * z), 3 * child.function(z), rtol=1e-3)
        return _cancels(child, known, **may) if straight or may.get("bent") else ""
    mixed = child.joins and not may.get("sums" if child.is_sum else "bent")
    end = "" if mixed else _cancels(child, known, **may)
    if (
        child.is_beside and end == "norm" and not may.get("sums")
    ):  # that of a part only where it follows at once
        at_once = [c.scales_away or c.part or c.is_beside for c in child.children if c.signal]
        return "norm" if all(at_once) else ""
    return end


def closes(node):
    """Whether much of a gate that a result leads to is saturated."""
    if _opens(node):
        return node.shares[0] > MUCH_SATURATED
    return any(closes(child) for child in node.children if child.signal)


def _opens(node):
    """Whether it is a gate: a bounded function, never negative, of what is multiplied."""
    if not (node.bends and _is_gate(node) and is_bounded(node.function)):
        return False
    return node.function(np.linspace(-4, 4, 33)).min() > -1e-6


def _lone(node):
    """Return the layer of the same kind into which alone a result goes, as it is, or None."""
    kind, at = node.layer.kind, node
    while at is node or at.random or at.line is not None or at.op in RESHAPES:
        followers = [c for c in at.children if c.signal]
        if len(followers) != 1:
            return None
        (at,) = followers
        if at.layer:
            return at.layer if at.layer.kind == kind else None
    return None


def drowning(layer):
    """Return an embedding to which another is added that is nothing beside it, or None."""
    if layer.kind != "embedding" or not layer.node.moment > 0:
        return None
    for total in layer.node.children:
        if not total.is_sum:
            continue
        ends = back(total.carriers, lambda at: at.layer is not None).values()
        others = [at.layer for at in ends if at.layer and at.layer is not layer]
        tables = all(other.kind == "embedding" for other in others)
        far = [o for o in others if o.node.moment > DROWNED * layer.node.moment]
        if tables and far:
            return far[0]
    return None


def _is_term(total, layer):
    """Whether a layer is one of several ways from the same result, or the input, to a sum."""
    if not total.is_sum or _is_made_of(total, layer.node):
        return False
    if not total.moment > 0.1 * layer.source.moment:
        return False
    source = layer.source
    if not is_fed(source):
        return True
    beside = total.over is not None and _is_made_of(source, total.over)
    return beside and not any(step.layer for step in between(total.over, source))


def _is_rested(source):
    """Whether all ways to a result come from a normalization, past no layer."""
    ends = back([source], lambda node: node.layer is not None or node.normalizes).values()
    return all(node.normalizes or (node.carriers and not node.layer) for node in ends)


def _is_made_of(node, other):
    """Whether all that a result is made of comes through another."""
    while node is not None and node is not other:
        node = node.over
    return node is other


def _nearest(node):
    """Return what follows a result, up to the next product, function, or sum."""
    found, stack = [], [c for c in node.children if c.signal]
    while stack:
        at = stack.pop()
        if at in found or at.layer:
            continue
        found.append(at)
        if not (at.bends or (at.joins and not _is_made_of(at, node))):
            stack.extend(at.children)
    return found


def _is_gate(node):
    """Whether a function of one result is multiplied with another, and not used otherwise."""
    followers, passed = [c for c in node.children if c.signal], True
    while passed:
        turned = followers if len(followers) == 1 else [f for f in followers if f.op in TURNS]
        passed = [f for f in turned if not (f.joins or f.layer)]
        rest = [f for f in followers if f not in passed]
        followers = rest + [c for f in passed for c in f.children if c.signal]
    multiplied = all("mul" in c.op and not c.function for c in followers)
    return multiplied and any(c.joins for c in followers)


def _branches(graph):
    """Return for layers in a branch the sum that it ends in, and whether they are its last.

    A branch is what leads to one term of a sum from where another term comes without weights.
    """
    found = {}
    for total in graph.nodes:
        if not (total.is_sum and total.signal):
            continue
        for term in total.carriers:
            free = back([term], lambda node: node.layer is not None)
            others = [other for other in total.carriers if other is not term]
            inside = back(others, lambda node, free=free: id(node) in free)
            if not any(key in free for key in inside):
                continue
            last = back(others, lambda node: node.layer is not None)
            for key, step in inside.items():
                if step.layer and key not in free and key not in found:
                    found[key] = total, key in last
    return found


def back(nodes, stops):
    """Return all that results come from, by id, up to and with those at which it stops."""
    found, stack = {}, list(nodes)
    while stack:
        at = stack.pop()
        if id(at) not in found:
            found[id(at)] = at
            if not stops(at):
                stack.extend(at.carriers)
    return found


def _blocked(node, graph):
    """Return a parameter after a result that is zero, and to which a gradient comes.

    It multiplies: of a normalization both gain and bias are zero then.
    """

    def zero(names):
        return [name for name in names if graph.gradients.get(name, (1.0, 0.0))[0] == 0]

    stack, seen = list(node.children), set()
    while stack:
        at = stack.pop(0)
        if id(at) in seen:
            continue
        seen.add(id(at))
        layers = [at.layer] if at.layer else []
        if at.is_product and at.moment == 0:  # a gate may be shut
            before = back(at.carriers, lambda n: n.layer is not None).values()
            layers += [n.layer for n in before if n.layer]
        names = zero(name for layer in layers for name in layer.parameters)
        factors = [name for p in at.parents if not p.signal for name in p.weights]
        if at.op not in ADDS and len(zero(factors)) == len(factors):
            names += factors
        for name in names:
            if graph.gradients[name][1] > 0:
                return name
        stack.extend(at.children)
    return ""


def _equal(graph):
    """Return for each path of weights the names of others that hold the same numbers."""
    alike = {}
    for layer in {layer.path: layer for layer in graph.layers}.values():
        W = layer.weights
        if W.size >= 16 and not (W.flat[0] == W.flat[:16]).all():
            alike.setdefault((W.shape, W.flat[:16].tobytes()), []).append(layer)
    return {
        layer.path: [
            other.name
            for other in group
            if other is not layer and np.array_equal(layer.weights, other.weights)
        ]
        for group in alike.values()
        for layer in group
    }


def points(graph):
    """Return what goes into products with weights, once something with weights came before."""
    found = {}
    for layer in graph.layers:
        node = layer.source
        if layer.kind != "embedding" and is_fed(node):
            found.setdefault(id(node), node)
    return list(found.values())


def is_fed(node):
    """Whether a layer, or the result itself as one, comes before it."""
    before = back([node], lambda at: at.layer is not None).values()
    return any(at.layer for at in before)


def drift(nodes, what, width=64):
    """Return by how many powers of ten a moment changes over all, and by a layer.

    Means of a third of the layers are compared. With weights by fan_in the mean of squares
    stays in a forward pass, by fan_out their sum, and going backward it is the other way
    round: the smaller change counts.
    """
    best = None
    for sizes in (False, True):
        values = []
        for node in nodes:
            value = getattr(node, what)
            if not math.isnan(value) and (value > 0 or what == "moment"):
                share = math.prod(node.shape[1:]) if sizes else 1
                finite = min(max(value, 1e-300), 1e300)
                values.append(math.log10(finite) + math.log10(max(share, 1)))
        n = len(values)
        if n < 4:
            return 0.0, 0.0
        third = max(1, n // 3)
        change = np.median(values[-third:]) - np.median(values[:third])
        layer = change / (n - third)
        # What one step does, as to a mean over pixels, or a small last layer, is no drift.
        most = min(max(np.sign(change) * np.diff(values)), ANY_DRIFT)
        if best is None or abs(change) < abs(best[0]):
            best = float(layer * (n - 1)), float(layer), abs(layer) * (n - 1) - most
    room = math.sqrt(5 * len(nodes) / max(width, 1)) / math.log(10) * 3 - 1
    total, layer, steady = best
    tells = steady > DRIFT * (n - 2) / (n - 1) + max(room, 0) and abs(layer) > A_LAYER
    return (total, layer) if tells or steady > ANY_DRIFT + max(room, 0) else (0.0, 0.0)
