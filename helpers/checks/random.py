"""Checks of assignment 03: random weights, and how large they are."""

import math

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import (
    UNIFORM,
    expect_bound,
    expect_distribution,
    expect_independent,
    expect_rng,
    expect_variance,
)
from helpers.checks.verdicts import expect, expect_ratio, expect_value

# Relative: room for a table of six digits, and none for a share of a million draws.
SHARE_TOLERANCE = 1e-4
DEEP = 100  # layers, of which the sizes have a product that no float holds

_MEASURED = "is it measured on draws, or read from a short table? There is a formula"


@exercise
def check_uniform_for_variance(student, rng):
    """Check ``uniform_for_variance(shape, variance, rng)``; see `helpers.checks` for how."""
    student.array((3, 4), (3, 4), 12.0, student.rng)
    # Each known mistake changes a variance from 7 to 9 by a factor of its own.
    large, small = round(rng.uniform(7, 9), 1), round(rng.uniform(0.001, 0.01), 4)
    rows, columns = (int(side) for side in rng.integers((40, 60), (60, 90)))
    expect_rng(student, (rows, columns), large, "rng")
    for shape, variance in (
        ((rows, columns), large),
        ((rows, columns), small),
        ((4, columns, rows), large),
    ):
        weights = _drawn(student, shape, variance, 3)
        expect_independent(weights, student.call)
        causes = _variance_causes(variance, shape[0])
        expect_variance(weights, variance, UNIFORM, student.call, causes)
        expect_distribution(weights, UNIFORM, student.call)
    # A few weights at a time have no exact variance, but an exact bound: one that was
    # rounded shows in 1500 of them, and so does a draw that was scaled afterwards.
    few = _drawn(student, (4, 3), small, 125)
    expect_bound(few, np.sqrt(3 * small), student.call, {})
    none = student.array((3, 4), (3, 4), 0.0, student.rng)
    expect(
        not none.any(),
        f"{student.call} has entries other than 0: numbers without variance are all the "
        "same, and these have mean 0.",
    )
    student.refuses(ValueError, "no variance is negative", (3, 4), -1.0, student.rng)
    student.refuses(ValueError, "a variance must be finite", (3, 4), float("inf"), student.rng)
    student.refuses(
        ValueError, "a variance must be a number", (3, 4), float("nan"), student.rng
    )


def _drawn(student, shape, variance, times):
    """Return draws, an array of shape (times, *shape)."""
    return np.stack([student.array(shape, shape, variance, student.rng) for _ in range(times)])


def _variance_causes(variance, fan_in):
    return {
        "a standard deviation stands where a bound is expected": 1 / 3,
        "the variance stands where a bound is expected": variance / 3,
        "the bound still lacks a root": 3 * variance,
        "the root was taken of a part only": variance,
        "that is the length of the whole interval, and it was used on either side of 0": 4.0,
        "the interval has two halves, and only one was integrated over": 2.0,
        "the interval reaches half as far on either side of 0 as it has to": 0.25,
        "something was divided that should be multiplied": 1 / 9,
        "it was divided by the number of inputs; the variance asked for is that of each "
        "weight, however many there are": 1 / fan_in,
    }


@exercise
def check_predicted_saturation(student, rng):
    """Check ``predicted_saturation(fan_in, std, threshold)``; see `helpers.checks` for how."""
    for fan_in, std, threshold in (*_layers(rng), (100, 0.1, 0.7616)):
        answer = student.number(fan_in, std, threshold)
        right, wrong = (
            _saturation(fan_in, std, threshold),
            _wrong_shares(fan_in, std, threshold),
        )
        causes = {why: share / right for why, share in wrong.items() if share}
        ratio = answer / right
        if abs(ratio - 1) < 0.2:
            causes[_MEASURED] = ratio * (1 + SHARE_TOLERANCE / 2)  # a known cause is nearer
        message = f"{student.call} is {{:.4g}} times what it should be"
        expect_ratio(ratio, SHARE_TOLERANCE, message, causes)
    student.refuses(ValueError, "a unit has at least one input", 0, 0.1, 0.9)
    student.refuses(ValueError, "no deviation is negative", 100, -0.1, 0.9)
    student.refuses(ValueError, "without a deviation nothing is drawn", 100, 0.0, 0.9)
    for beyond in (1.0, 1.5, 0.0, -0.5):
        why = "a threshold is above 0 and below 1"
        student.refuses(ValueError, why, 100, 0.1, beyond)


def _layers(rng):
    """Yield layers of few inputs and of many, from weights that are small and large."""
    for few, many in ((4, 7), (150, 400)):
        for small, large in ((0.8, 1.2), (1.8, 3.5)):
            fan_in = int(rng.integers(few, many))
            std = float(rng.uniform(small, large)) / math.sqrt(fan_in)
            yield fan_in, round(std, 4), round(float(rng.uniform(0.9, 0.98)), 3)


def _beyond(deviations):
    """Return how much of a normal distribution is farther from 0 than so many deviations."""
    return math.erfc(deviations / math.sqrt(2))


def _saturation(fan_in, std, threshold):
    return _beyond(math.atanh(threshold) / (std * math.sqrt(fan_in)))


def _wrong_shares(fan_in, std, threshold):
    edge, spread = math.atanh(threshold), std * math.sqrt(fan_in)
    right = _beyond(edge / spread)
    return {
        "does a unit saturate at one end only?": right / 2,
        "that is the share of units that are not saturated": 1 - right,
        "that is a percentage, not a share": 100 * right,
        "that is one weight's deviation, and a unit adds up fan_in products": (
            _beyond(edge / std)
        ),
        "variances add up, not deviations: which root belongs to fan_in?": (
            _beyond(edge / (fan_in * std))
        ),
        "that takes the variance of the sum for its deviation": _beyond(edge / spread**2),
        "a sum is not divided by its number of terms": _beyond(edge * math.sqrt(fan_in) / std),
        "the threshold is one for tanh(z), not for z; where does tanh reach it?": (
            _beyond(threshold / spread)
        ),
        "the threshold is put into tanh, and tanh has to be undone": (
            _beyond(math.tanh(threshold) / spread)
        ),
        "erf and erfc measure in deviations times the root of 2": math.erfc(edge / spread),
        "std is the weights' deviation, not the bound of a uniform": (
            _beyond(edge / spread * math.sqrt(3))
        ),
        "the bias is counted as an input, and it is 0": (
            _beyond(edge / (std * math.sqrt(fan_in + 1)))
        ),
        "that is how likely z is to be there, not beyond it": (
            2 * math.exp(-((edge / spread) ** 2) / 2) / math.sqrt(2 * math.pi)
        ),
    }


@exercise
def check_std_for_depth(student, rng):
    """Check ``std_for_depth(layer_sizes, factor)``; see `helpers.checks` for how."""
    for sizes, factor in _networks(rng):
        answer = student.number(sizes, factor)
        causes = _wrong_stds(sizes, factor)
        right = _std(sizes[:-1], factor)
        if len(sizes) > DEEP:
            causes["a product of so many sizes is too large for a computer's number"] = answer
        expect_value(answer, right, student.call, causes)
    student.refuses(ValueError, "a network has an input and an output", [3], 1.0)
    student.refuses(ValueError, "a network needs an input", [0, 4], 1.0)
    student.refuses(ValueError, "a network needs an output", [4, 3, 0], 1.0)
    for none in (0, -2):
        student.refuses(ValueError, "a layer has at least one unit", [4, none, 3], 1.0)
    for factor in (0.0, -1.0):
        student.refuses(ValueError, "a factor is above 0", [4, 9, 1], factor)
    for factor in (float("inf"), float("nan")):
        student.refuses(ValueError, "a factor is a finite number", [4, 9, 1], factor)


def _networks(rng):
    """Yield sizes of layers and a factor: unlike sizes, equal ones, few layers and many."""
    for many, (low, high) in ((4, (0.001, 0.01)), (6, (20, 90)), (2, (3, 9))):
        sizes = rng.choice(np.arange(12, 90), many, replace=False).tolist()
        yield sizes, round(float(rng.uniform(low, high)), 4)
    few, more = rng.choice(np.arange(12, 30), 2, replace=False).tolist()
    yield [1, few, 1, more, 1], 1.0
    yield [4, 9, 1], 2.25
    yield [int(rng.integers(900, 1100))] * 151, 1.0


def _std(fans, factor, layers=None):
    """Return the deviation with which layers of these fans multiply by a factor together."""
    total = math.log(factor) - sum(map(math.log, fans))
    return math.exp(total / (2 * (layers or len(fans))))


def _wrong_stds(sizes, factor):
    fans = sizes[:-1]
    layers, right = len(fans), _std(fans, factor)
    return {
        "that is a variance, and a deviation is its root": right**2,
        "a unit adds up its inputs, not its outputs": _std(sizes[1:], factor),
        "the outputs of the last layer are not added up": _std(sizes, factor, layers),
        "there are as many layers as sizes, less the inputs": _std(fans, factor, layers + 1),
        "that also counts one layer too many": _std(sizes, factor),
        "every layer multiplies, so each has only its share of the factor": (
            _std(fans, factor**layers)
        ),
        "a factor of mean squares is not one of deviations": _std(fans, factor**2),
        "the factor is left out": _std(fans, 1.0),
        "every layer has the first one's size": _std([sizes[0]] * layers, factor),
        "what is multiplied has another mean than what is added up": (
            _std([np.mean(fans)] * layers, factor)
        ),
        "nothing here calls for a factor of 2: there is no ReLU": right * math.sqrt(2),
        "the bias is counted as an input, and it is 0": _std([n + 1 for n in fans], factor),
        "what was divided belongs on the other side": _std(fans, 1 / factor),
    }
