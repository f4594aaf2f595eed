"""A panel on a page without a kernel: all its frames, and controls that choose one.

The page needs no library and fetches nothing. Its controls are the browser's own, so they work
by mouse, touch and keys, and a screen reader knows them. A frame is a list of what is drawn
(`helpers.figures.recorder`); what occurs in several frames is kept once.
"""

import base64
import html
import json
import zlib
from importlib.resources import files
from typing import NamedTuple

_STYLE = (files("helpers.figures") / "baked.css").read_text("utf-8")


def script(*names, package="helpers.figures"):
    """Return scripts of a package as one."""
    return "\n".join((files(package) / f"{name}.js").read_text("utf-8") for name in names)


def as_json(value):
    """Return JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))


class Choice(NamedTuple):
    """A control that picks one of a few values."""

    name: str
    labels: list  # of str, one for each value
    start: int  # index of the value that is shown first
    buttons: bool  # rather than a slider


class Album:
    """The frames of a figure, each with what it shows in words.

    Parameters
    ----------
    recorder : helpers.figures.recorder.Recorder
    """

    def __init__(self, recorder):
        self._recorder, self._pieces, self._stills, self.frames = recorder, {}, {}, []

    def add(self, words):
        """Add what the figure shows now."""
        moving, limits = self._indexes(self._recorder.moving()), self._recorder.limits()
        if limits not in self._stills:
            self._stills[limits] = len(self._stills), self._indexes(self._recorder.still())
        self.frames.append([self._stills[limits][0], moving, words])

    def _indexes(self, items):
        return [self._pieces.setdefault(as_json(item), len(self._pieces)) for item in items]

    def packed(self):
        """Return all frames as text: JSON, deflated, in base64."""
        data = {
            "size": self._recorder.size,
            "columns": self._recorder.columns,
            "rows": self._recorder.rows,
            "palettes": self._recorder.palettes,
            "stills": [items for _, items in self._stills.values()],
            "frames": self.frames,
        }
        pieces = f'"pieces":[{",".join(self._pieces)}]'
        text = "{" + pieces + "," + as_json(data)[1:]
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)  # as a page calls "deflate-raw"
        packed = deflate.compress(text.encode()) + deflate.flush()
        return base64.b64encode(packed).decode()


def page(choices, album, size, held, still):
    """Return the HTML of a panel.

    Parameters
    ----------
    choices : list of Choice
        None of them: a picture without controls.
    album : Album
        With a frame for every combination of values. The last choice changes fastest.
    size : tuple of int
        Width and height in pixels.
    held : str
        What is to be said of the settings that have no control; may be empty.
    still : bytes
        The first frame as PNG: shown until the script runs, and where it cannot.

    Returns
    -------
    str
        One ``<figure>``, with its own style and script.
    """
    start = 0
    for choice in choices:
        start = start * len(choice.labels) + choice.start
    words = album.frames[start][2]
    controls = "".join(_buttons(c) if c.buttons else _slider(c) for c in choices)
    if choices:  # in the last row, where it takes no height of a slide
        reset = '<button type="button" class="reset">Reset</button>'
        controls = f"{controls.removesuffix('</div>')}{reset}</div>"
    width, height = size
    kind = "panel" if choices else "picture"
    return (
        f'<figure class="baked-{kind}"><style>{_STYLE}</style>'
        f"{f'<form>{controls}</form>' if controls else ''}"
        f'<img width="{width}" height="{height}" decoding="sync" '
        f'alt="{html.escape(words)}" src="{_address(still)}">'
        f"{f'<p>{html.escape(held)}</p>' if held else ''}"
        '<p class="said" role="status"></p>'
        f'<script type="text/plain">{album.packed()}</script>'
        f"<script>(() => {{\n{script('paint', 'baked')}}})();</script></figure>"
    )


def _address(png):
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _slider(choice):
    name, value = html.escape(choice.name), html.escape(choice.labels[choice.start])
    labels = html.escape(json.dumps(choice.labels))
    play = f'<button type="button" class="play" aria-label="play {name}">▶</button>'
    play *= len(choice.labels) > 3
    return (
        f'<div><span aria-hidden="true">{name}</span><input type="range" min="0" step="1" '
        f'max="{len(choice.labels) - 1}" value="{choice.start}" aria-label="{name}" '
        f'aria-valuetext="{value}" data-labels="{labels}">'
        f'<output aria-hidden="true">{value}</output>{play}</div>'
    )


def _buttons(choice):
    name = html.escape(choice.name)
    options = "".join(
        f'<label><input type="radio" name="{name}" value="{i}"'
        f"{' checked' if i == choice.start else ''}><span>{html.escape(label)}</span></label>"
        for i, label in enumerate(choice.labels)
    )
    return (
        f'<div role="radiogroup" aria-label="{name}"><span aria-hidden="true">{name}</span>'
        f"<div>{options}</div></div>"
    )
