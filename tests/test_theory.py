"""The theory against integrals to twenty digits, at lengths from 1e-6 to 1e12."""

import tracemalloc
from itertools import groupby

import numpy as np
import pytest

from helpers.activations import tanh
from helpers.propagation import chi, correlation_map, fixed_point, gradient_map, length_map
from tests import theory

ROWS = {k: list(rows) for k, rows in groupby(theory.cases(), key=lambda case: case[:2])}


@pytest.mark.parametrize("case", ROWS, ids="-".join)
def test_theory_is_right_at_every_length(case):
    for _, _, q, c in ROWS[case]:
        found, right = theory.compared(*case, q, c)
        # Each interval is right to 1e-9 of the whole. Of a correlation that is 1, not c.
        assert found == pytest.approx(right, rel=1e-8, abs=1e-9 * (c is not None)), (q, c)


@pytest.mark.parametrize(("sigma_w", "right"), [(300, 159.7), (1000, 532.1), (10_000, 5319.4)])
def test_gradients_of_a_steep_tanh_explode(sigma_w, right):
    # sigma_w**2 E[sech(sqrt(q) z)**4] with q near sigma_w**2 is 4 sigma_w / (3 sqrt(2 pi)).
    assert chi(tanh, sigma_w) == pytest.approx(right, rel=1e-3)
    assert chi(tanh, sigma_w) == pytest.approx(sigma_w * 4 / 3 / np.sqrt(2 * np.pi), rel=3e-3)


@pytest.mark.parametrize("q", [1e5, 1e8, 1e12])
@pytest.mark.parametrize(
    "predict",
    [
        lambda sine, q: length_map(q, sine, 1.0),
        lambda sine, q: gradient_map(q, sine, 1.0),
        lambda sine, q: correlation_map(0.5, sine, 1.0, q=q),
    ],
)
def test_what_oscillates_too_fast_is_an_error(predict, q):
    with pytest.raises(ValueError, match="changes too fast"):
        predict(theory.OURS["sine"], q)


@pytest.mark.parametrize("q", theory.LENGTHS)
def test_corners_that_are_not_named_are_found(q):
    hardtanh = theory.OURS["hardtanh"]
    for predict in (length_map, gradient_map):
        named = float(predict(q, hardtanh, 1.0, kinks=(-1, 1)))
        assert float(predict(q, hardtanh, 1.0)) == pytest.approx(named, rel=1e-7)
    named = float(correlation_map(0.7, hardtanh, 1.0, q=q, kinks=(-1, 1)))
    assert float(correlation_map(0.7, hardtanh, 1.0, q=q)) == pytest.approx(named, abs=1e-6)


def test_named_corners_keep_the_difference_of_inputs_that_are_nearly_alike():
    """The map's slope at c = 1 is E[phi'**2] / E[phi**2], at length 1."""
    hardtanh, kinks = theory.OURS["hardtanh"], (-1, 1)
    left = 1 - float(correlation_map(1 - 1e-8, hardtanh, 1.0, q=1.0, kinks=kinks))
    slope = gradient_map(1.0, hardtanh, 1.0) / length_map(1.0, hardtanh, 1.0)
    assert left / 1e-8 == pytest.approx(float(slope), rel=1e-3)


def test_lengths_of_all_sizes_may_come_in_one_array():
    q = np.array(theory.LENGTHS).reshape(3, 3)
    for predict in (length_map, gradient_map):
        one_by_one = [[float(predict(x, tanh, 1.5)) for x in row] for row in q]
        np.testing.assert_allclose(predict(q, tanh, 1.5), one_by_one, rtol=1e-9)


@pytest.mark.parametrize("sigma_w", [1.4, 1.5, 3.0])
def test_growth_of_a_rectifier_ends_nowhere(sigma_w):
    relu = theory.OURS["relu"]
    expected = 0.0 if sigma_w**2 < 2 else np.inf
    assert fixed_point(relu, sigma_w) == expected
    # The length settles far out where biases hold it up: q = sigma_b**2 / (1 - sigma_w**2 / 2).
    assert fixed_point(relu, np.sqrt(2 - 2e-6), 100.0) == pytest.approx(1e10, rel=1e-4)


def test_memory_does_not_grow_with_the_number_of_correlations():
    def peak(n):
        tracemalloc.start()
        correlation_map(np.linspace(-1, 1, n), tanh, 1.5, q=1.0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    # Blocks of 256 x 16 intervals x 16 nodes x 8 bytes, of which a handful live at once.
    assert peak(60) < 1.2 * peak(2) < 100e6
