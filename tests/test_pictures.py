"""Tests of pictures of arrays: what they draw, what they say, and how they are kept."""

import base64
import io
import math

import numpy as np
import pytest
from PIL import Image

from helpers.figures import pictures


def axes_of(picture):
    (ax,) = picture.canvas.figure.axes
    return ax


def some_curves(**changes):
    arguments = {
        "over": ("layer", [1, 2, 3]),
        "measured": {"signal": [1.0, 2.0, 4.0], "gradient": [4.0, 2.0, 1.0]},
        "title": "Two curves",
        "axis": "mean square",
    }
    return pictures.curves(**{**arguments, **changes})


def test_a_picture_is_kept_as_png_of_few_bytes_with_its_words():
    picture = some_curves()
    data, metadata = picture._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    assert len(png) <= 25_000
    assert Image.open(io.BytesIO(png)).mode == "P"
    said = "Two curves. Over layer 1 to 3: signal goes from 1 to 4; gradient goes from 4 to 1."
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == picture._shown.model_id
    assert f'alt="{said}"' in picture._shown.children[0].value, (
        "a screen reader gets it in JupyterLab too"
    )
    assert data["text/plain"] == metadata["image/png"]["alt"] == repr(picture) == said


def test_on_a_page_without_a_kernel_it_is_painted(monkeypatch):
    monkeypatch.setenv("COURSE_BAKE", "1")
    data, _ = some_curves()._repr_mimebundle_()
    assert data["text/html"].startswith('<figure class="baked-picture">')
    assert 'alt="Two curves.' in data["text/html"]
    assert "image/png" not in data


def test_names_stand_at_the_ends_of_their_curves_and_never_on_one_another():
    ax = axes_of(
        some_curves(measured={"a": [1, 9.0], "b": [1, 9.1], "c": [5, 0]}, over=("n", [1, 2]))
    )
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert heights["c"] < heights["a"] < heights["b"]
    assert np.diff(sorted(heights.values())).min() >= 0.0749
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert colours == dict(zip("abc", pictures.COLOURS, strict=False))


def test_a_curve_without_theory_is_joined_and_one_with_it_is_dots():
    joined = axes_of(some_curves()).lines
    assert [line.get_linestyle() for line in joined] == ["-", "-"]
    theory = {"signal": [1, 2, 4]}
    dashed, dots, other = axes_of(some_curves(theory=theory)).lines
    assert (dashed.get_linestyle(), dots.get_linestyle()) == ("--", "None")
    assert other.get_linestyle() == "-"


def test_what_is_not_finite_leaves_the_axes_as_they_are():
    ax = axes_of(some_curves(measured={"": [1.0, math.inf, math.nan]}))
    assert np.allclose(ax.get_ylim(), (0.5, 1.5))
    band = {"": ([-math.inf] * 3, [2.0] * 3)}
    ax = axes_of(some_curves(measured={"": [1.0, 1.5, 1.2]}, band=band))
    assert ax.get_ylim()[1] < 2, "an end far away does not flatten the curve"


def test_logarithms_have_powers_and_no_empty_half():
    ax = axes_of(some_curves(measured={"": [1e-8, 1e-4, 1.0]}, log=10))
    assert ax.get_yscale() == "log"
    low, high = np.log10(ax.get_ylim())
    assert -10 < low < -8
    assert 0 < high < 2
    nothing = axes_of(some_curves(measured={"": [0.0, 0.0, 0.0]}, log=10))
    assert nothing.get_ylim() == (0.1, 10.0)


def test_powers_may_be_varied_too():
    over, measured = ("terms", [25, 100, 400]), {"": [5.0, 10.0, 20.0]}
    ax = axes_of(some_curves(over=over, measured=measured, log_over=4))
    assert ax.get_xscale() == "log"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["25", "100", "400"]


def test_names_may_be_varied_too():
    picture = some_curves(over=("start", ["zero", "He"]), measured={"": [0.1, 0.2]})
    ticks = [tick.get_text() for tick in axes_of(picture).get_xticklabels()]
    assert ticks == ["zero", "He"]
    assert "Over start zero, He: mean square goes from 0.1 to 0.2" in picture.words


def test_points_that_are_wrong_are_marked_also_where_they_have_no_place():
    wrong = {"signal": [False, True, True]}
    ax = axes_of(some_curves(measured={"signal": [1.0, 9.0, math.nan]}, wrong=wrong))
    (cross,) = (line for line in ax.lines if line.get_marker() == "x")
    (_, high), (_, lowest) = cross.get_xydata()
    assert high == 9
    assert lowest == ax.get_ylim()[0]


def test_tolerances_are_bars_from_the_top():
    picture = pictures.tolerances(["first", "second"], [0.25, math.nan], "Two hold.")
    ax = axes_of(picture)
    assert [bar.get_width() for bar in ax.patches] == [0.25, 0]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert picture.words == "Two hold."
    assert len(picture.png()) <= 25_000


@pytest.mark.parametrize("values", [[1.0, 1.0], [0.0, 0.0]])
def test_a_curve_that_is_flat_has_axes_around_it(values):
    low, high = axes_of(some_curves(over=("n", [1, 2]), measured={"": values})).get_ylim()
    assert low < values[0] < high
