"""Tests of what the panels of lesson 7 compute."""

import math

import numpy as np
import pytest

from helpers.activations import ACTIVATIONS
from helpers.figures.beyond import CorrelationMap, phase_plane
from helpers.panels import correlation_panel, length_panel, spectrum_panel
from helpers.panels.beyond import Pair
from helpers.propagation import chi, correlation_map, fixed_point


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


@pytest.mark.parametrize(
    ("activation", "sigma_w", "sigma_b"),
    [
        *(("tanh", w, b) for w, b in ((0.5, 0.3), (1.4, 0.3), (3.0, 0.0), (3.0, 1.0))),
        *(("relu", w, b) for w, b in ((1.0, 0.5), (1.4, 0.0), (3.0, 1.0))),
    ],
)
def test_the_fast_map_of_two_inputs_is_that_of_the_core(activation, sigma_w, sigma_b):
    """To 1e-4 at any correlation, although it lays a coarse grid over the plane."""
    pair = Pair(activation, sigma_w, sigma_b)
    c, after = pair.map()
    phi = ACTIVATIONS[activation]
    exact = correlation_map(c, phi, sigma_w, sigma_b, q=pair.q)
    np.testing.assert_allclose(after, exact, atol=1e-4)
    for near in (1e-3, 1e-6, 1e-9):
        # The next term is of the order of the distance, or of its root at ReLU's corner.
        bend = 2 * math.sqrt(near) if activation == "relu" else 20 * near
        assert pair.after(near) / near == pytest.approx(pair.slope, rel=bend + 1e-5)


@pytest.fixture(scope="module")
def two():
    return correlation_panel()


@pytest.mark.parametrize("sigma_b", [0.1, 0.3, 1.0])
def test_depth_scales_are_those_of_chi_and_part_at_the_critical_line(two, sigma_b):
    found = computed(two, sigma_b=sigma_b)
    critical, sides = found["critical"], found["scales"]
    tanh = ACTIVATIONS["tanh"]
    assert chi(tanh, critical, sigma_b) == pytest.approx(1, abs=1e-6)
    for sign, (sigma_w, scale) in zip((-1, 1), sides, strict=True):
        assert (np.diff(sigma_w) > 0).all()
        assert (sign * (sigma_w - critical) > 0).all()
        assert scale.max() > 500
        for i in (0, len(scale) // 3, -1):
            factor = chi(tanh, float(sigma_w[i]), sigma_b)
            assert sign / math.log(factor) == pytest.approx(scale[i], rel=1e-3)
    assert sides[0][0][0] < 0.5
    assert sides[1][0][-1] > 3.1


@pytest.mark.parametrize("sigma_w", [0.5, 0.8, 1.0])
def test_the_tangent_touches_the_map_above_what_rounding_leaves(two, sigma_w):
    """From a layer on 1 - c is 0 in 64 bits. Near 1 the map is nearly its slope."""
    figure = CorrelationMap()
    figure.update(**computed(two, sigma_w=sigma_w))
    layers, line = figure._tangent.get_data()
    _, theory = figure._theory.get_data()
    drawn = theory[layers] > -8
    off = (line - theory[layers])[drawn]
    assert off[-1] == pytest.approx(0, abs=0.02)
    assert off[len(off) // 2] == pytest.approx(0, abs=0.05)


def test_depth_scales_of_relu_end_at_he_and_exist_with_biases_alone(two):
    found = computed(two, activation="relu")
    (sigma_w, scale), rest = found["scales"]
    assert found["critical"] == math.sqrt(2)
    np.testing.assert_allclose(scale, -1 / np.log(sigma_w**2 / 2))
    assert rest[0].size == 0
    none = computed(two, activation="relu", sigma_b=0.0)
    assert none["critical"] is None
    assert none["scales"][0][0].size == none["scales"][1][0].size == 0


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"sigma_w": 2.5, "correlation": 0.99},
        {"activation": "relu", "sigma_b": 0.0},
        {"sigma_w": 0.8, "sigma_b": 0.0},
    ],
)
def test_ten_networks_lie_around_their_map(two, settings):
    found = computed(two, **settings)
    layers = np.arange(len(found["distances"]))
    # Each of 256 units: a layer adds at most 5 / 256 to the variance of the logarithm.
    off = np.log(found["measured"]).mean(axis=1) - np.log(found["distances"])
    allowed = 5 * np.sqrt(5 * (layers + 1) / 256 / 10) + 2.5 * (layers + 1) / 256
    assert (abs(off) < allowed).all()
    assert found["measured"][0] == pytest.approx(found["distances"][0], rel=0.6)


@pytest.fixture(scope="module")
def directions():
    return spectrum_panel()


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_gaussian_spectra_are_those_of_wide_layers_and_orthogonal_ones_flat(directions, depth):
    found = computed(directions, depth=depth, kind="linear")
    gaussian, wide = np.log(found["spectra"]["Gaussian"]), np.log(found["wide"])
    # The larger half: a singular value strays by some depth / 64, and by its neighbours.
    assert abs(gaussian - wide)[:32].max() < 5 * (math.sqrt(depth / 64) + 0.02)
    np.testing.assert_allclose(found["spectra"]["orthogonal"], 1, rtol=1e-12)
    assert found["wide_shares"][depth - 1] == np.mean(found["wide"] > 0.1 * found["wide"][0])


def test_shares_are_counts_of_the_spectra_and_more_layers_are_more_of_the_same(directions):
    for kind in directions.controls["kind"].options:
        found = computed(directions, depth=7, kind=kind)
        for name, values in found["spectra"].items():
            assert (np.diff(values) <= 0).all()
            assert found["shares"][name][6] == np.mean(values > values[0] / 10)
        assert (found["wide"] is None) == (kind != "linear")


def test_relu_keeps_no_more_directions_than_units_are_on(directions):
    for name, values in computed(directions, depth=1, kind="relu, gain √2")["spectra"].items():
        # 64 coins, five deviations.
        assert abs(np.mean(values > 1e-12) - 0.5) < 5 * 0.5 / 8, name


def test_the_plane_shades_order_left_of_its_first_line_and_names_all():
    sigma_b = np.array([0.0, 1.0])
    lines = [("∞", np.array([1.0, 1.8]), sigma_b), ("3", np.array([2.0, 2.4]), sigma_b)]
    picture = phase_plane(lines, {"here": (1.5, 0.3)}, "The plane")
    assert picture.words == "The plane. At σ_b = 1 the lines are: ∞ at σ_w 1.8, 3 at σ_w 2.4."
    (ax,) = picture.canvas.figure.axes
    bold, thin, dot = ax.lines
    assert bold.get_linewidth() > 2 * thin.get_linewidth()
    np.testing.assert_allclose(np.ravel(dot.get_data()), (1.5, 0.3))
    assert [text.get_text() for text in ax.texts] == ["∞", "3", "here"]
    order, chaos = (c.get_paths()[0].get_extents() for c in ax.collections)
    assert order.x1 == 1.8
    assert chaos.x0 == 1.0
