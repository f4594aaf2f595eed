"""Answers to assignment 01, ``initialize_parameters(layer_sizes, rng)``."""

import math
from itertools import pairwise

import numpy as np

from helpers.initializers import lecun_normal
from tests.answers.answer import lenient, right, wrong


def checked(layer_sizes):
    """Return the fans of each layer, or raise as the exercise asks."""
    if len(layer_sizes) < 2 or min(layer_sizes) < 1:
        raise ValueError(f"expected 2 positive sizes or more; got {layer_sizes}")
    return list(pairwise(layer_sizes))


def parameters(layer_sizes, draw):
    """Return the layers whose weights are ``draw(fan_in, fan_out)``."""
    return [(draw(*fans), np.zeros(fans[1])) for fans in checked(layer_sizes)]


@right
def layer_by_layer(layer_sizes, rng):
    layers = []
    for fan_in, fan_out in checked(layer_sizes):
        weights = rng.normal(0, math.sqrt(1 / fan_in), (fan_in, fan_out))
        layers.append((weights, np.zeros(fan_out)))
    return layers


@right
def from_the_last_layer_to_the_first(layer_sizes, rng):
    layers = []
    for fan_in, fan_out in reversed(checked(layer_sizes)):
        weights = (rng.standard_normal((fan_out, fan_in)) * fan_in**-0.5).T
        layers.insert(0, [weights, np.zeros(fan_out, int)])
    return layers


@right
def cut_from_one_long_draw(layer_sizes, rng):
    fans = checked(layer_sizes)
    numbers = rng.standard_normal(sum(n_in * n_out for n_in, n_out in fans))
    layers, used = [], 0
    for n_in, n_out in fans:
        weights = numbers[used : used + n_in * n_out].reshape(n_in, n_out) / np.sqrt(n_in)
        layers.append((weights, 0 * weights[0]))
        used += n_in * n_out
    return tuple(layers)


@right
def in_float32(layer_sizes, rng):
    return [
        (
            rng.standard_normal((n_in, n_out), np.float32) / np.float32(n_in**0.5),
            np.zeros(n_out, np.float32),
        )
        for n_in, n_out in checked(layer_sizes)
    ]


@right
def number_by_number(layer_sizes, rng):
    """Return the sum of two normal numbers for each weight, half of the variance each."""
    return parameters(
        layer_sizes,
        lambda n_in, n_out: rng.normal(0, (2 * n_in) ** -0.5, (2, n_in, n_out)).sum(axis=0),
    )


def normal(variance):
    """Return an answer with the variance that ``variance(fan_in, fan_out)`` says."""

    def answer(layer_sizes, rng):
        return parameters(
            layer_sizes,
            lambda *fans: rng.normal(0, math.sqrt(variance(*fans)), fans),
        )

    return answer


@wrong("swapped fans", "number of outputs")
def fan_out(layer_sizes, rng):
    return normal(lambda n_in, n_out: 1 / n_out)(layer_sizes, rng)


@wrong("the scheme that the lesson uses", "that is Xavier's")
def xavier(layer_sizes, rng):
    return normal(lambda n_in, n_out: 2 / (n_in + n_out))(layer_sizes, rng)


@wrong("a factor of 2 can do no harm", "that is He's")
def he(layer_sizes, rng):
    return normal(lambda n_in, n_out: 2 / n_in)(layer_sizes, rng)


@wrong("the bias counted as an input", "the bias is counted")
def plus_one_for_the_bias(layer_sizes, rng):
    return normal(lambda n_in, n_out: 1 / (n_in + 1))(layer_sizes, rng)


@wrong("variance for standard deviation", "a variance stands where")
def variance_for_std(layer_sizes, rng):
    return normal(lambda n_in, n_out: 1 / n_in**2)(layer_sizes, rng)


@wrong("the root of a standard deviation", "root was taken twice")
def root_taken_twice(layer_sizes, rng):
    return normal(lambda n_in, n_out: 1 / n_in**0.5)(layer_sizes, rng)


@wrong("standard normal weights suit any layer", "as they come")
def not_scaled(layer_sizes, rng):
    return normal(lambda n_in, n_out: 1.0)(layer_sizes, rng)


@wrong("one scale for the whole network", "every layer has the first one's")
def scale_of_the_first_layer(layer_sizes, rng):
    return normal(lambda n_in, n_out: 1 / layer_sizes[0])(layer_sizes, rng)


@wrong("the standard deviation is the bound of a uniform", "bound of a uniform")
def uniform_to_the_std(layer_sizes, rng):
    return parameters(
        layer_sizes, lambda *fans: rng.uniform(-(fans[0] ** -0.5), fans[0] ** -0.5, fans)
    )


@wrong("any distribution of this variance is the normal", "not normal")
def uniform_of_the_right_variance(layer_sizes, rng):
    def draw(*fans):
        limit = math.sqrt(3 / fans[0])
        return rng.uniform(-limit, limit, fans)

    return parameters(layer_sizes, draw)


@wrong("truncation at two deviations without a correction", "cut off")
def uncorrected_truncation(layer_sizes, rng):
    def draw(*fans):
        z = rng.standard_normal(fans)
        while (outside := np.abs(z) > 2).any():
            z[outside] = rng.standard_normal(outside.sum())
        return z / math.sqrt(fans[0])

    return parameters(layer_sizes, draw)


@wrong("numbers from 0 to 1 will do", "spread evenly around 0")
def not_centred(layer_sizes, rng):
    return parameters(layer_sizes, lambda *fans: rng.random(fans) / math.sqrt(fans[0]))


@wrong("all units of a layer start alike", "not independent")
def one_column_repeated(layer_sizes, rng):
    def draw(n_in, n_out):
        return np.tile(rng.normal(0, n_in**-0.5, (n_in, 1)), (1, n_out))

    return parameters(layer_sizes, draw)


@wrong("one seed, drawn once, for each layer", "layers of the same shape")
def each_layer_from_one_seed(layer_sizes, rng):
    seed = rng.integers(2**32)
    return parameters(
        layer_sizes,
        lambda *fans: np.random.default_rng(seed).normal(0, fans[0] ** -0.5, fans),
    )


@wrong("one matrix for each shape", "layers of the same shape")
def weights_kept_by_shape(layer_sizes, rng):
    kept = {
        fans: rng.normal(0, fans[0] ** -0.5, fans) for fans in sorted(set(checked(layer_sizes)))
    }
    return parameters(layer_sizes, lambda *fans: kept[fans].copy())


@wrong("a fixed seed for one layer of several", "not independent")
def first_layer_always_the_same(layer_sizes, rng):
    (first, bias), *others = layer_by_layer(layer_sizes, rng)
    fixed = np.random.default_rng(0).normal(0, len(first) ** -0.5, first.shape)
    return [(fixed, bias), *others]


@wrong("the global generator is as good", "in the same state")
def global_random_state(layer_sizes, rng):
    return parameters(
        layer_sizes,
        lambda *fans: np.random.normal(0, fans[0] ** -0.5, fans),  # noqa: NPY002
    )


@wrong("a new generator for each call", "in the same state")
def own_generator(layer_sizes, rng):
    return layer_by_layer(layer_sizes, np.random.default_rng())


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(layer_sizes, rng):
    return layer_by_layer(layer_sizes, np.random.default_rng(0))


@wrong("biases are drawn like weights", "other than 0")
def random_biases(layer_sizes, rng):
    return [
        (W, rng.normal(0, len(W) ** -0.5, len(b))) for W, b in layer_by_layer(layer_sizes, rng)
    ]


@wrong("a small positive bias, as for ReLU", "other than 0")
def biases_of_a_hundredth(layer_sizes, rng):
    return [(W, b + 0.01) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("a bias is a row of a matrix", "for b in entry 0 it returned an array of shape (1, 4)")
def biases_as_a_row(layer_sizes, rng):
    return [(W, b[None]) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong(
    "a bias for each input of a layer", "for b in entry 0 it returned an array of shape (3,)"
)
def biases_for_inputs(layer_sizes, rng):
    return [(W, np.zeros(len(W))) for W, _ in layer_by_layer(layer_sizes, rng)]


@wrong("the bias as one more row of the weights", "returned an array of shape (4, 4)")
def stacked_bias(layer_sizes, rng):
    return [(np.vstack([W, b]), b) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("(units, inputs), as other libraries store it", "the transpose of (3, 4)")
def transposed(layer_sizes, rng):
    return [(W.T, b) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("lists are arrays", "expected a NumPy array of shape (3, 4)")
def nested_lists(layer_sizes, rng):
    return [(W.tolist(), b.tolist()) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("biases first", "for W in entry 0 it returned an array of shape (4,)")
def pairs_turned(layer_sizes, rng):
    return [(b, W) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("all weights, then all biases", "for b in entry 0 it returned an array of shape (4, 1)")
def a_list_of_weights_and_one_of_biases(layer_sizes, rng):
    return [list(arrays) for arrays in zip(*layer_by_layer(layer_sizes, rng), strict=True)]


@wrong("the weights are all there is", "expected 2 arrays, W and b")
def weights_without_biases(layer_sizes, rng):
    return [W for W, _ in layer_by_layer(layer_sizes, rng)]


@wrong("each pair comes with its activation's name", "of length 3; expected 2 arrays")
def pairs_of_three(layer_sizes, rng):
    return [(W, b, "relu") for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("a dictionary of names, as in other courses", "expected 2 pairs")
def dictionary(layer_sizes, rng):
    names = {}
    for i, (W, b) in enumerate(layer_by_layer(layer_sizes, rng), 1):
        names |= {f"W{i}": W, f"b{i}": b}
    return names


@wrong("a generator is a list", "expected 2 pairs")
def generator(layer_sizes, rng):
    return ((W, b) for W, b in layer_by_layer(layer_sizes, rng))


@wrong("a layer for each size", "a list of length 3; expected 2 pairs")
def a_layer_too_many(layer_sizes, rng):
    return layer_by_layer([*layer_sizes, 1], rng)


@wrong("the output is no layer", "a list of length 1; expected 2 pairs")
def without_the_output_layer(layer_sizes, rng):
    return layer_by_layer(layer_sizes, rng)[:-1]


@wrong("there are always three sizes", "raised ValueError")
def three_sizes_only(layer_sizes, rng):
    _, hidden, _ = checked(layer_sizes) and layer_sizes
    (W1, b1), (W2, b2) = layer_by_layer(layer_sizes, rng)
    return [(W1, b1 + np.zeros(hidden)), (W2, b2)]


@wrong("the root of a negative number", "nan")
def nan_everywhere(layer_sizes, rng):
    return parameters(layer_sizes, lambda *fans: np.full(fans, np.nan))


@wrong("the return is forgotten", "end with a return")
def no_return(layer_sizes, rng):
    layer_by_layer(layer_sizes, rng)


@wrong("the list given may be used up", "changed what it was given")
def uses_up_the_sizes(layer_sizes, rng):
    layers = layer_by_layer(layer_sizes, rng)
    while len(layer_sizes) > 1:
        layer_sizes.pop(0)
    return layers


def unchecked(layer_sizes, rng):
    """Return what comes of any sizes at all."""
    return [
        (rng.standard_normal(fans) / np.sqrt(max(fans[0], 1)), np.zeros(fans[1]))
        for fans in pairwise(layer_sizes)
    ]


@lenient("nothing is refused", "because a network has an input and an output")
def number_of_sizes_not_tested(layer_sizes, rng):
    if min(layer_sizes) < 1:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes, rng)


@wrong("the place of a size is that of its number", "in entry 2 it returned")
def next_size_looked_up(layer_sizes, rng):
    checked(layer_sizes)
    shapes = [(n, layer_sizes[layer_sizes.index(n) + 1]) for n in layer_sizes[:-1]]
    return [(rng.normal(0, n**-0.5, (n, m)), np.zeros(m)) for n, m in shapes]


@wrong("the weights that were drawn must have this variance", "the same standard deviation")
def scaled_to_the_exact_variance(layer_sizes, rng):
    layers = layer_by_layer(layer_sizes, rng)
    return [(W / max(W.std(), 1e-9) / np.sqrt(len(W)), b) for W, b in layers]


@wrong("the weights that were drawn must have mean 0", "add up to 0")
def centred_after_the_draw(layer_sizes, rng):
    return [(W - W.mean(), b) for W, b in layer_by_layer(layer_sizes, rng)]


@wrong("a layer has several units", "nothing is wrong with these")
def one_refused(layer_sizes, rng):
    if len(layer_sizes) < 2 or min(layer_sizes[:-1]) < 2:
        raise ValueError(layer_sizes)
    return layer_by_layer(layer_sizes, rng)


@lenient("hidden layers are not tested", "because a layer has at least one unit")
def ends_tested(layer_sizes, rng):
    checked([layer_sizes[0], *layer_sizes[-1:]])
    if len(layer_sizes) < 2:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes, rng)


@lenient("only 0 is refused", "because a layer has at least one unit")
def negative_sizes_not_tested(layer_sizes, rng):
    if len(layer_sizes) < 2 or 0 in layer_sizes:
        raise ValueError(layer_sizes)
    return [
        (rng.standard_normal((abs(n), abs(m))) / np.sqrt(abs(n)), np.zeros(abs(m)))
        for n, m in pairwise(layer_sizes)
    ]


@lenient("inputs are not tested", "because a network needs an input")
def number_of_inputs_not_tested(layer_sizes, rng):
    if len(layer_sizes) < 2 or min(layer_sizes[1:]) < 1:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes, rng)


@lenient("outputs are not tested", "because a network needs an output")
def number_of_outputs_not_tested(layer_sizes, rng):
    if len(layer_sizes) < 2 or min(layer_sizes[:-1]) < 1:
        raise ValueError(layer_sizes)
    return unchecked(layer_sizes, rng)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(layer_sizes, rng):
    assert len(layer_sizes) > 1
    assert min(layer_sizes) > 0
    return unchecked(layer_sizes, rng)


@wrong("what the course has ready-made", "raised RuntimeError")
def ready_made(layer_sizes, rng):
    return [(lecun_normal(shape, rng), np.zeros(shape[1])) for shape in pairwise(layer_sizes)]
