"""Checks of assignment 01: the parameters that a network starts with, and their number."""

import math
from itertools import pairwise

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import (
    NORMAL,
    expect_distribution,
    expect_independent,
    expect_no_measured_mean,
    expect_no_measured_scale,
    expect_rng,
    expect_variance,
)
from helpers.checks.plain import as_array, as_entries, describe
from helpers.checks.verdicts import close, expect, expect_value
from helpers.initializers import TRUNCATED_STD


@exercise
def check_initialize_parameters(student, rng):
    """Check ``initialize_parameters(layer_sizes, rng)``; see `helpers.checks` for how."""
    _weights(student, [3, 4, 1])
    _weights(student, _narrow(rng))
    # A layer that narrows two and a half times, and one that widens twice: no two of the
    # known mistakes have the same variance in the first.
    short, tall = int(rng.integers(60, 65)), int(rng.integers(150, 165))
    sizes = [tall, short, 2 * short]
    expect_rng(student, sizes, "rng")
    for layer in zip(*(_weights(student, sizes) for _ in range(3)), strict=True):
        weights = np.stack(layer)
        _expect_drawn(weights, sizes[0], student.call)
        expect_no_measured_mean(weights, student.call)
        expect_no_measured_scale(weights, student.call)
    # A bias counted as an input takes a third of the variance here.
    (wide,) = _weights(student, [2, int(rng.integers(5000, 6000))])
    _expect_drawn(wide[None], 2, student.call)
    _expect_unlike(student, rng)
    _expect_refusals(student, student.rng)


def _weights(student, sizes):
    """Return the weights of each layer, with biases that are 0."""
    answer = student(sizes, student.rng)
    what = student.call
    shapes = list(pairwise(sizes))
    pairs = as_entries(answer, len(shapes), what, "pairs, one for each layer")
    weights = []
    for i, (pair, shape) in enumerate(zip(pairs, shapes, strict=True)):
        entries = as_entries(pair, 2, f"{what}: as entry {i} it", "arrays, W and b")
        W, b = (f"{what}: for {name} in entry {i} it" for name in ("W", "b"))
        weights.append(as_array(entries[0], shape, W))
        biases = as_array(entries[1], shape[1:], b)
        expect(not biases.any(), f"{b} returned biases other than 0.")
    return weights


def _narrow(rng):
    """Return sizes with a 1 in each place, and some of them more than once."""
    few, more = rng.choice(np.arange(12, 30), 2, replace=False).tolist()
    return [1, few, 1, more, 1]


def _expect_drawn(weights, first, what):
    """Expect draws (times, fan_in, fan_out) of a layer to be distributed as they should."""
    fan_in, fan_out = weights.shape[1:]
    what = f"{what}, layers of shape {fan_in, fan_out}"
    expect_independent(weights, what)
    expect_variance(weights, 1 / fan_in, NORMAL, what, _causes(fan_in, fan_out, first))
    expect_distribution(weights, NORMAL, what)


def _expect_unlike(student, rng):
    """Expect layers of the same shape to have weights of their own."""
    units = int(rng.integers(20, 30))
    first, *others = _weights(student, [units] * 4)
    expect(
        not any(close(weights, first) for weights in others),
        f"{student.call}: layers of the same shape have the same weights. Draw for each layer.",
    )


def _expect_refusals(student, *rng):
    student.refuses(ValueError, "a network has an input and an output", [3], *rng)
    student.refuses(ValueError, "a network needs an input", [0, 4], *rng)
    student.refuses(ValueError, "a network needs an output", [4, 3, 0], *rng)
    for none in (0, -2):
        student.refuses(ValueError, "a layer has at least one unit", [4, none, 3], *rng)


def _causes(fan_in, fan_out, first):
    """Return by which factors mistakes change the variance."""
    return {
        "every layer has the first one's, and each has inputs of its own": fan_in / first,
        "it depends on the number of outputs; which side does a unit add up?": fan_in / fan_out,
        "that is Xavier's, which looks at both sides": 2 * fan_in / (fan_in + fan_out),
        "that is He's, for ReLU, with twice the variance asked for": 2.0,
        "the bias is counted as an input": fan_in / (fan_in + 1),
        "a variance stands where a standard deviation is expected": 1 / fan_in,
        "the root was taken twice": math.sqrt(fan_in),
        "the draws are used as they come, for a layer of any size": float(fan_in),
        "a standard deviation stands where the bound of a uniform is expected": 1 / 3,
        "the weights are cut off at two deviations, and what is lost is not made up for": (
            TRUNCATED_STD**2
        ),
    }


@exercise
def check_parameter_count(student, rng):
    """Check ``parameter_count(layer_sizes)``; see `helpers.checks` for how."""
    # Sizes above 10 make a product larger than any sum that may stand for it.
    drawn = [
        rng.choice(np.arange(12, 30), many, replace=False).tolist()
        for many in (3, 2, int(rng.integers(4, 8)))
    ]
    for sizes in (*drawn, _narrow(rng), [4, 9, 1]):
        answer = as_entries(student(sizes), 2, student.call, "counts, as a tuple")
        expect(
            all(type(count) is int for count in answer),
            f"{student.call} returned {describe(answer)}; a count is an integer.",
        )
        weights, biases = map(float, answer)
        what = f"{student.call}: the number of"
        expect_value(weights, _joined(sizes), f"{what} weights", _wrong_weights(sizes))
        expect_value(biases, sum(sizes[1:]), f"{what} biases", _wrong_biases(sizes))
    _expect_refusals(student)


def _joined(sizes):
    """Return how many lines join the units of neighbouring layers."""
    return sum(math.prod(pair) for pair in pairwise(sizes))


def _wrong_weights(sizes):
    return {
        "the biases are among them": _joined(sizes) + sum(sizes[1:]),
        "is the first of the two the weights?": sum(sizes[1:]),
        "layers follow one another, and what they have is added up": math.prod(sizes),
        "the last layer is left out": _joined(sizes[:-1]),
        "the first layer is left out": _joined(sizes[1:]),
        "a weight joins one input with one unit; how many such pairs has a layer?": (
            sum(map(sum, pairwise(sizes)))
        ),
        "that is how many matrices there are": len(sizes[1:]),
    }


def _wrong_biases(sizes):
    return {
        "an input is data, and has none": sum(sizes),
        "the output has biases too": sum(sizes[1:-1]),
        "a layer's biases are as many as its units, not as its inputs": sum(sizes[:-1]),
        "that is all parameters together": _joined(sizes) + sum(sizes[1:]),
        "that is how many arrays there are; each unit has a number": len(sizes[1:]),
    }
