"""What all figures share: their pixels, colours and axes."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

# Colours that stay apart in the common kinds of colour blindness (Okabe and Ito, 2008).
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
GREY = "#555555"
TEXT = {"fontsize": 11, "color": "#222222"}
PALE = "#8FC1E3"  # of many lines, below one that matters
LIMIT = 25_000  # bytes of a picture that a notebook keeps


class Canvas:
    """A figure, and which of its artists move.

    To note or to paint axes, ticks and titles takes far longer than a curve. What notes a
    figure (`helpers.figures.recorder`) notes them once for each set of axis limits.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    moving : list of matplotlib.artist.Artist
        Those that change. Everything else must lie below them and depend on axis limits alone.
    """

    def __init__(self, figure, moving):
        FigureCanvasAgg(figure)
        # 4.1 inches are 409.9999... pixels, of which Matplotlib before 3.11 makes 409.
        if np.any(figure.bbox.size % 1):
            figure.set_size_inches(figure.get_size_inches() + 1e-9)
        self.figure = figure
        spines = [spine for ax in figure.axes for spine in ax.spines.values()]
        self.moving = sorted(
            [*moving, *spines], key=lambda a: (figure.axes.index(a.axes), a.get_zorder())
        )

    def pixels(self):
        """Paint the figure and return it as an array of shape (height, width, 4)."""
        self.figure.canvas.draw()
        return np.asarray(self.figure.canvas.buffer_rgba())

    @property
    def size(self):
        """Width and height in pixels."""
        return self.figure.canvas.get_width_height()

    def png(self):
        """Paint the figure and return it as PNG bytes, at once."""
        data = io.BytesIO()
        # A quarter less to compress without transparency; level 1 is faster than the usual 6,
        # for a tenth more bytes.
        image = Image.fromarray(self.pixels()).convert("RGB")
        image.save(data, "PNG", compress_level=1)
        return data.getvalue()

    def kept(self):
        """Return the figure as PNG bytes for a notebook: with a palette, `LIMIT` at most."""
        image = Image.fromarray(self.pixels()).convert("RGB")
        for shades in (64, 32, 16, 8):  # a small palette where many lines cross
            data = io.BytesIO()
            # Median cuts, the usual way, give curves that bands overlap one colour.
            few = image.quantize(shades, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
            few.save(data, "PNG", optimize=True)
            if len(data.getvalue()) <= LIMIT:
                break
        return data.getvalue()


def row_of_axes(size, columns, **margins):
    """Return a figure and its axes in a row, with margins that never move."""
    figure = Figure(figsize=size, dpi=100)
    axes = figure.subplots(1, columns, gridspec_kw=margins, squeeze=False)[0]
    for ax in axes:
        ax.grid(alpha=0.3)
        ax.set_axisbelow(True)
    return figure, axes


def legend(ax, handles, labels, place, *, columns=1):
    """Add a legend below the curves: a part of what is noted once."""
    ax.legend(handles, labels, loc=place, ncols=columns, fontsize=10).set_zorder(0.5)


def label_powers(ax, base=10):
    """Label the vertical axis, which holds logarithms, with powers of the base."""
    ax.yaxis.set_major_formatter(lambda y, _: f"${base}^{{{y:.0f}}}$")


def limit(value, steps):
    """Return the first of the increasing `steps` that holds `value`: axes rarely move."""
    return next((step for step in steps if value <= step), steps[-1])
