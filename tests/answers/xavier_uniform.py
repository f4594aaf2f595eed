"""Answers to assignment 04, ``xavier_uniform(shape, rng)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong
from tests.answers.xavier_normal import checked


@right
def between_two_limits(shape, rng):
    limit = math.sqrt(6 / sum(checked(shape)))
    return rng.uniform(-limit, limit, size=shape)


@right
def standardized_and_scaled(shape, rng):
    fan_in, fan_out = checked(shape)
    std = np.sqrt(2 / (fan_in + fan_out))
    return std * np.sqrt(12) * (rng.random(shape) - 0.5)


@right
def weight_by_weight(shape, rng):
    rows, columns = checked(shape)
    end = 3**0.5 * ((rows + columns) / 2) ** -0.5
    return np.array(
        [[end * (1 - 2 * rng.random()) for _ in range(columns)] for _ in range(rows)]
    )


@right
def drawn_transposed_in_float32(shape, rng):
    fan_in, fan_out = checked(shape)
    width = np.float32(2 * math.sqrt(6 / (fan_in + fan_out)))
    return ((rng.random((fan_out, fan_in), dtype=np.float32) - np.float32(0.5)) * width).T


@wrong("a deviation is a bound", "a standard deviation stands where the bound")
def deviation_for_bound(shape, rng):
    std = np.sqrt(2 / sum(checked(shape)))
    return rng.uniform(-std, std, shape)


@wrong("the root is forgotten", "root is missing")
def root_forgotten(shape, rng):
    limit = 6 / sum(checked(shape))
    return rng.uniform(-limit, limit, shape)


@wrong("U(±1/√n), the older habit", "heuristic")
def heuristic(shape, rng):
    fan_in, _ = checked(shape)
    limit = 1 / np.sqrt(fan_in)
    return rng.uniform(-limit, limit, shape)


@wrong("1/n is Xavier's", "LeCun")
def lecun(shape, rng):
    fan_in, _ = checked(shape)
    limit = np.sqrt(3 / fan_in)
    return rng.uniform(-limit, limit, shape)


@wrong("the gradient alone is kept", "outputs alone")
def fan_out_alone(shape, rng):
    _, fan_out = checked(shape)
    limit = np.sqrt(3 / fan_out)
    return rng.uniform(-limit, limit, shape)


@wrong("2/n is Xavier's", "He's")
def he(shape, rng):
    fan_in, _ = checked(shape)
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, shape)


@wrong("three over the sum of the fans", "a factor of 2 is missing")
def two_forgotten(shape, rng):
    limit = np.sqrt(3 / sum(checked(shape)))
    return rng.uniform(-limit, limit, shape)


@wrong("a fan is a whole number", "need not be a whole number")
def mean_fan_rounded_down(shape, rng):
    fan = sum(checked(shape)) // 2
    return np.sqrt(3 / fan) * rng.uniform(-1, 1, shape)


@wrong("the mean of the two conditions' variances", "mean of two variances")
def mean_of_the_variances(shape, rng):
    fan_in, fan_out = checked(shape)
    return np.sqrt(1.5 * (1 / fan_in + 1 / fan_out)) * rng.uniform(-1, 1, shape)


@wrong("a layer has several inputs and outputs", "nothing is wrong with these")
def one_refused(shape, rng):
    if len(shape) != 2 or min(shape) < 2:
        raise ValueError("two sizes above 1 are needed")
    return between_two_limits(shape, rng)


@wrong("the variance is how far a uniform reaches", "variance stands where the bound")
def variance_for_bound(shape, rng):
    limit = 2 / sum(checked(shape))
    return rng.uniform(-limit, limit, shape)


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(shape, rng):
    limit = np.sqrt(6 / (sum(checked(shape)) + 1))
    return rng.uniform(-limit, limit, shape)


@wrong("any distribution of this variance is the uniform", "not uniform")
def normal(shape, rng):
    return rng.normal(0, np.sqrt(2 / sum(checked(shape))), shape)


@wrong("the bound is the deviation of a normal", "times what it should be")
def normal_with_the_bound_as_deviation(shape, rng):
    return rng.normal(0, np.sqrt(6 / sum(checked(shape))), shape)


@wrong("a uniform is drawn from 0 up", "spread evenly around 0")
def from_zero_up(shape, rng):
    return rng.uniform(0, np.sqrt(6 / sum(checked(shape))), shape)


@wrong(
    "the weights that were drawn must have this variance", "exactly the same standard deviation"
)
def scaled_to_the_exact_variance(shape, rng):
    w = rng.uniform(-1, 1, checked(shape))
    return w * np.sqrt(2 / sum(shape) / np.mean(w**2))


@wrong("one unit's weights for all units", "not independent")
def one_column_repeated(shape, rng):
    fan_in, fan_out = checked(shape)
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.tile(rng.uniform(-limit, limit, (fan_in, 1)), fan_out)


@wrong("a square matrix is drawn, and cut", "expected (")
def cut_from_a_square(shape, rng):
    fan_in, fan_out = checked(shape)
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_in))[:, :fan_out]


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng):
    limit = np.sqrt(6 / sum(checked(shape)))
    return np.random.uniform(-limit, limit, shape)  # noqa: NPY002


@wrong("a new generator for each call", "in the same state")
def own_generator(shape, rng):
    return between_two_limits(shape, np.random.default_rng())


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng):
    return between_two_limits(shape, np.random.default_rng(1))


@wrong("a list is an array", "expected a NumPy array")
def nested_list(shape, rng):
    return between_two_limits(shape, rng).tolist()


@wrong("(units, inputs), as other libraries store it", "the transpose of (5, 3)")
def transposed(shape, rng):
    return between_two_limits(shape, rng).T


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng):
    between_two_limits(shape, rng)


@lenient("nothing is refused", "because a shape needs two")
def nothing_refused(shape, rng):
    limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(shape, rng):
    assert len(shape) == 2
    assert min(shape) > 0
    return between_two_limits(shape, rng)


@lenient("unpacking refuses enough", "because a layer needs inputs")
def sizes_not_tested(shape, rng):
    fan_in, fan_out = shape
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


@wrong("nearly all lies within three deviations", "three deviations are the bound")
def three_deviations(shape, rng):
    limit = 3 * np.sqrt(2 / sum(checked(shape)))
    return rng.uniform(-limit, limit, shape)


@wrong("the width for the bound", "width of the whole interval")
def whole_width(shape, rng):
    width = np.sqrt(12 * 2 / sum(checked(shape)))
    return rng.uniform(-width, width, shape)


@wrong("the root of the 6 alone", "root is that of the 6 alone")
def root_of_six_alone(shape, rng):
    limit = np.sqrt(6) / sum(checked(shape))
    return rng.uniform(-limit, limit, shape)
