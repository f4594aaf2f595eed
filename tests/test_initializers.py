"""Initializers: moments with tolerances from theory, exact identities, contracts.

The sample variance of n independent draws of kurtosis k has relative standard error
sqrt((k - 1) / n). Allowing five of them, a correct initializer fails on about one seed in two
million; with n = 60,000 the tolerance is below 3 %, far from the nearest mistake that we want
caught: fan_avg for fan_in is 20 % off, a forgotten leak of 0.5 too, a missing truncation
correction 23 %, a swapped fan 33 %, and the bound of a uniform taken for its standard
deviation 200 %.
"""

import inspect
import math
from functools import partial

import numpy as np
import pytest
from scipy.stats import truncnorm

from helpers import initializers
from helpers.initializers import (
    INITIALIZERS,
    fans,
    he_normal,
    he_uniform,
    initialize_parameters,
    orthogonal,
    variance_scaling,
)

FAN_IN, FAN_OUT = SHAPE = (200, 300)  # unequal, so that swapping them is an error
FANS = {"fan_in": FAN_IN, "fan_out": FAN_OUT, "fan_avg": 250, "geometric": math.sqrt(60_000)}
FAN_AVG = FANS["fan_avg"]
CUT = truncnorm(-2, 2)
# Kurtosis and largest size, in standard deviations, of each distribution.
NORMAL = (3.0, math.inf)
UNIFORM = (1.8, math.sqrt(3))
TRUNCATED = (float(CUT.stats("k")) + 3, 2 / CUT.std())

# Every initializer, at settings that no mistake leaves alone: mean, variance, distribution.
SCHEMES = {
    "lecun_normal": (initializers.lecun_normal, 0, 1 / FAN_IN, NORMAL),
    "lecun_uniform": (initializers.lecun_uniform, 0, 1 / FAN_IN, UNIFORM),
    "xavier_normal": (initializers.xavier_normal, 0, 1 / FAN_AVG, NORMAL),
    "xavier_uniform": (initializers.xavier_uniform, 0, 1 / FAN_AVG, UNIFORM),
    "he_normal": (he_normal, 0, 2 / FAN_IN, NORMAL),
    "he_uniform": (he_uniform, 0, 2 / FAN_IN, UNIFORM),
    "he_normal leaky": (partial(he_normal, leak=0.5), 0, 1.6 / FAN_IN, NORMAL),
    "he_uniform leaky": (partial(he_uniform, leak=0.5), 0, 1.6 / FAN_IN, UNIFORM),
    "normal": (partial(initializers.normal, std=0.3), 0, 0.09, NORMAL),
    "uniform": (partial(initializers.uniform, low=-1, high=2), 0.5, 9 / 12, UNIFORM),
} | {
    f"{mode} {distribution}": (
        partial(variance_scaling, scale=3.0, mode=mode, distribution=distribution),
        *(0, 3 / fan, moments),
    )
    for mode, fan in FANS.items()
    for distribution, moments in {
        "normal": NORMAL,
        "uniform": UNIFORM,
        "truncated_normal": TRUNCATED,
    }.items()
}
PUBLIC = {
    **INITIALIZERS,
    "normal": partial(initializers.normal, std=0.3),
    "uniform": partial(initializers.uniform, low=-1, high=2),
    "constant": partial(initializers.constant, value=0.1),
    "truncated": partial(variance_scaling, distribution="truncated_normal"),
}

each_scheme = pytest.mark.parametrize(
    ("initializer", "mean", "variance", "distribution"), SCHEMES.values(), ids=SCHEMES
)
each = pytest.mark.parametrize("initializer", PUBLIC.values(), ids=PUBLIC)


@each_scheme
def test_mean(initializer, mean, variance, distribution, rng):
    weights = initializer(SHAPE, rng)
    assert abs(weights.mean() - mean) < 5 * math.sqrt(variance / weights.size)


@each_scheme
def test_variance(initializer, mean, variance, distribution, rng):
    weights = initializer(SHAPE, rng)
    kurtosis, _ = distribution
    tolerance = 5 * math.sqrt((kurtosis - 1) / weights.size)
    assert abs(weights.var() / variance - 1) < tolerance


@each_scheme
def test_kurtosis(initializer, mean, variance, distribution, rng):
    """Its standard error is sqrt(24 / n) for a normal, and less for lighter tails.

    Five of them are 0.1; the three distributions are at least 0.5 apart.
    """
    weights = initializer(SHAPE, rng)
    kurtosis, _ = distribution
    sample = ((weights - weights.mean()) ** 4).mean() / weights.var() ** 2
    assert abs(sample - kurtosis) < 5 * math.sqrt(24 / weights.size)


def test_the_geometric_mean_is_that_of_both_fans_where_it_is_far_from_the_other_mean(rng):
    """At 10 x 4000 it is 200, and the arithmetic mean 2005."""
    weights = variance_scaling((10, 4000), rng, mode="geometric")
    assert 200 * weights.var() == pytest.approx(1, abs=5 * math.sqrt(2 / weights.size))


@each_scheme
def test_bounds(initializer, mean, variance, distribution, rng):
    weights = initializer(SHAPE, rng)
    limit = distribution[1] * math.sqrt(variance)
    assert np.abs(weights - mean).max() <= limit * (1 + 1e-12)


@each_scheme
def test_every_weight_is_a_draw_of_its_own(initializer, mean, variance, distribution, rng):
    """Of 60,000 numbers of 53 bits two agree on one seed in five million."""
    assert len(np.unique(initializer(SHAPE, rng))) == FAN_IN * FAN_OUT


@pytest.mark.parametrize("name", ["he_uniform", "uniform", "fan_in truncated_normal"])
def test_draws_come_within_a_hundredth_of_both_bounds(name, rng):
    """The outer hundredth on one side holds 0.1 % of a truncated normal, 0.5 % of a uniform.

    No draw of 60,000 falls into it with probability exp(-60) or less.
    """
    initializer, mean, variance, (_, limit) = SCHEMES[name]
    weights = (initializer(SHAPE, rng) - mean) / (limit * math.sqrt(variance))
    assert weights.min() < -0.99
    assert weights.max() > 0.99


def test_standard_deviation_of_the_truncated_normal():
    assert pytest.approx(CUT.std(), rel=1e-14) == initializers.TRUNCATED_STD


def test_variance_of_a_kernel_counts_the_receptive_field(rng):
    """60,480 draws: a tolerance of 3 %; leaving out one axis of the field is 200 % off."""
    weights = he_normal((3, 4, 60, 84), rng)
    variance = 2 / (3 * 4 * 60)
    assert abs(weights.var() / variance - 1) < 5 * math.sqrt(2 / weights.size)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3, 5), (3, 5)), ((3, 3, 16, 32), (144, 288)), ([7, 2, 1], (14, 7))],
)
def test_fans(shape, expected):
    assert fans(shape) == expected


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (7, 3), (3, 7), (2, 2, 3, 5), (2, 1, 3, 9)])
@pytest.mark.parametrize("gain", [1, 2.5])
def test_orthogonal_columns_or_rows(shape, gain, rng):
    W = orthogonal(shape, rng, gain=gain)
    assert W.shape == shape
    W = W.reshape(-1, shape[-1])
    gram = W.T @ W if W.shape[0] >= W.shape[1] else W @ W.T
    np.testing.assert_allclose(gram, gain**2 * np.eye(len(gram)), atol=1e-12)


def test_orthogonal_is_as_likely_as_its_negative(rng):
    """The diagonal of a uniform 3 x 3 rotation or reflection has mean 0, variance 1/3.

    Without the signs of R, QR makes its first entry negative: mean -1/2.
    """
    diagonal = np.mean([np.diag(orthogonal((3, 3), rng)) for _ in range(500)], axis=0)
    assert np.abs(diagonal).max() < 5 * math.sqrt(1 / 3 / 500)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 2, 3)])
def test_constant_and_zeros_need_no_generator(shape):
    np.testing.assert_array_equal(initializers.zeros(shape), np.zeros(shape))
    np.testing.assert_array_equal(initializers.constant(shape, value=-2), np.full(shape, -2.0))


def test_a_scale_of_zero_gives_zeros(rng):
    np.testing.assert_array_equal(variance_scaling((3, 4), rng, scale=0), np.zeros((3, 4)))


@each
def test_same_seed_same_weights(initializer):
    first, second = (initializer((20, 30), np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@each
def test_global_random_state_is_left_alone(initializer, rng):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    initializer((20, 30), rng)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_the_one_asked_for(initializer, dtype, rng):
    assert initializer((20, 30), rng, dtype=dtype).dtype == dtype


@each
def test_float64_unless_asked(initializer, rng):
    assert initializer((20, 30), rng).dtype == np.float64


@pytest.mark.parametrize("name", ["normal", "uniform", "truncated", "orthogonal"])
def test_float32_is_scaled_like_float64(name, rng):
    """Sizes of 60,000 draws of each: the relative error of a variance is below 1 %."""
    single, double = (PUBLIC[name](SHAPE, rng, dtype=dtype) for dtype in (np.float32, float))
    tolerance = 5 * math.sqrt(2 * 2 / single.size)
    assert abs(np.mean(single**2.0) / np.mean(double**2) - 1) < tolerance


@pytest.mark.parametrize("shape", [[4, 3], np.array([4, 3]), (np.int64(4), 3)])
@each
def test_any_sequence_of_integers_is_a_shape(initializer, shape, rng):
    assert initializer(shape, rng).shape == (4, 3)


def test_initializers_are_listed_under_their_names():
    assert [f.__name__ for f in INITIALIZERS.values()] == list(INITIALIZERS)
    assert set(INITIALIZERS) == {
        *("zeros", "lecun_normal", "lecun_uniform", "xavier_normal", "xavier_uniform"),
        *("he_normal", "he_uniform", "orthogonal"),
    }


@pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=INITIALIZERS)
def test_options_are_keyword_only_and_have_defaults(initializer):
    shape, rng, *options = inspect.signature(initializer).parameters.values()
    assert (shape.name, rng.name) == ("shape", "rng")
    assert all(o.kind is o.KEYWORD_ONLY and o.default is not o.empty for o in options)


def test_initialize_parameters_draws_layer_by_layer():
    layers = initialize_parameters([3, 5, 2], he_normal, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(layers[0][0], he_normal((3, 5), rng))
    np.testing.assert_array_equal(layers[1][0], he_normal((5, 2), rng))


def test_initialize_parameters_gives_zero_biases_unless_told(rng):
    biases = [b for _, b in initialize_parameters([3, 5, 2], he_normal, rng)]
    np.testing.assert_array_equal(np.concatenate(biases), np.zeros(7))


def test_initialize_parameters_draws_a_bias_after_its_weights():
    bias = partial(initializers.normal, std=1)
    (_, first), (W, _) = initialize_parameters(
        [3, 5, 2], he_normal, np.random.default_rng(3), bias=bias
    )
    rng = np.random.default_rng(3)
    he_normal((3, 5), rng)
    np.testing.assert_array_equal(first, bias((5,), rng))
    np.testing.assert_array_equal(W, he_normal((5, 2), rng))


SIZES = "must be a sequence of at least 2 positive integers; got "
WRONG_SHAPES = [
    ((5,), ValueError, SIZES + r"\(5,\)"),
    ((), ValueError, SIZES + r"\(\)"),
    (5, TypeError, SIZES + "5"),
    ("34", TypeError, SIZES + "'34'"),
    ((3, 0), ValueError, r"\[1\] must be a positive integer; got 0"),
    ((-1, 3), ValueError, r"\[0\] must be a positive integer; got -1"),
    ((3, 2.5), TypeError, r"\[1\] must be a positive integer; got 2.5"),
    ((True, 3), TypeError, r"\[0\] must be a positive integer; got True"),
    ((3, "3"), TypeError, r"\[1\] must be a positive integer; got '3'"),
]


@pytest.mark.parametrize(("shape", "error", "message"), WRONG_SHAPES)
@pytest.mark.parametrize("initializer", [fans, variance_scaling, he_uniform, orthogonal])
def test_a_wrong_shape_is_named(initializer, shape, error, message, rng):
    with pytest.raises(error, match="^shape" + ".*" + message):
        fans(shape) if initializer is fans else initializer(shape, rng)


@pytest.mark.parametrize(("layer_sizes", "error", "message"), WRONG_SHAPES)
def test_wrong_layer_sizes_are_named(layer_sizes, error, message, rng):
    with pytest.raises(error, match="^layer_sizes.*" + message):
        initialize_parameters(layer_sizes, he_normal, rng)


@pytest.mark.parametrize("name", ["zeros", "constant", "normal", "uniform"])
def test_a_bias_needs_one_axis(name, rng):
    message = r"shape must be a sequence of at least 1 positive integers; got \(\)"
    with pytest.raises(ValueError, match=message):
        PUBLIC[name]((), rng)


@pytest.mark.parametrize("initializer", [he_normal, orthogonal, PUBLIC["normal"]])
@pytest.mark.parametrize("rng", [None, 0, np.random])
def test_a_generator_is_asked_for(initializer, rng):
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator.*; got"):
        initializer((3, 4), rng)


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        (
            "variance_scaling",
            {"mode": "fan"},
            ValueError,
            "mode must be .*'fan_avg'.*; got 'fan'",
        ),
        ("variance_scaling", {"mode": 1}, ValueError, "mode must be one of .*; got 1"),
        (
            *("variance_scaling", {"distribution": "cauchy"}),
            *(ValueError, "distribution must be one of .*'truncated_normal'.*; got 'cauchy'"),
        ),
        ("variance_scaling", {"scale": -1}, ValueError, "scale must .* at least 0; got -1"),
        ("variance_scaling", {"scale": math.nan}, ValueError, "scale must be .*; got nan"),
        ("variance_scaling", {"scale": "2"}, TypeError, "scale must be .*; got '2'"),
        ("variance_scaling", {"scale": True}, TypeError, "scale must be .*; got True"),
        ("he_normal", {"leak": -0.1}, ValueError, "leak must .* from 0 to 1; got -0.1"),
        ("he_uniform", {"leak": 1.5}, ValueError, "leak must .* from 0 to 1; got 1.5"),
        ("he_uniform", {"leak": None}, TypeError, "leak must .* from 0 to 1; got None"),
        ("orthogonal", {"gain": -1}, ValueError, "gain must .* at least 0; got -1"),
        ("orthogonal", {"gain": math.inf}, ValueError, "gain must .* at least 0; got inf"),
        ("normal", {"std": -0.1}, ValueError, "std must .* at least 0; got -0.1"),
        ("normal", {"std": "1"}, TypeError, "std must .* at least 0; got '1'"),
        ("uniform", {"low": 1, "high": 0}, ValueError, "low must not be .*low=1, high=0"),
        ("uniform", {"low": math.nan, "high": 0}, ValueError, "low must be a finite .*nan"),
        ("uniform", {"low": 0, "high": math.inf}, ValueError, "high must be a finite .*inf"),
        ("uniform", {"low": 0, "high": "1"}, TypeError, "high must be a finite .*'1'"),
        ("constant", {"value": math.nan}, ValueError, "value must be a finite number; got nan"),
        ("constant", {"value": "0"}, TypeError, "value must be a finite number; got '0'"),
    ],
)
def test_errors_name_the_argument_what_is_allowed_and_what_was_given(
    name, options, error, message, rng
):
    with pytest.raises(error, match="^" + message):
        getattr(initializers, name)((3, 4), rng, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("he_normal", np.random.default_rng(0)), {}, "initializer must be callable; got 'he"),
        ((he_normal, 0), {}, r"rng must be a numpy.random.Generator.*; got 0"),
        ((he_normal, np.random.default_rng(0)), {"bias": 0}, "bias must be callable; got 0"),
    ],
)
def test_initialize_parameters_names_what_is_not_of_its_kind(arguments, options, message):
    with pytest.raises(TypeError, match=message):
        initialize_parameters([3, 4], *arguments, **options)
