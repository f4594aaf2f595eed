"""Tests of the panels and of the figures that they move, at the ends and corners of sliders."""

import asyncio
import base64
import html
import io
import json
import math
import re
import zlib
from functools import cache
from itertools import product
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from helpers.figures import SumOfInputs
from helpers.figures.baked import Album, Choice
from helpers.figures.baked import page as baked_page
from helpers.figures.canvas import LIMIT
from helpers.figures.recorder import Recorder
from helpers.panels import PANELS, Panel, depth_panel, scale_panel
from helpers.panels import panel as panel_module


@pytest.fixture(scope="module", params=PANELS, ids=lambda make: make.__name__)
def panel(request, let_go):
    """Return a panel that computes what it shows at some settings once for all tests."""
    panel = request.param()
    panel.make, panel.compute = request.param, cache(panel.compute)
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
    blank = Image.fromarray(pixels).getcolors(10) is not None
    return Corner(settings, words, blank, cut_off(canvas.figure))


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
    saved = base64.b64decode(data["image/png"])
    assert len(saved) <= LIMIT
    colours = [
        np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)
        for png in (saved, panel.png)
    ]
    assert abs(colours[0] - colours[1]).mean() < 2, "in fewer colours"
    assert data["text/plain"] == metadata["image/png"]["alt"] == panel.words


def alone(panel):
    """Draw a panel as when it opened: a run beside no run before."""
    panel.before = panel._ended = None
    panel.redraw()


def test_a_page_that_can_paint_shows_lists_in_place_of_pictures(panel):
    alone(panel)
    words, shown = panel.words, panel.picture.value
    assert panel.painted.moving == "", "nothing is noted for a page that has not asked"
    panel.painted.runs = True
    assert visible(panel) == [panel.painted]
    assert panel.picture.value == ""
    assert panel.painted.words == words
    recorder = Recorder(panel.figure.canvas)
    assert json.loads(panel.painted.moving) == json.loads(json.dumps(recorder.moving()))
    assert json.loads(panel.painted.still) == json.loads(json.dumps(recorder.still()))
    assert panel.painted.columns == recorder.columns
    control = next(iter(panel.controls.values()))
    before, seen = control.value, set()
    for value in ends(control):
        control.value = value
        assert panel.painted.words == panel.words
        seen.add((panel.painted.moving, panel.words))
    assert len(seen) == len(ends(control))
    control.value = before
    alone(panel)
    data, _ = panel._repr_mimebundle_()
    assert f'alt="{html.escape(data["text/plain"])}"' in shown, "saved is a picture"
    assert data["image/png"]
    panel.painted.runs = False
    assert visible(panel) == [panel.picture]
    assert panel.picture.value == shown


def visible(panel):
    """Return what a panel shows below its controls."""
    parts = [(panel.picture, panel.picture.layout), (panel.painted, panel._hidden.layout)]
    return [part for part, layout in parts if layout.display != "none"]


def test_a_panel_opens_at_given_settings_and_goes_back_to_them(panel):
    name, control = next(iter(panel.controls.items()))
    first, *_, last = ends(control)
    opened = panel.make(**{name: last})
    shown = panel_module._read(control, last)
    assert opened.settings == opened.opening == {**panel.settings, name: shown}
    assert f"{control.description} {panel_module._label(shown)}" in opened.words
    opened.controls[name].value = first
    opened.reset_button.click()
    assert opened.settings == opened.opening


@pytest.mark.parametrize(
    ("opening", "error", "message"),
    [
        ({"gains": 1.0}, TypeError, "settings of gain, depth, width, leak, seed; got 'gains'"),
        ({"gain": 7}, ValueError, r"gain must be a number from 0\.5 to 2\.144; got 7"),
        ({"gain": "1"}, ValueError, "gain must be a number from 0.5 to 2.144; got '1'"),
        ({"gain": True}, ValueError, "gain must be a number from 0.5 to 2.144; got True"),
        ({"gain": math.nan}, ValueError, "gain must be a number from 0.5 to 2.144; got nan"),
        ({"depth": 2.5}, ValueError, "depth must be a whole number from 1 to 50; got 2.5"),
        ({"depth": 0}, ValueError, "depth must be a whole number from 1 to 50; got 0"),
        ({"width": 100}, ValueError, "a number in steps of 16 from 16 to 512; got 100"),
    ],
)
def test_a_panel_that_cannot_open_so_says_why(opening, error, message):
    with pytest.raises(error, match=message):
        depth_panel(**opening)


@pytest.mark.parametrize(
    ("opening", "message"),
    [
        (
            {"activation": "gelu"},
            "activation must be one of 'tanh', 'sigmoid', 'relu'; got 'gelu'",
        ),
        ({"scale": 0.0}, "scale must be a number from 0.001 to 10; got 0.0"),
    ],
)
def test_so_do_buttons_and_sliders_of_powers(opening, message):
    with pytest.raises(ValueError, match=message):
        scale_panel(**opening)


def test_a_number_between_two_steps_goes_to_the_nearer_one():
    assert depth_panel(gain=math.sqrt(2), leak=0.18).settings == {
        **depth_panel().settings,
        "gain": 1.414,
        "leak": 0.2,
    }
    assert scale_panel(scale=1 / 16).settings["scale"] == 0.0625, "a power takes any"


def test_a_panel_opened_at_whole_numbers_has_values_of_its_controls_kind():
    assert repr(depth_panel(gain=1, depth=30.0).settings["gain"]) == "1.0"
    assert repr(depth_panel(gain=1, depth=30.0).settings["depth"]) == "30"


@pytest.mark.parametrize(
    ("n", "kind", "values"), [(7, "b", ((1, 7), ("b", "c"))), (2, "a", ((2, 9), ("a", "c")))]
)
def test_what_a_panel_opens_at_is_baked_in_place_of_the_nearest(n, kind, values):
    controls = {
        "n": widgets.IntSlider(1, 0, 99, description="n"),
        "kind": widgets.ToggleButtons(options=["a", "b", "c"], description="kind"),
    }
    bake = {"n": (1, 9), "kind": ("a", "c")}
    panel = Panel(Plain(), lambda n, kind: {"n": n}, controls, bake, {"n": n, "kind": kind})
    assert tuple(panel.bake.values()) == values
    assert f"Settings: n {n}; kind {kind}." in baked(panel)


def test_a_failure_of_the_page_is_logged_and_pictures_are_shown_again(plain, caplog):
    plain.painted.runs = True
    plain.painted.set_trait("failure", "ReferenceError: Path2D")
    plain.painted.runs = False
    assert visible(plain) == [plain.picture]
    assert "It shows 1." in plain.picture.value
    assert "cannot paint a panel: ReferenceError: Path2D" in caplog.text


def test_what_the_page_has_painted_is_not_computed_again(plain):
    plain.painted.runs = True
    for n in (2, 3, 2, 3):
        plain.controls["n"].value = n
        assert plain.painted.words == plain.words
        assert plain.words.startswith(f"It shows {n}.")
    assert plain.figure.drawn == [1, 2, 3]


def test_a_picture_after_a_kept_list_shows_the_settings_and_no_others(plain):
    plain.painted.runs = True
    for n in (2, 3, 2):
        plain.controls["n"].value = n
    plain.painted.runs = False  # the page failed
    assert plain.figure.drawn == [1, 2, 3, 2], "the figure had shown 3"
    assert "It shows 2." in plain.picture.value


def baked(panel):
    """Return what a panel shows on a page without a kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_BAKE", "1")
        data, _ = panel._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}, "and no widget"
    return data["text/html"]


def frames(page):
    """Return what the script of a baked panel unpacks."""
    packed = re.search(r'<script type="text/plain">(.*?)</script>', page)[1]
    return json.loads(zlib.decompress(base64.b64decode(packed), -15))


@pytest.fixture(scope="module")
def page_of_one_control(panel):
    """Return a panel's page with a frame for each value of its first control."""
    name, values = next(iter(panel.bake.items()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel, "bake", {name: values})
        return baked(panel)


def test_a_baked_panel_has_a_frame_for_every_value_and_opens_on_its_own(
    panel, page_of_one_control
):
    """Of its first control; the tests of decks move them all."""
    data = frames(page_of_one_control)
    words = [words for _, _, words in data["frames"]]
    assert panel.words in words
    alt = html.escape(panel.words)
    assert f'alt="{alt}" src="data:image/png;base64,' in page_of_one_control
    counts = [int(last) + 1 for last in re.findall(r'max="(\d+)"', page_of_one_control)]
    buttons = page_of_one_control.count('type="radio" name=')
    assert math.prod(counts) * max(buttons, 1) == len(words)
    assert len(set(words)) >= len(words) - 24, "but for a run that ended before its last step"
    for still, moving, _ in data["frames"]:
        assert still < len(data["stills"])
        assert max(moving) < len(data["pieces"])


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


@pytest.mark.parametrize("painted", [False, True])
def test_an_error_is_shown_and_the_panel_goes_on(plain, painted):
    async def run(n):
        plain.controls["n"].value = n
        await plain._task

    plain.painted.runs = painted
    asyncio.run(run(13))
    assert 'role="alert"' in plain.picture.value
    assert "ZeroDivisionError: 13 &lt;is&gt; unlucky" in plain.picture.value
    assert visible(plain) == [plain.picture]
    asyncio.run(run(14))
    assert "It shows 14." in (plain.painted.words if painted else plain.picture.value)
    assert visible(plain) == [plain.painted if painted else plain.picture]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((2, 3), "at least 2 values, among them 1; got"),
        ((1,), "at least 2 values, among them 1; got"),
    ],
)
def test_what_cannot_be_baked_is_an_error(values, message):
    control = widgets.IntSlider(1, 0, 99, description="n")
    panel = Panel(Plain(), lambda n: {"n": n}, {"n": control}, {"n": tuple(values)})
    with pytest.raises(ValueError, match=message):
        baked(panel)


def test_what_a_panel_opens_at_is_among_what_it_bakes(panel):
    for name, values in panel.bake.items():
        control = panel.controls[name]
        panel_module._choice(control, panel_module._values(control, values))


def test_a_page_that_is_too_large_is_an_error(plain, monkeypatch):
    monkeypatch.setattr(panel_module, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match=r"at most 1000 bytes; the 2 frames of Plain take \d+"):
        baked(plain)


@pytest.mark.parametrize(
    ("slider", "values"),
    [
        (widgets.IntSlider(5, 1, 9, 2), (1, 3, 5, 7, 9)),
        (widgets.FloatSlider(0.2, min=0, max=0.4, step=0.1), (0, 0.1, 0.2, 0.3, 0.4)),
        (
            widgets.FloatLogSlider(1.0, min=-1, max=1, step=0.5, readout_format=".3g"),
            (0.1, 0.316, 1, 3.16, 10),
        ),
    ],
)
def test_three_dots_bake_every_value_of_a_slider(slider, values):
    assert panel_module._values(slider, ...) == pytest.approx(values)
    assert panel_module._values(slider, (1, 2)) == (1, 2)


@pytest.mark.parametrize("value", [0, 1, 499, 1000])
def test_of_a_fine_slider_some_values_are_baked_its_own_and_the_ends_among_them(value):
    values = panel_module._values(widgets.IntSlider(value, 0, 1000), ...)
    assert 21 <= len(values) <= panel_module.FINEST
    assert {0, value, 1000} <= set(values)
    assert list(values) == sorted(values)


class Letters:
    """A recorder of a made-up figure."""

    def __init__(self):
        self.shown, self.size, self.palettes = 0, (90, 40), {}
        self.columns, self.rows = [[5, 85]], [[5, 35]]

    def limits(self):
        """Return that the axes stay."""
        return ()

    def moving(self):
        """Show another number each time."""
        self.shown += 1
        return [["text", f"<b>{self.shown}</b></script>"], ["text", "always"]]

    def still(self):
        """Show the axes."""
        return [["path", "axes"]]


@pytest.fixture
def page():
    """Return a page of made-up frames and a slider, buttons and names to be escaped."""
    choices = [
        Choice("<n>", ["1", "2", "3"], start=1, buttons=False),
        Choice("phi", ["tanh", "<relu>"], start=0, buttons=True),
    ]
    album = Album(Letters())
    for i in range(6):
        album.add(f"<b>{i}</b></script>")
    return baked_page(choices, album, (90, 40), "Here with x: 1 & 2.", b"\x02")


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


def test_a_baked_page_keeps_what_occurs_in_several_frames_once(page):
    data = frames(page)
    assert data["pieces"] == [
        ["text", "<b>1</b></script>"],
        ["text", "always"],
        ["path", "axes"],
        *(["text", f"<b>{i}</b></script>"] for i in range(2, 7)),
    ]
    assert data["stills"] == [[2]]
    assert data["frames"][:2] == [
        [0, [0, 1], "<b>0</b></script>"],
        [0, [3, 1], "<b>1</b></script>"],
    ]


def test_a_baked_page_opens_on_the_frame_of_its_choices(page):
    """The last choice changes fastest: values 1 of 3 and 0 of 2 are frame 2."""
    assert 'alt="&lt;b&gt;2&lt;/b&gt;&lt;/script&gt;" src="data:image/png;base64,Ag=="' in page


def test_a_baked_page_fetches_nothing(page):
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "://" not in page
