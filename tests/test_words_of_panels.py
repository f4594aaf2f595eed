"""What each panel says at some settings: all that a reader who does not see the picture gets.

A row is a panel, settings that are not its own, a phrase in which ``#`` stands for a number,
and these numbers. They come from a closed form or from plain NumPy, as close as a comment or
the row says.
"""

import math
import re
from functools import cache

import numpy as np
import pytest

from helpers import panels

NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+| × 10\^-?\d+)?)"
approx = pytest.approx


def within(factor, value=1.0):
    """Return what equals all numbers that are off by at most a factor."""
    middle = value * (factor + 1 / factor) / 2
    return approx(middle, rel=0, abs=value * (factor - 1 / factor) / 2)


def numbers_in(words, phrase):
    """Return the numbers that stand in words where a phrase has a ``#``."""
    pattern = NUMBER.join(map(re.escape, phrase.split("#")))
    found = re.search(pattern, words)
    assert found, f"{phrase!r} is not in {words!r}"
    return [float(number.replace(" × 10^", "e")) for number in found.groups()]


@pytest.fixture(scope="module")
def words_of():
    """Return a function of a panel and settings; each panel is made once."""
    made = cache(lambda make: make())

    @cache
    def said(make, settings):
        panel = made(make)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(panel.figure.canvas, "png", bytes)  # its pixels do not matter
            return panel.frame({**panel.settings, **dict(settings)})[1]

    return lambda make, settings: said(make, tuple(settings.items()))


# Independent of the helpers: a mean over a standard normal, and what is computed from it.
Z = np.linspace(-9, 9, 20_001)
DENSITY = np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi) * (Z[1] - Z[0])


def settled(sigma_w, sigma_b, q=1.0, layers=2000):
    """Return the length to which layers of tanh settle."""
    for _ in range(layers):
        q = sigma_w**2 * float(np.tanh(math.sqrt(q) * Z) ** 2 @ DENSITY) + sigma_b**2
    return q


def chi(sigma_w, q):
    """Return the factor of the gradient in a layer of tanh whose length is q."""
    return sigma_w**2 * float((1 - np.tanh(math.sqrt(q) * Z) ** 2) ** 2 @ DENSITY)


def saturated(deviation, edge):
    """Return the percentage of N(0, deviation**2) beyond an edge on either side."""
    return 100 * math.erfc(edge / deviation / math.sqrt(2))


EDGE = math.atanh(0.97)  # from there tanh counts as saturated; a sigmoid from twice as far
XAVIER_FIRST = np.random.default_rng(1).standard_normal((3, 4))


def root_mean_square(std, *shapes, seed=1):
    """Return that of normal weights drawn one matrix after another."""
    rng = np.random.default_rng(seed)
    drawn = [std(*shape) * rng.standard_normal(shape) for shape in shapes]
    return math.sqrt(np.mean(np.concatenate([W.ravel() for W in drawn]) ** 2))


def one(fan_in, fan_out):
    return 1.0


def xavier(fan_in, fan_out):
    return math.sqrt(2 / (fan_in + fan_out))


# Theory of lesson 5 at its own settings: 20 layers of 256 units, for which k is 5.
MIDDLE = (1.41**2 / 2) ** 20 * math.exp(-5 * 20 / 256 / 2)
BAND = [MIDDLE * math.exp(side * 2 * math.sqrt(5 * 20 / 256)) for side in (-1, 1)]

WIDTHS = {f"width_{i}": 256 for i in range(1, 5)}

ROWS = {
    # Lesson 0. The mean square of 2000 products of normals has a relative error of
    # sqrt(8 / 2000) = 6 % at n = 1, and of sqrt(2 / 2000) = 3 % at large n; half for the root.
    panels.sum_panel: [
        (
            {"n": 1},
            "2000 weighted sums of 1 input. Their standard deviation is #;",
            [approx(1, rel=0.1)],
        ),
        ({"n": 1}, "the square root of 1 is 1.0. Settings: inputs n 1.", []),
        (
            {"n": 400},
            "sums of 400 inputs. Their standard deviation is #;",
            [approx(20, rel=0.08)],
        ),
        ({"n": 400}, "the square root of 400 is 20.0.", []),
    ],
    panels.step_panel: [
        # The lesson's step on paper.
        ({}, "sample 1, forward: output: the output is 1, the target 0.", []),
        (
            {"stage": 6, "sample": 2},
            "delta 1 is 0.5, 0.5, −0.5, 0.",
            [],
        ),
        (
            {"stage": 5, "sample": 2},
            "of the gradient of W2 is 0.25, 0.75, 0.25, 0.",
            [],
        ),
    ],
    panels.rate_panel: [
        (
            {"rate": 0.01},
            "the loss falls in one step from 0.625 to #; its tangent predicts a fall of #.",
            [approx(0.4674, abs=5e-4), approx(0.171875, abs=6e-5)],
        ),
        ({"rate": 0.2}, "the loss rises in one step", []),
        ({"rate": 0.1}, "the loss falls in one step", []),
    ],
    panels.line_panel: [
        # x1 - x2 + 0.5 > 0 holds at all points but (0, 1).
        ({}, "answers 1, 1, 0, 1 to four points whose classes are 0, 0, 1, 1: # of them", [1]),
        ({"w1": 1.0, "w2": 1.0, "b": -0.5}, "answers 0, 1, 1, 1 to four", []),
        ({"w1": 1.0, "w2": 1.0, "b": -0.5}, "# of them right", [3]),
        ({"w1": 0.0, "w2": 0.0, "b": 0.0}, "answers 0, 0, 0, 0 to", []),
        ({"w1": 0.3, "w2": -0.1, "b": -0.2}, "answers 0, 0, 0, 1 to", []),
    ],
    panels.network_panel: [
        ({}, "A network with layers of 3, 4 and 1 units has # parameters", [3 * 4 + 4 + 4 + 1]),
        ({}, "weights of shapes (3, 4) and (4, 1), biases of shapes (4,) and (1,).", []),
        ({"second": 2}, "layers of 3, 4, 2 and 1 units has # parameters", [16 + 10 + 3]),
        (
            {"second": 2},
            "shapes (3, 4), (4, 2) and (2, 1), biases of shapes (4,), (2,) and (1,)",
            [],
        ),
        ({"scheme": "zeros"}, "Its 16 weights are all 0; the biases are 0.", []),
        (
            *({"scheme": "standard normal"}, "Its 16 weights go from # to #, with a root mean"),
            [approx(XAVIER_FIRST.min(), rel=5e-3), approx(XAVIER_FIRST.max(), rel=5e-3)],
        ),
        (
            *({"scheme": "standard normal"}, "with a root mean square of #; the biases are 0."),
            [approx(root_mean_square(one, (3, 4), (4, 1)), rel=5e-3)],
        ),
        (
            *(
                {"inputs": 8, "seed": 2},
                "Its 36 weights go from # to #, with a root mean square of #;",
            ),
            [
                *(approx(-1, abs=1), approx(1, abs=1)),
                approx(root_mean_square(xavier, (8, 4), (4, 1), seed=2), rel=5e-3),
            ],
        ),
    ],
    panels.symmetry_panel: [
        (
            {"step": 0},
            "After 0 training steps all 4 hidden units are identical, the first with",
            [],
        ),
        ({"step": 0}, "with weights 0.50 and 0.50.", []),
        ({"units": 16}, "After 1000 training steps all 16 hidden units are identical", []),
        # Zeros never learn: the loss stays ln 2, and an answer of exactly 1/2 counts as 0.
        (
            {"c": 0.0},
            "with weights 0.00 and 0.00. The loss is 0.6931 and 2 of the 4 inputs",
            [],
        ),
        ({"output_weights": "random"}, "the 4 hidden units are of 4 different kinds", []),
        ({"output_weights": "random"}, "and 4 of the 4 inputs are classified correctly.", []),
        (
            {"biases": "random", "step": 0},
            "the 4 hidden units are of 4 different kinds, by biases, the first with weights "
            "0.50 and 0.50.",
            [],
        ),
        ({"data": "two moons"}, "and # of the 16 inputs are classified correctly.", [15]),
        # From zeros, tanh gives *and* the share of ones, and a sigmoid learns it.
        (
            {"data": "and", "c": 0.0, "step": 5000},
            "The loss is # and 3 of the 4 inputs",
            [approx(0.25 * math.log(4) + 0.75 * math.log(4 / 3), abs=1e-4)],
        ),
        (
            {"data": "and", "c": 0.0, "step": 5000, "activation": "sigmoid"},
            "all 4 hidden units are identical, the first with weights # and #. The loss is # "
            "and 4 of the 4 inputs are classified correctly.",
            [approx(-2.51, abs=0.01)] * 2 + [approx(0.0009, abs=1e-4)],
        ),
    ],
    # 512 x 64 correlated sums: their deviation within 10 %, shares within 2 points.
    panels.layer_panel: [
        (
            {},
            "With 100 inputs the pre-activations have standard deviation #, theory 10.",
            [approx(10, rel=0.1)],
        ),
        (
            {},
            "# % of the activations are saturated, theory # %.",
            [approx(saturated(10, EDGE), abs=2)] * 2,
        ),
        (
            *({"activation": "sigmoid"}, "# % of the activations are saturated, theory # %."),
            [approx(saturated(10, 2 * EDGE), abs=2)] * 2,
        ),
        (
            *({"scale": 0.1}, "standard deviation #, theory 1. # % of the activations"),
            [approx(1, rel=0.1), approx(saturated(1, EDGE), abs=0.5)],
        ),
        (
            {"scale": 0.001},
            "deviation #, theory 0.01. 0.0 % of the activations are saturated, theory 0.0 %.",
            [approx(0.01, rel=0.1)],
        ),
        (
            {"activation": "relu"},
            ". # % of the activations are off, at 0, and none is saturated.",
            [approx(50, abs=2)],
        ),
        (
            {"activation": "relu"},
            "The activations have mean square #, and",
            [approx(50, rel=0.2)],
        ),
        ({}, "have mean square #, and", [approx(np.tanh(10 * Z) ** 2 @ DENSITY, abs=0.02)]),
        ({}, "the mean correlation between two units is #.", [approx(0, abs=0.02)]),
        # U(0, 1) has mean square 1/3 and mean 1/2: correlation (1/4) / (1/3) of any two units.
        (
            *({"distribution": "uniform from 0"}, "deviation #, theory #. "),
            [approx(math.sqrt(100 / 3), rel=0.15), approx(math.sqrt(100 / 3), rel=5e-3)],
        ),
        (
            {"distribution": "uniform from 0", "fan_in": 1000.0},
            "two units is #.",
            [approx(0.75, abs=0.05)],
        ),
    ],
    # tanh is linear to small signals: scale**2 * width for each layer, whatever the network.
    panels.scale_panel: [
        ({"depth": 1}, "Over 1 layer the mean square of the activations goes from", []),
        (
            {"depth": 50},
            "# to #: the signal vanishes, × # a layer.",
            [within(1.1), within(3, 0.0256**50), approx(0.0256, rel=0.03)],
        ),
        (
            {},
            "Over 20 layers the mean square of the activations goes from # to #: the signal "
            "vanishes, × # a layer.",
            [approx(1, abs=0.1), within(2, 0.0256**20), approx(0.0256, rel=0.03)],
        ),
        (
            {},
            "In ten networks it ends between # and #, in wide layers at #.",
            [within(3, 0.0256**20)] * 2 + [approx(0.0256**20, rel=0.05)],
        ),
        (
            {},
            "the mean square of the gradient goes from # to #: the gradient vanishes, × # a "
            "layer.",
            [approx(1, abs=0.1), within(3, 0.0256**19), approx(0.0256, rel=0.03)],
        ),
        ({}, "In the last layer 0.0 % of the units are saturated.", []),
        (
            {"scale": 0.0891, "activation": "relu"},
            "the signal stays within a factor of 1000, × # a layer.",
            [approx(256 * 0.0891**2 / 2, rel=0.1)],
        ),
        (
            {"scale": 0.0891, "activation": "relu"},
            "the gradient stays within a factor of 1000, × # a layer.",
            [approx(256 * 0.0891**2 / 2, rel=0.1)],
        ),
        (
            {"scale": 0.3, "width": 16, "depth": 50},
            "the gradient differs by 10^# between networks.",
            [approx(3.5, abs=0.5)],
        ),
        ({"depth": 1}, "the gradient has one layer only.", []),
        # Rectifiers pass on half: scale**2 * width / 2 = 128 for each layer.
        (
            {"scale": 1.0, "activation": "relu"},
            "to #: the signal explodes, × # a layer.",
            [within(4, 128.0**20), approx(128, rel=0.05)],
        ),
        (
            {"scale": 1.0, "activation": "relu"},
            "to #: the gradient explodes, × # a layer.",
            [within(4, 0.5 * 128.0**19), approx(128, rel=0.05)],
        ),
        (
            {"scale": 1.0},
            "the signal stays within a factor of 1000, × # a layer.",
            [approx(1, abs=0.01)],
        ),
        (
            {"scale": 1.0},
            "# % of the units are saturated.",
            [approx(saturated(16 * math.sqrt(0.95), EDGE), abs=3)],
        ),
        ({"depth": 3, "scale": 0.001}, "in wide layers at #.", [approx(256e-6**3, rel=0.01)]),
    ],
    panels.ridges_panel: [
        ({"depth": 1}, "of the activations of 1 layer. In layer 1 they are spread out,", []),
        (
            *(
                {},
                "In layer 1 they are spread out, with mean square #; in layer 20 they lie in",
            ),
            [approx(0.0244, rel=0.1)],
        ),
        (
            *({}, "in layer 20 they lie in one peak, with mean square #. Histograms of the"),
            [within(3, 0.0256**20)],
        ),
        (
            {},
            "Histograms of the gradients of 4 layers. In layer 1 they lie in one peak, with "
            "mean square #; in layer 20 they are spread out, with mean square #.",
            [within(3, 0.0256**19), approx(1, abs=0.1)],
        ),
        (
            {"scale": 1.0},
            "In layer 1 they lie in two peaks at the ends, with mean square #; in layer 20 "
            "they lie in two peaks at the ends",
            [approx(np.tanh(16 * Z) ** 2 @ DENSITY, abs=0.02)],
        ),
        (
            {"scale": 1.0},
            "the gradients of 4 layers. In layer 1 they are spread out, with mean square #; in "
            "layer 20 they lie in one peak",
            [within(1000, chi(1.0 * 16, 256 * 0.95) ** 19 * 0.04)],
        ),
        (
            {"scale": 0.1, "activation": "relu", "depth": 2},
            "in layer 2 they are spread out, with mean square #. Histograms",
            [approx(1.28**2, rel=0.4)],
        ),
    ],
    # Both means of 1000 have a standard error of 0.03; a share one of 0.012.
    panels.vote_panel: [
        ({}, "A vote of 1 network of A and as many of B, whose variance is 1.1 times", []),
        (
            {},
            "log10 of the signal is # for A and # for B, theory # and #, each with deviation",
            [
                *(approx(-0.83, abs=0.15), approx(-0.83 + 30 * math.log10(1.1), abs=0.15)),
                *(approx(-0.83, abs=0.01), approx(-0.83 + 30 * math.log10(1.1), abs=0.01)),
            ],
        ),
        (
            {"networks": 25},
            "each with deviation #, theory #. B ends below A in 0.0 % of 1000 votes, theory",
            [approx(0.87 / 5, rel=0.12), approx(0.87 / 5, abs=0.006)],
        ),
        (
            {},
            "B ends below A in # % of 1000 votes, theory # %.",
            [approx(15.6, abs=6), approx(15.6, abs=0.5)],
        ),
        (
            {"larger": 1.02, "networks": 100},
            "times that of A. The mean",
            [],
        ),
        (
            {"larger": 1.02, "networks": 100},
            "of 1000 votes, theory # %.",
            [approx(1.8, abs=0.1)],
        ),
        ({"larger": 1.3}, "of 1000 votes, theory # %.", [approx(0.3, abs=0.1)]),
    ],
    # Linear layers: the product of fan_in over fan, and of fan_out over fan on the way back.
    # 64 samples in layers of 128 units and more: within 30 %.
    panels.fans_panel: [
        ({}, "Layers of 512, 1024, 512, 256, 512 and 128 units.", []),
        (
            *(
                {**WIDTHS, "activation": "identity"},
                "of the signal goes from # to # with fan_in, # to # with fan_out, # to # "
                "with fan_avg, # to # with geometric.",
            ),
            [within(1.3, x) for x in (1, 1, 2, 4, 4 / 3, 16 / 9, 2**0.5, 2)],
        ),
        (
            *(
                {**WIDTHS, "activation": "identity"},
                "that of the gradient goes from # to # with fan_in, # to # with fan_out, # "
                "to # with fan_avg, # to # with geometric.",
            ),
            [within(1.3, x) for x in (1, 0.5, 1, 1, 1, 2 / 3, 1, 0.5**0.5)],
        ),
        (
            *({"activation": "relu"}, "of the signal goes from # to # with fan_in"),
            [within(1.3, 2), within(1.6, 2)],
        ),
    ],
    panels.depth_panel: [
        (
            {"depth": 1},
            "Over 1 layer the second moment of the activations goes from # to",
            [approx(1, abs=0.05)],
        ),
        (
            {"gain": 1.0},
            "Over 20 layers the second moment of the activations goes from # to #. Theory "
            "multiplies it by 0.5 a layer, to #;",
            [approx(1, abs=0.05), within(4, 0.5**20), approx(0.5**20, rel=5e-3)],
        ),
        (
            {"leak": 0.5, "gain": 2.0},
            "Theory multiplies it by 2.5 a layer, to #;",
            [approx(2.5**20, rel=5e-3)],
        ),
        (
            {"gain": 1.0},
            "that of the gradient goes from 1 to #; theory: #.",
            [within(4, 0.5**19), approx(0.5**19, rel=5e-3)],
        ),
        (
            {"gain": 1.41},
            "the measurement ends inside the band for networks of this width, # to #.",
            [approx(x, rel=5e-3) for x in BAND],
        ),
        (
            {"gain": 1.41, "width": 64, "depth": 50, "seed": 4},
            "to #. Theory multiplies it by 0.994 a layer, to 0.742; the measurement ends "
            "outside the band for networks of this width, # to #.",
            [approx(9.76, rel=0.05), approx(2e-3, rel=0.02), approx(5.48, rel=0.02)],
        ),
    ],
    panels.units_panel: [
        (
            {},
            "At layers 1, 10 and 50, # %, # % and # % of the units are inactive on a sample",
            [approx(50, abs=2), approx(50, abs=12), approx(50, abs=12)],
        ),
        (
            {"bias": -1.0},
            "At layers 1, 10 and 50, # %, 100 % and 100 % of the units are inactive",
            [approx(100 * 0.5 * math.erfc(-1 / 2), abs=3)],
        ),
        (
            {"bias": -1.0},
            "and # %, 100 % and 100 % are dead on the whole batch. From layer # on fewer "
            "than two samples have a signal left.",
            [approx(0, abs=1), approx(5, abs=4)],
        ),
        (
            {"leak": 1.0},
            "At layers 1, 10 and 50, 0 %, 0 % and 0 % of the units are inactive on a sample, "
            "and 0 %, 0 % and 0 % are dead on the whole batch.",
            [],
        ),
        (
            {"leak": 1.0},
            "The mean cosine between samples goes from # to #.",
            [approx(0, abs=0.02), approx(0, abs=0.05)],
        ),
        # Of two uncorrelated samples rectified, the cosine is 1 / pi.
        (
            {},
            "The mean cosine between samples goes from # to 0.99.",
            [approx(1 / math.pi, abs=0.02)],
        ),
    ],
    panels.training_panel: [
        (
            {},
            "After 300 of 300 steps the median loss is # (# to #; guessing has 0.693).",
            [approx(0.05, abs=0.05), approx(0.05, abs=0.05), approx(0.1, abs=0.1)],
        ),
        (
            {},
            "None of the 3 networks overflowed. The first network classifies 60 of 60 samples",
            [],
        ),
        (
            {"scheme": "zeros"},
            "the median loss is 0.69 (0.69 to 0.69; guessing has 0.693). None",
            [],
        ),
        (
            {"scheme": "zeros"},
            "classifies 30 of 60 samples correctly. In its first and last layer the second "
            "moment of the signal is 0 and #, that of the gradient 0 and #; at step 0",
            [approx(0, abs=1e-20), approx((1 / 60 / 2) ** 2, rel=5e-3)],
        ),
        (
            {"scheme": "N(0, 1)", "depth": 30},
            "After 2 of 300 steps no network is left. 3 of 3 networks overflowed, the first "
            "at step 2, in layer # on the way forward. The first network classifies 0 of 60 "
            "samples correctly.",
            [approx(16, abs=15)],
        ),
        (
            {"scheme": "N(0, 1)", "depth": 30, "update": "clipped by norm, 1"},
            "and 100 % of the updates were clipped. None of the 3 networks overflowed.",
            [],
        ),
        (
            {"data": "digits", "scheme": "zeros"},
            "After 200 of 200 steps the median loss is 2.3 (2.3 to 2.3; guessing has 2.303).",
            [],
        ),
        (
            {"data": "XOR", "scheme": "zeros"},
            "The first network classifies # of # samples correctly.",
            [2, 4],
        ),
        (
            {"data": "XOR", "scheme": "zeros", "size": "full"},
            "After 1000 of 1000 steps the median loss is 0.69 (0.69 to 0.69; guessing has "
            "0.693). None of the 5 networks",
            [],
        ),
    ],
    panels.length_panel: [
        (
            {},
            "From 3, the lengths settle at #. After 20 layers the map gives #, the network #.",
            [approx(settled(2, 0), rel=5e-3)] * 2 + [approx(settled(2, 0), rel=0.2)],
        ),
        (
            {},
            "In the long run χ₁ is #, chaotic: the gradient grows.",
            [approx(chi(2, settled(2, 0)), rel=5e-3)],
        ),
        (
            {"start": 0.1},
            "From 0.1, the lengths settle at #.",
            [approx(settled(2, 0), rel=5e-3)],
        ),
        (
            {"sigma_w": 1.55, "sigma_b": 0.5},
            "the lengths settle at #. After",
            [approx(settled(1.55, 0.5), rel=5e-3)],
        ),
        (
            {"sigma_w": 0.5},
            "From 3, the lengths fall to 0. After 20 layers the map gives #,",
            [within(1.05, settled(0.5, 0, 3.0, 20))],
        ),
        (
            {"sigma_w": 0.5},
            "χ₁ is 0.25, ordered: the gradient shrinks. In the network the mean square of "
            "the gradient is # times as large in layer 1 as in layer 20; wide layers would "
            "give #.",
            [within(3, 0.25**19 * 0.7), within(1.5, 0.25**19 * 0.7)],
        ),
        ({"sigma_w": 1.0}, "χ₁ is 1, critical: between the two.", []),
        (
            {"sigma_w": 1.0},
            "factor is another: # in the first, # in the last.",
            [approx(chi(1, settled(1, 0, 3.0, n)), rel=5e-3) for n in (1, 19)],
        ),
        (
            {"activation": "relu"},
            "From 3, the lengths grow without bound. After 20 layers the map gives #,",
            [approx(3 * 2.0**20, rel=5e-3)],
        ),
        (
            {"activation": "relu"},
            "χ₁ is 2, gradient and length grow. In the network the mean square of the "
            "gradient is # times as large in layer 1 as in layer 20; wide layers would give "
            "#.",
            [within(3, 2.0**19), approx(2**19, rel=5e-3)],
        ),
        (
            {"activation": "relu", "sigma_w": 1.0, "sigma_b": 0.5},
            "settle at #. After",
            [approx(0.25 / (1 - 0.5), rel=5e-3)],
        ),
    ],
    panels.correlation_panel: [
        (
            {},
            "correlation 0.50 become alike. In layer 50 1 − c is # by the map, # in a network, "
            "and from # to # in ten.",
            [within(1.5, 0.7**50 * 0.45), within(30, 0.7**50 * 0.45)]
            + [within(30, 0.7**50 * 0.45)] * 2,
        ),
        (
            {},
            "The slope of the map at c = 1 is #; the depth scale is # layers.",
            [
                approx(chi(1, settled(1, 0.3)), rel=5e-3),
                approx(-1 / math.log(chi(1, settled(1, 0.3))), rel=5e-3),
            ],
        ),
        (
            {"sigma_w": 2.5, "correlation": 0.99},
            "keep a difference. In layer 50 1 − c is #",
            [approx(0.88, abs=0.01)],
        ),
        (
            {"sigma_w": 1.55, "sigma_b": 0.5},
            "c = 1 is #; on the critical line: 1 − c falls like 1/l.",
            [approx(1, abs=2e-3)],
        ),
        (
            {"activation": "relu", "sigma_b": 0.0},
            "become alike. In layer 50 1 − c is # by the map",
            [approx(0.0113, rel=5e-3)],  # from 0.5, by the kernel of Cho and Saul
        ),
        ({"activation": "relu", "sigma_b": 0.0}, "no depth scale: 1 − c falls like 1/l².", []),
        (
            {"activation": "relu", "sigma_w": 1.0},
            "the depth scale is # layers.",
            [approx(1 / math.log(2), rel=5e-3)],
        ),
        (
            {"sigma_w": 0.8, "sigma_b": 0.0},
            "0.50 stay as they are. In layer 50 1 − c is # by the map",
            [0.5],
        ),
    ],
    panels.spectrum_panel: [
        (
            {},
            "Jacobian of 20 layers: with Gaussian weights they go from # to practically 0, and "
            "# % are at least a tenth of the largest; with orthogonal weights they go from # "
            "to #, and # % are",
            # The largest is 7.5 in wide layers; a network of 64 units is off by up to a third.
            [approx(6, abs=2.5), approx(14, abs=4), 1, 1, 100],
        ),
        (
            {"depth": 50, "kind": "tanh, gain 1, short"},
            "with orthogonal weights they go from # to #, and # % are",
            [approx(0.74, abs=0.1), approx(0.27, abs=0.15), 100],
        ),
        (
            {"depth": 1, "kind": "relu, gain √2"},
            "orthogonal weights they go from # to practically 0, and # % are",
            [approx(math.sqrt(2), rel=5e-3), approx(50, abs=31)],
        ),
    ],
    # Rectifiers: 1/6, 1/2 and 1 times the gradient in each of 19 layers.
    panels.defaults_panel: [
        (
            {},
            "Over 20 layers with relu: with PyTorch's Linear the signal goes from # to #, "
            "the gradient at layer 1 is # of that",
            [approx(1, abs=0.1), approx(0.002, abs=0.001), within(5, 6.0**-19)],
        ),
        (
            {},
            "; Keras's Dense the signal goes from # to #, the gradient at layer 1 is # of "
            "that at the last",
            [approx(1, abs=0.1), within(4, 2.0**-20), within(4, 2.0**-19)],
        ),
        (
            {},
            "; He's uniform the signal goes from # to #, the gradient at layer 1 is # of "
            "that at the last, and the cosine between samples ends at #.",
            [approx(1, abs=0.1), within(4), within(4), approx(0.95, abs=0.04)],
        ),
        (
            {"depth": 2, "activation": "tanh"},
            "Over 2 layers with tanh: with PyTorch's Linear",
            [],
        ),
        ({"depth": 30}, "He's uniform the signal goes from # to #,", [within(1.1), within(5)]),
    ],
    # Branches of 64 units: a log strays by √(2.75 L / 64) where they double, 5 of it at most.
    panels.stream_panel: [
        (
            {},
            "24 branches, plain. The mean square of the signal goes from # to #; wide layers "
            "would end at #. The gradient is # times as large",
            [1, within(60, 2.0**24), approx(2.0**24, rel=5e-3), within(60, 2.0**24)],
        ),
        (
            {"start": "pre-norm", "depth": 50},
            "signal goes from # to #; wide layers would end at #. The gradient is # times as "
            "large at the first place as at the last; wide layers would give #.",
            [1, approx(51, rel=0.4), 51, approx(51, rel=0.4), 51],
        ),
        (
            {"start": "last layer 0", "depth": 7},
            "goes from # to #; wide layers would end at #. The gradient is # times as large at "
            "the first place as at the last; wide layers would give #. Of the end, # % is what",
            [1, 1, 1, 1, 1, 100],
        ),
    ],
    # Exponents of theory, with eight networks of 32 units at 4, 16 and 64 branches.
    panels.first_step_panel: [
        (
            {},
            "like L^# with 1/√L in the weights, L^# with last layer 0, L^# with post-norm, "
            "L^# with 1/√L in front, L^# with Fixup, L^# with DeepNorm.",
            [approx(1, abs=0.35)] * 3
            + [approx(0.1, abs=0.35), approx(0, abs=0.1)]
            + [approx(0, abs=0.1)],
        ),
        (
            {"rule": "sign"},
            "like L^# with 1/√L in the weights, L^# with last layer 0, L^# with post-norm, "
            "L^# with 1/√L in front, L^# with Fixup, L^# with DeepNorm.",
            [approx(1, abs=0.3)] * 3 + [approx(0.5, abs=0.2)] * 3,
        ),
    ],
    # ln 64 − ½ and a little more, as normal scores have it; ln 2000 + 256 s²/2.
    panels.attention_panel: [
        (
            {"scale": "1/√d_k"},
            "the largest of 64 shares is #; the mean entropy is #, that of # equal shares.",
            [approx(0.13, abs=0.1), approx(3.7, abs=0.05), approx(40, abs=3)],
        ),
        (
            {"d_k": 256},
            "the largest of 64 shares is #; the mean entropy is #,",
            [approx(0.9, abs=0.15), approx(0.3, abs=0.1)],
        ),
        (
            {"share": 1.0},
            "The first loss is # at # (tied #), # at # (tied #),",
            [
                approx(math.log(2000) + 0.0512, abs=0.12),
                0.02,
                approx(math.log(2000 * math.exp(0.0512) + math.exp(5.12)), abs=0.12),
                approx(math.log(2000) + 0.5, abs=0.4),
                0.0625,
                approx(16, abs=0.6),
            ],
        ),
    ],
}


def rows():
    for make, table in ROWS.items():
        for settings, phrase, numbers in table:
            shown = " ".join(f"{key}={value}" for key, value in settings.items())
            yield pytest.param(make, settings, phrase, numbers, id=f"{make.__name__}: {shown}")


def test_each_panel_has_rows():
    assert set(ROWS) == set(panels.PANELS)


@pytest.mark.parametrize(("make", "settings", "phrase", "numbers"), list(rows()))
def test_a_panel_says_what_it_shows(words_of, make, settings, phrase, numbers):
    assert numbers_in(words_of(make, settings), phrase) == numbers
