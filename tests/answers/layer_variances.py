"""Answers to assignment 04, ``layer_variances(layer_sizes, mode)``."""

import math
from itertools import pairwise

import numpy as np

from tests.answers.answer import lenient, right, wrong

MODES = ("fan_in", "fan_out", "fan_avg", "geometric")


def checked(layer_sizes, mode):
    """Return (inputs, outputs) of each layer, or raise as the exercise asks."""
    if mode not in MODES:
        raise ValueError(f"mode must be one of {MODES}; got {mode}")
    if len(layer_sizes) < 2 or any(n < 1 for n in layer_sizes):
        raise ValueError(f"sizes must be at least two, and positive; got {layer_sizes}")
    return list(pairwise(layer_sizes))


def from_fans(layer_sizes, mode):
    """Return the variances, with nothing refused but by accident."""
    sides = np.array(list(pairwise(layer_sizes)), float).reshape(-1, 2)
    fans = {"fan_in": sides[:, 0], "fan_out": sides[:, 1]}
    fans["geometric"] = np.sqrt(np.abs(sides.prod(axis=1)))
    return (1 / fans.get(mode, sides.mean(axis=1))).tolist()


@right
def pair_by_pair(layer_sizes, mode):
    variances = []
    for fan_in, fan_out in checked(layer_sizes, mode):
        if mode == "fan_in":
            variances.append(1 / fan_in)
        elif mode == "fan_out":
            variances.append(1 / fan_out)
        elif mode == "geometric":
            variances.append((fan_in * fan_out) ** -0.5)
        else:
            variances.append(2 / (fan_in + fan_out))
    return variances


@right
def with_arrays(layer_sizes, mode):
    checked(layer_sizes, mode)
    sizes = np.array(layer_sizes)
    averages = np.convolve(sizes, [0.5, 0.5], mode="valid")
    fans = {"fan_in": sizes[:-1], "fan_out": sizes[1:], "fan_avg": averages}
    fans["geometric"] = np.exp(np.convolve(np.log(sizes), [0.5, 0.5], mode="valid"))
    return list(1 / fans[mode])


@right
def by_weights_of_both_sides(layer_sizes, mode):
    checked(layer_sizes, mode)
    if mode == "geometric":
        return [math.prod(layer_sizes[i : i + 2]) ** -0.5 for i in range(len(layer_sizes) - 1)]
    share = {"fan_in": 1.0, "fan_out": 0.0, "fan_avg": 0.5}[mode]
    return [
        1 / (share * layer_sizes[i] + (1 - share) * layer_sizes[i + 1])
        for i in range(len(layer_sizes) - 1)
    ]


@right
def in_float32(layer_sizes, mode):
    checked(layer_sizes, mode)
    return list(np.float32(from_fans(layer_sizes, mode)))


def one_by_one(fan_of_two):
    """Return a function that answers 1/fan, with a wrong idea of the mean of two fans."""

    def variances(layer_sizes, mode):
        fans = {
            "fan_in": lambda fan_in, fan_out: fan_in,
            "fan_out": lambda fan_in, fan_out: fan_out,
            "fan_avg": fan_of_two,
            "geometric": lambda fan_in, fan_out: math.sqrt(fan_in * fan_out),
        }
        return [1 / fans[mode](*sides) for sides in checked(layer_sizes, mode)]

    return variances


@wrong("the sum stands for the mean", "their mean is asked for")
def sum_of_the_fans(layer_sizes, mode):
    return one_by_one(lambda fan_in, fan_out: fan_in + fan_out)(layer_sizes, mode)


@wrong("the mean of the two conditions' variances", "mean of two variances")
def mean_of_the_variances(layer_sizes, mode):
    return one_by_one(lambda m, n: 1 / ((1 / m + 1 / n) / 2))(layer_sizes, mode)


@wrong("the geometric mean", "root of a product")
def geometric_mean(layer_sizes, mode):
    return one_by_one(lambda m, n: math.sqrt(m * n))(layer_sizes, mode)


def geometric_as(variance_of_two):
    """Return a function that is right but for the fourth mode."""

    def variances(layer_sizes, mode):
        if mode != "geometric":
            return pair_by_pair(layer_sizes, mode)
        return [variance_of_two(*sides) for sides in checked(layer_sizes, mode)]

    return variances


@wrong("a geometric mean is a product", "the root is missing")
def product_for_geometric(layer_sizes, mode):
    return geometric_as(lambda m, n: 1 / (m * n))(layer_sizes, mode)


@wrong("a mean is a mean", "asks for the root of their product")
def average_for_geometric(layer_sizes, mode):
    return geometric_as(lambda m, n: 2 / (m + n))(layer_sizes, mode)


@wrong("a mean divides by two", "half of the product")
def half_the_product(layer_sizes, mode):
    return geometric_as(lambda m, n: 2 / (m * n))(layer_sizes, mode)


@wrong("the root of the fan, once more", "is a standard deviation")
def fourth_root(layer_sizes, mode):
    return geometric_as(lambda m, n: (m * n) ** -0.25)(layer_sizes, mode)


@wrong("an unknown mode is fan_in", "mode makes no difference")
def inputs_for_geometric(layer_sizes, mode):
    return geometric_as(lambda fan_in, fan_out: 1 / fan_in)(layer_sizes, mode)


@wrong("sizes are whole numbers, and so are fans", "need not be a whole number")
def geometric_rounded_down(layer_sizes, mode):
    return geometric_as(lambda m, n: 1 / math.isqrt(m * n))(layer_sizes, mode)


@wrong("three modes are enough", "KeyError")
def three_modes(layer_sizes, mode):
    checked(layer_sizes, mode)
    fans = {"fan_in": lambda m, n: m, "fan_out": lambda m, n: n}
    fans["fan_avg"] = lambda m, n: (m + n) / 2
    return [1 / fans[mode](*sides) for sides in pairwise(layer_sizes)]


@wrong("a fan is a whole number", "whole number")
def mean_rounded_down(layer_sizes, mode):
    return one_by_one(lambda m, n: (m + n) // 2)(layer_sizes, mode)


@wrong("fan_avg is another name of fan_in", "mode makes no difference")
def inputs_for_the_mean(layer_sizes, mode):
    return one_by_one(lambda fan_in, fan_out: fan_in)(layer_sizes, mode)


@wrong("swapped fans", "wrong side")
def swapped_fans(layer_sizes, mode):
    other = {"fan_in": "fan_out", "fan_out": "fan_in"}.get(mode, mode)
    return pair_by_pair(layer_sizes, other)


@wrong("Xavier's whatever the mode", "mean of both fans")
def always_the_mean(layer_sizes, mode):
    checked(layer_sizes, mode)
    return from_fans(layer_sizes, "fan_avg")


@wrong("the fan is the variance", "one over it")
def fans(layer_sizes, mode):
    return [1 / variance for variance in pair_by_pair(layer_sizes, mode)]


@wrong("standard deviation for variance", "is a standard deviation")
def deviations(layer_sizes, mode):
    return [math.sqrt(variance) for variance in pair_by_pair(layer_sizes, mode)]


@wrong("He's factor of two", "there is no ReLU")
def twice(layer_sizes, mode):
    return [2 * variance for variance in pair_by_pair(layer_sizes, mode)]


@wrong("the bias counted as an input", "bias is counted")
def plus_one_for_the_bias(layer_sizes, mode):
    return [1 / (1 / variance + 1) for variance in pair_by_pair(layer_sizes, mode)]


@wrong("from the last layer to the first, as gradients go", "order")
def from_last_to_first(layer_sizes, mode):
    return pair_by_pair(layer_sizes, mode)[::-1]


@wrong("every size makes a layer", "a variance for each layer")
def one_too_many(layer_sizes, mode):
    checked(layer_sizes, mode)
    return [1 / n for n in layer_sizes]


@wrong("only hidden layers have weights", "a variance for each layer")
def without_the_output_layer(layer_sizes, mode):
    return pair_by_pair(layer_sizes, mode)[:-1]


@wrong("one variance for the whole network", "a variance for each layer")
def one_number(layer_sizes, mode):
    return float(np.mean(pair_by_pair(layer_sizes, mode)))


@wrong("a network of one layer has a number, not a list", "a variance for each layer")
def squeezed(layer_sizes, mode):
    return np.squeeze(pair_by_pair(layer_sizes, mode)).tolist()


@wrong("an array is a list", "Its .tolist() makes a list of an array")
def as_an_array(layer_sizes, mode):
    return np.array(pair_by_pair(layer_sizes, mode))


@wrong("one list for each layer", "expected one number")
def lists_in_a_list(layer_sizes, mode):
    return [[variance] for variance in pair_by_pair(layer_sizes, mode)]


@wrong("sizes are taken from the list until none is left", "changed")
def in_place(layer_sizes, mode):
    checked(layer_sizes, mode)
    variances = []
    while len(layer_sizes) > 1:
        variances += pair_by_pair(layer_sizes[:2], mode)
        layer_sizes.pop(0)
    return variances


@wrong("printed, not returned", "end with a return")
def no_return(layer_sizes, mode):
    pair_by_pair(layer_sizes, mode)


@lenient("nothing is refused", "because there is no such mode")
def nothing_refused(layer_sizes, mode):
    return from_fans(layer_sizes, mode)


@lenient("what is not the one or the other is the third", "because there is no such mode")
def mode_not_tested(layer_sizes, mode):
    checked(layer_sizes, "fan_in")
    return from_fans(layer_sizes, mode)


@lenient("capitals make no difference", "because there is no such mode")
def mode_in_any_case(layer_sizes, mode):
    return pair_by_pair(layer_sizes, mode.lower())


@lenient("the end of the word is enough", "because there is no such mode")
def end_of_the_mode(layer_sizes, mode):
    ends = {known[-3:].strip("_"): known for known in MODES}
    return pair_by_pair(layer_sizes, ends.get(mode[-3:].strip("_"), mode))


@lenient("in finds a word in a text", "because there is no such mode")
def mode_in_a_text(layer_sizes, mode):
    if mode not in " ".join(MODES):
        raise ValueError(f"no such mode: {mode}")
    checked(layer_sizes, "fan_in")
    return from_fans(layer_sizes, mode)


@wrong("the place of a size is that of its number", "cannot be right")
def next_size_looked_up(layer_sizes, mode):
    checked(layer_sizes, mode)
    following = [layer_sizes[layer_sizes.index(n) + 1] for n in layer_sizes[:-1]]
    pairs = zip(layer_sizes, following, strict=False)
    return [from_fans(pair, mode)[0] for pair in pairs]


@wrong("a layer has several units", "nothing is wrong with these")
def one_refused(layer_sizes, mode):
    if min(layer_sizes) < 2:
        raise ValueError("sizes must be above 1")
    return pair_by_pair(layer_sizes, mode)


@lenient("the ends stand for all", "because a layer has at least one unit")
def ends_tested(layer_sizes, mode):
    checked(layer_sizes[:1] + layer_sizes[1:][-1:], mode)
    return from_fans(layer_sizes, mode)


@lenient("only 0 is refused", "because a layer has at least one unit")
def negative_sizes_not_refused(layer_sizes, mode):
    checked([abs(n) for n in layer_sizes], mode)
    return from_fans(layer_sizes, mode)


@lenient("a dict refuses enough", "raised KeyError")
def key_error(layer_sizes, mode):
    fans = {
        "fan_in": lambda m, n: m,
        "fan_out": lambda m, n: n,
        "fan_avg": lambda m, n: (m + n) / 2,
        "geometric": lambda m, n: (m * n) ** 0.5,
    }
    fan = fans[mode]
    return [1 / fan(m, n) for m, n in checked(layer_sizes, mode)]


@lenient("a network without layers has no variances", "because a network has an input")
def single_size_not_refused(layer_sizes, mode):
    return pair_by_pair(layer_sizes, mode) if len(layer_sizes) != 1 else []


@lenient("only numbers of outputs are tested", "because a layer needs inputs")
def empty_input_not_refused(layer_sizes, mode):
    checked([1, *layer_sizes[1:]], mode)
    return from_fans(layer_sizes, mode)


@lenient("only numbers of inputs are tested", "because a layer needs outputs")
def empty_output_not_refused(layer_sizes, mode):
    checked([*layer_sizes[:-1], 1] if len(layer_sizes) > 1 else layer_sizes, mode)
    return from_fans(layer_sizes, mode)


@lenient("no units, which Python finds out", "raised ZeroDivisionError")
def divided_by_zero(layer_sizes, mode):
    if mode not in MODES or len(layer_sizes) < 2:
        raise ValueError("no such network")
    return [
        {
            "fan_in": 1 / m,
            "fan_out": 1 / n,
            "fan_avg": 2 / (m + n),
            "geometric": 1 / abs(m * n) ** 0.5,
        }[mode]
        for m, n in pairwise(layer_sizes)
    ]


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(layer_sizes, mode):
    assert mode in MODES
    assert len(layer_sizes) > 1
    assert min(layer_sizes) > 0
    return from_fans(layer_sizes, mode)


@wrong("four and a half digits are close enough", "cannot be right")
def a_fifty_thousandth_off(layer_sizes, mode):
    return [1.00002 * variance for variance in pair_by_pair(layer_sizes, mode)]
