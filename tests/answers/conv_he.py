"""Answers to assignment 08, ``conv_he(shape, rng)``: kernels (out, in, height, width)."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


@right
def three_axes(shape, rng):
    _, n_in, height, width = shape
    return rng.normal(0, np.sqrt(2 / (n_in * height * width)), shape)


@right
def drawn_as_keras_does_and_turned(shape, rng):
    n_out, n_in, height, width = shape
    kernel = rng.standard_normal((height, width, n_in, n_out))
    return kernel.transpose(3, 2, 0, 1) * math.sqrt(2 / (n_in * height * width))


@right
def output_by_output(shape, rng):
    n_out, *field = shape
    if len(field) != 3:
        raise ValueError(f"shape must have four entries; got {shape}")
    factor = (2 / (field[0] * field[1] * field[2])) ** 0.5
    return np.stack([rng.normal(size=field) * factor for _ in range(n_out)])


@right
def as_a_matrix_in_float32(shape, rng):
    if len(shape) != 4:
        raise ValueError(f"shape must have four entries; got {shape}")
    rows = math.prod(shape[1:])
    matrix = rng.standard_normal((shape[0], rows), dtype=np.float32)
    return (matrix * np.float32(math.sqrt(2 / rows))).reshape(shape)


@wrong(
    "the snippet of the exercise: the field forgotten",
    ": that is the variance that one pixel's inputs need",
)
def the_snippet(shape, rng):
    channels_out, channels_in, height, width = shape
    spread = np.sqrt(2 / channels_in)
    return spread * rng.standard_normal((channels_out, channels_in, height, width))


@wrong("every window is 3 x 3", "3 x 3")
def always_nine(shape, rng):
    return rng.normal(0, np.sqrt(2 / (9 * shape[1])), shape)


@wrong("every window is a square, of the height's side", "on its height")
def height_squared(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[2] ** 2 * shape[1])), shape)


@wrong("every window is a square, of the width's side", "on its width")
def width_squared(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[3] ** 2 * shape[1])), shape)


@wrong("the size of a window is the sum of its sides", "two sides of the window are added")
def sides_added(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[1] * (shape[2] + shape[3]))), shape)


@wrong("the field is its height", "only the height")
def height_alone(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[1] * shape[2])), shape)


@wrong("the field is its width", "only the width")
def width_alone(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[1] * shape[3])), shape)


@wrong("the deviation is divided by the field's size", "divides the standard deviation")
def field_outside_the_root(shape, rng):
    return rng.normal(0, np.sqrt(2 / shape[1]) / (shape[2] * shape[3]), shape)


@wrong("the field multiplies the variance", "error doubled")
def field_in_the_numerator(shape, rng):
    return rng.normal(0, np.sqrt(2 * shape[2] * shape[3] / shape[1]), shape)


@wrong("the axes in Keras's order", "right for Keras")
def axes_as_in_keras(shape, rng):
    return rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)


@wrong("swapped fans", "outputs in place of the inputs")
def fan_out(shape, rng):
    return rng.normal(0, np.sqrt(2 / (shape[0] * shape[2] * shape[3])), shape)


@wrong("the smaller number of channels is that of the inputs", "outputs in place of the inputs")
def smaller_number_of_channels(shape, rng):
    fan = min(shape[:2]) * shape[2] * shape[3]
    return rng.normal(0, np.sqrt(2 / fan), shape)


@wrong("all weights of the kernel are one unit's", "all weights are counted")
def all_weights(shape, rng):
    return rng.normal(0, np.sqrt(2 / np.prod(shape)), shape)


@wrong("both fans, to be safe", "Xavier")
def both_fans(shape, rng):
    fans = (shape[0] + shape[1]) * shape[2] * shape[3]
    return rng.normal(0, np.sqrt(2 / fans), shape)


@wrong("the scheme of linear layers", "what does ReLU do")
def lecun(shape, rng):
    return rng.normal(0, np.sqrt(1 / np.prod(shape[1:])), shape)


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(shape, rng):
    return rng.normal(0, np.sqrt(2 / (np.prod(shape[1:]) + 1)), shape)


@wrong("variance for standard deviation", "a variance stands where")
def variance_for_std(shape, rng):
    return rng.normal(0, 2 / np.prod(shape[1:]), shape)


@wrong("a uniform of the right variance is as good", "not normal")
def uniform(shape, rng):
    bound = np.sqrt(6 / np.prod(shape[1:]))
    return rng.uniform(-bound, bound, shape)


@wrong("one filter for all input channels", "not independent")
def one_filter_for_all_inputs(shape, rng):
    n_out, n_in, height, width = shape
    kernel = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), (n_out, 1, height, width))
    return np.tile(kernel, (1, n_in, 1, 1))


@wrong("one number for all pixels of the field", "not independent")
def flat_filters(shape, rng):
    n_out, n_in, height, width = shape
    kernel = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), (n_out, n_in, 1, 1))
    return np.tile(kernel, (1, 1, height, width))


@wrong("every output has the same filters", "not independent")
def same_filters_for_all_outputs(shape, rng):
    kernel = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), (1, *shape[1:]))
    return np.tile(kernel, (shape[0], 1, 1, 1))


@wrong("kernels in Keras's layout", "returned an array of shape (2, 5, 3, 4)")
def returned_as_in_keras(shape, rng):
    return three_axes(shape, rng).transpose(2, 3, 1, 0)


@wrong("the kernel as a matrix", "returned an array of shape (4, 30)")
def returned_as_a_matrix(shape, rng):
    return three_axes(shape, rng).reshape(shape[0], -1)


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng):
    return np.random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)  # noqa: NPY002


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng):
    return np.random.default_rng(8).normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)


@wrong("a division by 0", "nan")
def nan_everywhere(shape, rng):
    return np.full(shape, np.nan)


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng):
    three_axes(shape, rng)


@lenient("any number of axes will do", "conv_he((3, 4), rng) returned")
def too_few_axes(shape, rng):
    if len(shape) > 4:
        raise ValueError(f"shape must have four entries; got {shape}")
    return rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)


@lenient("only what is missing is refused", "conv_he((2, 3, 3, 4, 5), rng) returned")
def too_many_axes(shape, rng):
    if len(shape) < 4:
        raise ValueError(f"shape must have four entries; got {shape}")
    return rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
