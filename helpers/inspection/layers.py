"""What a forward pass did: its results, what each was made from, and the layers among them.

The modules for PyTorch, JAX and our own networks fill a `Graph`; `judge` reads it. Whether a
result is a function of another entry by entry, and what that function does, is tried on
normal numbers, so no list of functions has to be complete.
"""

import math
from dataclasses import dataclass

import numpy as np

from helpers.activations import ACTIVATIONS, Activation, flat_part
from helpers.propagation import LayerStatistics, mean_cosine, second_moment

MOST_BETWEEN = 64  # results that one function of entries may be made of
MOST_SAMPLES = 64  # of which the cosine is taken
ADDS = {"add", "iadd", "radd", "sub", "isub", "rsub"}
NORMALIZED = 0.5  # share of its usual second moment that a normalization must reach


class Node:
    """One result of a forward pass.

    Parameters
    ----------
    op : str
        What made it.
    parents : list of Node
    shape : tuple of int
    signal : bool
        Whether it depends on the model's input; otherwise it is made of parameters, or a
        constant.
    weights : frozenset of str
        The parameters of which it is made, where it is no signal.
    """

    def __init__(self, op, parents=(), shape=(), *, signal=True, weights=frozenset()):
        self.op, self.parents, self.shape = op, list(parents), tuple(shape)
        self.made = frozenset()  # the parameters that it is made of, with no input
        self.signal, self.weights = signal, frozenset(weights)
        self.children, self.layer, self.call = [], None, None
        self.still = False  # no gradient goes through it, as through an index or a mask
        self.root, self.function = self, None  # it is this function of each entry of its root
        self.axis = -1  # of the units
        self.line = None  # the slope of that function, if it is a straight line
        self.normalizes = self.evaluated = self.random = False
        self.leads = False  # to a layer
        self.part = False  # of a normalization that several steps make
        self.usual = math.nan  # second moment that a normalization makes of normal numbers
        self.moment = self.gradient = self.cosine = math.nan
        self.shares = (math.nan,) * 3  # saturated, inactive, dead
        self.choices, self.certain = 0, math.nan  # of attention: the mean of the largest weight
        self.over, self.depth, self.number = None, 0, -1
        if signal and self.signals:
            over = self.signals[0]
            for parent in self.signals[1:]:
                over = _common(over, parent)
            self.over, self.depth = over, over.depth + 1 if over else 1
        for parent in self.parents:
            parent.children.append(self)

    @property
    def carriers(self):
        """Those parents that carry the signal; those that are still only where all are."""
        return [parent for parent in self.signals if not parent.still] or self.signals

    @property
    def signals(self):
        """Those parents that depend on the input, indices and masks among them."""
        return [parent for parent in self.parents if parent.signal]

    @property
    def bends(self):
        """Whether it is a function of entries that is no straight line."""
        return self.function is not None and self.line is None

    @property
    def scales_away(self):
        """Whether it normalizes, and what it adds to a small variance does not count."""
        return self.normalizes and not self.moment < NORMALIZED * self.usual

    @property
    def is_sum(self):
        """Whether it adds results of its own shape."""
        return self.op in ("add", "sub", "iadd") and len(self.carriers) > 1

    @property
    def is_beside(self):
        """Whether it puts several results side by side."""
        return len(self.carriers) > 1 and not self.joins

    @property
    def adds_up(self):
        """Whether it adds entries of one result to one another, or takes their mean."""
        return self.op in ("sum", "mean", "reduce_sum") and len(self.carriers) == 1

    @property
    def is_told(self):
        """Whether what it holds says something of the layers that it came from."""
        made = self.is_sum or self.is_product or self.is_beside
        return made or self.adds_up or self.normalizes

    @property
    def is_product(self):
        """Whether it multiplies results, entry by entry."""
        return self.op == "glu" or (self.multiplies and self.joins)

    @property
    def is_gate(self):
        """Whether it multiplies results of which each has its own number for each entry."""
        return self.is_product and (self.op == "glu" or self.weighed is None)

    @property
    def multiplies(self):
        """Whether it multiplies entries."""
        return "mul" in self.op[-4:] and "mat" not in self.op

    @property
    def weighed(self):
        """What it weighs as a whole, with numbers for many entries each, if it does so."""
        full = [p for p in self.carriers if math.prod(p.shape) == math.prod(self.shape)]
        weighs = self.multiplies and len(full) == 1 < len(self.carriers)
        return full[0] if weighs else None

    @property
    def joins(self):
        """Whether several results become one otherwise than side by side."""
        if self.op == "glu":
            return True
        sizes = [math.prod(p.shape) for p in self.carriers]
        return len(sizes) > 1 and sum(sizes) != math.prod(self.shape)

    def set_function(self, root, function):
        """Note that it is a function of each entry of `root`."""
        self.root, self.function = root, function
        self.line = slope = _slope_of_line(function, math.prod(root.shape[1:]))
        if slope is not None:  # it may be another for each unit
            self.function = Activation(
                function.name, lambda z: slope * z, lambda z: np.full(np.shape(z), slope)
            )

    def measure(self, array):
        """Note the second moment of what it holds, and how alike its samples are."""
        self.moment = mean_square(array)
        if len(self.shape) > 1 and self.shape[0] > 1 and np.isfinite(self.moment):
            few = np.reshape(array, (len(array), -1))[:MOST_SAMPLES]
            self.cosine = mean_cosine(few.astype(float, copy=False))

    def measure_function(self, array, slope):
        """Note second moment and shares of a function's result, units last."""
        self.moment = mean_square(array)
        flat = np.reshape(array, (-1, array.shape[-1]))
        did = LayerStatistics(flat, self.function, flat)
        if slope is not None:
            did.slope = np.reshape(slope, flat.shape)
            self.shares = float(did.saturated), float(did.inactive), float(did.dead)


def _common(a, b):
    """Return the nearest result through which all ways to both of two results lead."""
    while a is not b:
        if a is None or b is None:
            return None
        if a.depth >= b.depth:
            a = a.over
        else:
            b = b.over
    return a


def between(top, node, most=None):
    """Return what lies on the ways from `top`, through which all lead, to a result."""
    found, stack = {}, [node]
    while stack and (most is None or len(found) <= most):
        at = stack.pop()
        if at is not top and id(at) not in found:
            found[id(at)] = at
            stack.extend(at.signals)
    return list(found.values())


@dataclass
class Layer:
    """What one product with weights did."""

    name: str
    path: str  # of the parameter
    kind: str  # the function that multiplied
    weights: np.ndarray  # a column for each unit
    fan_in: float  # how many inputs one output adds up; a mean, where that differs
    fan_out: float
    source: Node  # what was multiplied
    node: Node  # what came out, with the bias
    parameters: tuple = ()  # from which the weights are computed
    plain: bool = True  # the weights are the parameter, not computed from it
    scalable: str = ""  # a parameter to which they are proportional, or ""
    grouped: bool = False  # units do not all see the same inputs
    usual: tuple = (0, 0)  # the fans that the framework's initializers compute
    unbiased: float = math.nan  # second moment of what came out, without the bias
    bias: np.ndarray | None = None
    bias_path: str = ""


class Graph:
    """The results of a forward pass, in the order in which they were made.

    Attributes
    ----------
    nodes : list of Node
    layers : list of Layer
        One for each call.
    gradients : dict of str to (float, float)
        Second moments of each parameter and of the gradient there; nan where none is seen.
    unseen : dict of str to str
        Parameters in products that could not be looked into, and the functions that made them.
    loss : (float, int), optional
        The loss at the start, and the number of classes among which it chooses.
    updates : dict of str to float
        Root mean square of a step of the optimizer over that of the parameter.
    """

    def __init__(self, tries=True):
        self.nodes, self.layers, self.gradients, self.updates = [], [], {}, {}
        self.tries = tries  # what functions do; else only products are looked at
        self.resizes = True  # whether steps can be done again with fewer samples
        self.loss, self.unseen, self.places, self._tried = None, {}, {}, {}

    def spread(self):
        """Return over how many powers of ten signal and gradient range, the last layer aside.

        A moment of zero, or one that is not finite, is 300 powers of ten away from 1.
        """
        calls = {}
        for layer in self.layers:
            if layer.kind != "embedding":  # it is a table: what is made of it tells
                calls.setdefault((layer.path, layer.weights.shape), []).append(layer.node)
        found, groups = [], list(calls.values())
        for what in ("moment", "gradient"):
            means = [np.mean([getattr(n, what) for n in g]) for g in groups[:-1] or groups]
            seen = [m for m in means if what == "moment" or not math.isnan(m)]
            powers = [math.log10(m) if 0 < m < math.inf else 300.0 for m in seen]
            powers += [0.0] if 300.0 in powers else []
            found.append(max(powers, default=0.0) - min(powers, default=0.0))
        return found

    def no_need(self, frozen):
        """Note that some parameters are frozen: it is no fault if no gradient comes there."""
        for name in frozen:
            size, gradient = self.gradients.get(name, (0.0, math.nan))
            self.gradients[name] = size, gradient or math.nan

    def leading_to(self, ends):
        """Return the parameters of all layers that lead to some results."""
        seen, stack = {}, list(ends)
        while stack:
            at = stack.pop()
            if id(at) not in seen:
                seen[id(at)] = at
                stack.extend(at.signals)
        layers = [node.layer for node in seen.values() if node.layer]
        return {name for layer in layers for name in (*layer.parameters, layer.bias_path)}

    def add(self, *args, **options):
        """Note a result and return its `Node`."""
        node = Node(*args, **options)
        node.number = len(self.nodes)
        self.nodes.append(node)
        return node

    def layer(self, node, **facts):
        """Note that a result is the product of a signal with weights."""
        node.layer = Layer(node=node, **facts)
        self.layers.append(node.layer)
        return node.layer

    def add_bias(self, node, bias, path):
        """Note whether a sum is a product with weights, and its bias; return the layer then.

        Between the two the product may have been turned, as where channels stand last.
        """
        product = node.carriers[0]
        while product.layer is None and not (product.function or product.normalizes):
            if len(product.carriers) != 1 or math.prod(product.shape) != math.prod(node.shape):
                return None
            (product,) = product.carriers
        layer = product.layer
        if layer is None or layer.bias is not None or bias.size != layer.weights.shape[1]:
            return None
        layer.node, product.layer, node.layer = node, None, layer
        layer.bias, layer.bias_path, layer.unbiased = bias, path, product.moment
        wide = [i for i, n in enumerate(np.shape(bias)) if n == bias.size]
        node.axis = wide[-1] - bias.ndim if wide else -1
        return layer

    def try_function(self, node, replay):
        """Find out whether a result is a function of each entry of what it was made from.

        Parameters
        ----------
        node : Node
        replay : callable
            ``replay(root, node)`` is None, or a key under which the result is known, and a
            function of an array of `root`'s shape, but for its first axis, and of a seed,
            that does again what led from there to `node`.
        """
        top = node.over
        if (
            not self.tries
            or top is None
            or not top.signal
            or top.shape != node.shape
            or not node.shape
        ):
            return
        steps = between(top, node, MOST_BETWEEN)
        if len(steps) > MOST_BETWEEN or any(step.layer for step in steps):
            return
        # What is drawn anew each time, such as a dropout, is no part of a longer function.
        for root in dict.fromkeys((top, top.root)):
            key, function = replay(root, node) or (None, None)
            if function is None:
                return
            if key not in self._tried:
                self._tried[key] = _tried(function, root, node, self.resizes)
            function, node.usual, node.random = self._tried[key]
            node.normalizes = not math.isnan(node.usual)
            if node.normalizes:
                for part in between(top, node):
                    part.part |= part is not node
            if node.normalizes or node.random:
                return
        if function:
            node.set_function(root, function)


def _tried(function, root, node, resizes):
    """Return the function of entries that this is, or None; whether it is random, last.

    Between the two is the second moment that it makes of normal numbers, if it normalizes.
    """
    size = math.prod(root.shape[1:])
    fewer = max(2, min(64, -(-4096 // size)))
    for n in (fewer, root.shape[0]) if resizes else (root.shape[0],):
        shape = (n, *root.shape[1:])
        rng = np.random.default_rng(0)
        first, other = rng.standard_normal((2, *shape))
        kept = rng.random(shape) < 0.5
        try:
            result = function(first, 1)
        except Exception:  # whatever it raises for another batch, it is not known then
            continue
        if result.shape != first.shape:
            break
        mixed = np.where(kept, first, 5 * other)
        chance = not np.array_equal(result, function(first, 2), equal_nan=True)
        if chance:  # what is drawn may depend on all entries
            pair = [
                np.mean([function(z, i)[kept] for i in range(8)], 0) for z in (first, mixed)
            ]
            local = np.mean((pair[0] - pair[1]) ** 2) < 0.1 * np.mean(pair[0] ** 2)
        else:
            found = function(mixed, 1)[kept]
            local = np.allclose(found, result[kept], rtol=1e-5, atol=1e-6, equal_nan=True)
        if np.ptp(result) == 0:  # a gain of zero hides what it was
            return None, 0.0 if "norm" in node.op else math.nan, False
        ends = np.ones(shape), -np.ones(shape)
        if local:  # as where noise is added
            chance |= any(np.ptp(function(z, 1)) > 1e-6 for z in ends)
        if local:
            if chance and _is_straight_on_average(function, shape):  # dropout, noise
                return None, math.nan, True
            return _activation(function, shape, root, node, chance), math.nan, False
        # Where a normalization adds up few numbers, its result is nearly the same.
        scaled = function(3 * first, 1)
        close = np.mean((scaled - result) ** 2) < 1e-4 * np.mean(result**2)
        return None, float(np.mean(result**2)) if close else math.nan, chance
    return None, math.nan, False


def _is_straight_on_average(function, shape):
    z = np.resize([-2.0, -1.0, 0.0, 1.0, 2.0], shape)
    results = np.mean([function(z, seed) for seed in range(8)], axis=0)
    means = np.array([results[z == value].mean() for value in (-2, -1, 0, 1, 2)])
    means -= means[2]
    return bool(np.abs(means - means[3] * np.arange(-2, 3)).max() < 0.2 * abs(means[3]))


def _activation(function, shape, root, node, chance):
    """Return a function of arrays of one shape as an `Activation`, of any shape."""
    size, seeds = math.prod(shape), range(1, 5 if chance else 2)

    def spread(z, slope=False):
        flat = np.ravel(np.asarray(z, float))
        padded = np.zeros((-(-max(flat.size, 1) // size), *shape))
        padded.flat[: flat.size] = flat
        parts = [
            np.mean([function(part, seed, slope=slope) for seed in seeds], axis=0).ravel()
            for part in padded
        ]
        return np.concatenate(parts)[: flat.size].reshape(np.shape(z))

    def slope(z):
        return spread(np.where(z == 0, -1e-6, z), slope=True)  # from the left

    plain = Activation("", spread, slope)
    return Activation(_name(plain, root, node), spread, slope, flat_part(slope))


SILENT = {"mul", "add", "sub", "div", "truediv", "imul", "iadd", "to", "float", "convert"}
SILENT |= {"convert_element_type", "rsub", "type_as", "neg"}
NAMES = {"logistic": "sigmoid"}  # as JAX calls it
_POINTS = np.linspace(-3, 3, 25)


def _name(activation, root, node):
    """Return what to call a function: a known name, or those of its steps."""
    values = activation.formula(_POINTS)
    steps = sorted(between(root, node), key=lambda step: step.depth)
    names = [s.op for s in steps if s.op not in SILENT] or [s.op for s in steps]
    if len(steps) > 1:
        known = dict(ACTIVATIONS) | {"silu": lambda z: z / (1 + np.exp(-z))}
        for name, other in known.items():
            if np.allclose(values, other(_POINTS), atol=2e-3):
                return name
        up, down = values[-1] / 3, values[0] / -3
        if np.allclose(values, np.where(_POINTS > 0, up, down) * _POINTS, atol=2e-3) and up:
            return f"rectifier({down / up:.3g})"
    return ", ".join(dict.fromkeys(NAMES.get(name, name) for name in names))


def _slope_of_line(function, size):
    """Return the slope of a function that is a straight line for each of some entries.

    It is the root mean square where slopes differ; None where the function is no line.
    """
    z = np.repeat([[-30.0], [-1.0], [0.0], [1.0], [30.0]], size, axis=1)
    values = np.asarray(function(z), float)
    if not np.isfinite(values).all():
        return None
    low, left, _, right, high = values - values[2]
    bend = np.maximum(abs(left + right), np.maximum(abs(high - 30 * right), abs(low + high)))
    if (bend > 1e-2 * np.maximum(abs(right), abs(left))).any():
        return None
    slope = math.sqrt(np.mean(right**2))
    return -slope if right.mean() < 0 else slope


def classes(sizes, loss):
    """Return among how many classes a loss chooses, one of some sizes, or 0 if it does not.

    ``loss(value)`` is that of outputs that are all alike. Where they are 0, or 1 / k, the
    cross-entropy is ln k.
    """
    for k in sizes:
        for value in (0.0, 1 / k):
            try:
                found = float(loss(value))
            except Exception:  # a loss may look at more than its argument
                return 0
            if k > 1 and abs(found - math.log(k)) < 1e-3 * math.log(k):
                return k
    return 0


def finite(moment):
    """Return a second moment, infinite where it is no number."""
    return math.inf if math.isnan(moment) else moment


def mean_square(array):
    """Return the mean square of all entries."""
    return float(second_moment(np.ravel(array)))
