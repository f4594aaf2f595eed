"""What lesson 7 says under its panels and at its end, at settings that a reader can reach.

``python -m tests.test_sentences_beyond`` tries every pair of sigmas.
"""

import math
from functools import cache
from itertools import product

import numpy as np
import pytest

from helpers import panels
from helpers.activations import ACTIVATIONS, gain, tanh
from helpers.panels import beyond
from helpers.propagation import (
    chi,
    correlation_map,
    fixed_point,
    gradient_map,
    length_map,
)

SEEDS = (1, 10, 20)


@cache
def made(make):
    return make()


def of(make, **settings):
    panel = made(make)
    return panel.compute(**{**panel.settings, **settings})


def said(make, **settings):
    panel = made(make)
    settings = {**panel.settings, **settings}
    return panel.figure.update(**panel.compute(**settings))


def steps(make, name):
    """Return every value of a slider, and not those alone that a deck has."""
    slider = made(make).controls[name]
    count = round((slider.max - slider.min) / slider.step)
    values = slider.min + slider.step * np.arange(count + 1)
    return [float(f"{value:.2f}") for value in values]


LENGTH, PAIR, SPECTRUM = panels.length_panel, panels.correlation_panel, panels.spectrum_panel


@pytest.mark.parametrize("sigma_w", steps(LENGTH, "sigma_w")[::6])
@pytest.mark.parametrize("sigma_b", [0.0, 0.5, 1.0])
def test_tanh_settles_at_one_length_from_any_start(sigma_w, sigma_b):
    """Or the panel says that it has not settled yet."""
    ends = [of(LENGTH, sigma_w=sigma_w, sigma_b=sigma_b, start=s)["lengths"] for s in (0.1, 4)]
    fixed = of(LENGTH, sigma_w=sigma_w, sigma_b=sigma_b)["fixed"]
    assert (fixed == 0) == (sigma_b == 0 and sigma_w <= 1)
    for lengths in ends:
        approach = abs(lengths - fixed)
        assert (np.diff(approach) <= 1e-12).all()
    if "Until the length" not in said(LENGTH, sigma_w=sigma_w, sigma_b=sigma_b, start=4):
        assert ends[1][-1] == pytest.approx(fixed, abs=0.03)


@pytest.mark.parametrize("sigma_w", [0.5, 1.4, 1.45, 5.0])
def test_without_biases_relu_keeps_the_ratio_of_two_lengths(sigma_w):
    ends = [
        of(LENGTH, activation="relu", sigma_w=sigma_w, start=s)["lengths"] for s in (0.1, 4)
    ]
    np.testing.assert_allclose(ends[1] / ends[0], 40)


@pytest.mark.parametrize(("seed", "sigma_b"), [*product(SEEDS, (0.0, 0.5, 1.0))])
def test_the_gradient_shrinks_left_of_the_line_and_grows_right_of_it(seed, sigma_b):
    for sigma_w in steps(LENGTH, "sigma_w")[::5]:
        settings = {"sigma_w": sigma_w, "sigma_b": sigma_b, "seed": seed}
        found = of(LENGTH, **settings)
        weights, biases = found["critical"]
        line = np.interp(sigma_b, biases, weights)
        if abs(sigma_w / line - 1) > 1e-3:
            assert (found["chi"] < 1) == (sigma_w < line), settings
        # A network of 256 units strays by some √(5 · 19 / 256) in the logarithm.
        if abs(19 * np.log(found["chi"])) > 3 and "Until the length" not in said(
            LENGTH, **settings
        ):
            assert (found["measured"][1][0] < 1) == (found["chi"] < 1), settings


def test_the_answers_to_what_is_level():
    at = {w: of(LENGTH, sigma_w=w, sigma_b=0.5)["chi"] for w in steps(LENGTH, "sigma_w")}
    assert min(at, key=lambda w: abs(at[w] - 1)) == 1.55
    relu = {w: of(LENGTH, sigma_w=w, activation="relu") for w in (1.4, 1.45)}
    assert relu[1.4]["chi"] < 1 < relu[1.45]["chi"]
    grown = length_map(3.0, ACTIVATIONS["relu"], math.sqrt(2), 0.5)
    assert grown == pytest.approx(3.25)
    assert "critical, once q has settled" in texts(LENGTH, sigma_w=1.0)
    assert "0.949 in the last" in said(LENGTH, sigma_w=1.0)


def texts(make, **settings):
    said(make, **settings)
    figure = made(make).figure.canvas.figure
    return " ".join(text.get_text() for ax in figure.axes for text in ax.texts)


SOME = [
    *product((0.5, 1.0, 1.4, 1.55, 3.0), (0.0, 0.3, 0.5, 1.0), ("tanh", "relu")),
]


@pytest.mark.parametrize(("sigma_w", "sigma_b", "activation"), SOME)
def test_what_becomes_of_two_inputs_is_what_is_said(sigma_w, sigma_b, activation):
    for c in (0.0, 0.5, 0.99):
        settings = {"sigma_w": sigma_w, "sigma_b": sigma_b, "activation": activation}
        found = of(PAIR, correlation=c, **settings)
        words, path = said(PAIR, correlation=c, **settings), found["distances"]
        if "stay as they are" in words:
            assert activation == "tanh"
            assert sigma_b == 0
            assert sigma_w <= 1
            np.testing.assert_allclose(path, path[0], rtol=1e-5)
        elif "keep a difference" in words:
            assert activation == "tanh"
            assert found["slope"] > 1
            # Where two inputs end, whatever their start: near the line it takes more layers.
            end = settled_distance(sigma_w, sigma_b)
            assert end > 1e-4
            assert abs(np.log(path[-1] / end)) < abs(np.log(path[0] / end)) + 1e-9
        else:
            assert "become alike" in words
            assert (np.diff(path) < 0).all()
            assert found["slope"] < 1 + 2e-3
            if found["slope"] < 1 - 2e-3:  # exponentially, in the end
                assert path[-1] / path[-2] == pytest.approx(found["slope"], rel=0.2)


def settled_distance(sigma_w, sigma_b):
    pair = beyond.Pair("tanh", sigma_w, sigma_b)
    distance = 0.5
    for _ in range(3000):
        distance = pair.after(distance)
    return distance


def test_at_the_opening_settings_order_and_at_2_5_chaos():
    first = of(PAIR)
    assert first["slope"] == pytest.approx(0.70, abs=0.005)
    assert -1 / math.log(first["slope"]) == pytest.approx(2.8, abs=0.05)
    for c in (0.0, 0.99):
        path = of(PAIR, correlation=c)["distances"]
        assert path[20] / path[19] == pytest.approx(0.70, abs=0.005)
    chaos = of(PAIR, sigma_w=2.5, correlation=0.99)
    assert chaos["slope"] == pytest.approx(1.59, abs=0.005)
    assert chaos["distances"][-1] == pytest.approx(0.88, abs=0.005)


def test_on_the_line_the_curve_is_not_straight_and_relu_is_the_same_at_all_weights():
    found = of(PAIR, sigma_w=1.55, sigma_b=0.5)
    assert abs(found["slope"] - 1) < 2e-3
    path = found["distances"]
    rates = np.diff(np.log(path))
    assert (np.diff(rates) > 0).all()
    assert 0.7 < math.log2(path[25] / path[50]) < 1
    relu = [
        of(PAIR, sigma_w=w, sigma_b=0.0, activation="relu")["distances"]
        for w in steps(PAIR, "sigma_w")[::5]
    ]
    np.testing.assert_allclose(relu, np.tile(relu[0], (len(relu), 1)), rtol=1e-6)
    assert 1.4 < math.log2(relu[0][25] / relu[0][50]) < 2


@pytest.mark.parametrize("seed", [*range(1, 17, 3), 17, 18, 20])
def test_orthogonal_weights_keep_all_where_it_is_nearly_linear_and_nowhere_else(seed):
    shares = {
        kind: of(SPECTRUM, kind=kind, depth=50, seed=seed)["shares"]
        for kind in made(SPECTRUM).controls["kind"].options
    }
    for kind, found in shares.items():
        keeps = kind in ("linear", "tanh, gain 1, short")
        assert (found["orthogonal"][-1] == 1) == keeps, kind
        assert (found["orthogonal"] == 1).all() == keeps
        if not keeps:
            assert found["orthogonal"][-1] < 0.2
        assert found["Gaussian"][-1] < 0.15
    below = {k: int(np.argmax(v["Gaussian"] < 0.2)) + 1 for k, v in shares.items()}
    assert abs(below["linear"] - 13) <= 3
    fifth = int(np.argmax(shares["tanh, gain 5/3"]["orthogonal"] < 0.2)) + 1
    assert abs(fifth - 19) <= 6
    assert max(shares["relu, gain √2"]["orthogonal"]) < 0.5 + 5 * 0.5 / 8


def test_what_the_answers_to_the_questions_say():
    assert fixed_point(tanh, 2.0) == pytest.approx(2.12, abs=0.005)
    assert length_map(1e6, tanh, 2.0) < 4
    assert chi(tanh, 5 / 3) == pytest.approx(1.21, abs=0.005)
    assert chi(tanh, 5 / 3) ** 50 > 1e4
    assert gradient_map(fixed_point(tanh, 5.0), tanh, 1.0) == pytest.approx(0.12, abs=0.005)
    sigma_w = 1.395583975
    c, path = 0.5, []
    for _ in range(300):
        c = float(correlation_map(c, tanh, sigma_w, 0.3, q=0.7634747669))
        path.append(1 - c)
    assert [path[k - 1] for k in (10, 100, 300)] == pytest.approx([0.26, 0.04, 0.014], abs=5e-3)
    assert path[299] == pytest.approx(0.014, abs=5e-4)


@pytest.mark.parametrize("sigma_w", [*steps(LENGTH, "sigma_w")[::3], gain(tanh), 5 / 3])
def test_no_gain_keeps_signal_and_gradient_of_tanh_without_biases(sigma_w):
    if fixed_point(tanh, sigma_w) > 0:
        assert chi(tanh, sigma_w) > 1
    else:
        assert sigma_w <= 1


if __name__ == "__main__":
    for sigma_w, sigma_b in product(steps(PAIR, "sigma_w"), steps(PAIR, "sigma_b")):
        for activation in ("tanh", "relu"):
            test_what_becomes_of_two_inputs_is_what_is_said(sigma_w, sigma_b, activation)
    print("Every sentence holds at every pair of sigmas.")
