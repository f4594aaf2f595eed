"""Answers to assignment 03, ``std_for_depth(layer_sizes, factor)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def fans(layer_sizes, factor):
    """Return the number of inputs of each layer, or raise as the exercise asks."""
    if len(layer_sizes) < 2 or min(layer_sizes) < 1:
        raise ValueError(f"no such network: {layer_sizes}")
    if not (math.isfinite(factor) and factor > 0):
        raise ValueError(f"no such factor: {factor}")
    return layer_sizes[:-1]


def solved(sizes, factor, layers):
    """Return the root of the factor over the product of sizes, for so many layers."""
    return math.exp((math.log(factor) - sum(map(math.log, sizes))) / layers / 2)


@right
def by_logarithms(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(inputs, factor, len(inputs))


@right
def root_of_each(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    power = 1 / (2 * len(inputs))
    return factor**power / math.prod(n**power for n in inputs)


@right
def geometric_mean_with_numpy(layer_sizes, factor):
    inputs = np.array(fans(layer_sizes, factor), float)
    return np.sqrt(factor ** (1 / inputs.size) / np.exp(np.log(inputs).mean()))


@right
def by_halving(layer_sizes, factor):
    inputs = np.log(fans(layer_sizes, factor))
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        total = np.sum(inputs + 2 * middle)
        low, high = (middle, high) if total < math.log(factor) else (low, middle)
    return math.exp(low)


@wrong("a product of all sizes", "too large for a computer's number")
def product_of_floats(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    with np.errstate(all="ignore"):
        return float((factor / np.prod(np.array(inputs, float))) ** (1 / (2 * len(inputs))))


@wrong("a product of whole numbers", "raised OverflowError")
def product_of_integers(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return (factor / math.prod(inputs)) ** (1 / (2 * len(inputs)))


@wrong("a variance is a deviation", "that is a variance")
def variance(layer_sizes, factor):
    return by_logarithms(layer_sizes, factor) ** 2


@wrong("outputs for inputs", "not its outputs")
def outputs_for_inputs(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(layer_sizes[1:], factor, len(inputs))


@wrong("every size counts", "the outputs of the last layer are not added up")
def every_size(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(layer_sizes, factor, len(inputs))


@wrong("a layer for each size", "as many layers as sizes, less the inputs")
def one_layer_too_many(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(inputs, factor, len(layer_sizes))


@wrong("every size is a layer", "one layer too many")
def every_size_is_a_layer(layer_sizes, factor):
    fans(layer_sizes, factor)
    return solved(layer_sizes, factor, len(layer_sizes))


@wrong("every layer multiplies by the factor", "only its share of the factor")
def factor_in_every_layer(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return math.sqrt(factor) * solved(inputs, 1, len(inputs))


@wrong("the factor is one of deviations", "not one of deviations")
def factor_of_deviations(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return factor ** (1 / len(inputs)) * solved(inputs, 1, len(inputs))


@wrong("the signal is kept, whatever the factor", "the factor is left out")
def factor_left_out(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(inputs, 1, len(inputs))


@wrong("all layers are like the first", "every layer has the first one's size")
def first_size_alone(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(inputs[:1] * len(inputs), factor, len(inputs))


@wrong("the mean size stands for all", "another mean than what is added up")
def mean_size(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved([sum(inputs) / len(inputs)] * len(inputs), factor, len(inputs))


@wrong("He's factor", "there is no ReLU")
def he(layer_sizes, factor):
    return math.sqrt(2) * by_logarithms(layer_sizes, factor)


@wrong("the bias counted as an input", "the bias is counted as an input")
def plus_one_for_the_bias(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved([n + 1 for n in inputs], factor, len(inputs))


@wrong("the factor divides", "on the other side")
def factor_upside_down(layer_sizes, factor):
    inputs = fans(layer_sizes, factor)
    return solved(inputs, 1 / factor, len(inputs))


@wrong("one over it", "cannot be right.")
def all_upside_down(layer_sizes, factor):
    return 1 / by_logarithms(layer_sizes, factor)


@wrong("a deviation for each layer", "expected one number")
def one_for_each_layer(layer_sizes, factor):
    return [
        (factor ** (1 / (len(layer_sizes) - 1)) / n) ** 0.5 for n in fans(layer_sizes, factor)
    ]


@wrong("the list may be changed", "changed what it was given")
def list_changed(layer_sizes, factor):
    fans(layer_sizes, factor)
    layer_sizes.pop()
    return solved(layer_sizes, factor, len(layer_sizes))


@wrong("two sizes are no deep network", "nothing is wrong with these")
def two_sizes_refused(layer_sizes, factor):
    if len(layer_sizes) < 3:
        raise ValueError("no hidden layer")
    return by_logarithms(layer_sizes, factor)


@wrong("the return is forgotten", "end with a return")
def no_return(layer_sizes, factor):
    by_logarithms(layer_sizes, factor)


@lenient("nothing is refused", "because a network has an input and an output")
def nothing_refused(layer_sizes, factor):
    with np.errstate(all="ignore"):
        logs = np.log(np.array(layer_sizes[:-1], float))
        return float(np.exp((np.log(factor) - logs.sum()) / (2 * max(1, len(logs)))))


@lenient("one size is a network", "because a network has an input and an output")
def one_size_not_refused(layer_sizes, factor):
    return by_logarithms(layer_sizes * (1 + (len(layer_sizes) == 1)), factor)


@lenient("inputs are not tested", "because a network needs an input")
def inputs_not_tested(layer_sizes, factor):
    return by_logarithms([max(0, layer_sizes[0]) or 1, *layer_sizes[1:]], factor)


@lenient("the last size is not used, so not tested", "because a network needs an output")
def outputs_not_tested(layer_sizes, factor):
    if len(layer_sizes) < 2:
        raise ValueError("no layer")
    return by_logarithms([*layer_sizes[:-1], 1], factor)


@lenient("only the ends are tested", "because a layer has at least one unit")
def hidden_layers_not_tested(layer_sizes, factor):
    return by_logarithms(
        [layer_sizes[0], *(abs(n) or 1 for n in layer_sizes[1:-1]), *layer_sizes[1:][-1:]],
        factor,
    )


@lenient("only 0 is refused", "because a layer has at least one unit")
def negative_sizes_not_refused(layer_sizes, factor):
    return by_logarithms([abs(n) for n in layer_sizes], factor)


@lenient("the sign of the factor does not matter", "because a factor is above 0")
def sign_of_the_factor_left(layer_sizes, factor):
    return by_logarithms(layer_sizes, abs(factor))


@lenient("a factor may be 0", "because a factor is above 0")
def zero_not_refused(layer_sizes, factor):
    return by_logarithms(layer_sizes, factor) if factor else 0.0


@lenient("infinity is above 0", "because a factor is a finite number")
def infinity_not_refused(layer_sizes, factor):
    return by_logarithms(layer_sizes, factor) if factor != math.inf else math.inf


@lenient("nan is not below 0", "because a factor is a finite number")
def nan_not_refused(layer_sizes, factor):
    return by_logarithms(layer_sizes, factor) if factor == factor else factor


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(layer_sizes, factor):
    assert len(layer_sizes) >= 2
    return by_logarithms(layer_sizes, factor)
