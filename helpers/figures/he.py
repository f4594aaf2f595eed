"""The figures of lesson 5."""

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
from helpers.words import count, number, percent, typeset

REACH = (1, 2, 5, 10, 20, 50)  # powers of ten at which an axis may end


class SignalInDepth:
    """Second moments of signal and gradient, layer by layer, beside theory (lesson 5)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 3.9), 2, left=0.07, right=0.985, bottom=0.15, top=0.9, wspace=0.17
        )
        for ax, title in zip(axes, ("E[h²], the signal", "E[δ²], the gradient"), strict=True):
            ax.set_title(title, fontsize=12)
            ax.set_xlabel("layer", fontsize=11)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
            label_powers(ax)
        forward, _ = axes
        level = [ax.axhline(0, color=GREY, lw=1) for ax in axes]
        band = forward.fill_between([0, 1], [0, 0], [0, 0], color=ORANGE, alpha=0.3, lw=0)
        theory = [ax.plot([], [], color=VERMILION, ls="--", lw=2)[0] for ax in axes]
        measured = [ax.plot([], [], color=BLUE, marker="o", ms=4, lw=1.2)[0] for ax in axes]
        legend(
            forward,
            [measured[0], theory[0], band],
            ["measured", "wide layers", "95 % of networks, one input"],
            "lower left",
        )
        text = forward.text(0.98, 0.96, "", transform=forward.transAxes, va="top", **TEXT)
        self._axes, self._band, self._theory, self._measured = axes, band, theory, measured
        self._text = text
        self.canvas = Canvas(figure, [*level, band, *theory, *measured, text])

    def update(self, measured, theory, low, high, gradient, gradient_theory):
        """Draw second moments, all as powers of ten.

        A measured -inf stands for a second moment of exactly 0, inf and nan for an overflow.

        Parameters
        ----------
        measured, theory, low, high : ndarray of shape (depth + 1,)
            Of the signal, for layers 0 to depth; `low` and `high` are the ends of the band.
        gradient, gradient_theory : ndarray of shape (depth,)
            Of the gradient at the pre-activations of layers 1 to depth.
        """
        depth = len(measured) - 1
        drawn = (measured, low, high, gradient, gradient_theory)
        ends = np.concatenate([values[np.isfinite(values)] for values in drawn])
        bottom, top = (limit(1.05 * reach, REACH) for reach in (-ends.min(), ends.max()))
        room = 0.33 * (bottom + top)  # for the legend below, and the words above
        for ax in self._axes:
            ax.set(
                xlim=(-0.02, 1.02 * limit(depth, (5, 10, 20, 50))),
                ylim=(-bottom - room, top + 0.75 * room),
            )
        layers = np.arange(depth + 1)
        self._band.set_data(layers, low, high)
        for curve, values in zip(self._theory, (theory, gradient_theory), strict=True):
            curve.set_data(layers[-len(values) :], values)
        for curve, values in zip(self._measured, (measured, gradient), strict=True):
            finite = np.isfinite(values)
            curve.set_data(layers[-len(values) :][finite], values[finite])
        ratio = 10.0 ** (theory[1] - theory[0])
        end, band = self._words_for_the_end(measured, low, high)
        words = f"theory: × {ratio:.3g} a layer\nmeasured at the end: {end}"
        self._text.set_text(typeset(words))
        self._text.set_ha("right")
        back = number(10.0 ** gradient[0]) if np.isfinite(gradient).all() else "no number"
        return (
            f"Over {count(depth, 'layer')} the second moment of the activations goes from "
            f"{number(10.0 ** measured[0])} to {end}. Theory multiplies it by {ratio:.3g} a "
            f"layer, to {number(10.0 ** theory[-1])}{band}. From the last layer back to the "
            f"first, that of the gradient goes from {number(10.0 ** gradient[-1])} to {back}; "
            f"theory: {number(10.0 ** gradient_theory[0])}."
        )

    @staticmethod
    def _words_for_the_end(measured, low, high):
        finite = np.isfinite(measured)
        if not finite.all():
            first = int(np.argmin(finite))
            what = "0" if measured[first] == -np.inf else "overflow"
            return f"{what}, from layer {first} on", ""
        where = "inside" if low[-1] <= measured[-1] <= high[-1] else "outside"
        band = f"{number(10.0 ** low[-1])} to {number(10.0 ** high[-1])}"
        return number(10.0 ** measured[-1]), (
            f"; the measurement ends {where} the band for networks of this width, {band}"
        )


class RectifiersInDepth:
    """Inactive and dead units, and how alike samples become, layer by layer (lesson 5)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 4.0), 2, left=0.065, right=0.985, bottom=0.15, top=0.9, wspace=0.18
        )
        shares, cosines = axes
        for ax in axes:
            ax.set(xlim=(0, 51))
            ax.set_xlabel("layer", fontsize=11)
        ticks = np.linspace(0, 1, 6)
        shares.set(ylim=(-0.03, 1.32), yticks=ticks)  # room for the legends
        shares.set_title("share of units that pass nothing", fontsize=12)
        cosines.set(ylim=(-0.32, 1.03), yticks=ticks)
        cosines.set_title("mean cosine between two samples", fontsize=12)
        inactive = shares.plot([], [], color=BLUE, marker="o", ms=4)[0]
        dead = shares.plot([], [], color=VERMILION, marker="s", ms=4)[0]
        legend(
            shares,
            [inactive, dead],
            ["inactive, on one sample", "dead, on the whole batch"],
            "upper left",
        )
        theory = cosines.plot([], [], color=VERMILION, ls="--", lw=2)[0]
        cosine = cosines.plot([], [], color=BLUE, marker="o", ms=4)[0]
        legend(cosines, [cosine, theory], ["measured", "wide layers, bias 0"], "lower right")
        text = cosines.text(
            0.5, 0.5, "", transform=cosines.transAxes, ha="center", va="center", **TEXT
        )
        self._inactive, self._dead, self._text = inactive, dead, text
        self._cosine, self._theory = cosine, theory
        self.canvas = Canvas(figure, [inactive, dead, theory, cosine, text])

    def update(self, inactive, dead, cosine, predicted_cosine):
        """Draw one value per layer; a cosine of nan means that no signal is left.

        Where there is no theory, `predicted_cosine` is None.
        """
        layers = np.arange(1, len(inactive) + 1)
        self._inactive.set_data(layers, inactive)
        self._dead.set_data(layers, dead)
        self._cosine.set_data(layers, cosine)
        none = predicted_cosine is None
        self._theory.set_data(*((), ()) if none else (layers, predicted_cosine))
        silent = np.isnan(cosine)
        last = len(layers)
        if silent.any():
            words = (
                f"From layer {layers[silent][0]} on fewer than two samples have a signal left"
            )
            self._text.set_text(words.replace(" on fewer", " on\nfewer"))
        else:
            words = (
                f"The mean cosine between samples goes from {cosine[0]:.2f} to {cosine[-1]:.2f}"
            )
            self._text.set_text("")
        return (
            f"At layers 1, 10 and {last}, {percent(inactive[0])}, {percent(inactive[9])} and "
            f"{percent(inactive[-1])} of the units are inactive on a sample, and "
            f"{percent(dead[0])}, {percent(dead[9])} and {percent(dead[-1])} are dead on "
            f"the whole batch. {words}."
        )
