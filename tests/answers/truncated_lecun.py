"""Answers to assignment 08, ``truncated_lecun(shape, rng)``: layout (fan_in, fan_out)."""

import math
from statistics import NormalDist

import numpy as np

from tests.answers.answer import lenient, right, wrong

LEFT = 0.8796  # of the standard deviation, after the cut


def checked(shape):
    """Raise as the exercise asks."""
    if len(shape) != 2:
        raise ValueError(f"shape must have two entries; got {shape}")


def cut_normal(shape, rng, cut=2.0):
    """Return draws of a standard normal, each drawn again until it is inside."""
    z = rng.standard_normal(shape)
    while (outside := np.abs(z) > cut).any():
        z[outside] = rng.standard_normal(outside.sum())
    return z


@right
def drawn_again(shape, rng):
    fan_in, _ = shape
    return cut_normal(shape, rng) / LEFT / np.sqrt(fan_in)


@right
def the_first_that_are_inside(shape, rng):
    checked(shape)
    need = math.prod(shape)
    kept = np.zeros(0)
    while kept.size < need:
        z = rng.normal(size=need)
        kept = np.concatenate([kept, z[(z > -2) & (z < 2)]])
    return kept[:need].reshape(shape) * math.sqrt(1 / (0.774 * shape[0]))


@right
def entry_by_entry(shape, rng):
    fan_in, fan_out = shape
    std = 1 / (0.88 * math.sqrt(fan_in))
    weights = []
    for _ in range(fan_in * fan_out):
        weight = rng.normal(0, std)
        while abs(weight) > 2 * std:
            weight = rng.normal(0, std)
        weights.append(weight)
    return np.array(weights).reshape(shape)


@right
def by_the_inverse_of_the_distribution(shape, rng):
    checked(shape)
    low, high = NormalDist().cdf(-2), NormalDist().cdf(2)
    grid = np.linspace(-2, 2, 401)
    heights = np.array([NormalDist().cdf(z) for z in grid])
    z = np.interp(rng.uniform(low, high, shape), heights, grid)
    left = 1 - 4 * NormalDist().pdf(2) / (high - low)
    return z / np.sqrt(left * shape[0])


@right
def in_float32(shape, rng):
    checked(shape)
    z = rng.standard_normal(shape, dtype=np.float32)
    while (outside := np.abs(z) > 2).any():
        z[outside] = rng.standard_normal(outside.sum(), dtype=np.float32)
    return z * np.float32(1 / (LEFT * math.sqrt(shape[0])))


@wrong("the snippet of the exercise: no correction", "nothing makes up for that")
def the_snippet(shape, rng):
    spread = np.sqrt(1 / shape[0])
    weights = rng.normal(0, spread, shape)
    far = abs(weights) > 2 * spread
    while far.any():
        weights[far] = rng.normal(0, spread, far.sum())
        far = abs(weights) > 2 * spread
    return weights


@wrong("no cut, no loss", "beyond the cut")
def not_truncated(shape, rng):
    return rng.normal(0, np.sqrt(1 / shape[0]), shape)


@wrong("drawn again once will do", "beyond the cut")
def drawn_again_once(shape, rng):
    z = rng.standard_normal(shape)
    outside = np.abs(z) > 2
    z[outside] = rng.standard_normal(outside.sum())
    return z / LEFT / np.sqrt(shape[0])


@wrong("only the upper tail is cut", "beyond the cut")
def cut_on_one_side(shape, rng):
    z = rng.standard_normal(shape)
    while (outside := z > 2).any():
        z[outside] = rng.standard_normal(outside.sum())
    return (z + 0.0553) / 0.9424 / np.sqrt(shape[0])


@wrong("a cut at 2.15 is nearly the same", "beyond the cut")
def cut_a_little_later(shape, rng):
    z = cut_normal(shape, rng, 2.15)
    return z / 0.9080 / np.sqrt(shape[0])


@wrong("what is beyond the cut is moved to it", "moved to the edge")
def clipped(shape, rng):
    z = np.clip(rng.standard_normal(shape), -2, 2)
    return z / np.sqrt(0.9205 * shape[0])


@wrong("the correction widens the normal, and not the cut", "the cut stayed where it was")
def cut_left_where_it_was(shape, rng):
    return cut_normal(shape, rng, 2 * LEFT) / LEFT / np.sqrt(shape[0])


@wrong("two deviations of what is left, not of the normal", "before it is cut")
def cut_at_two_of_what_is_left(shape, rng):
    z = cut_normal(shape, rng, 1.4515)
    return z / 0.7257 / np.sqrt(shape[0])


@wrong("the edge after the correction, without a correction", "beyond the cut")
def cut_at_the_corrected_edge(shape, rng):
    return cut_normal(shape, rng, 2 / LEFT) / np.sqrt(shape[0])


@wrong("a uniform has bounds, too", "that is a uniform")
def uniform(shape, rng):
    bound = np.sqrt(3 / shape[0])
    return rng.uniform(-bound, bound, shape)


@wrong("any bell with these bounds and this variance", "not truncated normal")
def another_bell(shape, rng):
    edge = 2 / LEFT
    exponent = (edge**2 - 1) / 2
    return edge * (2 * rng.beta(exponent, exponent, shape) - 1) / np.sqrt(shape[0])


@wrong("tails are cut off anyway, so a heavier one will do", "not truncated normal")
def students_t_cut_off(shape, rng):
    t = rng.standard_t(3, shape)
    while (outside := np.abs(t) > 2.1009).any():
        t[outside] = rng.standard_t(3, outside.sum())
    return t / 0.92401 / np.sqrt(shape[0])


@wrong("the correction on the wrong side", "wrong side")
def correction_multiplied(shape, rng):
    return cut_normal(shape, rng) * LEFT / np.sqrt(shape[0])


@wrong("the deviation corrected by the variance's factor", "applied to the deviation")
def correction_squared(shape, rng):
    return cut_normal(shape, rng) / LEFT**2 / np.sqrt(shape[0])


@wrong("the share inside is the share of the variance", "not the share of their variance")
def corrected_by_the_share_inside(shape, rng):
    return cut_normal(shape, rng) / np.sqrt(0.9545 * shape[0])


@wrong("the share inside is the share of the deviation", "and for a deviation")
def deviation_corrected_by_the_share_inside(shape, rng):
    return cut_normal(shape, rng) / 0.9545 / np.sqrt(shape[0])


@wrong("seven eighths is near enough", "not exactly made up for")
def rough_correction(shape, rng):
    return cut_normal(shape, rng) / 0.875 / np.sqrt(shape[0])


@wrong("divided by the draw's own deviation", "exactly the same standard deviation")
def corrected_by_the_measured_deviation(shape, rng):
    z = cut_normal(shape, rng)
    return z / z.std() / np.sqrt(shape[0])


@wrong("divided by the draw's own mean square's root", "exactly the same standard deviation")
def corrected_by_the_measured_mean_square(shape, rng):
    z = cut_normal(shape, rng)
    return z / np.sqrt(np.mean(z**2) * shape[0])


@wrong("swapped fans", "number of outputs")
def fan_out(shape, rng):
    return cut_normal(shape, rng) / LEFT / np.sqrt(shape[1])


@wrong("the larger side is the inputs", "number of outputs")
def larger_side(shape, rng):
    return cut_normal(shape, rng) / LEFT / np.sqrt(max(shape))


@wrong("the smaller side is the inputs", "number of outputs")
def smaller_side(shape, rng):
    return cut_normal(shape, rng) / LEFT / np.sqrt(min(shape))


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(shape, rng):
    return cut_normal(shape, rng) / LEFT / np.sqrt(shape[0] + 1)


@wrong("ReLU's factor of 2", "He's")
def he(shape, rng):
    return cut_normal(shape, rng) / LEFT * np.sqrt(2 / shape[0])


@wrong("both fans, to be safe", "Xavier")
def both_fans(shape, rng):
    return cut_normal(shape, rng) / LEFT * np.sqrt(2 / sum(shape))


@wrong("variance for standard deviation", "a variance stands where")
def variance_for_std(shape, rng):
    return cut_normal(shape, rng) / LEFT / shape[0]


@wrong("weights are positive", "spread evenly around 0")
def never_negative(shape, rng):
    return np.abs(cut_normal(shape, rng)) / LEFT / np.sqrt(shape[0])


@wrong("one unit's weights for all units", "not independent")
def one_column_repeated(shape, rng):
    return np.tile(drawn_again((shape[0], 1), rng), (1, shape[1]))


@wrong("the global generator is as good", "in the same state")
def global_random_state(shape, rng):
    return drawn_again(shape, np.random)


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(shape, rng):
    return drawn_again(shape, np.random.default_rng(8))


@wrong("a list is an array", "expected a NumPy array of shape")
def nested_list(shape, rng):
    return drawn_again(shape, rng).tolist()


@wrong("PyTorch's layout", "transpose of (3, 4)")
def transposed(shape, rng):
    return drawn_again(shape, rng).T


@wrong("what is outside is marked as missing", "nan")
def nan_outside(shape, rng):
    z = cut_normal(shape, rng)
    return np.where(np.abs(z) > 0.5, np.nan, z) / LEFT / np.sqrt(shape[0])


@wrong("the return is forgotten", "end with a return")
def no_return(shape, rng):
    drawn_again(shape, rng)


@lenient("a shape is not tested", "raised IndexError")
def too_long_a_shape_tested(shape, rng):
    if len(shape) > 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    return cut_normal(shape, rng) / LEFT / np.sqrt(shape[0] if shape[1] else 1)


@lenient("only what is missing is refused", "(3, 4, 5), rng) returned")
def too_short_a_shape_tested(shape, rng):
    if len(shape) < 2:
        raise ValueError(f"shape must have two entries; got {shape}")
    return cut_normal(shape, rng) / LEFT / np.sqrt(shape[0])
