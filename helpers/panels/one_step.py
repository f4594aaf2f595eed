"""The panels of lesson 1."""

from functools import cache, partial

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import relu
from helpers.datasets import xor
from helpers.initializers import INITIALIZERS, initialize_parameters, normal, zeros
from helpers.network import MLP, mean_squared_error
from helpers.panels.panel import Panel, seed_slider
from helpers.training import train

SCHEMES = {
    "zeros": INITIALIZERS["zeros"],
    "standard normal": partial(normal, std=1.0),
    "xavier_normal": INITIALIZERS["xavier_normal"],
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
        "scheme": tuple(SCHEMES),
        "seed": (1, 2),
    }
    return Panel(figures.NetworkDiagram(), compute, controls, bake, opening)


STAGES = (
    "inputs",
    "forward: hidden units",
    "forward: output",
    "backward: δ of the output",
    "backward: gradient of W2",
    "backward: δ of the hidden units",
    "backward: gradient of W1",
)


@cache
def _worked_step():
    """Return the network of the lesson's step on paper, its batch and its targets."""
    W1 = [[0.5, -0.5, 1.0, 0.0], [0.5, 0.5, 0.0, -0.5], [-0.5, 0.5, 0.5, -1.0]]
    weights = [np.array(W1), np.array([[1.0], [1.0], [-1.0], [0.5]])]
    network = MLP([3, 4, 1], relu, zeros, np.random.default_rng(0)).replace(weights=weights)
    x, y = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 1.0]]), np.array([[0.0], [1.0]])
    return network, x, y


def step_panel(**opening):
    """Follow one step of training through the network 3, 4, 1, stage by stage (lesson 1).

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    network, x, y = _worked_step()
    trace = network.forward(x)
    gradients = network.backward(trace, mean_squared_error(trace.activations[-1], y)[1])

    def compute(stage, sample):
        row = sample - 1
        return {
            "stage": stage - 1,
            "stages": STAGES,
            "sample": sample,
            "x": x[row],
            "W1": network.weights[0],
            "z1": trace.preactivations[0][row],
            "h1": trace.activations[1][row],
            "W2": network.weights[1],
            "z2": trace.preactivations[1][row, 0],
            "y": y[row, 0],
            "delta2": gradients.preactivations[1][row, 0],
            "delta1": gradients.preactivations[0][row],
        }

    controls = {
        "stage": widgets.IntSlider(3, 1, len(STAGES)),
        "sample": widgets.ToggleButtons(options=(1, 2)),
    }
    bake = {"stage": ..., "sample": (1, 2)}
    return Panel(figures.WorkedStep(), compute, controls, bake, opening)


def rate_panel(**opening):
    """See how far a step may go before it lowers the loss no more (lesson 1).

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    network, x, y = _worked_step()
    trace = network.forward(x)
    start, slope = mean_squared_error(trace.activations[-1], y)
    gradients = network.backward(trace, slope)
    squared = sum(np.sum(g**2) for g in gradients.weights + gradients.biases)
    steps, longest = 60, 0.25

    def after(rate):
        moved = network.copy()
        moved.step(gradients, rate)
        return mean_squared_error(moved.forward(x).activations[-1], y)[0]

    def compute(rate):
        states = train(
            network.copy(), x, y, mean_squared_error, learning_rate=rate, steps=steps
        )
        return {
            "rate": rate,
            "start": start,
            "predicted": rate * squared,
            "after": after(rate),
            "losses": np.array([state.loss for state in states]),
        }

    rates = np.linspace(0, longest, 251)
    figure = figures.LossAlongGradient(
        rates, np.array([after(rate) for rate in rates]), squared, steps
    )
    slider = widgets.FloatLogSlider(
        0.01, min=-3, max=-0.6, step=0.05, readout_format=".3g", description="learning rate η"
    )
    return Panel(figure, compute, {"rate": slider}, {"rate": ...}, opening)


def line_panel(**opening):
    """Try to separate the classes of XOR by a straight line (lesson 1).

    The answer is 1 where ``w1 * x1 + w2 * x2 + b > 0``.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    points, labels = xor()
    labels = labels.ravel()
    low, high = figures.LineThroughXor.LOW, figures.LineThroughXor.HIGH
    square = np.array([[low, low], [high, low], [high, high], [low, high]])

    def side(w, b):
        """Return the part of the square where w x + b > 0, and the line's ends in it."""
        heights = square @ w + b
        corners, ends = [], []
        for i, j in zip(range(4), (1, 2, 3, 0), strict=True):
            if heights[i] > 0:
                corners.append(square[i])
            if heights[i] * heights[j] < 0:
                share = heights[i] / (heights[i] - heights[j])
                ends.append(square[i] + share * (square[j] - square[i]))
                corners.append(ends[-1])
        return np.reshape(corners, (-1, 2)), np.reshape(ends, (-1, 2))

    rng = np.random.default_rng(0)
    directions, offsets = rng.standard_normal((10_000, 2)), rng.standard_normal(10_000)
    right = ((directions @ points.T + offsets[:, None] > 0) == (labels > 0.5)).sum(axis=1)
    sides = zip(directions[:50], offsets[:50], strict=True)
    ends = [line for line in (side(w, b)[1] for w, b in sides) if len(line) == 2]
    counts = np.bincount(right, minlength=len(points) + 1) / len(right)

    def compute(w1, w2, b):
        corners, line = side(np.array([w1, w2]), b)
        answers = (points @ [w1, w2] + b > 1e-9).astype(float)  # rounding is not above 0
        rule = {"w1": w1, "w2": w2, "b": b}
        return {"corners": corners, "line": line, "answers": answers, **rule}

    controls = {
        name: widgets.FloatSlider(value, min=-2, max=2, step=0.1, description=said)
        for name, value, said in (
            ("w1", 1.0, "weight w₁"),
            ("w2", -1.0, "weight w₂"),
            ("b", 0.5, "bias b"),
        )
    }
    bake = {"b": ..., "w1": (-2.0, -1.0, 0.0, 1.0, 2.0), "w2": (-2.0, -1.0, 0.0, 1.0, 2.0)}
    return Panel(
        figures.LineThroughXor(points, labels, ends, counts), compute, controls, bake, opening
    )
