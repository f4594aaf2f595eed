"""Data sets: geometry without noise, the noise by its variance, labels, contracts."""

import math

import numpy as np
import pytest
from sklearn.datasets import load_digits

from helpers.datasets import circles, digits, two_moons, xor

each_drawn = pytest.mark.parametrize("draw", [two_moons, circles])


def test_xor_is_the_truth_table():
    X, y = xor()
    rows = {(*inputs, output) for inputs, (output,) in zip(X.tolist(), y.tolist(), strict=True)}
    assert rows == {(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)}
    assert (X.shape, y.shape, X.dtype, y.dtype) == ((4, 2), (4, 1), float, float)


def test_every_input_of_xor_is_followed_by_its_opposite():
    """So that sums over the samples that cancel in theory cancel in floating point."""
    X, _ = xor()
    np.testing.assert_array_equal(X[0::2] + X[1::2], np.ones((2, 2)))


def test_xor_gives_fresh_arrays():
    X, _ = xor()
    X += 1
    assert xor()[0].max() == 1


@each_drawn
@pytest.mark.parametrize(("n", "n_ones"), [(1, 1), (2, 1), (7, 4), (100, 50)])
def test_the_classes_share_the_samples_evenly(draw, n, n_ones, rng):
    X, y = draw(n, rng)
    assert X.shape == (n, 2)
    assert y.shape == (n, 1)
    assert sorted(y[:, 0]) == [0.0] * (n - n_ones) + [1.0] * n_ones


def test_moons_lie_on_half_circles(rng):
    X, y = two_moons(200, rng, noise=0)
    upper, lower = X[y[:, 0] == 0], X[y[:, 0] == 1] - [1, 0.5]
    np.testing.assert_allclose(np.linalg.norm(upper, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(lower, axis=1), 1, rtol=1e-14)
    assert upper[:, 1].min() > 0 > lower[:, 1].max()


@pytest.mark.parametrize("inner", [0, 0.5, 0.8])
def test_circles_have_radius_one_and_inner(inner, rng):
    X, y = circles(200, rng, noise=0, inner=inner)
    radius = np.linalg.norm(X, axis=1)
    np.testing.assert_allclose(radius, np.where(y[:, 0] == 0, 1, inner), rtol=1e-14)


@pytest.mark.parametrize(("draw", "span"), [(two_moons, math.pi), (circles, 2 * math.pi)])
def test_angles_are_uniform_over_the_arc(draw, span, rng):
    """Mean and standard error of U(0, 1), for 2,000 angles of the class that is not moved."""
    X, y = draw(4000, rng, noise=0)
    outer = X[y[:, 0] == 0]
    share = np.arctan2(outer[:, 1], outer[:, 0]) % (2 * math.pi) / span
    assert abs(share.mean() - 0.5) < 5 * math.sqrt(1 / 12 / len(share))


@each_drawn
def test_noise_has_the_given_standard_deviation(draw, rng):
    """20,000 normal entries: a tolerance of 5 %."""
    seed = int(rng.integers(2**32))
    clean, noisy = (
        draw(10_000, np.random.default_rng(seed), noise=noise)[0] for noise in (0, 0.2)
    )
    noise = (noisy - clean) / 0.2
    assert abs(noise.mean()) < 5 / math.sqrt(noise.size)
    assert abs(noise.var() - 1) < 5 * math.sqrt(2 / noise.size)


@each_drawn
def test_noise_of_the_two_coordinates_is_independent(draw, rng):
    """A correlation of 10,000 pairs has standard error 1 %."""
    seed = int(rng.integers(2**32))
    clean, noisy = (
        draw(10_000, np.random.default_rng(seed), noise=noise)[0] for noise in (0, 1)
    )
    correlation = np.corrcoef((noisy - clean).T)[0, 1]
    assert abs(correlation) < 5 / math.sqrt(10_000)


@each_drawn
def test_same_seed_same_samples(draw):
    first, second = (draw(50, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(np.hstack(first), np.hstack(second))


@each_drawn
def test_global_random_state_is_left_alone(draw, rng):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    draw(50, rng)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_digits_have_mean_zero_and_variance_one():
    """Sums of 115,008 numbers of size 1: within 1e-12."""
    X, _ = digits()
    assert X.shape == (1797, 64)
    assert X.mean() == pytest.approx(0, abs=1e-12)
    assert X.var() == pytest.approx(1, rel=1e-12)


def test_digits_are_those_of_scikit_learn_on_one_scale_for_all_pixels():
    X, y = digits()
    pixels, labels = load_digits(return_X_y=True)
    np.testing.assert_array_equal(y, labels)
    rescaled = (X - X.min()) / (X.max() - X.min()) * 16
    np.testing.assert_allclose(rescaled, pixels, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be a positive integer; got 0"),
        ({"n": 2.5}, TypeError, "n must be a positive integer; got 2.5"),
        ({"n": True}, TypeError, "n must be a positive integer; got True"),
        ({"rng": 1}, TypeError, "rng must be a numpy.random.Generator.*; got 1"),
        ({"noise": -0.1}, ValueError, "noise must be .* at least 0; got -0.1"),
        ({"noise": math.nan}, ValueError, "noise must be .* at least 0; got nan"),
        ({"noise": "1"}, TypeError, "noise must be .* at least 0; got '1'"),
    ],
)
@each_drawn
def test_errors_name_the_argument_what_is_allowed_and_what_was_given(
    draw, change, error, message
):
    with pytest.raises(error, match=message):
        draw(**({"n": 10, "rng": np.random.default_rng(0)} | change))


@pytest.mark.parametrize("inner", [-0.1, 1.5, math.nan])
def test_inner_radius_is_from_0_to_1(inner, rng):
    with pytest.raises(ValueError, match=f"inner must be .* from 0 to 1; got {inner}"):
        circles(10, rng, inner=inner)
