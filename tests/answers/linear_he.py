"""Answers to assignment 08, ``linear_he(shape, rng)``: PyTorch's layout, (fan_out, fan_in)."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


@right
def second_axis(shape, rng):
    _, fan_in = shape
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


@right
def drawn_in_our_layout_and_transposed(shape, rng):
    fan_out, fan_in = shape
    return (rng.standard_normal((fan_in, fan_out)) * math.sqrt(2 / fan_in)).T


@right
def unit_by_unit(shape, rng):
    fan_out, fan_in = shape
    weights = np.empty(shape)
    for unit in range(fan_out):
        weights[unit] = rng.normal(size=fan_in)
        weights[unit] *= (2 / fan_in) ** 0.5
    return weights


@right
def in_float32(shape, rng):
    if len(shape) != 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    std = np.float32(math.sqrt(2 / shape[-1]))
    return rng.standard_normal(shape, dtype=np.float32) * std


@wrong("the snippet of the exercise: the first axis taken for the inputs", "number of outputs")
def the_snippet(shape, rng):
    inputs, _ = shape
    return rng.normal(0, np.sqrt(2 / inputs), shape)


@wrong("the result is turned, not the fan", "transpose of (3, 4)")
def transposed_result(shape, rng):
    inputs, outputs = shape
    return rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs))


@wrong("the story's factor of 3 is taken out, not its cause", "layer of the story")
def a_third_of_the_variance(shape, rng):
    return rng.normal(0, np.sqrt(2 / (3 * shape[0])), shape)


@wrong("the larger side is the inputs, as in the story", "number of outputs")
def larger_side(shape, rng):
    return rng.normal(0, np.sqrt(2 / max(shape)), shape)


@wrong("the smaller side is the inputs", "number of outputs")
def smaller_side(shape, rng):
    return rng.normal(0, np.sqrt(2 / min(shape)), shape)


@wrong("both sides, to be safe", "Xavier")
def both_fans(shape, rng):
    return rng.normal(0, np.sqrt(2 / sum(shape)), shape)


@wrong("the scheme of linear layers", "what does ReLU do")
def lecun(shape, rng):
    return rng.normal(0, np.sqrt(1 / shape[1]), shape)


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[1] + 1)), shape)


@wrong("variance for standard deviation", "a variance stands where")
def variance_for_std(shape, rng):
    return rng.normal(0, 2 / shape[1], shape)


@wrong("a uniform of the right variance is as good", "not normal")
def uniform(shape, rng):
    bound = np.sqrt(6 / shape[1])
    return rng.uniform(-bound, bound, shape)


@wrong("outliers are moved to two deviations", "is moved there")
def clipped(shape, rng):
    return np.clip(rng.standard_normal(shape), -2, 2) * np.sqrt(2 / shape[1])


@wrong("Keras's truncated normal, without its correction", "is drawn again")
def truncated(shape, rng):
    z = rng.standard_normal(shape)
    while (outside := np.abs(z) > 2).any():
        z[outside] = rng.standard_normal(outside.sum())
    return z * np.sqrt(2 / shape[1])


@wrong("one unit's weights for all units", "not independent")
def one_row_repeated(shape, rng):
    row = rng.normal(0, np.sqrt(2 / shape[1]), (1, shape[1]))
    return np.tile(row, (shape[0], 1))


@wrong("numbers from 0 to 1 will do", "spread evenly around 0")
def not_centred(shape, rng):
    return rng.random(shape) * np.sqrt(6 / shape[1])


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng):
    return np.random.normal(0, np.sqrt(2 / shape[1]), shape)  # noqa: NPY002


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng):
    return np.random.default_rng(8).normal(0, np.sqrt(2 / shape[1]), shape)


@wrong("a list is an array", "expected a NumPy array")
def nested_list(shape, rng):
    return second_axis(shape, rng).tolist()


@wrong("a root of a negative number", "nan")
def nan_everywhere(shape, rng):
    return np.full(shape, np.nan)


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng):
    second_axis(shape, rng)


@lenient("an index in place of two names", "raised IndexError")
def too_short_a_shape(shape, rng):
    if len(shape) > 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    return rng.normal(0, np.sqrt(2 / shape[1]), shape)


@lenient("only what is missing is refused", "(3, 4, 5), rng) returned")
def too_long_a_shape(shape, rng):
    if len(shape) < 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    return rng.normal(0, np.sqrt(2 / shape[1]), shape)
