"""What the numbers of a forward and a backward pass say, and what would help.

`FINDINGS` is the table: what is seen of a layer, what that means, and a remedy. A layer may
have several. `of_model` says what is seen of the whole.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from helpers.activations import Activation, gain
from helpers.inspection.layers import between, mean_square
from helpers.propagation import gradient_map
from helpers.words import number, percent

# Weights are called too small or too large beyond this factor of the variance that they need.
# It lies between 1 and the factor of 2 by which Xavier's and He's differ.
TOLERANCE = math.sqrt(2)
# Weights that were drawn by another fan than fan_in are known by their variance. It must be
# close: where fans differ, one of them may give about the right number by chance.
CLOSE = 1.15
# Where samples are alike, as deep layers make them, half of a rectifier's units are off for
# all. That more are than this happens to a layer of 32 units once in a thousand times.
MANY_DEAD = 0.75
# Weights that fit tanh saturate a tenth of it; half takes most of the gradient away.
MUCH_SATURATED = 0.5
# In a branch, what comes back to a layer may be this share of what comes back to its last.
LITTLE_GRADIENT = 1e-6
# A drift is told from this many powers of ten on, if a layer does more than this to it, or
# however slow it is.
DRIFT, A_LAYER, ANY_DRIFT = 2.0, math.log10(1.2), 4.0
NORMALIZED_DRIFT = 8.0  # of the gradient, where most layers are normalized: 1.47**50
ALIKE = 0.99  # a cosine between samples
CERTAIN = 0.9  # the mean of the largest weight of attention
DROWNED = 1500.0  # what is added to an embedding may be so many times its mean square
MANY = 6  # layers
RESHAPES = {"view", "reshape", "flatten", "unflatten", "transpose", "permute", "contiguous"}
RESHAPES |= {"squeeze", "unsqueeze"}
ONCE = 100.0  # a factor that counts only once may be this far off
FAULT, UNKNOWN, NOTE, FINE = 3, 2, 1, 0  # harm


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


class Finding(NamedTuple):
    """What is seen of a layer, or of a model."""

    key: str
    harm: int
    words: str
    remedies: tuple = ()


class Row(NamedTuple):
    """The numbers of a layer; second moments are means of squares, shares are from 0 to 1."""

    name: str
    fan_in: float
    fan_out: float
    activation: str  # "" if there is none
    preactivation: float  # second moment of z
    activated: float  # second moment of what leaves the activation
    gradient: float  # second moment of the loss's gradient at z
    saturated: float  # share of (sample, unit) pairs
    inactive: float  # share of (sample, unit) pairs
    dead: float  # share of units, inactive on the whole batch
    fits: bool | None  # None: not judged
    verdict: str
    suits: str = ""  # the initializer to take instead, or ""
    remedy: str = ""  # the framework's call that does so
    cosine: float = math.nan  # of two samples, as they come in
    factor: float = math.nan  # second moment of z over that of what comes in
    weight_gradient: float = math.nan  # second moment of the loss's gradient at the weights
    calls: int = 1


@dataclass(eq=False)
class Evidence:
    """What is known of a layer when it is judged."""

    layer: object
    calls: list
    before: list  # of the functions through which its input came; None is none
    after: object  # the node of the function through which z goes, or None
    head: bool
    first: bool  # nothing with weights comes before it
    normalized: bool
    evaluated: bool  # a normalization follows that runs on its running means
    gate: bool
    joined: bool  # its result is added to, or multiplied with, another
    term: bool  # of a sum that holds enough of what went in, beside what came another way
    attends: bool  # its result is multiplied with another, but not entry by entry
    faded: bool  # a normalization follows behind a function, which is straight near zero
    below: bool  # what it adds to is normalized wherever it is taken
    gates: bool  # it only opens and closes gates
    rested: bool  # no other layer is between it and a normalization before, and heads behind
    ends: list  # the nodes of the last layers of its branch
    branch: object = None  # the sum that its branch ends in
    last: bool = False  # of its branch
    gradients: dict = field(default_factory=dict)
    lone: object = None  # the layer into which alone its result goes, as it is
    beside: object = None  # a far larger embedding, to which this one is added
    tied: bool = False  # its weights are an embedding too
    blocked: str = ""  # a parameter that is zero, and learns, through which its gradient goes
    equal: list = field(default_factory=list)  # layers that start with the same weights
    sigmoids: int = 0
    drift: float = 0.0  # of the model's signal, in powers of ten
    level: float = math.inf  # second moment of what the first weights gave
    branches: int = 0  # that the model has
    finite: bool = True  # all that the model computed

    def __post_init__(self):
        layer = self.layer
        self.scale = layer.fan_in * mean_square(layer.weights)
        functions = list(self.before)
        self.function = self.after.function if self.after else None
        functions.append(None if self.head or self.gate else self.function)
        self.ranges = [wanted(function) for function in functions]
        self.low = min(low for low, _, _ in self.ranges)
        self.high = max(high for _, high, _ in self.ranges)
        if self.head or self.first:  # as Xavier's is, to few outputs; it counts once
            self.high = max(self.high, 2.0)
        own = None if self.head or self.gate else self.function
        told = own or next((f for f in self.before if f), None)
        self.told = told.name if told else "a linear layer"
        self.scheme = self._aim()[2]
        # Of few weights the mean square is far from their variance; of 1800 it is within 10 %.
        by_chance = max(1.0, 0.9 + 3 * math.sqrt(2 / max(layer.weights.size, 1)))
        self.tolerance, self.close = TOLERANCE * by_chance, CLOSE * by_chance

    @property
    def fits_in_scale(self):
        """Whether the weights have about the variance by fan_in that they need."""
        return self.low / self.tolerance <= self.scale <= self.high * self.tolerance

    @cached_property
    def shares(self):
        """Shares of saturated, inactive and dead units, over all calls."""
        nodes = [after for call in self.calls if (after := follower(call.node))]
        return tuple(np.mean([n.shares for n in nodes], 0)) if nodes else (0.0, 0.0, 0.0)

    @property
    def activated(self):
        """Second moment of what leaves the function, over all calls."""
        return float(np.mean([(follower(c.node) or c.node).moment for c in self.calls]))

    @property
    def bare(self):
        """Whether no gradient comes to the weights."""
        return bool(self.gradients) and all(g == 0 for _, g in self.gradients.values())

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
        layer, (low, high, _) = self.layer, self._aim()
        target = math.sqrt(low * high) / layer.fan_in
        scheme = self.scheme
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

    def _aim(self):
        own = None if self.head or self.gate else self.function
        own = own or next((f for f in self.before if isinstance(f, Measured)), None)
        return wanted(own) if own else (1.0, 1.0, "lecun_normal")


# What is seen of one layer: each function returns a `Finding`, or None.


def _nan_weights(e):
    layer = e.layer
    for kind, array in (("weights", layer.weights), ("biases", layer.bias)):
        bad = 0 if array is None else int(array.size - np.isfinite(array).sum())
        if bad:
            are = "is" if bad == 1 else "are"
            words = f"{bad} of {array.size} {kind} {are} NaN or infinite"
            drawn = e.redrawn() if layer.plain else ()
            remedies = drawn if kind == "weights" else e.zeroed()
            return Finding("nan weights", FAULT, words, remedies)
    return None


def _not_finite(e):
    if np.isfinite(e.layer.node.moment):
        return None
    if not np.isfinite(e.layer.source.moment):
        words = "its input is not finite; look at what made it"
        return Finding("nan input", FAULT, words)
    if e.fits_in_scale:
        return Finding("nan", FAULT, "its signal is not finite, though input and weights are")
    return Finding("overflow", FAULT, "its signal is no longer finite", e.redrawn())


def _zero(e):
    if e.scale != 0:
        return None
    learns = any(g > 0 for _, g in e.gradients.values()) or not e.gradients
    if e.head:
        words = "zero, as the last layer may be; no gradient passes it at the first step"
        return Finding("zero head", FINE, words)
    if learns and (e.joined or e.last):
        return Finding(
            "zero branch", FINE, "zero, in a branch: the block starts as its shortcut"
        )
    if e.branch is not None and not learns:
        words = "zero, and no gradient comes to its weights: its branch stays as it is"
        return Finding("stuck", FAULT, words, e.redrawn())
    return Finding("zero", FAULT, "all weights are zero: only biases can learn", e.redrawn())


def _equal_units(e):
    W = e.layer.weights
    if e.scale == 0 or W.shape[1] < 2 or e.layer.kind == "embedding" or e.layer.grouped:
        return None
    if (W[:, :1] == W).all():
        words = "all units have the same weights, and stay alike"
        return Finding("equal units", FAULT, words, e.redrawn())
    if W.shape[0] < 4:
        return None
    columns = W.T[W.any(0)]
    for rows in (4, None):  # four numbers tell most units apart
        distinct = len({column.tobytes() for column in np.ascontiguousarray(columns[:, :rows])})
        if distinct == len(columns):
            break
    else:
        words = (
            f"of {len(columns)} units only {distinct} differ: the others stay copies of them"
        )
        return Finding("copied units", FAULT, words, e.redrawn())
    return None


def _equal_layers(e):
    if e.equal:
        others = ", ".join(e.equal[:3]) + (" and others" if len(e.equal) > 3 else "")
        words = f"starts with the same weights as {others}: draw each anew"
        return Finding("equal layers", FAULT, words, e.redrawn())
    return None


def _mean(e):
    W = e.layer.weights
    mean, units = float(W.mean()), W.shape[1]
    spread = mean_square(W) - mean**2
    if e.scale == 0 or units < 2 or not math.isfinite(mean) or e.layer.kind == "embedding":
        return None
    aside = e.layer.fan_in * mean**2 / max(spread, 1e-300)  # beside 1 / units, by chance
    if spread > 0 and aside > 1 and aside * units > 25 and not e.layer.grouped:
        factor = e.layer.unbiased / e.layer.source.moment if e.layer.source.moment else 0
        grows = f"; the signal grows {number(factor, 2)}-fold" if factor > 2 * e.high else ""
        return Finding(
            "mean", FAULT, f"weights have mean {number(mean, 2)}{grows}", e.redrawn()
        )
    return None


def _bias(e):
    bias, layer = e.layer.bias, e.layer
    if bias is None or e.head or e.normalized or e.scale == 0 or e.gate or e.joined:
        return None
    size = mean_square(bias)
    if size > max(0.25 * min(layer.unbiased, e.level), 2 / layer.fan_in):
        given = f"{number(layer.unbiased, 2)} of what the weights give"
        words = f"biases of mean square {number(size, 2)}, beside {given}"
        return Finding("bias", FAULT, words, e.zeroed())
    return None


def _flat(e):
    if e.function is None or e.head or e.gate or wanted(e.function)[2]:
        return None
    if wanted_slope(e.function) >= 0.5:
        return None
    if e.sigmoids < 3:
        return None
    words = f"{e.function.name} lets too little of the gradient through, whatever the weights"
    return Finding("flat", FAULT, f"{words}: {e.sigmoids} layers do so in a row")


def _forgotten(e):
    """Two layers with nothing between them are one, unless fewer units lie between."""
    layer, other = e.layer, e.lone
    if other is None or layer.grouped or other.grouped or e.normalized:
        return None
    units = layer.weights.shape[1]
    windows = [bool(x.usual[1] > x.weights.shape[1]) for x in (layer, other)]
    if windows[0] != windows[1] or units < min(len(layer.weights), other.weights.shape[1]):
        return None
    words = f"no function lies between it and {other.name}: the two are as one layer"
    return Finding("forgotten", FAULT, words)


def _off(e):
    saturated, inactive, dead = e.shares
    if e.head:
        if e.function and e.function.flat and inactive > 0:
            off = f"which is off for {percent(inactive)}: take it away"
            words = f"the output goes through {e.function.name}, {off}"
            return Finding("head off", FAULT if dead > MANY_DEAD else NOTE, words)
        return None
    large = e.scale > e.high * e.tolerance and not e.normalized
    biased = e.layer.bias is not None and mean_square(e.layer.bias) > 0.25 * e.layer.unbiased
    zeros = e.zeroed() if biased else ()
    if dead > MANY_DEAD and not large and e.scale:
        words = f"{percent(dead)} of its units are dead; look at biases and inputs"
        return Finding("dead", FAULT, words, zeros)
    if saturated > MUCH_SATURATED and not large and not e.gate:
        words = f"{percent(saturated)} of its outputs are saturated; look at biases and inputs"
        return Finding("saturated", FAULT, words, zeros)
    return None


def _no_gradient(e):
    if not e.bare or e.scale == 0 or not e.finite:
        return None
    if e.blocked:
        return Finding("waits", FINE, f"no gradient yet, until {e.blocked} is no longer zero")
    if e.layer.node.gradient == 0 or e.shares[2] == 1:
        return Finding("no gradient", FAULT, "no gradient comes to its weights")
    return Finding("no gradient", FAULT, "no gradient comes to its weights: its input is zero")


def _scale(e):
    if e.scale == 0 or not math.isfinite(e.scale):
        return None
    fan, scale = e.drawn_by()
    here = f"{_rounded(scale)} / {fan}"
    if e.layer.kind == "embedding":
        return _embedding(e)
    if e.evaluated and not e.fits_in_scale:
        words = f"{here}; not judged: a normalization follows in evaluation mode: model.train()"
        return Finding("evaluated", UNKNOWN, words)
    if e.normalized:
        return Finding(
            "cancels", FINE, f"{here}; a normalization follows, so the scale cancels"
        )
    if e.gate and scale <= e.high * e.tolerance:
        return Finding("gate", FINE, f"{here}, for a gate")
    if e.fits_in_scale or fan != "fan_in":
        own = wanted(e.function) if e.function and not e.head else None
        if e.first and own and scale < own[0] / e.tolerance:
            return Finding("fits", FINE, f"fits where no {e.told} comes before: {here}")
        return Finding("fits", FINE, f"fits {e.told}: {here}")
    if e.gates and not _closes(e.layer.node):
        return Finding("gates", FINE, f"{here}: it only opens and closes gates")
    for_ = f"for {_range(e.low, e.high)}"
    saturated = e.shares[0]
    if scale > e.high:
        bounded = e.first and e.function and saturated < 0.05 and _is_bounded(e.function)
        if bounded:
            words = (
                f"{here}: large, for a first layer whose function is bounded, which is no harm"
            )
            return Finding("first", FINE, words)
        harm = f"; {percent(saturated)} saturated" if saturated > 0.05 else ""
        return Finding(
            "large", FAULT, f"too large for {e.told}: {here}, {for_}{harm}", e.redrawn()
        )
    if e.branch is not None and _is_heard(e):
        return Finding(
            "weak", FINE, f"{here}: a weak branch beside a shortcut, which is no harm"
        )
    if e.head:
        words = f"{here}: a small last layer, whose factor counts only once"
        return Finding("small head", FINE, words)
    if e.rested and scale > e.low / ONCE:
        words = f"{here}: small, once, between a normalization and the last layer"
        return Finding("once", FINE, words)
    if e.faded:
        words = f"{here}: small, but a normalization follows"
        return Finding("faded", FINE, words)
    if e.below and e.branch is None:
        words = f"{here}: small, but what it adds to is normalized wherever it is taken"
        return Finding("below", FINE, words)
    if e.term:
        return Finding("term", FINE, f"{here}: one of the terms of a sum, small")
    return Finding(
        "small", FAULT, f"too small for {e.told}: {here}, {for_}", e.redrawn("small")
    )


def _is_heard(e):
    """Whether a branch is not so weak that next to nothing comes back to the layer.

    Queries and keys get little: where they are small, attention is even.
    """
    if e.last or e.attends:
        return not e.bare
    ends = [end.gradient for end in e.ends]
    return not max(call.node.gradient for call in e.calls) < LITTLE_GRADIENT * max(ends)


def _closes(node):
    """Whether much of a gate that a result leads to is saturated."""
    if _opens(node):
        return node.shares[0] > MUCH_SATURATED
    return any(_closes(child) for child in node.children if child.signal)


def _opens(node):
    """Whether it is a gate: a bounded function, never negative, of what is multiplied."""
    if not (node.bends and _is_gate(node) and _is_bounded(node.function)):
        return False
    return node.function(np.linspace(-4, 4, 33)).min() > -1e-6


def _embedding(e):
    moment = e.layer.node.moment
    if e.head or e.normalized or 1e-3 <= moment <= 4:
        return Finding("embedding", FINE, f"embedding of mean square {number(moment, 2)}")
    if moment < 1e-3:
        return Finding(
            "embedding", NOTE, f"embedding of mean square {number(moment, 2)}: small"
        )
    words = f"embedding of mean square {number(moment, 2)}, for at most 1"
    return Finding("embedding", FAULT, words, (Remedy("normal", e.layer.path, 1.0),))


def _drowned(e):
    if e.beside is None:
        return None
    sizes = [number(layer.node.moment, 2) for layer in (e.layer, e.beside)]
    words = (
        f"embedding of mean square {sizes[0]}, beside {sizes[1]} of {e.beside.name}, to which "
        "it is added: it is not heard"
    )
    remedy = Remedy("normal", e.beside.path, math.sqrt(e.layer.node.moment))
    return Finding("drowned", FAULT, words, (remedy,) if e.beside.plain else ())


def _share_of_drift(e):
    """Blame the last layer of a branch where the sums grow."""
    if not (e.drift > 0 and e.last and e.scale > 0) or e.normalized:
        return None
    words = f"its branch adds to the shortcut, and the sums of {e.branches} branches grow"
    path = e.layer.path if e.layer.plain else e.layer.scalable
    less = (Remedy("scale", path, 1 / math.sqrt(e.branches)),) if path else ()
    return Finding("branch", FAULT, f"{words}: let it start small, or at zero", less)


SCALES = ("small", "large")
FINDINGS = (
    *(_nan_weights, _not_finite, _zero, _equal_units, _equal_layers, _mean, _bias),
    *(_flat, _forgotten, _drowned, _off, _no_gradient, _share_of_drift, _scale),
)


def _is_bounded(function):
    z = np.linspace(-4, 4, 161)
    return np.abs(function(10 * z)).max() < 2 * np.abs(function(z)).max()


def _rounded(scale):
    return number(scale, digits=2)


def _range(low, high):
    return _rounded(low) if high / low < 1.01 else f"{_rounded(low)} to {_rounded(high)}"


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
    kept = gradient_map(1.0, activation, math.sqrt(square))
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


# From the graph to evidence.


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
    before = _back(node.carriers, lambda at: at.layer is not None).values()
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
    return at.weighed is not None and id(node) in _back([at.weighed], lambda n: n is node)


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
    return "" if mixed else _cancels(child, known, **may)


def evidence(graph):
    """Return the `Evidence` of each layer; calls of the same one are one."""
    leads, known = {}, {}
    for node in reversed(graph.nodes):
        leads[id(node)] = any(c.layer or leads.get(id(c)) for c in node.children)
        node.leads = leads[id(node)]
    branches, faded, below, gates, ends = _branches(graph), {}, {}, {}, {}
    for layer in graph.layers:
        total, last = branches.get(id(layer.node), (None, False))
        if last:
            ends.setdefault(id(total), []).append(layer.node)
    calls = {}
    for layer in graph.layers:
        calls.setdefault((layer.path, layer.weights.shape), []).append(layer)
    equal = _equal(graph)
    tables = {layer.path for layer in graph.layers if layer.kind == "embedding"}
    found = []
    for (path, _), group in calls.items():
        layer = group[-1]
        after = follower(layer.node) if layer.kind != "embedding" else None
        before = []
        for call in group[:4]:
            before += [f for f in origins(call.source) if f not in before]
        branch, last = branches.get(id(layer.node), (None, False))
        nearest = _nearest(layer.node)
        alone = _cancels(layer.node, {}, bent=True) == "head"
        rested = alone and all(_is_rested(call.source) for call in group)
        e = Evidence(
            layer=layer,
            calls=group,
            before=before or [None],
            after=after,
            head=not leads[id(layer.node)],
            first=not any(_is_fed(call.source) for call in group),
            normalized=_cancels(layer.node, known) == "norm",
            evaluated=any(c.evaluated for c in nearest),
            gate=after is not None and _is_gate(after),
            joined=any(c.joins and not _is_made_of(c, layer.node) for c in nearest),
            term=any(_is_term(c, layer) for c in nearest),
            attends=any(c.joins and not (c.is_sum or c.is_gate or c.part) for c in nearest),
            faded=_cancels(layer.node, faded, bent=True, gates=True) == "norm",
            below=_cancels(layer.node, below, bent=True, gates=True, sums=True) == "norm",
            gates=_cancels(layer.node, gates, bent=True, gates=True) == "gate",
            rested=rested,
            ends=ends.get(id(branch), [layer.node]),
            branch=branch,
            last=last,
            gradients={
                name: graph.gradients[name]
                for name in layer.parameters
                if name in graph.gradients
                and graph.gradients[name][1] == graph.gradients[name][1]
            },
            equal=equal.get(path, []),
            lone=_lone(layer.node) if len(group) == 1 else None,
            beside=_beside(layer),
            tied=layer.kind != "embedding" and path in tables,
        )
        if e.bare:
            e.blocked = _blocked(layer.node, graph)
        found.append(e)
    flat = [e for e in found if e.function and not e.gate and wanted_slope(e.function) < 0.5]
    for e in flat:
        e.sigmoids = len(flat)
    return found


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


def _beside(layer):
    """Return an embedding to which another is added that is nothing beside it, or None."""
    if layer.kind != "embedding" or not layer.node.moment > 0:
        return None
    for total in layer.node.children:
        if not total.is_sum:
            continue
        ends = _back(total.carriers, lambda at: at.layer is not None).values()
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
    if not _is_fed(source):
        return True
    beside = total.over is not None and _is_made_of(source, total.over)
    return beside and not any(step.layer for step in between(total.over, source))


def _is_rested(source):
    """Whether all ways to a result come from a normalization, past no layer."""
    ends = _back([source], lambda node: node.layer is not None or node.normalizes).values()
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
    """Whether a function of one result is multiplied with another."""
    followers = [c for c in node.children if c.signal]
    while len(followers) == 1 and not (followers[0].joins or followers[0].layer):
        followers = [c for c in followers[0].children if c.signal]
    return bool(followers) and all(
        c.joins and not c.is_sum and not c.function and "mul" in c.op for c in followers
    )


def _branches(graph):
    """Return for layers in a branch the sum that it ends in, and whether they are its last.

    A branch is what leads to one term of a sum from where another term comes without weights.
    """
    found = {}
    for total in graph.nodes:
        if not (total.is_sum and total.signal):
            continue
        for term in total.carriers:
            free = _back([term], lambda node: node.layer is not None)
            others = [other for other in total.carriers if other is not term]
            inside = _back(others, lambda node, free=free: id(node) in free)
            if not any(key in free for key in inside):
                continue
            last = _back(others, lambda node: node.layer is not None)
            for key, step in inside.items():
                if step.layer and key not in free and key not in found:
                    found[key] = total, key in last
    return found


def _back(nodes, stops):
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
    """Return a parameter after a result that is zero, and to which a gradient comes."""
    stack, seen = list(node.children), set()
    while stack:
        at = stack.pop(0)
        if id(at) in seen:
            continue
        seen.add(id(at))
        names = list(at.layer.parameters) if at.layer else []
        names += [name for p in at.parents if not p.signal for name in p.weights]
        for name in names:
            size, gradient = graph.gradients.get(name, (math.nan, math.nan))
            if size == 0 and gradient > 0:
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


# The whole model.


def points(graph):
    """Return what goes into products with weights, once something with weights came before."""
    found = {}
    for layer in graph.layers:
        node = layer.source
        if layer.kind != "embedding" and _is_fed(node):
            found.setdefault(id(node), node)
    return list(found.values())


def _is_fed(node):
    """Whether a layer, or the result itself as one, comes before it."""
    before = _back([node], lambda at: at.layer is not None).values()
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


def of_model(graph, judged):
    """Return what is seen of the whole model, and of nothing less."""
    found = []
    at = points(graph)
    width = float(np.median([e.layer.weights.shape[1] for e in judged])) if judged else 64
    blamed = [e for e, findings in judged.items() if any(f.harm == FAULT for f in findings)]
    names = _names([e.layer.name for e in blamed])
    for what, word, ways in (
        ("moment", "signal", ("grows", "falls")),
        ("gradient", "gradient, going back,", ("grows", "falls")),
    ):
        nodes = at if what == "moment" else at[::-1]
        total, layer = drift(nodes, what, width)
        if total:
            way = ways[total < 0]
            words = (
                f"The {word} {way} {number(10 ** abs(layer), 2)}-fold a layer, "
                f"{_power(abs(total))} over all{f': look at {names}' if names else ''}."
            )
            # From step to step of a recurrent cell some of the gradient goes, as it does.
            again = not blamed and any(len(e.calls) > 2 for e in judged)
            harm = NOTE if again and what == "gradient" else FAULT
            # With normalizations, a relu lets it grow by pi / (pi - 1) a layer (Yang et al.,
            # 2019), and what is trained does so over some fifty.
            normalized = sum(e.normalized for e in judged) > len(judged) / 2
            if what == "gradient" and normalized and 0 < total < NORMALIZED_DRIFT:
                harm = NOTE if layer < math.log10(1.5) else harm
            harm = UNKNOWN if any(e.evaluated for e in judged) else harm
            found.append(Finding(f"drift of {what}", harm, words))
    found += _inputs(judged) + _loss(graph) + _gradients(graph, judged) + _samples(at, graph)
    found += _updates(graph) + _attention(graph)
    for name, op in list(graph.unseen.items())[:20]:
        found.append(Finding("unseen", UNKNOWN, f"{name}: not judged, it is used inside {op}."))
    return found


def _power(powers):
    return number(10**powers, 2) if powers < 4 else f"10^{round(powers)}-fold"


def _names(names):
    names = list(dict.fromkeys(names))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _inputs(judged):
    for e in judged:
        moment = e.layer.source.moment
        if e.first and not e.normalized and e.layer.kind != "embedding" and moment > 100:
            words = f"The input has mean square {number(moment, 2)}: bring it to about 1."
            return [Finding("input", FAULT, words)]
    return []


def _loss(graph):
    if graph.loss is None:
        return []
    value, k = graph.loss
    words = f"The loss starts at {number(value)}"
    if k < 2:
        return [Finding("loss", FAULT if not math.isfinite(value) else NOTE, f"{words}.")]
    guess = math.log(k)
    far = not value <= 2 * guess + 1
    words += f"; a guess among {k} classes costs ln {k} = {number(guess)}"
    if far:
        words += ": the last layer's outputs are too large"
    return [Finding("loss", FAULT if far else NOTE, f"{words}.")]


def _gradients(graph, judged):
    excused = {
        name
        for e in judged
        if e.bare and (e.blocked or e.scale == 0)
        for name in (*e.gradients, e.layer.bias_path)
    }
    if not all(e.finite for e in judged):
        return []
    bad = [n for n, (_, g) in graph.gradients.items() if g == math.inf]
    if bad:
        words = f"The gradient that comes to {_names(bad)} is not finite, though the signal is."
        return [Finding("nan gradient", FAULT, words)]
    zero = [n for n, (_, g) in graph.gradients.items() if g == 0 and n not in excused]
    told = {name for e in judged for name in e.layer.parameters}
    weights = [name for name in zero if name in told]
    if weights and len(weights) == len(zero):
        return [Finding("zero gradients", FAULT, f"No gradient comes to {_names(weights)}.")]
    if zero and (weights or not any(e.blocked for e in judged)):
        harm = FAULT if weights else NOTE
        return [Finding("zero gradients", harm, f"No gradient comes to {_names(zero)}.")]
    return []


def _samples(at, graph):
    inputs = [n.cosine for n in (layer.source for layer in graph.layers) if not _is_fed(n)]
    start = next((c for c in inputs if c == c), math.nan)
    for node in at:
        if node.cosine > ALIKE and not start > 0.9:
            place = next(layer.name for layer in graph.layers if layer.source is node)
            where = f"where they enter {place} their mean cosine is {node.cosine:.3f}"
            return [Finding("alike", NOTE, f"Samples become alike: {where}.")]
    return []


def _attention(graph):
    """Say where attention, or what chooses among experts, is all but certain of one."""
    for node in graph.nodes:
        if node.certain > CERTAIN:
            before = _back([node], lambda at: at.layer is not None).values()
            names = _names(sorted(at.layer.name for at in before if at.layer))
            words = (
                f"The largest weight of a softmax is {node.certain:.2f} on average, so that "
                f"little gradient comes through: look at {names}."
            )
            return [Finding("certain", FAULT, words)]
    return []


def _updates(graph):
    if not graph.updates:
        return []
    ratios = {n: r for n, r in graph.updates.items() if math.isfinite(r)}
    if not ratios:
        return []
    low, high = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    ends = [f"{number(ratios[name], 2)} ({name})" for name in (low, high)]
    words = f"A step changes weights by this share of their size: {' to '.join(ends)}"
    large = ratios[high] > 0.1
    return [Finding("updates", NOTE, f"{words}{': a tenth is much' if large else ''}.")]


def judge(graph, typed, refuted=""):
    """Return a `Row` for each layer, the findings of the model, and all remedies.

    Parameters
    ----------
    graph : Graph
    typed : callable
        ``typed(remedy, layer)`` is the call of the framework that does it.
    refuted : str
        Whose remedies were tried and made it worse: "", those of "scales", or "all". What a
        formula said of a scale is then no more than a note, and the remedies are not named.
    """
    for layer in graph.layers:  # what was seen in a product, and then in a derivative of it
        for name in layer.parameters:
            graph.unseen.pop(name, None)
    with np.errstate(all="ignore"):
        seen = evidence(graph)
        width = float(np.median([e.layer.weights.shape[1] for e in seen])) if seen else 64
        total, _ = drift(points(graph), "moment", width)
        first = next((e for e in seen if e.first and e.layer.kind != "embedding"), None)
        finite = all(np.isfinite(layer.node.moment) for layer in graph.layers)
        ends = len({id(e.branch) for e in seen if e.last})
        for e in seen:
            e.drift, e.branches, e.finite = total, ends, finite
            e.level = first.layer.unbiased if first else math.inf
        judged = {}
        for e in seen:
            findings = [found for finding in FINDINGS if (found := finding(e)) is not None]
            findings = [_taken_back(f, refuted) for f in findings]
            judged[e] = sorted(findings, key=lambda f: -f.harm)
        if not total:
            _count_once(judged)
        rows = [_row(e, findings, graph, typed) for e, findings in judged.items()]
        of_all = of_model(graph, judged)
    remedies = [r for findings in judged.values() for f in findings for r in f.remedies]
    return rows, of_all, list(dict.fromkeys(remedies))


def _taken_back(finding, refuted):
    """Return a finding without its remedy, if that was tried and made it worse."""
    formula = finding.key in SCALES
    if not (finding.remedies and refuted and (formula or refuted == "all")):
        return finding
    harm = NOTE if formula else finding.harm
    words = f"{finding.words}; drawn anew, signal or gradient would drift more"
    return Finding(finding.key, harm, words)


def _count_once(judged):
    """Make it a note that a single layer of many is small, once."""
    blamed = [e for e, found in judged.items() if any(f.harm == FAULT for f in found)]
    if len(blamed) == 1 and len(judged) >= MANY:
        (e,) = blamed
        small = [f for f in judged[e] if f.key == "small"]
        if small and len(e.calls) == 1 and e.scale > e.low / 10:
            words = f"{small[0].words}; the only one of {len(judged)} layers, and once"
            judged[e] = [Finding("once", NOTE, words)]


def _row(e, findings, graph, typed):
    layer = e.layer
    worst = findings[0].harm if findings else FINE
    said = [f for f in findings if f.harm == worst] or findings
    if worst < FAULT:
        said = said[:1] if worst == FINE else said
    remedies = [(r, typed(r, layer)) for f in said for r in f.remedies]
    remedies = list(dict(remedies).items())
    nodes = [call.node for call in e.calls]
    return Row(
        layer.name,
        layer.fan_in,
        layer.fan_out,
        e.function.name if e.function else "",
        float(np.mean([node.moment for node in nodes])),
        e.activated,
        float(np.mean([node.gradient for node in nodes])),
        *e.shares,
        {FAULT: False, UNKNOWN: None}.get(worst, True),
        "; ".join(f.words for f in said),
        next((r.scheme for r, _ in remedies if r.scheme), ""),
        "; ".join(dict.fromkeys(text for _, text in remedies)),
        layer.source.cosine,
        layer.node.moment / layer.source.moment if layer.source.moment else math.nan,
        next((g for _, g in e.gradients.values()), math.nan),
        len(e.calls),
    )
