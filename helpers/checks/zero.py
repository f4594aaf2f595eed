"""Checks of assignment 02: hidden units that are copies, and how to part them."""

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import (
    NORMAL,
    SIGMAS,
    expect_distribution,
    expect_independent,
    expect_no_measured_mean,
    expect_no_measured_scale,
    expect_rng,
    expect_variance,
)
from helpers.checks.plain import as_array, as_entries
from helpers.checks.verdicts import close, expect


@exercise
def check_units_identical(student, rng):
    """Check ``units_identical(W1, b1, W2, tol)``; see `helpers.checks` for how."""
    tol = round(float(rng.uniform(0.05, 0.2)), 2)
    cases = [*_alike(rng, tol), *_unlike(rng, tol)]
    said = {}
    for i in rng.permutation(len(cases)):  # in no order that can be learned by heart
        _, _, numbers, within = cases[i]
        said[i] = student.truth(*_network(numbers), within), student.call
    for i, (right, why, *_) in enumerate(cases):
        answer, call = said[i]
        expect(answer is right, f"{call} returned {answer}, but {why}.")
    alike = _network(_copies(rng, 3))
    student.refuses(ValueError, "no tolerance is below 0", *alike, -tol)


def _copies(rng, units):
    """Return a column for each unit: weights from 3 inputs, a bias, weights to 2 outputs."""
    return np.outer(rng.permutation([-1.5, -0.8, 0.4, 1.1, 1.9, 2.7]), np.ones(units))


def _network(numbers):
    """Return W1, b1 and W2 with the numbers that belong to each unit: 3, 1, 2 or 2, 1, 1."""
    inputs = len(numbers) // 2
    W1, b1, W2 = np.split(np.round(numbers, 4), [inputs, inputs + 1])
    return W1.copy(), b1[0].copy(), W2.T.copy()


_BY_HAND = [[0.5, 0.5], [-1.0, -1.0], [0.0, 0.0], [2.0, 2.3]]


def _alike(rng, tol):
    """Yield the right answer, why, the numbers and a tolerance, for units that are copies."""
    why = "no two units differ, and the numbers of one unit need not be equal"
    yield True, why, _copies(rng, 4), tol
    yield True, "a difference of 0 is at most 0", _copies(rng, 4), 0.0
    yield True, "a single unit has no other to differ from", _copies(rng, 1), tol
    # All six differences together, or their squares, are above the tolerance.
    offsets = 0.9 * tol * rng.permutation([0, 1, 0, 1])
    why = "no number differs between units by more than tol"
    yield True, why, np.add(_copies(rng, 4), offsets), tol
    yield True, "the units differ by 0.3 in W2, and tol is 0.4", _BY_HAND, 0.4


def _unlike(rng, tol):
    """Yield the right answer, why, the numbers and a tolerance, for units that are not."""
    for row, name in enumerate(("W1", "W1", "W1", "b1", "W2", "W2")):
        for unit, sign in enumerate((1, 1, -1, -1)):
            # So little that neither the mean difference nor a deviation is above tol.
            numbers = _copies(rng, 4)
            numbers[row, unit] += sign * 1.6 * tol
            yield False, f"one unit differs by more than tol in {name}", numbers, tol
    why = f"units 2 and 4 differ by {1.6 * tol:.3g}"
    why += ", and neither by more than tol from the first unit or a neighbour"
    yield False, why, np.add(_copies(rng, 4), 0.8 * tol * np.array([0, 1, 0, -1])), tol
    numbers = _copies(rng, 4)
    numbers[:3] = rng.permutation([-1.2, 0.3, 0.9, 1.8])
    yield False, "in W1 the inputs are alike, and the units are not", numbers, tol
    numbers = _copies(rng, 4)
    numbers[:3, 1] = np.roll(numbers[:3, 1], 1)
    yield False, "one unit has its weights in another order", numbers, tol
    # A tolerance that grows with the numbers would let this pass.
    numbers = np.add(_copies(rng, 4), 1e5)
    numbers[0, 1] += 4 * tol
    yield False, "two large numbers differ by more than tol", numbers, tol
    yield False, "the units differ by 0.3 in W2, and tol is 0.1", _BY_HAND, 0.1


@exercise
def check_break_symmetry(student, rng):
    """Check ``break_symmetry(W1, b1, W2, rng)``; see `helpers.checks` for how."""
    weight = round(float(rng.uniform(0.88, 0.92)), 2)
    start = _start(2, 3, 2, weight)
    drawn = _drawn_anew(student, start)
    expect(
        not np.any(drawn[0] == drawn[1]),
        f"{student.call} gave every unit the same row of W2: they are copies still.",
    )
    expect_rng(student, *start, "rng")
    # Matrices that narrow and widen two and a half times, so that no two of the known
    # mistakes have the same variance in the first.
    short, tall = int(rng.integers(60, 65)), int(rng.integers(150, 165))
    for units, outputs in ((tall, short), (short, tall)):
        weights = _expect_output_weights(student, (5, units, outputs, weight), 3)
        expect_no_measured_mean(weights, student.call)
        expect_no_measured_scale(weights, student.call)
    # A bias counted as a unit takes a third of the variance here.
    _expect_output_weights(student, (5, 2, int(rng.integers(5000, 6000)), weight), 1)
    unlike = rng.permutation([0, 0, 0.3, 0.6, -0.5, -0.8]).reshape(3, 2)
    _drawn_anew(student, (*start[:2], unlike))
    for why, columns, biases, rows in (
        ("b1 has one entry for each unit", 3, 1, 3),
        ("b1 has one entry for each unit", 3, 4, 3),
        ("W2 has one row for each unit", 3, 3, 2),
        ("W2 has one row for each unit", 3, 3, 4),
        ("W1 has one column for each unit", 2, 3, 3),
    ):
        arrays = np.ones((2, columns)), np.ones(biases), np.ones((rows, 2))
        student.refuses(ValueError, why, *arrays, student.rng)


def _start(inputs, units, outputs, weight):
    """Return W1, b1 and W2 of units that are copies."""
    return np.full((inputs, units), 0.5), np.full(units, 0.1), np.full((units, outputs), weight)


def _drawn(student, start):
    """Return the new output weights, beside a W1 and a b1 that are the old ones."""
    entries = as_entries(student(*start, student.rng), 3, student.call, "arrays, W1, b1 and W2")
    W1, b1, W2 = (
        as_array(entry, given.shape, f"{student.call}: for {name} it")
        for entry, given, name in zip(entries, start, ("W1", "b1", "W2"), strict=True)
    )
    expect(close(W1, start[0]), f"{student.call} changed W1, which is to be left alone.")
    expect(
        close(b1, start[1]),
        f"{student.call} changed b1, which is to be left alone.",
    )
    return W2


def _drawn_anew(student, start):
    """Return the new output weights, none of which is an old one."""
    drawn = _drawn(student, start)
    expect(
        not np.any(drawn == start[2]),
        f"{student.call} left entries of W2 as they were; all of them are to be new.",
    )
    return drawn


def _expect_output_weights(student, sizes, times):
    """Expect the right distribution of new output weights, and return them."""
    start = _start(*sizes)
    *_, units, outputs, old = sizes
    weights = np.stack([_drawn(student, start) for _ in range(times)])
    near = SIGMAS / np.sqrt(units * weights.size)
    expect(
        abs(weights.mean() - old) > near,
        f"{student.call}: the new weights of W2 scatter around the old ones; draw them anew.",
    )
    what = f"{student.call}, W2"
    expect_independent(weights, what)
    expect_variance(weights, 1 / units, NORMAL, what, _causes(units, outputs, old))
    expect_distribution(weights, NORMAL, what)
    return weights


def _causes(units, outputs, old):
    """Return by which factors mistakes change the variance."""
    return {
        "it depends on the number of outputs; what does an output add up?": units / outputs,
        "that is Xavier's, which looks at both sides": 2 * units / (units + outputs),
        "that is He's, for ReLU, with twice the variance asked for": 2.0,
        "it depends on the inputs of W1; what are those of W2?": units / 5,
        "the bias is counted as a unit": units / (units + 1),
        "a variance stands where a standard deviation is expected": 1 / units,
        "the draws are used as they come, for a layer of any size": float(units),
        "a standard deviation stands where the bound of a uniform is expected": 1 / 3,
        "the draws multiply the old weights": old**2,
    }
