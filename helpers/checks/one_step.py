"""Checks of assignment 01: the parameters that a network starts with, and their number."""

import math
from itertools import pairwise

import numpy as np

from helpers.checks.attempt import attempt
from helpers.checks.draws import (
    NORMAL,
    expect_distribution,
    expect_independent,
    expect_rng,
    expect_variance,
)
from helpers.checks.plain import as_array, as_entries, describe
from helpers.checks.verdicts import close, expect, expect_value


def check_initialize_parameters(initialize_parameters, *, secret=None):
    """Check ``initialize_parameters(layer_sizes, rng)``; see `helpers.checks` for how."""
    with attempt(initialize_parameters, "initialize_parameters", secret) as (student, rng):
        _weights(student, [3, 4, 1], rng)
        # A layer that narrows two and a half times, and one that widens twice: no two of the
        # known mistakes have the same variance in the first.
        short, tall = int(rng.integers(60, 65)), int(rng.integers(150, 165))
        sizes = [tall, short, 2 * short]
        expect_rng(student, rng, sizes, "rng")
        _expect_layers(student, rng, sizes, 3)
        # A bias counted as an input takes a third of the variance here.
        _expect_layers(student, rng, [2, int(rng.integers(5000, 6000))], 1)
        _expect_unlike(student, rng)
        student.refuses(ValueError, "a network has an input and an output", [3], rng)
        student.refuses(ValueError, "a network needs an input", [0, 4], rng)
        student.refuses(ValueError, "a network needs an output", [4, 0], rng)


def _weights(student, sizes, rng):
    """Return the weights of each layer, with biases that are 0."""
    answer = student(sizes, rng)
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


def _expect_layers(student, rng, sizes, times):
    """Expect the right distribution in each layer."""
    networks = [_weights(student, sizes, rng) for _ in range(times)]
    for i, weights in enumerate(map(np.stack, zip(*networks, strict=True))):
        what = f"{student.call}, entry {i}"
        fan_in, fan_out = weights.shape[1:]
        expect_independent(weights, what)
        causes = _causes(fan_in, fan_out, sizes[0])
        expect_variance(weights, 1 / fan_in, NORMAL, what, causes)
        expect_distribution(weights, NORMAL, what)


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
            0.7737
        ),
    }


def _expect_unlike(student, rng):
    """Expect layers of the same shape to have weights of their own."""
    units = int(rng.integers(20, 30))
    first, *others = _weights(student, [units] * 4, rng)
    expect(
        not any(close(weights, first) for weights in others),
        f"{student.call}: layers of the same shape have the same weights. Draw for each layer.",
    )


def check_parameter_count(parameter_count, *, secret=None):
    """Check ``parameter_count(layer_sizes)``; see `helpers.checks` for how."""
    with attempt(parameter_count, "parameter_count", secret) as (student, rng):
        for many in (3, 2, int(rng.integers(4, 8))):
            # Sizes above 10 make a product larger than any sum that may stand for it.
            sizes = rng.choice(np.arange(12, 30), many, replace=False).tolist()
            answer = as_entries(student(sizes), 2, student.call, "counts, as a tuple")
            expect(
                all(type(count) is int for count in answer),
                f"{student.call} returned {describe(answer)}; a count is an integer.",
            )
            weights, biases = map(float, answer)
            what = f"{student.call}: the number of"
            expect_value(weights, _joined(sizes), f"{what} weights", _wrong_weights(sizes))
            expect_value(biases, sum(sizes[1:]), f"{what} biases", _wrong_biases(sizes))
        student.refuses(ValueError, "a network has an input and an output", [3])
        student.refuses(ValueError, "a network needs an input", [0, 4])
        student.refuses(ValueError, "a network needs an output", [4, 0])
        student.refuses(ValueError, "no layer has fewer than no units", [4, -2, 3])


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
