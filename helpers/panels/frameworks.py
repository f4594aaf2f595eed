"""The panel of lesson 8."""

import math
from functools import lru_cache

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS
from helpers.initializers import uniform
from helpers.network import MLP
from helpers.panels.networks import inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.propagation import measure

DEEPEST = 30
# Layers are square, of n units: weights from U(-b, b) with b = limit / sqrt(n), and biases too.
LIMITS = {"PyTorch": (1.0, 1.0), "Keras": (math.sqrt(3), 0.0), "He": (math.sqrt(6), 0.0)}


@lru_cache(maxsize=4)
def _noise(seed, width):
    """Return weights and biases from U(-1, 1): every start is the same noise, scaled."""
    rng = np.random.default_rng(seed)
    shapes = [(width, width)] * (DEEPEST + 1), [(width,)] * (DEEPEST + 1)
    return [
        [uniform(shape, rng, low=-1, high=1, dtype=np.float32) for shape in part]
        for part in shapes
    ]


def _network(activation, depth, width, limits, seed):
    noise_W, noise_b = (iter(part) for part in _noise(seed, width))
    scale_W, scale_b = (np.float32(limit / math.sqrt(width)) for limit in limits)
    return MLP(
        [width] * (depth + 2),
        activation,
        lambda shape, rng: scale_W * next(noise_W),
        np.random.default_rng(seed),  # nothing more is drawn
        bias=lambda shape, rng: scale_b * next(noise_b),
    )


def defaults_panel(**opening):
    """Compare what the defaults of frameworks do to signal and gradient in depth (lesson 8).

    `torch.nn.Linear` draws weights and biases from U(±1/sqrt(fan_in)), Keras's `Dense` weights
    from Glorot's uniform and sets biases to zero; He's uniform is there to compare.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(activation, depth, width, seed):
        x = inputs(64, width)
        start = float(np.vdot(x, x)) / x.size
        curves = {}
        for name, limits in LIMITS.items():
            network = _network(ACTIVATIONS[activation], depth, width, limits, seed)
            found = measure(network, x, x)
            curves[name] = {
                "signal": np.array([start, *found.activation[:-1]]),
                "gradient": found.gradient[:-1] / found.gradient[-2],
                "cosine": found.cosine[:-1],
            }
        return {"activation": activation, "curves": curves}

    controls = {
        "activation": widgets.ToggleButtons(options=["relu", "tanh", "gelu"]),
        "depth": widgets.IntSlider(20, 2, DEEPEST),
        "width": widgets.IntSlider(128, 32, 256, 32),
        "seed": seed_slider(),
    }
    bake = {
        "depth": ...,
        "activation": ("relu", "tanh", "gelu"),
        "width": (32, 128),
        "seed": (1, 2),
    }
    return Panel(figures.DefaultsInDepth(), compute, controls, bake, opening)
