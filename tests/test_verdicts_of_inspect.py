"""The limits at which `inspect` changes its verdict, from both sides.

Weights of one size and random signs have exactly the variance that a row names; what they made
is made up, so that shares are exact too.
"""

import math

import numpy as np
import pytest

from helpers.activations import ACTIVATIONS, Activation, identity, rectifier, relu, tanh
from helpers.inspection import Report
from helpers.inspection.layers import Layer, Row, row

UNITS = 100
SELU = ACTIVATIONS["selu"]
SINH = Activation("sinh", np.sinh, np.cosh)


def record(scale, activation, before, *, shape=(UNITS, UNITS), off=0, moment=1.0, **options):
    """Return a layer of weights of ``scale / fan_in``, of which some units are off.

    Off means -10 on all samples, which is also where tanh is saturated; the others are at 0.5
    and -0.5 in turn.
    """
    signs = np.random.default_rng(0).choice([-1.0, 1.0], shape)
    z = np.full((4, shape[1]), 0.5)
    z[::2] = -0.5
    z[:, :off] = -10.0
    measured = np.full((4, shape[1]), math.sqrt(moment))
    weights = signs * math.sqrt(scale / shape[0])
    return Layer("dense", weights, *shape, measured, before, activation, z, **options)


def judged(scale, activation, before, *, is_last=False, **options):
    return row(record(scale, activation, before, **options), is_last=is_last)


WIDENS = {"shape": (50, 200)}  # fan_out is 4 times fan_in, fan_avg 2.5 times
NORMALIZED = {"normalized": True}
LAST = {"is_last": True, "shape": (UNITS, 10)}
DEAD = "76 % of its units are dead; look at biases and inputs"
SATURATED = "51 % of its outputs are saturated; look at biases and inputs"
CANCELS = "; a normalization follows, so the scale cancels"

# Scale, activation, the one before, options; whether it fits, the verdict, what suits.
ROWS = [
    # A factor of sqrt(2) either way of what He, Xavier and LeCun give.
    (2.0, relu, relu, {}, True, "fits relu: 2 / fan_in", ""),
    (1.42, relu, relu, {}, True, "fits relu: 1.4 / fan_in", ""),
    (1.40, relu, relu, {}, False, "too small for relu: 1.4 / fan_in, for 2", "he_normal"),
    (2.82, relu, relu, {}, True, "fits relu: 2.8 / fan_in", ""),
    (2.84, relu, relu, {}, False, "too large for relu: 2.8 / fan_in, for 2", "he_normal"),
    (0.72, tanh, tanh, {}, True, "fits tanh: 0.72 / fan_in", ""),
    (
        0.70,
        tanh,
        tanh,
        {},
        False,
        "too small for tanh: 0.7 / fan_in, for 1 to 2.5",
        "xavier_normal",
    ),
    (3.57, tanh, tanh, {}, True, "fits tanh: 3.6 / fan_in", ""),
    (
        3.60,
        tanh,
        tanh,
        {},
        False,
        "too large for tanh: 3.6 / fan_in, for 1 to 2.5",
        "xavier_normal",
    ),
    (1.40, SELU, SELU, {}, True, "fits selu: 1.4 / fan_in", ""),
    (1.43, SELU, SELU, {}, False, "too large for selu: 1.4 / fan_in, for 1", "lecun_normal"),
    (
        0.70,
        identity,
        identity,
        {},
        False,
        "too small for identity: 0.7 / fan_in, for 1",
        "lecun_normal",
    ),
    (
        0.70,
        None,
        None,
        {},
        False,
        "too small for a linear layer: 0.7 / fan_in, for 1",
        "lecun_normal",
    ),
    (
        0.70,
        None,
        relu,
        {},
        False,
        "too small for relu: 0.7 / fan_in, for 1 to 2",
        "lecun_normal",
    ),
    (
        *(1.0, rectifier(0.5), rectifier(0.5), {}, False),
        *("too small for rectifier(0.5): 1 / fan_in, for 1.6", "he_normal(leak=0.5)"),
    ),
    (
        4.5,
        ACTIVATIONS["gelu"],
        ACTIVATIONS["gelu"],
        {},
        False,
        "too large for gelu: 4.5 / fan_in, for 2.4",
        "variance_scaling(scale=2.35)",
    ),
    # Odd, with a gain of 1 / sqrt(E[sinh**2]) = 0.56, below 1.
    (1.40, SINH, SINH, {}, True, "fits sinh: 1.4 / fan_in", ""),
    (1.43, SINH, SINH, {}, False, "too large for sinh: 1.4 / fan_in, for 1", "xavier_normal"),
    # Nothing was halved before the first layer.
    (0.72, relu, None, {}, True, "fits where no relu comes before: 0.72 / fan_in", ""),
    (0.70, relu, None, {}, False, "too small for relu: 0.7 / fan_in, for 1 to 2", "he_normal"),
    (1.40, relu, None, {}, True, "fits where no relu comes before: 1.4 / fan_in", ""),
    (1.42, relu, None, {}, True, "fits relu: 1.4 / fan_in", ""),
    # By another fan it must be close: within 15 %.
    (0.5, relu, relu, WIDENS, True, "fits relu: 2 / fan_out", ""),
    (1.75 / 4, relu, relu, WIDENS, True, "fits relu: 1.8 / fan_out", ""),
    (
        1.72 / 4,
        relu,
        relu,
        WIDENS,
        False,
        "too small for relu: 0.43 / fan_in, for 2",
        "he_normal",
    ),
    (2.29 / 4, relu, relu, WIDENS, True, "fits relu: 2.3 / fan_out", ""),
    (
        2.31 / 4,
        relu,
        relu,
        WIDENS,
        False,
        "too small for relu: 0.58 / fan_in, for 2",
        "he_normal",
    ),
    (2 / 2.5, relu, relu, WIDENS, True, "fits relu: 2 / fan_avg", ""),
    # Of the last layer, whose factor counts once.
    (2.82, None, None, LAST, True, "fits a linear layer: 2.8 / fan_in", ""),
    (
        2.84,
        None,
        None,
        LAST,
        False,
        "too large for a linear layer: 2.8 / fan_in, for 1 to 2",
        "lecun_normal",
    ),
    (
        0.1,
        None,
        relu,
        LAST,
        True,
        "0.1 / fan_in: a small last layer, whose factor counts only once",
        "",
    ),
    (
        0.0,
        None,
        relu,
        LAST,
        True,
        "zero, as the last layer may be; no gradient passes it at the first step",
        "",
    ),
    (0.0, relu, relu, {}, False, "all weights are zero: only biases can learn", "he_normal"),
    # Beside a shortcut.
    (
        0.1,
        relu,
        relu,
        {"branch": True},
        True,
        "0.1 / fan_in: a weak branch beside a shortcut, which is no harm",
        "",
    ),
    (
        0.0,
        relu,
        relu,
        {"branch": True},
        True,
        "zero, in a branch: the block starts as its shortcut",
        "",
    ),
    # Before a normalization.
    (0.1, relu, relu, NORMALIZED, True, f"0.1 / fan_in{CANCELS}", ""),
    (0.1, relu, relu, {**NORMALIZED, "moment": 1.1e-3}, True, f"0.1 / fan_in{CANCELS}", ""),
    (
        0.1,
        relu,
        relu,
        {**NORMALIZED, "moment": 0.9e-3},
        False,
        "too small for relu: 0.1 / fan_in, for 2",
        "he_normal",
    ),
    # Units that are off: more than three in four are blamed on biases, or on large weights.
    (2.0, relu, relu, {"off": 75}, True, "fits relu: 2 / fan_in", ""),
    (2.0, relu, relu, {"off": 76}, False, DEAD, ""),
    (0.1, relu, relu, {"off": 76}, False, DEAD, ""),
    (9.0, relu, relu, {"off": 76}, False, "too large for relu: 9 / fan_in, for 2", "he_normal"),
    (9.0, relu, relu, {"off": 76, **NORMALIZED}, False, DEAD, ""),
    # Saturated: more than half.
    (1.0, tanh, tanh, {"off": 50}, True, "fits tanh: 1 / fan_in", ""),
    (1.0, tanh, tanh, {"off": 51}, False, SATURATED, ""),
    (
        9.0,
        tanh,
        tanh,
        {"off": 51},
        False,
        "too large for tanh: 9 / fan_in, for 1 to 2.5; 51 % saturated",
        "xavier_normal",
    ),
    (
        9.0,
        tanh,
        tanh,
        {"off": 6},
        False,
        "too large for tanh: 9 / fan_in, for 1 to 2.5; 6 % saturated",
        "xavier_normal",
    ),
    (
        9.0,
        tanh,
        tanh,
        {"off": 5},
        False,
        "too large for tanh: 9 / fan_in, for 1 to 2.5",
        "xavier_normal",
    ),
    # Signals that are not finite.
    (
        2.0,
        relu,
        relu,
        {"moment": np.inf},
        False,
        "its signal is not finite; look at its input and what made it",
        "",
    ),
    (9.0, relu, relu, {"moment": np.inf}, False, "its signal is no longer finite", "he_normal"),
    (
        1.0,
        ACTIVATIONS["sigmoid"],
        tanh,
        {},
        False,
        "sigmoid lets too little of the gradient through, whatever the weights",
        "",
    ),
]


@pytest.mark.parametrize(
    ("scale", "activation", "before", "options", "fits", "verdict", "suits"), ROWS
)
def test_a_verdict(scale, activation, before, options, fits, verdict, suits):
    found = judged(scale, activation, before, **options)
    assert (found.fits, found.verdict, found.suits) == (fits, verdict, suits)


def test_equal_units_are_told_and_a_single_one_is_not():
    layer = record(2.0, relu, relu)
    layer.weights = np.abs(layer.weights)
    said = "all units have the same weights, and stay alike"
    assert row(layer, is_last=False)[-3:] == (False, said, "he_normal")


def test_an_activation_that_hardly_has_a_slope_has_no_weights_that_suit():
    """E[slope**2] / E[h**2] is 0.4 below the limit of one half, and 0.6 above it."""

    def leaning(share):  # a constant beside a line: E[h**2] = 1, E[slope**2] = share
        a, b = math.sqrt(share), math.sqrt(1 - share)
        return Activation("leaning", lambda z: a * z + b, lambda z: np.full_like(z, a))

    few, enough = (judged(1.0, leaning(share), leaning(share)) for share in (0.45, 0.55))
    assert (
        few.verdict == "leaning lets too little of the gradient through, whatever the weights"
    )
    assert enough.verdict == "fits leaning: 1 / fan_in"


ONE = Row("first", 300, 4.5, "relu", 0.25, 0.125, 1e-9, 0.5, 0.25, 0.75, True, "fits", "")
TWO = Row("b", 64, 10, "", 2.0, 3.0, 4.0, 0.0, 0.1, 0.2, False, "too small", "he_normal")


def test_the_report_is_a_table_and_sentences():
    assert str(Report([ONE, TWO], ["embedding", "cell"])) == (
        "layer  fans       activation  E[z²]  E[h²]         E[δ²]  sat.   off  dead\n"
        "first  300 → 4.5  relu         0.25  0.125  1.00 × 10^-9  50 %  25 %  75 %\n"
        "b      64 → 10    –               2      3             4   0 %  10 %  20 %\n"
        "\n"
        "first: fits.\n"
        "b: too small. Take he_normal.\n"
        "Not looked into: embedding, cell."
    )


@pytest.mark.parametrize(("rows", "fits"), [([ONE], True), ([ONE, TWO], False), ([], True)])
def test_it_fits_if_all_rows_do(rows, fits):
    assert Report(rows).fits == fits
