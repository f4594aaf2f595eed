"""The panel of lesson 2."""

import math
from functools import lru_cache, partial

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS, sigmoid
from helpers.datasets import xor
from helpers.initializers import constant, normal, zeros
from helpers.network import MLP, binary_cross_entropy, exact_matmul, stack
from helpers.panels.panel import Panel
from helpers.training import train


def symmetry_panel(**opening):
    """Train XOR from constant weights, and watch whether the hidden units part (lesson 2).

    Full-batch gradient descent, learning rate 0.5, on inputs -1 and 1. All products are
    computed with `exact_matmul`: identical units stay identical to the last bit.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    X, y = xor()
    X = 2 * X - 1
    reach = figures.HiddenUnits.REACH
    axis = np.linspace(-reach, reach, 41)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    constants = np.round(np.linspace(-1, 1, 21), 1)
    every, steps = 50, 5000

    @lru_cache(maxsize=32)
    def trained(units, activation, output_weights, biases):
        """Train a stack with one network for every constant, and keep it every 50 steps."""
        networks = []
        for c in constants:
            rng = np.random.default_rng(1)
            bias = partial(normal, std=1.0) if biases == "random" else zeros
            network = MLP(
                [2, units, 1],
                ACTIVATIONS[activation],
                partial(constant, value=c),
                rng,
                bias=bias,
                matmul=exact_matmul,
            )
            if output_weights == "random":
                network.weights[1] = rng.standard_normal((units, 1))
            networks.append(network)
        network, losses, kept = stack(networks), [], []
        for state in train(network, X, y, binary_cross_entropy, learning_rate=0.5, steps=steps):
            if state.step % every == 0:
                losses.append(state.loss)
                kept.append([p.copy() for p in network.weights + network.biases])
        W1, W2, b1, b2 = (np.stack(p) for p in zip(*kept, strict=True))
        return network, W1, W2, b1, b2, np.array(losses)

    def compute(c, units, activation, output_weights, biases, step):
        network, W1, W2, b1, b2, losses = trained(units, activation, output_weights, biases)
        i, now = int(np.argmin(np.abs(constants - c))), step // every
        one = network.replace(
            weights=[W1[now, i], W2[now, i]], biases=[b1[now, i, 0], b2[now, i, 0]]
        )
        logits = one.forward(grid).activations[-1]
        right = (one.forward(X).activations[-1] > 0) == (y > 0.5)
        incoming = np.vstack([W1[now, i], b1[now, i], W2[now, i].T]).round(6)
        return {
            "paths": W1[: now + 1, i],
            "different": len(np.unique(incoming, axis=1).T),
            "probability": sigmoid(logits).reshape(len(axis), -1),
            "steps": np.arange(0, steps + 1, every),
            "losses": losses[:, i],
            "now": now,
            "right": int(right.sum()),
        }

    controls = {
        "c": widgets.FloatSlider(0.5, min=-1, max=1, step=0.1, description="constant c"),
        "step": widgets.IntSlider(1000, 0, steps, every, description="training step"),
        "units": widgets.ToggleButtons(options=[2, 4, 8, 16], value=4),
        "activation": widgets.ToggleButtons(options=["tanh", "relu", "sigmoid"]),
        "output_weights": widgets.ToggleButtons(options=["constant", "random"]),
        "biases": widgets.ToggleButtons(options=["zero", "random"]),
    }
    controls["units"].description = "hidden units"
    controls["output_weights"].description = "output weights"
    bake = {
        "step": ...,
        "c": (0.0, 0.5),
        "units": (4, 16),
        "output_weights": ("constant", "random"),
        "biases": ("zero", "random"),
    }
    coin = -(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3  # entropy of heads in 1 of 3
    landmarks = {"ln 2": math.log(2), "¾ H(⅓)": 0.75 * coin}
    return Panel(figures.HiddenUnits(landmarks), compute, controls, bake, opening)
