"""What lesson 5 says under its panels and at its end, at settings that a reader can reach.

``python -m tests.test_sentences_he`` tries every value of the gain and of the leak.
"""

import math
from itertools import product

import numpy as np
import pytest

from helpers import panels
from helpers.panels.networks import deep_network, first_layers, inputs
from helpers.panels.panel import _values
from helpers.propagation import measure


@pytest.fixture(scope="module")
def depth():
    return panels.depth_panel()


def of(panel, **settings):
    return panel.compute(**{**panel.settings, **settings})


@pytest.mark.parametrize(
    ("gain", "leak", "width"), [*product((0.5, 1.0, 2.14), (0.0, 0.5, 1.0), (16, 256))]
)
def test_both_lines_are_straight_and_of_one_slope_at_every_width(depth, gain, leak, width):
    found = of(depth, gain=gain, leak=leak, width=width, depth=50)
    slope = math.log10(gain**2 * (1 + leak**2) / 2)
    assert np.diff(found["theory"]) == pytest.approx(slope, abs=1e-9)
    assert np.diff(found["gradient_theory"]) == pytest.approx(-slope, abs=1e-9)
    # The measured end lies within five of the band's deviations, of which it is four wide.
    middle, half = (found["low"] + found["high"]) / 2, (found["high"] - found["low"]) / 4
    assert abs(found["measured"] - middle)[-1] < 5 * half[-1]


@pytest.mark.parametrize(("gain", "leak"), [(0.5, 0.0), (1.414, 0.0), (2.14, 0.3), (0.7, 1.0)])
def test_a_gain_of_the_weights_does_to_both_lines_what_the_panel_draws(depth, gain, leak):
    """It measures at gain 1, since a rectifier hands every factor on; here the gain is in W."""
    x = inputs(64, 32)
    network = first_layers(deep_network(4, 32), 50, gain, leak)
    found = measure(network, x, np.ones((64, 1), np.float32))
    drawn = of(depth, gain=gain, leak=leak, width=32, depth=50, seed=4)
    logs = np.log10(found.gradient[:-1])
    rounding = 50 * 64 * 2.0**-24  # of single precision, in every product and layer
    assert drawn["measured"][1:] == pytest.approx(np.log10(found.activation[:-1]), abs=rounding)
    assert drawn["gradient"] == pytest.approx(logs - logs[-1], abs=rounding)


def level(leak):
    """Return the gain on the slider at which the theory is most level."""
    panel = panels.depth_panel()
    gains = _values(panel.controls["gain"], ...)
    slopes = [abs(of(panel, gain=g, leak=leak, depth=1, width=16)["theory"][-1]) for g in gains]
    return gains[int(np.argmin(slopes))]


@pytest.mark.parametrize(("leak", "gain"), [(0.0, 1.414), (1.0, 1.0), (0.5, 1.265)])
def test_the_level_gain_goes_from_the_root_of_two_to_one_as_the_leak_grows(leak, gain):
    assert level(leak) == pytest.approx(gain, rel=0.02), "to within a step of the slider"


@pytest.mark.parametrize(
    ("bias", "leak", "size"), [*product((-3.0, 0.0, 1.0), (0.0, 1.0), (2, 64, 512))]
)
def test_theory_of_the_cosine_is_drawn_where_it_holds_alone(bias, leak, size):
    found = of(panels.units_panel(), bias=bias, leak=leak, batch_size=size)
    assert (found["predicted_cosine"] is None) == (bias != 0)
    if bias == 0 and size == 512:  # many pairs; one network of width 256
        assert abs(found["cosine"] - found["predicted_cosine"]).max() < 0.06


@pytest.mark.parametrize("seed", [1, 10, 20])
def test_only_a_leak_of_1_keeps_samples_apart_and_dead_units_grow(seed):
    panel = panels.units_panel()
    for leak in _values(panel.controls["leak"], ...)[::4]:
        found = of(panel, leak=leak, seed=seed)
        assert (found["cosine"][-1] < 0.1) == (leak == 1), leak
    found = of(panel, seed=seed)
    assert found["dead"][0] < 0.01 < found["dead"][9] < found["dead"][-1]
    assert abs(np.mean(found["inactive"]) - 0.5) < 0.05
    sizes = [of(panel, seed=seed, batch_size=n)["dead"][9] for n in (16, 512)]
    assert sizes[0] > sizes[1]
    assert of(panel, seed=seed, bias=-1.0)["dead"][9] == 1
    assert of(panel, seed=seed, bias=1.0)["cosine"][-1] > 0.99


if __name__ == "__main__":
    for leak in _values(panels.depth_panel().controls["leak"], ...):
        theory = math.sqrt(2 / (1 + leak**2))
        print(f"leak {leak:g}: level at gain {level(leak):g}, theory {theory:.3f}")
