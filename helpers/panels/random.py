"""The panels of lesson 3."""

import math
from functools import lru_cache

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS
from helpers.figures.random import SHOWN
from helpers.initializers import DISTRIBUTIONS, uniform, variance_scaling
from helpers.panels.networks import DEEPEST, deep_network, inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.propagation import (
    SATURATED_SLOPE,
    LayerStatistics,
    gradient_map,
    length_map,
    mean_cosine,
)

MOST = 2000  # inputs
# Where the slope has fallen to its share SATURATED_SLOPE; that of a rectifier never does.
EDGE = math.atanh(math.sqrt(1 - SATURATED_SLOPE))
SATURATED_FROM = {"tanh": EDGE, "sigmoid": 2 * EDGE, "relu": math.inf}
ABOVE_ZERO = "uniform from 0"
DRAWS = dict(
    zip(("normal", "uniform", "truncated", ABOVE_ZERO), (*DISTRIBUTIONS, None), strict=True)
)


def _scale_slider(value):
    return widgets.FloatLogSlider(
        value, min=-3, max=1, step=0.05, readout_format=".3g", description="scale"
    )


def _saturated(activation, deviation):
    """Return the share of N(0, deviation**2) on which the activation is saturated."""
    from scipy.special import ndtr

    return 2 * ndtr(-SATURATED_FROM[activation] / deviation)


@lru_cache(maxsize=8)
def _weights(distribution, seed):
    """Return weights of the most inputs and 64 units, at scale 1; fewer inputs use some."""
    shape, rng = (MOST, 64), np.random.default_rng(seed)
    if distribution == ABOVE_ZERO:
        return uniform(shape, rng, low=0.0, high=1.0, dtype=np.float32)
    kind = DRAWS[distribution]
    return variance_scaling(shape, rng, scale=shape[0], distribution=kind, dtype=np.float32)


@lru_cache(maxsize=1)
def _samples():
    """Return 512 inputs of the most components: a million draws, made once."""
    return inputs(512, MOST)


def layer_panel(**opening):
    """See what one layer makes of normal inputs: weights, sums and activations (lesson 3).

    The weights are drawn once for every seed and distribution; the scale multiplies them. It
    is their standard deviation, or the upper end where they are uniform from 0.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(fan_in, scale, distribution, activation, seed):
        fan_in = int(fan_in)
        weights = np.float32(scale) * _weights(distribution, seed)[:fan_in]
        z = _samples()[:, :fan_in] @ weights
        layer = LayerStatistics(z, ACTIVATIONS[activation])
        square = 1 / 3 if distribution == ABOVE_ZERO else 1.0
        deviation = scale * math.sqrt(fan_in * square)
        return {
            "weights": weights,
            "scale": scale,
            "z": z,
            "h": layer.h,
            "activation": activation,
            "deviation": deviation,
            "saturated": float(layer.saturated),
            "saturated_theory": _saturated(activation, deviation),
            "saturated_from": SATURATED_FROM[activation],
            "alike": mean_cosine(z.T),
        }

    controls = {
        "scale": _scale_slider(1.0),
        "fan_in": widgets.FloatLogSlider(
            100.0,
            min=0.3,  # 2
            max=math.log10(MOST),
            step=0.05,
            readout_format=".0f",
            description="inputs (fan-in)",
        ),
        "distribution": widgets.ToggleButtons(options=list(DRAWS)),
        "activation": widgets.ToggleButtons(options=list(SATURATED_FROM)),
        "seed": seed_slider(),
    }
    controls["distribution"].description = "distribution"
    bake = {
        "scale": ...,
        "fan_in": (3.0, 10.0, 100.0, 1000.0),
        "distribution": tuple(DRAWS),
    }
    return Panel(figures.OneLayer(), compute, controls, bake, opening)


NETWORKS, INPUTS = 10, 4  # of the band, and for each of its networks


def scale_panel(**opening):
    """Follow signal and gradient through layers whose weights are N(0, scale**2) (lesson 3).

    The weights are drawn once for every seed: the scale multiplies them, depth and width take
    more or fewer of them. The band holds the network of the seed and nine more.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(scale, depth, width, activation, seed):
        network = deep_network(seed, 512)
        weights = [W[:width, :width] for W in network.weights[:depth]]
        factor = scale * math.sqrt(512)  # the network's weights have variance 1 / 512
        phi = ACTIVATIONS[activation]
        forward, saturated, backward = _sweep(weights, factor, phi)
        lengths = [scale**2 * width]  # of the pre-activations, in wide layers
        for _ in range(depth - 1):
            lengths.append(float(length_map(lengths[-1], phi, scale * math.sqrt(width))))
        roots = np.sqrt(lengths)
        slopes = gradient_map(np.array(lengths), phi, 1.0)
        gradients = np.cumprod(slopes[::-1] * np.append(1, np.full(depth - 1, lengths[0])))
        return {
            "activation": activation,
            "signal": np.log10(forward),
            "signal_theory": np.log10([1, *length_map(np.array(lengths), phi, 1.0)]),
            "gradient": np.log10(np.maximum(backward, 1e-300)),
            "gradient_theory": np.log10(np.maximum(gradients[::-1], 1e-300)),
            "saturated": saturated,
            "saturated_theory": _saturated(activation, roots),
        }

    controls = {
        "scale": _scale_slider(0.01),
        "depth": widgets.IntSlider(20, 1, DEEPEST, description="depth"),
        "width": widgets.IntSlider(256, 16, 512, 16, description="width"),
        "activation": widgets.ToggleButtons(options=list(SATURATED_FROM)),
        "seed": seed_slider(),
    }
    bake = {
        "scale": ...,
        "width": (16, 64, 256, 512),
        "activation": ("tanh", "relu"),
    }
    return Panel(figures.ScaleInDepth(), compute, controls, bake, opening)


@lru_cache(maxsize=4)
def _signs(width):
    """Return random signs for the inputs of every layer, none for the first network."""
    rng = np.random.default_rng(1)
    signs = rng.choice(np.array([-1, 1], np.float32), (DEEPEST, NETWORKS, 1, width))
    signs[:, 0] = 1
    return signs


def _sweep(weights, factor, activation):
    """Send inputs and gradients of second moment 1 through ten networks at once.

    One has the weights that are given. In each of the others, a random half of the rows of
    every matrix has its sign changed: that is a network of the same distribution too, whose
    signals are nearly independent of the first one's, for the price of reading one matrix.

    Returns
    -------
    forward : ndarray of shape (n_layers + 1, NETWORKS)
        Second moment of the inputs and of every layer's activations.
    saturated : ndarray of shape (n_layers, NETWORKS)
        Share of saturated units.
    backward : ndarray of shape (n_layers, NETWORKS)
        Second moment of the gradient at the pre-activations.
    """
    depth, width = len(weights), len(weights[0])
    shape = (NETWORKS, INPUTS, width)
    signs, factor = _signs(width)[:depth], np.float32(factor)
    h, dh = inputs(2 * NETWORKS * INPUTS, width).reshape(2, *shape)
    size = 1.0
    forward, saturated, slopes, backward = [_moments(h, size)], [], [], []
    for W, sign in zip(weights, signs, strict=True):
        z = ((h * sign).reshape(-1, width) @ W).reshape(shape)
        z *= factor
        layer = LayerStatistics(z, activation)
        slopes.append(layer.slope)
        saturated.append(layer.saturated)
        h, size = _within_range(layer.h, size)
        forward.append(_moments(h, size))
    size = 1.0
    for W, sign, slope in zip(weights[::-1], signs[::-1], slopes[::-1], strict=True):
        dz, size = _within_range(dh * slope, size)
        backward.append(_moments(dz, size))
        dh = (dz.reshape(-1, width) @ W.T).reshape(shape) * sign
        dh *= factor
    return np.array(forward), np.array(saturated), np.array(backward[::-1])


SAMPLES = 32  # of the histograms


def ridges_panel(**opening):
    """See activations and gradients of some layers as histograms (lesson 3).

    The networks are those of `scale_panel` with 256 units a layer. Activations of a rectifier,
    and gradients, are shown relative to those of the largest layer.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    width = 256

    def compute(scale, depth, activation, seed):
        network = deep_network(seed, 512)
        weights = [W[:width, :width] for W in network.weights[:depth]]
        factor = np.float32(scale * math.sqrt(512))
        phi = ACTIVATIONS[activation]
        layers = np.unique(np.linspace(1, depth, SHOWN).round().astype(int))
        h, delta = inputs(2 * SAMPLES, width).reshape(2, 1, SAMPLES, width)
        size, forward, slopes, backward = 1.0, {}, [], {}
        for number, W in enumerate(weights, 1):
            layer = LayerStatistics(h @ W * factor, phi)
            slopes.append(layer.slope)
            # The size that is left out of `layer.h` came in with z: only ReLU has one.
            h, size = _within_range(layer.h, size)
            if number in layers:
                forward[number] = h, np.log10(_moments(h, size)[0])
        size = 1.0
        for number, W in reversed(list(enumerate(weights, 1))):
            delta, size = _within_range(delta * slopes[number - 1], size)
            if number in layers:
                power = np.log10(np.maximum(_moments(delta, size)[0], 1e-300))
                backward[number] = delta, power
            delta = (delta @ W.T) * factor
        return {
            "activation": activation,
            "layers": layers.tolist(),
            "h": [forward[n][0] for n in layers],
            "delta": [backward[n][0] for n in layers],
            "signal": np.array([forward[n][1] for n in layers]),
            "gradient": np.array([backward[n][1] for n in layers]),
        }

    controls = {
        "scale": _scale_slider(0.01),
        "depth": widgets.IntSlider(20, 1, DEEPEST, description="depth"),
        "activation": widgets.ToggleButtons(options=list(SATURATED_FROM)),
        "seed": seed_slider(),
    }
    bake = {"scale": ..., "activation": tuple(SATURATED_FROM)}
    return Panel(figures.RidgesInDepth(), compute, controls, bake, opening)


VOTES, MOST_NETWORKS = 1000, 100
LAYERS, UNITS = 30, 16  # of the networks that vote


@lru_cache(maxsize=4)
def _mean_logs(seed):
    """Return for A and B, both of variance 1/n, means of log10 of 1, 2, ... 100 networks.

    For one input and normal weights a linear layer multiplies the squared length by an average
    of n squared normals, whatever came before: so no matrix is drawn.

    Returns
    -------
    ndarray of shape (2, VOTES, MOST_NETWORKS)
        In each row the first m networks are averaged, for every m.
    """
    rng = np.random.default_rng(seed)
    logs = np.zeros((2, VOTES, MOST_NETWORKS))
    for _ in range(LAYERS):
        squares = rng.standard_gamma(UNITS / 2, logs.shape, dtype=np.float32)
        logs += np.log10(squares / np.float32(UNITS / 2))
    return logs.cumsum(axis=2) / np.arange(1, MOST_NETWORKS + 1)


def vote_panel(**opening):
    """Average several networks of two kinds, and see how often the order is wrong (lesson 3).

    Both have 30 linear layers of 16 units; A's weights have variance 1/n, and B's `larger`
    times as much.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    from scipy.special import digamma, ndtr, polygamma

    one = math.sqrt(LAYERS * float(polygamma(1, UNITS / 2))) / math.log(10)
    middle = LAYERS * (float(digamma(UNITS / 2)) - math.log(UNITS / 2)) / math.log(10)
    counts = np.arange(1, MOST_NETWORKS + 1)

    def compute(networks, larger, seed):
        ahead = LAYERS * math.log10(larger)
        a, b = _mean_logs(seed)
        return {
            "networks": networks,
            "larger": larger,
            "a": a[:, networks - 1],
            "b": b[:, networks - 1] + ahead,
            "mean_a": middle,
            "mean_b": middle + ahead,
            "deviation": one / math.sqrt(networks),
            "counts": counts,
            "wrong": np.mean(b + ahead < a, axis=0),
            "theory": ndtr(-ahead * np.sqrt(counts / 2) / one),
        }

    controls = {
        "networks": widgets.IntSlider(1, 1, MOST_NETWORKS, description="networks"),
        "larger": widgets.ToggleButtons(options=[1.02, 1.1, 1.3], value=1.1),
        "seed": seed_slider(),
    }
    controls["larger"].description = "B's variance / A's"
    bake = {"networks": ..., "larger": (1.02, 1.1, 1.3)}
    return Panel(figures.NetworksVote(), compute, controls, bake, opening)


def _moments(signal, size):
    """Return every network's second moment of a signal of relative size 1 / `size`."""
    squares = np.einsum("kij,kij->ki", signal, signal)[..., None] / signal.shape[-1]
    return np.mean(squares * np.square(size, dtype=float), axis=(1, 2))


def _within_range(signal, size):
    """Return a signal at a size that 32 bits hold well, and `size` with what that leaves out.

    Sizes from 0.0001 to 10000 stay. Below, tanh is linear to eight digits, and above there is
    only ReLU, for which scaling a signal scales all that follows: so nothing is lost.
    """
    squares = np.einsum("kij,kij->ki", signal, signal)[..., None] / signal.shape[-1]
    root = np.sqrt(squares)
    wanted = np.clip(root, 1e-4, 1e4)
    ratio = np.divide(wanted, root, out=np.ones_like(root), where=root > 0)
    return signal * ratio, size / ratio.astype(float)
