"""Answers to assignment 09, ``branch_std(width, depth, growth)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def each(width, depth, growth):
    """Return what a branch has to add, or raise as the exercise asks."""
    if width < 1 or depth < 1 or not 1 <= growth < math.inf:
        raise ValueError(f"no such stream: {width}, {depth}, {growth}")
    return (growth - 1) / depth


@right
def share_by_hidden_units(width, depth, growth):
    return math.sqrt(each(width, depth, growth) / (4 * width))


@right
def halved_root(width, depth, growth):
    return 0.5 * math.sqrt(each(width, depth, growth) / width)


@right
def lecun_scaled(width, depth, growth):
    adds = each(width, depth, growth)
    hidden = 4 * width
    he = math.sqrt(2 / width)
    after_relu = width * he**2 / 2
    return math.sqrt(adds) / math.sqrt(hidden * after_relu)


@right
def with_numpy(width, depth, growth):
    each(width, depth, growth)
    ends = np.linspace(1, growth, depth + 1)
    return np.sqrt((ends[1] - ends[0]) / (4 * width))


@wrong("a variance is a deviation", "that is a variance")
def variance(width, depth, growth):
    return share_by_hidden_units(width, depth, growth) ** 2


@wrong("branches add all of the growth", "which no branch has to add")
def growth_for_what_is_added(width, depth, growth):
    each(width, depth, growth)
    return math.sqrt(growth / (4 * width * depth))


@wrong("the width is the fan", "the last layer adds up the hidden units")
def width_for_hidden(width, depth, growth):
    return math.sqrt(each(width, depth, growth) / width)


@wrong("four times as often squared", "not 16 times")
def four_squared(width, depth, growth):
    return math.sqrt(each(width, depth, growth) / width) / 4


@wrong("one branch makes all of it", "that does for one branch")
def one_branch(width, depth, growth):
    return math.sqrt(each(width, depth, growth) * depth / (4 * width))


@wrong("deviations add up", "which root belongs to the depth")
def depth_without_root(width, depth, growth):
    return share_by_hidden_units(width, depth, growth) / math.sqrt(depth)


@wrong("every branch multiplies", "nothing multiplies")
def multiplies(width, depth, growth):
    each(width, depth, growth)
    return math.sqrt((growth ** (1 / depth) - 1) / (4 * width))


@wrong("ReLU halves what comes out", "ReLU counted in")
def relu_counted_again(width, depth, growth):
    return math.sqrt(2) * share_by_hidden_units(width, depth, growth)


@wrong("He's factor left in", "made up for ReLU already")
def he_counted_again(width, depth, growth):
    return share_by_hidden_units(width, depth, growth) / math.sqrt(2)


@wrong("the growth is one of deviations", "not one of deviations")
def growth_of_deviations(width, depth, growth):
    each(width, depth, growth)
    return math.sqrt((growth**2 - 1) / (4 * width * depth))


@wrong("the root of the growth, less 1", "the growth of the root")
def root_less_one(width, depth, growth):
    each(width, depth, growth)
    return (math.sqrt(growth) - 1) / math.sqrt(4 * width * depth)


@wrong("inputs and hidden units add up", "is not what the last layer adds up")
def both_fans(width, depth, growth):
    return math.sqrt(each(width, depth, growth) / (5 * width))


@wrong("one over it", "on the other side")
def upside_down(width, depth, growth):
    std = share_by_hidden_units(width, depth, growth)
    return 1 / std if std else 0.0


@wrong("a deviation for each branch", "expected one number")
def one_for_each(width, depth, growth):
    return [share_by_hidden_units(width, depth, growth)] * depth


@wrong("a stream must grow", "nothing is wrong with these")
def no_growth_refused(width, depth, growth):
    if growth <= 1:
        raise ValueError("no growth")
    return share_by_hidden_units(width, depth, growth)


@wrong("the return is forgotten", "end with a return")
def no_return(width, depth, growth):
    share_by_hidden_units(width, depth, growth)


@lenient("nothing is refused", "because a stream has at least one number")
def nothing_refused(width, depth, growth):
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.float64(growth - 1) / depth / (4 * width or 1)))


@lenient("the depth is not tested", "because there is at least one branch")
def depth_not_tested(width, depth, growth):
    return share_by_hidden_units(width, depth or 1, growth)


@lenient("a stream may shrink", "because what branches add is never negative")
def shrinking_not_refused(width, depth, growth):
    return share_by_hidden_units(width, depth, growth if not growth < 1 else 1)


@lenient("infinity is a number", "because a growth is a finite number")
def infinity_not_refused(width, depth, growth):
    return math.inf if growth == math.inf else share_by_hidden_units(width, depth, growth)


@lenient("nan is not tested", "because a growth is a finite number")
def nan_not_refused(width, depth, growth):
    return growth if growth != growth else share_by_hidden_units(width, depth, growth)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(width, depth, growth):
    assert width >= 1
    return share_by_hidden_units(width, depth, growth)
