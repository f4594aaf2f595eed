"""One step of training on digits, as lesson 6 does it, in four libraries.

Each function takes one of our networks and a batch, and returns a `Peer`: the same network in
its own library, which starts from the same weights. A step is a turn of an endless loop, not a
call: in a loop the arrays of one step live until those of the next are there, as in
`helpers.training`. A function would free them all at its end, the C library may then hand the
memory back to the system, and the next step fetches it again page by page.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import numpy as np
import torch
from sklearn.neural_network import MLPClassifier

from helpers.activations import relu
from helpers.datasets import digits
from helpers.initializers import he_normal
from helpers.network import MLP, softmax_cross_entropy

jax.config.update("jax_enable_x64", True)  # or float64 is not to be had

BATCH, DEPTH, LEARNING_RATE, CLASSES = 64, 3, 0.01, 10
CHECKED = 3  # steps: a momentum would not show in the first
# How far apart what the steps change may be, in proportion. A step changes a weight by a
# thousandth, so that three digits fewer are left of the change. In 32 bits a unit may moreover
# be on in one library and off in another, where its pre-activation is zero but for rounding:
# with 1024 units one such sample was seen to make 0.0014.
TOLERANCE = {"float32": 1e-2, "float64": 1e-12}


class Peer(NamedTuple):
    """A network in training."""

    step: Callable  # makes one step, and returns the loss before it
    parameters: Callable  # returns weights and biases in turn, as our layers have them


def peers(width, dtype):
    """Return a `Peer` for each library, by name."""
    X, y = digits()
    X, y = X[:BATCH].astype(dtype), y[:BATCH]
    sizes = [X.shape[1], *[width] * DEPTH, CLASSES]
    network = MLP(sizes, relu, partial(he_normal, dtype=dtype), np.random.default_rng(width))
    return {name: library(network, X, y) for name, library in LIBRARIES.items()}


def ours(network, X, y):
    network = network.replace(
        weights=[W.copy() for W in network.weights], biases=[b.copy() for b in network.biases]
    )

    def training():
        while True:
            trace = network.forward(X)
            loss, output_gradient = softmax_cross_entropy(trace.activations[-1], y)
            gradients = network.backward(trace, output_gradient)
            network.step(gradients, LEARNING_RATE)
            yield loss

    return Peer(training().__next__, lambda: _in_turn(network.weights, network.biases))


def pytorch(network, X, y):
    layers = []
    for W, b in zip(network.weights, network.biases, strict=True):
        layer = torch.nn.Linear(*W.shape)
        layer.weight.data, layer.bias.data = torch.tensor(W.T.copy()), torch.tensor(b)
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    cross_entropy = torch.nn.CrossEntropyLoss()
    X, y = torch.tensor(X), torch.tensor(y)

    def training():
        while True:
            optimizer.zero_grad()
            loss = cross_entropy(model(X), y)
            loss.backward()
            optimizer.step()
            yield loss.detach()

    return Peer(
        training().__next__, lambda: [p.detach().numpy().T.copy() for p in model.parameters()]
    )


def jax_jitted(network, X, y):
    layers = jax.tree.map(
        jax.numpy.array, list(zip(network.weights, network.biases, strict=True))
    )
    X, y = jax.numpy.array(X), jax.numpy.array(y)

    def cross_entropy(layers, X, y):
        *hidden, (W, b) = layers
        for V, c in hidden:
            X = jax.nn.relu(X @ V + c)
        log_probability = jax.nn.log_softmax(X @ W + b)
        return -jax.numpy.take_along_axis(log_probability, y[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)  # the new parameters may take the place of the old
    def updated(layers, X, y):
        loss, gradients = jax.value_and_grad(cross_entropy)(layers, X, y)
        return loss, jax.tree.map(lambda p, g: p - LEARNING_RATE * g, layers, gradients)

    def training():
        nonlocal layers
        while True:
            loss, layers = jax.block_until_ready(updated(layers, X, y))
            yield loss

    return Peer(training().__next__, lambda: [np.array(p) for layer in layers for p in layer])


def scikit_learn(network, X, y):
    """Return a peer whose step is `partial_fit`, which also checks its input and the like."""
    widths = [b.size for b in network.biases[:-1]]
    model = MLPClassifier(
        widths,
        solver="sgd",
        momentum=0,
        alpha=0,
        batch_size=len(X),
        learning_rate_init=LEARNING_RATE,
        shuffle=False,
    )
    model.partial_fit(X, y, classes=np.arange(CLASSES))
    for theirs, given in (
        (model.coefs_, network.weights),
        (model.intercepts_, network.biases),
    ):
        for parameters, start in zip(theirs, given, strict=True):
            parameters[:] = start  # in place: the optimizer has the arrays too

    def step():
        return model.partial_fit(X, y).loss_

    return Peer(step, lambda: _in_turn(model.coefs_, model.intercepts_))


def _in_turn(weights, biases):
    return [p.copy() for layer in zip(weights, biases, strict=True) for p in layer]


LIBRARIES = {
    "ours": ours,
    "PyTorch": pytorch,
    "JAX": jax_jitted,
    "scikit-learn": scikit_learn,
}


def check(found, expected, dtype):
    """Make a few steps of two peers, and raise AssertionError unless both change alike."""
    start, before = expected.parameters(), found.parameters()
    losses = [[float(peer.step()) for _ in range(CHECKED)] for peer in (found, expected)]
    np.testing.assert_allclose(*losses, TOLERANCE[dtype])
    after = zip(found.parameters(), expected.parameters(), strict=True)
    for given, p, (theirs, q) in zip(before, start, after, strict=True):
        np.testing.assert_array_equal(given, p)
        apart = np.linalg.norm(theirs - q) / np.linalg.norm(q - p)
        assert apart < TOLERANCE[dtype], f"{apart:.0e} of its change"
