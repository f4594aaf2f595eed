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


@pytest.fixture(scope="module")
def ridges():
    return panels.ridges_panel()


@pytest.fixture(scope="module")
def vote():
    return panels.vote_panel()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("scale", [0.001, 0.06, 1.0, 10.0])
def test_ridges_are_of_the_network_of_the_scale_panel(ridges, depth, scale, activation):
    """Other inputs, so that mean squares agree up to chance alone, and the shapes are free."""
    settings = {"scale": scale, "depth": 12, "activation": activation}
    found = computed(ridges, **settings)
    beside = computed(depth, **settings, width=256)
    assert found["layers"] == [1, 5, 8, 12]
    at = np.array(found["layers"])
    # A few inputs to the same network: they stray by sqrt(17 / 256) a layer at most.
    for ours, theirs in (
        (found["signal"], beside["signal"][at, 0]),
        (found["gradient"], beside["gradient"][at - 1, 0]),
    ):
        np.testing.assert_allclose(ours, theirs, atol=5 * np.sqrt(12 * 40 / 256) / np.log(10))
    for values, powers in ((found["h"], found["signal"]), (found["delta"], found["gradient"])):
        for one, power in zip(values, powers, strict=True):
            assert one.shape == (1, 32, 256)
            size = np.mean(np.square(one, dtype=float))
            if -8 < power < 8:
                assert np.log10(size) == pytest.approx(power, abs=1e-3)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 50])
def test_four_ridges_at_most_from_the_first_layer_to_the_last(ridges, depth):
    layers = computed(ridges, depth=depth)["layers"]
    assert (layers[0], layers[-1]) == (1, depth)
    assert len(layers) == len(set(layers)) == min(depth, 4)


def test_votes_are_of_networks_that_matrices_would_make(vote):
    """Products of matrices have the distribution that the panel draws from directly."""
    found = computed(vote, networks=1)
    rng = np.random.default_rng(9)
    h = rng.standard_normal((1000, 1, 16))
    start = np.sum(h**2, axis=(1, 2))
    for _ in range(30):
        h = h @ (rng.standard_normal((1000, 16, 16)) / 4)
    logs = np.log10(np.sum(h**2, axis=(1, 2)) / start)
    assert logs.mean() == pytest.approx(found["a"].mean(), abs=5 * 0.87 * np.sqrt(2 / 1000))
    assert logs.std() == pytest.approx(found["a"].std(), rel=5 / np.sqrt(1000))
    assert logs.mean() == pytest.approx(found["mean_a"], abs=5 * 0.87 / np.sqrt(1000))
    assert logs.std() == pytest.approx(found["deviation"], rel=5 / np.sqrt(2000))


@pytest.mark.parametrize("larger", [1.02, 1.1, 1.3])
@pytest.mark.parametrize("seed", [1, 20])
def test_votes_meet_theory_at_every_number_of_networks(vote, larger, seed):
    found = computed(vote, larger=larger, seed=seed)
    # Shares of 1000; the sum of 30 logarithms is normal up to a third of a hundredth.
    error = np.sqrt(found["theory"] * (1 - found["theory"]) / 1000)
    assert (np.abs(found["wrong"] - found["theory"]) < 5 * error + 0.005).all()
    for m in (1, 7, 100):
        one = computed(vote, larger=larger, seed=seed, networks=m)
        assert one["wrong"][m - 1] == np.mean(one["b"] < one["a"])
        assert one["b"].mean() - one["a"].mean() == pytest.approx(
            30 * np.log10(larger), abs=5 * one["deviation"] * np.sqrt(2 / 1000)
        )
