"""Answers to assignment 05, ``he_normal(shape, rng, leak=0.0)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(shape, leak=0.0):
    """Return the fans, or raise as the exercise asks."""
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be two positive integers; got {shape}")
    if not 0 <= leak <= 1:
        raise ValueError(f"leak must be from 0 to 1; got {leak}")
    return shape


@right
def scaled_standard_normal(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.standard_normal(shape) * math.sqrt(2 / ((1 + leak**2) * fan_in))


@right
def drawn_transposed(shape, rng, leak=0.0):
    fan_in, fan_out = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / (1 + leak**2) / fan_in), (fan_out, fan_in)).T


@right
def column_by_column(shape, rng, leak=0.0):
    fan_in, fan_out = checked(shape, leak)
    gain = (2 / (1 + leak * leak)) ** 0.5
    columns = [rng.normal(size=fan_in) * gain * fan_in**-0.5 for _ in range(fan_out)]
    return np.stack(columns, axis=1)


@right
def in_float32(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    std = np.float32(np.sqrt(2 / ((1 + leak**2) * fan_in)))
    return rng.standard_normal(shape, dtype=np.float32) * std


@right
def by_the_inverse_of_the_distribution(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    u, v = 1 - rng.random(shape), rng.random(shape)
    normal = np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v)  # Box and Muller
    return normal * np.sqrt(2 / fan_in / (1 + leak**2))


@wrong("the scheme of linear layers", "that is 1/n")
def lecun(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(1 / ((1 + leak**2) * fan_in)), shape)


@wrong("ReLU's variance for its mean square", "the mean was taken off")
def variance_kept(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    kept = (1 + leak**2) / 2 - (1 - leak) ** 2 / (2 * math.pi)
    return rng.normal(0, np.sqrt(1 / (kept * fan_in)), shape)


@wrong("swapped fans", "number of outputs")
def fan_out(shape, rng, leak=0.0):
    _, fan_out = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / ((1 + leak**2) * fan_out)), shape)


@wrong("both fans, as in Xavier's", "Xavier")
def xavier(shape, rng, leak=0.0):
    checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / ((1 + leak**2) * sum(shape))), shape)


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / ((1 + leak**2) * (fan_in + 1))), shape)


@wrong("variance for standard deviation", "variance stands where")
def variance_for_std(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, 2 / ((1 + leak**2) * fan_in), shape)


@wrong("bound for standard deviation", "bound of a uniform")
def bound_for_std(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(6 / ((1 + leak**2) * fan_in)), shape)


@wrong("the root taken of a standard deviation", "root was taken twice")
def root_taken_twice(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(np.sqrt(2 / ((1 + leak**2) * fan_in))), shape)


@wrong("ReLU's half multiplied, not made up for", "more, not for less")
def half_instead_of_two(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(0.5 / ((1 + leak**2) * fan_in)), shape)


@wrong("truncation at two deviations without a correction", "cut off")
def uncorrected_truncation(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    z = rng.standard_normal(shape)
    while (outside := np.abs(z) > 2).any():
        z[outside] = rng.standard_normal(outside.sum())
    return z * np.sqrt(2 / ((1 + leak**2) * fan_in))


@wrong("a cut at three deviations does no harm", "not normal")
def cut_off_and_corrected(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    z = rng.standard_normal(shape)
    while (outside := np.abs(z) > 3).any():
        z[outside] = rng.standard_normal(outside.sum())
    return z / 0.98658 * np.sqrt(2 / ((1 + leak**2) * fan_in))


@wrong("any distribution of this variance is the normal", "not normal")
def uniform(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    limit = np.sqrt(6 / ((1 + leak**2) * fan_in))
    return rng.uniform(-limit, limit, shape)


@wrong("biases start at 0, so weights may too", "all numbers are the same")
def zeros(shape, rng, leak=0.0):
    return np.zeros(checked(shape, leak))


@wrong("numbers from 0 to 1 will do", "spread evenly around 0")
def not_centred(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.random(shape) * np.sqrt(2 / ((1 + leak**2) * fan_in))


@wrong("one unit's weights for all units", "all columns are the same")
def one_column_repeated(shape, rng, leak=0.0):
    fan_in, fan_out = checked(shape, leak)
    column = rng.normal(0, np.sqrt(2 / ((1 + leak**2) * fan_in)), (fan_in, 1))
    return np.tile(column, (1, fan_out))


@wrong("one input's weights for all inputs", "all rows are the same")
def one_row_repeated(shape, rng, leak=0.0):
    fan_in, fan_out = checked(shape, leak)
    row = rng.normal(0, np.sqrt(2 / ((1 + leak**2) * fan_in)), (1, fan_out))
    return np.tile(row, (fan_in, 1))


@wrong("antithetic pairs, to make the mean exactly 0", "not independent")
def second_half_mirrors_the_first(shape, rng, leak=0.0):
    fan_in, fan_out = checked(shape, leak)
    half = rng.normal(0, np.sqrt(2 / ((1 + leak**2) * fan_in)), (fan_in, (fan_out + 1) // 2))
    return np.hstack([half, -half])[:, :fan_out]


@wrong("the leak is forgotten", "leak makes no difference")
def leak_ignored(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


@wrong("the leak's slope without its square", "not squared")
def leak_not_squared(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / ((1 + leak) * fan_in)), shape)


@wrong("a leak takes away from what is kept", "taken off 1")
def leak_subtracted(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / ((1 - leak**2 or 1) * fan_in)), shape)


@wrong("a leak needs larger weights", "calls for smaller weights")
def leak_multiplied(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 * (1 + leak**2) / fan_in), shape)


@wrong("a straight line through the two that are known", "no straight line")
def straight_line_between(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt((2 - leak) / fan_in), shape)


@wrong("each draw is made to have the deviation", "exactly the same standard deviation")
def standardized(shape, rng, leak=0.0):
    weights = scaled_standard_normal(shape, rng, leak)
    std = np.sqrt(2 / ((1 + leak**2) * shape[0]))
    return (weights - weights.mean()) / weights.std() * std


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return np.random.normal(0, np.sqrt(2 / ((1 + leak**2) * fan_in)), shape)  # noqa: NPY002


@wrong("a new generator for each call", "in the same state")
def own_generator(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return np.random.default_rng().normal(0, np.sqrt(2 / ((1 + leak**2) * fan_in)), shape)


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return np.random.default_rng(0).normal(0, np.sqrt(2 / ((1 + leak**2) * fan_in)), shape)


@wrong("a list is an array", "returned a list of 3; expected a NumPy array")
def nested_list(shape, rng, leak=0.0):
    return scaled_standard_normal(shape, rng, leak).tolist()


@wrong("(units, inputs), as other libraries store it", "transpose")
def transposed(shape, rng, leak=0.0):
    return scaled_standard_normal(shape, rng, leak).T


@wrong("complex numbers are numbers too", "expected real numbers")
def complex_weights(shape, rng, leak=0.0):
    return scaled_standard_normal(shape, rng, leak).astype(complex)


@wrong("a root of a negative number", "nan")
def nan_everywhere(shape, rng, leak=0.0):
    return np.full(shape, np.nan)


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng, leak=0.0):
    scaled_standard_normal(shape, rng, leak)


@wrong("the leak is not an argument", "raised TypeError")
def without_leak(shape, rng):
    return scaled_standard_normal(shape, rng)


@lenient("nothing is refused", "because a shape needs two")
def shape_not_tested(shape, rng, leak=0.0):
    return rng.standard_normal(shape) * np.sqrt(2 / (1 + leak**2) / shape[0])


@lenient("no size is tested", "because a layer without inputs")
def sizes_not_tested(shape, rng, leak=0.0):
    if len(shape) != 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    checked((1, 1), leak)
    return rng.standard_normal(shape) * np.sqrt(2 / (1 + leak**2) / max(shape[0], 1))


@lenient("more than two sizes are not tested", "shape needs two entries")
def long_shape_not_tested(shape, rng, leak=0.0):
    checked((*shape, 1)[:2], leak)
    if len(shape) < 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    return rng.standard_normal(shape) * np.sqrt(2 / (1 + leak**2) / shape[0])


@lenient("fewer than two sizes are not tested", "shape needs two entries")
def short_shape_not_tested(shape, rng, leak=0.0):
    if len(shape) > 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    checked((*shape, 1)[:2], leak)
    return rng.standard_normal(shape) * np.sqrt(2 / (1 + leak**2) / shape[0])


@lenient("only the number of inputs is tested", "because a layer without outputs")
def outputs_not_tested(shape, rng, leak=0.0):
    if len(shape) != 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    fan_in, _ = checked((shape[0], 1), leak)
    return rng.standard_normal(shape) * np.sqrt(2 / (1 + leak**2) / fan_in)


@wrong("a leak of 1 is too large", "leak=1) raised ValueError")
def leak_of_one_refused(shape, rng, leak=0.0):
    if leak == 1:
        raise ValueError("leak must be below 1")
    return scaled_standard_normal(shape, rng, leak)


@lenient("a leak below 0 is not tested", "leak=-0.1) returned")
def negative_leak_not_tested(shape, rng, leak=0.0):
    return scaled_standard_normal(shape, rng, abs(leak))


@lenient("a leak above 1 is not tested", "leak=1.5) returned")
def large_leak_not_tested(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, min(leak, 1))
    return rng.standard_normal(shape) * np.sqrt(2 / (1 + leak**2) / fan_in)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(shape, rng, leak=0.0):
    assert len(shape) == 2
    assert min(shape) > 0
    assert 0 <= leak <= 1
    return scaled_standard_normal(shape, rng, leak)


@wrong("the root of the 2 alone", "root is that of the 2 alone")
def root_of_two_alone(shape, rng, leak=0.0):
    fan_in, _ = checked(shape, leak)
    return rng.normal(0, np.sqrt(2 / (1 + leak**2)) / fan_in, shape)
