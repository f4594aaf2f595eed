"""Promises of the core that hold for all inputs, tried on inputs that Hypothesis draws."""

import math
import re
import warnings
from fractions import Fraction
from functools import partial

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers.activations import ACTIVATIONS, Activation, relu, tanh
from helpers.initializers import INITIALIZERS, constant, he_normal, normal, uniform
from helpers.network import MLP, binary_cross_entropy, mean_squared_error, stack
from helpers.propagation import LayerStatistics, mean_cosine
from helpers.quiz import Question
from helpers.training import Adam, clip_by_global_norm, clip_by_value, train
from helpers.words import number

FLOATS = st.sampled_from([np.float32, np.float64])
NAMED = {
    **INITIALIZERS,
    "constant": partial(constant, value=0.5),
    "uniform": partial(uniform, low=-1.0, high=1.0),
    "normal": partial(normal, std=0.1),
}
each_initializer = pytest.mark.parametrize("initializer", NAMED.values(), ids=NAMED)
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)


def magnitudes(low, high):
    """Return a strategy for numbers of either sign, evenly spread over powers of ten."""
    powers = st.floats(low, high)
    return st.builds(lambda power, sign: sign * 10.0**power, powers, st.sampled_from([1, -1]))


@each_initializer
@given(sizes=st.lists(st.integers(1, 6), min_size=2, max_size=4), dtype=FLOATS)
def test_a_shape_may_be_any_sequence_of_integers(initializer, sizes, dtype):
    expected = initializer(tuple(sizes), np.random.default_rng(0), dtype=dtype)
    assert expected.shape == tuple(sizes)
    assert expected.dtype == dtype
    for shape in (sizes, iter(sizes), np.array(sizes), [np.int32(n) for n in sizes]):
        drawn = initializer(shape, np.random.default_rng(0), dtype=dtype)
        np.testing.assert_array_equal(drawn, expected)


@each_initializer
@pytest.mark.parametrize("shape", [{5, 3}, frozenset([3]), {3: 5}.keys()])
def test_sizes_without_an_order_are_no_shape(initializer, shape):
    with pytest.raises(TypeError, match="shape must be a sequence of"):
        initializer(shape, np.random.default_rng(0))


@each_initializer
@pytest.mark.parametrize(
    "dtype", [int, bool, complex, np.float16, np.longdouble, "float8", None]
)
def test_only_single_and_double_precision_are_drawn(initializer, dtype):
    with pytest.raises(TypeError, match=r"dtype must be float or numpy.float32; got"):
        initializer((3, 3), np.random.default_rng(0), dtype=dtype)


@given(value=magnitudes(20, 308), dtype=FLOATS)
def test_no_initializer_overflows(value, dtype):
    draws = [
        partial(constant, value=value),
        partial(normal, std=abs(value)),
        partial(uniform, low=-abs(value), high=abs(value)),
        partial(INITIALIZERS["orthogonal"], gain=abs(value)),
        partial(INITIALIZERS["xavier_normal"], gain=abs(value)),
        partial(INITIALIZERS["xavier_uniform"], gain=abs(value)),
    ]
    for draw in draws:
        try:
            drawn = draw((4, 4), np.random.default_rng(0), dtype=dtype)
        except ValueError as error:
            assert re.search(r"must be (at most|a finite)", str(error))  # noqa: PT017
        else:
            assert np.isfinite(drawn).all()


@given(
    rate=st.sampled_from([Fraction(1, 10), np.float32(0.5), 1, 0.25]), steps=st.integers(1, 3)
)
def test_numbers_of_any_kind_train_alike(rate, steps):
    X, y = np.eye(2), np.ones((2, 1))
    networks = [MLP([2, 3, 1], tanh, he_normal, np.random.default_rng(0)) for _ in range(2)]
    for network, given_rate, n in zip(
        networks, (rate, float(rate)), (np.int64(steps), steps), strict=True
    ):
        *_, last = train(network, X, y, mean_squared_error, learning_rate=given_rate, steps=n)
    assert last.step == steps
    for one, other in zip(networks[0].weights, networks[1].weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("value", [10**400, -(10**400), Fraction(10**400)])
def test_numbers_beyond_all_floats_are_called_so(value):
    with pytest.raises(ValueError, match="std must be a finite number of at least 0; got"):
        normal((2,), np.random.default_rng(0), std=value)


@given(dtype=FLOATS, shared=st.booleans())
def test_a_network_owns_its_parameters(dtype, shared):
    kept = [np.full((2, 2), 0.5, dtype), np.zeros(2, dtype)]
    view = np.broadcast_to if shared else (lambda array, shape: array)
    network = MLP(
        [2, 2, 2],
        tanh,
        lambda shape, rng: view(kept[0], shape),
        np.random.default_rng(0),
        bias=lambda shape, rng: view(kept[1], shape),
    )
    arrays = network.weights + network.biases
    assert not any(np.shares_memory(a, b) for a in arrays for b in kept)
    assert not any(a is not b and np.shares_memory(a, b) for a in arrays for b in arrays)
    list(train(network, np.eye(2), np.eye(2), mean_squared_error, learning_rate=1.0, steps=2))
    assert (kept[0] == 0.5).all()
    assert (kept[1] == 0).all()


@given(
    dtype=FLOATS,
    input_dtype=FLOATS,
    rate=st.floats(-3, 300),
    scale=st.floats(-3, 300),
    clip=st.sampled_from([None, partial(clip_by_value, limit=1.0), clip_by_global_norm]),
    adam=st.booleans(),
    stacked=st.booleans(),
)
def test_whatever_overflows_is_told_and_changes_no_parameter(
    dtype, input_dtype, rate, scale, clip, adam, stacked
):
    """A network that has overflowed keeps finite parameters, and those of the state before."""
    if clip is clip_by_global_norm:
        clip = partial(clip_by_global_norm, max_norm=1.0)
    std = min(10.0**scale, float(np.finfo(dtype).max) / 1e3)
    stds = [0.5, std] if stacked else [std]
    networks = [
        MLP([2, 3, 1], relu, partial(normal, std=s, dtype=dtype), np.random.default_rng(0))
        for s in stds
    ]
    network = stack(networks) if stacked else networks[0]
    how = {"optimizer": Adam(10.0**rate)} if adam else {"learning_rate": 10.0**rate}
    X, y = np.eye(2, dtype=input_dtype), np.array([[0.0], [1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for state in train(network, X, y, binary_cross_entropy, steps=5, clip=clip, **how):
            arrays = network.weights + network.biases
            assert all(a.dtype == dtype and np.isfinite(a).all() for a in arrays)
            assert np.shape(state.overflowed) == ((2,) if stacked else ())
    assert state.step == 5 or np.all(state.overflowed)


@given(dtype=FLOATS, input_dtype=st.sampled_from([np.float32, np.float64, np.int8, bool]))
def test_a_network_computes_in_the_type_of_its_weights(dtype, input_dtype):
    network = MLP([2, 3, 1], tanh, partial(he_normal, dtype=dtype), np.random.default_rng(0))
    trace = network.forward(np.eye(2).astype(input_dtype))
    gradients = network.backward(trace, np.ones((2, 1)))
    for arrays in (*trace, *gradients):
        assert {a.dtype for a in arrays} == {np.dtype(dtype)}


@given(
    rows=st.lists(
        st.tuples(magnitudes(-300, 300), st.lists(st.floats(-1, 1), min_size=3, max_size=3)),
        min_size=2,
        max_size=5,
    )
)
def test_each_row_counts_alike_in_the_mean_cosine_whatever_its_length(rows):
    h = np.array([[scale * x for x in entries] for scale, entries in rows])
    unit = []
    for scale, entries in rows:
        row = np.array(entries, np.longdouble) * np.sign(scale)
        # Entries that vanish beside the scale, or below the smallest number, are no test.
        assume(all(x == 0 or abs(x) > 1e-6 for x in entries))
        if row.any():
            unit.append(row / np.sqrt((row**2).sum()))
    if len(unit) < 2:
        assert math.isnan(mean_cosine(h))
        return
    pairs = [a @ b for i, a in enumerate(unit) for b in unit[:i]]
    assert mean_cosine(h) == pytest.approx(float(np.mean(pairs)), abs=1e-12)


@given(value=st.integers(-128, 127), n=st.integers(2, 200))
def test_the_mean_cosine_takes_integers(value, n):
    expected = 1.0 if value else math.nan
    rows = np.full((3, n), value, np.int8)
    assert mean_cosine(rows) == pytest.approx(expected, nan_ok=True)


LIMITS = {  # at minus infinity: the value and the slope; at plus infinity: the slope
    "identity": (-math.inf, 1, 1),
    "sigmoid": (0, 0, 0),
    "tanh": (-1, 0, 0),
    "relu": (0, 0, 1),
    "leaky_relu": (-math.inf, 0.01, 1),
    "elu": (-1, 0, 1),
    "selu": (-1.0507009873554805 * 1.6732632423543772, 0, 1.0507009873554805),
    "gelu": (0, 0, 1),
    "softplus": (0, 0, 1),
}


@each_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_have_their_limits_at_infinity(activation, dtype):
    value, slope, slope_above = LIMITS[activation.name]
    huge = np.finfo(dtype).max / 2
    for z in (-np.inf, -huge):
        below = slope * float(z) if slope else value
        assert activation(dtype(z)) == pytest.approx(below, rel=1e-6)
        assert activation.derivative(dtype(z)) == pytest.approx(slope)
    for z in (np.inf, huge):
        assert activation(dtype(z)) >= (1 if activation.name in ("sigmoid", "tanh") else z)
        assert activation.derivative(dtype(z)) == pytest.approx(slope_above)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(z=st.floats(-40, 40, width=32))
def test_slopes_of_tanh_and_sigmoid_keep_their_precision(dtype, z):
    """Within ten roundings of a number that may be as small as 1e-34."""
    within = 10 * float(np.finfo(dtype).eps)
    exact = float(mp.sech(z) ** 2)
    assert float(tanh.derivative(dtype(z))) == pytest.approx(exact, rel=within)
    sigmoid = ACTIVATIONS["sigmoid"]
    logistic = 1 / (1 + mp.exp(-z))
    assert float(sigmoid(dtype(z))) == pytest.approx(float(logistic), rel=within)
    exact = float(logistic * (1 / (1 + mp.exp(z))))
    assert float(sigmoid.derivative(dtype(z))) == pytest.approx(exact, rel=within)


HARDTANH = Activation(
    "hardtanh", lambda z: np.clip(z, -1, 1), lambda z: (abs(z) < 1).astype(z.dtype), flat=True
)


@pytest.mark.parametrize("activation", [*ACTIVATIONS.values(), HARDTANH], ids=lambda a: a.name)
@given(power=st.floats(-6, 6), shift=st.floats(-20, 20))
def test_shares_are_the_same_in_both_types(activation, power, shift):
    """At most one pair in 12,800 lies so close to the edge that the types round it apart."""
    rng = np.random.default_rng(0)
    z = (10.0**power * (rng.standard_normal((50, 256)) + shift)).astype(np.float32)
    single, double = (LayerStatistics(z.astype(t), activation) for t in (np.float32, float))
    for name in ("saturated", "inactive", "dead"):
        assert getattr(single, name) == pytest.approx(getattr(double, name), abs=1.01 / z.size)
    if not activation.flat:
        assert double.inactive == double.dead == single.inactive == single.dead == 0


@given(value=st.one_of(magnitudes(-12, 12), st.integers(-(10**7), 10**7), st.just(0.0)))
def test_numbers_in_words_keep_what_they_promise(value):
    words = number(value)
    read = float(words.replace(" × 10^", "e"))
    if float(value).is_integer() and abs(value) < 1e6:
        assert words == str(int(value))
    else:
        assert read == pytest.approx(float(value), rel=5.001e-3)
        digits = re.sub(r"e.*|[^0-9]", "", words.replace(" × 10^", "e")).lstrip("0")
        assert len(digits.rstrip("0") if "×" not in words else digits) <= 3
        assert "×" not in words or len(digits) == 3


@given(options=st.lists(st.text("xyz", min_size=1), min_size=2, max_size=26, unique=True))
def test_a_question_shows_all_its_options(options):
    question = Question("Which?", dict.fromkeys(options, "Why."), right=options[-1])
    assert len(repr(question).splitlines()) == len(options) + 1
    assert question._repr_html_().count("<details") == len(options)


def test_a_question_has_no_more_options_than_there_are_letters():
    with pytest.raises(ValueError, match="from 2 to 26 options"):
        Question("Which?", {str(n): "Why." for n in range(27)}, right="0")


class Named(MLP):
    """A network with an attribute of its own."""

    label = "plain"


def test_what_replaces_and_copies_a_network_keeps_its_class_and_attributes():
    network = Named([2, 3, 1], tanh, he_normal, np.random.default_rng(0))
    network.label = "mine"
    for other in (network.replace(activation=relu), network.copy()):
        assert type(other) is Named
        assert other.label == "mine"
    assert network.activation is tanh


def test_replace_shares_arrays_and_copy_does_not():
    network = MLP([2, 3, 1], tanh, he_normal, np.random.default_rng(0))
    shared, own = network.replace(), network.copy()
    shared.weights.append("not in the original's list")
    assert len(network.weights) == 2
    assert shared.weights[0] is network.weights[0]
    list(train(own, np.eye(2), np.ones((2, 1)), mean_squared_error, learning_rate=1, steps=1))
    assert not np.array_equal(own.weights[0], network.weights[0])


def test_a_function_without_a_derivative_is_no_activation():
    network = MLP([2, 3, 1], tanh, he_normal, np.random.default_rng(0))
    with pytest.raises(TypeError, match="activation must have a derivative"):
        network.replace(activation=np.tanh)


def test_a_stack_is_made_of_single_networks():
    networks = [MLP([2, 3, 1], tanh, he_normal, np.random.default_rng(i)) for i in range(2)]
    with pytest.raises(ValueError, match=r"at least one single network.*; got \["):
        stack([stack(networks), stack(networks)])
