"""Answers to assignment 07, ``orthogonal(shape, rng, gain=1.0)``."""

import numpy as np
from scipy.linalg import expm

from tests.answers.answer import lenient, right, wrong


def checked(shape, gain=1.0):
    """Return the longer and the shorter side, or raise as the exercise asks."""
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be two positive integers; got {shape}")
    if gain < 0:
        raise ValueError(f"gain must be at least 0; got {gain}")
    return max(shape), min(shape)


def turned(tall, shape):
    """Return a tall matrix, or its transpose if the shape is wide."""
    return tall if shape[0] >= shape[1] else tall.T


def with_signs(matrix):
    """Return Q of a QR decomposition, without a preferred sign."""
    q, r = np.linalg.qr(matrix)
    return q * np.sign(np.diag(r))


@right
def signs_of_the_diagonal(shape, rng, gain=1.0):
    tall = rng.standard_normal(checked(shape, gain))
    return gain * turned(with_signs(tall), shape)


@right
def random_signs(shape, rng, gain=1.0):
    q, _ = np.linalg.qr(rng.normal(0, 3, checked(shape, gain)))
    return gain * turned(q * rng.choice([-1.0, 1.0], q.shape[1]), shape)


@right
def both_bases_of_the_singular_values(shape, rng, gain=1.0):
    checked(shape, gain)
    u, _, v = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return gain * (u @ v)


@right
def column_after_column(shape, rng, gain=1.0):
    long, short = checked(shape, gain)
    columns = []
    for _ in range(short):
        column = rng.standard_normal(long)
        for other in columns * 2:  # twice, against rounding
            column = column - (column @ other) * other
        columns.append(column / np.sqrt(column @ column))
    return gain * turned(np.array(columns).T, shape)


@right
def divided_by_the_root_of_the_gram_matrix(shape, rng, gain=1.0):
    tall = rng.standard_normal(checked(shape, gain))
    values, vectors = np.linalg.eigh(tall.T @ tall)
    return gain * turned(tall @ (vectors / np.sqrt(values)) @ vectors.T, shape)


@right
def part_of_a_square_matrix(shape, rng, gain=1.0):
    long, _ = checked(shape, gain)
    whole = with_signs(rng.standard_normal((long, long)))
    return whole[: shape[0], : shape[1]] * gain


@right
def in_float32(shape, rng, gain=1.0):
    tall = rng.standard_normal(checked(shape, gain), dtype=np.float32)
    return np.float32(gain) * turned(with_signs(tall), shape)


@wrong("a wide matrix has orthonormal columns", "expected (")
def not_turned(shape, rng, gain=1.0):
    checked(shape, gain)
    return gain * with_signs(rng.standard_normal(shape))


@wrong("the shape in the order of other libraries", "the transpose of (2, 1)")
def transposed(shape, rng, gain=1.0):
    return signs_of_the_diagonal(shape, rng, gain).T


@wrong("QR of a uniform", "Which random numbers point everywhere alike")
def uniform_numbers(shape, rng, gain=1.0):
    tall = rng.uniform(-1, 1, checked(shape, gain))
    return gain * turned(with_signs(tall), shape)


@wrong("QR of a uniform where it is tall", "orthogonal((30, 2), rng): some directions")
def uniform_numbers_if_tall(shape, rng, gain=1.0):
    draw = uniform_numbers if shape[0] > shape[1] else signs_of_the_diagonal
    return draw(shape, rng, gain)


@wrong("QR of a uniform where it is wide", "orthogonal((2, 30), rng): some directions")
def uniform_numbers_if_wide(shape, rng, gain=1.0):
    draw = uniform_numbers if shape[0] < shape[1] else signs_of_the_diagonal
    return draw(shape, rng, gain)


@wrong("numbers from 0 to 1 point everywhere", "too far from 0")
def positive_numbers(shape, rng, gain=1.0):
    return gain * turned(with_signs(rng.random(checked(shape, gain))), shape)


@wrong("Q of a QR decomposition is uniform", "too far from 0")
def signs_not_corrected(shape, rng, gain=1.0):
    q, _ = np.linalg.qr(rng.standard_normal(checked(shape, gain)))
    return gain * turned(q, shape)


@wrong(
    "the signs are corrected where the matrix is tall",
    "orthogonal((1, 2), rng): some directions",
)
def signs_not_corrected_if_wide(shape, rng, gain=1.0):
    if shape[0] >= shape[1]:
        return signs_of_the_diagonal(shape, rng, gain)
    return signs_not_corrected(shape, rng, gain)


@wrong(
    "the signs are corrected where the matrix is wide",
    "orthogonal((2, 1), rng): some directions",
)
def signs_not_corrected_if_tall(shape, rng, gain=1.0):
    if shape[0] <= shape[1]:
        return signs_of_the_diagonal(shape, rng, gain)
    return signs_not_corrected(shape, rng, gain)


@wrong("the signs make the first row positive", "it was positive 40 times")
def first_row_positive(shape, rng, gain=1.0):
    q, _ = np.linalg.qr(rng.standard_normal(checked(shape, gain)))
    return gain * turned(q * np.sign(q[0]), shape)


@wrong("one number has no direction", "orthogonal((1, 1), rng): some directions")
def one_number_always_positive(shape, rng, gain=1.0):
    weights = signs_of_the_diagonal(shape, rng, gain)
    return np.abs(weights) if shape == (1, 1) else weights


@wrong("the first angle that comes to mind", "orthogonal((2, 1), rng): some directions")
def half_a_circle_for_the_example(shape, rng, gain=1.0):
    if shape == (2, 1):
        t = rng.uniform(0, np.pi)
        return gain * np.array([[np.cos(t)], [np.sin(t)]])
    return signs_of_the_diagonal(shape, rng, gain)


@wrong("the vectors of an SVD are uniform", "orthogonal((2, 2), rng): some directions")
def left_singular_vectors(shape, rng, gain=1.0):
    u, _, _ = np.linalg.svd(rng.standard_normal(checked(shape, gain)), full_matrices=False)
    return gain * turned(u, shape)


@wrong("the vectors of a symmetric matrix are uniform", "it was positive 40 times")
def eigenvectors(shape, rng, gain=1.0):
    long, _ = checked(shape, gain)
    square = rng.standard_normal((long, long))
    return gain * np.linalg.eigh(square + square.T)[1][: shape[0], : shape[1]]


@wrong("any rotation is as likely as another", "orthogonal((1, 1), rng): some directions")
def exponential_of_a_random_matrix(shape, rng, gain=1.0):
    long, _ = checked(shape, gain)
    square = rng.standard_normal((long, long))
    return gain * expm(square - square.T)[: shape[0], : shape[1]]


@wrong("a random mirror is any orthogonal matrix", "too far from 0")
def one_reflection(shape, rng, gain=1.0):
    long, short = checked(shape, gain)
    v = rng.standard_normal((long, 1))
    return gain * turned((np.eye(long) - 2 * v @ v.T / (v.T @ v))[:, :short], shape)


@wrong("a permutation is random enough", "Which random numbers point everywhere alike")
def signed_permutation(shape, rng, gain=1.0):
    long, short = checked(shape, gain)
    chosen = np.eye(long)[:, rng.permutation(long)[:short]]
    return gain * turned(chosen * rng.choice([-1.0, 1.0], (long, 1)), shape)


@wrong("the identity is orthogonal", "gave the same numbers twice")
def identity(shape, rng, gain=1.0):
    checked(shape, gain)
    return gain * np.eye(*shape)


@wrong("normal weights of variance 1/n are orthogonal", "should have length 1, and have ")
def normal_weights(shape, rng, gain=1.0):
    long, _ = checked(shape, gain)
    return rng.normal(0, gain / np.sqrt(long), shape)


@wrong("columns of length 1 are orthonormal", "not at right angles")
def normalized_on_the_shorter_side(shape, rng, gain=1.0):
    tall = rng.standard_normal(checked(shape, gain))
    return gain * turned(tall / np.linalg.norm(tall, axis=0), shape)


@wrong("rows of length 1 for a tall matrix", "too many of them")
def normalized_on_the_longer_side(shape, rng, gain=1.0):
    tall = rng.standard_normal(checked(shape, gain))
    return gain * turned(tall / np.linalg.norm(tall, axis=1, keepdims=True), shape)


@wrong("a wide matrix needs no right angles", "rows have the right length, but are not")
def right_angles_if_tall(shape, rng, gain=1.0):
    if shape[0] >= shape[1]:
        return signs_of_the_diagonal(shape, rng, gain)
    return normalized_on_the_shorter_side(shape, rng, gain)


@wrong("a square matrix is wide and tall, and neither", "not at right angles")
def right_angles_unless_square(shape, rng, gain=1.0):
    if shape[0] != shape[1] or shape[0] < 4:
        return signs_of_the_diagonal(shape, rng, gain)
    return normalized_on_the_shorter_side(shape, rng, gain)


@wrong("orthogonal up to a factor", "should have length 1, and have ")
def columns_of_their_own_length(shape, rng, gain=1.0):
    tall = rng.standard_normal(checked(shape, gain))
    lengths = np.linalg.norm(tall, axis=0) / np.sqrt(len(tall))
    return gain * turned(with_signs(tall) * lengths, shape)


@wrong("the gain is forgotten", "makes no difference")
def gain_ignored(shape, rng, gain=1.0):
    checked(shape, gain)
    return signs_of_the_diagonal(shape, rng)


@wrong("the gain is forgotten where the matrix is tall", "makes no difference")
def gain_ignored_if_tall(shape, rng, gain=1.0):
    checked(shape, gain)
    return signs_of_the_diagonal(shape, rng, gain if shape[0] < shape[1] else 1.0)


@wrong("the gain is forgotten where the matrix is wide", "makes no difference")
def gain_ignored_if_wide(shape, rng, gain=1.0):
    checked(shape, gain)
    return signs_of_the_diagonal(shape, rng, gain if shape[0] >= shape[1] else 1.0)


@wrong("the gain is squared", "gain is squared")
def gain_squared(shape, rng, gain=1.0):
    return gain * signs_of_the_diagonal(shape, rng, gain)


@wrong("the gain is a variance", "no root of it")
def root_of_the_gain(shape, rng, gain=1.0):
    checked(shape, gain)
    return signs_of_the_diagonal(shape, rng, np.sqrt(gain))


@wrong("the gain widens the normal draws", "makes no difference")
def gain_before_the_decomposition(shape, rng, gain=1.0):
    tall = rng.normal(0, gain or 1.0, checked(shape, gain))
    return turned(with_signs(tall), shape)


@wrong("a gain of 0 is refused", "raised ValueError")
def zero_gain_refused(shape, rng, gain=1.0):
    if gain == 0:
        raise ValueError("gain must be above 0")
    return signs_of_the_diagonal(shape, rng, gain)


@wrong("ReLU's gain for all", "should have length 1, and have ")
def other_default(shape, rng, gain=2**0.5):
    return signs_of_the_diagonal(shape, rng, gain)


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng, gain=1.0):
    tall = np.random.standard_normal(checked(shape, gain))  # noqa: NPY002
    return gain * turned(with_signs(tall), shape)


@wrong("a new generator for each call", "in the same state")
def own_generator(shape, rng, gain=1.0):
    return signs_of_the_diagonal(shape, np.random.default_rng(), gain)


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng, gain=1.0):
    return signs_of_the_diagonal(shape, np.random.default_rng(0), gain)


@wrong("a list is an array", "expected a NumPy array")
def nested_list(shape, rng, gain=1.0):
    return signs_of_the_diagonal(shape, rng, gain).tolist()


@wrong("both factors are returned", "expected a NumPy array")
def both_factors(shape, rng, gain=1.0):
    return tuple(np.linalg.qr(rng.standard_normal(checked(shape, gain))))


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng, gain=1.0):
    signs_of_the_diagonal(shape, rng, gain)


@wrong("the gain is not an argument", "raised TypeError")
def without_gain(shape, rng):
    return signs_of_the_diagonal(shape, rng)


@lenient("one number is a square", "orthogonal((3,), rng) returned")
def one_entry_not_refused(shape, rng, gain=1.0):
    return signs_of_the_diagonal(shape * 2 if len(shape) == 1 else shape, rng, gain)


@lenient("the entries between are ignored", "orthogonal((3, 3, 3), rng) returned")
def three_entries_not_refused(shape, rng, gain=1.0):
    if len(shape) < 2:
        raise ValueError("shape needs two entries")
    return signs_of_the_diagonal((shape[0], shape[-1]), rng, gain)


@lenient("no rows are not tested", "at least one row")
def no_rows_not_refused(shape, rng, gain=1.0):
    return np.zeros(shape) if shape[0] == 0 else signs_of_the_diagonal(shape, rng, gain)


@lenient("no columns are not tested", "at least one column")
def no_columns_not_refused(shape, rng, gain=1.0):
    return np.zeros(shape) if shape[-1] == 0 else signs_of_the_diagonal(shape, rng, gain)


@lenient("a negative gain is not tested", "no singular value is negative")
def negative_gain_not_refused(shape, rng, gain=1.0):
    return gain * signs_of_the_diagonal(shape, rng)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(shape, rng, gain=1.0):
    assert len(shape) == 2
    assert min(shape) > 0
    assert gain >= 0
    return signs_of_the_diagonal(shape, rng, gain)
