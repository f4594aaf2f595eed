"""What checks ask of random weights: where they come from, and how they are distributed.

No check compares with one seed's numbers: there are many right ways to draw. Tolerances are
`SIGMAS` standard errors of what is measured, so a right answer fails about one time in five
hundred million; the number of draws is chosen so that the nearest wrong answer is far outside.
"""

import math
from copy import deepcopy
from typing import NamedTuple

import numpy as np

from helpers.checks.verdicts import Mistake, expect, expect_ratio

SIGMAS = 6


class Distribution(NamedTuple):
    """A family of distributions: its kurtosis, and how closely a sample shows it.

    Of n draws the sample kurtosis has the standard error ``sqrt(spread / n)``; `spread` is the
    variance of ``x**4 - 2 * kurtosis * x**2`` for a standardized x.
    """

    name: str
    kurtosis: float
    spread: float


NORMAL = Distribution("normal", 3.0, 24.0)
UNIFORM = Distribution("uniform", 1.8, 1.32)


def shapes(rng, *, smallest=100, largest=300):
    """Return a tall and a wide shape, at least half as long again one way as the other."""
    short = int(rng.integers(smallest, largest // 2))
    tall = (int(rng.integers(3 * short // 2, largest)), short)
    return tall, tall[::-1]


def formula(name, expression):
    """Return a function of z that is shown by a name, as cases of an exercise.

    A grader computes its `expression`, in which `np` is NumPy, beside the student's code,
    which may call it for each of many numbers.
    """
    function = eval(f"lambda z: {expression}", {"np": np})
    function.__name__, function.expression = f"z -> {name}", expression
    return function


def expect_rng(student, *args, **options):
    """Expect the draws to depend on the generator given, and on nothing else.

    A generator is given in place of ``"rng"`` among the arguments.
    """

    def drawn(generator):
        given = [generator if isinstance(arg, str) and arg == "rng" else arg for arg in args]
        return _numbers(student(*given, **options))

    first, same = (drawn(deepcopy(student.rng)) for _ in range(2))
    expect(np.ptp(first) > 0, f"{student.call}: all numbers are the same.")
    expect(
        np.array_equal(first, same),
        f"{student.call} gave other numbers when it was called again with a generator in the "
        "same state: every draw must come from rng, and none from anywhere else.",
    )
    before = drawn(student.rng)
    expect(
        not np.array_equal(before, drawn(student.rng)),
        f"{student.call} gave the same numbers twice, though rng had moved on between the "
        "calls: is there a seed, or another generator, inside the function?",
    )


def expect_weights(student, shape, variance, distribution, causes, *, times=3, **options):
    """Expect ``student(shape, rng, **options)`` to draw independent zero-mean weights.

    See `expect_variance` for `variance`, `distribution` and `causes`. Returns the draws, an
    array of shape (times, *shape).
    """
    weights = np.stack(
        [student.array(shape, shape, student.rng, **options) for _ in range(times)]
    )
    expect_independent(weights, student.call)
    expect_variance(weights, variance, distribution, student.call, causes)
    expect_distribution(weights, distribution, student.call)
    return weights


def expect_variance(weights, variance, distribution, what, causes):
    """Expect zero-mean draws of the given variance.

    Parameters
    ----------
    weights : ndarray
        All draws that should have this variance.
    variance : float
    distribution : Distribution
    what : str
        The call, for the message.
    causes : dict of str to float
        From a cause in words to the factor by which it would change the variance.
    """
    n = weights.size
    mean, square = float(weights.mean()), float(np.mean(weights**2))
    expect(
        abs(mean) <= SIGMAS * math.sqrt(square / n),
        f"{what}: the weights have mean {mean:.3g}, and should be spread evenly around 0.",
    )
    error = variance_error(distribution, n)
    message = f"{what}: the variance is {{:.3g}} times what it should be"
    expect_ratio(square / variance, error, message, causes)


def variance_error(distribution, n):
    """Return how far n draws may be from their variance, relative to it."""
    return SIGMAS * math.sqrt((distribution.kurtosis - 1) / n)


def expect_distribution(weights, distribution, what):
    """Expect draws of variance `expect_variance` has tested to have the kurtosis as well."""
    squares = weights**2
    kurtosis = float(np.mean(squares**2) / np.mean(squares) ** 2)
    expect(
        abs(kurtosis - distribution.kurtosis)
        <= SIGMAS * math.sqrt(distribution.spread / weights.size),
        f"{what}: the variance is right, but the weights are not {distribution.name}: their "
        f"kurtosis is {kurtosis:.2f}, and a {distribution.name} distribution has "
        f"{distribution.kurtosis:g}.",
    )


def expect_bound(weights, bound, what, causes):
    """Expect uniform draws of about the right variance to end at the bound exactly.

    The largest of n draws from U(-a, a) is below ``a * (1 - 20 / n)`` with probability
    ``exp(-20)``, so that this shows far smaller differences than the variance does. `causes`
    are those of `expect_variance`.
    """
    ratio, error = float(np.abs(weights).max()) / bound, 20 / weights.size
    message = f"{what}: over many calls, the bound is {{:.4g}} times what it should be"
    roots = {cause: math.sqrt(factor) for cause, factor in causes.items()}
    # The last to be named: it is farther off than any known cause within the tolerance.
    unknown = "is it rounded, or are the numbers scaled after they were drawn?"
    roots[unknown] = ratio / (1 + 0.99 * error)
    expect_ratio(ratio, error, message, roots)


def expect_independent(weights, what):
    """Expect the entries of each matrix in an array (times, rows, columns) to be independent.

    The sum of n independent entries has n times their variance. Over rows, over columns and
    over draws, repeated entries add up to more, and entries that make up for others to less.
    A kernel counts as a matrix: all its axes but the first are one.
    """
    weights = weights.reshape(*weights.shape[:2], -1)
    expect(np.ptp(weights) > 0, f"{what}: all weights are the same.")
    dependent = f"{what}: the weights are not independent of one another: "
    expect(np.ptp(weights, axis=2).any(), f"{dependent}all columns are the same.")
    expect(np.ptp(weights, axis=1).any(), f"{dependent}all rows are the same.")
    weights = weights - weights.mean()  # a wrong mean is another mistake
    square = np.mean(weights**2)
    off = {}
    for axis, along in ((1, "column"), (2, "row"), (0, "entry, over several draws,")):
        n = weights.shape[axis]
        sums = weights.sum(axis=axis) / math.sqrt(n * square)
        ratio = float(np.mean(sums**2))
        # Few squares have a long tail upwards: Laurent and Massart's bound for chi-squared.
        error = SIGMAS * math.sqrt(2 / sums.size)
        if not 1 - error <= ratio <= 1 + error + SIGMAS**2 / sums.size:
            off[along] = ratio
    if off:
        worst = max(off, key=lambda along: abs(math.log(max(off[along], 1e-9))))
        raise Mistake(
            f"{dependent}the sum of each {worst} has {off[worst]:.3g} times the variance of a "
            "sum of independent numbers."
        )


def expect_no_measured_scale(weights, what):
    """Expect unlike deviations of draws (times, rows, columns): none was divided by its own."""
    squares = np.mean(weights**2, axis=(1, 2))
    for measured in (squares, weights.var(axis=(1, 2))):
        expect(
            np.ptp(measured) > 1e-6 * measured.max(),
            f"{what}: each draw has exactly the same standard deviation. A draw's own is as "
            "random as its weights, so to divide by it ties them to one another: what scales "
            "them is a constant.",
        )


def expect_no_measured_mean(weights, what):
    """Expect draws (times, rows, columns) of unlike mean: 0 if each was centred by its own."""
    expect(
        np.abs(weights.mean(axis=(1, 2))).max() > 1e-7,
        f"{what}: the weights of each draw add up to 0, so they are not independent of one "
        "another: was their own mean taken off?",
    )


def _numbers(answer):
    """Return all numbers of an answer in one array."""
    if isinstance(answer, list | tuple):
        return np.concatenate([_numbers(entry) for entry in answer] or [np.zeros(0)])
    return np.ravel(answer)
