"""The panels of lesson 5."""

import math
from functools import cache, lru_cache

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import rectifier
from helpers.panels.networks import DEEPEST, deep_network, first_layers, inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.propagation import correlation_map, finite_width_band, length_map, measure


def depth_panel(**opening):
    """Follow signal and gradient through a network of rectifiers, layer by layer (lesson 5).

    Weights have variance ``gain**2 / fan_in`` and are drawn once for every seed and width: the
    gain scales the same weights, the depth takes more of the same layers.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(gain, depth, width, leak, seed):
        measured, gradient = _logs_at_gain_1(depth, width, leak, seed)
        factors = 2 * math.log10(gain) * np.arange(depth + 1)  # of 0, 1, 2 ... layers
        growth = float(length_map(1.0, rectifier(leak), gain))
        mean, std = finite_width_band(rectifier(leak), depth, width)
        theory = math.log10(growth) * np.arange(depth + 1)
        band = np.concatenate([[[0, 0]], np.stack([mean - 2 * std, mean + 2 * std], axis=1)])
        low, high = theory + band.T / math.log(10)
        return {
            **{"measured": measured + factors, "theory": theory, "low": low, "high": high},
            "gradient": gradient + factors[-2::-1],
            "gradient_theory": math.log10(growth) * np.arange(depth - 1, -1, -1),
        }

    controls = {
        # In powers of two, so that it meets 1 and the square root of 2.
        "gain": widgets.FloatLogSlider(
            1.0, base=2, min=-1, max=1.1, step=0.05, readout_format=".4g"
        ),
        "depth": widgets.IntSlider(20, 1, DEEPEST, description="depth"),
        "width": widgets.IntSlider(256, 16, 512, 16, description="width"),
        "leak": widgets.FloatSlider(0.0, min=0, max=1, step=0.05),
        "seed": seed_slider(),
    }
    bake = {
        "gain": ...,
        "width": (16, 256),
        "leak": (0.0, 1.0),
        "seed": (1, 2),
    }
    return Panel(figures.SignalInDepth(), compute, controls, bake, opening)


@lru_cache(maxsize=16)
def _logs_at_gain_1(depth, width, leak, seed):
    """Return log10 of the signal in layers 0 to `depth`, and of the gradient in 1 to `depth`.

    Of the gradient beside that of the last layer. A rectifier hands every positive factor on,
    so a gain of all weights multiplies both by ``gain**2`` a layer, and one pass serves every
    gain.
    """
    x = inputs(64, width)
    network = first_layers(deep_network(seed, width), depth, 1.0, leak)
    found = measure(network, x, np.ones((len(x), 1), np.float32))
    with np.errstate(divide="ignore"):
        signal = np.log10([np.vdot(x, x) / x.size, *found.activation[:-1]])
        gradient = np.log10(found.gradient[:-1])
    return signal, gradient - gradient[-1]


@cache
def _predicted_cosine(leak):
    """Return the cosine of two samples in layers 1 to 50 without biases, from a cosine of 0."""
    cosines = [0.0]
    for _ in range(DEEPEST):
        cosines.append(float(correlation_map(cosines[-1], rectifier(leak), 1.0, q=1.0)))
    return np.array(cosines[1:])


def units_panel(**opening):
    """Count inactive and dead units in depth, and see samples become alike (lesson 5).

    He weights for the leak, the same bias in every unit, 50 layers of 256 units.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(bias, leak, batch_size, seed):
        gain = math.sqrt(2 / (1 + leak**2))
        network = first_layers(deep_network(seed, 256), DEEPEST, gain, leak, bias)
        found = measure(network, inputs(batch_size, 256))
        return {
            "inactive": found.inactive[:-1],
            "dead": found.dead[:-1],
            "cosine": found.cosine[:-1],
            "predicted_cosine": None if bias else _predicted_cosine(leak),
        }

    controls = {
        "bias": widgets.FloatSlider(0.0, min=-3, max=1, step=0.1),
        "leak": widgets.FloatSlider(0.0, min=0, max=1, step=0.05),
        "batch_size": widgets.IntSlider(64, 2, 512, description="batch size"),
        "seed": seed_slider(),
    }
    bake = {
        "bias": ...,
        "leak": (0.0, 0.1, 1.0),
        "batch_size": (16, 64, 512),
    }
    return Panel(figures.RectifiersInDepth(), compute, controls, bake, opening)
