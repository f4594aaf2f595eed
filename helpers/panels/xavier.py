"""The panel of lesson 4."""

from functools import lru_cache
from itertools import pairwise

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS
from helpers.initializers import MODES
from helpers.network import MLP
from helpers.panels.networks import inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.propagation import measure

WIDEST, FIRST, LAST = 1024, 512, 128


@lru_cache(maxsize=2)
def _noise(seed):
    """Return standard normal weights for the widest network: a narrower one uses a corner."""
    rng = np.random.default_rng(seed)
    sizes = [FIRST, *[WIDEST] * 4, LAST]
    return [rng.standard_normal(shape, np.float32) for shape in pairwise(sizes)]


def fans_panel(**opening):
    """Compare four ways of counting the fan where the layers differ in width (lesson 4).

    The network has 512 inputs, four hidden layers and 128 outputs. Inputs and the gradient at
    the output have second moment 1, the weights variance ``gain**2 / fan`` with gain sqrt(2)
    for ReLU and 1 for linear layers. A layer that grows keeps the weights it has.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(width_1, width_2, width_3, width_4, activation, seed):
        sizes = (FIRST, width_1, width_2, width_3, width_4, LAST)
        fan_in, fan_out = np.array(sizes[:-1]), np.array(sizes[1:])
        gain_squared, kept = (2.0, 0.5) if activation == "relu" else (1.0, 1.0)
        means = (fan_in + fan_out) / 2, np.sqrt(fan_in * fan_out)
        fans = dict(zip(MODES, (fan_in, fan_out, *means), strict=True))
        unit = _measured(sizes, ACTIVATIONS[activation], seed)
        measured, theory = {}, {}
        for mode in MODES:
            variance = gain_squared / fans[mode]
            # Both activations are homogeneous: scaling the weights of a layer scales all
            # signals after it and all gradients before it, so that one sweep does for all.
            scale = variance * fan_in
            before, after = np.cumprod(scale), np.append(np.cumprod(scale[:0:-1])[::-1], 1.0)
            measured[mode] = unit[0] * before, unit[1] * after
            theory[mode] = _predicted(variance, fan_in, fan_out, kept)
        return {"sizes": sizes, "measured": measured, "theory": theory}

    controls = {
        f"width_{i}": widgets.IntSlider(width, 16, WIDEST, 16, description=f"hidden layer {i}")
        for i, width in enumerate((1024, 512, 256, 512), 1)
    }
    controls["activation"] = widgets.ToggleButtons(options=["identity", "relu"])
    controls["seed"] = seed_slider()
    bake = {
        "width_3": ...,
        "width_1": (16, 512, 1024),
        "seed": (1, 2, 3),
    }
    return Panel(figures.ForwardAndBackward(), compute, controls, bake, opening)


def _measured(sizes, activation, seed):
    """Return second moments of signal and gradient for weights of variance 1 / fan_in."""
    weights = iter(_noise(seed))

    def corner(shape, _rng):
        rows, columns = shape
        std = np.float32(rows**-0.5)
        return std * next(weights)[:rows, :columns]

    network = MLP(sizes, activation, corner, np.random.default_rng(0))
    found = measure(network, inputs(64, FIRST), inputs(64, LAST))
    return found.preactivation, found.gradient


def _predicted(variance, fan_in, fan_out, kept):
    """Return second moments of signal and gradient in wide layers."""
    forward, backward = fan_in * variance * kept, fan_out * variance * kept
    forward[0] /= kept  # no activation lies before the first layer
    return np.cumprod(forward), np.append(np.cumprod(backward[:0:-1])[::-1], 1.0)
