"""Networks and inputs that several panels send through."""

import math
from functools import lru_cache, partial

import numpy as np

from helpers.activations import rectifier
from helpers.initializers import normal
from helpers.network import MLP

DEEPEST = 50


@lru_cache(maxsize=2)  # 50 MB each at width 512
def deep_network(seed, width):
    """Return 50 hidden layers of weights of variance 1 / width, and one output unit."""
    return MLP(
        [width] * (DEEPEST + 1) + [1],
        rectifier(),
        partial(normal, std=1 / math.sqrt(width), dtype=np.float32),
        np.random.default_rng(seed),
    )


def first_layers(network, depth, gain, leak, bias=0.0):
    """Return the first `depth` hidden layers, their weights times `gain`, and the output."""
    return network.replace(
        weights=[W * np.float32(gain) for W in network.weights[:depth]] + network.weights[-1:],
        biases=[b + np.float32(bias) for b in network.biases[:depth]] + network.biases[-1:],
        activation=rectifier(leak),
    )


def inputs(samples, width):
    """Return a batch of standard normal inputs, always the same."""
    return np.random.default_rng(0).standard_normal((samples, width), np.float32)
