"""Answers to assignment 02, ``units_identical(W1, b1, W2, tol)``."""

from itertools import combinations, pairwise

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(tol):
    """Return the tolerance, or raise as the exercise asks."""
    if tol < 0:
        raise ValueError(f"tol must be at least 0; got {tol}")
    return tol


def each_unit(W1, b1, W2):
    """Return a column of numbers for each unit."""
    return np.vstack([W1, b1, W2.T])


@right
def range_of_each_number(W1, b1, W2, tol):
    return bool(np.all(np.ptp(each_unit(W1, b1, W2), axis=1) <= checked(tol)))


@right
def array_by_array(W1, b1, W2, tol):
    largest = max(
        (W1.max(axis=1) - W1.min(axis=1)).max(),
        b1.max() - b1.min(),
        (W2.max(axis=0) - W2.min(axis=0)).max(),
    )
    return largest <= checked(tol)


@right
def pair_by_pair(W1, b1, W2, tol):
    checked(tol)
    for i, j in combinations(range(len(b1)), 2):
        if (
            np.any(np.abs(W1[:, i] - W1[:, j]) > tol)
            or abs(b1[i] - b1[j]) > tol
            or np.any(np.abs(W2[i] - W2[j]) > tol)
        ):
            return False
    return True


@right
def number_by_number(W1, b1, W2, tol):
    checked(tol)
    rows = [*W1.tolist(), b1.tolist(), *W2.T.tolist()]
    return all(max(row) - min(row) <= tol for row in rows)


@right
def all_differences_at_once(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2)
    return np.array(np.abs(numbers[:, :, None] - numbers[:, None]).max() <= checked(tol))


@right
def in_float32(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2).astype(np.float32)
    return bool(np.ptp(numbers, axis=1).max() <= checked(tol))


@right
def sorted_first(W1, b1, W2, tol):
    numbers = np.sort(each_unit(W1, b1, W2), axis=1)
    return np.allclose(numbers[:, 0], numbers[:, -1], rtol=0, atol=checked(tol))


@wrong("all entries of W1 are equal", "the numbers of one unit need not be")
def all_entries_equal(W1, b1, W2, tol):
    return bool(max(np.ptp(W1), np.ptp(b1), np.ptp(W2)) <= checked(tol))


@wrong("a row of W1 is a unit", "the numbers of one unit need not be")
def wrong_axis_of_both(W1, b1, W2, tol):
    checked(tol)
    return bool(max(np.ptp(W1, axis=0).max(), np.ptp(W2, axis=1).max()) <= tol)


@wrong("a unit has its row in both matrices", "the numbers of one unit need not be")
def rows_of_both(W1, b1, W2, tol):
    checked(tol)
    return bool(max(np.ptp(W1, axis=0).max(), np.ptp(b1), np.ptp(W2, axis=0).max()) <= tol)


@wrong("equal rows are as good as equal columns", "the inputs are alike")
def either_axis(W1, b1, W2, tol):
    of_units = np.ptp(W1, axis=1).max() <= checked(tol)
    of_inputs = np.ptp(W1, axis=0).max() <= tol
    return bool(of_units or of_inputs) and range_of_each_number(0 * W1, b1, W2, tol)


@wrong("units are compared exactly", "no number differs between units")
def exactly(W1, b1, W2, tol):
    checked(tol)
    numbers = each_unit(W1, b1, W2)
    return bool((numbers == numbers[:, :1]).all())


@wrong("a tolerance of one's own", "no number differs between units")
def own_tolerance(W1, b1, W2, tol):
    checked(tol)
    return range_of_each_number(W1, b1, W2, 1e-9)


@wrong("below, not at most", "a difference of 0 is at most 0")
def strictly_below(W1, b1, W2, tol):
    return bool(np.ptp(each_unit(W1, b1, W2), axis=1).max() < checked(tol))


@wrong("the differences of all numbers are added up", "no number differs between units")
def sum_of_differences(W1, b1, W2, tol):
    return bool(np.ptp(each_unit(W1, b1, W2), axis=1).sum() <= checked(tol))


@wrong("the distance of units as points", "no number differs between units")
def euclidean_distance(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2).T
    apart = [np.linalg.norm(one - other) for one, other in combinations(numbers, 2)]
    return bool(max(apart, default=0) <= checked(tol))


@wrong("the mean difference is small", "one unit differs by more than tol in W1")
def mean_difference(W1, b1, W2, tol):
    return bool(np.ptp(each_unit(W1, b1, W2), axis=1).mean() <= checked(tol))


@wrong("a standard deviation is a difference", "one unit differs by more than tol in W1")
def standard_deviation(W1, b1, W2, tol):
    return bool(np.std(each_unit(W1, b1, W2), axis=1).max() <= checked(tol))


@wrong("no differences without their sign", "one unit differs by more than tol in W1")
def without_absolute_value(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2)
    return bool((numbers - numbers[:, :1] <= checked(tol)).all())


@wrong("no differences without their sign, the other way", "one unit differs by more than tol")
def without_absolute_value_downwards(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2)
    return bool((numbers[:, :1] - numbers <= checked(tol)).all())


@wrong("some two units are copies", "one unit differs by more than tol in W1")
def any_two_units(W1, b1, W2, tol):
    checked(tol)
    numbers = each_unit(W1, b1, W2).T
    pairs = [np.abs(one - other).max() <= tol for one, other in combinations(numbers, 2)]
    return bool(np.any(pairs)) or len(b1) == 1


@wrong("biases are 0 at the start", "differs by more than tol in b1")
def biases_not_compared(W1, b1, W2, tol):
    return range_of_each_number(W1, 0 * b1, W2, tol)


@wrong("the hidden layer is all there is of a unit", "differs by more than tol in W2")
def output_weights_not_compared(W1, b1, W2, tol):
    return range_of_each_number(W1, b1, 0 * W2, tol)


@wrong("the symmetry is one of W1's", "differs by more than tol in b1")
def only_the_first_matrix(W1, b1, W2, tol):
    return bool(np.ptp(W1, axis=1).max() <= checked(tol))


@wrong("W1 moves only if the others differ", "differs by more than tol in W1")
def first_matrix_not_compared(W1, b1, W2, tol):
    return range_of_each_number(0 * W1, b1, W2, tol)


@wrong("there is one input", "differs by more than tol in W1")
def only_the_first_input(W1, b1, W2, tol):
    return range_of_each_number(W1[:1], b1, W2, tol)


@wrong("there is one output", "differs by more than tol in W2")
def only_the_first_output(W1, b1, W2, tol):
    return range_of_each_number(W1, b1, W2[:, :1], tol)


@wrong("a range that ends before the last unit", "differs by more than tol in W1")
def without_the_last_unit(W1, b1, W2, tol):
    end = max(len(b1) - 1, 1)
    return range_of_each_number(W1[:, :end], b1[:end], W2[:end], tol)


@wrong("a range that starts with the second unit", "differs by more than tol in W1")
def without_the_first_unit(W1, b1, W2, tol):
    start = min(len(b1) - 1, 1)
    return range_of_each_number(W1[:, start:], b1[start:], W2[start:], tol)


@wrong("the first and the last unit stand for all", "differs by more than tol in W1")
def first_and_last_unit(W1, b1, W2, tol):
    ends = [0, -1]
    return range_of_each_number(W1[:, ends], b1[ends], W2[ends], tol)


@wrong("each unit like the next, so all alike", "units 2 and 4 differ by")
def neighbours(W1, b1, W2, tol):
    checked(tol)
    numbers = each_unit(W1, b1, W2).T
    return all(np.abs(one - other).max() <= tol for one, other in pairwise(numbers))


@wrong("each unit like the one before, round to the last", "units 2 and 4 differ by")
def ring(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2)
    return bool(np.abs(numbers - np.roll(numbers, 1, axis=1)).max() <= checked(tol))


@wrong("all like the first, so all alike", "units 2 and 4 differ by")
def compared_with_the_first(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2)
    return np.allclose(numbers, numbers[:, :1], rtol=0, atol=checked(tol))


@wrong("all like the mean, so all alike", "units 2 and 4 differ by")
def compared_with_the_mean(W1, b1, W2, tol):
    numbers = each_unit(W1, b1, W2)
    return bool(np.abs(numbers - numbers.mean(axis=1, keepdims=True)).max() <= checked(tol))


@wrong("the order of a unit's weights makes no difference", "in another order")
def weights_sorted_within_units(W1, b1, W2, tol):
    return range_of_each_number(np.sort(W1, axis=0), b1, W2, tol)


@wrong("a relative tolerance beside the one given", "two large numbers")
def with_a_relative_tolerance(W1, b1, W2, tol):
    numbers = np.sort(each_unit(W1, b1, W2), axis=1)
    return np.allclose(numbers[:, 0], numbers[:, -1], atol=checked(tol))


@wrong("the tolerance is a share of the numbers", "no number differs between units")
def relative_tolerance(W1, b1, W2, tol):
    numbers = np.sort(each_unit(W1, b1, W2), axis=1)
    return np.allclose(numbers[:, 0], numbers[:, -1], rtol=checked(tol), atol=0)


@wrong("there are always two units to compare", "raised ValueError")
def one_unit_raises(W1, b1, W2, tol):
    checked(tol)
    numbers = each_unit(W1, b1, W2)
    differences = numbers[:, 1:] - numbers[:, :1]
    return bool(np.abs(differences).max() <= tol) and range_of_each_number(W1, b1, W2, tol)


@wrong("one unit is like no other", "a single unit")
def one_unit_is_no_copy(W1, b1, W2, tol):
    return len(b1) > 1 and range_of_each_number(W1, b1, W2, tol)


@wrong("the question turned round", "the numbers of one unit need not be")
def units_differ(W1, b1, W2, tol):
    return not range_of_each_number(W1, b1, W2, tol)


@wrong("yes, always", "one unit differs by more than tol in W1")
def always(W1, b1, W2, tol):
    checked(tol)
    return True


@wrong("no, never", "the numbers of one unit need not be")
def never(W1, b1, W2, tol):
    checked(tol)
    return False


@wrong("an answer for each number", "expected True or False")
def truth_for_each_number(W1, b1, W2, tol):
    return np.ptp(each_unit(W1, b1, W2), axis=1) <= checked(tol)


@wrong("the distance is an answer", "expected True or False")
def distance(W1, b1, W2, tol):
    checked(tol)
    return float(np.ptp(each_unit(W1, b1, W2), axis=1).max())


@wrong("1 is True", "returned 1; expected True or False")
def one_for_true(W1, b1, W2, tol):
    return int(range_of_each_number(W1, b1, W2, tol)) or 1


@wrong("the return is forgotten", "returned None; expected True or False")
def no_return(W1, b1, W2, tol):
    range_of_each_number(W1, b1, W2, tol)


@wrong("the first unit is taken off in place", "changed what it was given")
def in_place(W1, b1, W2, tol):
    W1 -= W1[:, :1].copy()
    return range_of_each_number(W1, b1, W2, tol)


@wrong("W2 has the shape of W1", "raised ValueError")
def second_matrix_not_turned(W1, b1, W2, tol):
    return bool(np.ptp(np.vstack([W1, b1, W2]), axis=1).max() <= checked(tol))


@wrong("one output is one that need not be compared", "by 0.3 in W2, and tol is 0.1")
def single_output_not_compared(W1, b1, W2, tol):
    return range_of_each_number(W1, b1, W2 if W2.shape[1] > 1 else 0 * W2, tol)


@wrong("a single output's weights must be equal", "by 0.3 in W2, and tol is 0.4")
def single_output_compared_exactly(W1, b1, W2, tol):
    same = range_of_each_number(W1, b1, W2, tol)
    return bool(same and (W2.shape[1] > 1 or np.ptp(W2) == 0))


@lenient("nothing is refused", "because no tolerance")
def tolerance_not_tested(W1, b1, W2, tol):
    return bool(np.ptp(each_unit(W1, b1, W2), axis=1).max() <= tol)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(W1, b1, W2, tol):
    assert tol >= 0
    return range_of_each_number(W1, b1, W2, tol)
