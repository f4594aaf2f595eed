"""What lesson 4 says under its panel and at its end, at all settings that a reader can reach.

``python -m tests.test_sentences_xavier`` tries every combination of the sliders' ends, middles
and opening values with all buttons, where the tests try every two of them.
"""

from itertools import combinations, product

import numpy as np
import pytest

from helpers import panels

FIRST, LAST = 512, 128  # inputs and outputs of the network


@pytest.fixture(scope="module")
def panel():
    return panels.fans_panel()


def values(control):
    """Return all options of a button; of a slider its ends, its middle and its own value."""
    if hasattr(control, "options"):
        return list(control.options)
    middle = (control.min + control.max) / 2 // control.step * control.step
    return sorted({control.min, int(middle), control.max, control.value})


def every_two(panel):
    """Yield settings with every combination of values of every two controls."""
    for names in combinations(panel.controls, 2):
        for pair in product(*(values(panel.controls[name]) for name in names)):
            yield {**panel.settings, **dict(zip(names, pair, strict=True))}


def everything(panel):
    """Yield every combination of all controls."""
    for found in product(*(values(control) for control in panel.controls.values())):
        yield dict(zip(panel.controls, found, strict=True))


def hold_sentences(panel, settings):
    """Hold what the lesson says against what the panel computes."""
    data = panel.compute(**settings)
    n = np.array(data["sizes"])
    relu = settings["activation"] == "relu"
    theory = {
        mode: (np.array(signal) / (2 if relu else 1), np.array(gradient))
        for mode, (signal, gradient) in data["theory"].items()
    }
    same = {"rtol": 1e-9, "err_msg": str(settings)}
    # fan_in keeps the signal level, fan_out the gradient; the other ends at a ratio of widths.
    np.testing.assert_allclose(theory["fan_in"][0], 1, **same)
    np.testing.assert_allclose(theory["fan_out"][1], 1, **same)
    np.testing.assert_allclose(theory["fan_in"][1], LAST / n[1:], **same)
    np.testing.assert_allclose(theory["fan_out"][0], FIRST / n[1:], **same)
    # The geometric mean: the root of that, both ways.
    np.testing.assert_allclose(theory["geometric"][0], (FIRST / n[1:]) ** 0.5, **same)
    np.testing.assert_allclose(theory["geometric"][1], (LAST / n[1:]) ** 0.5, **same)
    # Each change of width costs fan_avg's signal and gradient together 4ab/(a + b)². The first
    # layer passes on no gradient.
    signal, gradient = theory["fan_avg"]
    kept = 4 * n[:-1] * n[1:] / (n[:-1] + n[1:]) ** 2
    assert ((kept < 1) == (n[:-1] != n[1:])).all()
    np.testing.assert_allclose(signal[-1] * gradient[0], signal[0] * np.prod(kept[1:]), **same)
    hold_measurements(data, n, relu, settings)


def hold_measurements(data, n, relu, settings):
    """Hold dots against theory: five deviations of one signal, k/n a layer.

    A mean of 64 samples strays less, and its logarithm lies lower by half of k/n at the most.
    """
    k = 5 if relu else 2
    variance = np.cumsum(k / n[1:])
    back = np.append(np.cumsum((k / n[1:])[:0:-1])[::-1], 0) + 2 / (64 * LAST)
    for mode, ways in data["measured"].items():
        for way, spread in enumerate((variance, back)):
            off = np.abs(np.log(ways[way] / data["theory"][mode][way]))
            assert (off < 5 * np.sqrt(spread) + spread / 2).all(), (mode, way, settings)


def test_sentences_hold_for_every_two_controls(panel):
    for settings in every_two(panel):
        hold_sentences(panel, settings)


@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_at_equal_widths_all_ways_part_at_the_last_layer_alone(panel, activation):
    widths = {f"width_{i}": 512 for i in range(1, 5)}
    theory = panel.compute(**{**panel.settings, **widths, "activation": activation})["theory"]
    backward = {"fan_in": 0.25, "fan_avg": 0.4, "geometric": 0.5, "fan_out": 1}
    for mode, (signal, gradient) in theory.items():
        np.testing.assert_allclose(signal[:4], theory["fan_in"][0][:4])
        np.testing.assert_allclose(gradient, [*[backward[mode]] * 4, 1])


@pytest.mark.parametrize("activation", ["identity", "relu"])
@pytest.mark.parametrize("narrow", [16, 64, 256])
def test_where_widths_alternate_three_ways_come_back_and_fan_avg_does_not(
    panel, narrow, activation
):
    widths = {"width_1": narrow, "width_2": 512, "width_3": narrow, "width_4": 512}
    theory = panel.compute(**{**panel.settings, **widths, "activation": activation})["theory"]
    lost = 4 * 512 * narrow / (512 + narrow) ** 2
    for mode, (signal, gradient) in theory.items():
        factor = lost if mode == "fan_avg" else 1
        assert signal[3] / signal[1] == pytest.approx(factor), "into a narrow layer and out"
        assert gradient[0] / gradient[2] == pytest.approx(factor)
        assert gradient[1] / gradient[3] == pytest.approx(factor)
    if narrow == 16:
        assert 1 / lost == pytest.approx(8.5, abs=0.05)


def test_answers_of_the_experiment():
    """Widths that only fall, and widths by turns, with Xavier's factors."""
    a, b = np.array([512, 256, 128, 64]), np.array([256, 128, 64, 32])
    signal, gradient = np.prod(2 * a / (a + b)), np.prod((2 * b / (a + b))[1:])
    assert signal == pytest.approx(3.2, abs=0.05)
    assert signal < 512 / 32, "what fan_out does to the signal"
    assert gradient == pytest.approx(0.3, abs=0.01)
    assert gradient > 32 / 256, "what fan_in does to the gradient"
    left = {ratio: (4 * ratio / (1 + ratio) ** 2) ** 10 for ratio in (1.7, 2)}
    assert left == pytest.approx({1.7: 0.5, 2: 0.31}, abs=0.005)


if __name__ == "__main__":
    made = panels.fans_panel()
    grid = list(everything(made))
    for settings in grid:
        hold_sentences(made, settings)
    print(f"The sentences hold at {len(grid)} settings.")
