"""The figure of lesson 1."""

from itertools import pairwise

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from helpers.figures.canvas import BLUE, GREY, TEXT, VERMILION, Canvas
from helpers.figures.recorder import FIXED
from helpers.words import count, number


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
