"""The figures of lesson 1."""

from itertools import pairwise, product

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from helpers.figures.canvas import (
    BLUE,
    GREY,
    TEXT,
    VERMILION,
    Canvas,
    label_powers,
    row_of_axes,
)
from helpers.figures.recorder import FIXED
from helpers.words import count, number, percent, typeset


class NetworkDiagram:
    """A network as units joined by weights, beside the same weights as matrices (lesson 1)."""

    SIZE = (10.5, 4.1)  # inches; positions are inches too, so that shapes stay as they are
    REACH = 1.5  # weights beyond it have one colour
    COLUMNS = (0.75, 5.35)  # of the units: the first and the last
    TOP, BOTTOM = 3.1, 0.95  # of the first and the last unit, and of the matrices
    MIDDLE = 6.05  # between units and matrices
    MATRICES = (6.25, 10.4)
    MOST_NUMBERS = 32  # more are slow to draw

    def __init__(self):
        figure = Figure(figsize=self.SIZE, dpi=100)
        width, height = self.SIZE
        ax, right = (
            figure.add_axes((left / width, 0, (end - left) / width, 1))
            for left, end in pairwise((0, self.MIDDLE, width))
        )
        for half, limits in ((ax, (0, self.MIDDLE)), (right, (self.MIDDLE, width))):
            half.set(xlim=limits, ylim=(0, height), xticks=[], yticks=[])
            half.spines[:].set_visible(False)
            half.patch.set_visible(False)
        colors = LinearSegmentedColormap.from_list("weights", [BLUE, "#E4E4E4", VERMILION])
        shading = {"cmap": colors, "norm": Normalize(-self.REACH, self.REACH, clip=True)}
        self._edges = ax.add_collection(LineCollection([], zorder=2, **shading))
        self._tiles = right.add_collection(
            PolyCollection([], zorder=2, edgecolor="white", lw=1, gid=FIXED, **shading)
        )
        self._units = ax.scatter([], [], s=170, facecolor="white", edgecolor="black", zorder=4)
        words = {"ha": "center", "va": "center", **TEXT}
        self._title = ax.text(0.15, height - 0.25, "", **{**words, "ha": "left"})
        self._columns = [ax.text(0, 3.4, "", **words) for _ in range(4)]
        self._shapes = [ax.text(0, 0.4, "", **words) for _ in range(3)]
        self._names = [right.text(0, 3.4, "", **words) for _ in range(3)]
        self._numbers = [
            right.text(0, 0, "", **{**words, "fontsize": 10}, zorder=3, gid=FIXED)
            for _ in range(self.MOST_NUMBERS)
        ]
        right.text(
            *(sum(self.MATRICES) / 2, height - 0.25),
            "as matrices: a row per input, a column per unit",
            **words,
        )
        right.text(6.5, 0.49, "weight", **words)
        bar = figure.add_axes((7.0 / width, 0.42 / height, 2.9 / width, 0.14 / height))
        bar.imshow(
            np.linspace(-self.REACH, self.REACH, 101)[None],
            aspect="auto",
            extent=(-self.REACH, self.REACH, 0, 1),
            **shading,
        )
        bar.set(yticks=[], xticks=[-self.REACH, 0, self.REACH])
        bar.set_xticklabels(["−1.5 or less", "0", "1.5 or more"], fontsize=10)
        bar.tick_params(color=GREY)
        self.canvas = Canvas(
            figure,
            [
                *(self._edges, self._tiles, self._units, self._title),
                *(self._columns + self._shapes + self._names + self._numbers),
            ],
        )

    def update(self, weights, scheme, seed):
        """Draw a network from its weight matrices, one of shape (fan_in, fan_out) per layer."""
        sizes = [len(weights[0]), *(W.shape[1] for W in weights)]
        values = np.concatenate([W.ravel() for W in weights])
        self._draw_units(sizes, weights, values)
        self._draw_matrices(weights, values)
        total = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))
        self._title.set_text(f"{sizes}: {total} parameters ({scheme}, seed {seed})")
        shapes = _listed([str(W.shape) for W in weights])
        biases = _listed([f"({size},)" for size in sizes[1:]])
        return (
            f"A network with layers of {_listed(sizes)} units has {total} parameters: weights "
            f"of shapes {shapes}, biases of shapes {biases}. {_range(values)}; the biases "
            "are 0."
        )

    def _draw_units(self, sizes, weights, values):
        xs = np.linspace(*self.COLUMNS, len(sizes))
        middle = (self.TOP + self.BOTTOM) / 2
        gap = min(0.65, (self.TOP - self.BOTTOM) / max(sizes))
        places = [
            np.stack([np.full(n, x), middle + gap * ((n - 1) / 2 - np.arange(n))], axis=1)
            for x, n in zip(xs, sizes, strict=True)
        ]
        # In the order of `values`: each unit on the left with all of those on the right.
        starts = [np.repeat(a, len(b), axis=0) for a, b in pairwise(places)]
        ends = [np.tile(b, (len(a), 1)) for a, b in pairwise(places)]
        edges = np.stack([np.concatenate(starts), np.concatenate(ends)], axis=1)
        size = np.abs(values)
        order = np.argsort(size, kind="stable")  # the largest on top
        self._edges.set_segments(edges[order])
        self._edges.set_array(values[order])
        self._edges.set_linewidth(0.6 + 2 * np.minimum(size[order], self.REACH))
        self._units.set_offsets(np.concatenate(places))
        things = ["input", *["hidden unit"] * (len(sizes) - 2), "output"]
        for i, text in enumerate(self._columns):
            shown = i < len(sizes)
            text.set_text(count(sizes[i], things[i]) if shown else "")
            text.set_x(xs[i] if shown else 0)
        for i, text in enumerate(self._shapes):
            shown = i < len(weights)
            words = f"W{i + 1} {weights[i].shape}\nb{i + 1} ({sizes[i + 1]},)" if shown else ""
            text.set_text(words)
            text.set_x((xs[i] + xs[i + 1]) / 2 if shown else 0)

    def _draw_matrices(self, weights, values):
        left, right = self.MATRICES
        slot = (right - left) / len(weights)
        rows, columns = np.max([W.shape for W in weights], axis=0)
        tile = min(0.5, (slot - 0.2) / columns, (self.TOP - self.BOTTOM + 0.1) / rows)
        corners = tile * np.array([[0, 0], [1, 0], [1, -1], [0, -1]])
        origins = []
        for i, (text, W) in enumerate(zip(self._names, weights, strict=False)):
            center = left + (i + 0.5) * slot
            text.set(text=f"W{i + 1}", x=center)
            row, column = np.indices(W.shape).reshape(2, -1)
            x = center + tile * (column - W.shape[1] / 2)
            origins.append(np.stack([x, self.TOP + 0.1 - tile * row], axis=1))
        for text in self._names[len(weights) :]:
            text.set_text("")
        origins = np.concatenate(origins)
        self._tiles.set_verts(origins[:, None] + corners)
        self._tiles.set_array(values)
        decimals = 2 if tile > 0.44 else 1
        shown = tile > 0.36 and len(values) <= self.MOST_NUMBERS
        for i, text in enumerate(self._numbers):
            if shown and i < len(values):
                text.set_text(f"{values[i]:z.{decimals}f}".replace("-", "−"))
                text.set_position(origins[i] + corners[[0, 2]].mean(axis=0))
            else:
                text.set_text("")


def _listed(things):
    *others, last = map(str, things)
    return f"{', '.join(others)} and {last}"


def _range(values):
    low, high = values.min(), values.max()
    if low == high == 0:
        return f"Its {len(values)} weights are all 0"
    return (
        f"Its {len(values)} weights go from {number(low)} to {number(high)}, "
        f"with a root mean square of {number(np.sqrt(np.mean(values**2)))}"
    )


class WorkedStep:
    """Forward and backward through a network of seven units and one sample (lesson 1).

    In each circle is an input or a z, above it h, below it δ.
    """

    SIZE = (10.5, 4.9)  # inches; positions are inches too
    COLUMNS = (1.2, 5.0, 8.6)  # of inputs, hidden units and output
    TOP, BOTTOM = 4.0, 1.05  # of the first and the last unit of the largest layer
    REACH = 1.5  # numbers beyond it have one colour

    def __init__(self):
        figure = Figure(figsize=self.SIZE, dpi=100)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, self.SIZE[0]), ylim=(0, self.SIZE[1]), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        middle, rise = (self.TOP + self.BOTTOM) / 2, (self.TOP - self.BOTTOM) / 3
        self._places = [
            [(x, middle + rise * ((n - 1) / 2 - i)) for i in range(n)]
            for x, n in zip(self.COLUMNS, (3, 4, 1), strict=True)
        ]
        colors = LinearSegmentedColormap.from_list("numbers", [BLUE, "#E4E4E4", VERMILION])
        shading = {"cmap": colors, "norm": Normalize(-self.REACH, self.REACH, clip=True)}
        self._lines = [
            ax.add_collection(LineCollection(list(product(a, b)), zorder=2, **shading))
            for a, b in pairwise(self._places)
        ]
        everything = [place for layer in self._places for place in layer]
        ax.plot(*np.transpose(everything), ls="", marker="o", ms=34, mfc="white", mec=GREY)
        ax.lines[0].set_zorder(3)
        words = {"ha": "center", "va": "center", "zorder": 5, "fontsize": 11}
        self._inside, self._above, self._below = (
            [
                [ax.text(x, y + shift, "", color=color, **words) for x, y in layer]
                for layer in self._places
            ]
            for shift, color in ((0, "#222222"), (0.35, BLUE), (-0.35, VERMILION))
        )
        self._on_lines = [
            ax.text(
                *np.add(np.multiply(0.45, self._places[2][0]), np.multiply(0.55, place)),
                *("",),
                **words,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
            for place in self._places[1]
        ]
        for x, name in zip(self.COLUMNS, ("inputs", "hidden: z, h, δ", "output"), strict=True):
            ax.text(x, 4.68, name, **words, color=GREY)
        self._title = ax.text(0.15, 0.28, "", **{**TEXT, "va": "center"})
        self._loss = ax.text(self.COLUMNS[2], 1.15, "", **words, color="#222222")
        units = (self._inside, self._above, self._below)
        texts = [text for layers in units for layer in layers for text in layer]
        self.canvas = Canvas(
            figure, [*self._lines, *ax.lines, *texts, *self._on_lines, self._title, self._loss]
        )

    def update(self, stage, stages, sample, x, W1, z1, h1, W2, z2, y, delta2, delta1):
        """Draw what is known of one sample after `stage` of the names in `stages`.

        Parameters
        ----------
        stage : int
        stages : sequence of str
        sample : int
            Its number, for the words.
        x, z1, h1, delta1 : ndarray of shape (n_units,)
        W1, W2 : ndarray of shape (fan_in, fan_out)
        z2, y, delta2 : float
            Output, target, and the sample's share of the loss's gradient at the output.
        """
        hidden, output = stage >= 1, stage >= 2
        self._write(self._inside, x, z1 if hidden else None, [z2] if output else None)
        self._write(self._above, None, h1 if hidden else None, None, "h = ")
        delta = [delta2] if stage >= 3 else None
        self._write(self._below, None, delta1 if stage >= 5 else None, delta, "δ = ")
        gradient2, gradient1 = np.outer(h1, delta2), np.outer(x, delta1)
        for lines, values in zip(
            self._lines,
            (gradient1 if stage == 6 else W1, gradient2 if stage == 4 else W2),
            strict=True,
        ):
            lines.set_array(values.ravel())
            lines.set_linewidth(0.6 + 2.4 * np.minimum(np.abs(values.ravel()), self.REACH))
        on_lines = gradient2.ravel() if stage == 4 else W2.ravel()
        for text, value in zip(self._on_lines, on_lines, strict=True):
            text.set_text(_digits(value))
        lines = {4: "second lines: gradient of W2", 6: "first lines: gradient of W1"}
        shown = lines.get(stage, "lines: weights")
        self._title.set_text(
            f"sample {sample}, {stages[stage]}\n{shown}; red above 0, blue below"
        )
        self._loss.set_text(f"target {_digits(y)}" if output else "")
        said = [
            f"the inputs are {_row(x)}",
            f"z1 is {_row(z1)} and h1 {_row(h1)}",
            f"the output is {_digits(z2)}, the target {_digits(y)}",
            f"delta 2 is {_digits(delta2)}",
            f"this sample's share of the gradient of W2 is {_row(gradient2.ravel())}",
            f"delta 1 is {_row(delta1)}",
            f"its share of the gradient of W1 is, row by row, {_row(gradient1.ravel())}",
        ][stage]
        return f"The network 3, 4, 1 with sample {sample}, {stages[stage]}: {said}."

    def _write(self, texts, inputs, hidden, output, name=""):
        """Write numbers at the units of each layer; nothing for None."""
        for layer, values in zip(texts, (inputs, hidden, output), strict=True):
            for i, text in enumerate(layer):
                text.set_text("" if values is None else f"{name}{_digits(values[i])}")


def _digits(value):
    """Return a short number with a true minus, as it is written in a formula."""
    return f"{value + 0.0:g}".replace("-", "−")


def _row(values):
    return ", ".join(map(_digits, values))


class LossAlongGradient:
    """The loss after one step against its length, and after many such steps (lesson 1)."""

    LOWEST = -6  # power of ten: smaller losses are drawn there

    def __init__(self, rates, losses, slope, steps):
        """Take the curve of the loss over the learning rate, minus its slope at 0, and a count.

        Parameters
        ----------
        rates, losses : ndarray of shape (n_points,)
        slope : float
            Squared length of the gradient.
        steps : int
            Of training, for the right-hand axis.
        """
        figure, (along, repeated) = row_of_axes(
            (10.5, 3.9), 2, left=0.065, right=0.985, bottom=0.15, top=0.9, wspace=0.16
        )
        start = losses[0]
        along.plot(rates, losses, color=BLUE, lw=2, zorder=0.6)
        touches = rates <= 1.15 * start / slope
        along.plot(
            rates[touches],
            start - slope * rates[touches],
            color=GREY,
            lw=1.5,
            ls="--",
            zorder=0.6,
        )
        along.text(0.046, -0.28, "tangent at 0", color=GREY, fontsize=10)
        along.axhline(start, color=GREY, lw=1, ls=":", zorder=0.5)
        along.set(xlim=(-0.004, rates[-1] + 0.004), ylim=(-0.35, 1.06 * losses.max()))
        along.set_title("loss after one step", fontsize=12)
        along.set_xlabel("learning rate η", fontsize=11)
        repeated.set_title("loss, step after step", fontsize=12)
        repeated.set_xlabel("step", fontsize=11)
        repeated.set(xlim=(-0.02 * steps, 1.02 * steps), ylim=(self.LOWEST - 0.4, 1.2))
        label_powers(repeated)
        repeated.axhline(np.log10(start), color=GREY, lw=1, ls=":", zorder=0.5)
        self._dot = along.plot([], [], "o", color=VERMILION, ms=9)[0]
        self._said = along.text(0.04, 0.95, "", transform=along.transAxes, va="top", **TEXT)
        self._curve = repeated.plot([], [], color=BLUE, marker=".", ms=5, lw=1)[0]
        self._end = repeated.text(
            0.97, 0.95, "", transform=repeated.transAxes, va="top", ha="right", **TEXT
        )
        self.canvas = Canvas(figure, [self._dot, self._said, self._curve, self._end])

    def update(self, rate, start, predicted, after, losses):
        """Draw one learning rate.

        Parameters
        ----------
        rate, start : float
        predicted : float
            Fall of the loss by the tangent.
        after : float
            Loss after one step.
        losses : ndarray of shape (n_steps + 1,)
            Loss while training with this rate.
        """
        fall = start - after
        self._dot.set_data([rate], [after])
        self._said.set_text(f"predicted fall {predicted:.4f}\nmeasured fall {fall:.4f}")
        powers = np.log10(np.maximum(losses, 10.0**self.LOWEST))
        self._curve.set_data(np.arange(len(losses)), powers)
        steps, last = len(losses) - 1, float(f"{losses[-1]:.1e}")
        shown = f"below 10^{self.LOWEST}" if last < 10.0**self.LOWEST else number(last, 2)
        self._end.set_text(f"after {steps} steps: {typeset(shown)}")
        verb = "falls" if fall >= 0 else "rises"
        return (
            f"With learning rate {number(rate)} the loss {verb} in one step from {start:.3f} "
            f"to {after:.3f}; its tangent predicts a fall of {predicted:.4f}. After {steps} "
            f"steps it is {shown}."
        )


class LineThroughXor:
    """One straight line through the four points of XOR, and what many get right (lesson 1)."""

    LOW, HIGH = -0.6, 1.6  # of the plane

    def __init__(self, points, labels, lines, counts):
        """Take the points, and what many random lines do.

        Parameters
        ----------
        points : ndarray of shape (n_points, 2)
        labels : ndarray of shape (n_points,)
        lines : ndarray of shape (n_lines, 2, 2)
            Ends of some lines, as places in the plane.
        counts : ndarray of shape (n_points + 1,)
            Share of the random lines that get 0, 1, ... points right.
        """
        figure, (plane, bars) = row_of_axes(
            (10.5, 4.0), 2, left=0.055, right=0.985, bottom=0.14, top=0.9, wspace=0.16
        )
        limits = (self.LOW, self.HIGH)
        plane.set(xlim=limits, ylim=limits, aspect="equal", xticks=[0, 1], yticks=[0, 1])
        self._rule = plane.set_title("", fontsize=12)
        plane.set_xlabel("input 1", fontsize=11)
        plane.set_ylabel("input 2", fontsize=11)
        style = {"color": "#D8D8D8", "lw": 1, "zorder": 0.6}
        plane.add_collection(LineCollection(lines, **style))
        self._side = plane.fill([0, 0, 0], [0, 0, 0], color=VERMILION, alpha=0.25, lw=0)[0]
        self._line = plane.plot([], [], color=VERMILION, lw=2.5)[0]
        self._points = [
            plane.text(
                *(*point, f"{label:.0f}"),
                **{"ha": "center", "va": "center", "fontsize": 13, "weight": "bold"},
                bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": "black"},
            )
            for point, label in zip(points, labels, strict=True)
        ]
        bars.set_title("10 000 random lines", fontsize=12)
        bars.set_xlabel("points right", fontsize=11)
        bars.set_ylabel("share of the lines", fontsize=11)
        bars.bar(np.arange(len(counts)), counts, width=0.6, color=BLUE, alpha=0.7, zorder=0.6)
        bars.set(xlim=(-0.6, len(counts) - 0.4), ylim=(0, 1.2 * counts.max()))
        self._mine = bars.plot([], [], "v", color=VERMILION, ms=13)[0]
        self._said = bars.text(0, 0, "", ha="center", va="bottom", **TEXT)
        self._labels, self._counts = labels, counts
        self.canvas = Canvas(
            figure, [self._side, self._line, *self._points, self._mine, self._said, self._rule]
        )

    def update(self, corners, line, answers, w1, w2, b):
        """Draw one line.

        Parameters
        ----------
        corners : ndarray of shape (n_corners, 2)
            Of the part of the plane in which the answer is 1; none if it is 0 everywhere.
        line : ndarray of shape (2, 2) or (0, 2)
            The line's ends; none where there is no line.
        answers : ndarray of shape (n_points,)
        w1, w2, b : float
            Weights and bias.
        """
        terms = [f"{_digits(w1)} x₁", f"{_digits(w2)} x₂", _digits(b)]
        rule = f"{' + '.join(terms)} > 0".replace("+ −", "− ")
        self._rule.set_text(f"yours: {rule}")
        self._side.set_xy(corners if len(corners) else np.full((3, 2), 9.0))
        self._line.set_data(*line.T)
        right = int(np.sum(answers == self._labels))
        self._mine.set_data([right], [self._counts[right] + 0.06 * self._counts.max()])
        self._said.set(
            text=f"yours: {right} of {len(answers)}",
            position=(right, self._counts[right] + 0.1 * self._counts.max()),
        )
        given = ", ".join(f"{answer:.0f}" for answer in answers)
        wanted = ", ".join(f"{label:.0f}" for label in self._labels)
        best = np.flatnonzero(self._counts)[-1]
        return (
            f"Your line answers {given} to four points whose classes are {wanted}: {right} "
            f"of them right. Of 10 000 random lines, the best get {best} right, which "
            f"{percent(self._counts[best])} of them do."
        )
