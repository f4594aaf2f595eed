"""A panel on a page without a kernel: all its pictures, and controls that choose one.

The page needs no library and fetches nothing. Its controls are the browser's own, so they work
by mouse, touch and keys, and a screen reader knows them.
"""

import base64
import html
import json
from importlib.resources import files
from typing import NamedTuple


class Choice(NamedTuple):
    """A control that picks one of a few values."""

    name: str
    labels: list  # of str, one for each value
    start: int  # index of the value that is shown first
    buttons: bool  # rather than a slider


def page(choices, frames, size, held):
    """Return the HTML of a panel.

    Parameters
    ----------
    choices : list of Choice
    frames : list of (bytes, str)
        For every combination of values a WebP picture and what it shows in words. The last
        choice changes fastest.
    size : tuple of int
        Width and height at which a picture is shown, in pixels of CSS.
    held : str
        What is to be said of the settings that have no control; may be empty.

    Returns
    -------
    str
        One ``<figure>``, with its own style and script.
    """
    start = 0
    for choice in choices:
        start = start * len(choice.labels) + choice.start
    sources = [f"data:image/webp;base64,{base64.b64encode(p).decode()}" for p, _ in frames]
    words = [said for _, said in frames]
    controls = "".join(_buttons(c) if c.buttons else _slider(c) for c in choices)
    data = json.dumps({"sources": sources, "words": words}).replace("<", r"\u003c")
    width, height = size
    return (
        f'<figure class="baked-panel"><style>{_read("baked.css")}</style>'
        f"<form>{controls}</form>"
        f'<img width="{width}" height="{height}" decoding="sync" '
        f'alt="{html.escape(words[start])}" src="{sources[start]}">'
        f"{f'<p>{html.escape(held)}</p>' if held else ''}"
        '<p class="said" role="status"></p>'
        f'<script type="application/json">{data}</script>'
        f"<script>{_read('baked.js')}</script></figure>"
    )


def picture(frame, size):
    """Return the HTML of a picture without controls; `frame` and `size` as in `page`."""
    image, words = frame
    width, height = size
    source = f"data:image/webp;base64,{base64.b64encode(image).decode()}"
    return (
        '<figure class="baked-picture" style="margin: 0; max-width: 68em">'
        f'<img width="{width}" height="{height}" decoding="sync" '
        'style="display: block; max-width: 100%; height: auto; background: #fff" '
        f'alt="{html.escape(words)}" src="{source}"></figure>'
    )


def _slider(choice):
    name, value = html.escape(choice.name), html.escape(choice.labels[choice.start])
    labels = html.escape(json.dumps(choice.labels))
    play = f'<button type="button" aria-label="play {name}">▶</button>'
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


def _read(name):
    return (files("helpers.panels") / name).read_text(encoding="utf-8")
