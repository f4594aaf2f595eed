"""The figures of lesson 3."""

import math

import numpy as np
from matplotlib.ticker import MaxNLocator

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
from helpers.words import count, number, percent, two_places, typeset

LADDER = tuple(m * 10.0**e for e in range(-4, 4) for m in (1, 2, 5))  # of axis limits
BINS = 51


class OneLayer:
    """Weights, pre-activations and activations of one layer, as histograms (lesson 3)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.3), 3, left=0.03, right=0.985, bottom=0.12, top=0.9, wspace=0.13
        )
        names = ("weights w", "pre-activations z", "activations h")
        for ax, name in zip(axes, names, strict=True):
            ax.set_title(name, fontsize=12)
            ax.set_yticks([])
            ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
        self._bars = [
            ax.stairs(np.zeros(BINS), np.arange(BINS + 1.0), fill=True, color=BLUE, alpha=0.7)
            for ax in axes
        ]
        self._theory = axes[1].plot([], [], color=VERMILION, ls="--", lw=2)[0]
        self._beyond = [  # not as high as the legend, which lies below what moves
            axes[1].axvspan(0, 1, ymax=0.6, color=ORANGE, alpha=0.3, lw=0, zorder=0.8)
            for _ in range(2)
        ]
        legend(
            axes[1],
            [self._theory, self._beyond[0]],
            ["normal, theory's deviation", "saturated"],
            "upper left",
        )
        self._text = [
            ax.text(0.03, 0.96, "", transform=ax.transAxes, va="top", **TEXT) for ax in axes
        ]
        self._text[1].set(y=0.79)
        self._axes = axes
        moving = [*self._beyond, *self._bars, self._theory, *self._text]
        self.canvas = Canvas(figure, moving)

    def update(
        self,
        weights,
        scale,
        z,
        h,
        activation,
        deviation,
        saturated,
        saturated_theory,
        saturated_from,
        alike,
    ):
        """Draw the histograms.

        Parameters
        ----------
        weights : ndarray of shape (fan_in, n_units)
        scale : float
            Four times it hold the weights.
        z, h : ndarray of shape (n_samples, n_units)
        activation : {"tanh", "sigmoid", "relu"}
        deviation : float
            Theory's standard deviation of z.
        saturated, saturated_theory : float
            Shares of the activations.
        saturated_from : float
            Where saturation starts on the axis of abs(z).
        alike : float
            Mean correlation between two units.
        """
        reach = limit(3.5 * deviation, LADDER)
        ends = {
            "tanh": (-min(1.0, reach), min(1.0, reach)),
            "sigmoid": (0.5 - min(0.5, reach / 4), 0.5 + min(0.5, reach / 4)),
            "relu": (0.0, reach),
        }
        width = limit(4 * scale, LADDER)
        self._fill(0, weights, -width, width)
        self._fill(1, z, -reach, reach)
        self._fill(2, h, *ends[activation])
        grid = np.linspace(-reach, reach, 201)
        bell = np.exp(-((grid / deviation) ** 2) / 2) / (math.sqrt(2 * math.pi) * deviation)
        self._theory.set_data(grid, bell * 2 * reach / BINS)
        start = min(saturated_from, reach)
        for side, span in zip((-1, 1), self._beyond, strict=True):
            span.set(x=min(side * start, side * reach), width=reach - start)
        spread = float(np.std(z, dtype=float))
        fan_in = len(weights)
        mean = float(two_places(weights.mean() / scale)) * scale  # 0.00 of the scale is 0
        self._text[0].set_text(
            typeset(f"mean {number(mean, 2)}\ndeviation {number(weights.std(dtype=float))}")
        )
        self._text[1].set_text(
            f"deviation {spread:.3g}, theory {deviation:.3g}\n"
            f"correlation of two units {two_places(alike)}"
        )
        if activation == "relu":
            off = float(np.mean(h == 0))
            passed, shares = (
                f"off: {percent(off)}",
                (f"{percent(off)} of the activations are off, at 0, and none is saturated"),
            )
        else:
            passed = f"saturated: {_share(saturated)}\ntheory: {_share(saturated_theory)}"
            shares = (
                f"{_share(saturated)} of the activations are saturated, theory "
                f"{_share(saturated_theory)}"
            )
        self._text[2].set_text(passed)
        return (
            f"With {count(fan_in, 'input')} the pre-activations have standard deviation "
            f"{number(spread)}, theory {number(deviation)}. {shares[0].upper()}{shares[1:]}. "
            f"The activations have mean square {number(np.mean(h * h, dtype=float))}, and the "
            f"mean correlation between two units is {two_places(alike)}."
        )

    def _fill(self, i, values, low, high):
        """Draw a histogram of shares; what lies beyond counts as the outermost."""
        inside = np.clip(values, low, high)
        counts, edges = np.histogram(inside, BINS, (low, high))
        shares = counts / values.size
        self._bars[i].set_data(shares, edges)
        room = 0.02 * (high - low)
        top = limit(1.8 * shares.max(), (0.1, 0.15, 0.25, 0.4, 0.7, 1.0, 1.8))
        self._axes[i].set(xlim=(low - room, high + room), ylim=(0, top))


def _share(share):
    """Return a share as a percentage, with a digit after the point if it is small."""
    return percent(share) if share >= 0.1 else f"{100 * share:.1f} %"


class ScaleInDepth:
    """Signal, gradient and saturated units, layer by layer (lesson 3)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.4), 3, left=0.065, right=0.985, bottom=0.16, top=0.9, wspace=0.24
        )
        titles = (
            "E[h²], the activations",
            "E[δ²], the gradient",
            "share of saturated units",
        )
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title, fontsize=12)
            ax.set_xlabel("layer", fontsize=11)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        for ax in axes[:2]:
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
            label_powers(ax)
        axes[2].set(ylim=(-0.03, 1.52), yticks=np.linspace(0, 1, 6))  # room for the legend
        level = [ax.axhline(0, color=GREY, lw=1) for ax in axes[:2]]
        self._bands, self._theories, self._lines, self._texts = [], [], [], []
        for ax in axes:
            band = ax.fill_between([0, 1], [0, 0], [0, 0], color=ORANGE, alpha=0.4, lw=0)
            self._bands.append(band)
            self._theories.append(ax.plot([], [], color=VERMILION, ls="--", lw=2)[0])
            self._lines.append(ax.plot([], [], color=BLUE, marker="o", ms=4, lw=1.2)[0])
            text = ax.text(0.5, 0.97, "", transform=ax.transAxes, ha="center", va="top", **TEXT)
            self._texts.append(text)
        legend(
            axes[2],
            [self._lines[2], self._theories[2], self._bands[2]],
            ["this network", "wide layers", "ten networks"],
            "upper right",
        )
        self._texts[2].set_y(0.4)
        self._axes = axes
        moving = [*level, *self._bands, *self._theories, *self._lines, *self._texts]
        self.canvas = Canvas(figure, moving)

    def update(
        self,
        activation,
        signal,
        signal_theory,
        gradient,
        gradient_theory,
        saturated,
        saturated_theory,
    ):
        """Draw mean squares, as powers of ten, and shares.

        Parameters
        ----------
        activation : {"tanh", "sigmoid", "relu"}
        signal : ndarray of shape (depth + 1, n_networks)
            Of the inputs and the layers. The first network is the one of the line.
        gradient, saturated : ndarray of shape (depth, n_networks)
        signal_theory, gradient_theory, saturated_theory : ndarray
            The same without the last axis.
        """
        depth = len(gradient)
        layers = np.arange(depth + 1)
        curves = (
            (layers, signal, signal_theory),
            (layers[1:], gradient, gradient_theory),
            (layers[1:], saturated, saturated_theory),
        )
        right = 1.02 * limit(depth, (5, 10, 20, 50))
        for i, (x, networks, theory) in enumerate(curves):
            self._bands[i].set_data(x, networks.min(axis=1), networks.max(axis=1))
            self._theories[i].set_data(x, theory)
            self._lines[i].set_data(x, networks[:, 0])
            self._axes[i].set_xlim(-0.02 * right, right)
            if i < 2:
                self._scale(i, networks, theory)
        ways = _way(signal), _way(gradient[::-1])
        for text, way in zip(self._texts, ways, strict=False):
            text.set_text(typeset(way.replace(", ", "\n")))
        self._texts[2].set_text("a rectifier never saturates" if activation == "relu" else "")
        ends = signal[-1]
        low, high = (number(10.0**end) for end in (ends.min(), ends.max()))
        return (
            f"Over {count(depth, 'layer')} the mean square of the activations goes from "
            f"{number(10.0 ** signal[0, 0])} to {number(10.0 ** ends[0])}: the signal "
            f"{ways[0]}. In ten networks it ends between {low} and {high}, in wide layers at "
            f"{number(10.0 ** signal_theory[-1])}. From the last layer back to the first, the "
            f"mean square of the gradient goes from {number(10.0 ** gradient[-1, 0])} to "
            f"{number(10.0 ** gradient[0, 0])}: the gradient {ways[1]}. In the last layer "
            f"{_share(saturated[-1, 0])} of the units are saturated."
        )

    def _scale(self, i, networks, theory):
        """Choose limits that hold the curves, with room for words above them."""
        lowest = min(networks.min(), theory.min())
        highest = max(networks.max(), theory.max())
        bottom, top = (limit(1.05 * end, REACH) for end in (-lowest, highest))
        self._axes[i].set_ylim(-bottom, top + 0.2 * (bottom + top))


REACH = (
    1,
    2,
    3,
    5,
    7,
    10,
    15,
    20,
    30,
    40,
    50,
    70,
    100,
    150,
    200,
    300,
    400,
)  # of powers of ten, up and down


def _way(powers):
    """Return what a mean square does along its way, and by which factor a step.

    Parameters
    ----------
    powers : ndarray of shape (n_steps + 1, n_networks)
        Its logarithms to base 10, in the order of the way.
    """
    steps = len(powers) - 1
    if not steps:
        return "has one layer only"
    change = powers - powers[0]
    low, high = change[-1].min(), change[-1].max()
    factor = f", × {number(10 ** (np.median(change[-1]) / steps))} a layer"
    if high <= -3:
        return f"vanishes{factor}"
    if low >= 3:
        return f"explodes{factor}"
    if high - low >= 3:
        return f"differs by 10^{round(high - low)} between networks"
    if np.abs(change).max() < 3:
        return f"stays within a factor of 1000{factor}"
    where = "in some networks" if max(-low, high) >= 3 else "on its way"
    return f"{'vanishes' if change.min() <= -3 else 'explodes'} {where}{factor}"


SHOWN = 4  # ridges


class RidgesInDepth:
    """Histograms of activations and of gradients, one for each of some layers (lesson 3)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.6), 2, left=0.075, right=0.985, bottom=0.15, top=0.91, wspace=0.17
        )
        for ax, name in zip(axes, ("activations h", "gradients δ"), strict=True):
            ax.set_title(name, fontsize=12)
            ax.set(ylim=(0, SHOWN), yticks=[])
            ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
        self._units = [
            ax.text(0.5, -0.165, "", transform=ax.transAxes, ha="center", va="center", **TEXT)
            for ax in axes
        ]
        self._ridges, self._texts, self._names = [], [], []
        for ax in axes:
            for place in range(SHOWN - 1, -1, -1):
                style = {"baseline": place, "fill": True, "color": BLUE, "alpha": 0.7}
                bars = ax.stairs(np.full(BINS, place), np.arange(BINS + 1.0), **style)
                self._ridges.append(bars)
                self._texts.append(
                    ax.text(
                        *(0.94, (place + 0.9) / SHOWN, ""),
                        **{"transform": ax.transAxes, "ha": "right", "va": "top", **TEXT},
                    )
                )
        for place in range(SHOWN - 1, -1, -1):
            style = {"transform": axes[0].transAxes, "ha": "right", "va": "center", **TEXT}
            self._names.append(axes[0].text(-0.015, (place + 0.4) / SHOWN, "", **style))
        self._axes = axes
        self.canvas = Canvas(figure, [*self._ridges, *self._texts, *self._names, *self._units])

    def update(self, activation, layers, h, delta, signal, gradient):
        """Draw the histograms, the first layer at the top.

        Parameters
        ----------
        activation : {"tanh", "sigmoid", "relu"}
        layers : sequence of int
            Numbers of the layers, four at most.
        h, delta : list of ndarray
            Values in each of them, at any size.
        signal, gradient : ndarray
            Logarithms to base 10 of what their mean squares are.
        """
        shapes = []
        bounds = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(activation)
        sides = ((h, signal, bounds), (delta, gradient, None))
        for side, (values, powers, ends) in enumerate(sides):
            low, high = ends or (-3.0, 3.0)
            room = 0.02 * (high - low)
            self._axes[side].set_xlim(low - room, high + room)
            self._units[side].set_text("" if ends else "in deviations of the largest layer")
            shapes.append([])
            for row in range(SHOWN):
                bars, text = (each[side * SHOWN + row] for each in (self._ridges, self._texts))
                if row >= len(layers):
                    bars.set_data(
                        np.full(BINS, SHOWN - 1 - row), np.linspace(low, high, BINS + 1)
                    )
                    text.set_text("")
                    continue
                # Relative to the largest, unless the activation has ends of its own.
                size = powers[row] - (0 if ends else powers.max())
                root = np.sqrt(np.mean(np.square(values[row], dtype=float)))
                scaled = values[row] * (10.0 ** (size / 2) / root if root > 0 else 0.0)
                shares, edges = np.histogram(np.clip(scaled, low, high), BINS, (low, high))
                shares = shares / shares.max()
                bars.set_data(SHOWN - 1 - row + 0.85 * shares, edges)
                text.set_text(typeset(number(10.0 ** powers[row], 2)))
                shapes[-1].append(_shape(scaled, low, high))
        for row, name in enumerate(self._names):
            name.set_text(f"layer {layers[row]}" if row < len(layers) else "")
        sides = zip(("activations", "gradients"), (signal, gradient), shapes, strict=True)
        return " ".join(_of_layers(*side, layers) for side in sides)


def _of_layers(name, powers, shapes, layers):
    """Say what the histograms of the first layer and of the last look like."""
    first, last = (
        f"layer {layer} they {shape}, with mean square {number(10.0**power, 2)}"
        for layer, shape, power in (
            (layers[0], shapes[0], powers[0]),
            (layers[-1], shapes[-1], powers[-1]),
        )
    )
    shown = f"Histograms of the {name} of {count(len(layers), 'layer')}. In {first}"
    return f"{shown}." if len(layers) == 1 else f"{shown}; in {last}."


def _shape(values, low, high):
    """Return what a histogram between two ends looks like."""
    width = high - low
    middle = (low + high) / 2
    if np.mean(np.abs(values - middle) < 0.025 * width) > 0.9:
        return "lie in one peak"
    outside = np.mean(np.abs(values - middle) > 0.47 * width)
    if outside > 0.5:
        return "lie in two peaks at the ends"
    return "are spread out"


class NetworksVote:
    """How often means of several networks are in the wrong order (lesson 3)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.5), 2, left=0.03, right=0.985, bottom=0.16, top=0.9, wspace=0.13
        )
        axes[0].set_title("log₁₀ of the signal, mean over the networks", fontsize=12)
        axes[0].set(xlim=(-4.4, 5.6), ylim=(0, 1.62), yticks=[])
        axes[1].set_title("share of votes in the wrong order", fontsize=12)
        axes[1].set(xlim=(0.93, 108), xscale="log")
        axes[1].set_xticks([1, 2, 5, 10, 20, 50, 100], [1, 2, 5, 10, 20, 50, 100])
        axes[1].minorticks_off()
        axes[1].set_xlabel("networks that are averaged", fontsize=11)
        self._bars, self._bells = [], []
        for colour in (BLUE, ORANGE):
            bars = axes[0].stairs(np.zeros(30), np.arange(31.0), fill=True, color=colour)
            bars.set_alpha(0.6)
            self._bars.append(bars)
        for _ in self._bars:
            self._bells.append(axes[0].plot([], [], color=VERMILION, ls="--", lw=2)[0])
        (self._theory,) = axes[1].plot([], [], color=VERMILION, ls="--", lw=2)
        (self._dots,) = axes[1].plot([], [], color=BLUE, ls="", marker="o", ms=4)
        (self._ring,) = axes[1].plot(
            [], [], color="black", ls="", marker="o", ms=11, mfc="none"
        )
        legend(axes[0], [*self._bars, self._bells[0]], ["A", "B", "normal"], "upper left")
        legend(axes[1], [self._dots, self._theory], ["1000 votes", "theory"], "upper right")
        self._text = axes[0].text(
            0.985, 0.96, "", transform=axes[0].transAxes, ha="right", va="top", **TEXT
        )
        self._axes = axes
        moving = [*self._bars, *self._bells, self._theory, self._dots, self._ring, self._text]
        self.canvas = Canvas(figure, moving)

    def update(self, networks, larger, a, b, mean_a, mean_b, deviation, counts, wrong, theory):
        """Draw the two histograms, and the shares over the numbers of networks.

        Parameters
        ----------
        networks : int
            How many are averaged.
        larger : float
            B's variance, as a multiple of A's.
        a, b : ndarray
            Means of so many networks of each kind, of log10 of the signal.
        mean_a, mean_b, deviation : float
            What they are in theory.
        counts : ndarray
            Numbers of networks, from 1 on.
        wrong, theory : ndarray
            For each, the share in the wrong order, measured and in theory.
        """
        z = np.linspace(-4, 4, 61)
        kinds = zip(self._bars, self._bells, (a, b), (mean_a, mean_b), strict=True)
        for bars, bell, values, mean in kinds:
            shares, edges = np.histogram((values - mean) / deviation, 30, (-4, 4))
            peak = values.size * (8 / 30) / math.sqrt(2 * math.pi)  # of a normal one
            bars.set_data(shares / peak, mean + deviation * edges)
            bell.set_data(mean + deviation * z, np.exp(-(z**2) / 2))
        self._theory.set_data(counts, theory)
        self._dots.set_data(counts, wrong)
        top = limit(theory.max(), (0.02, 0.05, 0.1, 0.2, 0.5))
        self._axes[1].set_ylim(-0.04 * top, 1.2 * top)
        here = int(np.flatnonzero(counts == networks)[0])
        self._ring.set_data([networks], [wrong[here]])
        self._text.set_text(
            f"B ends below A in {_share(wrong[here])}\ntheory: {_share(theory[here])}"
        )
        return (
            f"A vote of {count(networks, 'network')} of A and as many of B, whose variance is "
            f"{number(larger)} times that of A. The mean of log10 of the signal is "
            f"{two_places(a.mean())} for A and {two_places(b.mean())} for B, "
            f"theory {two_places(mean_a)} and {two_places(mean_b)}, each "
            f"with deviation {number(a.std(), 2)}, theory {number(deviation, 2)}. B ends "
            f"below A in {_share(wrong[here])} of 1000 votes, theory {_share(theory[here])}."
        )
