"""Activations: values and slopes at exact points, finite differences, and gains."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from helpers.activations import ACTIVATIONS, flat_part, gain, rectifier, tanh
from helpers.gaussian import gaussian_mean

LN2, LN3 = math.log(2), math.log(3)
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
SELU_SLOPE = SELU_SCALE * SELU_ALPHA  # from the left, at zero

each = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)


@pytest.mark.parametrize(
    ("name", "z", "value", "slope"),
    [
        ("identity", 0, 0, 1),
        ("identity", -2, -2, 1),
        ("sigmoid", 0, 0.5, 0.25),
        ("sigmoid", LN3, 0.75, 0.1875),
        ("tanh", 0, 0, 1),
        ("tanh", -LN2, -0.6, 0.64),
        ("relu", 0, 0, 0),
        ("relu", -2, 0, 0),
        ("relu", 2, 2, 1),
        ("leaky_relu", 0, 0, 0.01),
        ("leaky_relu", -2, -0.02, 0.01),
        ("leaky_relu", 2, 2, 1),
        ("elu", 0, 0, 1),
        ("elu", -LN2, -0.5, 0.5),
        ("elu", 2, 2, 1),
        ("selu", 0, 0, SELU_SLOPE),
        ("selu", -LN2, -SELU_SLOPE / 2, SELU_SLOPE / 2),
        ("selu", 2, 2 * SELU_SCALE, SELU_SCALE),
        ("gelu", 0, 0, 0.5),
        ("gelu", 1, norm.cdf(1), norm.cdf(1) + norm.pdf(1)),
        ("gelu", -1, -norm.cdf(-1), norm.cdf(-1) - norm.pdf(1)),
        ("softplus", 0, LN2, 0.5),
        ("softplus", LN3, 2 * LN2, 0.75),
    ],
)
def test_value_and_slope_at_exact_points(name, z, value, slope):
    """Within a few roundings of numbers of size 1: 1e-15."""
    activation = ACTIVATIONS[name]
    assert activation(z) == pytest.approx(value, rel=1e-15, abs=1e-15)
    assert activation.derivative(z) == pytest.approx(slope, rel=1e-15, abs=1e-15)


@each
def test_derivative_is_the_slope_of_the_function(activation):
    """Central differences of step 1e-5; no z is within a step of a kink.

    They err by ``h**2 / 6`` = 2e-11 times the third derivative, at most 2 here, and by
    roundings of ``1e-15 / h`` = 1e-10.
    """
    z, h = np.concatenate([np.linspace(-6, -0.01, 200), np.linspace(0.01, 6, 200)]), 1e-5
    slope = (activation(z + h) - activation(z - h)) / (2 * h)
    np.testing.assert_allclose(activation.derivative(z), slope, atol=5e-10)


@each
def test_far_out_nothing_overflows(activation):
    z = np.array([-1000.0, -50.0, 50.0, 1000.0])
    assert np.isfinite([activation(z), activation.derivative(z)]).all()


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_are_kept(activation, dtype):
    z = np.linspace(-2, 2, 6, dtype=dtype).reshape(1, 2, 3)
    for result in (activation(z), activation.derivative(z)):
        assert result.dtype == dtype
        assert result.shape == z.shape


@each
def test_integers_are_computed_in_floating_point(activation):
    z = np.array([-2, 0, 2])
    np.testing.assert_array_equal(activation(z), activation(z.astype(float)))
    np.testing.assert_array_equal(activation.derivative(z), activation.derivative(z + 0.0))


@each
def test_the_argument_is_neither_changed_nor_returned(activation):
    z = np.array([-1.5, 0.0, 1.5])
    before = z.copy()
    assert not any(np.shares_memory(z, a) for a in (activation(z), activation.derivative(z)))
    np.testing.assert_array_equal(z, before)


def test_activations_are_listed_under_their_names():
    assert [a.name for a in ACTIVATIONS.values()] == list(ACTIVATIONS)
    assert set(ACTIVATIONS) == {
        *("identity", "sigmoid", "tanh", "relu", "leaky_relu"),
        *("elu", "selu", "gelu", "softplus"),
    }


def test_repr_shows_the_name_alone():
    assert repr(ACTIVATIONS["tanh"]) == "Activation(name='tanh')"


@pytest.mark.parametrize("leak", [0, 0.2, 1])
def test_rectifier_has_the_leak_as_slope_below_zero(leak):
    z = np.array([-3.0, -1.0, 0.0, 2.0])
    np.testing.assert_allclose(rectifier(leak)(z), [-3 * leak, -leak, 0, 2], rtol=1e-15)
    np.testing.assert_array_equal(rectifier(leak).derivative(z), [leak, leak, leak, 1])


def test_rectifier_is_named_after_its_leak():
    assert (rectifier(0.2).name, rectifier(0.2, name="mine").name) == ("rectifier(0.2)", "mine")


def test_relu_of_minus_infinity_is_zero():
    assert ACTIVATIONS["relu"](-np.inf) == 0


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (ACTIVATIONS["identity"], 1),
        (ACTIVATIONS["relu"], math.sqrt(2)),
        (ACTIVATIONS["leaky_relu"], math.sqrt(2 / (1 + 0.01**2))),
        (rectifier(0.5), math.sqrt(2 / 1.25)),
        (rectifier(1), 1),
        (ACTIVATIONS["selu"], 1),
    ],
)
def test_gain_in_closed_form(activation, expected):
    """To 1e-12: a thousand roundings in the quadrature, or in SELU's published constants."""
    assert gain(activation) == pytest.approx(expected, rel=1e-12)


@each
def test_gain_by_another_quadrature(activation):
    """SciPy's adaptive rule, to the 1.5e-8 that it aims for."""

    def integrand(z):
        return activation(z) ** 2 * norm.pdf(z)

    second_moment = quad(integrand, -12, 0)[0] + quad(integrand, 0, 12)[0]
    assert gain(activation) == pytest.approx(second_moment**-0.5, rel=1e-7)


def test_selu_keeps_a_standard_normal_at_mean_zero():
    assert gaussian_mean(ACTIVATIONS["selu"]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rectifier(-0.1), ValueError, r"leak must be .* from 0 to 1; got -0.1"),
        (lambda: rectifier(1.5), ValueError, r"leak must be .* from 0 to 1; got 1.5"),
        (lambda: rectifier(math.nan), ValueError, r"leak must be .* from 0 to 1; got nan"),
        (lambda: rectifier("0.1"), TypeError, r"leak must be .* from 0 to 1; got '0.1'"),
        (lambda: ACTIVATIONS["relu"]("x"), TypeError, "z must be .* real numbers; got 'x'"),
        (lambda: ACTIVATIONS["elu"].derivative(None), TypeError, "z must be .*; got None"),
        (lambda: gain("relu"), TypeError, "activation must be callable; got 'relu'"),
        (lambda: gain(np.zeros_like), ValueError, "activation must have a positive, .*; got 0"),
        (lambda: gain(lambda z: z + np.inf), ValueError, "finite second moment .*; got inf"),
        (lambda: gain(lambda z: z + np.nan), ValueError, "finite second moment .*; got nan"),
    ],
)
def test_errors_name_the_argument_what_is_allowed_and_what_was_given(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("z", [0.0, -3.0, 20.0, -20.0, 300.0])
def test_the_slope_of_tanh_keeps_its_digits_where_tanh_is_1(z):
    assert tanh.derivative(z) == pytest.approx(1 / math.cosh(z) ** 2, rel=1e-13)


@pytest.mark.parametrize("name", ["relu", "gelu", "elu", "sigmoid", "tanh"])
def test_activations_have_limits(name):
    low, high = ACTIVATIONS[name](np.array([-np.inf, np.inf]))
    assert low == {"tanh": -1, "elu": -1}.get(name, 0)
    assert high == (1 if name in ("tanh", "sigmoid") else np.inf)


@pytest.mark.parametrize(
    ("slope", "flat"),
    [
        (lambda z: (z > 0) * 1.0, True),
        (lambda z: (np.abs(z) < 1) * 1.0, True),
        (lambda z: 1 - np.tanh(z) ** 2, False),  # 0 from 19 on, by rounding
        (np.abs, False),  # 0 at a single point
        (np.ones_like, False),
    ],
)
def test_a_slope_is_flat_where_it_is_zero_on_an_interval(slope, flat):
    assert flat_part(slope) == flat
