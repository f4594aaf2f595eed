"""Tests of pictures of arrays: what they draw, what they say, and how they are kept."""

import base64
import io
import math

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from helpers.figures import pictures
from helpers.figures.canvas import LIMIT


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


def test_between_names_nothing_is_drawn():
    data = {"measured": {"": [0.1, 0.2]}, "band": {"": ([0.05, 0.1], [0.2, 0.4])}}
    names = axes_of(some_curves(over=("start", ["zero", "He"]), **data))
    assert [line.get_linestyle() for line in names.lines] == ["None"]
    bars = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in names.patches]
    low, high = names.get_ylim()
    expected = [(max(low, 0.05), min(high, 0.2)), (max(low, 0.1), min(high, 0.4))]
    np.testing.assert_allclose(bars, expected)
    assert not names.collections
    numbers = axes_of(some_curves(over=("depth", [1, 2]), **data))
    assert [line.get_linestyle() for line in numbers.lines] == ["-"]
    assert len(numbers.collections) == 1
    theory = {"theory": {"": [0.15, 0.3]}, "measured": data["measured"]}
    (steps,) = axes_of(some_curves(over=("start", ["zero", "He"]), **theory)).collections
    ends = [(start[1], end[1], end[0] - start[0]) for start, end in steps.get_segments()]
    np.testing.assert_allclose(ends, [(0.15, 0.15, 0.6), (0.3, 0.3, 0.6)])


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
    assert len(picture.canvas.kept()) <= 25_000


@pytest.mark.parametrize("values", [[1.0, 1.0], [0.0, 0.0]])
def test_a_curve_that_is_flat_has_axes_around_it(values):
    low, high = axes_of(some_curves(over=("n", [1, 2]), measured={"": values})).get_ylim()
    assert low < values[0] < high


LAYERS = {"layer 1": [-1.0, 0.0, 1.0, 0.5], "layer 2": [0.0, 0.0, 0.1, -0.1]}
EACH_KIND = {
    "curves": some_curves,
    "runs": lambda: pictures.runs(
        ("step", [0, 1, 2]), {"He": [[3, 2, 1], [3, 3, 3], [3, 1, 0.5]]}, title="Loss"
    ),
    "histograms": lambda: pictures.histograms({"A": [-1, 1, 1, 3], "B": [5]}, title="Signals"),
    "ridges": lambda: pictures.ridges({"activations": LAYERS}, over="h", title="Layers"),
    "on_off": lambda: pictures.on_off({"layer 1": np.eye(4) > 0}, title="ReLU is on"),
    "points": lambda: pictures.points(
        {"": [[0, 0], [1, 2], [2, 4]]}, over="z1", axis="z2", title="Two units"
    ),
    "heat_map": lambda: pictures.heat_map(
        ("depth", [3, 30]), ("start", ["zero", "He"]), [[0, 12], [0, 3]], title="Solved"
    ),
    "decision_maps": lambda: pictures.decision_maps(
        {"linear": np.full((3, 3), 0.5)}, [[0, 0], [1, 1]], [0, 1], title="Answers"
    ),
}
SAID = {
    "curves": "Two curves. Over layer 1 to 3: signal goes from 1 to 4; gradient goes from 4 to "
    "1.",
    "runs": "Loss. 3 runs each, over step 0 to 2. Medians: He, from 3 to 1.",
    "histograms": "Signals. Histograms of . A: mean 1.00, deviation 1.4; B: mean 5.00, "
    "deviation 0.",
    "ridges": "Layers. Histograms of h. activations: deviation from 0.74 in layer 1 to 0.071 "
    "in layer 2.",
    "on_off": "ReLU is on. layer 1: 25 % white, 0 units white and 0 black all the way down.",
    "points": "Two units. z2 against z1. points: correlation 1.00.",
    "heat_map": "Solved. depth 3 to 30 down, start zero, He across: from 0 in the first field "
    "to 3 in the last.",
    "decision_maps": "Answers. linear: probability of 1 from 0.5 to 0.5.",
}


@pytest.mark.parametrize("kind", EACH_KIND)
def test_each_kind_says_what_is_seen_is_small_and_can_be_noted(kind, monkeypatch):
    picture = EACH_KIND[kind]()
    assert picture.words == SAID[kind]
    assert len(picture.canvas.kept()) <= LIMIT
    monkeypatch.setenv("COURSE_BAKE", "1")
    data, _ = picture._repr_mimebundle_()
    assert "baked-picture" in data["text/html"], "no artist that the recorder does not know"


def test_where_many_lines_cross_fewer_shades_are_kept():
    steps, runs = np.arange(0, 300, 3), np.arange(1, 9)[:, None]
    groups = {f"start {k}": 0.7 * np.exp(-steps / 60 * np.sqrt(runs) / k) for k in range(1, 7)}
    picture = pictures.runs(("step", steps), groups, columns=3, guides={"ln 2": 0.69})
    assert len(picture.canvas.kept()) <= LIMIT


def test_each_curve_keeps_its_own_colour_below_bands_that_overlap():
    """Median cuts had given the first and the third of six curves one colour."""
    x = np.arange(1, 6)
    slopes = dict(zip("abcdef", (1, 0.95, 0.9, 0.1, 0.05, 0), strict=True))
    curves = {name: x**slope for name, slope in slopes.items()}
    band = {name: (y / (1 + 0.1 * x), y * (1 + 0.1 * x)) for name, y in curves.items()}
    canvas = pictures.curves(("x", x), curves, theory=curves, band=band, log=2).canvas
    drawn = canvas.pixels()[..., :3].astype(int)
    kept = np.asarray(Image.open(io.BytesIO(canvas.kept())).convert("RGB"), int)
    for colour in pictures.COLOURS:
        shades = np.rint(255 * np.array(to_rgb(colour)))
        there = (drawn == shades).all(axis=-1)
        assert there.sum() > 50
        # Of any two colours a channel differs by 60 or more.
        assert abs(kept[there] - shades).max() < 25, colour


def test_the_bold_line_is_the_median_and_guides_have_names():
    picture = pictures.runs(
        ("step", [0, 1]), {"a": [[1, 0], [2, 1], [9, 9]], "b": [[1, 1]]}, guides={"ln 2": 0.69}
    )
    first, second = picture.canvas.figure.axes
    *thin, bold, guide = first.lines
    assert len(thin) == 3
    assert list(bold.get_ydata()) == [2, 1]
    assert guide.get_ydata()[0] == 0.69
    assert first.texts[0].get_text() == "ln 2"
    assert first.get_ylim() == second.get_ylim(), "fields can be compared"


def test_fields_are_in_rows_and_none_is_left_empty():
    groups = {str(i): [[1.0, 2.0]] for i in range(5)}
    picture = pictures.runs(("step", [0, 1]), groups, columns=3)
    assert [ax.get_title("left") for ax in picture.canvas.figure.axes] == list("01234")


def test_bins_hold_shares_and_a_density_is_drawn_on_their_scale():
    values = np.linspace(0, 1, 1001)
    picture = pictures.histograms(
        {"U": values}, density={"U": np.ones_like}, bins=10, limits=(0, 2), guides={"end": 1.0}
    )
    ax = axes_of(picture)
    shares = ax.patches[0].get_data().values
    assert shares.sum() == pytest.approx(1)
    density, guide = ax.lines
    assert density.get_ydata()[0] == pytest.approx(0.2), "width of a bin"
    assert guide.get_xdata()[0] == 1


def test_what_lies_beyond_the_axis_is_counted_in_the_outermost_bin():
    ax = axes_of(pictures.histograms({"": [-5, 0.5, 5]}, bins=2, limits=(0, 1)))
    assert list(ax.patches[0].get_data().values) == pytest.approx([1 / 3, 2 / 3])


def test_ridges_stand_below_one_another_the_first_at_the_top():
    ax = axes_of(pictures.ridges({"h": LAYERS}, limits=(-1, 1)))
    names = {
        label.get_text(): place
        for label, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)
    }
    assert names["layer 1"] > names["layer 2"]
    bottoms = [patch.get_data().baseline for patch in ax.patches]
    assert bottoms == [2, 1]
    for patch in ax.patches:
        heights = patch.get_data().values - patch.get_data().baseline
        assert heights.max() == pytest.approx(0.85)


def test_the_first_row_of_a_table_is_at_the_top_and_numbers_can_be_read():
    ax = axes_of(EACH_KIND["heat_map"]())
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert {text.get_text(): text.get_color() for text in ax.texts} == {
        "0": "white",
        "12": "black",
        "3": "white",
    }


def test_a_plane_goes_beyond_its_samples_on_all_sides():
    assert pictures.reach([[0, -1], [3, 1]], room=1 / 3) == pytest.approx(
        (-1, 4, -5 / 3, 5 / 3)
    )
    image = axes_of(EACH_KIND["decision_maps"]()).images[0]
    assert image.get_extent() == pytest.approx([-1 / 3, 4 / 3, -1 / 3, 4 / 3])
    assert image.origin == "lower"


def test_lines_to_compare_with_are_named():
    picture = pictures.points({"": [[0, 0], [1, 2]]}, lines={"equal": ([0, 1], [0, 1])})
    (name,) = axes_of(picture).texts
    assert name.get_text() == "equal"


def test_lines_to_compare_with_are_named_at_the_height_of_their_ends():
    level = {"signal": ([0, 0], [-3, 3]), "gradient": ([-3, 3], [0, 0])}
    ax = axes_of(pictures.points({"": [[-3, 3], [3, -3]]}, lines=level))
    for name, end in zip(ax.texts, ((3, 0), (0, 3)), strict=True):  # from the lowest up
        height = ax.transAxes.inverted().transform(ax.transData.transform(end))[1]
        assert name.get_position()[1] == pytest.approx(height, abs=1e-6), name.get_text()


def test_guides_are_named_on_the_left_where_that_is_asked_for():
    """On the right curves may end on them."""
    sides = {}
    for left in (False, True):
        picture = pictures.curves(
            ("n", [1, 2]), {"": [1, 1]}, guides={"one": 1}, names_left=left
        )
        (name,) = axes_of(picture).texts
        sides[left] = name.get_position()[0], name.get_ha()
    assert sides == {False: (0.995, "right"), True: (0.005, "left")}


def test_squares_stay_where_they_are_when_a_picture_is_drawn_again():
    """A deck notes a picture after it has been painted for the notebook."""
    picture = EACH_KIND["decision_maps"]()
    ax = axes_of(picture)
    before = ax.get_position().bounds
    picture.canvas.pixels()
    assert ax.get_position().bounds == before
