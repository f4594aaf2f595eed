"""What a recorder notes of each kind of artist, in pixels from the top left."""

import base64
import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from helpers.figures.canvas import Canvas, legend, row_of_axes
from helpers.figures.recorder import FINE, FIXED, Recorder

WIDTH, HEIGHT = 200, 100  # of the figure; its axes are as large, from 0 to 20 and 0 to 10


def noted(draw):
    """Return the items of what `draw(ax)` returns, an artist or several."""
    figure = Figure((WIDTH / 100, HEIGHT / 100), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 20), ylim=(0, 10))
    ax.axis("off")
    artists = draw(ax)
    canvas = Canvas(figure, artists if isinstance(artists, list) else [artists])
    canvas.moving = [
        artist for artist in canvas.moving if artist.axes and artist in artists_of(ax)
    ]
    recorder = Recorder(canvas)
    (column, *items) = recorder.moving()
    assert column == ["in", 0]
    return items, recorder


def artists_of(ax):
    return [*ax.lines, *ax.collections, *ax.patches, *ax.images, *ax.texts]


def points(line):
    """Return whether a line is closed, and its vertices in pixels."""
    closed, *steps = line
    return bool(closed), np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / FINE


def test_a_line_is_noted_from_the_top_left():
    ((kind, pen, lines),), _ = noted(
        lambda ax: ax.plot([2, 10], [1, 9], color="#0072B2", lw=2)[0]
    )
    closed, vertices = points(lines[0])
    assert kind == "path"
    assert not closed
    np.testing.assert_allclose(vertices, [[20, 90], [100, 10]], atol=0.51)
    assert pen["stroke"] == [0, 114, 178, 1]
    assert pen["width"] == pytest.approx(2 * 100 / 72, abs=0.01)
    assert pen["clip"] == [0, 0, WIDTH, HEIGHT]
    assert "fill" not in pen
    assert "dash" not in pen


def test_a_gap_parts_a_line():
    y = [1.0, 2.0, math.nan, 4.0, 5.0]
    ((_, _, lines),), _ = noted(lambda ax: ax.plot(range(5), y)[0])
    assert len(lines) == 2
    np.testing.assert_allclose(points(lines[0])[1], [[0, 90], [10, 80]], atol=0.51)
    np.testing.assert_allclose(points(lines[1])[1], [[30, 60], [40, 50]], atol=0.51)


def test_a_point_by_itself_is_no_line():
    y = [1.0, 2.0, math.nan, 4.0, math.nan, 5.0, 6.0]
    ((_, _, lines),), _ = noted(lambda ax: ax.plot(range(7), y)[0])
    assert len(lines) == 2
    alone = Path([(1, 1), (1, 1)], [Path.MOVETO, Path.CLOSEPOLY])
    assert noted(lambda ax: ax.add_patch(PathPatch(alone)))[0] == []


def test_a_line_without_a_number_is_not_noted():
    assert noted(lambda ax: ax.plot([1, 2], [math.nan, math.nan])[0])[0] == []


def test_dashes_are_in_pixels():
    ((_, pen, _),), _ = noted(lambda ax: ax.plot([0, 1], [0, 1], ls=(3, (4, 2)), lw=1.5)[0])
    point = 1.5 * 100 / 72  # matplotlib counts dashes in widths of the line
    assert pen["dash"] == pytest.approx([4 * point, 2 * point], abs=0.01)
    assert pen["offset"] == pytest.approx(3 * point, abs=0.01)


def test_a_line_with_markers_is_two_items():
    items, _ = noted(lambda ax: ax.plot([2, 10], [1, 9], "o-", color="#D55E00", ms=7.2)[0])
    (_, pen, lines, spots) = items[1]
    assert [item[0] for item in items] == ["path", "marks"]
    np.testing.assert_allclose(points([0, *spots])[1], [[20.5, 90.5], [100.5, 10.5]])
    closed, around = points(lines[0])
    assert closed
    assert np.abs(around).max() == pytest.approx(5, abs=0.2)  # half of 7.2 points
    assert pen["fill"] == [213, 94, 0, 1]


def test_a_band_is_an_area_where_it_lies():
    items, _ = noted(
        lambda ax: ax.fill_between([0, 10], [2, 2], [4, 6], color="red", alpha=0.25)
    )
    ((kind, pen, lines),) = items
    assert kind == "path", "and no mark: what lies in axes may become narrower"
    _, xy = points(lines[0])
    assert xy[:, 0].min() == pytest.approx(0, abs=0.51)
    assert xy[:, 0].max() == pytest.approx(100, abs=0.51)
    assert xy[:, 1].min() == pytest.approx(40, abs=0.51)
    assert xy[:, 1].max() == pytest.approx(80, abs=0.51)
    assert pen["fill"] == [255, 0, 0, 0.25]


def test_steps_are_one_closed_area():
    draw = lambda ax: ax.stairs([1, 3], [0, 5, 10], fill=True, color="#009E73", alpha=0.7)  # noqa: E731
    ((_, pen, lines),), _ = noted(draw)
    _, vertices = points(lines[0])
    assert vertices[:, 1].min() == pytest.approx(70, abs=0.51)
    assert {0.0, 50.0, 100.0} <= set(np.round(vertices[:, 0]))
    assert pen["fill"] == [0, 158, 115, 0.7]


def test_a_scatter_keeps_sizes_and_colours():
    draw = lambda ax: ax.scatter([2, 10], [1, 9], s=[25, 100], c=["red", "blue"])  # noqa: E731
    items, _ = noted(draw)
    assert [item[0] for item in items] == ["marks", "marks"]
    assert [item[1]["fill"] for item in items] == [[255, 0, 0, 1], [0, 0, 255, 1]]
    spots = [points([0, *item[3]])[1][0] for item in items]
    np.testing.assert_allclose(spots, [[20, 90], [100, 10]], atol=0.51)
    sizes = [np.ptp(points(lines[0])[1], axis=0).max() for _, _, lines, *_ in items]
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_an_image_is_an_index_a_cell_in_its_colour_map(origin):
    cells = np.array([[0.0, 0.5], [1.0, 0.25]])
    where = {"extent": (2, 10, 1, 9), "aspect": "auto", "vmin": 0, "vmax": 1}
    draw = lambda ax: ax.imshow(cells, cmap="RdBu", origin=origin, **where)  # noqa: E731
    ((kind, place, rows, columns, palette, data),), recorder = noted(draw)
    assert (kind, rows, columns, palette) == ("image", 2, 2, "RdBu")
    assert place == pytest.approx([20, 10, 80, 80], abs=0.01)
    indexes = np.frombuffer(base64.b64decode(data), np.uint8).reshape(2, 2)
    expected = np.array([[0, 128], [255, 64]])
    np.testing.assert_array_equal(indexes, expected if origin == "upper" else expected[::-1])
    assert len(base64.b64decode(recorder.palettes["RdBu"])) == 4 * 256


def test_an_image_with_missing_cells_has_colours_of_its_own():
    cells = np.ma.masked_invalid([[0.0, np.nan]])
    ((*_, palette, data),), _ = noted(lambda ax: ax.imshow(cells, aspect="auto"))
    assert palette is None
    assert np.frombuffer(base64.b64decode(data), np.uint8).reshape(2, 4)[1, 3] == 0


@pytest.mark.parametrize("hidden", [True, False])
def test_an_image_that_shows_nothing_is_not_noted(hidden):
    def draw(ax):
        image = ax.imshow([[0.0]] if hidden else np.ma.masked_all((1, 1)))
        image.set_visible(not hidden)
        return image

    assert noted(draw)[0] == []


@pytest.mark.parametrize(("align", "x"), [("left", 100), ("center", 100), ("right", 100)])
def test_words_are_anchored_as_their_artist_is(align, x):
    """The page's own type has other widths: the anchor stays."""
    draw = lambda ax: ax.text(10, 5, "words", ha=align, va="baseline", fontsize=14.4)  # noqa: E731
    ((kind, colour, left, anchor, runs, size, weight, angle, found, below),), _ = noted(draw)
    assert (kind, runs, size, weight, angle, found) == (
        *("text", [["words", 1, 0]], 20.0, "normal", 0, align),
    )
    assert (left, anchor, anchor + below) == pytest.approx((x, 50, 50), abs=1.5)
    assert colour == [0, 0, 0, 1]


@pytest.mark.parametrize(("place", "low", "high"), [("top", 8, 20), ("bottom", -8, 0)])
def test_words_hang_on_what_they_name_by_a_length_that_stays(place, low, high):
    """A name on a line would else come to lie on it where axes become lower."""
    ((*_, y, _, _, _, _, _, below),), _ = noted(lambda ax: ax.text(10, 5, "name", va=place))
    assert y == pytest.approx(50, abs=0.1)
    assert low < below < high


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_each_of_several_lines_is_anchored_as_their_artist_is(align):
    items, _ = noted(lambda ax: ax.text(10, 5, "a long line\nshort", ha=align))
    assert [item[8] for item in items] == [align] * 2
    assert [item[2] for item in items] == pytest.approx([100, 100], abs=1.5)
    # They hang on one point, so that they stay together where axes become lower.
    assert items[0][3] == items[1][3] == pytest.approx(50, abs=0.1)
    assert items[0][9] < items[1][9] == pytest.approx(0, abs=12)


def test_exponents_are_raised_and_smaller():
    ((*_, runs, _, _, _, _, _),), _ = noted(lambda ax: ax.text(10, 5, "from $10^{-3}$ up"))
    (before, scale, rise), (power, smaller, raised), (after, *same) = runs
    assert (before.replace(" ", ""), power, after.replace(" ", "")) == ("from10", "−3", "up")
    assert (scale, rise) == (1, 0)
    assert same == [1, 0]
    assert smaller == pytest.approx(0.7, abs=0.02)
    assert 0.2 < raised < 0.6


def test_turned_words_keep_their_angle():
    ((*_, angle, _, below),), _ = noted(lambda ax: ax.text(10, 5, "up", rotation=90))
    assert (angle, below) == (90, 0)


def test_what_lies_on_a_colour_of_its_own_is_fixed():
    def draw(ax):
        return [
            ax.text(1, 1, "on a tile", gid=FIXED),
            ax.text(2, 2, "on paper"),
            ax.add_patch(Rectangle((0, 0), 1, 1, facecolor="red", gid=FIXED)),
        ]

    items, _ = noted(draw)
    by_kind = {item[4][0][0] if item[0] == "text" else item[0]: item for item in items}
    assert by_kind["on a tile"][1] == [0, 0, 0, 1, 1]
    assert by_kind["on paper"][1] == [0, 0, 0, 1]
    assert by_kind["path"][1]["fill"] == [255, 0, 0, 1, 1]


def test_what_is_cut_off_at_the_axes_is_so_on_the_page():
    figure = Figure((2, 1), dpi=100)
    line = figure.add_axes((0.1, 0.2, 0.5, 0.4)).plot([0, 1], [0, 1])[0]
    (_, (_, pen, _), *_) = Recorder(Canvas(figure, [line])).moving()
    assert pen["clip"] == [20, 40, 100, 40], "left, top, width and height"


def test_a_picture_that_does_not_move_is_noted_as_it_is_drawn():
    figure = Figure((2, 1), dpi=100)
    ax = figure.add_axes((0.1, 0.2, 0.5, 0.4))
    ax.imshow([[0.0, 1.0]], aspect="auto", cmap="gray")
    (item,) = [i for i in Recorder(Canvas(figure, [])).still() if i[0] == "image"]
    _, place, rows, columns, palette, data = item
    assert place == [20, 40, 100, 40]
    assert (rows, columns, palette) == (40, 100, None)
    pixels = np.frombuffer(base64.b64decode(data), np.uint8).reshape(40, 100, 4)
    assert (pixels[:, 0, :3] == 0).all()
    assert (pixels[:, -1, :3] == 255).all()


def test_to_note_what_does_not_move_leaves_a_hidden_image_hidden():
    figure = Figure((2, 1), dpi=100)
    image = figure.add_subplot().imshow([[0.0]])
    image.set_visible(False)
    Recorder(Canvas(figure, [image])).still()
    assert not image.get_visible()


def test_what_does_not_move_is_noted_apart():
    figure = Figure((2, 1), dpi=100)
    ax = figure.add_subplot()
    ax.set_title("title")
    line = ax.plot([0, 1], [0, 1], color="red")[0]
    image = ax.imshow([[0.0, 1.0]], extent=(0, 1, 0, 1), aspect="auto")
    recorder = Recorder(Canvas(figure, [line, image]))
    still = recorder.still()
    assert image.get_visible()
    words = [run[0] for item in still if item[0] == "text" for run in item[4]]
    assert "title" in words
    assert not any(item[0] == "image" for item in still)
    strokes = [item[1].get("stroke") for item in still if item[0] == "path"]
    assert [255, 0, 0, 1] not in strokes
    moving = recorder.moving()
    assert [255, 0, 0, 1] in [item[1].get("stroke") for item in moving if item[0] == "path"]
    assert any(item[0] == "image" for item in moving)


def two_axes():
    figure, axes = row_of_axes((6, 2), 2, left=0.1, right=0.9, bottom=0.2, top=0.9, wspace=0.25)
    lines = [ax.plot([0, 1], [0, 1])[0] for ax in axes]
    return figure, axes, lines


def kinds(items, column):
    """Return the kinds of the items that belong to a column."""
    found, now = [], None
    for kind, *rest in items:
        if kind == "in":
            (now,) = rest
        elif now == column:
            found.append(kind)
    return found


def test_every_item_belongs_to_the_column_of_its_axes():
    figure, _, lines = two_axes()
    recorder = Recorder(Canvas(figure, lines))
    (a, b), (c, d) = recorder.columns
    assert (a, d) == (60, 540)
    assert b - a == d - c == pytest.approx(480 / 2.25, abs=1)
    for items in (recorder.still(), recorder.moving()):
        assert items[0][0] == "in", "nothing comes before the first column"
        assert kinds(items, 0) == kinds(items, 1)
        assert len(kinds(items, 0)) > 4


def test_axes_above_one_another_share_a_column():
    figure = Figure((4, 2), dpi=100)
    figure.add_axes((0.5, 0.1, 0.4, 0.8))
    figure.add_axes((0.1, 0.1, 0.3, 0.8))
    figure.add_axes((0.6, 0.2, 0.35, 0.1))
    recorder = Recorder(Canvas(figure, []))
    assert recorder.columns == [[40, 160], [200, 380]]
    assert [item[1] for item in recorder.still() if item[0] == "in"] == [1, 0, 1]
    assert recorder.rows == [[20, 180]]


@pytest.mark.parametrize(
    ("place", "x", "y"),
    [("upper left", 40, 20), ("upper right", 360, 20), ("lower center", 200, 180)],
)
def test_a_legend_keeps_its_size_and_stays_at_its_side(place, x, y):
    kept, _ = legend_of(lambda ax, line: legend(ax, [line], ["a line"], place))
    assert kept[1:3] == pytest.approx([x, y], abs=12)


@pytest.mark.parametrize("framed", [True, False])
def test_entries_of_a_legend_begin_with_what_is_left_of_their_words(framed):
    """After the frame around all of them, if it has one."""

    def draw(ax, line):
        ax.legend([line, line], ["a", "b"], fontsize=10, frameon=framed)

    (_, _, _, before, has_frame), items = legend_of(draw)
    assert has_frame == framed
    (frame, items) = (items[0], items[1:]) if framed else (None, items)
    assert [item[0] for item in items] == ["path", "text"] * 2
    for (_, _, lines), text in zip(items[::2], items[1::2], strict=True):
        left, top = points(lines[0])[1].min(axis=0)
        assert text[2] - left == pytest.approx(before, abs=1)
        if framed:
            assert (points(frame[2][0])[1].min(axis=0) < [left, top]).all()


def legend_of(draw):
    """Return the item that begins the legend that `draw(ax, line)` adds, and its items."""
    figure, (ax,) = row_of_axes((4, 2), 1, left=0.1, right=0.9, bottom=0.1, top=0.9)
    (line,) = ax.plot([0, 1], [0, 1])
    draw(ax, line)
    items = Recorder(Canvas(figure, [line])).still()
    start, end = (i for i, item in enumerate(items) if item[0] == "keep")
    assert items[end] == ["keep"]
    return items[start], items[start + 1 : end]


def test_to_note_what_does_not_move_leaves_a_moving_title_in_its_place():
    figure, (ax,) = row_of_axes((4, 2), 1, left=0.1, right=0.9, bottom=0.2, top=0.8)
    title = ax.set_title("a title")
    recorder = Recorder(Canvas(figure, [title]))
    figure.canvas.draw()
    before = title.get_window_extent().extents
    recorder.still()
    np.testing.assert_allclose(title.get_window_extent().extents, before)
    figure.canvas.draw()
    np.testing.assert_allclose(title.get_window_extent().extents, before)
