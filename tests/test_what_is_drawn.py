"""What a legend promises: the curve that looks like its entry carries the data of that name.

A row is a figure, one of its data in `made_up.py`, the axes, the entry of the legend, and from
the data what the curve must show, as (x, y) or y alone.
"""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from helpers.figures.zero import truth_tables
from helpers.inspection.judge import Row
from tests.made_up import DATA, MADE

log = np.log10
CARRIES = [
    *(
        ("ScaleInDepth", "vanishes and explodes", axes, entry, values)
        for axes, name in enumerate(("signal", "gradient", "saturated"))
        for entry, values in (
            ("this network", lambda d, name=name: d[name][:, 0]),
            ("wide layers", lambda d, name=name: d[f"{name}_theory"]),
        )
    ),
    ("NetworksVote", "two", 1, "1000 votes", lambda d: (d["counts"], d["wrong"])),
    ("NetworksVote", "two", 1, "theory", lambda d: (d["counts"], d["theory"])),
    ("SignalInDepth", "below", 0, "measured", lambda d: d["measured"]),
    ("SignalInDepth", "below", 0, "wide layers", lambda d: d["theory"]),
    ("SignalInDepth", "below", 1, "measured", lambda d: d["gradient"]),
    ("SignalInDepth", "below", 1, "wide layers", lambda d: d["gradient_theory"]),
    ("RectifiersInDepth", "usual", 0, "inactive, on one sample", lambda d: d["inactive"]),
    ("RectifiersInDepth", "usual", 0, "dead, on the whole batch", lambda d: d["dead"]),
    ("RectifiersInDepth", "usual", 1, "measured", lambda d: d["cosine"]),
    ("RectifiersInDepth", "usual", 1, "wide layers, bias 0", lambda d: d["predicted_cosine"]),
    *(
        ("ForwardAndBackward", "made up", way, mode, values)
        for way in (0, 1)
        for mode in ("fan_in", "fan_avg", "geometric", "fan_out")
        for values in (lambda d, way=way, mode=mode: np.log2(d["measured"][mode][way]),)
    ),
    ("TrainingRun", "all train", 0, "median", lambda d: log([0.8, 0.5, 0.2])),
    ("TrainingRun", "one overflows", 0, "overflow", lambda d: log([0.9])),
    ("TrainingRun", "all train", 2, "signal E[h²]", lambda d: log(d["layers"]["signal"])),
    ("TrainingRun", "all train", 2, "gradient E[δ²]", lambda d: log(d["layers"]["gradient"])),
    ("LengthMap", "chaotic", 0, "no change", lambda d: ([0, 4], [0, 4])),
    (
        *("LengthMap", "chaotic", 0, "length map"),
        lambda d: (np.linspace(0, 4, 101), d["curve"](np.linspace(0, 4, 101))),
    ),
    (
        *("LengthMap", "chaotic", 0, "layers"),
        lambda d: ([3, 3, 1, 1, 2, 2, 2.4], [0, 1, 1, 2, 2, 2.4, 2.4]),
    ),
    ("LengthMap", "chaotic", 0, "fixed point", lambda d: ([2.5], [2.5])),
    ("LengthMap", "beyond the axes", 0, "fixed point", lambda d: ([20], [20])),
    ("LengthMap", "without bound", 0, "fixed point", lambda d: ([], [])),
    ("LengthMap", "chaotic", 2, "signal z", lambda d: (range(4), log(d["measured"][0]))),
    ("LengthMap", "chaotic", 2, "gradient δ", lambda d: (range(1, 4), log(d["measured"][1]))),
    ("CorrelationMap", "alike", 0, "correlation map", lambda d: d["curve"]),
    ("CorrelationMap", "alike", 0, "no change", lambda d: ([0, 1], [0, 1])),
    (
        *("CorrelationMap", "alike", 0, "layers"),
        lambda d: (
            [0.5, 0.5, 0.9, 0.9, 0.98, 0.98, 0.996],
            [0, 0.9, 0.9, 0.98, 0.98, 0.996, 0.996],
        ),
    ),
    ("CorrelationMap", "alike", 1, "a network", lambda d: log(d["measured"][:, 0])),
    ("CorrelationMap", "alike", 1, "map", lambda d: log(d["distances"])),
    *(
        (
            "CorrelationMap",
            "alike",
            2,
            entry,
            lambda d, i=i: (d["scales"][i][0], log(d["scales"][i][1])),
        )
        for i, entry in ((0, "become alike"), (1, "keep apart"))
    ),
    ("CorrelationMap", "alike", 2, "critical line", lambda d: ([1.5, 1.5], [-1, 3])),
    *(
        (
            *("Spectra", "linear", 0, name),
            lambda d, name=name: ((np.arange(4) + 0.5) / 4, log(d["spectra"][name])),
        )
        for name in ("Gaussian", "orthogonal")
    ),
    (
        *("Spectra", "linear", 0, "wide layers, Gaussian, linear"),
        lambda d: ((np.arange(4) + 0.5) / 4, log(d["wide"])),
    ),
    *(
        ("Spectra", "linear", 1, name, lambda d, name=name: (range(1, 4), d["shares"][name]))
        for name in ("Gaussian", "orthogonal")
    ),
    *(
        (
            *("ModelInDepth", "few", axes, entry),
            lambda d, name=name, f=f: f([getattr(row, name) for row in d["rows"]]),
        )
        for axes, entry, name, f in (
            (0, "E[z²]", "preactivation", log),
            (0, "E[h²], activated", "activated", log),
            (1, "E[δ²]", "gradient", log),
            (2, "saturated", "saturated", np.array),
            (2, "inactive", "inactive", np.array),
            (2, "dead on the batch", "dead", np.array),
        )
    ),
    *(
        (
            *("DefaultsInDepth", "three layers", axes, entry),
            lambda d, start=start, name=name, f=f: f(d["curves"][start][name]),
        )
        for entry, start in (
            ("PyTorch's Linear", "PyTorch"),
            ("Keras's Dense", "Keras"),
            ("He's uniform", "He"),
        )
        for axes, name, f in ((0, "signal", log), (1, "gradient", log), (2, "cosine", np.array))
    ),
    ("StreamInDepth", "doubles", 0, "network", lambda d: np.log2(d["measured"][0])),
    ("StreamInDepth", "doubles", 0, "wide", lambda d: np.log2(d["theory"][0])),
    ("StreamInDepth", "doubles", 1, "network", lambda d: np.log2(d["measured"][1])),
    ("StreamInDepth", "doubles", 1, "wide", lambda d: np.log2(d["theory"][1])),
    *(
        (
            *("FirstStep", "by gradient", 0, name),
            lambda d, name=name: ([2, 4, 6], log(d["changes"][name])),
        )
        for name in ("1/√L in the weights", "last layer 0", "post-norm")
    ),
    *(
        (
            *("FirstStep", "by gradient", 1, name),
            lambda d, name=name: ([2, 4, 6], d["losses"][name]),
        )
        for name in ("1/√L in front", "Fixup", "DeepNorm")
    ),
    (
        *("AttentionAndFirstLoss", "unscaled", 0, "shares"),
        lambda d: ([1, 2, 3], log(d["shares"][:3])),
    ),
    *(
        (
            *("AttentionAndFirstLoss", "unscaled", 1, f"scores × {name}"),
            lambda d, name=name: ([2, 4], d["entropies"][1][name]),
        )
        for name in ("1", "1/√d_k", "1/d_k")
    ),
    *(
        (
            *("AttentionAndFirstLoss", "unscaled", 2, entry),
            lambda d, name=name: (log(d["stds"]), log(d["losses"][name])),
        )
        for entry, name in (("own output layer", "own"), ("tied", "tied"))
    ),
]


def look(line):
    """Return the colour, style and marker by which a reader knows a curve."""
    return to_rgba(line.get_color()), line.get_linestyle(), line.get_marker()


def entries(figure):
    """Return from what a legend says to the curve or area beside it, in all legends."""
    found = {}
    for i, ax in enumerate(figure.canvas.figure.axes):
        if legend := ax.get_legend():
            handles = zip(legend.texts, legend.legend_handles, strict=True)
            found[i] = {text.get_text(): handle for text, handle in handles}
    return found


def curve(figure, axes, entry):
    """Return the x and y of the only curve of some axes that looks as an entry says."""
    legends = entries(figure)
    own = legends.get(axes) or next(iter(legends.values()))
    lines = figure.canvas.figure.axes[axes].lines
    alike = [line for line in lines if look(line) == look(own[entry])]
    assert len(alike) == 1, f"{len(alike)} curves look like {entry!r}"
    return alike[0].get_data()


@pytest.mark.parametrize(
    ("name", "case", "axes", "entry", "values"),
    [pytest.param(*row, id=f"{row[0]}: {row[2]}, {row[3]}") for row in CARRIES],
)
def test_a_curve_carries_what_the_legend_says(name, case, axes, entry, values):
    figure, data = MADE[name](), DATA[name][case]
    figure.update(**data)
    expected = values(data)
    x, y = curve(figure, axes, entry)
    if isinstance(expected, tuple):
        np.testing.assert_allclose(x, expected[0])
        expected = expected[1]
    np.testing.assert_allclose(y, expected)


def vertices(area):
    """Return x, lowest and highest y of an area between two curves."""
    points = np.concatenate([path.vertices for path in area.get_paths()])
    x = np.unique(points[:, 0])
    return (
        x,
        [points[points[:, 0] == at, 1].min() for at in x],
        [points[points[:, 0] == at, 1].max() for at in x],
    )


BANDS = [
    *(
        ("ScaleInDepth", axes, lambda d, name=name: (d[name].min(axis=1), d[name].max(axis=1)))
        for axes, name in enumerate(("signal", "gradient", "saturated"))
    ),
    ("SignalInDepth", 0, lambda d: (d["low"], d["high"])),
    # 0.0002 is below what is drawn.
    ("TrainingRun", 0, lambda d: (log([0.7, 0.001, 0.03]), log([0.9, 0.6, 0.4]))),
]


@pytest.mark.parametrize(("name", "axes", "ends"), BANDS)
def test_a_band_goes_from_the_lowest_to_the_highest(name, axes, ends):
    figure, data = MADE[name](), next(iter(DATA[name].values()))
    figure.update(**data)
    _, low, high = vertices(figure.canvas.figure.axes[axes].collections[0])
    np.testing.assert_allclose((low, high), ends(data))


def test_dashed_lines_of_lesson_4_are_theory_beside_the_dots_of_their_mode():
    figure, (data,) = MADE["ForwardAndBackward"](), DATA["ForwardAndBackward"].values()
    figure.update(**data)
    for way, ax in enumerate(figure.canvas.figure.axes):
        dots = {to_rgba(e.get_color()): name for name, e in entries(figure)[way].items()}
        for line in ax.lines:
            if line.get_linestyle() == "--":
                mode = dots[to_rgba(line.get_color())]
                np.testing.assert_allclose(line.get_ydata(), np.log2(data["theory"][mode][way]))


def test_dashed_lines_of_lesson_7_are_theory_in_the_colour_of_what_it_predicts():
    figure, data = MADE["LengthMap"](), DATA["LengthMap"]["chaotic"]
    figure.update(**data)
    shown = entries(figure)[2]
    assert shown["wide layers"].get_linestyle() == "--"
    ax = figure.canvas.figure.axes[2]
    dashed = {
        to_rgba(line.get_color()): line for line in ax.lines if line.get_linestyle() == "--"
    }
    for i, entry in enumerate(("signal z", "gradient δ")):
        line = dashed[to_rgba(shown[entry].get_color())]
        np.testing.assert_allclose(line.get_ydata(), log(data["theory"][i]))


def test_the_ring_and_the_critical_line_of_lesson_7_are_where_the_weights_are():
    figure, data = MADE["LengthMap"](), DATA["LengthMap"]["chaotic"]
    figure.update(**data)
    critical, ring = figure.canvas.figure.axes[1].lines
    np.testing.assert_allclose(critical.get_data(), data["critical"])
    np.testing.assert_allclose(np.ravel(ring.get_data()), data["sigmas"])


def test_the_tangent_of_lesson_7_has_the_slope_of_the_map_and_touches_it():
    """At the end where inputs become alike, at the start where near ones part, or nowhere."""

    def tangent(case):
        figure = MADE["CorrelationMap"]()
        figure.update(**DATA["CorrelationMap"][case])
        (name,) = (text for text in entries(figure)[1] if "xi" in text)
        look = to_rgba(entries(figure)[1][name].get_color())
        ax = figure.canvas.figure.axes[1]
        (line,) = (line for line in ax.lines if to_rgba(line.get_color()) == look)
        return line.get_xdata(), line.get_ydata()

    x, y = tangent("alike")
    assert (x[-1], y[-1]) == (3, log(0.004))
    assert np.diff(y) == pytest.approx(log(0.2))
    x, y = tangent("apart")
    assert (x[0], y[0]) == (0, -2)
    assert np.diff(y) == pytest.approx(log(5))
    for case in ("apart, from afar", "on the line", "silent"):
        assert len(tangent(case)[0]) == 0


@pytest.mark.parametrize(
    ("case", "place"),
    [
        ("alike", [[1], [-log(np.log(5))]]),
        ("apart", [[2], [-log(np.log(5))]]),
        ("silent", [[], []]),
    ],
)
def test_the_ring_of_lesson_7_lies_at_the_depth_scale_of_the_slope(case, place):
    figure = MADE["CorrelationMap"]()
    figure.update(**DATA["CorrelationMap"][case])
    np.testing.assert_allclose(figure._ring.get_data(), place)


def test_rings_of_lesson_7_lie_on_the_curves_at_the_depth():
    figure, data = MADE["Spectra"](), DATA["Spectra"]["linear"]
    figure.update(**data)
    for name, ring in figure._rings.items():
        np.testing.assert_allclose(ring.get_data(), ([2], [data["shares"][name][1]]))


def test_singular_values_that_64_bits_do_not_hold_are_not_drawn():
    figure = MADE["Spectra"]()
    figure.update(**DATA["Spectra"]["nothing left"])
    assert len(figure._dots["Gaussian"].get_xdata()) == 3
    figure.update(**DATA["Spectra"]["another activation"])
    assert [len(line.get_xdata()) for line in figure._wide] == [0, 0]


def test_saturated_areas_of_lesson_3_lie_on_both_sides():
    figure, data = MADE["OneLayer"](), DATA["OneLayer"]["tanh"]
    figure.update(**data)
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in figure._beyond]
    assert spans == [(-10, -2), (2, 10)]  # 3.5 deviations of 2.5 fit into 10
    assert (
        to_rgba(entries(figure)[1]["saturated"].get_facecolor())[:3]
        == to_rgba(figure._beyond[0].get_facecolor())[:3]
    )


@pytest.mark.parametrize("kind", ["a", "b"])
def test_bells_of_lesson_3_are_normal_and_lie_over_the_bars_of_their_kind(kind):
    figure, data = MADE["NetworksVote"](), DATA["NetworksVote"]["two"]
    figure.update(**data)
    i = "ab".index(kind)
    bell, mean = figure._bells[i], data[f"mean_{kind}"]
    x, height = bell.get_data()
    np.testing.assert_allclose(height, np.exp(-(((x - mean) / 0.4) ** 2) / 2))
    shares, edges, _ = figure._bars[i].get_data()
    # As many bars under a bell of height 1 as its area: shares add up to 1 / density at 0.
    area = np.sum(shares * np.diff(edges))
    assert area == pytest.approx(0.4 * np.sqrt(2 * np.pi))
    for value in data[kind]:
        assert shares[np.searchsorted(edges, value) - 1] > 0
    shown = entries(figure)[0][kind.upper()]
    assert to_rgba(shown.get_facecolor()) == to_rgba(figure._bars[i].get_facecolor())


def test_the_ring_of_lesson_3_is_at_the_number_of_networks():
    figure, data = MADE["NetworksVote"](), DATA["NetworksVote"]["two"]
    figure.update(**data)
    assert figure._ring.get_data() == ([2], [0.11])


@pytest.mark.parametrize("case", DATA["RidgesInDepth"])
def test_ridges_of_lesson_3_are_one_below_the_other_and_as_high_as_their_largest_bar(case):
    figure, data = MADE["RidgesInDepth"](), DATA["RidgesInDepth"][case]
    figure.update(**data)
    for side, values in enumerate((data["h"], data["delta"])):
        for row in range(4):
            heights, _, baseline = figure._ridges[4 * side + row].get_data()
            assert baseline == 3 - row
            tallest = 0.85 if row < len(values) else 0
            assert max(heights - baseline) == pytest.approx(tallest)
            assert min(heights - baseline) >= 0


def test_ridges_of_lesson_3_show_activations_as_they_are_and_gradients_beside_the_largest():
    figure, data = MADE["RidgesInDepth"](), DATA["RidgesInDepth"]["tanh"]
    figure.update(**data)

    def filled(i):
        heights, edges, baseline = figure._ridges[i].get_data()
        on = np.flatnonzero(heights > baseline)
        return edges[on[0]], edges[on[-1] + 1]

    assert filled(0) == pytest.approx((-0.9, 0.9), abs=2 / 51)
    # The largest has a root mean square of 10**0.25, and is a step between -1 and 1 here.
    assert filled(4)[0] == pytest.approx(-1, abs=6.2 / 51), "a bar is 6.1 / 51 wide"
    assert filled(6) == pytest.approx((0, 0), abs=6 / 51), "10**-3.75 of the largest"


@pytest.mark.parametrize("i", range(3))
def test_bars_of_lesson_3_are_shares_of_weights_sums_and_activations(i):
    figure, data = MADE["OneLayer"](), DATA["OneLayer"]["tanh"]
    figure.update(**data)
    values = data[("weights", "z", "h")[i]]
    shares, edges, _ = figure._bars[i].get_data()
    assert shares.sum() == pytest.approx(1)
    for value in values.ravel():
        here = np.searchsorted(edges, np.clip(value, edges[0], edges[-1]), side="left") - 1
        assert shares[max(here, 0)] >= 0.99 / values.size


def test_points_of_lesson_6_have_the_colour_that_their_class_has_in_the_picture():
    """Blue circles are class 0, and red squares class 1, as the title says."""
    figure, data = MADE["TrainingRun"](), DATA["TrainingRun"]["all train"]
    figure.update(**data)
    ax = figure.canvas.figure.axes[1]
    assert ax.get_title() == "first network: blue 0, red 1"
    for label, line in enumerate(ax.lines):
        np.testing.assert_allclose(line.get_xydata(), data["answers"]["points"][label])
        red, _, blue, _ = to_rgba(line.get_markerfacecolor())
        assert (red > blue) == (label == 1)
        red, _, blue, _ = ax.images[0].cmap(float(label))
        assert (red > blue) == (label == 1)


def test_dashed_lines_of_lesson_6_are_step_0_in_the_colour_of_what_it_was():
    figure, data = MADE["TrainingRun"](), DATA["TrainingRun"]["all train"]
    figure.update(**data)
    ax = figure.canvas.figure.axes[2]
    assert "dashed: step 0" in ax.get_title()
    dashed = {
        to_rgba(line.get_color()): line for line in ax.lines if line.get_linestyle() == "--"
    }
    shown = entries(figure)[2]
    for entry, name in (("signal E[h²]", "signal"), ("gradient E[δ²]", "gradient")):
        line = dashed[to_rgba(shown[entry].get_color())]
        np.testing.assert_allclose(line.get_ydata(), log(data["layers"]["start"][name]))


@pytest.mark.parametrize(
    ("case", "medians"),
    [
        ("beside another", [2.4, 1.5, 0.6]),
        ("beside one that is lost", [0.8, np.nan, np.nan]),  # up to where half are left
        ("all train", []),
    ],
)
def test_the_grey_line_of_lesson_6_is_the_median_of_the_run_before(case, medians):
    figure = MADE["TrainingRun"]()
    figure.update(**DATA["TrainingRun"]["beside another"])
    figure.update(**DATA["TrainingRun"][case])
    line = figure._before
    red, green, blue, _ = to_rgba(line.get_color())
    assert red == green == blue
    np.testing.assert_allclose(line.get_ydata(), log(medians))


def test_the_median_of_lesson_6_ends_where_half_of_the_networks_have_overflowed():
    figure, data = MADE["TrainingRun"](), DATA["TrainingRun"]["beyond the axes"]
    figure.update(**data)
    # At the last step one of three is left, at 1e300.
    np.testing.assert_allclose(figure._curve.get_ydata(), [9, np.log10(0.6), np.nan])


@pytest.mark.parametrize(
    ("losses", "written"),
    [
        ([0.5, 0.9], ["0.1", "0.2", "0.5", "1", "2"]),  # the guess, and a third of it
        ([0.0004, 0.9], ["0.001", "0.01", "0.1", "1"]),
        ([0.5, 1e40], [f"$10^{{{power}}}$" for power in range(0, 46, 9)]),
    ],
)
def test_the_loss_of_lesson_6_has_an_axis_on_which_it_can_be_read(losses, written):
    figure, data = MADE["TrainingRun"](), DATA["TrainingRun"]["all train"]
    loss = {**data["loss"], "losses": np.tile(losses, (3, 1)).T, "steps": np.arange(2)}
    figure.update(**{**data, "loss": loss})
    ax = figure.canvas.figure.axes[0]
    ticks = [label.get_text() for label in ax.get_yticklabels()]
    low, high = ax.get_ylim()
    assert [t for t, y in zip(ticks, ax.get_yticks(), strict=True) if low < y < high] == written


def test_paths_of_lesson_2_end_in_a_ring_for_each_unit():
    figure, data = MADE["HiddenUnits"](), DATA["HiddenUnits"]["apart"]
    figure.update(**data)
    ax, paths = figure.canvas.figure.axes[0], data["units"]["paths"]
    for i, line in enumerate(ax.lines[:2]):
        np.testing.assert_allclose(line.get_data(), paths[:, :, i].T)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), paths[-1].T)
    assert all(len(line.get_xdata()) == 0 for line in ax.lines[2:])


def test_a_ring_of_lesson_2_that_hides_others_says_how_many_they_are():
    figure, data = MADE["HiddenUnits"](), DATA["HiddenUnits"]
    figure.update(**data["two at one place"])
    texts = figure.canvas.figure.axes[0].texts
    (many,) = [text for text in texts if text.get_text().startswith("×")]
    assert many.get_text() == "×2"
    np.testing.assert_allclose(many.get_position(), (1.9, -0.6), atol=0.4)
    figure.update(**data["apart"])
    assert not any(text.get_text().startswith("×") for text in texts)


def test_points_of_lesson_2_have_the_colour_that_their_class_has_in_the_picture():
    figure, data = MADE["HiddenUnits"](), DATA["HiddenUnits"]["apart"]
    figure.update(**data)
    ax, answers = figure.canvas.figure.axes[1], data["answers"]
    assert ax.get_title() == "probability of 1: blue 0, red 1"
    assert tuple(ax.images[0].get_extent()) == answers["extent"]
    assert (*ax.get_xlim(), *ax.get_ylim()) == answers["extent"]
    for label, line in enumerate(ax.lines):
        inside = answers["labels"][:, 0] == label
        np.testing.assert_allclose(line.get_xydata(), answers["samples"][inside])
        for colour in (line.get_markerfacecolor(), ax.images[0].cmap(float(label))):
            red, _, blue, _ = to_rgba(colour)
            assert (red > blue) == (label == 1)


@pytest.mark.parametrize(("case", "marks"), [("identical", 2), ("apart", 1)])
def test_lesson_2_marks_the_losses_that_belong_to_its_data(case, marks):
    figure = MADE["HiddenUnits"]()
    figure.update(**DATA["HiddenUnits"]["two at one place"])
    figure.update(**DATA["HiddenUnits"][case])
    ax = figure.canvas.figure.axes[2]
    lines = [line for line in ax.lines if line.get_linestyle() == ":" and line.get_visible()]
    words = [text for text in ax.texts if "mark" in text.get_text() and text.get_visible()]
    assert len(lines) == len(words) == marks


@pytest.mark.parametrize("now", [0, 2])
def test_dots_at_the_ends_of_lesson_2_are_whole_and_losses_stay_inside(now):
    figure, data = MADE["HiddenUnits"](), DATA["HiddenUnits"]["of the same weights"]
    losses = {**data["losses"], "now": now, "steps": np.array([0, 2500, 5000])}
    figure.update(**{**data, "losses": losses})
    ax = figure.canvas.figure.axes[2]
    radius = figure._here.get_markersize() / 2 * figure.canvas.figure.dpi / 72
    (x, y), box = ax.transData.transform(figure._here.get_xydata()[0]), ax.bbox
    assert box.x0 + radius / 2 < x < box.x1 - radius / 2
    assert box.y0 < y < box.y1
    assert losses["losses"].max() < ax.get_ylim()[1]


def test_the_data_of_lesson_2_are_drawn_by_class_with_their_mean():
    samples = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 8.0]])
    picture = truth_tables({"few": (samples, [0, 1, 0])}, title="Some")
    zeros, ones, middle = picture.canvas.figure.axes[0].lines[-3:]
    np.testing.assert_allclose(zeros.get_xydata(), samples[[0, 2]])
    np.testing.assert_allclose(ones.get_xydata(), samples[[1]])
    np.testing.assert_allclose(middle.get_xydata(), [[2, 4]])
    assert picture.words == ("Some. few: 3 points, 1 of class 1, their mean at (2.00, 4.00).")


def test_rows_that_inspect_draws_have_all_their_numbers_apart():
    """So that the rows above see two of them swapped."""
    row = DATA["ModelInDepth"]["few"]["rows"][0]
    numbers = [getattr(row, name) for name in Row._fields[4:10]]
    assert len(set(numbers)) == len(numbers)


def test_dashed_lines_of_lesson_9_are_theory_in_the_colour_of_what_it_predicts():
    figure, data = MADE["AttentionAndFirstLoss"](), DATA["AttentionAndFirstLoss"]["unscaled"]
    figure.update(**data)
    for name, line in figure._curves.items():
        assert line.get_color() == figure._measured[name].get_color()
        np.testing.assert_allclose(
            line.get_data(), (np.log2(data["expected"][0]), data["expected"][1][name])
        )
    for dots, line, name in zip(figure._found, figure._expected, ("own", "tied"), strict=True):
        assert line.get_color() == dots.get_color()
        np.testing.assert_allclose(line.get_data(), log(data["formula"][name]))
    np.testing.assert_allclose(figure._ring.get_data(), ([4], [0.8]))
    marks = [line.get_xdata()[0] for line in figure._marks]
    np.testing.assert_allclose(marks, log([0.02, 0.0625, 1]))


@pytest.mark.parametrize("case", ["by gradient", "by sign, too far"])
def test_guides_of_lesson_9_have_their_slopes_and_start_in_the_middle(case):
    figure, data = MADE["FirstStep"](), DATA["FirstStep"][case]
    figure.update(**data)
    starts = log(np.minimum([found[0] for found in data["changes"].values()], 1e4))
    for line, slope in zip(figure._slopes, (0, 0.5, 1), strict=True):
        low, high = line.get_ydata()
        assert low == pytest.approx(np.median(starts))
        assert (high - low) / log(16) == pytest.approx(slope)


def test_losses_of_lesson_9_that_rise_far_are_drawn_at_the_top():
    figure = MADE["FirstStep"]()
    figure.update(**DATA["FirstStep"]["by sign, too far"])
    for line in figure._losses.values():
        np.testing.assert_allclose(line.get_ydata(), [1, 2, 2])


def test_shares_of_lesson_9_are_drawn_from_what_went_in():
    figure, data = MADE["StreamInDepth"](), DATA["StreamInDepth"]["doubles"]
    figure.update(**data)
    np.testing.assert_allclose(figure._shares.get_data(), (range(4), data["shares"]))
