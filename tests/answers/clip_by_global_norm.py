"""Answers to assignment 06, ``clip_by_global_norm(gradients, max_norm)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(max_norm):
    """Return the bound, or raise as the exercise asks."""
    if max_norm <= 0:
        raise ValueError(f"max_norm must be above 0; got {max_norm}")
    return max_norm


def norm_of(gradients):
    """Return the norm of all entries."""
    return math.sqrt(sum(float(np.sum(g**2)) for g in gradients))


def scaled(gradients, norm, max_norm):
    """Return the gradients, scaled as if `norm` were theirs."""
    factor = max_norm / norm if norm > checked(max_norm) else 1.0
    return [factor * g for g in gradients]


@right
def sum_of_the_squares_of_arrays(gradients, max_norm):
    return scaled(gradients, norm_of(gradients), max_norm)


@right
def norm_of_one_long_vector(gradients, max_norm):
    if not max_norm > 0:
        raise ValueError("max_norm must be above 0")
    norm = np.linalg.norm(np.concatenate([g.reshape(-1) for g in gradients]))
    if norm <= max_norm:
        return [g.copy() for g in gradients]
    return [g / norm * max_norm for g in gradients]


@right
def entry_by_entry(gradients, max_norm):
    square = 0.0
    for gradient in gradients:
        for entry in gradient.flat:
            square += entry * entry
    clipped = []
    for gradient in gradients:
        new = np.empty_like(gradient)
        for where in np.ndindex(gradient.shape):
            new[where] = gradient[where]
            if square > checked(max_norm) ** 2:
                new[where] *= max_norm / square**0.5
        clipped.append(new)
    return clipped


@right
def divided_by_the_larger(gradients, max_norm):
    norms = [np.linalg.norm(g) for g in gradients]
    return [g * (max_norm / max(np.linalg.norm(norms), checked(max_norm))) for g in gradients]


@right
def given_ones_if_nothing_is_clipped(gradients, max_norm):
    norm = norm_of(gradients)
    if norm <= checked(max_norm):
        return gradients
    return [g * (max_norm / norm) for g in gradients]


@right
def in_float32(gradients, max_norm):
    clipped = sum_of_the_squares_of_arrays(gradients, max_norm)
    return [g.astype(np.float32) for g in clipped]


@right
def relative_to_the_largest_entry(gradients, max_norm):
    largest = max(np.abs(g).max() for g in gradients)
    norm = largest * norm_of([g / (largest or 1) for g in gradients])
    return scaled(gradients, norm, max_norm)


@wrong("every entry is clipped", "each entry is cut off by itself")
def by_value(gradients, max_norm):
    return [np.clip(g, -checked(max_norm), max_norm) for g in gradients]


@wrong("every array has its own norm", "scaled by its own norm")
def by_the_norm_of_each_array(gradients, max_norm):
    return [scaled([g], norm_of([g]), max_norm)[0] for g in gradients]


@wrong("clipping sets the norm", "never stretches")
def always_rescaled(gradients, max_norm):
    norm = norm_of(gradients) or 1.0
    return [g * (checked(max_norm) / norm) for g in gradients]


@wrong("min and max confused", "nothing is scaled")
def only_stretched(gradients, max_norm):
    factor = max(1.0, checked(max_norm) / (norm_of(gradients) or max_norm))
    return [g * factor for g in gradients]


@wrong("the gradient is given a length of 1", "becomes 1")
def unit_length(gradients, max_norm):
    norm = norm_of(gradients)
    return [g / norm if norm > checked(max_norm) else g for g in gradients]


@wrong("the root of the mean square for the norm", "does not average")
def root_mean_square(gradients, max_norm):
    n = sum(g.size for g in gradients)
    return scaled(gradients, norm_of(gradients) / math.sqrt(n), max_norm)


@wrong("the root forgotten", "a root is missing")
def squared_norm(gradients, max_norm):
    return scaled(gradients, norm_of(gradients) ** 2, max_norm)


@wrong("the largest entry for the norm", "largest entry is not the norm")
def largest_entry(gradients, max_norm):
    return scaled(gradients, max(np.abs(g).max() for g in gradients), max_norm)


@wrong("sizes for squares", "squares, not sizes")
def sum_of_absolute_values(gradients, max_norm):
    return scaled(gradients, sum(np.abs(g).sum() for g in gradients), max_norm)


@wrong("norms add up", "norms of arrays do not add up")
def sum_of_norms(gradients, max_norm):
    return scaled(gradients, sum(norm_of([g]) for g in gradients), max_norm)


@wrong("the first layer is the one that counts", "first array's norm")
def norm_of_the_first(gradients, max_norm):
    return scaled(gradients, norm_of(gradients[:1]), max_norm)


@wrong("a variable overwritten in a loop", "last array's norm")
def norm_of_the_last(gradients, max_norm):
    for g in gradients:
        square = np.sum(g**2)
    return scaled(gradients, math.sqrt(square), max_norm)


@wrong("biases do not count", "biases have gradients too")
def norm_of_the_weights(gradients, max_norm):
    return scaled(gradients, norm_of([g for g in gradients if g.ndim > 1]), max_norm)


@wrong("the bound is compared with the largest entry", "nothing is scaled")
def clipped_where_an_entry_is_too_large(gradients, max_norm):
    if max(np.abs(g).max() for g in gradients) <= checked(max_norm):
        return [g.copy() for g in gradients]
    return scaled(gradients, norm_of(gradients), max_norm)


@wrong("the bound is compared with the square", "never stretches")
def square_above_the_bound(gradients, max_norm):
    norm = norm_of(gradients)
    factor = max_norm / norm if norm**2 > checked(max_norm) else 1.0
    return [g * factor for g in gradients]


@wrong("a constant against a division by 0 does no harm", "is a constant added?")
def constant_added_to_the_norm(gradients, max_norm):
    factor = min(1.0, checked(max_norm) / (norm_of(gradients) + 1e-6))
    return [g * factor for g in gradients]


@wrong("a very small constant does no harm", "is a constant added?")
def small_constant_added_to_the_norm(gradients, max_norm):
    factor = min(1.0, checked(max_norm) / (norm_of(gradients) + 1e-12))
    return [g * factor for g in gradients]


@wrong("a norm this small counts as 0", "nothing is scaled")
def tiny_gradients_not_clipped(gradients, max_norm):
    norm = norm_of(gradients)
    return scaled(gradients, norm if norm > 1e-7 else 0.0, max_norm)


@wrong("gradients are never 0", "raised ZeroDivisionError")
def division_by_zero(gradients, max_norm):
    factor = min(1.0, checked(max_norm) / norm_of(gradients))
    return [g * factor for g in gradients]


@wrong("0/0 is 0", "nan among its numbers")
def zero_over_zero(gradients, max_norm):
    norm = np.float64(norm_of(gradients))
    with np.errstate(invalid="ignore"):
        return [g / norm * min(norm, checked(max_norm)) for g in gradients]


@wrong("the caller's arrays may be changed", "belongs to the caller")
def in_place(gradients, max_norm):
    norm = norm_of(gradients)
    if norm > checked(max_norm):
        for g in gradients:
            g *= max_norm / norm
    return gradients


@wrong("the caller's list may be changed", "belongs to the caller")
def list_changed(gradients, max_norm):
    norm = norm_of(gradients)
    for i, g in enumerate(gradients):
        gradients[i] = g * min(1.0, checked(max_norm) / (norm or 1.0))
    return gradients


@wrong("in place, and nothing is returned", "end with a return")
def no_return(gradients, max_norm):
    sum_of_the_squares_of_arrays(gradients, max_norm)


@wrong("one vector for a list", "arrays in a list")
def one_long_vector(gradients, max_norm):
    return np.concatenate(
        [g.ravel() for g in sum_of_the_squares_of_arrays(gradients, max_norm)]
    )


@wrong("a generator is a list", "arrays in a list")
def generator_expression(gradients, max_norm):
    return (g for g in sum_of_the_squares_of_arrays(gradients, max_norm))


@wrong("shapes do not matter", "as entry 1 it returned an array of shape (2,)")
def flattened_arrays(gradients, max_norm):
    return [g.ravel() for g in sum_of_the_squares_of_arrays(gradients, max_norm)]


@wrong("the norm is returned as well", "of length 4; expected 3 arrays")
def norm_appended(gradients, max_norm):
    return [*sum_of_the_squares_of_arrays(gradients, max_norm), np.array(norm_of(gradients))]


@wrong("lists are arrays", "expected a NumPy array")
def lists(gradients, max_norm):
    return [g.tolist() for g in sum_of_the_squares_of_arrays(gradients, max_norm)]


@wrong("the last array is forgotten", "of length 2; expected 3 arrays")
def one_too_few(gradients, max_norm):
    return sum_of_the_squares_of_arrays(gradients, max_norm)[:-1]


@lenient("the bound is not tested", "because no gradient is shorter")
def nothing_refused(gradients, max_norm):
    norm = norm_of(gradients)
    return [g * (max_norm / max(norm, max_norm)) for g in gradients]


@lenient("0 is a bound", "because a norm of 0")
def zero_not_refused(gradients, max_norm):
    if max_norm < 0:
        raise ValueError("max_norm must not be negative")
    norm = norm_of(gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@lenient("a gradient of 0 is returned before the bound is tested", "no gradient is shorter")
def zeros_returned_first(gradients, max_norm):
    if not any(g.any() for g in gradients):
        return [g.copy() for g in gradients]
    return sum_of_the_squares_of_arrays(gradients, max_norm)


@lenient("a short gradient is returned before the bound is tested", "because a norm of 0")
def short_ones_returned_first(gradients, max_norm):
    if norm_of(gradients) <= max_norm:
        return [g.copy() for g in gradients]
    return sum_of_the_squares_of_arrays(gradients, max_norm)


@lenient("a negative bound is as good as its size", "because no gradient is shorter")
def negative_not_refused(gradients, max_norm):
    if max_norm == 0:
        raise ValueError("max_norm must not be 0")
    return sum_of_the_squares_of_arrays(gradients, abs(max_norm))
