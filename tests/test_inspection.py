"""What `inspect` says of our networks, and what a layer's numbers make it say.

Weights of 128 x 128 = 16,384 normal draws have a mean square within 5 * sqrt(2 / 16384) = 6 %
of their variance, and verdicts change at a factor of sqrt(2) or 1.15 from it.
"""

import base64
import io
import math
import random
import re
from functools import cache, partial
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

from helpers.activations import ACTIVATIONS, Activation, identity, rectifier, relu, tanh
from helpers.figures import ModelInDepth
from helpers.initializers import (
    constant,
    he_normal,
    he_uniform,
    lecun_normal,
    normal,
    orthogonal,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from helpers.inspection import Report, inspect
from helpers.inspection.evidence import Whole, drift
from helpers.inspection.judge import Row
from helpers.inspection.layers import Graph, Node, between
from helpers.network import MLP, mean_squared_error, softmax_cross_entropy, stack
from helpers.propagation import SATURATED_SLOPE, measure
from tests.graphs import added, judged_layer

SIGMOID, SELU = ACTIVATIONS["sigmoid"], ACTIVATIONS["selu"]
GELU, SOFTPLUS = ACTIVATIONS["gelu"], ACTIVATIONS["softplus"]
BATCH = 50
WIDTH = 128
# What frameworks start from if they are told nothing.
pytorch_default = partial(variance_scaling, scale=1 / 3, distribution="uniform")
keras_default = xavier_uniform
he_fan_out = partial(variance_scaling, scale=2.0, mode="fan_out")


def batch(rng, width=WIDTH):
    return rng.standard_normal((BATCH, width))


def judged(initializer, rng, *, shape=(WIDTH, WIDTH), before=None, bias=0.0, **options):
    """Return the row of a layer that is fed what `before` makes of standard normals."""
    weights = initializer(shape, rng)
    h = rng.standard_normal((BATCH, shape[0]))
    z = (h if before is None else before(h)) @ weights + bias
    activation = options.pop("activation", None)
    return judged_layer(weights, z, before, activation, bias=bias, **options)


def hidden(initializer, activation, rng, **options):
    """Return the row of a layer between two of the same activation."""
    return judged(initializer, rng, before=activation, activation=activation, **options)


# The numbers.


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_numbers_are_those_that_measure_finds(name, rng):
    model = MLP([WIDTH, 96, 64, 10], ACTIVATIONS[name], he_normal, rng)
    x = batch(rng)
    rows = inspect(model, x).rows
    found = measure(model, x, np.random.default_rng(0).standard_normal((BATCH, 10)))
    for ours, theirs in (
        ("preactivation", "preactivation"),
        ("activated", "activation"),
        ("gradient", "gradient"),
        ("saturated", "saturated"),
        ("inactive", "inactive"),
        ("dead", "dead"),
    ):
        np.testing.assert_allclose(
            [getattr(r, ours) for r in rows], getattr(found, theirs), rtol=1e-12
        )


def test_gradient_is_that_of_a_loss_that_is_given(rng):
    model, x = MLP([8, 16, 3], tanh, xavier_normal, rng), rng.standard_normal((BATCH, 8))
    target = rng.standard_normal((BATCH, 3))
    rows = inspect(model, x, loss=lambda output: mean_squared_error(output, target)).rows
    error = 2 * (model.forward(x).activations[-1] - target) / target.size
    assert rows[-1].gradient == pytest.approx(np.mean(error**2), rel=1e-12)


def test_shares_of_tanh_are_those_of_a_normal(rng):
    """A share of n = 200,000 independent pairs has a standard error of sqrt(p (1 - p) / n)."""
    z = 2 * rng.standard_normal((2000, 100))
    found = judged_layer(np.eye(100), z, None, tanh)
    share = 2 * norm.sf(math.atanh(math.sqrt(1 - SATURATED_SLOPE)) / 2)
    assert abs(found.saturated - share) < 5 * math.sqrt(share * (1 - share) / z.size)


def test_dead_units_are_those_off_on_each_sample_and_at_each_position():
    z = np.ones((4, 5, 3))  # samples, positions, units
    z[..., 0] = -1
    z[:, :4, 1] = -1
    found = judged_layer(np.eye(3), z, None, relu)
    assert found.dead == 1 / 3
    assert found.inactive == pytest.approx((1 + 0.8) / 3)


def test_shares_are_of_what_goes_into_the_activation():
    """Between the weights and it a normalization may lie."""
    z = np.ones((4, 3))
    found = judged_layer(np.eye(3), z, None, relu, z=-z)
    assert (found.preactivation, found.activated, found.inactive) == (1, 0, 1)


def test_a_network_is_left_as_it_was(rng):
    model, x = MLP([8, 16, 3], relu, he_normal, rng), rng.standard_normal((BATCH, 8))
    before = [a.copy() for a in (*model.weights, *model.biases, x)]
    inspect(model, x)
    for array, kept in zip((*model.weights, *model.biases, x), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_global_random_states_are_left_alone(rng):
    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    inspect(MLP([8, 16, 3], relu, he_normal, rng), rng.standard_normal((BATCH, 8)))
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert random.getstate() == before[1]


def test_inspecting_twice_gives_the_same(rng):
    model, x = MLP([8, 16, 3], relu, he_normal, rng), rng.standard_normal((BATCH, 8))
    assert inspect(model, x).rows == inspect(model, x).rows


# The verdicts: what an expert would say of weights between two layers of an activation.

FITTING = {
    "He, relu": (he_normal, relu),
    "He uniform, relu": (he_uniform, relu),
    "He with its leak": (partial(he_normal, leak=0.3), rectifier(0.3)),
    "Xavier, tanh": (xavier_normal, tanh),
    "Keras's default, tanh": (keras_default, tanh),
    "LeCun, tanh": (lecun_normal, tanh),
    "PyTorch's gain of 5 / 3, tanh": (partial(variance_scaling, scale=25 / 9), tanh),
    "LeCun, selu": (lecun_normal, SELU),
    "LeCun, linear": (lecun_normal, identity),
    "He, gelu": (he_normal, GELU),
    "orthogonal, relu": (partial(orthogonal, gain=math.sqrt(2)), relu),
    "orthogonal, tanh": (orthogonal, tanh),
}
UNFIT = {
    "PyTorch's default, relu": (pytorch_default, relu, "too small for relu", "he_normal"),
    "Keras's default, relu": (keras_default, relu, "too small for relu", "he_normal"),
    "LeCun, relu": (lecun_normal, relu, "too small for relu", "he_normal"),
    "PyTorch's default, tanh": (pytorch_default, tanh, "too small for tanh", "xavier_normal"),
    "std 1, tanh": (partial(normal, std=1), tanh, "too large for tanh", "xavier_normal"),
    "std 1, relu": (partial(normal, std=1), relu, "too large for relu", "he_normal"),
    "He, selu": (he_normal, SELU, "too large for selu", "lecun_normal"),
    "He without its leak": (
        *(lecun_normal, rectifier(0.3), "too small for rectifier(0.3)"),
        "he_normal(leak=0.3)",
    ),
    "zeros": (zeros, relu, "all weights are zero", "he_normal"),
    "one constant": (partial(constant, value=0.1), relu, "all units have the", "he_normal"),
}


@pytest.mark.parametrize(("initializer", "activation"), FITTING.values(), ids=FITTING)
def test_weights_that_fit(initializer, activation, rng):
    found = hidden(initializer, activation, rng)
    assert found.fits
    told = "a linear layer" if activation is identity else activation.name
    assert found.verdict.startswith(f"fits {told}: ")
    assert found.suits == ""


@pytest.mark.parametrize(
    ("initializer", "activation", "words", "suits"), UNFIT.values(), ids=UNFIT
)
def test_weights_that_do_not_fit(initializer, activation, words, suits, rng):
    found = hidden(initializer, activation, rng)
    assert not found.fits
    assert found.verdict.startswith(words)
    assert found.suits == suits


@pytest.mark.parametrize("shape", [(64, 256), (256, 64)], ids=["widens", "narrows"])
@pytest.mark.parametrize("fan", ["fan_in", "fan_out", "fan_avg"])
def test_he_fits_by_whatever_fan_it_was_drawn(fan, shape, rng):
    found = hidden(partial(variance_scaling, scale=2.0, mode=fan), relu, rng, shape=shape)
    scale, name = re.fullmatch(r"fits relu: (.*) / (fan_.*)", found.verdict).groups()
    assert (float(scale), name) == (pytest.approx(2, rel=0.06), fan)


def test_xavier_before_relu_fits_the_first_layer_alone_and_says_so(rng):
    """Nothing was halved before it: the same number is too small for the next layer."""
    first = judged(xavier_normal, rng, activation=relu)
    second = judged(xavier_normal, rng, before=relu, activation=relu)
    assert first.verdict.startswith("fits where no relu comes before: ")
    assert (first.fits, second.fits) == (True, False)


@pytest.mark.parametrize("shape", [(64, 256), (256, 64)], ids=["widens", "narrows"])
def test_a_wide_layer_of_pytorchs_default_is_not_taken_for_a_deliberate_fan(shape, rng):
    """Between 1 and 2, its fan_out would lie within the range, and near neither end."""
    found = judged(pytorch_default, rng, shape=shape, activation=relu)
    assert not found.fits


@pytest.mark.parametrize("shape", [(64, 256), (256, 64)], ids=["widens", "narrows"])
def test_xavier_fits_tanh_in_a_layer_that_widens_or_narrows(shape, rng):
    assert hidden(xavier_normal, tanh, rng, shape=shape).fits


@pytest.mark.parametrize("shape", [(128, 192), (192, 128)], ids=["widens", "narrows"])
def test_no_fan_makes_pytorchs_default_fit_relu(shape, rng):
    assert not hidden(pytorch_default, relu, rng, shape=shape).fits


def test_by_fan_out_a_last_layer_is_too_large(rng):
    """No layer follows that would even it out: outputs of 1000 / 10 times the variance."""
    found = judged(he_fan_out, rng, shape=(1000, 10), before=relu, is_last=True)
    assert found.verdict.startswith("too large for relu: ")


@pytest.mark.parametrize("initializer", [lecun_normal, he_normal])
def test_a_first_layer_needs_one_and_a_rectifier_allows_two(initializer, rng):
    """Its input has not gone through a rectifier."""
    assert judged(initializer, rng, activation=relu).fits


@pytest.mark.parametrize("initializer", [pytorch_default, keras_default, he_normal, zeros])
@pytest.mark.parametrize("before", [relu, tanh, None], ids=["relu", "tanh", "nothing"])
def test_a_last_layer_may_start_small(initializer, before, rng):
    assert judged(initializer, rng, shape=(WIDTH, 10), before=before, is_last=True).fits


def test_a_sigmoid_on_the_output_is_no_fault(rng):
    found = judged(
        lecun_normal, rng, shape=(WIDTH, 1), before=relu, activation=SIGMOID, is_last=True
    )
    assert found.fits


@pytest.mark.parametrize("initializer", [pytorch_default, zeros])
def test_a_branch_beside_a_shortcut_may_start_small(initializer, rng):
    assert hidden(initializer, relu, rng, branch=True).fits


def test_a_branch_beside_a_shortcut_may_not_start_large(rng):
    assert not hidden(partial(normal, std=1), relu, rng, branch=True).fits


@pytest.mark.parametrize("std", [0.02, 1 / 12, 1, 100])
def test_where_a_normalization_follows_the_scale_cancels(std, rng):
    shape = (WIDTH, 2 * WIDTH)  # with 1 / 12, scale 1.8 by fan_out would be taken for He's
    found = hidden(partial(normal, std=std), relu, rng, shape=shape, normalized=True)
    assert found.fits
    assert found.verdict.endswith(" / fan_in; a normalization follows, so the scale cancels")


def test_weights_so_small_that_a_normalization_adds_more_than_their_variance(rng):
    assert not hidden(partial(normal, std=1e-5), relu, rng, normalized=True).fits


@pytest.mark.parametrize("options", [{}, {"normalized": True}])
@pytest.mark.parametrize("initializer", [he_normal, pytorch_default])
def test_dead_units_are_not_blamed_on_weights(initializer, options, rng):
    found = hidden(initializer, relu, rng, bias=-10.0, **options)
    assert not found.fits
    assert "100 % of its units are dead; look at biases and inputs" in found.verdict
    assert "biases of mean square 100" in found.verdict or options
    assert found.remedy == "zeros bias" or "too small" in found.verdict


def test_units_that_are_off_on_a_single_sample_are_not_called_dead(rng):
    """Half are, give or take sqrt(0.25 / 128) = 4 %; 75 % is 5 times that away."""
    h = rng.standard_normal((1, WIDTH))
    weights = he_normal((WIDTH, WIDTH), rng)
    assert judged_layer(weights, h @ weights, relu, relu).fits


def test_saturation_is_blamed_on_large_weights(rng):
    found = hidden(partial(normal, std=1), tanh, rng)
    said = f"; {100 * found.saturated:.0f} % saturated"
    assert re.fullmatch(rf"too large for tanh: \d+ / fan_in, for 1 to 2.5{said}", found.verdict)


def test_a_single_output_of_equal_weights_is_not_called_one_of_many(rng):
    found = judged(partial(constant, value=0.125), rng, shape=(64, 1), is_last=True)
    assert found.fits


# Signals that are no longer numbers.


def test_overflow_is_blamed_on_the_layers_whose_weights_are_too_large(rng):
    model = MLP([64] * 30 + [3], relu, partial(normal, std=1e15), rng)
    found = inspect(model, batch(rng, 64))
    assert found.rows[20].verdict.startswith("its input is not finite; look at what made it")
    assert found.rows[0].verdict.startswith("too large for relu: 6.")
    assert {r.suits for r in found.rows} == {"he_normal", "lecun_normal"}


def test_weights_that_fit_are_not_blamed_for_an_input_that_is_nan(rng):
    found = inspect(MLP([64, 64, 64, 3], relu, he_normal, rng), np.full((5, 64), np.nan))
    assert {(r.verdict, r.suits) for r in found.rows} == {
        ("its input is not finite; look at what made it", "")
    }


def test_nan_in_weights_is_told(rng):
    model = MLP([64, 64, 64, 3], relu, partial(he_normal), rng)
    model.weights[1][0, 0] = np.nan
    found = inspect(model, batch(rng, 64))
    assert [r.fits for r in found.rows] == [True, False, False]
    assert "nan" in str(found)


def test_no_warning_and_a_picture_where_all_is_nan(rng):
    report = inspect(MLP([64, 64, 3], relu, he_normal, rng), np.full((5, 64), np.nan))
    assert "goes from nan to nan" in report._repr_mimebundle_()[0]["text/plain"]


# Graphs: what follows from what was made of what.


def graph_of(*steps):
    """Return a graph of steps, each an op and the names of what it is made of.

    An op "layer" is a product with weights of its own, "norm" a normalization, an `Activation`
    is that function; the result has the name that is given.
    """
    graph, nodes = Graph(), {}
    nodes["x"] = graph.add("input", shape=(2, 3))
    for name, op, *made_of in steps:
        parents = [nodes[parent] for parent in made_of]
        if op == "layer":
            nodes[name] = added(graph, parents[0], np.eye(3), np.ones((2, 3)), name)
        elif isinstance(op, Activation):
            nodes[name] = graph.add(op.name, parents, (2, 3))
            nodes[name].set_function(parents[0], op)
        else:
            nodes[name] = graph.add(op, parents, (2, 3))
            nodes[name].normalizes = op == "norm"
            nodes[name].moment = 1.0
    return graph, nodes


def evidences(*steps):
    return {e.layer.name: e for e in Whole(graph_of(*steps)[0]).layers}


@pytest.mark.parametrize(
    ("steps", "normalized"),
    [
        ([("n", "norm", "a"), ("h", relu, "n"), ("b", "layer", "h")], True),
        ([("n", "norm", "a"), ("b", "layer", "n")], True),
        ([("h", relu, "a"), ("n", "norm", "h"), ("b", "layer", "n")], True),
        ([("h", rectifier(0.1), "a"), ("n", "norm", "h"), ("b", "layer", "n")], True),
        ([("h", tanh, "a"), ("n", "norm", "h"), ("b", "layer", "n")], False),
        ([("h", relu, "a"), ("b", "layer", "h")], False),
        ([("b", "layer", "a"), ("n", "norm", "b"), ("c", "layer", "n")], True),
        ([("s", "add", "a", "x"), ("n", "norm", "s"), ("b", "layer", "n")], False),
        ([("n", "norm", "a"), ("s", "add", "n", "a"), ("b", "layer", "s")], False),
    ],
)
def test_a_normalization_takes_the_scale_away_unless_something_sees_it_before(
    steps, normalized
):
    assert evidences(("a", "layer", "x"), *steps)["a"].normalized == normalized


def test_an_activation_goes_to_the_layer_that_made_what_it_takes():
    """Not to the one that ran last."""
    found = evidences(
        ("a", "layer", "x"),
        ("b", "layer", "x"),
        ("h", relu, "a"),
        ("c", "cat", "h", "b"),
        ("d", "layer", "c"),
    )
    assert found["a"].function is relu
    assert found["b"].function is None


def test_a_normalization_hides_what_came_before():
    steps = ("a", "layer", "x"), ("h", relu, "a"), ("n", "norm", "h"), ("b", "layer", "n")
    assert evidences(*steps)["b"].before == [None]


def test_a_layer_behind_which_no_other_is_a_head():
    found = evidences(("a", "layer", "x"), ("p", "layer", "a"), ("v", "layer", "a"))
    assert {name for name, e in found.items() if e.head} == {"p", "v"}


@pytest.mark.parametrize(
    ("steps", "inside", "last"),
    [
        ([("s", "add", "b", "x")], "ab", "b"),
        ([("s", "add", "b", "a")], "b", "b"),
        ([("n", "norm", "x"), ("s", "add", "b", "n")], "ab", "b"),
        ([("c", "layer", "x"), ("s", "add", "b", "c")], "", ""),
        ([("s", "add", "b", "b")], "", ""),
        ([("t", "layer", "b"), ("s", "mul", "t", "x")], "", ""),
    ],
    ids=["input", "first", "normalized", "weights in both", "itself", "product"],
)
def test_a_branch_lies_beside_a_way_without_weights(steps, inside, last):
    found = evidences(("a", "layer", "x"), ("b", "layer", "a"), *steps)
    assert "".join(name for name, e in found.items() if e.branch is not None) == inside
    assert "".join(name for name, e in found.items() if e.last) == last


@pytest.mark.parametrize(
    ("steps", "lone"),
    [
        ([("c", "layer", "b")], "c"),
        ([("v", "view", "b"), ("c", "layer", "v")], "c"),
        ([("h", relu, "b"), ("c", "layer", "h")], None),
        ([("n", "norm", "b"), ("c", "layer", "n")], None),
        ([("m", "max", "b"), ("c", "layer", "m")], None),
        ([("c", "layer", "b"), ("d", "layer", "b")], None),
        ([("s", "add", "b", "a"), ("c", "layer", "s")], None),
    ],
)
def test_a_layer_that_alone_takes_what_another_gives_as_it_is(steps, lone):
    found = evidences(("a", "layer", "x"), ("b", "layer", "a"), *steps)["b"].lone
    assert (found and found.name) == lone


def test_what_all_ways_lead_through_is_found_and_what_lies_between():
    graph, nodes = graph_of(
        ("a", "layer", "x"), ("b", relu, "a"), ("c", tanh, "a"), ("d", "add", "b", "c")
    )
    assert nodes["d"].over is nodes["a"]
    assert {node.op for node in between(nodes["a"], nodes["d"])} == {"relu", "tanh", "add"}
    assert graph.nodes[0].over is None


def replayed(function):
    """Return what a graph finds of a function of an array, seeded."""
    graph = Graph()
    top = Node("input", shape=(8, 6))
    node = graph.add("function", [top], (8, 6))
    graph.try_function(node, lambda root, node: ("key", function))
    return node


def slopes(function, z, h=1e-6):
    return (function(z + h) - function(z - h)) / (2 * h)


TRIED = {
    "relu": (lambda z: np.maximum(z, 0), "function"),
    "twice": (lambda z: 2 * z, "line"),
    "softmax": (lambda z: np.exp(z) / np.exp(z).sum(-1, keepdims=True), "nothing"),
    "turned": (lambda z: z[::-1], "nothing"),
    "layer norm": (
        lambda z: (z - z.mean(-1, keepdims=True)) / z.std(-1, keepdims=True),
        "norm",
    ),
    "batch norm": (lambda z: (z - z.mean(0)) / z.std(0), "norm"),
    "other shape": (lambda z: z[:, :3], "nothing"),
}


@pytest.mark.parametrize(("function", "kind"), TRIED.values(), ids=TRIED)
def test_whether_a_function_works_entry_by_entry_is_tried(function, kind):
    node = replayed(lambda z, seed, slope=False: slopes(function, z) if slope else function(z))
    assert node.bends == (kind == "function")
    assert (node.line == pytest.approx(2)) if kind == "line" else node.line is None
    assert node.normalizes == (kind == "norm")


@pytest.mark.parametrize(
    ("function", "bends"),
    [
        (lambda z, draw: z * (draw < 0.5) * 2, False),
        (lambda z, draw: z + draw - 0.5, False),
        (lambda z, draw: np.where(z > 0, z, draw / 4 * z), True),
    ],
    ids=["dropout", "noise", "rrelu"],
)
def test_what_is_drawn_anew_is_a_function_only_if_it_bends_on_average(function, bends):
    def run(z, seed, slope=False):
        draw = np.random.default_rng(seed).random(z.shape)
        return slopes(lambda z: function(z, draw), z) if slope else function(z, draw)

    node = replayed(run)
    assert node.bends == bends
    assert node.random != bends


def test_a_bias_that_is_added_belongs_to_its_layer():
    graph, nodes = graph_of(("a", "layer", "x"))
    total = graph.add("add", [nodes["a"]], (2, 3))
    layer = graph.add_bias(total, np.array([1.0, 2.0, 3.0]), "b")
    assert (layer.node, nodes["a"].layer, layer.bias_path) == (total, None, "b")
    other = graph.add("add", [total], (2, 3))
    assert graph.add_bias(other, np.array([1.0, 2.0, 3.0]), "c") is None  # it has one


# The model as a whole.


def chain(n, factor):
    """Return points of which each has a mean square of `factor` times the last."""
    nodes = [Node("x", shape=(4, 64)) for _ in range(n)]
    for i, node in enumerate(nodes):
        node.moment = factor**i
    return nodes


@pytest.mark.parametrize(
    ("n", "factor", "tells"),
    [
        (12, 2.0, True),
        (12, 0.5, True),
        (12, 1.1, False),
        (3, 100.0, False),  # their own verdicts say so
        (10, 1.15, False),
        (120, 1.18, True),  # slow, but 10^8 over all
        (6, 0.0, True),
    ],
)
def test_a_drift_is_told_where_it_is_large_and_steady(n, factor, tells):
    total, layer = drift(chain(n, factor), "moment")
    assert bool(total) == tells
    if tells and factor:
        assert layer == pytest.approx(math.log10(factor))
        assert total == pytest.approx((n - 1) * math.log10(factor))


def test_a_width_that_changes_is_no_drift():
    """By fan_in the sums of squares of gradients stay, and by fan_out those of signals."""
    nodes = [Node("x", shape=(4, 4**i)) for i in range(8)]
    for i, node in enumerate(nodes):
        node.moment = 4.0**-i
    assert drift(nodes, "moment") == (0.0, 0.0)


def test_the_verdict_names_the_drift_and_the_start_loss(rng):
    model = MLP([64] * 9 + [10], relu, partial(normal, std=1), rng)
    labels = rng.integers(0, 10, BATCH)
    text = str(
        inspect(model, batch(rng, 64), loss=lambda out: softmax_cross_entropy(out, labels))
    )
    assert re.search(r"The signal grows \d+-fold a layer, 10\^\d+-fold over all", text)
    assert re.search(r"a guess among 10 classes costs ln 10 = 2.3: .* too large", text)


def test_fix_follows_the_remedies_in_a_copy_and_the_copy_fits(rng):
    model = MLP([64] * 6 + [10], relu, pytorch_default, rng)
    before = [W.copy() for W in model.weights]
    fixed = inspect(model, batch(rng, 64)).fix(model)
    assert (fixed.before.fits, fixed.report.fits) == (False, True)
    assert all((kept == W).all() for W, kept in zip(model.weights, before, strict=True))
    assert str(fixed).startswith("Before: 5 of 6 layers do not fit. After: All fits")
    assert fixed._repr_mimebundle_()[0]["image/png"]


def test_fix_needs_the_model(rng):
    with pytest.raises(ValueError, match="fix needs a report that inspect has made"):
        Report(report(rng).rows).fix(None)


# The report.


def report(rng, sizes=(64, 64, 64, 10), initializer=pytorch_default):
    return inspect(MLP(list(sizes), relu, initializer, rng), batch(rng, sizes[0]))


def test_the_verdict_comes_first_then_a_sentence_and_a_line_for_each_layer(rng):
    lines = str(report(rng)).splitlines()
    names = ["layer 1", "layer 2", "layer 3"]
    assert [line[:7] for line in lines] == ["2 of 3 ", *names, "", "layer  ", *names]


def test_the_columns_of_the_table_are_aligned(rng):
    header, *lines = str(report(rng)).splitlines()[5:]
    ends = {line.index(" → ") for line in lines}, {len(line) for line in (header, *lines)}
    assert [len(end) for end in ends] == [1, 1]


def test_the_table_gives_the_numbers(rng):
    found = Row("a", 3, 4.5, "relu", 0.25, 0.125, 1e-9, 0.5, 0.25, 0.75, True, "fits", "")
    line = str(Report([found])).splitlines()[-1]
    cells = ["a", "3", "→", "4.5", "relu", "0.25", "0.125", "1.00", "×", "10^-9"]
    assert line.split() == [*cells, "50", "%", "25", "%", "75", "%"]


def test_a_sentence_says_what_to_take(rng):
    found = report(rng)
    assert found.rows[1].remedy.startswith("model.weights[1][:] = he_normal(model.weights[1]")
    said = f"layer 2: {found.rows[1].verdict}. Take {found.rows[1].remedy}."
    assert str(found).splitlines()[2] == said


def test_weights_that_were_missed_are_named():
    assert str(Report([], ["embedding", "cell"])).endswith("Not looked into: embedding, cell.")


@pytest.mark.parametrize(("initializer", "fits"), [(he_normal, True), (pytorch_default, False)])
def test_a_report_fits_if_all_its_layers_do(initializer, fits, rng):
    assert report(rng, initializer=initializer).fits == fits


def test_a_report_can_be_made_of_rows_that_were_saved(rng):
    found = report(rng)
    assert Report([list(r) for r in found.rows]).rows == found.rows


def test_the_words_tell_all_that_the_table_concludes(rng):
    found = report(rng)
    data, metadata = found._repr_mimebundle_()
    assert metadata["image/png"]["alt"] == data["text/plain"]
    assert data["text/plain"].startswith("3 layers. From the first to the last")
    assert data["text/plain"].endswith(" ".join(found.summary))


def test_the_picture_is_a_png(rng):
    png = base64.b64decode(report(rng)._repr_mimebundle_()[0]["image/png"])
    assert Image.open(io.BytesIO(png)).format == "PNG"


# The picture: names short and long, one layer and many.


@cache
def drawn(n, name, **values):
    """Return a figure of n layers, painted."""
    base = Row(name, 1, 1, "", 1.0, 0.5, 1.0, 0.0, 0.5, 0.0, True, "", "")
    figure = ModelInDepth()
    figure.update([base._replace(name=f"{name}{i}", **values) for i in range(n)])
    figure.canvas.pixels()
    return figure.canvas.figure


def boxes(ax):
    return [label.get_window_extent() for label in ax.get_xticklabels()]


NAMES = ["layer ", "encoder.layers.self_attention.in_proj_weight"]
each_name = pytest.mark.parametrize("name", NAMES, ids=["short", "long"])


@pytest.mark.parametrize("n", [3, 6, 16])
@each_name
def test_no_name_of_a_layer_is_cut_off(n, name):
    figure = drawn(n, name)
    found = [box for ax in figure.axes for box in boxes(ax)]
    page = figure.bbox
    assert min(box.x0 for box in found) >= page.x0
    assert min(box.y0 for box in found) >= page.y0
    assert max(box.x1 for box in found) <= page.x1


@each_name
def test_upright_names_do_not_meet(name):
    found = boxes(drawn(16, name).axes[0])
    assert all(a.x1 <= b.x0 for a, b in pairwise(found))


def test_oblique_names_do_not_meet():
    """At 45 degrees they are the distance of two ticks over sqrt(2) apart, and 12.5 px high."""
    ax = drawn(6, NAMES[0]).axes[0]
    first, second = ax.transData.transform([(1, 0), (2, 0)])[:, 0]
    assert (second - first) / math.sqrt(2) > 1.2 * 12.5


@pytest.mark.parametrize("n", [17, 53, 200])
def test_of_many_layers_every_second_or_so_has_its_name(n):
    ax = drawn(n, "e").axes[0]
    names = [label.get_text() for label in ax.get_xticklabels()]
    step = math.ceil(n / 16)
    assert names == [f"e{i}" for i in range(0, n, step)]
    found = boxes(ax)
    assert all(a.x1 <= b.x0 for a, b in pairwise(found))


def test_a_cross_marks_the_layers_that_do_not_fit():
    figure = ModelInDepth()
    base = Row("a", 1, 1, "", 10.0, 0.5, 100.0, 0.0, 0.5, 0.0, True, "", "")
    rows = [base, base._replace(fits=False, preactivation=1e3), base._replace(fits=None)]
    figure.update(rows)
    crosses = [line for ax in figure.canvas.figure.axes for line in ax.lines]
    crosses = [line.get_xydata().tolist() for line in crosses if line.get_marker() == "x"]
    assert crosses == [[[2, 3]], [[2, 2]]]


def test_what_was_before_is_dashed():
    figure = ModelInDepth()
    base = Row("a", 1, 1, "", 10.0, 0.5, 100.0, 0.0, 0.5, 0.0, True, "", "")
    figure.update([base], before=[base, base._replace(preactivation=1e5)])
    dashed = [line for line in figure.canvas.figure.axes[0].lines if line.get_ls() == "--"]
    assert dashed[0].get_xydata().tolist() == [[1, 1], [2, 5]]
    top = figure.canvas.figure.axes[0].get_ylim()[1]
    assert top > 5


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"inactive": 1.0, "dead": 1.0},
        {"preactivation": 1e30, "activated": 1e-30},
        {"preactivation": 30.0, "activated": 10.0, "gradient": 5.0},
        {"gradient": 1e-12},
    ],
    ids=["usual", "dead", "far apart", "high", "low"],
)
def test_the_legend_lies_above_all_curves(values):
    for ax in drawn(3, NAMES[0], **values).axes:
        legend = ax.get_legend().get_window_extent()
        points = np.concatenate([line.get_xydata() for line in ax.lines])
        tops = ax.transData.transform(points)[:, 1]
        assert tops.max() + 3.5 <= legend.y0  # a marker of 5 points is 7 px high


# What cannot be looked into.


@pytest.mark.parametrize("model", [None, "model", 3, np.ones((2, 2))])
def test_what_is_no_model(model):
    with pytest.raises(
        TypeError, match=r"model must be a torch\.nn\.Module, a keras\.Model or"
    ):
        inspect(model, np.ones((2, 2)))


def test_a_stack_of_networks_is_refused(rng):
    model = stack([MLP([4, 3], relu, he_normal, rng)])
    with pytest.raises(
        ValueError, match="model must be a single network, not a stack; got MLP"
    ):
        inspect(model, np.ones((2, 4)))


def test_several_inputs_are_refused_for_ours(rng):
    with pytest.raises(ValueError, match=r"x must be one array .*; got 2"):
        inspect(MLP([4, 3], relu, he_normal, rng), (np.ones((2, 4)), np.ones((2, 4))))


def test_a_batch_of_another_width_is_refused(rng):
    with pytest.raises(ValueError, match=r"x must have shape \(n_samples, 4\); got .*\(2, 5\)"):
        inspect(MLP([4, 3], relu, he_normal, rng), np.ones((2, 5)))


def test_a_loss_that_cannot_be_called_is_refused(rng):
    with pytest.raises(TypeError, match="loss must be callable; got 3"):
        inspect(MLP([4, 3], relu, he_normal, rng), np.ones((2, 4)), loss=3)


def test_a_loss_without_its_gradient_is_refused_for_ours(rng):
    model = MLP([4, 3], relu, he_normal, rng)
    with pytest.raises(TypeError, match=r"loss must return its value and its .*; got 6"):
        inspect(model, np.ones((2, 4)), loss=lambda output: float(output.size))
