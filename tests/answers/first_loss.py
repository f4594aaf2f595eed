"""Answers to assignment 09, ``first_loss(vocabulary, width, std)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def parts(vocabulary, width, std):
    """Return the logarithm of the vocabulary and the variance of logits, or raise as asked."""
    if vocabulary < 2 or width < 1 or not 0 <= std < math.inf:
        raise ValueError(f"no such model: {vocabulary}, {width}, {std}")
    level, variance = math.log(vocabulary), width * std**2
    if variance > 2 * level:
        raise ValueError(f"few logits decide: {variance}")
    return level, variance


@right
def sum_of_two(vocabulary, width, std):
    level, variance = parts(vocabulary, width, std)
    return level + 0.5 * variance


@right
def logarithm_of_the_sum(vocabulary, width, std):
    _, variance = parts(vocabulary, width, std)
    return float(np.log(vocabulary * np.exp(variance / 2)))


@right
def by_quadrature(vocabulary, width, std):
    _, variance = parts(vocabulary, width, std)
    z = np.linspace(-12, 12, 4001)
    bell = np.exp(-(z**2) / 2)
    mean = np.sum(bell * np.exp(math.sqrt(variance) * z)) / bell.sum()
    return math.log(vocabulary) + math.log(mean)


@right
def by_deviations(vocabulary, width, std):
    parts(vocabulary, width, std)
    deviation = math.sqrt(width) * std
    return math.log(vocabulary) + deviation * deviation / 2


@wrong("a model that knows nothing says so", "their spread is left out")
def logarithm_alone(vocabulary, width, std):
    return parts(vocabulary, width, std)[0]


@wrong("the mean of an exponential is that of its variance", "the mean of e to the power")
def whole_variance(vocabulary, width, std):
    return sum(parts(vocabulary, width, std))


@wrong("half a deviation", "a deviation where a variance belongs")
def half_a_deviation(vocabulary, width, std):
    level, variance = parts(vocabulary, width, std)
    return level + math.sqrt(variance) / 2


@wrong("one deviation above the mean", "is not what is added")
def one_deviation(vocabulary, width, std):
    level, variance = parts(vocabulary, width, std)
    return level + math.sqrt(variance)


@wrong("one weight's variance", "as many products as the stream has numbers")
def width_forgotten(vocabulary, width, std):
    level, _ = parts(vocabulary, width, std)
    return level + std**2 / 2


@wrong("std is a variance", "its square adds up")
def std_for_variance(vocabulary, width, std):
    level, _ = parts(vocabulary, width, std)
    return level + width * std / 2


@wrong("spread lowers the loss", "what a spread does to the loss, it adds")
def less(vocabulary, width, std):
    level, variance = parts(vocabulary, width, std)
    return level - variance / 2


@wrong("bits", "that is in bits")
def bits(vocabulary, width, std):
    return sum_of_two(vocabulary, width, std) / math.log(2)


@wrong("bits for the vocabulary", "that is in bits")
def bits_for_the_vocabulary(vocabulary, width, std):
    _, variance = parts(vocabulary, width, std)
    return math.log2(vocabulary) + variance / 2


@wrong("powers of ten", "in powers of ten")
def powers_of_ten(vocabulary, width, std):
    _, variance = parts(vocabulary, width, std)
    return math.log10(vocabulary) + variance / 2


@wrong("the sum is the loss", "the logarithm is missing")
def sum_itself(vocabulary, width, std):
    _, variance = parts(vocabulary, width, std)
    return vocabulary * math.exp(variance / 2)


@wrong("the entropy is the loss", "not its loss")
def entropy(vocabulary, width, std):
    level, variance = parts(vocabulary, width, std)
    return level - variance


@wrong("uniform weights", "there is no third")
def uniform(vocabulary, width, std):
    level, variance = parts(vocabulary, width, std)
    return level + variance / 6


@wrong("drawn instead of computed", "cannot be right")
def drawn(vocabulary, width, std):
    _, variance = parts(vocabulary, width, std)
    logits = math.sqrt(variance) * np.random.default_rng(0).standard_normal(vocabulary)
    return float(np.log(np.exp(logits).sum()) - logits[0])


@wrong("the return is forgotten", "end with a return")
def no_return(vocabulary, width, std):
    sum_of_two(vocabulary, width, std)


@wrong("zero weights are no weights", "nothing is wrong with these")
def zero_refused(vocabulary, width, std):
    if not std > 0:
        raise ValueError("no weights")
    return sum_of_two(vocabulary, width, std)


@lenient("nothing is refused", "because there are at least two tokens to choose from")
def nothing_refused(vocabulary, width, std):
    return math.log(vocabulary) + width * std**2 / 2


@lenient("the stream is not tested", "because a stream has at least one number")
def width_not_tested(vocabulary, width, std):
    return sum_of_two(vocabulary, width or 1, std)


@lenient("the sign does not matter", "because no deviation is negative")
def sign_left(vocabulary, width, std):
    return sum_of_two(vocabulary, width, abs(std))


@lenient("infinity is a number", "because a deviation is a finite number")
def infinity_not_refused(vocabulary, width, std):
    return sum_of_two(vocabulary, width, std) if std < math.inf or std != std else math.inf


@lenient("nan is not tested", "because a deviation is a finite number")
def nan_not_refused(vocabulary, width, std):
    return sum_of_two(vocabulary, width, std) if std == std else std


@lenient("the formula always holds", "the formula does not hold")
def range_not_tested(vocabulary, width, std):
    if vocabulary < 2 or width < 1 or not 0 <= std < math.inf:
        raise ValueError("no such model")
    return math.log(vocabulary) + width * std**2 / 2


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(vocabulary, width, std):
    assert vocabulary >= 2
    return sum_of_two(vocabulary, width, std)
