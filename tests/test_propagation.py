"""What signals do in depth: measured in networks with known answers, and predicted.

Predictions by quadrature are compared with closed forms to 1e-12, a thousand roundings, or
to the digits of published values. The tolerance of a measured network is five of the standard
deviations that finite widths give it.
"""

import math
from functools import partial

import numpy as np
import pytest
from scipy.special import erf

from helpers.activations import ACTIVATIONS, Activation, gain, rectifier
from helpers.initializers import he_normal, lecun_normal
from helpers.network import MLP, stack
from helpers.propagation import (
    LayerStatistics,
    chi,
    correlation_map,
    finite_width_band,
    fixed_point,
    gradient_map,
    length_map,
    mean_cosine,
    measure,
    pair_distances,
    product_spectrum,
    second_moment,
)

IDENTITY, RELU, TANH, SELU = (ACTIVATIONS[n] for n in ("identity", "relu", "tanh", "selu"))
HE = math.sqrt(2)  # sigma_w of He weights

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)


def network_of(activation, *weights):
    """Return a network with the given weights and no biases."""
    weights = [np.array(W, float) for W in weights]
    sizes = [len(weights[0]), *(W.shape[1] for W in weights)]
    rng = np.random.default_rng(0)
    return MLP(sizes, activation, he_normal, rng).replace(weights=weights)


# Two units that pass their input on, and an output that is twice their sum.
EYE, TWICE_SUM = np.eye(2), [[2], [2]]


def test_second_moments_are_mean_squares():
    found = measure(network_of(RELU, EYE, TWICE_SUM), [[3.0, -1.0], [1.0, -5.0]])
    np.testing.assert_allclose(found.preactivation, [(9 + 1 + 1 + 25) / 4, (36 + 4) / 2])
    np.testing.assert_allclose(found.activation, [(9 + 1) / 4, (36 + 4) / 2])


def test_inactive_counts_pairs_and_dead_counts_units():
    x = [[3.0, -1.0], [-1.0, -5.0], [-2.0, -4.0]]
    found = measure(network_of(RELU, EYE, TWICE_SUM), x)
    np.testing.assert_array_equal(found.inactive, [5 / 6, 0])
    np.testing.assert_array_equal(found.dead, [1 / 2, 0])


@pytest.mark.parametrize(
    ("name", "at_most", "beyond"),
    [
        ("tanh", math.atanh(0.9699), math.atanh(0.9701)),
        ("sigmoid", 4.17, 4.20),  # 0.9848 and 0.9852
        ("sigmoid", -4.17, -4.20),
        ("elu", math.log(0.0592), math.log(0.0590)),
    ],
)
def test_saturated_counts_pairs_of_small_slope(name, at_most, beyond):
    """The limit is ``1 - 0.97**2`` = 0.0591 of the slope at zero."""
    found = measure(network_of(ACTIVATIONS[name], EYE, TWICE_SUM), [[0, beyond], [at_most, 1]])
    np.testing.assert_array_equal(found.saturated, [1 / 4, 0])


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "identity"])
def test_a_rectifier_never_saturates(name):
    found = measure(network_of(ACTIVATIONS[name], EYE, TWICE_SUM), [[-100, 0], [1, 100]])
    np.testing.assert_array_equal(found.saturated, [0, 0])


@pytest.mark.parametrize("name", ["leaky_relu", "tanh", "identity"])
def test_only_a_slope_of_zero_is_inactive(name):
    found = measure(network_of(ACTIVATIONS[name], EYE, TWICE_SUM), [[-3, -2], [-1, -4]])
    np.testing.assert_array_equal([found.inactive, found.dead], np.zeros((2, 2)))


def test_cosine_is_that_of_the_activations():
    """Rows (1, 0), (1, 1) and (0, 0): the third has no direction; the outputs are all alike."""
    found = measure(network_of(RELU, EYE, TWICE_SUM), [[1, -1], [1, 1], [-1, -2]])
    np.testing.assert_allclose(found.cosine, [math.sqrt(0.5), 1], rtol=1e-14)


def test_gradients_are_those_of_backward(rng):
    network = MLP([3, 5, 4, 2], TANH, he_normal, rng)
    x, gradient = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    expected = network.backward(network.forward(x), gradient)
    found = measure(network, x, gradient)
    np.testing.assert_allclose(
        found.gradient, [np.mean(d**2) for d in expected.preactivations], rtol=1e-13
    )
    np.testing.assert_allclose(
        found.weight_gradient, [np.mean(W**2) for W in expected.weights], rtol=1e-13
    )


def test_without_an_output_gradient_none_is_measured(rng):
    found = measure(MLP([3, 5, 4, 2], TANH, he_normal, rng), np.ones((6, 3)))
    assert found.gradient is None
    assert found.weight_gradient is None
    assert {len(entries) for entries in found[:-2]} == {3}


# Two layers that overflow, one that subtracts inf from inf, and a linear output.
HUGE = [1e200 * np.ones((2, 2))] * 2 + [[[1, 1], [1, -1]]] * 2


def test_overflow_is_measured_as_inf_or_nan():
    found = measure(network_of(RELU, *HUGE), [[1, 1], [2, 1]], np.ones((2, 2)))
    for entries in (found.preactivation, found.activation, found.weight_gradient):
        assert not np.isfinite(entries).any()


def test_layers_with_a_nan_have_no_share_of_dead_units():
    found = measure(network_of(RELU, *HUGE), [[1, 1], [2, 1]])
    states = [found.saturated, found.inactive, found.dead]
    np.testing.assert_array_equal(np.isnan(states), [[False, False, True, True]] * 3)


def test_a_stack_is_not_measured(rng):
    networks = [MLP([2, 3, 1], TANH, he_normal, rng) for _ in range(2)]
    with pytest.raises(
        ValueError, match=r"network must be .* not a stack; got MLP\(\[2, 3, 1\]"
    ):
        measure(stack(networks), np.ones((4, 2)))


@pytest.mark.parametrize(
    ("x", "gradient", "message"),
    [
        (np.ones((4, 3)), None, r"x must have shape \(n_samples, 2\); got shape \(4, 3\)"),
        (np.ones((4, 2)), np.ones(4), r"output_gradient must have .* \(4, 1\); got \(4,\)"),
    ],
)
def test_measure_names_what_does_not_fit_the_network(x, gradient, message):
    with pytest.raises(ValueError, match=message):
        measure(network_of(TANH, EYE, TWICE_SUM), x, gradient)


def test_mean_cosine_is_the_mean_over_pairs(rng):
    h = rng.standard_normal((7, 3)) + 1
    units = h / np.linalg.norm(h, axis=1, keepdims=True)
    pairs = (units @ units.T)[np.triu_indices(7, k=1)]
    assert mean_cosine(h) == pytest.approx(pairs.mean(), rel=1e-13)


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        *((np.float64, size) for size in (1e-300, 1e-161, 1e160, 1e300)),
        *((np.float32, size) for size in (1e-30, 1e-22, 1e20, 1e37)),
    ],
)
def test_mean_cosine_does_not_depend_on_the_size_of_the_signal(dtype, size):
    """The cosine of (1, 2) and (2, 1) is 4/5, to a few roundings."""
    h = (size * np.array([[1, 2], [2, 1]])).astype(dtype)
    assert mean_cosine(h) == pytest.approx(0.8, rel=10 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize(
    ("dtype", "sizes"),
    [(np.float32, (1, 1e-25)), (np.float64, (1e-10, 1e-22)), (float, (1, 1e200))],
)
def test_mean_cosine_does_not_depend_on_the_size_of_a_row(dtype, sizes):
    h = (np.array(sizes)[:, None] * np.array([[1, 0], [1, 1]])).astype(dtype)
    assert mean_cosine(h) == pytest.approx(math.sqrt(0.5), rel=10 * float(np.finfo(dtype).eps))


def test_rows_of_zeros_are_left_out_of_the_mean_cosine():
    assert mean_cosine([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]) == pytest.approx(math.sqrt(0.5))


@pytest.mark.parametrize(
    "h",
    [np.zeros((3, 2)), [[0, 0], [1, 2]], [[1, 2]], np.ones((0, 2)), [[1, math.inf], [1, 2]]],
)
def test_mean_cosine_is_nan_with_fewer_than_two_directions(h):
    assert math.isnan(mean_cosine(np.array(h, float)))


@pytest.mark.parametrize("quantity", ["signal", "gradient"])
@pytest.mark.parametrize(
    ("activation", "initializer"),
    [
        (RELU, he_normal),
        (IDENTITY, lecun_normal),
        (rectifier(0.5), partial(he_normal, leak=0.5)),
    ],
)
def test_deep_networks_stay_within_the_finite_width_band(
    activation, initializer, quantity, rng
):
    """The log of 200 networks' second moments after 16 layers of width 64: mean and variance.

    For ReLU the mean is -0.62 and five standard errors are 0.4; a scale of 1 for 2 would give
    -11.7. Variances of 200 normal numbers have five standard errors of 50 %; k = 2 taken for 5
    is 60 % off. Gradients go through the same number of factors with the same variance.
    """
    depth, width, n = 16, 64, 200
    x = output_gradient = np.ones((1, width))
    logs = np.empty(n)
    for i in range(n):
        network = MLP([width] * (depth + 2), activation, initializer, rng)
        found = measure(network, x, output_gradient)
        logs[i] = np.log(found.activation[-2] if quantity == "signal" else found.gradient[0])
    mean, std = (entries[-1] for entries in finite_width_band(activation, depth, width))
    assert abs(logs.mean() - mean) < 5 * std / math.sqrt(n)
    assert abs(logs.var(ddof=1) / std**2 - 1) < 5 * math.sqrt(2 / (n - 1))


@pytest.mark.parametrize(
    ("activation", "k"),
    [(RELU, 5), (IDENTITY, 2), (rectifier(0.5), 6 * (1 + 0.5**4) / 1.25**2 - 1)],
)
def test_finite_width_band_in_closed_form(activation, k):
    mean, std = finite_width_band(activation, 4, 100)
    layers = np.array([1, 2, 3, 4])
    np.testing.assert_allclose(mean, -k * layers / 200, rtol=1e-12)
    np.testing.assert_allclose(std, np.sqrt(k * layers / 100), rtol=1e-12)


def erf_moment(q, c=1.0):
    """Return ``E[erf(u) erf(v)]``, normal u, v of variance q, correlation c (Williams)."""
    return 2 / math.pi * np.arcsin(2 * q * c / (1 + 2 * q))


@pytest.mark.parametrize("q", [0.0, 0.3, 4.0, 100.0])
@pytest.mark.parametrize(
    ("activation", "second_moment"),
    [
        (IDENTITY, lambda q: q),
        (RELU, lambda q: q / 2),
        (rectifier(0.5), lambda q: 0.625 * q),
        (erf, erf_moment),
    ],
)
def test_length_map_in_closed_form(activation, second_moment, q):
    expected = 1.5**2 * second_moment(q) + 0.2**2
    assert length_map(q, activation, 1.5, 0.2) == pytest.approx(expected, rel=1e-12)


def test_length_map_of_an_array_is_that_of_each_entry():
    lengths = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    np.testing.assert_allclose(length_map(lengths, RELU, HE), lengths, rtol=1e-12)


@pytest.mark.parametrize(
    ("layers", "length", "digits"),
    [(1, 0.394, 3), (2, 0.236, 3), (10, 0.0522, 4), (50, 0.0102, 4)],
)
def test_tanh_loses_its_signal_slowly_at_sigma_w_one(layers, length, digits):
    q = 1.0
    for _ in range(layers):
        q = length_map(q, TANH, 1.0)
    assert round(float(q), digits) == length


@pytest.mark.parametrize(
    ("sigma_w", "length", "factor"), [(5 / 3, 1.1785, 1.21), (2.0, 2.121, 1.363)]
)
def test_tanh_settles_to_the_published_length_and_gradient_factor(sigma_w, length, factor):
    assert fixed_point(TANH, sigma_w) == pytest.approx(length, abs=1e-3)
    assert chi(TANH, sigma_w) == pytest.approx(factor, abs=2e-3)


@each_activation
def test_gain_makes_one_a_fixed_point(activation):
    """Where the slope of the map is near 1 the rounding of the map, 1e-15, is magnified."""
    assert fixed_point(activation, gain(activation)) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("sigma_b", [0.0, 0.3])
@pytest.mark.parametrize("sigma_w", [0.9, 1.3, 4.0])
@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_fixed_point_is_where_many_layers_lead(name, sigma_w, sigma_b):
    """The slowest of these approaches by a factor of 0.9 per layer, and 0.9**300 < 1e-13."""
    activation, q = ACTIVATIONS[name], 1.0
    for _ in range(300):
        q = length_map(q, activation, sigma_w, sigma_b)
    found = fixed_point(activation, sigma_w, sigma_b)
    assert found == pytest.approx(float(q), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("activation", "sigma_w", "sigma_b", "length"),
    [
        (TANH, 1.0, 0.0, 0.0),
        (TANH, 0.0, 0.5, 0.25),
        (RELU, 1.4, 0.0, 0.0),
        (RELU, 1.5, 0.0, math.inf),
        (RELU, HE, 0.0, 1.0),
        (RELU, HE, 0.1, math.inf),
        (RELU, 1.0, 1.0, 2.0),
        (IDENTITY, 1.0, 0.0, 1.0),
        (SELU, 1.0, 0.0, 1.0),
        (erf, 0.5, 0.0, 0.0),
    ],
)
def test_fixed_points_in_closed_form(activation, sigma_w, sigma_b, length):
    assert fixed_point(activation, sigma_w, sigma_b) == pytest.approx(length, rel=1e-12)


@pytest.mark.parametrize("sigma_b", [0.0, 0.4])
@pytest.mark.parametrize("sigma_w", [0.5, HE, 2.0])
@pytest.mark.parametrize(("leak", "share"), [(0, 0.5), (0.5, 0.625), (1, 1)])
def test_chi_of_a_rectifier_needs_no_length(leak, share, sigma_w, sigma_b):
    expected = sigma_w**2 * share
    assert chi(rectifier(leak), sigma_w, sigma_b) == pytest.approx(expected, rel=1e-12)


def test_chi_is_one_at_the_edge_of_chaos():
    """Without biases tanh has its edge at sigma_w = 1, where the length goes to 0."""
    assert chi(TANH, 1.0) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize(("sigma_w", "sigma_b"), [(1.5, 0.0), (1.5, 0.3), (2.5, 1.0)])
@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_chi_is_the_slope_of_the_correlation_map_at_one(name, sigma_w, sigma_b):
    """Schoenholz et al., eq. 5; a one-sided difference of 1e-6 errs by about that much."""
    activation = ACTIVATIONS[name]
    slope = (1 - correlation_map(1 - 1e-6, activation, sigma_w, sigma_b)) / 1e-6
    assert chi(activation, sigma_w, sigma_b) == pytest.approx(float(slope), abs=1e-4)


@pytest.mark.parametrize("leak", [0.0, 0.5])
def test_a_rectifier_has_one_gradient_factor_at_all_lengths(leak):
    q = np.array([0.01, 1.0, 50.0])
    np.testing.assert_allclose(
        gradient_map(q, rectifier(leak), 1.3), 1.3**2 * (1 + leak**2) / 2, rtol=1e-12
    )


def test_gradient_factor_of_tanh_falls_with_the_length(rng):
    q = np.array([0.0, 0.5, 4.0])
    found = gradient_map(q, TANH, 1.5)
    assert found[0] == pytest.approx(1.5**2, rel=1e-12)
    z = np.sqrt(q[:, None]) * rng.standard_normal(200_000)
    slopes = (1 - np.tanh(z) ** 2) ** 2
    error = 1.5**2 * slopes.std(axis=1) / np.sqrt(200_000)
    assert (abs(found - 1.5**2 * slopes.mean(axis=1)) <= 5 * error + 1e-12).all()


@pytest.mark.parametrize("q", [1.0, 7.0])
def test_correlation_map_of_relu_is_the_arc_cosine_kernel(q):
    """Cho and Saul 2009: ``(sqrt(1 - c**2) + c (pi - arccos c)) / pi``.

    Away from c = +-1 to 1e-12. At c = 1 - 1e-4 the kink is a thin wedge: the error stays small.
    """
    c = np.array([-1, -0.99, -0.6, -0.2, 0, 0.3, 0.7, 0.95, 0.9999, 1])
    expected = (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi
    np.testing.assert_allclose(correlation_map(c, RELU, HE, q=q), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("c", [-1.0, -0.4, 0.0, 0.5, 0.9, 1.0])
@pytest.mark.parametrize(
    ("activation", "moment"), [(erf, erf_moment), (IDENTITY, lambda q, c: q * c)]
)
def test_correlation_map_in_closed_form(activation, moment, c):
    q, next_length = 0.7, 1.5**2 * moment(0.7, 1.0) + 0.3**2
    expected = (1.5**2 * moment(q, c) + 0.3**2) / next_length
    found = correlation_map(c, activation, 1.5, 0.3, q=q)
    assert found == pytest.approx(expected, abs=1e-12)


def test_correlation_map_uses_the_fixed_point_unless_told():
    q = fixed_point(TANH, 1.7, 0.2)
    expected = correlation_map(0.3, TANH, 1.7, 0.2, q=q)
    assert correlation_map(0.3, TANH, 1.7, 0.2) == pytest.approx(float(expected), rel=1e-14)


@each_activation
def test_equal_inputs_stay_equal(activation):
    assert correlation_map(1.0, activation, 1.3, 0.1, q=1.0) == pytest.approx(1, rel=1e-12)


def test_correlation_map_keeps_the_shape_of_its_argument():
    assert correlation_map(np.zeros((2, 3)), RELU, HE).shape == (2, 3)


@pytest.mark.parametrize(
    "predict", [partial(length_map, 1.0), fixed_point, chi, partial(correlation_map, 0.5)]
)
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("tanh", 1.0), TypeError, "activation must be callable; got 'tanh'"),
        ((TANH, -1.0), ValueError, "sigma_w must be .* at least 0; got -1.0"),
        ((TANH, math.nan), ValueError, "sigma_w must be .* at least 0; got nan"),
        ((TANH, "1"), TypeError, "sigma_w must be .* at least 0; got '1'"),
        ((TANH, 1.0, -0.1), ValueError, "sigma_b must be .* at least 0; got -0.1"),
        ((TANH, 1.0, None), TypeError, "sigma_b must be .* at least 0; got None"),
    ],
)
def test_predictions_name_the_argument_what_is_allowed_and_what_was_given(
    predict, arguments, error, message
):
    with pytest.raises(error, match="^" + message):
        predict(*arguments)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: length_map(-1.0, TANH, 1),
            ValueError,
            "q must be finite and at least 0; got -1",
        ),
        (lambda: length_map(math.nan, TANH, 1), ValueError, "q must be finite .*; got nan"),
        (lambda: length_map(math.inf, TANH, 1), ValueError, "q must be finite .*; got inf"),
        (lambda: length_map("1", TANH, 1), TypeError, "q must be .* real numbers; got '1'"),
        (lambda: gradient_map(-1.0, TANH, 1), ValueError, "q must be finite .*; got -1"),
        (lambda: gradient_map(1.0, TANH, -1), ValueError, "sigma_w must be .*; got -1"),
        (
            lambda: chi(np.tanh, 1.0),
            TypeError,
            "activation must have a derivative.*; got <ufunc",
        ),
        (lambda: correlation_map(1.1, TANH, 2), ValueError, "c must be from -1 to 1; got 1.1"),
        (lambda: correlation_map([0, -2], TANH, 2), ValueError, r"c must be .*; got \[ ?0.*-2"),
        (lambda: correlation_map(math.nan, TANH, 2), ValueError, "c must be .*; got nan"),
        (lambda: correlation_map("c", TANH, 2), TypeError, "c must be .* real .*; got 'c'"),
        (
            lambda: correlation_map(0.5, TANH, 1),
            ValueError,
            r"q must be given .* settles to 0 \(sigma_w=1, sigma_b=0\)",
        ),
        (
            lambda: correlation_map(0.5, RELU, 2),
            ValueError,
            "q must be given .* settles to inf",
        ),
        (
            lambda: correlation_map(0.5, TANH, 2, q=-1),
            ValueError,
            "q must be .* at least 0; got -1",
        ),
        (lambda: correlation_map(0.5, TANH, 2, q="1"), TypeError, "q must be .*; got '1'"),
        (lambda: correlation_map(0.5, TANH, 2, q=0), ValueError, "no signal: .* after q=0"),
        (
            lambda: finite_width_band(RELU, 0, 9),
            ValueError,
            "depth must be a positive .*; got 0",
        ),
        (
            lambda: finite_width_band(RELU, 9, -1),
            ValueError,
            "width must be a positive .*; got -1",
        ),
        (lambda: finite_width_band(RELU, 2.5, 9), TypeError, "depth must be .*; got 2.5"),
        (lambda: finite_width_band(RELU, 9, "9"), TypeError, "width must be .*; got '9'"),
        (lambda: finite_width_band("relu", 9, 9), TypeError, "activation must be callable"),
        (
            lambda: finite_width_band(TANH, 9, 9),
            ValueError,
            "activation must be homogeneous.*tanh",
        ),
    ],
)
def test_errors_name_the_argument_what_is_allowed_and_what_was_given(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("size", [1e-22, 1e-18, 1e18])
def test_squares_beyond_32_bits_are_measured_all_the_same(size):
    """The least 32-bit number above 0 is 1e-45, the largest 3e38; one is right to 6e-8."""
    network = network_of(IDENTITY, EYE, TWICE_SUM)
    network = network.replace(weights=[W.astype(np.float32) for W in network.weights])
    x = np.float32(size) * np.array([[1.0, 0.0], [0.6, 0.8]], np.float32)
    np.testing.assert_allclose(measure(network, x).activation[0], size**2 / 2, rtol=1e-6)


@pytest.mark.parametrize("size", [1e-25, 1.0, 1e25])
def test_a_second_moment_may_be_beyond_32_bits(size):
    a = np.full((3, 2), size, np.float32)
    assert float(second_moment(a)) == pytest.approx(size**2, rel=1e-6)


def test_a_stack_has_a_second_moment_for_each_network():
    assert second_moment(np.stack([np.ones((3, 2)), 2 * np.ones((3, 2))])).tolist() == [1, 4]


def test_a_slope_below_zero_saturates_when_it_is_small():
    """That of ``-tanh`` at 0, 3 and 0.1; 3 is beyond artanh 0.97 = 2.09."""
    down = Activation("down", lambda z: -np.tanh(z), lambda z: -TANH.derivative(z))
    assert LayerStatistics([[0.0, 3.0, 0.1, -3.0]], down).saturated == 0.5


def test_a_layer_takes_its_activations_as_given_or_computes_them():
    z = np.array([[-1.0, 2.0]])
    assert LayerStatistics(z, RELU).activation == 2
    assert LayerStatistics(z, RELU, 3 * np.ones((1, 2))).activation == 9


@pytest.mark.parametrize("away", [1e-3, 1e-8, 1e-12])
def test_correlation_map_of_a_step_is_the_arc_sine_up_to_the_end(away):
    """The mean of sign(u) sign(v) is asin(c) * 2 / pi, with a root's slope at c = 1."""
    found = correlation_map(1 - away, np.sign, 1.0, q=1.0)
    assert found == pytest.approx(math.asin(1 - away) * 2 / math.pi, abs=1e-8)


def pairs(rng, activation=TANH, sigma_w=1.6, sigma_b=0.4, **changes):
    case = {"q": 1.3, "c": 0.6, "depth": 4, "width": 50, "networks": 400, "rng": rng}
    return pair_distances(activation, sigma_w, sigma_b, **{**case, **changes})


@pytest.mark.parametrize(
    ("activation", "sigma_w", "sigma_b"), [(TANH, 1.6, 0.4), (RELU, HE, 0.0)]
)
def test_pairs_without_matrices_are_distributed_as_in_networks(
    activation, sigma_w, sigma_b, rng
):
    """Mean and spread of the logarithm of 1 - c, in 400 narrow networks of each kind."""
    found = np.log(pairs(rng, activation, sigma_w, sigma_b))
    normal = np.sqrt(1.3) * rng.standard_normal((400, 2, 50))
    normal[:, 1] = 0.6 * normal[:, 0] + 0.8 * normal[:, 1]
    drawn = []
    for z in normal:
        drawn.append([])
        for _ in range(5):
            u, v = z / np.linalg.norm(z, axis=1, keepdims=True)
            drawn[-1].append(np.log(1 - u @ v))
            W = sigma_w / np.sqrt(50) * rng.standard_normal((50, 50))
            z = activation(z) @ W + sigma_b * rng.standard_normal(50)
    drawn = np.transpose(drawn)
    spread = drawn.std(axis=1)
    # Five standard errors of the difference of two means, and of the ratio of two deviations;
    # the kurtosis of these logarithms is below 6.
    assert (abs(found.mean(axis=1) - drawn.mean(axis=1)) < 5 * spread * np.sqrt(2 / 400)).all()
    assert (abs(np.log(found.std(axis=1) / spread)) < 5 * np.sqrt(2 * 5 / 4 / 400)).all()


def test_pairs_in_wide_layers_follow_the_correlation_map(rng):
    q = fixed_point(TANH, 1.6, 0.4)
    found = pairs(rng, q=q, width=4000, networks=50).mean(axis=1)
    c = [0.6]
    for _ in range(4):
        c.append(float(correlation_map(c[-1], TANH, 1.6, 0.4, q=q)))
    error = 5 * np.sqrt(5 * np.arange(1, 6) / 4000 / 50) + 5 / 4000
    assert (abs(np.log(found / (1 - np.array(c)))) < error).all()


def test_equal_and_opposite_inputs_stay_so_without_biases(rng):
    np.testing.assert_allclose(pairs(rng, c=1.0), 0, atol=1e-15)
    np.testing.assert_allclose(pairs(rng, c=-1.0, sigma_b=0.0), 2)


@pytest.mark.parametrize("depth", [1, 2, 3, 8, 50])
def test_moments_of_the_spectrum_of_a_product_are_fuss_catalan_numbers(depth):
    """Of s**2 the mean is 1, of s**4 it is depth + 1, of s**6 (depth + 1)(3 depth + 2) / 2."""
    shares = (np.arange(20_000) + 0.5) / 20_000
    squares = product_spectrum(depth, shares) ** 2
    exact = 1, depth + 1, (depth + 1) * (3 * depth + 2) / 2
    found = [np.mean(squares**power) for power in (1, 2, 3)]
    np.testing.assert_allclose(found, exact, rtol=2e-2)
    largest = (depth + 1) ** (depth + 1) / depth**depth
    assert product_spectrum(depth, 0.0) ** 2 == pytest.approx(largest)
    assert (np.diff(squares) < 0).all()


def test_one_matrix_has_the_quarter_circle():
    s = np.linspace(0, 2, 9)
    angle = np.arcsin(s / 2)
    below = (2 * angle + np.sin(2 * angle)) / np.pi
    np.testing.assert_allclose(product_spectrum(1, 1 - below), s, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pairs(np.random.default_rng(0), c=1.5), "c must be from -1 to 1; got 1.5"),
        (lambda: pairs(np.random.default_rng(0), c=-1.5), "c must be .*-1.*; got -1.5"),
        (lambda: pairs(np.random.default_rng(0), q=-1), "q must be .*0.*; got -1"),
        (lambda: pairs(np.random.default_rng(0), depth=0), "depth must be .*; got 0"),
        (lambda: product_spectrum(0, 0.5), "depth must be .*; got 0"),
        (lambda: product_spectrum(2, 1.5), "shares must be from 0 to 1; got 1.5"),
        (lambda: product_spectrum(2, [-0.1]), "shares must be from 0 to 1"),
    ],
)
def test_pairs_and_products_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
