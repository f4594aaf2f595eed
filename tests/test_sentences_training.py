"""What lesson 6 says under its panel, in its questions and at its end, where its panel reaches.

``python -m tests.test_sentences_training`` tries every scheme and way of updating at all depths
that are tried, with five seeds.
"""

import math
from functools import partial
from itertools import product

import numpy as np
import pytest

from helpers import panels
from helpers.activations import relu
from helpers.datasets import digits, xor
from helpers.initializers import he_normal, normal, xavier_normal
from helpers.network import MLP, softmax_cross_entropy, stack
from helpers.panels.training import SCHEMES, UPDATES
from tests.test_sentences_zero import pairwise

PLAIN, ADAM, CLIPPED = "plain", "Adam, rate ÷ 10", "clipped by norm, 1"
GUESS = {"digits": math.log(10)}  # of all others ln 2
STILL = 5e-3  # a loss that has not left that of guessing


def guess(s):
    return GUESS.get(s["data"], math.log(2))


def last(shown):
    """Return the losses at the end; nan where a network has overflowed."""
    return shown["loss"]["losses"][-1]


def rectifies(s):
    return s["activation"] in ("relu", "leaky_relu")


def only_the_bias_moves(s, shown):
    """Tell whether the loss never got further from guessing than an output bias takes it."""
    return abs(last(shown) - guess(s)).max() < 0.03


# A sentence, where it is said to hold, and what it says of what is shown.
SENTENCES = {
    "from zeros nothing trains, with any optimizer, but for a sigmoid's and a softplus's": (
        lambda s: s["scheme"] == "zeros" and s["activation"] not in ("sigmoid", "softplus"),
        only_the_bias_moves,
    ),
    "from 0.01 nothing deep trains, with any optimizer": (
        lambda s: (
            s["scheme"] == "N(0, 0.01²)" and s["depth"] >= 10 and s["activation"] != "sigmoid"
        ),
        only_the_bias_moves,
    ),
    "plain steps leave Xavier's and orthogonal thirty ReLU layers at guessing": (
        lambda s: (
            s["scheme"] in ("Xavier", "Xavier uniform", "LeCun", "orthogonal")
            and rectifies(s)
            and (s["depth"], s["update"]) == (30, PLAIN)
        ),
        lambda s, shown: abs(last(shown) - guess(s)).max() < STILL + 0.02,
    ),
    "clipping by norm finds nothing in them": (
        lambda s: (
            s["scheme"] in ("Xavier", "orthogonal")
            and rectifies(s)
            and (s["depth"], s["update"]) == (30, CLIPPED)
        ),
        lambda s, shown: shown["loss"]["clipped"] == 0,
    ),
    "Adam leaves guessing from Xavier's and He's thirty ReLU layers": (
        lambda s: (
            s["scheme"] in ("Xavier", "He", "orthogonal × √2")
            and s["activation"] == "relu"
            and (s["depth"], s["update"], s["learning_rate"]) == (30, ADAM, 0.0501)
            and s["data"] in ("moons", "circles")
        ),
        lambda s, shown: np.nanmin(shown["loss"]["losses"]) < 0.75 * guess(s),
    ),
    "clipping by norm stops every overflow": (
        lambda s: s["update"] == CLIPPED and s["learning_rate"] <= 0.0501,
        lambda s, shown: not np.isfinite(shown["overflow"]["at"]).any(),
    ),
    "plain steps from N(0, 1) lose thirty ReLU layers": (
        lambda s: (
            s["scheme"] == "N(0, 1)"
            and rectifies(s)
            and (s["depth"], s["update"]) == (30, PLAIN)
        ),
        lambda s, shown: np.isfinite(shown["overflow"]["at"]).all(),
    ),
    "three layers train from all weights scaled by the fan": (
        lambda s: (
            s["scheme"] not in ("zeros", "N(0, 0.01²)", "N(0, 1)")
            and s["activation"] in ("relu", "tanh", "selu")
            and s["data"] in ("moons", "digits")
            and (s["depth"], s["update"], s["learning_rate"]) == (3, PLAIN, 0.0501)
        ),
        lambda s, shown: np.median(last(shown)) < 0.7 * guess(s),
    ),
}
OPTIONS = {
    "data": ["XOR", "moons", "circles", "digits"],
    "scheme": list(SCHEMES),
    "activation": ["sigmoid", "tanh", "relu", "leaky_relu", "selu"],
    "depth": [2, 3, 10, 30],
    "update": list(UPDATES),
    "learning_rate": [0.001, 0.0501, 0.1],
}


def refuted(settings, shown):
    """Return the sentences that do not hold of what is shown."""
    return [
        sentence
        for sentence, (where, holds) in SENTENCES.items()
        if where(settings) and not holds(settings, shown)
    ]


def asked():
    """Return the settings that the lesson itself asks for."""
    schemes = "Xavier", "He", "orthogonal", "orthogonal × √2", "N(0, 1)", "N(0, 0.01²)", "zeros"
    opening = {"data": "moons", "activation": "relu", "learning_rate": 0.0501}
    return [
        {**opening, "scheme": scheme, "depth": depth, "update": update}
        for scheme, depth, update in product(schemes, (3, 30), (PLAIN, CLIPPED, ADAM))
    ]


@pytest.fixture(scope="module")
def tried():
    """Return what is shown at all settings that are tried, with the settings."""
    panel = panels.training_panel()
    found = []
    for i, row in enumerate([*asked(), *pairwise(OPTIONS)]):
        settings = {**panel.settings, **row, "seed": 1 + i % 20}
        if settings["data"] == "digits" and settings["depth"] == 30:
            settings["depth"] = 10  # thirty take longest, and the lesson itself measures them
        found.append((settings, panel.compute(**settings)))
    return found


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_of_lesson_6_holds_wherever_its_panel_reaches(tried, sentence):
    where, holds = SENTENCES[sentence]
    meant = [(settings, shown) for settings, shown in tried if where(settings)]
    assert meant, "no setting that is tried has what the sentence asks for"
    for settings, shown in meant:
        assert holds(settings, shown), settings


def test_of_two_units_56_in_100_pairs_are_alive_and_in_one_in_four_none_wakes(rng):
    """The answer to the first question; five standard errors of 4000 networks."""
    X, _ = xor()
    draw = partial(normal, std=1.0)
    networks = stack(MLP([2, 2, 1], relu, draw, rng) for _ in range(4000))
    alive = (networks.forward(X).preactivations[0] > 0).any(axis=-2)
    assert abs(alive.mean() - 3 / 4) < 5 * math.sqrt(3 / 16 / 8000)
    assert abs(alive.all(axis=-1).mean() - 9 / 16) < 5 * math.sqrt(63 / 256 / 4000)


def test_xaviers_weights_have_gradients_thirty_thousand_times_smaller_in_every_layer():
    """The question on Adam; of square layers, so both draws differ by √2 alone.

    Each of thirty layers takes half, before a weight or after it: 2^15 of the root. What goes
    back starts at other answers, so that is to within a factor of two.
    """
    (X, y), sizes, roots = digits(), [64] * 31 + [10], []
    for kind in (he_normal, xavier_normal):
        network = MLP(sizes, relu, kind, np.random.default_rng(3))
        output = network.forward(X[:100]).activations[-1]
        _, slope = softmax_cross_entropy(output, y[:100])
        gradients = network.backward(network.forward(X[:100]), slope).weights
        roots.append([np.sqrt(np.mean(g**2)) for g in gradients])
    ratios = np.divide(*roots)
    assert np.all(abs(np.log2(ratios) - 15) < 1), ratios


if __name__ == "__main__":
    panel = panels.training_panel()
    for scheme, update, depth, seed in product(SCHEMES, UPDATES, (3, 10, 30), range(1, 6)):
        settings = {**panel.settings, "scheme": scheme, "update": update, "depth": depth}
        settings["seed"] = seed
        for sentence in refuted(settings, panel.compute(**settings)):
            print(f"{scheme}, {update}, depth {depth}, seed {seed}: {sentence}")
