"""The quadrature, against moments and integrals known in closed form.

Where an interval is smooth, 16 nodes leave nothing but rounding: 1e-12 is a thousand of them.
"""

import numpy as np
import pytest
from scipy.special import erfcx
from scipy.stats import norm

from helpers.gaussian import gaussian_mean


@pytest.mark.parametrize(
    ("power", "moment"), [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)]
)
def test_moments_of_the_standard_normal(power, moment):
    assert gaussian_mean(lambda z: z**power) == pytest.approx(moment, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("function", "mean"),
    [
        pytest.param(np.abs, np.sqrt(2 / np.pi), id="corner"),
        pytest.param(lambda z: (z > 0).astype(float), 0.5, id="jump"),
        pytest.param(np.cos, np.exp(-0.5), id="smooth"),
        pytest.param(lambda z: 1 / (1 + 25 * z**2), 0.21518892798304268, id="narrow peak"),
    ],
)
def test_means_in_closed_form(function, mean):
    """The peak's mean is ``sqrt(pi / 2) / 5 * exp(1 / 50) * erfc(1 / sqrt(50))``."""
    assert gaussian_mean(function) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("kink", [-20.0, -3.0, -0.4, 0.0, 1.3, 5.0, 20.0, 1e100])
@pytest.mark.parametrize("named", [True, False])
def test_a_corner_may_lie_anywhere(kink, named):
    """``E[max(z - k, 0)] = pdf(k) - k (1 - cdf(k))``."""
    kinks = (kink,) if named else (0.0,)
    found = gaussian_mean(lambda z: np.maximum(z - kink, 0), kinks=kinks)
    assert found == pytest.approx(norm.pdf(kink) - kink * norm.sf(kink), rel=1e-8, abs=1e-14)


def test_mean_and_deviation_may_be_arrays():
    mean, std = np.array([[-3.0], [0.0], [50.0]]), np.array([0.0, 0.01, 1.0, 1e4])
    found = gaussian_mean(lambda t: t**2, mean, std)
    np.testing.assert_allclose(found, mean**2 + std**2, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e6])
def test_a_peak_at_zero_is_resolved_at_any_scale(scale):
    """``E[1 / (1 + t**2)] = sqrt(pi / 2) / s * exp(1 / (2 s**2)) * erfc(1 / (sqrt(2) s))``."""
    expected = np.sqrt(np.pi / 2) / scale * erfcx(1 / (np.sqrt(2) * scale))
    assert gaussian_mean(lambda t: 1 / (1 + t**2), std=scale) == pytest.approx(expected, 1e-9)


def test_a_fine_peak_needs_a_word():
    def peak(t):
        return np.abs(t - 1) < 1e-5

    expected = 2e-5 * norm.pdf(1)
    assert gaussian_mean(peak, kinks=(1.0,), finest=1e-5) == pytest.approx(expected, 1e-6)


def test_what_is_not_finite_is_not_refined():
    assert np.isnan(gaussian_mean(lambda t: np.where(t > 1, np.nan, t)))
    assert gaussian_mean(lambda t: np.where(t > 1, np.inf, t)) == np.inf


@pytest.mark.parametrize(
    "function", [lambda t: np.sin(1e5 * t), lambda t: np.sign(np.sin(300 * t))]
)
def test_what_cannot_be_resolved_is_an_error(function):
    with pytest.raises(ValueError, match=r"changes too fast .* kinks= does not name"):
        gaussian_mean(function)
