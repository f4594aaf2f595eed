"""The panel of lesson 6."""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS, sigmoid
from helpers.datasets import circles, digits, two_moons, xor
from helpers.initializers import INITIALIZERS, normal
from helpers.network import MLP, binary_cross_entropy, softmax_cross_entropy, stack
from helpers.panels.live import LivePanel, Progress
from helpers.panels.panel import seed_slider
from helpers.propagation import measure
from helpers.training import Adam, GradientDescent, clip_by_global_norm, clip_by_value, train

SCHEMES = {
    "zeros": INITIALIZERS["zeros"],
    "N(0, 0.01²)": partial(normal, std=0.01),
    "N(0, 1)": partial(normal, std=1.0),
    "LeCun": INITIALIZERS["lecun_normal"],
    "Xavier": INITIALIZERS["xavier_normal"],
    "Xavier uniform": INITIALIZERS["xavier_uniform"],
    "He": INITIALIZERS["he_normal"],
    "He uniform": INITIALIZERS["he_uniform"],
    "orthogonal": INITIALIZERS["orthogonal"],
    "orthogonal × √2": partial(INITIALIZERS["orthogonal"], gain=math.sqrt(2)),
}
UPDATES = {  # from the learning rate to an optimizer, and what a gradient goes through before
    "plain": (GradientDescent, None),
    "clipped by value, 0.1": (GradientDescent, partial(clip_by_value, limit=0.1)),
    "clipped by norm, 1": (GradientDescent, partial(clip_by_global_norm, max_norm=1.0)),
    "Adam, rate ÷ 10": (lambda rate: Adam(rate / 10), None),
}
NETWORKS = {"quick": 3, "full": 5}
POINTS = 100  # of the curve of the loss
PROBE = 500  # samples at most, on which the first network is examined
CELLS, DIGITS = 35, 8  # of the decision map, and of the digits shown, in each direction
SHADES = 24  # of the decision map: a page without a kernel holds thousands of them
PAPER = {True: (0.78, 0.88, 0.97), False: (0.98, 0.74, 0.45)}  # of digits right and wrong


class Task(NamedTuple):
    """A data set, and how networks train on it."""

    X: np.ndarray
    y: np.ndarray
    loss: Callable
    layer_sizes: tuple  # of the input, of each hidden layer, and of the output
    guess: tuple  # the loss of always guessing, and its name
    steps: dict  # from the size of a run to its number of updates
    batch_size: dict


@cache
def _task(name):
    if name == "digits":
        X, y = digits()
        X = X.astype(np.float32)  # most of the time goes into products of matrices
        steps, batch_size = {"quick": 200, "full": 400}, {"quick": 32, "full": 64}
        guess = math.log(10), "ln 10"
        return Task(X, y, softmax_cross_entropy, (64, 64, 10), guess, steps, batch_size)
    rng = np.random.default_rng(6)
    X, y = xor() if name == "XOR" else {"moons": two_moons, "circles": circles}[name](60, rng)
    steps, batch_size = {"quick": 300, "full": 1000}, {"quick": None, "full": None}
    guess = math.log(2), "ln 2"
    return Task(X, y, binary_cross_entropy, (2, 16, 1), guess, steps, batch_size)


def training_panel(**opening):
    """Train several networks at once, and watch (lesson 6).

    The depth counts hidden layers, of 16 units for points in the plane and of 64 for digits.
    Points are all used at each step, digits in batches. A quick run trains three networks, a
    full one five, for more steps.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    LivePanel
    """

    def run(data, scheme, activation, depth, learning_rate, update, seed, size):
        task, (optimizer, clip) = _task(data), UPDATES[update]
        return _run(
            task,
            _networks(
                task, SCHEMES[scheme], ACTIVATIONS[activation], depth, seed, NETWORKS[size]
            ),
            steps=task.steps[size],
            batch_size=task.batch_size[size],
            optimizer=optimizer(learning_rate),
            rng=np.random.default_rng(seed),
            clip=clip and _Counted(clip),
        )

    controls = {
        "data": widgets.ToggleButtons(
            options=["XOR", "moons", "circles", "digits"], value="moons"
        ),
        "size": widgets.ToggleButtons(options=list(NETWORKS), description="size of run"),
        "scheme": widgets.ToggleButtons(options=list(SCHEMES), value="He"),
        "activation": widgets.ToggleButtons(options=list(ACTIVATIONS), value="relu"),
        "depth": widgets.IntSlider(10, 2, 30, description="depth"),
        "learning_rate": widgets.FloatLogSlider(
            0.0501, min=-3, max=-1, step=0.1, description="learning rate", readout_format=".3g"
        ),
        "update": widgets.ToggleButtons(options=list(UPDATES)),
        "seed": seed_slider(),
    }
    bake = {
        "scheme": ("N(0, 1)", "Xavier", "He", "orthogonal", "orthogonal × √2"),
        "activation": ("tanh", "relu"),
        "depth": (3, 10, 30),
        "update": ("plain", "clipped by norm, 1", "Adam, rate ÷ 10"),
    }
    return LivePanel(figures.TrainingRun(), run, controls, bake, opening)


def _networks(task, initializer, activation, depth, seed, n):
    """Return a stack of `n` networks; deeper ones start with the weights of shallower ones."""
    n_in, width, n_out = task.layer_sizes
    draw = partial(initializer, dtype=task.X.dtype)
    return stack(
        MLP([n_in, *[width] * depth, n_out], activation, draw, np.random.default_rng([seed, i]))
        for i in range(n)
    )


class _Counted:
    """A way of clipping, and how often it changed a gradient."""

    def __init__(self, clip):
        self.clip, self.updates, self.clipped = clip, 0, 0

    def __call__(self, gradients):
        """Clip, and count what is not zero: a network that has overflowed is not updated."""
        clipped = self.clip(gradients)
        self.updates += any(g.any() for g in gradients)
        self.clipped += any((a != b).any() for a, b in zip(clipped, gradients, strict=True))
        return clipped

    @property
    def share(self):
        return self.clipped / max(self.updates, 1)


def _run(task, networks, *, steps, clip, **options):
    """Train a stack of networks, and yield a `Progress` before each update and at the end."""
    losses, overflow = [], {"at": np.full(len(networks.weights[0]), np.nan), "where": ""}
    with np.errstate(over="ignore", invalid="ignore"):
        start = _examined(task, _single(networks, 0))["layers"]

    def picture():
        at, means = _points(np.array(losses), max(1, steps // POINTS))
        share = None if clip is None else clip.share
        loss = {"steps": at, "total": steps, "losses": means, "clipped": share}
        loss["guess"], loss["guess_name"] = task.guess
        with np.errstate(over="ignore", invalid="ignore"):
            found = _examined(task, _single(networks, 0))
        found["layers"]["start"] = start
        return {"loss": loss, "overflow": overflow, **found}

    for state in train(networks, task.X, task.y, task.loss, steps=steps, clip=clip, **options):
        losses.append(np.where(state.overflowed, np.nan, state.loss))
        new = np.flatnonzero(state.overflowed & np.isnan(overflow["at"]))
        if len(new) and not overflow["where"]:
            overflow["where"] = _where_it_overflows(task, _single(networks, new[0]))
        overflow["at"][new] = state.step
        yield Progress(state.step, steps, picture)


def _points(losses, every):
    """Return every so many steps, and for each the mean loss since the one before."""
    ends = np.unique([*range(0, len(losses), every), len(losses) - 1])
    starts = np.append(0, ends[:-1] + 1)
    return ends, np.add.reduceat(losses, starts) / (ends - starts + 1)[:, None]


def _single(networks, i):
    """Return one network of a stack."""
    return networks.replace(
        weights=[W[i] for W in networks.weights], biases=[b[i, 0] for b in networks.biases]
    )


def _where_it_overflows(task, network):
    """Say in which layer a number stops being finite first."""
    with np.errstate(over="ignore", invalid="ignore"):
        trace = network.forward(task.X[:PROBE])
        for layer, z in enumerate(trace.preactivations, 1):
            if not np.isfinite(z).all():
                return f"in layer {layer} on the way forward"
        _, output_gradient = task.loss(trace.activations[-1], task.y[:PROBE])
        gradients = network.backward(trace, output_gradient).preactivations
    for layer in range(len(gradients), 0, -1):
        if not np.isfinite(gradients[layer - 1]).all():
            return f"in layer {layer} on the way back"
    return "in a gradient of the weights"


def _examined(task, network):
    """Return what the figure shows of a network: its answers, and its layers."""
    X, y = task.X[:PROBE], task.y[:PROBE]
    output = network.forward(X).activations[-1]
    _, output_gradient = task.loss(output, y)
    found = measure(network, X, output_gradient)
    finite = np.isfinite(output).all(axis=1)
    if y.ndim == 1:
        right = (output.argmax(axis=1) == y) & finite
        picture, points = _digits_on_paper(X, right), [np.empty((0, 2))] * 2
    else:
        right = ((output > 0) == y)[:, 0] & finite
        middle, reach = (X.min(axis=0) + X.max(axis=0)) / 2, 1.3 * np.ptp(X, axis=0).max()
        points = [(X[y[:, 0] == label] - middle) / reach + 0.5 for label in (0, 1)]
        axis = (np.arange(CELLS) + 0.5) / CELLS - 0.5
        grid = middle + reach * np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        picture = sigmoid(network.forward(grid).activations[-1])
        picture = np.round(SHADES * picture.reshape(CELLS, CELLS)) / SHADES
    answers = {"picture": picture, "points": points, "overflowed": not finite.any()}
    answers |= {"right": right.sum(), "samples": len(y)}
    layers = {"signal": found.activation, "gradient": found.gradient}
    return {"answers": answers, "layers": layers}


def _digits_on_paper(X, right):
    """Return a square of digits, on paper whose colour says whether the answer is right."""
    shown = DIGITS**2
    ink = (X[:shown] - X.min()) / np.ptp(X)
    paper = np.array([PAPER[bool(r)] for r in right[:shown]])
    tiles = np.pad(
        ((1 - ink)[..., None] * paper[:, None]).reshape(shown, 8, 8, 3),
        ((0, 0), (1, 1), (1, 1), (0, 0)),
        constant_values=1,
    )
    rows = tiles.reshape(DIGITS, DIGITS, 10, 10, 3).swapaxes(1, 2)
    return rows.reshape(10 * DIGITS, 10 * DIGITS, 3)
