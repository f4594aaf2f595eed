"""Tests of what the panel of lesson 7 computes."""

import math

import numpy as np
import pytest

from helpers.activations import ACTIVATIONS
from helpers.panels import length_panel
from helpers.propagation import chi, fixed_point


@pytest.fixture(scope="module")
def panel():
    return length_panel()


def computed(panel, **settings):
    return panel.compute(**{**panel.settings, **settings})


def test_on_the_critical_line_of_tanh_the_gradient_keeps_its_size(panel):
    sigma_w, sigma_b = computed(panel)["critical"]
    assert sigma_b[0] == 0
    assert sigma_b[-1] == 1
    on_the_line = [
        chi(ACTIVATIONS["tanh"], float(w), float(b))
        for w, b in zip(sigma_w, sigma_b, strict=True)
    ]
    # The line is interpolated between 200 points.
    np.testing.assert_allclose(on_the_line, 1, atol=1e-4)


def test_the_critical_line_of_relu_is_he(panel):
    sigma_w, _ = computed(panel, activation="relu")["critical"]
    np.testing.assert_allclose(sigma_w, math.sqrt(2))


@pytest.mark.parametrize("sigma_b", [0.0, 0.5])
@pytest.mark.parametrize("sigma_w", [0.8, 1.5, 3.0])
def test_predicted_length_and_gradient_settle_at_the_fixed_point(panel, sigma_w, sigma_b):
    data = computed(panel, sigma_w=sigma_w, sigma_b=sigma_b, start=1.0)
    lengths, gradient = data["theory"]
    tanh = ACTIVATIONS["tanh"]
    assert lengths[-1] == pytest.approx(fixed_point(tanh, sigma_w, sigma_b), abs=2e-3)
    assert gradient[-2] / gradient[-1] == pytest.approx(chi(tanh, sigma_w, sigma_b), rel=1e-2)


@pytest.mark.parametrize("sigma_w", [0.8, 1.5, 2.0])
def test_the_network_follows_its_theory(panel, sigma_w):
    data = computed(panel, sigma_w=sigma_w, sigma_b=0.0)
    # The signals of 16 inputs to a tanh network without biases are uncorrelated, and its map
    # attracts. 256 units: a layer adds a relative variance of at most 2 + 2 to a length, and
    # of at most 3 * 2.2 - 1 to a gradient, for E[slope^4] / E[slope^2]^2 < 2.2 at these sigmas.
    for found, expected, k in zip(data["measured"], data["theory"], (4, 5.6), strict=True):
        error = 5 * math.sqrt(k * len(expected) / 256 / 16)
        assert abs(np.log(found / expected)).max() < error


def test_lengths_start_where_the_slider_says(panel):
    data = computed(panel, start=0.7)
    assert data["lengths"][0] == 0.7
    # 16 * 256 normal numbers.
    assert data["measured"][0][0] == pytest.approx(0.7, rel=5 * math.sqrt(2 / 16 / 256))
