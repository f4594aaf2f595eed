"""The record of the coordinate check is what its command measures."""

import numpy as np
import pytest

from helpers.activations import relu
from helpers.datasets import digits
from helpers.recorded import recorded
from teaching import coordinate_check


@pytest.fixture(scope="module")
def data():
    X, y = digits()
    return X.astype(np.float32), y


@pytest.fixture(scope="module")
def record():
    return recorded("coordinate_check")


@pytest.mark.parametrize("scheme", coordinate_check.SCHEMES)
@pytest.mark.parametrize("width", [64, 128])
def test_a_step_moves_layers_as_recorded(scheme, width, data, record):
    """In single precision sums of 64 terms differ by some 1e-6, and Adam keeps signs alone."""
    kept = record["moved"][scheme][record["widths"].index(width)][0]
    found = coordinate_check.moved(width, scheme, 1, data)
    assert found == pytest.approx(kept, rel=0.02)


def test_both_schemes_are_the_same_at_the_width_at_which_they_start(record):
    ours, theirs = (record["moved"][name][0] for name in coordinate_check.SCHEMES)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(record["losses"]["standard"][0], record["losses"]["µP"][0])


def test_mup_scales_rates_and_the_start_of_the_output_layer():
    rng = np.random.default_rng(0)
    network, factors = coordinate_check.start(256, "µP", rng)
    assert factors == (1, 1 / 4, 1 / 4, 1 / 4)
    assert network.activation is relu
    standard, same = coordinate_check.start(256, "standard", np.random.default_rng(0))
    assert same == (1, 1, 1, 1)
    for W, other in zip(network.weights[:-1], standard.weights[:-1], strict=True):
        np.testing.assert_array_equal(W, other)
    np.testing.assert_allclose(network.weights[-1], standard.weights[-1] / 2, rtol=1e-6)


def test_the_record_has_all_seeds_widths_and_rates(record):
    shape = np.shape([record["moved"][name] for name in coordinate_check.SCHEMES])
    assert shape == (2, len(coordinate_check.WIDTHS), len(coordinate_check.SEEDS), 4)
    assert record["widths"] == list(coordinate_check.WIDTHS)
    shape = np.shape([record["losses"][name] for name in coordinate_check.SCHEMES])
    assert shape[1:] == (len(coordinate_check.TRAINED), 5, len(coordinate_check.POWERS))
    assert record["powers"] == list(coordinate_check.POWERS)
