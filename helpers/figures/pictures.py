"""Pictures of arrays: few kinds, each in plain Matplotlib, for all lessons.

Every function draws one kind and returns a `Picture`. As the last line of a cell it shows
itself; a screen reader, and the comparison of a notebook with what is kept of it, get its
words. Curves are labelled where they end, so that no legend has to be looked up.
"""

import base64
import os
from html import escape

import numpy as np
from ipywidgets import HTML, VBox
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.figures.baked import Album, page
from helpers.figures.canvas import BLUE, GREEN, GREY, ORANGE, PALE, VERMILION, Canvas
from helpers.figures.recorder import FIXED, Recorder
from helpers.words import count, number, percent, span, two_places, typeset

COLOURS = (BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", GREY)  # one for each curve
MOST_TICKS = 9  # each value of a logarithmic axis has one, if there are no more


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
        # Laid out once: squares would move whenever they are drawn again.
        figure.canvas.draw()
        figure.set_layout_engine("none")

    def _repr_mimebundle_(self, **kwargs):
        png = self.canvas.kept()
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


def _axes(title, across, up, *, size=(7.6, 3.6)):
    """Return a figure and its axes, in the style of all pictures."""
    figure, (ax,) = _grid(title, [""], across, up, size=size)
    return figure, ax


def _grid(title, names, across, up, *, columns=None, size=None, share=True):
    """Return a figure and axes side by side, each with its name, in rows of `columns`."""
    columns = columns or len(names)
    rows = -(-len(names) // columns)
    size = size or (9.6, 0.7 + 2.1 * rows)
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=share, sharey=share)
    for ax in grid.flat[len(names) :]:
        ax.remove()
    for ax, name in zip(grid.flat, names, strict=False):
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.3)
        ax.set_axisbelow(True)
        ax.set_title(name, loc="left", fontsize=11)
    for ax in grid[-1]:
        ax.set_xlabel(across, fontsize=11)
    for ax in grid[:, 0]:
        ax.set_ylabel(up, fontsize=11)
    if len(names) == 1:
        grid[0, 0].set_title(title, loc="left", fontsize=12)
    elif title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure, list(grid.flat[: len(names)])


def _guide(ax, guides, *, upright=False, left=False):
    """Draw dotted lines across the axes at some values, each with its name at one end."""
    for name, value in (guides or {}).items():
        if upright:
            ax.axvline(value, color=GREY, ls=":", lw=1.5)
            ax.text(*(value, 0.99, f" {name}"), transform=ax.get_xaxis_transform(), **ABOVE)
        else:
            ax.axhline(value, color=GREY, ls=":", lw=1.5)
            end = {"x": 0.005, "ha": "left"} if left else {"x": 0.995, "ha": "right"}
            ax.text(**end, y=value, s=name, transform=ax.get_yaxis_transform(), **ON_LINE)


ABOVE = {"color": GREY, "fontsize": 10, "va": "top"}
ON_LINE = {"color": GREY, "fontsize": 10, "va": "bottom"}


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
    error=None,
    wrong=None,
    guides=None,
    marks=None,
    names_left=False,
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
    error : dict of str to (array_like, array_like), optional
        Ends of the interval of each point, drawn as a bar.
    guides, marks : dict of str to float, optional
        Values to compare with, by their names: dotted lines across, and upright ones.
    names_left : bool
        Whether lines across have their names on the left, where curves end on them.
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
    theory, band, wrong, error = theory or {}, band or {}, wrong or {}, error or {}
    shown = [*measured.values(), *theory.values(), *(guides or {}).values()]
    shown = [
        np.asarray(v, float) for v in (*shown, *(e for ends in error.values() for e in ends))
    ]
    low, high = _limits(np.concatenate([v.ravel() for v in shown]), log)
    ends = []
    for colour, (label, y) in zip(COLOURS, measured.items(), strict=False):
        y = np.asarray(y, float)
        if label in band:
            bottom, top = (np.clip(end, low, high) for end in band[label])
            if numeric:
                ax.fill_between(x, bottom, top, color=colour, alpha=0.15, lw=0)
            else:
                ax.bar(x, top - bottom, 0.3, bottom, color=colour, alpha=0.15, lw=0)
        if label in theory:
            expected = np.broadcast_to(theory[label], x.shape)
            if numeric:
                ax.plot(x, expected, color=colour, lw=1.2, ls="--")
            else:
                ax.hlines(expected, x - 0.3, x + 0.3, color=colour, lw=1.2, ls="--")
        joined = numeric and label not in theory  # between names there is nothing
        ax.plot(x, y, color=colour, marker="o", ms=5, ls="-" if joined else "", lw=1.2)
        if label in error:
            ax.vlines(x, *error[label], color=colour, lw=1.5)
        off = np.asarray(wrong.get(label, np.zeros(len(x), bool)))
        if off.any():
            at = np.where(np.isfinite(y[off]), np.clip(y[off], low, high), low)
            ax.plot(x[off], at, color="black", marker="x", ms=13, mew=2.5, ls="")
        last = np.flatnonzero(np.isfinite(y))
        if label and len(last):
            ends.append((label, x[last[-1]], np.clip(y[last[-1]], low, high), colour))
    _guide(ax, guides, left=names_left)
    _guide(ax, marks, upright=True)
    ax.set_ylim(low, high)
    if log:
        ax.set_yscale("log", base=log)
    if log_over:
        ax.set_xscale("log", base=log_over)
        if len(x) <= MOST_TICKS:
            ax.set_xticks(x, [typeset(number(value)) for value in x])
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


def runs(
    over,
    groups,
    *,
    guides=None,
    title="",
    axis="",
    log=None,
    columns=None,
    limits=None,
    words=None,
):
    """Draw many runs as thin lines and their median as a bold one, a field for each group.

    Parameters
    ----------
    over : tuple of str and array_like of shape (n_points,)
    groups : dict of str to array_like of shape (n_runs, n_points)
        By the name of the field.
    guides : dict of str to float, optional
        Values to compare with, by their names: dotted lines.
    title, axis : str
    log : int, optional
        Base of a logarithmic vertical axis.
    columns : int, optional
        Fields in a row; all, by default.
    limits : tuple of float, optional
        Ends of the vertical axis; what lies beyond leaves it.
    words : str, optional

    Returns
    -------
    Picture
    """
    name, x = over[0], np.asarray(over[1], float)
    figure, axes = _grid(title, groups, name, axis, columns=columns)
    shown = [np.ravel(lines) for lines in groups.values()]
    low, high = limits or _limits(np.concatenate([*shown, list((guides or {}).values())]), log)
    said = []
    for ax, (group, lines) in zip(axes, groups.items(), strict=True):
        lines = np.asarray(lines, float)
        ax.plot(x, lines.T, color=PALE, lw=1, antialiased=False)
        middle = np.median(lines, axis=0)
        ax.plot(x, middle, color=VERMILION, lw=2.2)
        _guide(ax, guides)
        said.append(f"{group}, from {number(middle[0], 2)} to {number(middle[-1], 2)}")
    axes[0].set_ylim(low, high)
    if log:
        axes[0].set_yscale("log", base=log)
    n_runs = len(next(iter(groups.values())))
    words = words or (
        f"{title}. {count(n_runs, 'run')} each, over {name} {span(x)}. Medians: "
        f"{'; '.join(said)}."
    )
    return Picture(figure, words)


def histograms(
    groups, *, over="", density=None, guides=None, title="", bins=40, limits=None, words=None
):
    """Draw the shares of values in bins, outlines on one another, beside their densities.

    Parameters
    ----------
    groups : dict of str to array_like
        Values, of any shape, by the name of the histogram.
    over : str
        What the values are.
    density : dict of str to callable, optional
        Takes an array of values, returns the probability density there: a dashed line.
    guides : dict of str to float, optional
        Values to compare with, by their names: dotted lines.
    title : str
    bins : int
    limits : tuple of float, optional
        Ends of the axis; what lies beyond is counted in the outermost bin.
    words : str, optional

    Returns
    -------
    Picture
    """
    groups = {name: np.ravel(values) for name, values in groups.items()}
    everything = np.concatenate(list(groups.values()))
    low, high = limits or (everything.min(), everything.max())
    edges = np.linspace(low, high, bins + 1)
    figure, ax = _axes(title, over, "share in a bin")
    highest, said = 0.0, []
    for colour, (name, values) in zip(COLOURS, groups.items(), strict=False):
        shares = np.histogram(np.clip(values, low, high), edges)[0] / values.size
        ax.stairs(shares, edges, color=colour, lw=1.8, label=name)
        ax.stairs(shares, edges, color=colour, alpha=0.15, fill=True)
        if name in (density or {}):
            grid = np.linspace(low, high, 301)
            ax.plot(grid, density[name](grid) * (edges[1] - edges[0]), color=colour, ls="--")
        highest = max(highest, shares.max())
        said.append(
            f"{name}: mean {two_places(values.mean())}, deviation {number(values.std(), 2)}"
        )
    ax.set(xlim=(low, high), ylim=(0, 1.25 * highest))
    if any(groups):
        ax.legend(loc="upper right", fontsize=10, ncols=len(groups), frameon=False)
    _guide(ax, guides, upright=True)
    return Picture(figure, words or f"{title}. Histograms of {over}. {'; '.join(said)}.")


def ridges(groups, *, over="", title="", bins=61, limits=None, words=None):
    """Draw a histogram for each layer, below one another: a field for each group.

    Each histogram is as high as its largest bin: to compare heights is to compare shapes.

    Parameters
    ----------
    groups : dict of str to (dict of str to array_like)
        By the name of the field, then by the name of the layer, the first at the top.
    over : str
        What the values are.
    title : str
    bins : int
    limits : tuple of float, optional
        Ends of the axis; what lies beyond is counted in the outermost bin.
    words : str, optional

    Returns
    -------
    Picture
    """
    tallest = max(map(len, groups.values()))
    figure, axes = _grid(
        title, groups, over, "", size=(9.6, 1.2 + 0.5 * tallest), share=limits is not None
    )
    said = []
    for ax, (group, layers) in zip(axes, groups.items(), strict=True):
        values = [np.ravel(v) for v in layers.values()]
        low, high = limits or _around_zero(np.concatenate(values))
        edges = np.linspace(low, high, bins + 1)
        for place, one in zip(range(len(values), 0, -1), values, strict=True):
            shares = np.histogram(np.clip(one, low, high), edges)[0]
            heights = place + 0.85 * shares / max(shares.max(), 1)
            ax.stairs(heights, edges, baseline=place, fill=True, color=BLUE, alpha=0.7)
        ax.set(xlim=(low, high), ylim=(0.9, len(values) + 1))
        ax.set_yticks(np.arange(len(values), 0, -1) + 0.2, list(layers), fontsize=10)
        spreads = [one.std() for one in values]
        said.append(
            f"{group}: deviation from {number(spreads[0], 2)} in {next(iter(layers))} "
            f"to {number(spreads[-1], 2)} in {list(layers)[-1]}"
        )
    return Picture(figure, words or f"{title}. Histograms of {over}. {'; '.join(said)}.")


def _around_zero(values):
    reach = np.quantile(np.abs(values), 0.995) or 1.0
    return -reach, reach


def on_off(groups, *, title="", across="unit", up="sample", words=None):
    """Draw tables of yes and no as white and black fields.

    Parameters
    ----------
    groups : dict of str to array_like of bool, of shape (n_samples, n_units)
        By the name of the field.
    title, across, up : str
    words : str, optional

    Returns
    -------
    Picture
    """
    figure, axes = _grid(title, groups, across, up)
    said = []
    for ax, (group, table) in zip(axes, groups.items(), strict=True):
        table = np.asarray(table, bool)
        ax.grid(visible=False)
        ax.imshow(table, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        everywhere = np.sum(table.all(axis=0)), np.sum(~table.any(axis=0))
        said.append(
            f"{group}: {percent(table.mean())} white, {count(everywhere[0], across)} white and "
            f"{everywhere[1]} black all the way down"
        )
    return Picture(figure, words or f"{title}. {'; '.join(said)}.")


def points(groups, *, over="", axis="", lines=None, title="", equal=False, words=None):
    """Draw points in planes, with lines to compare them with: a field for each group.

    Parameters
    ----------
    groups : dict of str to array_like of shape (n_points, 2)
        By the name of the field.
    over, axis : str
        Names of the two directions.
    lines : dict of str to (array_like, array_like), optional
        Places along lines that are drawn in every field, by the name of the line.
    title : str
    equal : bool
        Whether both directions have the same scale.
    words : str, optional

    Returns
    -------
    Picture
    """
    size = (4.2 * len(groups), 3.9) if len(groups) > 1 else (6.2, 4.2)
    figure, axes = _grid(title, groups, over, axis, size=size)
    said, ends = [], {}
    for ax, (group, places) in zip(axes, groups.items(), strict=True):
        places = np.asarray(places, float)
        faint = 0.35 if len(places) > 200 else 0.8
        ax.plot(
            *places.T, ls="", marker="o", ms=3 if faint < 0.5 else 6, color=BLUE, alpha=faint
        )
        for colour, (name, line) in zip(COLOURS[1:], (lines or {}).items(), strict=False):
            ax.plot(*line, color=colour, lw=1.5, ls="--")
            ends[name] = (name, line[0][-1], line[1][-1], colour)
        if equal:
            ax.set_aspect("equal", adjustable="datalim" if len(groups) == 1 else "box")
        alike = np.corrcoef(places.T)[0, 1] if len(places) > 1 else np.nan
        said.append(f"{group or 'points'}: correlation {two_places(alike)}")
    axes[-1].autoscale_view()  # else the heights would be those of empty axes
    _label_ends(axes[-1], ends.values())
    return Picture(figure, words or f"{title}. {axis} against {over}. {'; '.join(said)}.")


def heat_map(
    rows, columns, values, *, title="", digits=2, limits=None, cmap="cividis", words=None
):
    """Draw a table of numbers as coloured fields with the numbers in them.

    Parameters
    ----------
    rows, columns : tuple of str and sequence
        Name and values of what is varied downwards, and to the right.
    values : array_like of shape (n_rows, n_columns)
    title : str
    digits : int
        Of the numbers, significant ones.
    limits : tuple of float, optional
        Values of the two ends of the colours.
    cmap : str
    words : str, optional

    Returns
    -------
    Picture
    """
    values = np.asarray(values, float)
    height = 1.1 + 0.3 * len(values)
    figure, ax = _axes(title, columns[0], rows[0], size=(7.6, height))
    ax.grid(visible=False)
    low, high = limits or (np.nanmin(values), np.nanmax(values))
    image = ax.imshow(values, cmap=cmap, vmin=low, vmax=high, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(image.norm(value))
        dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.5
        style = {"ha": "center", "va": "center", "fontsize": 11, "gid": FIXED}
        ax.text(column, row, number(value, digits), color="white" if dark else "black", **style)
    ax.set_xticks(range(len(columns[1])), [_name(v) for v in columns[1]], fontsize=10)
    ax.set_yticks(range(len(rows[1])), [_name(v) for v in rows[1]], fontsize=10)
    words = words or (
        f"{title}. {rows[0]} {span(rows[1])} down, {columns[0]} {span(columns[1])} across: "
        f"from {number(values[0, 0], digits)} in the first field to "
        f"{number(values[-1, -1], digits)} in the last."
    )
    return Picture(figure, words)


def _name(value):
    return value if isinstance(value, str) else number(value)


def decision_maps(groups, samples, labels, *, title="", extent=None, words=None):
    """Draw what networks answer over a plane, blue for class 0 and red for 1, with the samples.

    Parameters
    ----------
    groups : dict of str to array_like of shape (n, n)
        Probability of class 1 on a grid over the plane, by the name of the field: rows upwards.
    samples : array_like of shape (n_samples, 2)
    labels : array_like of n_samples entries
        0 or 1.
    title : str
    extent : tuple of float, optional
        Left, right, lower and upper end of the grid; by default a third beyond the samples.
    words : str, optional

    Returns
    -------
    Picture
    """
    samples, labels = np.asarray(samples, float), np.ravel(labels)
    extent = extent or reach(samples)
    figure, axes = _grid(title, groups, "input 1", "input 2", size=(9.6, 3.4))
    said = []
    for ax, (group, grid) in zip(axes, groups.items(), strict=True):
        grid = np.asarray(grid, float)
        style = {"cmap": "RdBu_r", "vmin": 0, "vmax": 1, "origin": "lower"}
        ax.imshow(grid, extent=extent, interpolation="nearest", **style)
        ax.grid(visible=False)
        for label, marker, colour in ((0, "o", BLUE), (1, "s", VERMILION)):
            few = samples[labels == label].T
            ax.plot(*few, ls="", marker=marker, ms=7, mfc=colour, mec="white", mew=1.2)
        ax.set(xlim=extent[:2], ylim=extent[2:])
        said.append(
            f"{group}: probability of 1 from {number(grid.min(), 2)} to {number(grid.max(), 2)}"
        )
    return Picture(figure, words or f"{title}. {'; '.join(said)}.")


def reach(samples, room=1 / 3):
    """Return left, right, lower and upper end of a plane that goes beyond the samples."""
    low, high = np.min(samples, axis=0), np.max(samples, axis=0)
    beyond = room * (high - low)
    return tuple(float(v) for v in np.column_stack([low - beyond, high + beyond]).ravel())


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
    height = 0.9 + min(0.3 * len(names), 3.6)  # more than a dozen would not fit a slide
    figure, ax = _axes("", "share of the tolerance that is used", "", size=(9, height))
    places = np.arange(len(names))
    ax.barh(places, np.nan_to_num(used), height=0.55, color=BLUE)
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(places, names, fontsize=10)
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    ax.grid(visible=False, axis="y")
    return Picture(figure, words)
