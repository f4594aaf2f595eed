"""Answers to assignment 03, ``predicted_saturation(fan_in, std, threshold)``."""

import math
from statistics import NormalDist

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(fan_in, std, threshold):
    """Return the deviation of a sum, or raise as the exercise asks."""
    if fan_in < 1 or not std > 0 or not 0 < threshold < 1:
        raise ValueError(f"no such layer: {fan_in}, {std}, {threshold}")
    return std * math.sqrt(fan_in)


def beyond(deviations):
    """Return the share of a normal distribution on both sides beyond so many deviations."""
    return math.erfc(deviations / math.sqrt(2))


@right
def by_erfc(fan_in, std, threshold):
    spread = checked(fan_in, std, threshold)
    return math.erfc(math.atanh(threshold) / (spread * 2**0.5))


@right
def by_the_normal_distribution(fan_in, std, threshold):
    z = NormalDist(0, checked(fan_in, std, threshold))
    return 2 * z.cdf(-np.arctanh(threshold))


@right
def by_an_integral(fan_in, std, threshold):
    edge = math.atanh(threshold) / checked(fan_in, std, threshold)
    z = np.linspace(edge, edge + 12, 200_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return 2 * np.sum(density[1:] + density[:-1]) / 2 * (z[1] - z[0])


@right
def one_less_what_is_inside(fan_in, std, threshold):
    variance = checked(fan_in, std, threshold) ** 2
    edge = 0.5 * math.log((1 + threshold) / (1 - threshold))
    return 1 - math.erf(edge / math.sqrt(2 * variance))


@wrong("tanh has one end", "at one end only")
def one_end(fan_in, std, threshold):
    return by_erfc(fan_in, std, threshold) / 2


@wrong("the units that still learn", "not saturated")
def the_others(fan_in, std, threshold):
    return 1 - by_erfc(fan_in, std, threshold)


@wrong("a share in per cent", "percentage")
def per_cent(fan_in, std, threshold):
    return 100 * by_erfc(fan_in, std, threshold)


@wrong("a sum has the deviation of its terms", "one weight's deviation")
def number_of_inputs_forgotten(fan_in, std, threshold):
    checked(fan_in, std, threshold)
    return beyond(math.atanh(threshold) / std)


@wrong("deviations add up", "variances add up, not deviations")
def root_forgotten(fan_in, std, threshold):
    checked(fan_in, std, threshold)
    return beyond(math.atanh(threshold) / (fan_in * std))


@wrong("a variance is a deviation", "the variance of the sum for its deviation")
def variance_for_deviation(fan_in, std, threshold):
    return beyond(math.atanh(threshold) / checked(fan_in, std, threshold) ** 2)


@wrong("a mean of the inputs", "not divided by its number")
def mean_for_sum(fan_in, std, threshold):
    checked(fan_in, std, threshold)
    return beyond(math.atanh(threshold) * math.sqrt(fan_in) / std)


@wrong("the threshold is one for the sum", "where does tanh reach it")
def threshold_for_the_sum(fan_in, std, threshold):
    return beyond(threshold / checked(fan_in, std, threshold))


@wrong("tanh of the threshold", "tanh has to be undone")
def tanh_of_the_threshold(fan_in, std, threshold):
    return beyond(math.tanh(threshold) / checked(fan_in, std, threshold))


@wrong("erfc takes deviations", "times the root of 2")
def erfc_of_deviations(fan_in, std, threshold):
    return math.erfc(math.atanh(threshold) / checked(fan_in, std, threshold))


@wrong("std is a uniform's bound", "not the bound of a uniform")
def uniform_weights(fan_in, std, threshold):
    return beyond(math.atanh(threshold) * math.sqrt(3) / checked(fan_in, std, threshold))


@wrong("the bias counted as an input", "the bias is counted as an input")
def plus_one_for_the_bias(fan_in, std, threshold):
    checked(fan_in, std, threshold)
    return by_erfc(fan_in + 1, std, threshold)


@wrong("a density is a share", "how likely z is to be there")
def density(fan_in, std, threshold):
    edge = math.atanh(threshold) / checked(fan_in, std, threshold)
    return 2 * math.exp(-(edge**2) / 2) / math.sqrt(2 * math.pi)


@wrong("a share is measured", "is it measured on draws")
def measured(fan_in, std, threshold):
    spread = checked(fan_in, std, threshold)
    z = spread * np.random.default_rng(1).standard_normal(100_000)
    return float(np.mean(np.abs(np.tanh(z)) > threshold))


@wrong("a table of three decimals", "or read from a short table")
def rounded(fan_in, std, threshold):
    return round(by_erfc(fan_in, std, threshold), 3)


@wrong("three digits are enough", "is it measured on draws")
def off_by_little(fan_in, std, threshold):
    return 1.0002 * by_erfc(fan_in, std, threshold)


@wrong("a logistic is nearly a normal", "times what it should be")
def logistic_for_normal(fan_in, std, threshold):
    edge = math.atanh(threshold) / checked(fan_in, std, threshold)
    return 2 / (1 + math.exp(1.702 * edge))


@wrong("weights are drawn and the sum is exact", "what it should be")
def nothing_random(fan_in, std, threshold):
    return float(checked(fan_in, std, threshold) > math.atanh(threshold))


@wrong("a share for each unit", "expected one number")
def one_for_each_input(fan_in, std, threshold):
    return np.full(fan_in, by_erfc(fan_in, std, threshold))


@wrong("the return is forgotten", "end with a return")
def no_return(fan_in, std, threshold):
    by_erfc(fan_in, std, threshold)


@wrong("large weights are refused", "nothing is wrong with these")
def large_weights_refused(fan_in, std, threshold):
    if checked(fan_in, std, threshold) > 1.5:
        raise ValueError("too large")
    return by_erfc(fan_in, std, threshold)


@lenient("nothing is refused", "because a unit has at least one input")
def nothing_refused(fan_in, std, threshold):
    with np.errstate(all="ignore"):
        return float(
            beyond(np.abs(np.arctanh(np.float64(threshold)) / std / np.sqrt(float(fan_in))))
        )


@lenient("a division by zero says enough", "raised ZeroDivisionError")
def left_to_python(fan_in, std, threshold):
    return beyond(math.atanh(threshold) / (std * math.sqrt(fan_in)))


@lenient("the sign of a deviation does not matter", "because no deviation is negative")
def sign_of_the_deviation_left(fan_in, std, threshold):
    return by_erfc(fan_in, abs(std), threshold)


@lenient("a deviation may be 0", "because without a deviation nothing is drawn")
def zero_deviation_not_refused(fan_in, std, threshold):
    return by_erfc(fan_in, std, threshold) if std else 0.0


@lenient("math refuses 1 by itself", "because a threshold is above 0 and below 1")
def threshold_left_to_python(fan_in, std, threshold):
    if fan_in < 1 or std <= 0:
        raise ValueError("no such layer")
    return beyond(math.atanh(threshold) / (std * math.sqrt(fan_in)))


@lenient("nothing is beyond 1", "because a threshold is above 0 and below 1")
def nothing_beyond_one(fan_in, std, threshold):
    return 0.0 if threshold >= 1 else by_erfc(fan_in, std, threshold)


@lenient("a threshold of 0 or less is a threshold", "because a threshold is above 0")
def all_beyond_zero(fan_in, std, threshold):
    return 1.0 if threshold <= 0 else by_erfc(fan_in, std, threshold)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(fan_in, std, threshold):
    assert fan_in >= 1
    assert std > 0
    assert 0 < threshold < 1
    return by_erfc(fan_in, std, threshold)
