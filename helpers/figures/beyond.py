"""The figures of lesson 7."""

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
from helpers.figures.pictures import Picture, _axes
from helpers.words import count, number, percent, two_places

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
        factors = theory[1][:-1] / theory[1][1:]
        unsettled = abs(np.log(factors / chi).sum()) > UNSETTLED
        self._draw_plane(sigmas, fixed, chi, critical, unsettled)
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
            f"In the long run χ₁ is {number(chi)}, {_regime(fixed, chi)}. "
            f"{_until_settled(factors) if unsettled else ''}In the network the "
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

    def _draw_plane(self, sigmas, fixed, chi, critical, unsettled):
        weights, biases = critical
        self._ordered.set_data(biases, np.zeros_like(weights), weights)
        self._critical.set_data(weights, biases)
        self._ring.set_data([sigmas[0]], [sigmas[1]])
        upright = weights[0] == weights[-1]  # beyond it a rectifier's lengths have no bound
        grows = "gradient and\nlength grow" if upright else "chaotic:\ngradient grows"
        self._right.set_text(grows)
        settles = "no fixed point" if fixed == math.inf else f"q* = {number(fixed)}"
        what = _regime(fixed, chi)
        if unsettled:
            what = f"{what.split(':')[0]}, once q has settled"
        self._numbers.set_text(f"{settles},  χ₁ = {number(chi)}\n{what}")

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


UNSETTLED = np.log(2)  # of what the layers multiply the gradient by, beside chi at each


def _until_settled(factors):
    return (
        f"Until the length has settled, a layer's factor is another: {number(factors[0])} in "
        f"the first, {number(factors[-1])} in the last. "
    )


def _regime(fixed, chi):
    """Return the name of what a gradient does."""
    if abs(chi - 1) < 5e-4:
        return "critical: between the two"
    if chi < 1:
        return "ordered: the gradient shrinks"
    if fixed == math.inf:
        return "gradient and length grow"
    return "chaotic: the gradient grows"


LOWEST = 8  # powers of ten below 1 at which the axis of 1 - c ends
SCALES = (-1, 3)  # powers of ten of the depth scale


class CorrelationMap:
    """The correlation map with its staircase, 1 - c by layer, and depth scales (lesson 7)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.8, 3.8), 3, left=0.045, right=0.985, bottom=0.15, top=0.9, wspace=0.2
        )
        self._map_axes, self._layers, self._scales = axes
        moving = self._build_map() + self._build_layers() + self._build_scales()
        self.canvas = Canvas(figure, moving)

    def _build_map(self):
        ax = self._map_axes
        ax.set_title("correlation in the next layer", fontsize=12)
        ax.set_xlabel("correlation c in a layer", fontsize=11, labelpad=1)
        ticks = np.linspace(0, 1, 6)
        ax.set(xlim=(0, 1.02), ylim=(0, 1.02), xticks=ticks, yticks=ticks)
        diagonal = ax.plot([0, 1], [0, 1], color=GREY, lw=1.2, ls="--")[0]
        self._map = ax.plot([], [], color=BLUE, lw=2.5)[0]
        self._stairs = ax.plot([], [], color=ORANGE, lw=1.5)[0]
        self._start = ax.plot([], [], color=ORANGE, marker="^", ms=9, ls="", clip_on=False)[0]
        lines = [self._map, diagonal, self._stairs]
        legend(ax, lines, ["correlation map", "no change", "layers"], "lower right")
        return [self._map, self._stairs, self._start]

    def _build_layers(self):
        ax = self._layers
        ax.set_title("1 − c, layer by layer", fontsize=12)
        ax.set_xlabel("layer", fontsize=11, labelpad=1)
        label_powers(ax)
        self._band = ax.fill_between([0, 1], [0, 0], [0, 0], color=ORANGE, alpha=0.4, lw=0)
        self._tangent = ax.plot([], [], color=GREY, ls=":", lw=2)[0]
        self._theory = ax.plot([], [], color=VERMILION, ls="--", lw=2)[0]
        self._network = ax.plot([], [], color=BLUE, marker="o", ms=3, ls="")[0]
        handles = [self._network, self._band, self._theory, self._tangent]
        names = ["a network", "ten networks", "map", "$e^{-l/\\xi}$"]
        legend(ax, handles, names, "upper center", columns=2)
        return [self._band, self._tangent, self._theory, self._network]

    def _build_scales(self):
        ax = self._scales
        ax.set_title("depth scale |ξ|, in layers", fontsize=12)
        ax.set_xlabel("σ_w of the weights", fontsize=11, labelpad=1)
        low, high = SCALES
        ax.set(xlim=(0.4, 3.1), ylim=(low, high + 1.1), yticks=range(low, high + 1))
        label_powers(ax)
        self._alike = ax.plot([], [], color=BLUE, lw=2)[0]
        self._apart = ax.plot([], [], color=VERMILION, lw=2)[0]
        self._ring = ax.plot([], [], color="black", marker="o", ms=10, mfc="none", ls="")[0]
        self._line = ax.plot([], [], color="black", lw=1.2, ls="--")[0]
        handles = [self._alike, self._apart, self._line]
        names = ["become alike", "keep apart", "critical line"]
        legend(ax, handles, names, "upper center", columns=2)
        words = {"ha": "right", "va": "bottom", "transform": ax.transAxes}
        self._nothing = ax.text(0.97, 0.04, "", **{**TEXT, **words})
        return [self._line, self._alike, self._apart, self._ring, self._nothing]

    def update(
        self, sigma_w, curve, distances, slope, fading, rectifier, measured, critical, scales
    ):
        """Draw what becomes of two inputs.

        Parameters
        ----------
        sigma_w : float
        curve : (ndarray, ndarray)
            Correlations, and those of the next layer.
        distances : ndarray
            1 - c by the map, in layers 0 to depth.
        slope : float
            Of the map at a correlation of 1.
        fading, rectifier : bool
            Whether the length falls to 0; whether the activation is a rectifier.
        measured : ndarray of shape (depth + 1, n_networks)
            1 - c in networks; the first of them is the one of the dots.
        critical : float or None
            sigma_w of the critical line.
        scales : ((ndarray, ndarray), (ndarray, ndarray))
            sigma_w and depth scale where inputs become alike, and where they keep apart.
        """
        depth = len(distances) - 1
        c = 1 - distances
        self._map.set_data(*curve)
        path = np.repeat(c, 2)
        self._stairs.set_data(path[:-1], [0, *path[2:]])
        self._start.set_data([c[0]], [0])
        self._draw_layers(distances, slope, measured)
        way, scale = _way_of_two(slope, fading, rectifier)
        self._draw_scales(sigma_w, slope, critical, scales, scale)
        last = measured[-1]
        low, high = number(last.min()), number(last.max())
        return (
            f"Two inputs with correlation {two_places(c[0])} {way}. In layer {depth} 1 − c is "
            f"{number(distances[-1])} by the map, {number(last[0])} in a network, and from "
            f"{low} to {high} in ten. The slope of the map at c = 1 is {number(slope)}; "
            f"{scale or f'the depth scale is {_layers_of(slope)}'}."
        )

    def _draw_layers(self, distances, slope, measured):
        theory, networks = (
            np.log10(np.maximum(values, 1e-30)) for values in (distances, measured)
        )
        layers = np.arange(len(distances))
        reach = limit(-1.02 * theory.min(), (1, 2, 4, LOWEST))
        self._layers.set(xlim=(-1, layers[-1] + 1), ylim=(-reach, 0.3 + 0.4 * reach))
        self._layers.set_yticks(np.arange(-reach, 0.5, max(1, reach // 4)))
        below = -reach - 1  # cut off there
        networks = np.maximum(networks, below)
        self._band.set_data(layers, networks.min(axis=1), networks.max(axis=1))
        self._network.set_data(layers, networks[:, 0])
        self._theory.set_data(layers, np.maximum(theory, below))
        # Through the end where inputs become alike, while 1 - c is more than rounding leaves;
        # where near ones part, through the start.
        at = np.flatnonzero(theory > below)[-1] if slope < 1 else 0
        line = theory[at] + np.log10(slope) * (layers - at)
        inside = (line < 0.05) & (line > below) & (abs(slope - 1) >= NEAR_1)
        inside &= (slope < 1) | (theory[0] < -1)
        self._tangent.set_data(layers[inside], line[inside])

    def _draw_scales(self, sigma_w, slope, critical, curves, without):
        for line, (weights, scale) in zip((self._alike, self._apart), curves, strict=True):
            line.set_data(weights, np.clip(np.log10(scale), SCALES[0] - 1, SCALES[1]))
        self._line.set_data([critical] * 2 if critical else [], SCALES if critical else [])
        self._nothing.set_text(without.replace(": ", ":\n"))
        self._ring.set_data([], [])
        if not without:
            power = -np.log10(abs(np.log(slope)))
            self._ring.set_data([sigma_w], [np.clip(power, *SCALES)])


NEAR_1 = 2e-3  # a slope so near 1 changes little in 50 layers


def _layers_of(slope):
    """Return the depth scale of a slope, in words."""
    return f"{number(1 / abs(np.log(slope)))} layers"


def _way_of_two(slope, fading, rectifier):
    """Return what becomes of two inputs, and why there is no depth scale, if there is none."""
    if abs(slope - 1) >= NEAR_1:
        return ("become alike" if slope < 1 else "keep a difference"), ""
    if rectifier:
        return "become alike", "no depth scale: 1 − c falls like 1/l²"
    if fading:
        return "stay as they are", "no depth scale: the length falls to 0"
    return "become alike", "on the critical line: 1 − c falls like 1/l"


WEIGHTS = {"Gaussian": (VERMILION, "s"), "orthogonal": (BLUE, "o")}
KEPT = 11  # powers of ten below the largest singular value that are shown


class Spectra:
    """Singular values of Jacobians: sorted, and how many are near the largest (lesson 7)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.7), 2, left=0.06, right=0.985, bottom=0.15, top=0.91, wspace=0.13
        )
        self._sorted, share = axes
        self._sorted.set_title("singular values, from the largest down", fontsize=12)
        self._sorted.set_xlabel("share of the directions", fontsize=11, labelpad=1)
        self._sorted.set(xlim=(0, 1), xticks=np.linspace(0, 1, 6))
        label_powers(self._sorted)
        share.set_title("share of at least a tenth of the largest", fontsize=12)
        share.set_xlabel("layers", fontsize=11, labelpad=1)
        share.set(xlim=(0, 51), ylim=(-0.03, 1.32), yticks=np.linspace(0, 1, 6))
        style = {"color": "black", "ls": "--", "lw": 1.5}
        self._wide = [ax.plot([], [], **style)[0] for ax in axes]
        self._dots, self._curves, self._rings = {}, {}, {}
        for name, (colour, marker) in WEIGHTS.items():
            style = {"color": colour, "marker": marker}
            self._dots[name] = self._sorted.plot([], [], ms=4, ls="", **style)[0]
            self._curves[name] = share.plot([], [], ms=3, lw=1.2, **style)[0]
            style = {"ls": "", "marker": "o", "ms": 11, "mfc": "none", "mec": "black"}
            self._rings[name] = share.plot([], [], **style)[0]
        names = [*self._dots, "wide layers, Gaussian, linear"]
        legend(self._sorted, [*self._dots.values(), self._wide[0]], names, "upper right")
        legend(share, list(self._curves.values()), list(self._dots), "upper right", columns=2)
        moving = [*self._wide, *self._dots.values(), *self._curves.values()]
        self.canvas = Canvas(figure, [*moving, *self._rings.values()])

    def update(self, depth, spectra, wide, shares, wide_shares):
        """Draw spectra, and how even they are by layer.

        Parameters
        ----------
        depth : int
        spectra : dict of str to ndarray
            Singular values by the kind of the weights, from the largest down.
        wide : ndarray or None
            What theory has for Gaussian weights.
        shares : dict of str to ndarray
            For 1, 2, ... layers, the share of singular values near the largest.
        wide_shares : ndarray or None
        """
        lowest, highest = 0.0, 0.0
        for name, values in spectra.items():
            kept = values > values[0] * 10.0**-KEPT
            powers = np.log10(values[kept])
            self._dots[name].set_data(_places(values)[kept], powers)
            lowest, highest = min(lowest, powers.min()), max(highest, powers.max())
            self._curves[name].set_data(np.arange(1, 1 + len(shares[name])), shares[name])
            self._rings[name].set_data([depth], [shares[name][depth - 1]])
        none = wide is None
        expected = ([], []) if none else (_places(wide), np.log10(np.maximum(wide, 1e-30)))
        self._wide[0].set_data(*expected)
        layers = [] if none else np.arange(1, 1 + len(wide_shares))
        self._wide[1].set_data(layers, [] if none else wide_shares)
        bottom = limit(-1.02 * lowest, (1, 2, 4, 8, 12, 16, 20))
        top = limit(1.02 * highest, (1, 2, 3, 4))
        self._sorted.set_ylim(-bottom, top + 0.3 * (bottom + top))
        self._sorted.set_yticks(np.arange(-bottom, top + 0.5, max(1, bottom // 4)))
        said = "; ".join(
            f"with {name} weights they go from {number(values[0])} to "
            f"{_beside(values[-1], values[0])}, and {percent(shares[name][depth - 1])} are "
            f"at least a tenth of the largest"
            for name, values in spectra.items()
        )
        return f"Singular values of the Jacobian of {count(depth, 'layer')}: {said}."


def _places(values):
    return (np.arange(len(values)) + 0.5) / len(values)


def _beside(value, largest):
    return number(value) if value > largest * 10.0**-KEPT else "practically 0"


def phase_plane(lines, places, title):
    """Draw the plane of sigma_w and sigma_b: lines of equal depth scale, and places in it.

    Parameters
    ----------
    lines : list of (str, ndarray, ndarray)
        Name of a line, sigma_w and sigma_b along it, from the bottom up. Order is left of the
        first one, which is drawn boldly, and chaos right of it.
    places : dict of str to (float, float)
        sigma_w and sigma_b, by the name that is written beside the dot.
    title : str

    Returns
    -------
    helpers.figures.pictures.Picture
    """
    figure, ax = _axes("", "σ_w of the weights", "σ_b of the biases", size=(7.6, 3.3))
    top = 1.0
    for i, (name, sigma_w, sigma_b) in enumerate(lines):
        ax.plot(sigma_w, sigma_b, color="black", lw=0.9 if i else 2.5)
        at = float(np.interp(top, sigma_b, sigma_w))
        ax.text(at, 1.015 * top, name, ha="center", va="bottom", fontsize=10)
        if not i:
            ax.fill_betweenx(sigma_b, 0, sigma_w, color=BLUE, alpha=0.15, lw=0)
            ax.fill_betweenx(sigma_b, sigma_w, 9, color=ORANGE, alpha=0.15, lw=0)
    for name, (sigma_w, sigma_b) in places.items():
        ax.plot([sigma_w], [sigma_b], color=VERMILION, marker="o", ms=7)
        free = {"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 1}  # of the lines behind
        at = {"xytext": (8, 6), "textcoords": "offset points", "fontsize": 10}
        ax.annotate(name, (sigma_w, sigma_b), bbox=free, **at)
    ax.set(xlim=(0, 3.2), ylim=(-0.03, top))
    ax.set_title(title, loc="left", fontsize=12, pad=20)
    ends = ", ".join(
        f"{name} at σ_w {number(np.interp(top, sigma_b, sigma_w))}"
        for name, sigma_w, sigma_b in lines
    )
    return Picture(figure, f"{title}. At σ_b = {number(top)} the lines are: {ends}.")
