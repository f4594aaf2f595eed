"""Checks of assignment 04: Xavier initialization."""

import math
from itertools import pairwise

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import (
    NORMAL,
    UNIFORM,
    expect_bound,
    expect_no_measured_scale,
    expect_rng,
    expect_weights,
)
from helpers.checks.plain import as_entries, as_number
from helpers.checks.verdicts import expect_value
from helpers.initializers import TRUNCATED_STD

MODES = ("fan_in", "fan_out", "fan_avg", "geometric")


@exercise
def check_xavier_uniform(student, rng):
    """Check ``xavier_uniform(shape, rng)``; see `helpers.checks` for how."""
    _expect_large(student, rng, UNIFORM, _uniform_causes)
    # It moves the bound by 6.5 % at least, of which the largest of 720 weights shows 2.8 %.
    few = _few(rng)
    weights = np.stack([student.array(few, few, student.rng) for _ in range(60)])
    expect_bound(weights, math.sqrt(6 / sum(few)), student.call, _few_causes(few))
    _expect_refusals(student)


@exercise
def check_xavier_normal(student, rng):
    """Check ``xavier_normal(shape, rng)``; see `helpers.checks` for how."""
    _expect_large(student, rng, NORMAL, _normal_causes)
    # It takes 12.5 % of the variance at least, of which a thousand draws show 8 %.
    few = _few(rng)
    variance, causes = 2 / sum(few), _few_causes(few)
    expect_weights(student, few, variance, NORMAL, causes, times=1000)
    _expect_refusals(student)


def _expect_large(student, rng, distribution, causes):
    """Expect the right weights of layers that narrow and widen by a factor of about 2.6.

    At that factor no two of the known mistakes have the same variance.
    """
    long = int(rng.integers(7, 12))
    for shape in ((5, 3), (long, 1), (1, long)):
        student.array(shape, shape, student.rng)
    short = int(rng.integers(80, 110))
    tall = int(rng.integers(5 * short // 2, 27 * short // 10)), short
    expect_rng(student, tall, "rng")
    for shape in (tall, tall[::-1]):
        variance, known = 2 / sum(shape), causes(shape)
        weights = expect_weights(student, shape, variance, distribution, known)
        expect_no_measured_scale(weights, student.call)


def _expect_refusals(student):
    student.refuses(ValueError, "a shape needs two entries", (3,), student.rng)
    student.refuses(ValueError, "a shape has no third entry", (3, 4, 5), student.rng)
    student.refuses(ValueError, "a layer needs inputs", (0, 3), student.rng)
    student.refuses(ValueError, "a layer needs outputs", (3, 0), student.rng)


def _causes(shape):
    """Return by which factors mistakes change the variance of either distribution."""
    fan_in, fan_out = shape
    both = fan_in + fan_out
    return {
        "that is LeCun's, which looks at the inputs alone": both / (2 * fan_in),
        "it depends on the outputs alone, which keeps the gradient but not the signal": (
            both / (2 * fan_out)
        ),
        "that is He's, which makes up for a ReLU": both / fan_in,
        "a factor of 2 is missing: the two fans are added up, but their mean is what counts": (
            0.5
        ),
        "the mean of two variances is not the variance of the mean fan": (
            both / 4 * (1 / fan_in + 1 / fan_out)
        ),
    }


def _few(rng):
    """Return a shape that shows what makes a small difference to the fan: 3.5 in the mean."""
    return tuple(rng.permutation([3, 4]).tolist())


def _few_causes(shape):
    both = sum(shape)
    return {
        "the bias is counted as an input; it has no share in the sum of products": (
            both / (both + 1)
        ),
        "a mean fan need not be a whole number": both / (both - 1),
    }


def _uniform_causes(shape):
    both = sum(shape)
    return _causes(shape) | {
        "a standard deviation stands where the bound of a uniform is expected": 1 / 3,
        "that is the heuristic which Glorot and Bengio criticise, and improve on": (
            both / (6 * shape[0])
        ),
        "the root is missing from the bound": 6 / both,
        "the root is that of the 6 alone, and the fans stand under it as well": 1 / both,
        "three deviations are the bound: nearly all of a normal lies within, and of a uniform "
        "all within the root of three": 3.0,
        "that is the width of the whole interval, and the bound is half of it": 4.0,
        "the variance stands where the bound is expected": 2 / (3 * both),
    }


def _normal_causes(shape):
    return _causes(shape) | {
        "the root of 6 over both fans is the bound of a uniform, not a standard deviation": 3.0,
        "a variance stands where a standard deviation is expected": 2 / sum(shape),
        "the root is that of the 2 alone, and the fans stand under it as well": 1 / sum(shape),
        "the weights are cut off at two deviations, and what is lost is not made up for": (
            TRUNCATED_STD**2
        ),
    }


@exercise
def check_layer_variances(student, rng):
    """Check ``layer_variances(layer_sizes, mode)``; see `helpers.checks` for how."""
    one, *wide = _sizes(rng, int(rng.integers(5, 7)))
    narrow = [1, one, 1, wide[0], 1]  # a 1 in each place, and more than once
    for sizes in ([one, *wide], wide[:2], narrow, [2, 6, 4]):
        for mode in MODES:
            expected = "numbers in a list, a variance for each layer"
            layers = len(sizes) - 1
            entries = as_entries(student(sizes, mode), layers, student.call, expected)
            answer = np.array([as_number(entry, student.call) for entry in entries])
            causes = _wrong_variances(sizes, mode)
            expect_value(answer, 1 / _fans(sizes)[mode], student.call, causes)
    for mode in ("fan_sum", "FAN_IN", "in", ""):
        student.refuses(ValueError, "there is no such mode", [3, 4], mode)
    student.refuses(ValueError, "a network has an input and an output", [3], "fan_in")
    student.refuses(ValueError, "a layer needs inputs", [0, 3, 4], "fan_out")
    student.refuses(ValueError, "a layer needs outputs", [4, 3, 0], "fan_in")
    for none in (0, -2):
        why = "a layer has at least one unit"
        student.refuses(ValueError, why, [4, none, 3], "fan_in")


def _sizes(rng, many):
    """Return sizes that differ from one another, by turns even and odd."""
    even, odd = rng.permutation(range(4, 39, 2)), rng.permutation(range(3, 39, 2))
    return np.ravel([even, odd], order="F")[:many].tolist()


def _fans(sizes):
    fan_in, fan_out = np.array(list(pairwise(sizes)), float).T
    average, geometric = (fan_in + fan_out) / 2, np.sqrt(fan_in * fan_out)
    return dict(zip(MODES, (fan_in, fan_out, average, geometric), strict=True))


def _wrong_variances(sizes, mode):
    fan_in, fan_out, average, geometric = _fans(sizes).values()
    fan = _fans(sizes)[mode]
    if mode == "geometric":
        return _common_causes(fan) | {
            "the root is missing: the product of two fans is no fan": 1 / (fan_in * fan_out),
            "that is one over the mean of both fans; this mode asks for the root of their "
            "product": 1 / average,
            "half of the product is no mean": 2 / (fan_in * fan_out),
            "a fan need not be a whole number": 1 / np.floor(geometric),
            "the mode makes no difference to it": 1 / fan_in,
        }
    if mode == "fan_avg":
        return _common_causes(fan) | {
            "the fans are added up, but their mean is asked for": 1 / (fan_in + fan_out),
            "the mean of two variances is not the variance of the mean fan": (
                (1 / fan_in + 1 / fan_out) / 2
            ),
            "the root of a product is another mean": 1 / geometric,
            "a mean fan need not be a whole number": 1 / np.floor(average),
            "the mode makes no difference to it": 1 / fan_in,
        }
    return _common_causes(fan) | {
        "that counts the wrong side of each layer": 1 / (fan_in + fan_out - fan),
        "that is the mean of both fans, whatever the mode": 1 / average,
    }


def _common_causes(fan):
    return {
        "that is the fan, and the variance is one over it": fan,
        "that is a standard deviation": 1 / np.sqrt(fan),
        "nothing here calls for a factor of 2: there is no ReLU": 2 / fan,
        "the bias is counted as an input": 1 / (fan + 1),
        "is the order that of the layers?": 1 / fan[::-1],
    }
