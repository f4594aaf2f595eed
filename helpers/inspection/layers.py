"""What a layer did on a batch, its numbers, and what they say about its weights."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.activations import Activation, gain, identity
from helpers.propagation import LayerStatistics, gradient_map, second_moment
from helpers.words import number

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
# Below this second moment, the number that a normalization adds to the variance tells.
NORMALIZABLE = 1e-3


@dataclass
class Layer:
    """What one layer with weights did; arrays have the units on their last axis."""

    name: str
    weights: np.ndarray  # a column for each unit
    fan_in: float  # how many inputs one output adds up; a mean, where that differs
    fan_out: float
    preactivation: np.ndarray  # z, what the weights gave, with the bias
    before: Activation | None  # through which its input came
    activation: Activation | None = None  # through which z goes
    activated: np.ndarray | None = None  # what goes into the activation; z, if not normalized
    gradient: np.ndarray | None = None  # of the loss, at z
    normalized: bool = False  # a normalization takes the scale of z away
    branch: bool = False  # the result is added to a shortcut


class Recording:
    """The layers of a model in the order in which they ran.

    A framework's module calls one of the methods below for each step of a forward pass. An
    activation belongs to the layer before it.
    """

    def __init__(self):
        self.layers = []
        self._before = None
        self._born = {}  # of each result: how many layers had run

    def layer(self, name, weights, fans, preactivation):
        """Note a layer with weights."""
        self.layers.append(Layer(name, weights, *fans, preactivation, self._before))
        self._before = None

    def activation(self, activation, z):
        """Note an elementwise function of `z`."""
        self._before = activation
        if self.layers and self.layers[-1].activation is None:
            self.layers[-1].activation, self.layers[-1].activated = activation, z

    def normalization(self):
        """Note that what follows no longer depends on the scale of what came before.

        A rectifier in between passes the scale on; another activation does not.
        """
        self._before = None
        if self.layers and not self.layers[-1].branch:
            activation = self.layers[-1].activation
            if activation is None or _leak(activation) is not None:
                self.layers[-1].normalized = True

    def result(self, tensors):
        """Note that a tensor, or several, have been computed, or are what goes in."""
        for tensor in tensors if isinstance(tensors, tuple | list) else (tensors,):
            self._born[id(tensor)] = len(self.layers), tensor  # kept: an id may be used again

    def sum(self, tensors):
        """Note a sum: the layers since the older of its terms was computed are a branch.

        A term that no layer computed, such as a parameter, makes no branch.
        """
        now = (len(self.layers),)
        ages = [self._born.get(id(tensor), now)[0] for tensor in tensors]
        for layer in self.layers[min(ages) :]:
            layer.branch = True
        self._before = None


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
    fits: bool
    verdict: str
    suits: str  # the initializer to take instead, or ""


def row(layer, *, is_last):
    """Return the `Row` of a layer."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _row(layer, is_last)


def _row(layer, is_last):
    z = layer.preactivation if layer.activation is None else layer.activated
    z = np.reshape(z, (-1, np.shape(z)[-1]))
    did = LayerStatistics(z, layer.activation or identity)
    shares = float(did.saturated), float(did.inactive), float(did.dead)
    fits, verdict, suits = _judged(layer, did.h, shares, is_last)
    return Row(
        layer.name,
        layer.fan_in,
        layer.fan_out,
        layer.activation.name if layer.activation else "",
        _moment(layer.preactivation),
        float(did.activation),
        math.nan if layer.gradient is None else _moment(layer.gradient),
        *shares,
        fits,
        verdict,
        suits,
    )


def _moment(a):
    return float(second_moment(np.ravel(a)))


def _judged(layer, activated, shares, is_last):
    """Return whether the weights fit, a verdict in words, and what would suit."""
    saturated, _, dead = shares
    activation = None if is_last else layer.activation  # of the last, the loss makes its own
    low, high, suits = _wanted(activation)
    low_before, high_before, _ = _wanted(layer.before)
    low, high = min(low, low_before), max(high, high_before)
    if is_last:
        high = max(high, 2.0)  # as Xavier's is, to few outputs; it counts only once
    name = (activation or layer.before or Activation("a linear layer", None, None)).name
    fan, scale = _drawn_by(layer, low, high, is_last)
    here = f"{_rounded(scale)} / {fan}"
    fits_in_scale = low / TOLERANCE <= scale <= high * TOLERANCE
    if not (np.isfinite(layer.preactivation).all() and np.isfinite(activated).all()):
        if fits_in_scale:
            return False, "its signal is not finite; look at its input and what made it", ""
        return False, "its signal is no longer finite", suits
    if scale == 0:
        return _zero(layer, is_last, suits)
    if layer.weights.shape[1] > 1 and (layer.weights == layer.weights[:, :1]).all():
        return False, "all units have the same weights, and stay alike", suits
    if not suits:
        return (
            False,
            f"{name} lets too little of the gradient through, whatever the weights",
            "",
        )
    normalized = layer.normalized and _moment(layer.preactivation) > NORMALIZABLE
    if dead > MANY_DEAD and (normalized or scale <= high * TOLERANCE):
        return False, f"{100 * dead:.0f} % of its units are dead; look at biases and inputs", ""
    if saturated > MUCH_SATURATED and fits_in_scale:
        harm = f"{100 * saturated:.0f} % of its outputs are saturated"
        return False, f"{harm}; look at biases and inputs", ""
    if normalized:
        return True, f"{here}; a normalization follows, so the scale cancels", ""
    if fits_in_scale:
        if layer.before is None and activation and scale < _wanted(activation)[0] / TOLERANCE:
            return True, f"fits where no {name} comes before: {here}", ""
        return True, f"fits {name}: {here}", ""
    if scale > high:
        harm = f"; {100 * saturated:.0f} % saturated" if saturated > 0.05 else ""
        return False, f"too large for {name}: {here}, for {_range(low, high)}{harm}", suits
    if layer.branch:
        return True, f"{here}: a weak branch beside a shortcut, which is no harm", ""
    if is_last:
        return True, f"{here}: a small last layer, whose factor counts only once", ""
    return False, f"too small for {name}: {here}, for {_range(low, high)}", suits


def _drawn_by(layer, low, high, is_last):
    """Return the name of a fan by which the weights fit, and their variance times it.

    ``fan_out`` keeps the gradient where ``fan_in`` keeps the signal; ``fan_avg`` is between:
    from layer to layer that evens out, but behind the last there is none to do so. Where they
    fit by no fan, or a normalization makes them fit, it is ``fan_in``.
    """
    variance = _moment(layer.weights)
    average = (layer.fan_in + layer.fan_out) / 2
    fans = {"fan_in": layer.fan_in, "fan_avg": average, "fan_out": layer.fan_out}
    scales = {fan: variance * size for fan, size in fans.items()}
    fits = low / TOLERANCE <= scales["fan_in"] <= high * TOLERANCE
    if not (fits or is_last or layer.normalized):
        for fan, scale in scales.items():
            if any(end / CLOSE <= scale <= end * CLOSE for end in (low, high)):
                return fan, scale
    return "fan_in", scales["fan_in"]


def _zero(layer, is_last, suits):
    if layer.branch:
        return True, "zero, in a branch: the block starts as its shortcut", ""
    if is_last:
        return (
            True,
            "zero, as the last layer may be; no gradient passes it at the first step",
            "",
        )
    return False, "all weights are zero: only biases can learn", suits


def _range(low, high):
    return _rounded(low) if high / low < 1.01 else f"{_rounded(low)} to {_rounded(high)}"


def _rounded(scale):
    return number(scale, digits=2)


def _leak(activation):
    """Return the slope below zero of a rectifier, or None for another activation."""
    z = np.array([-2.0, -1.0, 1.0, 2.0])
    if np.allclose(activation(3 * z), 3 * activation(z), rtol=1e-4):
        return round(float(-activation(-1.0) / activation(1.0)), 4)
    return None


def _wanted(activation):
    """Return the smallest and largest ``fan_in * variance`` that fit, and what gives it.

    The name is empty where nothing does: with the signal kept at 1, the gradient is not.
    """
    leak = 1 if activation is None else _leak(activation)
    if leak is not None:
        scale = 2 / (1 + leak**2)
        named = {0: "he_normal", 1: "lecun_normal"}.get(leak, f"he_normal(leak={leak:g})")
        return scale, scale, named
    square = gain(activation) ** 2
    if gradient_map(1.0, activation, math.sqrt(square)) < 0.5:
        return square, square, ""
    z = np.array([1.0, 2.0])
    if np.allclose(activation(-z), -activation(z), atol=1e-4):  # tanh and its like
        return 1.0, max(square, 1.0), "xavier_normal"
    if abs(square - 1) < 0.01:
        return 1.0, 1.0, "lecun_normal"
    return square, square, f"variance_scaling(scale={square:.2f})"
