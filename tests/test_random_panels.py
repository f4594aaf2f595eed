"""Tests of what the panels of lesson 3 compute: ten networks for the price of one."""

import numpy as np
import pytest

from helpers import panels
from helpers.activations import ACTIVATIONS
from helpers.panels.networks import deep_network, inputs
from helpers.panels.random import INPUTS, NETWORKS
from helpers.propagation import finite_width_band


@pytest.fixture(scope="module")
def depth():
    return panels.scale_panel()


@pytest.fixture(scope="module")
def layer():
    return panels.layer_panel()


def computed(panel, **settings):
    return panel.compute(**{**panel.settings, **settings})


def in_64_bits(scale, depth, width, activation):
    """Return second moments of signal and gradient of the first network, sent by hand."""
    phi = ACTIVATIONS[activation]
    x, gradient = inputs(2 * NETWORKS * INPUTS, width).astype(float).reshape(2, -1, width)
    std = scale * np.sqrt(512)
    weights = [
        W[:width, :width].astype(float) * std for W in deep_network(1, 512).weights[:depth]
    ]
    h, dh = x[:INPUTS], gradient[:INPUTS]
    z, signal, back = [], [np.mean(h**2)], []
    for W in weights:
        z.append(h @ W)
        h = phi(z[-1])
        signal.append(np.mean(h**2))
    for W, z_l in zip(weights[::-1], z[::-1], strict=True):
        dz = dh * phi.derivative(z_l)
        back.append(np.mean(dz**2))
        dh = dz @ W.T
    return np.log10(signal), np.log10(back[::-1])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("scale", [0.001, 0.1, 0.3])
def test_the_line_is_the_network_of_the_seed(depth, scale, activation):
    """From signals far below the range of 32 bits to those far above."""
    found = computed(depth, scale=scale, depth=50, width=64, activation=activation)
    signal, gradient = in_64_bits(scale, 50, 64, activation)
    # 32 bits: 50 layers of relative errors of 1e-6, which a chaotic network enlarges.
    allowed = 0.05 if (scale, activation) == (0.3, "tanh") else 1e-3
    layers = 20 if (scale, activation) == (0.3, "tanh") else 50
    np.testing.assert_allclose(found["signal"][:layers, 0], signal[:layers], atol=allowed)
    if layers == 50:
        np.testing.assert_allclose(found["gradient"][:, 0], gradient, atol=allowed)


def test_the_band_is_that_of_independent_networks(depth):
    """As many inputs as independent networks would show: the theory is for one input."""
    ends = [
        computed(depth, scale=np.sqrt(2 / 64), depth=30, width=64, activation="relu", seed=s)
        for s in range(1, 13)
    ]
    # Within a network of ReLUs inputs become alike, so that four stray as one does.
    logs = np.concatenate([e["signal"][-1] - e["signal"][0] for e in ends]) * np.log(10)
    _, std = finite_width_band(ACTIVATIONS["relu"], 30, 64)
    # 120 networks; a standard deviation of normals has the relative error 1 / sqrt(2 * 120).
    assert np.std(logs) == pytest.approx(std[-1], rel=5 / np.sqrt(240))
    within = np.mean([np.std(e["signal"][-1]) for e in ends]) * np.log(10)
    assert within == pytest.approx(std[-1], rel=5 / np.sqrt(240))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_theory_meets_wide_layers(depth, activation):
    found = computed(depth, scale=0.06, depth=10, width=512, activation=activation)
    theory = found["signal_theory"]
    np.testing.assert_allclose(found["signal"].mean(axis=1), theory, atol=0.05)
    mean = found["gradient"].mean(axis=1)
    np.testing.assert_allclose(mean, found["gradient_theory"], atol=0.1)
    measured = found["saturated"].mean(axis=1)
    np.testing.assert_allclose(measured, found["saturated_theory"], atol=0.02)


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
def test_the_scale_is_the_standard_deviation(layer, distribution):
    found = computed(layer, scale=0.1, fan_in=1000.0, distribution=distribution)
    # The mean square over 512 inputs and 64 units of 1000 terms, five standard errors.
    error = np.sqrt(2 / (512 * 1000) + 2 / (1000 * 64) + 2 / (512 * 64)) / 2
    assert np.std(found["z"]) == pytest.approx(0.1 * np.sqrt(1000), rel=5 * error)
    assert found["deviation"] == pytest.approx(0.1 * np.sqrt(1000))


def test_uniform_from_0_is_large_and_makes_units_alike(layer):
    found = computed(layer, scale=1.0, fan_in=1000.0, distribution="uniform from 0")
    # The shared part is drawn 512 times.
    assert np.std(found["z"]) == pytest.approx(np.sqrt(1000 / 3), rel=5 / np.sqrt(1024))
    assert found["alike"] == pytest.approx(0.75, abs=5 * (1 - 0.75**2) / np.sqrt(512))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_saturated_means_what_it_means_in_propagation(layer, activation):
    found = computed(layer, activation=activation)
    phi = ACTIVATIONS[activation]
    slope = phi.derivative(found["z"])
    if activation == "relu":
        assert found["saturated"] == found["saturated_theory"] == 0
    else:
        share = np.mean(slope < (1 - 0.97**2) * phi.derivative(0.0))
        assert found["saturated"] == pytest.approx(share, abs=1e-4)
