"""The picture of lesson 8 that has no controls."""

import numpy as np
import pytest

from helpers import figures, panels
from helpers.recorded import recorded


@pytest.fixture(scope="module")
def steps():
    return recorded("training_step")


@pytest.fixture(scope="module")
def picture(steps):
    return panels.picture(figures.StepTimes(), steps=steps)


def test_a_picture_says_what_it_shows_and_names_no_settings(picture, steps):
    first = f"{steps['threads']['1']['ours'][0]:g} ms"
    assert first in picture.words
    assert "Settings" not in picture.words
    assert "alt=" in picture.picture.value


def test_a_picture_has_no_controls(picture):
    assert picture.children == (picture.picture, picture._hidden)
    assert picture.controls == {}


def test_a_picture_on_a_page_without_a_kernel_is_one_image_with_its_words(picture, monkeypatch):
    monkeypatch.setenv("COURSE_BAKE", "1")
    page = picture._repr_mimebundle_()[0]["text/html"]
    assert page.count("<img") == 1
    assert "StepTimes" not in page
    assert "<input" not in page
    assert 'class="baked-panel"' not in page, "it would be expected to have controls"
    assert "scikit-learn" in page


def test_every_time_is_drawn(steps):
    figure = figures.StepTimes()
    figure.update(steps)
    for threads, found in steps["threads"].items():
        for name in ("ours", "PyTorch", "JAX", "scikit-learn"):
            drawn = figure._curves[name, threads].get_ydata()
            np.testing.assert_allclose(10.0**drawn, found[name])


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_curves_lie_within_the_axes_and_below_the_legend(steps, factor):
    faster = {
        threads: {
            name: values if name in ("widths", "cores") else list(np.multiply(values, factor))
            for name, values in found.items()
        }
        for threads, found in steps["threads"].items()
    }
    figure = figures.StepTimes()
    figure.update({"threads": faster})
    figure.canvas.pixels()
    for ax in figure.canvas.figure.axes:
        low, high = ax.get_ylim()
        values = np.concatenate([line.get_ydata() for line in ax.lines])
        assert low < values.min()
        assert values.max() < high
    ax = figure.canvas.figure.axes[0]
    legend = ax.get_legend().get_window_extent().transformed(ax.transData.inverted())
    for line in ax.lines:
        inside = line.get_xdata() <= legend.x1
        assert (line.get_ydata()[inside] < legend.y0).all()
