"""The quadrature, against moments and integrals known in closed form.

The rule has 200 nodes and double precision: 1e-12 is a thousand roundings.
"""

import numpy as np
import pytest
from scipy.stats import norm

from helpers.gaussian import gaussian_mean, split_rule


@pytest.mark.parametrize(
    ("power", "moment"), [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)]
)
def test_moments_of_the_standard_normal(power, moment):
    assert gaussian_mean(lambda z: z**power) == pytest.approx(moment, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("function", "mean"),
    [
        pytest.param(np.abs, np.sqrt(2 / np.pi), id="corner"),
        pytest.param(lambda z: z > 0, 0.5, id="jump"),
        pytest.param(np.cos, np.exp(-0.5), id="smooth"),
        pytest.param(lambda z: 1 / (1 + 25 * z**2), 0.21518892798304268, id="narrow peak"),
    ],
)
def test_means_of_functions_with_and_without_a_kink_at_zero(function, mean):
    """The peak's mean is ``sqrt(pi / 2) / 5 * exp(1 / 50) * erfc(1 / sqrt(50))``."""
    assert gaussian_mean(function) == pytest.approx(mean, rel=1e-12)


def test_a_function_with_more_axes_gives_one_mean_each():
    means = gaussian_mean(lambda z: np.stack([z, z**2, z**4]))
    np.testing.assert_allclose(means, [0, 1, 3], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kink", [-20.0, -3.0, -0.4, 0.0, 1.3, 5.0, 20.0])
def test_split_rule_is_exact_at_any_kink(kink):
    """``E[max(z - k, 0)] = pdf(k) - k (1 - cdf(k))``."""
    nodes, masses = split_rule(np.array(kink))
    mean = np.maximum(nodes - kink, 0) @ masses
    expected = norm.pdf(kink) - kink * norm.sf(kink)
    assert mean == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("kink", [-1e300, 1e300])
def test_a_kink_out_of_reach_leaves_the_rule_whole(kink):
    nodes, masses = split_rule(np.array(kink))
    assert masses @ nodes**2 == pytest.approx(1, rel=1e-12)


def test_split_rule_has_one_rule_per_kink():
    nodes, masses = split_rule(np.zeros((2, 3)))
    assert nodes.shape == masses.shape == (2, 3, 200)
