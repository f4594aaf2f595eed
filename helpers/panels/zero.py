"""The panel of lesson 2."""

import math
from functools import lru_cache, partial

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS, sigmoid
from helpers.datasets import two_moons, xor
from helpers.figures.pictures import reach
from helpers.initializers import constant, normal, zeros
from helpers.network import MLP, binary_cross_entropy, exact_matmul, stack
from helpers.panels.panel import Panel
from helpers.training import train

COIN = -(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3  # entropy of heads in 1 of 3
LANDMARKS = {"ln 2": math.log(2), "¾ H(⅓)": 0.75 * COIN}
CELLS = 41  # of the decision map, in each direction


def symmetry_panel(**opening):
    """Train from constant weights, and watch whether the hidden units part (lesson 2).

    Full-batch gradient descent, learning rate 0.5. All products are computed with
    `exact_matmul`: identical units stay identical to the last bit.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    sets = _data_sets()
    constants = np.round(np.linspace(-1, 1, 21), 1)
    every, steps = 50, 5000

    @lru_cache(maxsize=32)
    def trained(data, units, activation, output_weights, biases):
        """Train a stack with one network for every constant, and keep it every 50 steps."""
        networks = []
        for c in constants:
            rng = np.random.default_rng(4)  # one that learns where it can
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
        X, y = sets[data]
        for state in train(network, X, y, binary_cross_entropy, learning_rate=0.5, steps=steps):
            if state.step % every == 0:
                losses.append(state.loss)
                kept.append([p.copy() for p in network.weights + network.biases])
        W1, W2, b1, b2 = (np.stack(p) for p in zip(*kept, strict=True))
        return network, W1, W2, b1, b2, np.array(losses)

    def compute(c, data, units, activation, output_weights, biases, step):
        network, *kept, losses = trained(data, units, activation, output_weights, biases)
        i, now = int(np.argmin(np.abs(constants - c))), step // every
        W1, W2, b1, b2 = (p[now, i] for p in kept)
        one = network.replace(weights=[W1, W2], biases=[b1[0], b2[0]])
        X, y = sets[data]
        extent = _square(X)
        across, up = (np.linspace(*ends, CELLS) for ends in (extent[:2], extent[2:]))
        grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        logits = one.forward(grid).activations[-1]
        right = (one.forward(X).activations[-1] > 0) == (y > 0.5)
        parts = {"biases": b1, "output weights": W2.T}
        differ = [name for name, part in parts.items() if _kinds(part) > 1]
        same_weights = _kinds(W1) == 1
        return {
            "units": {
                "paths": kept[0][: now + 1, i],
                "different": _kinds(W1, *parts.values()),
                "by": " and ".join(differ) if same_weights else "",
                "activation": activation,
            },
            "answers": {
                "probability": sigmoid(logits).reshape(CELLS, -1),
                "extent": extent,
                "samples": X,
                "labels": y,
                "right": int(right.sum()),
            },
            "losses": {
                "steps": np.arange(0, steps + 1, every),
                "losses": losses[:, i],
                "now": now,
            },
            "landmarks": tuple(LANDMARKS) if data.startswith("XOR") else ("ln 2",),
        }

    controls = {
        "c": widgets.FloatSlider(0.5, min=-1, max=1, step=0.1, description="constant c"),
        "step": widgets.IntSlider(1000, 0, steps, every, description="training step"),
        "data": widgets.ToggleButtons(options=list(sets)),
        "activation": widgets.ToggleButtons(options=["tanh", "relu", "sigmoid"]),
        "output_weights": widgets.ToggleButtons(options=["constant", "random"]),
        "biases": widgets.ToggleButtons(options=["zero", "random"]),
        "units": widgets.ToggleButtons(options=[2, 4, 8, 16], value=4),
    }
    controls["units"].description = "hidden units"
    controls["output_weights"].description = "output weights"
    bake = {
        "step": ...,
        "c": (0.0, 0.5),
        "data": ("XOR -1/1", "XOR 0/1", "two moons"),
        "activation": ("tanh", "relu"),
        "output_weights": ("constant", "random"),
        "biases": ("zero", "random"),
    }
    return Panel(figures.HiddenUnits(LANDMARKS), compute, controls, bake, opening)


def _data_sets():
    """Return inputs and labels by name.

    Each has a power of two of samples, and those that cancel are neighbours: sums that are 0
    in theory are 0 in floating point, on every processor.
    """
    X, y = xor()
    centred = 2 * X - 1
    both = (X.sum(axis=1, keepdims=True) == 2).astype(float)
    moons = two_moons(16, np.random.default_rng(1))
    return {
        "XOR -1/1": (centred, y),
        "XOR 0/1": (X, y),
        "and": (centred, both),
        "two moons": moons,
    }


def _square(samples):
    """Return left, right, lower and upper end of a square that goes beyond the samples."""
    left, right, low, high = reach(samples)
    half = max(right - left, high - low) / 2
    x, y = (left + right) / 2, (low + high) / 2
    return x - half, x + half, y - half, y + half


def _kinds(*parts):
    """Return how many columns of the parts, taken together, differ from one another."""
    return len(np.unique(np.vstack(parts).round(6), axis=1).T)
