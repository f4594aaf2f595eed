"""What lesson 1 says under its panels, at all settings that a reader can reach.

``python -m tests.test_sentences_one_step`` tries every value of every slider.
"""

from itertools import pairwise, product

import numpy as np
import pytest

from helpers import panels
from helpers.panels.panel import _values


@pytest.fixture(scope="module")
def rates():
    return panels.rate_panel()


def every(panel, name):
    """Return every value of a slider, at most 45 of them, evenly spread."""
    return _values(panel.controls[name], ...)


def test_the_shape_of_w1_follows_two_sliders_alone():
    panel = panels.network_panel()
    for name in ("inputs", "hidden", "second", "outputs"):
        shapes = {
            panel.compute(**{**panel.settings, name: value})["weights"][0].shape
            for value in every(panel, name)
        }
        assert (len(shapes) > 1) == (name in ("inputs", "hidden"))


def test_the_difference_of_two_schemes_is_larger_in_the_larger_network():
    panel = panels.network_panel()

    def ratio(size, seed):
        settings = {"hidden": size, "second": size, "inputs": 8 if size == 8 else 3}
        weights = [
            panel.compute(**{**panel.settings, **settings, "scheme": scheme, "seed": seed})
            for scheme in ("standard normal", "xavier_normal")
        ]
        return np.std(weights[0]["weights"][0]) / np.std(weights[1]["weights"][0])

    for seed in (1, 10, 20):
        assert ratio(8, seed) > ratio(4, seed) > 1


def test_a_unit_that_is_off_gets_no_delta_and_shares_add_up_to_the_gradient():
    panel = panels.step_panel()
    samples = [panel.compute(stage=5, sample=sample) for sample in (1, 2)]
    for off, sample in zip((1, 3), samples, strict=True):
        assert list(np.flatnonzero(sample["delta1"] == 0)) == [off]
        assert list(np.flatnonzero(sample["z1"] < 0)) == [off]
    shares = [sample["h1"] * sample["delta2"] for sample in samples]
    assert shares[0].tolist() == [1, 0, 0.5, 1]
    assert shares[1].tolist() == [0.25, 0.75, 0.25, 0]
    assert np.sum(shares, axis=0).tolist() == [1.25, 0.75, 0.75, 1]


def test_one_step_lowers_the_loss_up_to_a_rate_and_most_near_half_of_it(rates):
    found = [rates.compute(rate=rate) for rate in every(rates, "rate")]
    for data in found:
        fall = data["start"] - data["after"]
        assert abs(data["rate"] - 0.13) < 0.002 or (fall > 0) == (data["rate"] < 0.13)
    best = min(found, key=lambda data: data["after"])
    assert best["rate"] == pytest.approx(0.063, rel=0.13), "to within a step of the slider"


def test_the_tangent_is_right_for_short_steps(rates):
    for rate, ratio in ((0.001, 1.01), (0.03, 4 / 3)):
        data = rates.compute(rate=rate)
        promised = data["predicted"] / (data["start"] - data["after"])
        assert promised == pytest.approx(ratio, rel=0.01)


def test_where_the_first_step_raises_the_loss_later_ones_lower_it(rates):
    for rate in (rate for rate in every(rates, "rate") if rate > 0.131):
        losses = rates.compute(rate=rate)["losses"]
        assert losses[1] > losses[0] > losses[-1]


def most_right(step):
    """Return how many points lines get right at the most, on a grid of the three sliders."""
    panel = panels.line_panel()
    values = np.arange(-2, 2 + step / 2, step).round(6)
    labels = panel.figure._labels
    return max(
        np.sum(panel.compute(w1=w1, w2=w2, b=b)["answers"] == labels)
        for w1, w2, b in product(values, values, values)
    )


def test_no_setting_gets_more_than_three_points_right():
    assert most_right(0.25) == 3


def test_each_corner_can_be_cut_off():
    panel = panels.line_panel()
    for w1, w2, b in ((1, 1, -0.5), (-1, -1, 1.5), (1, -1, -0.5), (-1, 1, -0.5)):
        answers = panel.compute(w1=w1, w2=w2, b=b)["answers"]
        assert sorted(answers) in ([0, 0, 0, 1], [0, 1, 1, 1])
        assert np.sum(answers == panel.figure._labels) == 3


def test_the_sides_of_a_line_meet_where_it_ends():
    """What is coloured is the part of the plane in which the answer is 1."""
    panel = panels.line_panel()
    data = panel.compute(w1=1.0, w2=-1.0, b=0.5)
    assert {tuple(end) for end in data["line"]} <= {tuple(c) for c in data["corners"]}
    heights = data["corners"] @ [1.0, -1.0] + 0.5
    assert heights.min() == pytest.approx(0, abs=1e-12)
    for one, other in pairwise(data["line"]):
        assert np.allclose([one @ [1, -1], other @ [1, -1]], -0.5)


if __name__ == "__main__":
    print("points right, of all lines that the sliders give:", most_right(0.1))
