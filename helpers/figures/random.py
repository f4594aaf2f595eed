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
from helpers.words import count, number, percent

LADDER = tuple(m * 10.0**e for e in range(-4, 4) for m in (1, 2, 5))  # of axis limits
BINS = 51


class OneLayer:
    """Weights, pre-activations and activations of one layer, as histograms (lesson 3)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.8), 3, left=0.03, right=0.985, bottom=0.14, top=0.9, wspace=0.13
        )
        names = ("weights w / scale", "pre-activations z", "activations h")
        for ax, name in zip(axes, names, strict=True):
            ax.set_title(name, fontsize=12)
            ax.set_yticks([])
            ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
        axes[0].set_xlim(-4, 4)
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
            At scale 1.
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
        self._fill(0, weights, -4, 4)
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
        self._text[0].set_text(f"mean {_plain(weights.mean())}\ndeviation {weights.std():.2f}")
        self._text[1].set_text(
            f"deviation {spread:.3g}, theory {deviation:.3g}\n"
            f"correlation of two units {_plain(alike)}"
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
            f"mean correlation between two units is {_plain(alike)}."
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


def _plain(value):
    """Return a mean or correlation in two digits, and never as minus zero."""
    return f"{value:.2f}".replace("-0.00", "0.00")


def _share(share):
    """Return a share as a percentage, with a digit after the point if it is small."""
    return percent(share) if share >= 0.1 else f"{100 * share:.1f} %"


class ScaleInDepth:
    """Signal, gradient and saturated units, layer by layer (lesson 3)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 4.0), 3, left=0.065, right=0.985, bottom=0.14, top=0.9, wspace=0.24
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
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
            label_powers(ax)
        axes[2].set(ylim=(-0.03, 1.32), yticks=np.linspace(0, 1, 6))  # room for the legend
        level = [ax.axhline(0, color=GREY, lw=1) for ax in axes[:2]]
        self._bands, self._theories, self._lines, self._texts = [], [], [], []
        for ax in axes:
            band = ax.fill_between([0, 1], [0, 0], [0, 0], color=ORANGE, alpha=0.4, lw=0)
            self._bands.append(band)
            self._theories.append(ax.plot([], [], color=VERMILION, ls="--", lw=2)[0])
            self._lines.append(ax.plot([], [], color=BLUE, marker="o", ms=4, lw=1.2)[0])
            text = ax.text(0.5, 0.96, "", transform=ax.transAxes, ha="center", **TEXT)
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
        ways = _way(signal[0, 0], signal[-1, 0]), _way(gradient[-1, 0], gradient[0, 0])
        for text, way in zip(self._texts, ways, strict=False):
            text.set_text(way)
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
        """Choose limits that hold a curve, and put its words where it is not."""
        extreme = max(np.abs(networks).max(), np.abs(theory).max())
        reach = limit(extreme * 1.05, (1, 2, 5, 10, 20, 50, 100, 200, 400))
        self._axes[i].set_ylim(-reach, reach)
        rises = theory.max() > -theory.min()  # then the free half is the lower one
        self._texts[i].set(y=0.05 if rises else 0.95, va="bottom" if rises else "top")


def _way(start, end):
    """Return what a mean square does between two powers of ten."""
    if abs(end - start) < 3:
        return "stays within a factor of 1000"
    return "vanishes" if end < start else "explodes"
