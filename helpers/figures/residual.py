"""The figures of lesson 9."""

import numpy as np
from matplotlib.lines import Line2D

from helpers.figures.canvas import (
    BLUE,
    GREEN,
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
from helpers.words import number, percent, two_places

STREAMS = (5, 10, 25, 50, 100)  # branches, at which axes may end
POWERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # of two, at which axes may end


class StreamInDepth:
    """Signal and gradient of a residual stream, and who makes its end (lesson 9)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.8, 3.9), 3, left=0.05, right=0.985, bottom=0.15, top=0.9, wspace=0.22
        )
        self._axes = axes
        titles = ("signal: E[x²]", "gradient, beside that at the end", "share of the end")
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title, fontsize=12)
            ax.set_xlabel("branches so far", fontsize=11, labelpad=1)
        axes[2].set_xlabel("branch (0: what went in)", fontsize=11, labelpad=1)
        self._dots, self._theory = [], []
        for ax, colour in zip(axes[:2], (BLUE, VERMILION), strict=True):
            label_powers(ax, base=2)
            self._dots.append(ax.plot([], [], color=colour, marker="o", ms=4, ls="")[0])
            self._theory.append(ax.plot([], [], color="black", ls="--", lw=1.5)[0])
            legend(ax, [self._dots[-1], self._theory[-1]], ["network", "wide"], "upper right")
        axes[2].yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
        self._shares = axes[2].plot([], [], color=GREEN, marker="s", ms=4, lw=1)[0]
        self._said = axes[2].text(
            *(0.97, 0.96, ""),
            **{**TEXT, "transform": axes[2].transAxes, "ha": "right", "va": "top"},
        )
        self.canvas = Canvas(figure, [*self._theory, *self._dots, self._shares, self._said])

    def update(self, start, measured, theory, shares):
        """Draw the stream of one start.

        Parameters
        ----------
        start : str
        measured, theory : (ndarray, ndarray)
            Mean squares of the signal and of the gradient after 0, 1, ..., depth branches.
        shares : ndarray
            Of what went in, and of each branch, in the mean square of the end.
        """
        depth = len(shares) - 1
        places = np.arange(depth + 1)
        for ax, dots, line, found, wide in zip(
            self._axes, self._dots, self._theory, measured, theory, strict=False
        ):
            found, wide = np.log2(found), np.log2(wide)
            dots.set_data(places, found)
            line.set_data(places, wide)
            reach = limit(1.03 * max(np.abs(found).max(), np.abs(wide).max()), POWERS)
            ax.set_ylim(-0.2 * reach, 1.4 * reach)
            ax.set_yticks(np.linspace(0, reach, 5) if reach >= 4 else range(reach + 1))
        right = limit(depth, STREAMS)
        for ax in self._axes:
            ax.set_xlim(-0.03 * right - 0.3, 1.03 * right + 0.3)
        self._shares.set_data(places, shares)
        top = limit(1.02 * shares.max(), (0.05, 0.1, 0.2, 0.5, 1))
        self._axes[2].set(ylim=(-0.04 * top, 1.25 * top), yticks=np.linspace(0, top, 6))
        last = shares[1 + depth // 2 :].sum()
        self._said.set_text(f"what went in: {percent(shares[0])}\nlast half: {percent(last)}")
        signal, gradient = measured
        return (
            f"{depth} branches, {start}. The mean square of the signal goes from "
            f"{number(signal[0])} to {number(signal[-1])}; wide layers would end at "
            f"{number(theory[0][-1])}. The gradient is {number(gradient[0])} times as large "
            "at the first place as at the last; wide layers would give "
            f"{number(theory[1][0])}. Of the end, {percent(shares[0])} is what went in, "
            f"{percent(last)} comes from the last half of the branches."
        )


# A colour and a marker for each start.
STEPPED = {
    "1/√L in the weights": (VERMILION, "s"),
    "last layer 0": (ORANGE, "D"),
    "post-norm": (GREY, "v"),
    "1/√L in front": (BLUE, "o"),
    "Fixup": (GREEN, "^"),
    "DeepNorm": ("#CC79A7", "P"),
}
SLOPES = {"0": 0.0, "½": 0.5, "1": 1.0}
HIGHEST = 2  # loss that is drawn
HUGE = 1e4  # of changes and losses: what is larger is drawn, or named, alike


class FirstStep:
    """What one step does to the output, and to the loss, by depth (lesson 9)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (10.8, 4.3), 2, left=0.06, right=0.985, bottom=0.14, top=0.91, wspace=0.15
        )
        self._axes = axes
        titles = (
            "change of the output in one step",
            "loss after the step ÷ before (at most 2)",
        )
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title, fontsize=12)
            ax.set_xlabel("branches L", fontsize=11, labelpad=1)
        label_powers(axes[0])
        self._changes, self._losses = (
            {
                name: ax.plot([], [], color=colour, marker=marker, ms=7, lw=1.8)[0]
                for name, (colour, marker) in STEPPED.items()
            }
            for ax in axes
        )
        dots = {"color": "black", "ls": ":", "lw": 1.2}
        self._slopes = [axes[0].plot([], [], **dots)[0] for _ in SLOPES]
        self._names = [axes[0].text(0, 0, "", **{**TEXT, "va": "center"}) for _ in SLOPES]
        axes[1].axhline(1, color="black", ls=":", lw=1.2)
        axes[1].set(ylim=(0, 2.8), yticks=np.linspace(0, HIGHEST, 5))
        handles = list(self._changes.values())
        legend(axes[0], handles[:3], list(STEPPED)[:3], "upper left")
        legend(axes[1], handles[3:], list(STEPPED)[3:], "upper left")
        moving = [*self._slopes, *self._changes.values(), *self._losses.values(), *self._names]
        self.canvas = Canvas(figure, moving)

    def update(self, rule, depths, changes, losses):
        """Draw a curve for each start.

        Parameters
        ----------
        rule : str
        depths : ndarray of int
        changes, losses : dict of str to ndarray
            By start: the root mean square of the change of the output at each depth, and the
            loss after the step, divided by that before.
        """
        x = np.log2(depths)
        for ax in self._axes:
            ax.set(xlim=(x[0] - 0.3, x[-1] + 0.7))
            ax.set_xticks(x, [str(depth) for depth in depths])
        powers = {name: np.log10(np.minimum(found, HUGE)) for name, found in changes.items()}
        everything = np.concatenate(list(powers.values()))
        low, high = np.floor(everything.min() - 0.1), np.ceil(everything.max() + 0.1)
        high = max(high, low + 2)
        self._axes[0].set(ylim=(low, high + 0.45 * (high - low)))
        self._axes[0].set_yticks(np.arange(low, high + 0.5, max(1, (high - low) // 5)))
        start = np.median([found[0] for found in powers.values()])
        for line, text, (name, slope) in zip(
            self._slopes, self._names, SLOPES.items(), strict=True
        ):
            end = start + slope * np.log10(depths[-1] / depths[0])
            line.set_data(x[[0, -1]], [start, end])
            text.set_position((x[-1] + 0.12, end))
            text.set_text(f"L^{name}" if slope else "level")
        for name, found in powers.items():
            self._changes[name].set_data(x, found)
            self._losses[name].set_data(x, np.minimum(losses[name], HIGHEST))
        grown = ", ".join(
            f"L^{two_places(exponent(depths, np.minimum(found, HUGE)))} with {name}"
            for name, found in changes.items()
        )
        left = ", ".join(
            f"{number(found[-1], 2) if found[-1] < HUGE else 'huge'} with {name}"
            for name, found in losses.items()
        )
        steps = {"gradient": "gradient descent", "sign": "the sign of the gradient"}
        return (
            f"One step by {steps[rule]}. From {depths[0]} to {depths[-1]} branches the change "
            f"of the output grows like {grown}. At {depths[-1]} branches the loss after the "
            f"step, beside that before, is {left}."
        )


def exponent(depths, values):
    """Return the slope of a straight line through logarithms."""
    return np.polyfit(np.log(depths), np.log(values), 1)[0]


# By the factor of the scores.
SCALED = {"1": (VERMILION, "s"), "1/√d_k": (BLUE, "o"), "1/d_k": (GREEN, "^")}
LOWEST = 6  # powers of ten below 1 at which the axis of shares ends


class AttentionAndFirstLoss:
    """Attention's shares and entropy, and a language model's first loss (lesson 9)."""

    TOP = 2.35  # where the upright marks of the losses end

    def __init__(self):
        figure, axes = row_of_axes(
            (10.8, 4.1), 3, left=0.05, right=0.985, bottom=0.145, top=0.9, wspace=0.2
        )
        self._axes = axes
        titles = ("shares of 64 tokens, sorted", "entropy of attention", "first loss")
        names = ("token, the largest first", "d_k", "std s of the embedding")
        for ax, title, name in zip(axes, titles, names, strict=True):
            ax.set_title(title, fontsize=12)
            ax.set_xlabel(name, fontsize=11, labelpad=1)
        moving = self._build_shares() + self._build_entropy() + self._build_loss()
        self.canvas = Canvas(figure, moving)

    def _build_shares(self):
        ax = self._axes[0]
        label_powers(ax)
        ax.set(xlim=(0, 65), ylim=(-LOWEST - 0.2, 0.9), xticks=[1, 16, 32, 48, 64])
        ax.set_yticks(range(-LOWEST, 1, 2))
        level = ax.plot([1, 64], [-np.log10(64)] * 2, color=GREY, ls=":", lw=1.5)[0]
        self._shares = ax.plot([], [], color=BLUE, marker="o", ms=4, ls="")[0]
        legend(ax, [self._shares, level], ["shares", "1/64 each"], "upper right", columns=2)
        return [self._shares]

    def _build_entropy(self):
        ax = self._axes[1]
        ax.set(xlim=(1.7, 8.3), ylim=(0, 5.6), yticks=range(5))
        ax.set_xticks(range(2, 9), [str(2**power) for power in range(2, 9)])
        top = np.log(64)
        ax.axhline(top, color=GREY, ls=":", lw=1.5)
        ax.text(*(1.8, top + 0.05, "ln 64"), **{"fontsize": 10, "color": GREY, "va": "bottom"})
        frozen = np.log2(2 * np.log(64))
        ax.axvline(frozen, ymax=0.72, color=GREY, ls=":", lw=1.5)
        ax.text(*(frozen + 0.1, 0.1, "2 ln 64"), **{"fontsize": 10, "color": GREY})
        self._curves, self._measured = {}, {}
        for name, (colour, marker) in SCALED.items():
            self._curves[name] = ax.plot([], [], color=colour, ls="--", lw=1.5)[0]
            self._measured[name] = ax.plot([], [], color=colour, marker=marker, ms=5, ls="")[0]
        style = {"ls": "", "marker": "o", "ms": 12, "mfc": "none", "mec": "black"}
        self._ring = ax.plot([], [], **style)[0]
        names = [f"scores × {name}" for name in SCALED]
        legend(ax, list(self._measured.values()), names, "upper right")
        return [*self._curves.values(), *self._measured.values(), self._ring]

    def _build_loss(self):
        ax = self._axes[2]
        ax.set(xlim=(-2.4, 0.1), ylim=(np.log10(5), np.log10(1000)))
        losses = (5, 10, 20, 50, 100, 200)
        ax.set_yticks(np.log10(losses), [str(loss) for loss in losses])
        ax.set_xticks([-2, -1, 0], ["0.01", "0.1", "1"])
        self._level = ax.plot([], [], color=GREY, ls=":", lw=1.5)[0]
        self._marks = [ax.plot([], [], color=GREY, ls=":", lw=1)[0] for _ in range(3)]
        self._mark_names = [
            ax.text(0, self.TOP, "", fontsize=10, color=GREY, ha="center", va="bottom")
            for _ in range(3)
        ]
        self._expected = [
            ax.plot([], [], color=colour, ls="--", lw=1.5)[0] for colour in (BLUE, VERMILION)
        ]
        self._found = [
            ax.plot([], [], color=colour, marker=marker, ms=5, ls="")[0]
            for colour, marker in ((BLUE, "o"), (VERMILION, "s"))
        ]
        dashes = Line2D([], [], color="black", ls="--", lw=1.5)
        names = ["own output layer", "tied", "formula"]
        legend(ax, [*self._found, dashes], names, "upper left", columns=2)
        moving = [self._level, *self._marks, *self._expected, *self._found]
        return [*moving, *self._mark_names]

    def update(
        self, d_k, scale, shares, entropy, entropies, expected, stds, losses, formula, own
    ):
        """Draw attention at one d_k and scale, and the first loss at all stds.

        Parameters
        ----------
        d_k : int
        scale : str
            The factor of the scores, one of `SCALED`.
        shares : ndarray of shape (64,)
            Of one query, the largest first.
        entropy : float
            Mean over queries, at these settings.
        entropies : (ndarray, dict of str to ndarray)
            Values of d_k, and what was measured there by scale.
        expected : (ndarray, dict of str to ndarray)
            The same of normal scores.
        stds : ndarray
            Of the embedding; the last three are marked.
        losses : dict of str to ndarray
            Measured at `stds`: "own", with an output layer of its own, and "tied".
        formula : dict of str to (ndarray, ndarray)
            Stds and losses.
        own : ndarray
            How sure the tied model is of its input at each std.
        """
        self._draw_attention(d_k, shares, entropy, entropies, expected)
        self._draw_loss(stds, losses, formula)
        said = ", ".join(
            f"{number(losses['own'][i])} at {number(stds[i])} "
            f"(tied {number(losses['tied'][i])})"
            for i in (-3, -2, -1)
        )
        return (
            f"With d_k {d_k} and scores × {scale}, the largest of 64 shares is "
            f"{two_places(shares[0])}; the mean entropy is {two_places(entropy)}, that of "
            f"{number(np.exp(entropy), 2)} equal shares. The first loss is {said}; the tied "
            f"model gives its own input a probability of {two_places(own[-3])} at "
            f"{number(stds[-3])}."
        )

    def _draw_attention(self, d_k, shares, entropy, entropies, expected):
        places = np.arange(1, len(shares) + 1)
        shown = shares > 10.0 ** -(LOWEST + 0.2)
        self._shares.set_data(places[shown], np.log10(shares[shown]))
        for name in SCALED:
            self._curves[name].set_data(np.log2(expected[0]), expected[1][name])
            self._measured[name].set_data(np.log2(entropies[0]), entropies[1][name])
        self._ring.set_data([np.log2(d_k)], [entropy])

    def _draw_loss(self, stds, losses, formula):
        level = np.log10(losses["own"].min())
        self._level.set_data([-2.4, 0.1], [level, level])
        names = ("0.02", "1/√d", "1")
        for line, text, std, name in zip(
            self._marks, self._mark_names, stds[-3:], names, strict=True
        ):
            line.set_data([np.log10(std)] * 2, [0.5, self.TOP])
            text.set_position((np.log10(std), self.TOP))
            text.set_text(name)
        for dots, line, name in zip(self._found, self._expected, losses, strict=True):
            dots.set_data(np.log10(stds), np.log10(losses[name]))
            line.set_data(*np.log10(formula[name]))
