"""Answers to assignment 03, ``uniform_for_variance(shape, variance, rng)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(variance):
    """Return the variance, or raise as the exercise asks."""
    if not (math.isfinite(variance) and variance >= 0):
        raise ValueError(f"variance must be finite and not negative; got {variance}")
    return variance


@right
def between_two_bounds(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance))
    return rng.uniform(low=-bound, high=bound, size=shape)


@right
def standardized_and_scaled(shape, variance, rng):
    return (rng.random(shape) - 0.5) * np.sqrt(12 * checked(variance))


@right
def one_by_one(shape, variance, rng):
    width = 2 * 3**0.5 * checked(variance) ** 0.5
    flat = [width * (rng.random() - 0.5) for _ in range(math.prod(shape))]
    return np.reshape(flat, shape)


@right
def size_and_sign_apart(shape, variance, rng):
    if variance < 0 or np.isnan(variance) or np.isinf(variance):
        raise ValueError("no such variance")
    sign = rng.choice([-1, 1], shape)
    return sign * rng.uniform(0, np.sqrt(variance) * np.sqrt(3), shape)


@right
def in_float32(shape, variance, rng):
    width = np.float32(math.sqrt(12 * checked(variance)))
    return rng.random(shape, dtype=np.float32) * width - width / 2


@right
def by_the_distribution_of_a_normal(shape, variance, rng):
    z = rng.standard_normal((2, *shape))
    angle = np.arctan2(*z) / np.pi  # uniform from -1 to 1
    return angle * math.sqrt(3 * checked(variance))


@wrong("the standard deviation is how far a uniform reaches", "deviation stands where a bound")
def deviation_for_bound(shape, variance, rng):
    bound = math.sqrt(checked(variance))
    return rng.uniform(-bound, bound, shape)


@wrong("the variance is how far a uniform reaches", "variance stands where a bound")
def variance_for_bound(shape, variance, rng):
    checked(variance)
    return rng.uniform(-variance, variance, shape)


@wrong("a third of the square, solved without a root", "lacks a root")
def root_forgotten(shape, variance, rng):
    bound = 3 * checked(variance)
    return rng.uniform(-bound, bound, shape)


@wrong("the root of the 3 alone", "root was taken of a part")
def root_of_the_three_alone(shape, variance, rng):
    bound = math.sqrt(3) * checked(variance)
    return rng.uniform(-bound, bound, shape)


@wrong("the width of the interval on either side", "the length of the whole interval")
def twelve_for_three(shape, variance, rng):
    bound = math.sqrt(12 * checked(variance))
    return rng.uniform(-bound, bound, shape)


@wrong("the mean of w^2 over the interval, from 0 to its end", "only one was integrated over")
def six_for_three(shape, variance, rng):
    bound = math.sqrt(6 * checked(variance))
    return rng.uniform(-bound, bound, shape)


@wrong("the interval's end is taken for its width", "half as far")
def end_for_width(shape, variance, rng):
    return (rng.random(shape) - 0.5) * math.sqrt(3 * checked(variance))


@wrong("a third of the variance, not three times as much", "divided that should be multiplied")
def divided_by_three(shape, variance, rng):
    bound = math.sqrt(checked(variance) / 3)
    return rng.uniform(-bound, bound, shape)


@wrong("a variance is meant per input", "divided by the number of inputs")
def divided_by_the_inputs(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance) / shape[0])
    return rng.uniform(-bound, bound, shape)


@wrong("U(0, 1) is what uniform means", "spread evenly around 0")
def from_zero_up(shape, variance, rng):
    return rng.uniform(0, math.sqrt(12 * checked(variance)), shape)


@wrong("any distribution of this variance will do", "not uniform")
def normal(shape, variance, rng):
    return rng.normal(0, math.sqrt(checked(variance)), shape)


@wrong("two values are evenly spread as well", "not uniform")
def plus_or_minus(shape, variance, rng):
    return rng.choice([-1.0, 1.0], shape) * math.sqrt(checked(variance))


@wrong("1.7 is near enough to the root of 3", "times what it should be")
def rounded_root(shape, variance, rng):
    bound = 1.7 * math.sqrt(checked(variance))
    return rng.uniform(-bound, bound, shape)


@wrong("the weights that were drawn must have this variance", "scaled after they were drawn")
def scaled_to_the_exact_variance(shape, variance, rng):
    checked(variance)
    w = rng.uniform(-1, 1, shape)
    return w * math.sqrt(variance) / w.std()


@wrong("the weights that were drawn must have mean 0", "the bound is")
def centred_after_the_draw(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance))
    w = rng.uniform(-bound, bound, shape)
    return w - w.mean()


@wrong("a row for all rows", "not independent")
def one_row_repeated(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance))
    return np.broadcast_to(rng.uniform(-bound, bound, shape[1:]), shape).copy()


@wrong("weights are matrices", "raised")
def matrices_only(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance))
    rows, columns = shape
    return rng.uniform(-bound, bound, (rows, columns))


@wrong("large variances do not occur", "times what it should be")
def capped_at_one(shape, variance, rng):
    bound = math.sqrt(3 * min(checked(variance), 1))
    return rng.uniform(-bound, bound, shape)


@wrong("small variances are rounded away", "all weights are the same")
def at_least_a_hundredth(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance))
    return rng.uniform(-bound, bound, shape) if variance > 0.01 else np.zeros(shape)


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, variance, rng):
    bound = math.sqrt(3 * checked(variance))
    return np.random.uniform(-bound, bound, shape)  # noqa: NPY002


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, variance, rng):
    return between_two_bounds(shape, variance, np.random.default_rng(0))


@wrong("a list is an array", "expected a NumPy array")
def nested_list(shape, variance, rng):
    return between_two_bounds(shape, variance, rng).tolist()


@wrong("(units, inputs), as other libraries store it", "the transpose of (3, 4)")
def transposed(shape, variance, rng):
    return between_two_bounds(shape, variance, rng).T


@wrong("the return is forgotten", "end with a return")
def no_return(shape, variance, rng):
    between_two_bounds(shape, variance, rng)


@wrong("another order of arguments", "raised")
def arguments_in_another_order(shape, rng, variance):
    return between_two_bounds(shape, variance, rng)


@wrong("a variance must be above 0", "raised ValueError")
def zero_refused(shape, variance, rng):
    if variance <= 0:
        raise ValueError("variance must be positive")
    return between_two_bounds(shape, variance, rng)


@wrong("a little is added, in case of a division by 0", "entries other than 0")
def a_little_added(shape, variance, rng):
    return between_two_bounds(shape, variance + 1e-9, rng)


@lenient("nothing is refused: NumPy answers nan", "because no variance is negative")
def nothing_refused(shape, variance, rng):
    return (2 * rng.random(shape) - 1) * np.sqrt(3 * np.float64(variance))


@lenient("a variance has a sign", "because no variance is negative")
def negative_not_refused(shape, variance, rng):
    return between_two_bounds(shape, abs(variance), rng)


@lenient("only what is below 0 is refused", "because a variance must be finite")
def infinity_not_refused(shape, variance, rng):
    if not variance >= 0:
        raise ValueError("variance must not be negative")
    return (2 * rng.random(shape) - 1) * np.sqrt(3 * variance)


@lenient("nan is below 0 or infinite", "because a variance must be a number")
def nan_not_refused(shape, variance, rng):
    if variance < 0 or variance == np.inf:
        raise ValueError("variance must be finite and not negative")
    return (2 * rng.random(shape) - 1) * np.sqrt(3 * variance)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(shape, variance, rng):
    assert 0 <= variance < math.inf
    return between_two_bounds(shape, variance, rng)
