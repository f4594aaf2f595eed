"""Record for lesson 9 how far a step moves each layer, by width: standard and by µP.

``python -m teaching.coordinate_check`` trains networks on digits for some minutes, and writes
``helpers/recorded/coordinate_check.json``.
"""

import json
from functools import partial

import numpy as np

from helpers.activations import relu
from helpers.datasets import digits
from helpers.initializers import he_normal
from helpers.network import MLP, softmax_cross_entropy
from helpers.recorded import FOLDER
from helpers.training import Adam

RECORD = FOLDER / "coordinate_check.json"
SEEDS = range(1, 6)
WIDTHS, RATE = (64, 128, 256, 512, 1024), 1e-3  # of the coordinate check: one step
TRAINED, STEPS, LAST = (64, 256, 768), 100, 20  # of the search for the best rate
POWERS = range(-11, -3)  # its rates, as powers of two
BASE, BATCH, PROBE = 64, 64, 256  # width at which both are the same, and samples
SCHEMES = ("standard", "µP")


def start(width, scheme, rng):
    """Return a network for digits, and the factor of the learning rate of each layer.

    By µP with Adam the rates of hidden layers and of the output layer fall like one over the
    width, and the output layer's weights start smaller by another root of it (Yang et al. 2022,
    https://arxiv.org/abs/2203.03466, table 3).
    """
    network = MLP(
        [64, width, width, width, 10], relu, partial(he_normal, dtype=np.float32), rng
    )
    network.weights[-1] *= np.float32(0.5**0.5)  # no ReLU follows: LeCun's
    if scheme == "standard":
        return network, (1.0, 1.0, 1.0, 1.0)
    network.weights[-1] *= np.float32((BASE / width) ** 0.5)
    return network, (1.0, BASE / width, BASE / width, BASE / width)


def trained(width, scheme, rate, steps, seed, data):
    """Train, and return the network before, after, and the loss of each step."""
    rng = np.random.default_rng(seed)
    X, y = data
    network, factors = start(width, scheme, rng)
    before = network.copy()
    updates = [Adam(rate * factor).start() for factor in factors]
    losses = []
    for _ in range(steps):
        chosen = rng.integers(0, len(X), BATCH)
        trace = network.forward(X[chosen])
        loss, gradient = softmax_cross_entropy(trace.activations[-1], y[chosen])
        found = network.backward(trace, gradient).weights
        for W, update, dW in zip(network.weights, updates, found, strict=True):
            W += update(dW)
        losses.append(float(loss))
    return before, network, losses


def moved(width, scheme, seed, data):
    """Return by how much one step moves the pre-activations of each layer, root mean square."""
    before, after, _ = trained(width, scheme, RATE, 1, seed, data)
    ends = (network.forward(data[0][:PROBE]).preactivations for network in (before, after))
    return [float(np.sqrt(np.mean((b - a) ** 2))) for a, b in zip(*ends, strict=True)]


def last_loss(width, scheme, power, seed, data):
    """Return the mean loss of the last steps of training at a rate of two to some power."""
    losses = trained(width, scheme, 2.0**power, STEPS, seed, data)[2]
    return float(np.mean(losses[-LAST:]))


def measured(*, widths=WIDTHS, trained_widths=TRAINED, seeds=SEEDS):
    """Return all that is recorded; of the largest widths most of it is time."""
    X, y = digits()
    data = X.astype(np.float32), y
    return {
        "widths": list(widths),
        "moved": {
            scheme: [[moved(width, scheme, seed, data) for seed in seeds] for width in widths]
            for scheme in SCHEMES
        },
        "trained widths": list(trained_widths),
        "powers": list(POWERS),
        "losses": {
            scheme: [
                [
                    [last_loss(width, scheme, power, seed, data) for power in POWERS]
                    for seed in seeds
                ]
                for width in trained_widths
            ]
            for scheme in SCHEMES
        },
    }


def main():
    """Measure, and write the record."""
    RECORD.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
