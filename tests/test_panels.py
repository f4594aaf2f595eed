"""Tests of the panels and of the figures that they move, at the ends and corners of sliders."""

import asyncio
import base64
import html
import io
import json
import math
import re
from functools import cache
from itertools import product
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from PIL import Image

from helpers.figures import SumOfInputs
from helpers.figures.canvas import Canvas
from helpers.panels import MAX_BAKED_FRAMES, PANELS, Panel
from helpers.panels.baked import Choice
from helpers.panels.baked import page as baked_page


@pytest.fixture(scope="module", params=PANELS, ids=lambda make: make.__name__)
def panel(request, let_go):
    """Return a panel that computes what it shows at some settings once for all tests."""
    panel = request.param()
    panel.compute = cache(panel.compute)
    yield panel
    let_go()


def ends(control):
    """Return the extreme values of a slider, or all options of a menu."""
    if isinstance(control, widgets.FloatLogSlider):  # its ends are exponents
        return [control.base**control.min, control.base**control.max]
    return list(getattr(control, "options", None) or (control.min, control.max))


def settings_to_try(panel):
    """Return settings at the ends of every control and at all corners of the sliders."""
    sliders = [n for n, control in panel.controls.items() if hasattr(control, "max")]
    corners = product(*(ends(panel.controls[name]) for name in sliders if name != "seed"))
    changes = [dict(zip(sliders, corner, strict=False)) for corner in corners]
    changes += [{name: v} for name, control in panel.controls.items() for v in ends(control)]
    settings = [{**panel.settings, **change} for change in changes]
    return [one for i, one in enumerate(settings) if one not in settings[:i]]


class Corner(NamedTuple):
    """What is to be known of a panel at some settings; its pixels would fill gigabytes."""

    settings: dict
    words: str
    blank: bool  # of ten colours at most
    wrong_pixels: int  # other than in a full draw
    cut_off: list


@pytest.fixture(scope="module")
def corners(panel):
    """Return what a panel shows at all settings that are tried: slow, so done once."""
    return [corner(panel, settings) for settings in settings_to_try(panel)]


def corner(panel, settings):
    canvas = panel.figure.canvas
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas, "png", canvas.pixels)
        pixels, words = panel.frame(settings)
    painted = pixels.copy()
    blank = Image.fromarray(painted).getcolors(10) is not None
    wrong = painted.view(np.uint32) != full_draw(canvas).view(np.uint32)
    return Corner(settings, words, blank, np.count_nonzero(wrong), cut_off(canvas.figure))


def full_draw(canvas):
    """Draw a canvas's figure as matplotlib does by itself."""
    for artist in canvas.moving:
        artist.set_animated(False)
    canvas.figure.canvas.draw()
    for artist in canvas.moving:
        artist.set_animated(True)
    return np.asarray(canvas.figure.canvas.buffer_rgba())


def cut_off(figure):
    """Return the texts of a figure that do not lie inside it."""
    width, height = figure.canvas.get_width_height()
    texts = []
    for ax in figure.axes:
        texts += [ax.title, *ax.texts]
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
            texts += [axis.label, *(t for x, t in ticks if limits[0] <= x <= limits[1])]
    boxes = {text.get_text(): text.get_window_extent().extents for text in texts}
    return [
        words
        for words, (left, bottom, right, top) in boxes.items()
        if words and not (left >= 0 and bottom >= 0 and right <= width and top <= height)
    ]


def test_every_corner_is_drawn(corners):
    for corner in corners:
        assert not corner.blank, corner.settings


def test_every_corner_is_put_in_words(corners):
    for corner in corners:
        assert corner.words.endswith(".")
        assert not re.search(r"\bnan\b|\binf\b", corner.words), corner.words


def test_painting_the_moving_parts_equals_a_full_draw(corners):
    for corner in corners:
        assert corner.wrong_pixels == 0, corner.settings


def test_no_text_is_cut_off(corners):
    for corner in corners:
        assert corner.cut_off == [], corner.settings


def test_the_same_settings_give_the_same_picture(panel, corners, monkeypatch):
    """Computed anew each time."""
    monkeypatch.setattr(panel, "compute", panel.compute.__wrapped__)
    first = panel.frame(corners[0].settings)
    panel.frame(corners[-1].settings)
    assert panel.frame(corners[0].settings) == first


def test_moving_a_control_redraws_picture_and_words(panel):
    for control in panel.controls.values():
        before = control.value
        seen = set()
        for value in ends(control):
            control.value = value
            seen.add((panel.png, panel.words))
            alt, source = re.search(r'alt="(.*?)" src="(.*?)"', panel.picture.value).groups()
            assert alt
            assert base64.b64decode(source.partition(",")[2]) == panel.png
        assert len(seen) == len(ends(control))
        control.value = before


def test_the_saved_output_has_the_widget_a_picture_and_its_words(panel):
    """IPython asks a widget of ipywidgets 7 in another way than one of 8."""
    data, metadata = DisplayFormatter().format(panel)
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view == {"version_major": 2, "version_minor": 0, "model_id": panel.model_id}
    assert base64.b64decode(data["image/png"]) == panel.png
    assert data["text/plain"] == metadata["image/png"]["alt"] == panel.words


def baked(panel):
    """Return what a panel shows on a page without a kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_BAKE", "1")
        data, _ = panel._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}, "and no widget"
    return data["text/html"]


def frames(page):
    """Return the pictures of a baked panel as addresses, and their words."""
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    return data["sources"], data["words"]


def test_what_a_panel_bakes_is_within_the_budget_and_holds_what_it_opens_on(panel):
    assert math.prod(map(len, panel.bake.values())) <= MAX_BAKED_FRAMES
    for name, values in panel.bake.items():
        assert len(set(values)) == len(values) >= 2
        assert panel.controls[name].value in values


@pytest.fixture(scope="module")
def page_of_one_control(panel):
    """Return a panel's page with a frame for each value of its first control."""
    name, values = next(iter(panel.bake.items()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel, "bake", {name: values})
        return baked(panel)


def first_picture(page, panel):
    """Return the baked picture of a panel's own settings."""
    sources, words = frames(page)
    source = sources[words.index(panel.words)]
    assert f'alt="{html.escape(panel.words)}" src="{source}"' in page
    return Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))


def test_a_baked_panel_has_a_sharp_frame_for_every_choice_and_opens_on_the_first_picture(
    panel, page_of_one_control
):
    """Of its first control; the tests of decks move them all."""
    sources, words = frames(page_of_one_control)
    values = next(iter(panel.bake.values()))
    assert len(set(sources)) == len(set(words)) == len(values)
    width, height = panel.figure.canvas.size
    picture = first_picture(page_of_one_control, panel)
    assert picture.size == (1.5 * width, 1.5 * height), "sharp on a projector"


def test_a_small_picture_keeps_the_colours(panel, page_of_one_control):
    def colours(image):
        image = image.convert("RGB")
        counts, colours = zip(*image.getcolors(image.width * image.height), strict=True)
        return np.array(colours, int), np.array(counts)

    large, counts = colours(Image.open(io.BytesIO(panel.png)))
    small, _ = colours(first_picture(page_of_one_control, panel))
    areas = large[counts >= 20]  # lines and areas, not the edges of letters
    apart = np.abs(areas[:, None] - small).max(axis=2).min(axis=1)
    assert apart.max() < 32


def test_a_small_picture_keeps_a_bright_line_of_few_pixels():
    """Beside more greys than a small picture has colours."""
    figure = Figure((4, 2), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.imshow(np.linspace(0, 1, 400)[None], cmap="gray", aspect="auto")
    ax.axhline(0, color="#ff0000", lw=1)
    image = Image.open(io.BytesIO(Canvas(figure, []).webp())).convert("RGB")
    colours = np.array([colour for _, colour in image.getcolors(10**6)], int)
    assert len(colours) <= 64
    assert np.abs(colours - [255, 0, 0]).max(axis=1).min() < 32


def test_baking_leaves_the_live_panel_as_it_was(plain):
    before = plain.frame(plain.settings)
    baked(plain)
    assert plain.frame(plain.settings) == before


class Plain:
    """A figure of one number, to test the mechanism alone."""

    def __init__(self):
        self.drawn = []
        self.figure = SumOfInputs()
        self.canvas = self.figure.canvas

    def update(self, n):
        """Fail on 13, and remember every other number."""
        if n == 13:
            raise ZeroDivisionError("13 <is> unlucky")
        self.drawn.append(n)
        return f"It shows {n}."


@pytest.fixture
def plain():
    control = widgets.IntSlider(1, 0, 99, description="n")
    return Panel(Plain(), lambda n: {"n": n}, {"n": control}, {"n": (1, 2)})


def test_a_burst_of_changes_costs_one_redraw_and_the_last_value_wins(plain):
    async def burst():
        for n in range(2, 50):
            plain.controls["n"].value = n
        await plain._task

    asyncio.run(burst())
    assert plain.figure.drawn == [1, 49]
    assert plain.words.startswith("It shows 49.")


def test_a_change_during_a_redraw_is_drawn_after_it(plain):
    update = plain.figure.update

    def change_once(n):
        if n == 2:
            plain.controls["n"].value = 3
        return update(n)

    async def run():
        plain.figure.update = change_once
        plain.controls["n"].value = 2
        await plain._task

    asyncio.run(run())
    assert plain.figure.drawn == [1, 2, 3]


def test_an_error_is_shown_and_the_panel_goes_on(plain):
    async def run(n):
        plain.controls["n"].value = n
        await plain._task

    asyncio.run(run(13))
    assert 'role="alert"' in plain.picture.value
    assert "ZeroDivisionError: 13 &lt;is&gt; unlucky" in plain.picture.value
    asyncio.run(run(14))
    assert "It shows 14." in plain.picture.value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (range(1, 62), "at most 60 frames; got 61"),
        ((2, 3), "at least 2 values, among them 1; got"),
        ((1,), "at least 2 values, among them 1; got"),
    ],
)
def test_what_cannot_be_baked_is_an_error(values, message):
    control = widgets.IntSlider(1, 0, 99, description="n")
    panel = Panel(Plain(), lambda n: {"n": n}, {"n": control}, {"n": tuple(values)})
    with pytest.raises(ValueError, match=message):
        baked(panel)


@pytest.fixture
def page():
    """Return a page of made-up pictures and a slider, buttons and names to be escaped."""
    choices = [
        Choice("<n>", ["1", "2", "3"], start=1, buttons=False),
        Choice("phi", ["tanh", "<relu>"], start=0, buttons=True),
    ]
    pictures = [(bytes([i]), f"<b>{i}</b></script>") for i in range(6)]
    return baked_page(choices, pictures, (90, 40), "Here with x: 1 & 2.")


def test_a_baked_panel_says_at_what_the_other_controls_are_held():
    controls = {
        "n": widgets.IntSlider(1, 0, 99, description="n"),
        "m": widgets.FloatSlider(0.5, min=0, max=1, description="the other"),
    }
    panel = Panel(Plain(), lambda n, m: {"n": n}, controls, {"n": (1, 2)})
    assert "<p>Here with the other: 0.5.</p>" in baked(panel)
    assert panel.words == "It shows 1. Settings: n 1; the other 0.5."


def test_a_baked_page_escapes_what_it_is_given(page):
    assert "<b>" not in page
    assert page.count("</script>") == 2, "no words end a script"
    assert "<relu>" not in page
    assert "x: 1 &amp; 2." in page
    assert frames(page)[1] == [f"<b>{i}</b></script>" for i in range(6)]


def test_a_baked_page_opens_on_the_first_picture_of_its_choices(page):
    """The last choice changes fastest: values 1 of 3 and 0 of 2 are picture 2."""
    assert 'alt="&lt;b&gt;2&lt;/b&gt;&lt;/script&gt;" src="data:image/webp;base64,Ag=="' in page


def test_a_baked_page_fetches_nothing(page):
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "://" not in page
