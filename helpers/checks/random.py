"""Checks of assignment 03: random weights, and how large they are."""

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
from helpers.checks.verdicts import expect, expect_value


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
def check_saturated_fraction(student, rng):
    """Check ``saturated_fraction(activations, threshold)``; see `helpers.checks` for how."""
    few = np.array([[0.99, -0.98, 0.2], [0.97, 0.0, -0.5]])
    student.number(few, 0.97)
    threshold = int(rng.integers(12, 16)) / 20
    many = _telling_activations(rng, threshold)
    for activations, limit in ((many, threshold), (many, 1.0), (many, 0.0), (few, 0.97)):
        answer = student.number(activations, limit)
        causes = _shares(activations, limit)
        expect_value(answer, causes.pop("right"), student.call, causes)
    some = np.zeros((2, 3))
    student.refuses(ValueError, "without samples there is no share", some[:0], 0.97)
    student.refuses(ValueError, "without units there is no share", some[:, :0], 0.97)
    student.refuses(ValueError, "a threshold is at least 0", some, -0.1)
    student.refuses(ValueError, "a threshold is at most 1", some, 1.5)


def _telling_activations(rng, threshold):
    """Return activations of which no two mistakes lead to the same share."""
    samples, units = (int(side) for side in rng.integers((20, 50), (40, 90)))
    scale = np.linspace(0.3, 3, units)
    while True:
        h = np.tanh(rng.normal(0, scale, (samples, units)))
        h[:, 0] = 1  # no mistake leads to a share of 0
        activations = np.round(20 * h) / 20  # so that some equal the threshold
        shares = np.array(list(_shares(activations, threshold).values()))
        if np.diff(np.sort(shares)).min() > 1e-6:
            return activations


def _shares(activations, threshold):
    """Return the right share and the known wrong ones."""
    size = np.abs(activations)
    above = size > threshold
    return {
        "right": above.mean(),
        "does a unit saturate at one end only?": np.mean(activations > threshold),
        "an entry that equals the threshold is not above it": np.mean(size >= threshold),
        "that is the share of entries that are not saturated": 1 - above.mean(),
        "that is the share of entries nearer to 0 than the threshold": (
            np.mean(size < threshold)
        ),
        "that is how many, not which share": above.sum(),
        "that is how many for each sample, not which share": above.sum() / len(above),
        "that is how many for each unit, not which share": above.sum() / above.shape[1],
        "that is a percentage, not a share": 100 * above.mean(),
        "that is the share of units that are saturated on every sample; each entry counts": (
            above.all(axis=0).mean()
        ),
        "that is the share of units that are saturated on some sample; each entry counts": (
            above.any(axis=0).mean()
        ),
        "the mean over the samples comes last, not first: a unit that saturates at times "
        "would count fully or not at all": np.mean(size.mean(axis=0) > threshold),
        "the entries are activations already: tanh was applied to them before": (
            np.mean(np.tanh(size) > threshold)
        ),
        "the threshold is one for activations, not for what goes into tanh": (
            np.mean(size > np.tanh(threshold))
        ),
    }
