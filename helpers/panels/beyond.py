"""The panel of lesson 7."""

import math
from functools import cache, lru_cache, partial

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS
from helpers.initializers import normal
from helpers.network import MLP
from helpers.panels.networks import inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.propagation import chi, fixed_point, gradient_map, length_map, measure

DEPTH, WIDTH, SAMPLES = 20, 256, 16


def length_panel(**opening):
    """Follow the length map of an activation, and a network that should obey it (lesson 7).

    Weights have variance ``sigma_w**2 / 256``, biases ``sigma_b**2``; both are drawn once for
    every seed and scaled. Layer 0 is a normal pre-activation of the length at which the map
    starts. The gradient at layer 20 has second moment 1.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(sigma_w, sigma_b, start, activation, seed):
        phi = ACTIVATIONS[activation]
        curve = partial(length_map, activation=phi, sigma_w=sigma_w, sigma_b=sigma_b)
        lengths = [start]
        for _ in range(DEPTH):
            lengths.append(float(curve(lengths[-1])))
        lengths = np.array(lengths)
        factors = gradient_map(lengths[1:-1], phi, sigma_w)
        gradient = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
        fixed, factor = _settled(activation, sigma_w, sigma_b)
        return {
            "sigmas": (sigma_w, sigma_b),
            "lengths": lengths,
            "curve": curve,
            "fixed": fixed,
            "chi": factor,
            "critical": _critical_line(activation),
            "measured": _measured(phi, sigma_w, sigma_b, start, seed),
            "theory": (lengths, gradient),
        }

    controls = {
        "sigma_w": widgets.FloatSlider(2.0, min=0.5, max=5, step=0.05, description="σ_w"),
        "sigma_b": widgets.FloatSlider(0.0, min=0, max=1, step=0.05, description="σ_b"),
        "start": widgets.FloatSlider(3.0, min=0.1, max=4, step=0.1, description="first length"),
        "activation": widgets.ToggleButtons(options=["tanh", "relu"]),
        "seed": seed_slider(),
    }
    bake = {
        # Both sides of the black lines: of relu at 1.41, of tanh with biases of 0.5 at 1.55.
        "sigma_w": ...,
        "sigma_b": (0.0, 0.5),
        "start": (0.1, 3.0),
        "activation": ("tanh", "relu"),
    }
    return Panel(figures.LengthMap(), compute, controls, bake, opening)


@lru_cache(maxsize=256)
def _settled(activation, sigma_w, sigma_b):
    phi = ACTIVATIONS[activation]
    q = fixed_point(phi, sigma_w, sigma_b)
    return q, chi(phi, sigma_w, sigma_b, q=q)


@cache
def _critical_line(activation):
    """Return sigma_w and sigma_b where chi is 1, for sigma_b from 0 to 1.

    A length q at the fixed point gives both: sigma_w**2 = 1 / E[phi'(z)**2], since chi is 1,
    and then sigma_b**2 = q - sigma_w**2 E[phi(z)**2]. Of a rectifier the first is the same for
    all lengths.
    """
    phi = ACTIVATIONS[activation]
    if activation == "relu":
        return np.full(2, math.sqrt(2)), np.array([0.0, 1.0])
    q = np.linspace(0, 2, 200) ** 2  # to a sigma_b above 1
    sigma_w = 1 / np.sqrt(gradient_map(q, phi, 1.0))
    left = q - length_map(q, phi, 1.0) * sigma_w**2
    sigma_b = np.sqrt(np.maximum(left, 0))  # at q = 0 rounding may leave less than 0
    shown = np.linspace(0, 1, 60)
    return np.interp(shown, sigma_b, sigma_w), shown


@lru_cache(maxsize=4)
def _network(seed):
    """Return layers with weights of variance 1 / 256 and standard normal biases."""
    return MLP(
        [WIDTH] * (DEPTH + 1),
        ACTIVATIONS["tanh"],
        partial(normal, std=1 / math.sqrt(WIDTH), dtype=np.float32),
        np.random.default_rng(seed),
        bias=partial(normal, std=1.0, dtype=np.float32),
    )


def _measured(phi, sigma_w, sigma_b, start, seed):
    drawn = _network(seed)
    network = drawn.replace(
        weights=[W * np.float32(sigma_w) for W in drawn.weights],
        biases=[b * np.float32(sigma_b) for b in drawn.biases],
        activation=phi,
    )
    z = inputs(SAMPLES, WIDTH)
    first = z * np.float32(math.sqrt(start))
    output_gradient = z / np.float32(math.sqrt(np.vdot(z, z) / z.size))
    found = measure(network, phi(first), output_gradient)
    return np.append(np.vdot(first, first) / first.size, found.preactivation), found.gradient
