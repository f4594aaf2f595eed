"""The figure of lesson 7."""

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from helpers.figures.canvas import (
    BLUE,
    GREY,
    ORANGE,
    TEXT,
    VERMILION,
    Canvas,
    label_powers,
    legend,
    limit,
    row_of_axes,
)
from helpers.words import count, number

ROOM = 1.3  # height of the cobweb's axes beside that of the map, for the legend


class LengthMap:
    """The length map as a cobweb, its place in the plane, and a network (lesson 7)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.8, 4.2), 3, left=0.045, right=0.985, bottom=0.14, top=0.91, wspace=0.22
        )
        self._cobweb_axes, self._plane, self._depth = axes
        moving = self._build_cobweb() + self._build_plane() + self._build_depth()
        self.canvas = Canvas(figure, moving)

    def _build_cobweb(self):
        ax = self._cobweb_axes
        ax.set_title("length of the next layer", fontsize=12)
        ax.set_xlabel("length q of a layer", fontsize=11, labelpad=1)
        self._diagonal = ax.plot([], [], color=GREY, lw=1.2, ls="--")[0]
        self._map = ax.plot([], [], color=BLUE, lw=2.5)[0]
        self._cobweb = ax.plot([], [], color=ORANGE, lw=1.5)[0]
        self._start = ax.plot([], [], color=ORANGE, marker="^", ms=9, ls="", clip_on=False)[0]
        self._fixed = ax.plot([], [], color=VERMILION, marker="o", ms=9, ls="", clip_on=False)[
            0
        ]
        lines = [self._map, self._diagonal, self._cobweb, self._fixed]
        labels = ["length map", "no change", "layers", "fixed point"]
        legend(ax, lines, labels, "upper center", columns=2)
        below = Rectangle((0, 0), 1, 1 / ROOM, transform=ax.transAxes)
        for line in (self._map, self._cobweb):
            line.set_clip_path(below)  # the legend stays free
        return [self._diagonal, self._map, self._cobweb, self._start, self._fixed]

    def _build_plane(self):
        ax = self._plane
        ax.set_title("σ_b of the biases", fontsize=12)
        ax.set_xlabel("σ_w of the weights", fontsize=11, labelpad=1)
        ax.set(xlim=(0.4, 5.1), ylim=(-0.03, 1.36), xticks=range(1, 6))
        ax.set_yticks(np.linspace(0, 1, 6))
        ax.grid(visible=False)
        self._ordered = ax.fill_betweenx([0, 1], [0, 0], [1, 1], color=BLUE, alpha=0.18, lw=0)
        self._critical = ax.plot([], [], color="black", lw=2)[0]
        self._ring = ax.plot([], [], color=VERMILION, marker="o", ms=10, ls="")[0]
        words = {"ha": "center", "va": "center", "fontsize": 11, "color": GREY}
        # The same for all activations, so it is a part of the background.
        ax.text(0.75, 0.55, "ordered: gradient shrinks", rotation=90, zorder=0.6, **words)
        self._right = ax.text(3.5, 0.55, "", **words)
        self._numbers = ax.text(2.75, 1.2, "", **{**TEXT, "ha": "center", "va": "center"})
        moving = [self._ordered, self._critical, self._right]
        return [*moving, self._ring, self._numbers]

    def _build_depth(self):
        ax = self._depth
        ax.set_title("mean squares in a network", fontsize=12)
        ax.set_xlabel("layer", fontsize=11, labelpad=1)
        label_powers(ax)
        looks = {"ls": "--", "lw": 1.5}
        self._theory = [ax.plot([], [], color=c, **looks)[0] for c in (BLUE, VERMILION)]
        self._measured = [
            ax.plot([], [], color=c, marker=marker, ms=4, ls="")[0]
            for c, marker in ((BLUE, "o"), (VERMILION, "s"))
        ]
        dashes = Line2D([], [], color="black", **looks)
        labels = ["signal z", "gradient δ", "wide layers"]
        legend(ax, [*self._measured, dashes], labels, "upper center", columns=2)
        return [*self._theory, *self._measured]

    def update(self, sigmas, lengths, curve, fixed, chi, critical, measured, theory):
        """Draw a length map and what a network makes of it.

        Parameters
        ----------
        sigmas : (float, float)
            sigma_w and sigma_b.
        lengths : ndarray
            What the map makes of the first of them, layer by layer.
        curve : callable
            The map, of an array of lengths.
        fixed, chi : float
            Where the lengths settle, possibly at inf; factor of the gradient there.
        critical : (ndarray, ndarray)
            sigma_w and sigma_b of the line where chi is 1.
        measured, theory : (ndarray, ndarray)
            Second moments of the signal in layers 0 to depth, and of the gradient in layers 1
            to depth.
        """
        self._draw_cobweb(lengths, curve, fixed)
        self._draw_plane(sigmas, fixed, chi, critical)
        self._draw_depth(measured, theory)
        depth = len(lengths) - 1
        signal, gradient = measured
        if fixed == 0:
            settles = "the lengths fall to 0"
        elif fixed == math.inf:
            settles = "the lengths grow without bound"
        else:
            settles = f"the lengths settle at {number(fixed)}"
        return (
            f"From {number(lengths[0])}, {settles}. After {count(depth, 'layer')} the map "
            f"gives {number(lengths[-1])}, the network {number(signal[-1])}. "
            f"In the long run χ₁ is {number(chi)}, {_regime(fixed, chi)}. In the network the "
            f"mean square of the gradient is {number(gradient[0])} times as large in layer 1 "
            f"as in layer {depth}; wide layers would give {number(theory[1][0])}."
        )

    def _draw_cobweb(self, lengths, curve, fixed):
        reach = limit(1.02 * lengths.max(), (1, 2, 4, 8, 16, 32))
        ticks = np.linspace(0, reach, 5)
        self._cobweb_axes.set(xlim=(0, reach), ylim=(0, ROOM * reach), xticks=ticks)
        self._cobweb_axes.set(yticks=ticks)
        self._diagonal.set_data([0, reach], [0, reach])
        q = np.linspace(0, reach, 101)
        self._map.set_data(q, curve(q))
        # From the diagonal to the map, and back to the diagonal. A cobweb's lines are upright
        # or level, so that those which leave the axes may end anywhere outside.
        path = np.minimum(np.repeat(lengths, 2), 2 * reach)
        self._cobweb.set_data(path[:-1], [0, *path[2:]])
        self._start.set_data([lengths[0]], [0])
        inside = fixed <= reach
        self._fixed.set_data([fixed] if inside else [], [fixed] if inside else [])

    def _draw_plane(self, sigmas, fixed, chi, critical):
        weights, biases = critical
        self._ordered.set_data(biases, np.zeros_like(weights), weights)
        self._critical.set_data(weights, biases)
        self._ring.set_data([sigmas[0]], [sigmas[1]])
        upright = weights[0] == weights[-1]  # beyond it a rectifier's lengths have no bound
        grows = "gradient and\nlength grow" if upright else "chaotic:\ngradient grows"
        self._right.set_text(grows)
        settles = "no fixed point" if fixed == math.inf else f"q* = {number(fixed)}"
        self._numbers.set_text(f"{settles},  χ₁ = {number(chi)}\n{_regime(fixed, chi)}")

    def _draw_depth(self, measured, theory):
        powers = [[np.log10(values) for values in pair] for pair in (measured, theory)]
        depth = len(powers[0][1])
        extreme = max(np.abs(values).max() for pair in powers for values in pair)
        reach = limit(1.05 * extreme, (1, 2, 4, 8, 12, 16, 24))
        ticks = np.linspace(-reach, reach, 5 if reach > 1 else 3)
        self._depth.set(xlim=(-0.5, depth + 0.5), ylim=(-reach, 1.55 * reach), yticks=ticks)
        self._depth.set_xticks(range(0, depth + 1, 5))
        for lines, pair in zip((self._measured, self._theory), powers, strict=True):
            for line, values in zip(lines, pair, strict=True):
                line.set_data(np.arange(depth + 1 - len(values), depth + 1), values)


def _regime(fixed, chi):
    """Return the name of what a gradient does."""
    if abs(chi - 1) < 5e-4:
        return "critical: between the two"
    if chi < 1:
        return "ordered: the gradient shrinks"
    if fixed == math.inf:
        return "gradient and length grow"
    return "chaotic: the gradient grows"
