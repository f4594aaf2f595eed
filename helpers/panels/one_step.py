"""The panel of lesson 1."""

from functools import partial

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.initializers import INITIALIZERS, initialize_parameters, normal
from helpers.panels.panel import Panel, seed_slider

SCHEMES = {
    "zeros": INITIALIZERS["zeros"],
    "standard normal": partial(normal, std=1.0),
    **{
        name: INITIALIZERS[name]
        for name in (
            "lecun_normal",
            "xavier_normal",
            "xavier_uniform",
            "he_normal",
            "orthogonal",
        )
    },
}


def network_panel(**opening):
    """See a network's layers, the shapes of its parameters and its first weights (lesson 1).

    A seed fixes the random numbers: the normal schemes scale the same ones. Biases are zero.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(inputs, hidden, second, outputs, scheme, seed):
        sizes = [inputs, hidden, second, outputs] if second else [inputs, hidden, outputs]
        layers = initialize_parameters(sizes, SCHEMES[scheme], np.random.default_rng(seed))
        return {"weights": [W for W, _ in layers], "scheme": scheme, "seed": seed}

    controls = {
        "inputs": widgets.IntSlider(3, 1, 8),
        "hidden": widgets.IntSlider(4, 1, 8, description="hidden layer 1"),
        "second": widgets.IntSlider(0, 0, 8, description="hidden layer 2"),
        "outputs": widgets.IntSlider(1, 1, 4),
        "scheme": widgets.ToggleButtons(options=list(SCHEMES), value="xavier_normal"),
        "seed": seed_slider(),
    }
    bake = {
        "inputs": (3, 8),
        "hidden": (4, 8),
        "second": (0, 8),
        "scheme": ("zeros", "standard normal", "xavier_normal"),
        "seed": (1, 2),
    }
    return Panel(figures.NetworkDiagram(), compute, controls, bake, opening)
