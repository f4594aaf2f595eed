"""What figures and panels hold, compared with text that was looked at and kept.

Of each figure, with made-up data: its texts, legends, limits and the data of its artists. Of
each panel: its controls, what it bakes, and what it computes. Numbers may differ by 1 part in
200, or by 1e-6. After a change that is meant, ``python -m tests.test_snapshots`` writes the
files anew; look at what git shows. What is plain HTML is kept too.
"""

import base64
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from helpers.figures import baked
from helpers.figures.baked import Choice
from helpers.panels import PANELS
from helpers.quiz import STYLE, Question
from tests.made_up import DATA, GROWING, MADE

FOLDER = Path(__file__).parent / "snapshots"
NUMBER = re.compile(r"(?<![\w.#])-?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)\b")
MOST = 8  # numbers of an array that are written; of a longer one, some from all its length


def brief(values):
    """Return the shape of an array, some of its numbers, their mean and their range."""
    values = np.asarray(np.ma.filled(values, np.nan))
    if values.dtype.kind not in "biuf":
        return str(values.tolist())
    values = values.astype(float)
    flat = values.ravel()
    if flat.size > MOST:
        some = flat[np.linspace(0, flat.size - 1, MOST).round().astype(int)]
        finite = flat[np.isfinite(flat)]
        ends = [finite.min(initial=np.inf), finite.mean(), finite.max(initial=-np.inf)]
        shown = f"{_joined(some)}; low, mean, high {_joined(ends)}"
    else:
        shown = _joined(flat)
    return f"{'x'.join(map(str, values.shape))}: {shown}"


def _joined(numbers):
    return " ".join(f"{x + 0.0:.4g}" for x in numbers)


def paths(collection):
    return brief(np.concatenate([path.vertices for path in collection.get_paths()] or [[]]))


def colour(value):
    return to_hex(value) if np.size(value) else "none"


def look(artist):
    """Return the colour and the style by which a legend or an artist is known."""
    if hasattr(artist, "get_marker"):
        style = artist.get_linestyle()
        shown = artist.get_markerfacecolor() if style == "None" else artist.get_color()
        return f"{to_hex(shown)} {style} {artist.get_marker()}"
    return colour(artist.get_facecolor())


def artists(ax):
    """Yield a line for each artist that carries data or words."""
    for line in ax.lines:
        yield f"line {look(line)}, x {brief(line.get_xdata())}, y {brief(line.get_ydata())}"
    for collection in ax.collections:
        values, offsets = collection.get_array(), collection.get_offsets()
        if values is None:
            shown = look(collection)
        else:
            shown = f"{collection.cmap.name} {collection.get_clim()} {brief(values)}"
        kind = type(collection).__name__
        yield f"{kind} {shown}, paths {paths(collection)}, offsets {brief(offsets)}"
    for patch in ax.patches:
        corners = patch.get_patch_transform().transform(patch.get_path().vertices)
        yield f"{type(patch).__name__} {look(patch)} {brief(corners)}"
    for image in ax.images:
        low, high = image.get_clim()
        shown = f"{image.cmap.name} {low} {high} {brief(image.get_array())}"
        yield f"image {shown} at {image.get_extent()}"
    for text in ax.texts:
        if text.get_text():
            x, y = text.get_position()
            place = f"{x:.4g} {y:.4g} {text.get_ha()} {text.get_va()} {text.get_rotation():g}"
            yield f"text {text.get_text()!r} at {place}"


def axis(name, axis, limits):
    first, last = limits
    ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    shown = [(x, label) for x, label in ticks if min(limits) <= x <= max(limits)]
    words = ", ".join(f"{x:.4g} {label.get_text()!r}" for x, label in shown)
    return f"{name} {axis.label.get_text()!r} from {first:.4g} to {last:.4g}: {words}"


def drawn(figure):
    """Yield lines that say what a figure holds, axes by axes."""
    for i, ax in enumerate(figure.canvas.figure.axes, 1):
        yield f"axes {i} {ax.get_title()!r}"
        yield axis("x", ax.xaxis, ax.get_xlim())
        yield axis("y", ax.yaxis, ax.get_ylim())
        legend = ax.get_legend()
        if legend:
            pairs = zip(legend.texts, legend.legend_handles, strict=True)
            yield "legend " + ", ".join(f"{t.get_text()!r} {look(h)}" for t, h in pairs)
        yield from artists(ax)


def of_figure(name):
    """Yield what a figure says and holds for each of its made-up data, one after another."""
    figure = MADE[name]()
    for case, data in DATA[name].items():
        with np.errstate(all="ignore"):
            words = figure.update(**data)
        yield f"== {case}"
        yield words
        yield from drawn(figure)
    for i, data in enumerate(GROWING.get(name, [])):
        with np.errstate(all="ignore"):
            figure.update(**data)
        limits = [_joined([*ax.get_xlim(), *ax.get_ylim()]) for ax in figure.canvas.figure.axes]
        yield f"limits of data {i}: {'; '.join(limits)}"


# What is plain HTML.
CHOICES = [
    Choice("<n>", ["1", "2", "3", "4"], start=1, buttons=False),
    Choice("few", ["1", "2", "3"], start=0, buttons=False),
    Choice("phi", ["tanh", "<relu>"], start=1, buttons=True),
]


class Numbers:
    """A recorder of a figure that shows another number each time."""

    def __init__(self):
        self.shown, self.size, self.palettes = 0, (90, 40), {}
        self.columns, self.rows = [[5, 85]], [[5, 35]]

    def limits(self):
        """Return that the axes stay."""
        return ()

    def moving(self):
        """Return a number that was not shown yet, and a line."""
        self.shown += 1
        return [["text", f"<{self.shown}>"], ["path", "line"]]

    def still(self):
        """Return the axes."""
        return [["path", "axes"]]


def album(n):
    made = baked.Album(Numbers())
    for i in range(n):
        made.add(f"It shows <{i}>.")
    return made


ANSWERS = {"less": "No <less>.", "as many": "Right.", "more": "Too many."}
PAGES = {
    "baked_page": lambda: baked.page(
        CHOICES, album(24), (90, 40), "Here with x: 1 & 2.", b"\x07"
    ),
    "baked_page_of_all": lambda: baked.page(CHOICES[:1], album(4), (90, 40), "", b"\x03"),
    "baked_picture": lambda: baked.page([], album(1), (90, 40), "", b"\x01"),
    "question": lambda: Question("How <many>?", ANSWERS, right="as many")._repr_html_(),
}


def of_page(name):
    """Yield the lines of a page, without styles and script, a tag a line."""
    page = PAGES[name]()
    for file in ("baked.css", "paint.js", "baked.js"):
        page = page.replace((Path(baked.__file__).parent / file).read_text("utf-8"), file)
    packed = re.search(r'<script type="text/plain">(.*?)</script>', page)
    if packed:  # other versions of zlib pack in other bytes
        unpacked = zlib.decompress(base64.b64decode(packed[1]), -15).decode()
        page = page.replace(packed[1], unpacked.replace("<", "less than "))
    yield from page.replace(STYLE, "").replace("<", "\n<").strip().splitlines()


# Settings other than a panel's own, at which what it computes is kept as well.
OTHERS = {
    "sum_panel": {"n": 7},
    "network_panel": {"second": 2, "scheme": "standard normal", "seed": 3},
    "step_panel": {"stage": 7, "sample": 2},
    "rate_panel": {"rate": 0.2},
    "line_panel": {"w1": 0.0, "w2": 0.0, "b": 1.0},
    "symmetry_panel": {
        "output_weights": "random",
        "biases": "random",
        "step": 250,
        "c": -0.3,
        "data": "two moons",
    },
    "layer_panel": {"activation": "sigmoid", "distribution": "uniform from 0", "scale": 0.1},
    "scale_panel": {"activation": "relu", "scale": 0.3, "depth": 4, "width": 32},
    "ridges_panel": {"activation": "relu", "scale": 0.3, "depth": 3},
    "vote_panel": {"networks": 30, "larger": 1.3, "seed": 2},
    "fans_panel": {"activation": "relu", "width_2": 16, "seed": 2},
    "depth_panel": {"gain": 0.7, "depth": 6, "width": 32, "leak": 0.3},
    "units_panel": {"bias": -0.3, "leak": 0.0, "batch_size": 16, "seed": 2},
    "training_panel": {"data": "circles", "scheme": "N(0, 0.01²)", "depth": 3, "seed": 2},
    "length_panel": {"activation": "relu", "sigma_w": 1.3, "sigma_b": 0.5, "start": 1.0},
    "correlation_panel": {"activation": "relu", "sigma_w": 1.3, "correlation": 0.9, "seed": 2},
    "spectrum_panel": {"depth": 3, "kind": "tanh, gain 5/3", "seed": 2},
    "defaults_panel": {"activation": "tanh", "depth": 3, "width": 32, "seed": 2},
    "stream_panel": {"start": "pre-norm, 1/√L", "depth": 5, "gain": 1.5, "seed": 2},
    "first_step_panel": {"rule": "sign", "rate": 1e-4, "seed": 2},
    "attention_panel": {"scale": "1/√d_k", "d_k": 8, "share": 0.2, "seed": 2},
}
# Of a training run its start: later numbers depend on the processor's last digits.
STEPS = 20
TRAITS = ("min", "max", "step", "base", "readout_format", "options")


def computed(panel, settings):
    if not hasattr(panel, "run"):
        return panel.compute(**settings)
    for moment in panel.run(**settings):
        if moment.done == STEPS:
            return moment.data()


def flat(name, data):
    """Yield a line for every number and array of what a panel computes."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from flat(f"{name}.{key}", value)
    elif isinstance(data, (list, tuple)) and not np.isscalar(data[0]):
        for i, value in enumerate(data):
            yield from flat(f"{name}.{i}", value)
    elif not callable(data):
        yield f"{name} {brief(data)}"


def of_panel(make):
    """Yield a panel's controls, what it bakes, and what it computes."""
    panel = make()
    yield f"figure {type(panel.figure).__name__}"
    for name, control in panel.controls.items():
        traits = (f"{t} {getattr(control, t)!r}" for t in TRAITS if hasattr(control, t))
        kind = type(control).__name__
        yield f"{name}: {kind} {control.description!r} {control.value!r} {', '.join(traits)}"
    yield f"bake {panel.bake}"
    for settings in (panel.settings, {**panel.settings, **OTHERS[make.__name__]}):
        yield f"== {settings}"
        yield from flat("data", computed(panel, settings))


# Settings, controls and what is baked are as they are, to the last digit.
EXACT = re.compile(r"==|bake|\w+: \w+ '")


def different(found, kept):
    """Return the first pair of lines that differ, or None; of numbers, by how much they do."""
    for ours, theirs in zip(found, kept, strict=False):
        if EXACT.match(theirs) and ours != theirs:
            return ours, theirs
        numbers = [[float(x) for x in NUMBER.findall(line)] for line in (ours, theirs)]
        same = NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
        if not same or not np.allclose(*numbers, rtol=5e-3, atol=1e-6, equal_nan=True):
            return ours, theirs
    return None if len(found) == len(kept) else (len(found), len(kept))


MAKERS = {make.__name__: make for make in PANELS}
NAMES = [*DATA, *MAKERS, *PAGES]


def snapshot(name):
    if name in PAGES:
        lines = of_page(name)
    else:
        lines = of_figure(name) if name in DATA else of_panel(MAKERS[name])
    return [line.rstrip() for line in "\n".join(lines).splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_what_was_looked_at_and_kept(name):
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert different(snapshot(name), kept) is None


if __name__ == "__main__":
    for name in NAMES:
        text = "\n".join(snapshot(name)) + "\n"
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
