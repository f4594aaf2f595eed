"""Pictures of arrays: few kinds, each in plain Matplotlib, for all lessons.

Every function draws one kind and returns a `Picture`. As the last line of a cell it shows
itself; a screen reader, and the comparison of a notebook with what is kept of it, get its
words. Curves are labelled where they end, so that no legend has to be looked up.
"""

import base64
import io
import os
from html import escape

import numpy as np
from ipywidgets import HTML, VBox
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from helpers.figures.baked import Album, page
from helpers.figures.canvas import BLUE, GREEN, GREY, ORANGE, VERMILION, Canvas
from helpers.figures.recorder import Recorder
from helpers.words import number, span

COLOURS = (BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", GREY)  # one for each curve
SHADES = 64  # of a saved picture, which then takes a third of the bytes


class Picture:
    """A figure, and what it shows in words.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    words : str
        What is seen, with its numbers.
    """

    def __init__(self, figure, words):
        self.canvas, self.words = Canvas(figure, []), words

    def png(self):
        """Return the picture as PNG with a palette."""
        image = Image.fromarray(self.canvas.pixels()).convert("RGB")
        data = io.BytesIO()
        image.quantize(SHADES, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
        return data.getvalue()

    def _repr_mimebundle_(self, **kwargs):
        png = self.png()
        if os.environ.get("COURSE_BAKE") == "1":
            album = Album(Recorder(self.canvas))
            album.add(self.words)
            html = page([], album, self.canvas.size, "", png)
            return {"text/html": html, "text/plain": self.words}, {}
        # JupyterLab gives a picture no words: there it is one of a widget.
        address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        style = 'style="max-width: 100%; height: auto"'
        image = HTML(f'<img {style} alt="{escape(self.words)}" src="{address}">')
        self._shown = VBox([image])  # alone, it would be as high as a line
        view = {"version_major": 2, "version_minor": 0, "model_id": self._shown.model_id}
        data = {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": base64.b64encode(png).decode(),
            "text/plain": self.words,
        }
        return data, {"image/png": {"alt": self.words}}

    def __repr__(self):
        return self.words


def _axes(title, across, up, *, size=(7.6, 3.6), columns=1):
    """Return a figure and its axes, in the style of all pictures."""
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.3)
        ax.set_axisbelow(True)
        ax.set_xlabel(across, fontsize=11)
    axes[0].set_ylabel(up, fontsize=11)
    axes[0].set_title(title, loc="left", fontsize=12)
    return figure, axes[0] if columns == 1 else axes


def _label_ends(ax, ends):
    """Write names to the right of the axes, at the height where their curves end."""
    heights = {}
    for name, x, y, colour in ends:
        up = ax.transAxes.inverted().transform(ax.transData.transform((x, y)))[1]
        heights[name] = min(max(up, 0.03), 0.97), colour
    lowest = -np.inf
    for name, (up, colour) in sorted(heights.items(), key=lambda item: item[1][0]):
        lowest = max(up, lowest + 0.075)  # no two on one another
        ax.text(
            *(1.015, lowest, name),
            **{"transform": ax.transAxes, "color": colour, "va": "center", "fontsize": 11},
        )


def curves(
    over,
    measured,
    *,
    theory=None,
    band=None,
    wrong=None,
    title="",
    axis="",
    log=None,
    log_over=None,
    words=None,
):
    """Draw what was measured as dots, theory as dashed lines, and what is allowed as bands.

    Parameters
    ----------
    over : tuple of str and sequence
        Name and values of what is varied: numbers, or names.
    measured : dict of str to array_like
        A number for each value, by the name of the curve; "" is not written.
    theory : dict of str to array_like, optional
    band : dict of str to (array_like, array_like), optional
        Lower and upper end; infinite where there is none.
    wrong : dict of str to array_like of bool, optional
        Points to be marked with a cross.
    title, axis : str
    log, log_over : int, optional
        Base of a logarithmic vertical axis, and of a horizontal one.
    words : str, optional

    Returns
    -------
    Picture
    """
    name, values = over
    numeric = np.issubdtype(np.asarray(values).dtype, np.number)
    x = np.asarray(values, float) if numeric else np.arange(len(values))
    figure, ax = _axes(title, name, axis)
    theory, band, wrong = theory or {}, band or {}, wrong or {}
    shown = [np.asarray(v, float) for v in (*measured.values(), *theory.values())]
    low, high = _limits(np.concatenate([v.ravel() for v in shown]), log)
    ends = []
    for colour, (label, y) in zip(COLOURS, measured.items(), strict=False):
        y = np.asarray(y, float)
        if label in band:
            bottom, top = (np.clip(end, low, high) for end in band[label])
            ax.fill_between(x, bottom, top, color=colour, alpha=0.15, lw=0)
        if label in theory:
            ax.plot(x, np.broadcast_to(theory[label], x.shape), color=colour, lw=1.2, ls="--")
        ax.plot(x, y, color=colour, marker="o", ms=5, ls="" if label in theory else "-", lw=1.2)
        off = np.asarray(wrong.get(label, np.zeros(len(x), bool)))
        if off.any():
            at = np.where(np.isfinite(y[off]), np.clip(y[off], low, high), low)
            ax.plot(x[off], at, color="black", marker="x", ms=13, mew=2.5, ls="")
        last = np.flatnonzero(np.isfinite(y))
        if label and len(last):
            ends.append((label, x[last[-1]], np.clip(y[last[-1]], low, high), colour))
    ax.set_ylim(low, high)
    if log:
        ax.set_yscale("log", base=log)
    if log_over:
        ax.set_xscale("log", base=log_over)
        ax.set_xticks(x, [number(value) for value in x])
        ax.minorticks_off()
    elif numeric and np.all(x == np.rint(x)):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif not numeric:
        ax.set_xticks(x, [str(value) for value in values])
    _label_ends(ax, ends)
    if words is None:
        said = (f"{label or axis} goes from {span(y)}" for label, y in measured.items())
        words = f"{title}. Over {name} {span(values)}: {'; '.join(said)}."
    return Picture(figure, words)


def _limits(values, log):
    """Return the ends of a vertical axis around values, which may be infinite or nan."""
    values = values[np.isfinite(values)]
    if log:
        values = np.log(values[values > 0])
    if not values.size:
        return (0.1, 10.0) if log else (0.0, 1.0)
    room = 0.08 * np.ptp(values) or 0.5
    ends = values.min() - room, values.max() + room
    return tuple(np.exp(ends)) if log else ends


def tolerances(names, used, words):
    """Draw how much of its tolerance each of several statements uses, as bars.

    Parameters
    ----------
    names : sequence of str
    used : sequence of float
        From 0 to 1; nan where there is nothing to be used up.
    words : str

    Returns
    -------
    Picture
    """
    height = 0.9 + 0.3 * len(names)
    figure, ax = _axes("", "share of the tolerance that is used", "", size=(9, height))
    places = np.arange(len(names))
    ax.barh(places, np.nan_to_num(used), height=0.55, color=BLUE)
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(places, names, fontsize=10)
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    ax.grid(visible=False, axis="y")
    return Picture(figure, words)
