"""Answers to assignment 01, ``parameter_count(layer_sizes)``."""

import math
from itertools import pairwise

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(layer_sizes):
    """Return the sizes, or raise as the exercise asks."""
    if len(layer_sizes) < 2 or min(layer_sizes) < 1:
        raise ValueError(f"expected 2 positive sizes or more; got {layer_sizes}")
    return layer_sizes


@right
def sums(layer_sizes):
    checked(layer_sizes)
    return sum(n * m for n, m in pairwise(layer_sizes)), sum(layer_sizes[1:])


@right
def layer_by_layer(layer_sizes):
    checked(layer_sizes)
    weights = biases = 0
    for i in range(1, len(layer_sizes)):
        weights += layer_sizes[i - 1] * layer_sizes[i]
        biases += layer_sizes[i]
    return weights, biases


@right
def with_numpy(layer_sizes):
    sizes = np.array(checked(layer_sizes))
    return [np.dot(sizes[:-1], sizes[1:]), np.sum(sizes) - sizes[0]]


@right
def from_arrays(layer_sizes):
    checked(layer_sizes)
    shapes = list(pairwise(layer_sizes))
    return sum(np.zeros(s).size for s in shapes), sum(len(np.zeros(s[1])) for s in shapes)


@right
def from_the_total(layer_sizes):
    checked(layer_sizes)
    total = sum((n + 1) * m for n, m in pairwise(layer_sizes))
    biases = sum(layer_sizes) - layer_sizes[0]
    return total - biases, biases


@wrong("the lesson's formula, with the bias as a row", "the biases are among them")
def biases_among_the_weights(layer_sizes):
    weights, biases = sums(layer_sizes)
    return weights + biases, biases


@wrong("biases first", "is the first of the two the weights?")
def turned(layer_sizes):
    return sums(layer_sizes)[::-1]


@wrong("all sizes multiply", "what they have is added up")
def one_product(layer_sizes):
    return math.prod(checked(layer_sizes)), sum(layer_sizes[1:])


@wrong("off by one in a range", "the last layer is left out")
def without_the_last_layer(layer_sizes):
    checked(layer_sizes)
    return sum(n * m for n, m in pairwise(layer_sizes[:-1])), sum(layer_sizes[1:])


@wrong("the first layer only passes inputs on", "the first layer is left out")
def without_the_first_layer(layer_sizes):
    checked(layer_sizes)
    return sum(n * m for n, m in pairwise(layer_sizes[1:])), sum(layer_sizes[1:])


@wrong("sizes are added, not multiplied", "how many such pairs")
def sums_of_fans(layer_sizes):
    checked(layer_sizes)
    return sum(n + m for n, m in pairwise(layer_sizes)), sum(layer_sizes[1:])


@wrong("matrices are counted, not their entries", "how many matrices")
def number_of_matrices(layer_sizes):
    return len(checked(layer_sizes)) - 1, sum(layer_sizes[1:])


@wrong("inputs have biases", "an input is data")
def biases_of_inputs(layer_sizes):
    return sums(layer_sizes)[0], sum(layer_sizes)


@wrong("outputs have no biases", "the output has biases too")
def biases_of_hidden_units_only(layer_sizes):
    return sums(layer_sizes)[0], sum(layer_sizes[1:-1])


@wrong("a bias for each input of a layer", "not as its inputs")
def biases_by_fan_in(layer_sizes):
    return sums(layer_sizes)[0], sum(layer_sizes[:-1])


@wrong("one bias for a layer", "each unit has a number")
def biases_by_layer(layer_sizes):
    return sums(layer_sizes)[0], len(layer_sizes) - 1


@wrong("weights and all parameters", "all parameters together")
def weights_and_the_total(layer_sizes):
    return sums(layer_sizes)[0], sum(sums(layer_sizes))


@wrong("weights and biases together", "expected 2 counts")
def total(layer_sizes):
    return sum(sums(layer_sizes))


@wrong("a count for each layer", "of length 4; expected 2 counts")
def flat_counts_by_layer(layer_sizes):
    checked(layer_sizes)
    return [count for n, m in pairwise(layer_sizes) for count in (n * m, m)]


@wrong("shapes in place of counts", "a count is an integer")
def pairs_by_layer(layer_sizes):
    checked(layer_sizes)
    return [list(pairwise(layer_sizes)), layer_sizes[1:]]


@wrong("an array of two", "expected 2 counts")
def array(layer_sizes):
    return np.array(sums(layer_sizes))


@wrong("a mean number is a number too", "a count is an integer")
def floats(layer_sizes):
    weights, biases = sums(layer_sizes)
    return float(weights), float(biases)


@wrong("only one of the two is an integer", "a count is an integer")
def one_float(layer_sizes):
    weights, biases = sums(layer_sizes)
    return weights, np.sum(layer_sizes[1:], dtype=float) or biases


@wrong("there is always one hidden layer", "not enough values to unpack")
def three_sizes_only(layer_sizes):
    if len(layer_sizes) < 2 or min(layer_sizes) < 1:
        raise ValueError(layer_sizes)
    inputs, hidden, outputs = layer_sizes
    return inputs * hidden + hidden * outputs, hidden + outputs


@wrong("there is at most one hidden layer", "cannot be right")
def two_layers_at_most(layer_sizes):
    return sums(layer_sizes[:3])


@wrong("the place of a size is that of its number", "cannot be right")
def next_size_looked_up(layer_sizes):
    checked(layer_sizes)
    following = [layer_sizes[layer_sizes.index(n) + 1] for n in layer_sizes[:-1]]
    return sum(np.multiply(layer_sizes[:-1], following).tolist()), sum(layer_sizes[1:])


@wrong("each size counts once", "the number of biases is")
def set_of_sizes(layer_sizes):
    return sums(layer_sizes)[0], sum(set(layer_sizes[1:]))


@wrong("a layer has several units", "nothing is wrong with these")
def one_refused(layer_sizes):
    if len(layer_sizes) < 2 or min(layer_sizes) < 2:
        raise ValueError(layer_sizes)
    return sums(layer_sizes)


@lenient("the first two sizes stand for all", "because a network needs an output")
def first_two_sizes_tested(layer_sizes):
    checked(layer_sizes[:2])
    return unchecked(layer_sizes)


@lenient("the ends stand for all", "because a layer has at least one unit")
def ends_tested(layer_sizes):
    checked(layer_sizes and [layer_sizes[0], *layer_sizes[1:][-1:]])
    return unchecked(layer_sizes)


@wrong("the return is forgotten", "end with a return")
def no_return(layer_sizes):
    sums(layer_sizes)


@wrong("the list given may be used up", "changed what it was given")
def uses_up_the_sizes(layer_sizes):
    counts = sums(layer_sizes)
    layer_sizes.pop(0)
    return counts


def unchecked(layer_sizes):
    """Return what comes of any sizes at all."""
    return sum(n * m for n, m in pairwise(layer_sizes)), sum(layer_sizes[1:])


@lenient("nothing is refused", "because a network has an input and an output")
def number_of_sizes_not_tested(layer_sizes):
    if min(layer_sizes) < 1:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes)


@lenient("inputs are not tested", "because a network needs an input")
def number_of_inputs_not_tested(layer_sizes):
    if len(layer_sizes) < 2 or min(layer_sizes[1:]) < 1:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes)


@lenient("outputs are not tested", "because a network needs an output")
def number_of_outputs_not_tested(layer_sizes):
    if len(layer_sizes) < 2 or min(layer_sizes[:-1]) < 1:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes)


@lenient("only 0 is refused", "because a layer has at least one unit")
def negative_sizes_not_tested(layer_sizes):
    if len(layer_sizes) < 2 or 0 in layer_sizes:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(layer_sizes):
    assert len(layer_sizes) > 1
    assert min(layer_sizes) > 0
    return unchecked(layer_sizes)
