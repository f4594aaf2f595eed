"""Answers to assignment 04, ``xavier_normal(shape, rng)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(shape):
    """Return the fans, or raise as the exercise asks."""
    if len(shape) != 2 or shape[0] < 1 or shape[1] < 1:
        raise ValueError(f"shape must be two positive integers; got {shape}")
    return shape


@right
def normal_of_this_deviation(shape, rng):
    return rng.normal(scale=math.sqrt(2 / sum(checked(shape))), size=shape)


@right
def one_over_the_mean_fan(shape, rng):
    fan = np.mean(checked(shape))
    return rng.standard_normal(shape) / np.sqrt(fan)


@right
def row_by_row(shape, rng):
    fan_in, fan_out = checked(shape)
    std = (2 / (fan_in + fan_out)) ** 0.5
    rows = []
    for _ in range(fan_in):
        rows.append(std * rng.standard_normal(fan_out))
    return np.array(rows)


@right
def drawn_transposed_in_float32(shape, rng):
    fan_in, fan_out = checked(shape)
    z = rng.standard_normal((fan_out, fan_in), dtype=np.float32).T
    return z * np.float32(math.sqrt(2 / (fan_in + fan_out)))


@right
def sum_of_two_normals(shape, rng):
    checked(shape)
    return (rng.standard_normal((2, *shape)) / np.sqrt(sum(shape))).sum(axis=0)


@wrong("√6 over both fans is the deviation", "is the bound of a uniform")
def bound_for_deviation(shape, rng):
    return rng.normal(0, np.sqrt(6 / sum(checked(shape))), shape)


@wrong("1/n is Xavier's", "LeCun")
def lecun(shape, rng):
    fan_in, _ = checked(shape)
    return rng.normal(0, np.sqrt(1 / fan_in), shape)


@wrong("the gradient alone is kept", "outputs alone")
def fan_out_alone(shape, rng):
    _, fan_out = checked(shape)
    return rng.normal(0, np.sqrt(1 / fan_out), shape)


@wrong("2/n is Xavier's", "He's")
def he(shape, rng):
    fan_in, _ = checked(shape)
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


@wrong("one over the sum of the fans", "a factor of 2 is missing")
def two_forgotten(shape, rng):
    return rng.normal(0, np.sqrt(1 / sum(checked(shape))), shape)


@wrong("a fan is a whole number", "need not be a whole number")
def mean_fan_rounded_down(shape, rng):
    fan = sum(checked(shape)) // 2
    return rng.normal(0, np.sqrt(1 / fan), shape)


@wrong("the mean of the two conditions' variances", "mean of two variances")
def mean_of_the_variances(shape, rng):
    fan_in, fan_out = checked(shape)
    return rng.normal(0, np.sqrt((1 / fan_in + 1 / fan_out) / 2), shape)


@wrong("a layer has several inputs and outputs", "nothing is wrong with these")
def one_refused(shape, rng):
    if len(shape) != 2 or min(shape) < 2:
        raise ValueError("two sizes above 1 are needed")
    return normal_of_this_deviation(shape, rng)


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(shape, rng):
    return rng.normal(0, np.sqrt(2 / (sum(checked(shape)) + 1)), shape)


@wrong("variance for standard deviation", "variance stands where")
def variance_for_deviation(shape, rng):
    return rng.normal(0, 2 / sum(checked(shape)), shape)


@wrong("truncation at two deviations without a correction", "cut off")
def uncorrected_truncation(shape, rng):
    z = rng.standard_normal(checked(shape))
    while (outside := np.abs(z) > 2).any():
        z[outside] = rng.standard_normal(outside.sum())
    return z * np.sqrt(2 / sum(shape))


@wrong("a corrected truncated normal is a normal", "not normal")
def corrected_truncation(shape, rng):
    return uncorrected_truncation(shape, rng) / 0.87962566


@wrong("any distribution of this variance is the normal", "not normal")
def uniform(shape, rng):
    limit = np.sqrt(6 / sum(checked(shape)))
    return rng.uniform(-limit, limit, shape)


@wrong(
    "the weights that were drawn must have this variance", "exactly the same standard deviation"
)
def scaled_to_the_exact_variance(shape, rng):
    z = rng.standard_normal(checked(shape))
    return z * np.sqrt(2 / sum(shape) / np.mean(z**2))


@wrong("a square matrix is drawn, and cut", "expected (")
def cut_from_a_square(shape, rng):
    fan_in, fan_out = checked(shape)
    return rng.normal(0, np.sqrt(2 / sum(shape)), (fan_in, fan_in))[:, :fan_out]


@wrong("small numbers have to be positive", "spread evenly around 0")
def absolute_values(shape, rng):
    return np.abs(rng.normal(0, np.sqrt(2 / sum(checked(shape))), shape))


@wrong("one unit's weights for all units", "not independent")
def one_column_repeated(shape, rng):
    fan_in, fan_out = checked(shape)
    column = rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, 1))
    return np.repeat(column, fan_out, axis=1)


@wrong("the weights that were drawn must have mean 0", "not independent")
def centred_unit_by_unit(shape, rng):
    w = rng.normal(0, np.sqrt(2 / sum(checked(shape))), shape)
    return w - w.mean(axis=0)


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng):
    return np.random.normal(0, np.sqrt(2 / sum(checked(shape))), shape)  # noqa: NPY002


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng):
    return normal_of_this_deviation(shape, np.random.default_rng(42))


@wrong("a list is an array", "expected a NumPy array")
def nested_list(shape, rng):
    return normal_of_this_deviation(shape, rng).tolist()


@wrong("(units, inputs), as other libraries store it", "the transpose of (5, 3)")
def transposed(shape, rng):
    return normal_of_this_deviation(shape, rng).T


@wrong("weights and biases come together", "expected a NumPy array")
def with_biases(shape, rng):
    return normal_of_this_deviation(shape, rng), np.zeros(shape[1])


@wrong("a row for the bias", "returned an array of shape (6, 3)")
def with_a_row_for_the_bias(shape, rng):
    return np.vstack([normal_of_this_deviation(shape, rng), np.zeros(shape[1])])


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng):
    normal_of_this_deviation(shape, rng)


@lenient("nothing is refused", "because a shape needs two")
def nothing_refused(shape, rng):
    return rng.normal(0, np.sqrt(2 / sum(shape)), shape)


@lenient("the missing entry is looked up", "raised IndexError")
def first_and_second_entry(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[0] + shape[1])), shape)


@lenient("further entries do no harm", "because a shape has no third entry")
def third_entry_not_refused(shape, rng):
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError("a shape needs two entries")
    return rng.normal(0, np.sqrt(2 / (shape[0] + shape[1])), shape)


@lenient("no inputs, no weights", "because a layer needs inputs")
def no_inputs_not_refused(shape, rng):
    fan_in, fan_out = shape
    if fan_out < 1:
        raise ValueError("there are no outputs")
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), shape)


@lenient("no outputs, no weights", "because a layer needs outputs")
def no_outputs_not_refused(shape, rng):
    fan_in, fan_out = shape
    if fan_in < 1:
        raise ValueError("there are no inputs")
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), shape)


@wrong("the root of the 2 alone", "root is that of the 2 alone")
def root_of_two_alone(shape, rng):
    return rng.normal(0, np.sqrt(2) / sum(checked(shape)), shape)
