"""The figures of lesson 8."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILION,
    Canvas,
    label_powers,
    legend,
    limit,
    row_of_axes,
)
from helpers.words import count, number

MOST_NAMES = 16  # of more layers, every second, third, ... has its name below the axes
MOST_OBLIQUE = 6  # beyond that many, names are upright


class ModelInDepth:
    """Signal, gradient, and units that pass nothing, layer by layer of a model (lesson 8)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (11, 4.4), 3, left=0.06, right=0.985, bottom=0.32, top=0.91, wspace=0.2
        )
        titles = ("signal, going forward", "gradient, going backward", "share of units")
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title, fontsize=12)
        for ax in axes[:2]:
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
            label_powers(ax)
        axes[2].set(ylim=(-0.03, 1.6), yticks=np.linspace(0, 1, 6))
        self._axes = axes
        signal, gradient, shares = axes
        line = {"marker": "o", "ms": 5, "lw": 1.5}
        self._curves = {
            "preactivation": signal.plot([], [], color=BLUE, **line)[0],
            "activated": signal.plot([], [], color=ORANGE, **line | {"marker": "s"})[0],
            "gradient": gradient.plot([], [], color=BLUE, **line)[0],
            "saturated": shares.plot([], [], color=GREEN, **line | {"marker": "^"})[0],
            "inactive": shares.plot([], [], color=BLUE, **line)[0],
            "dead": shares.plot([], [], color=VERMILION, **line | {"marker": "s"})[0],
        }
        self._before = {
            name: ax.plot([], [], color=GREY, lw=1.2, ls="--")[0]
            for name, ax in (("preactivation", signal), ("gradient", gradient))
        }
        self._unfit = [
            ax.plot([], [], color="black", marker="x", ms=11, mew=2, ls="")[0]
            for ax in axes[:2]
        ]
        curves = list(self._curves.values())
        legend(signal, curves[:2], ["E[z²]", "E[h²], activated"], "upper left")
        legend(gradient, curves[2:3], ["E[δ²]"], "upper left")
        legend(shares, curves[3:], ["saturated", "inactive", "dead on the batch"], "upper left")
        self.canvas = Canvas(figure, [*curves, *self._before.values(), *self._unfit])

    def update(self, rows, verdicts=(), before=()):
        """Draw the numbers of each layer: `rows` as `helpers.inspection.inspect` finds them.

        A cross marks layers that do not fit. The rows of `before` are dashed lines.
        """
        positions = np.arange(1, len(rows) + 1)
        for name, curve in self._curves.items():
            values = np.array([getattr(row, name) for row in rows])
            powers = name in ("preactivation", "activated", "gradient")
            curve.set_data(positions, _powers(values) if powers else values)
        for name, curve in self._before.items():
            values = _powers(np.array([getattr(row, name) for row in before]))
            curve.set_data(np.arange(1, len(before) + 1), values)
        unfit = np.array([row.fits is False for row in rows], bool)
        for cross, name in zip(self._unfit, ("preactivation", "gradient"), strict=True):
            cross.set_data(positions[unfit], self._curves[name].get_ydata()[unfit])
        named = positions[:: -(-len(rows) // MOST_NAMES)]  # every second, third, ...
        for ax in self._axes:
            ax.set_xlim(0.5, len(rows) + 0.5)
            ax.set_xticks(named, [_short(rows[i - 1].name) for i in named])
            upright = len(rows) > MOST_OBLIQUE
            ax.tick_params("x", rotation=90 if upright else 45, labelsize=9)
            for label in ax.get_xticklabels():
                label.set(ha="right", va="center" if upright else "top", rotation_mode="anchor")
        self._fit(self._axes[0], ("preactivation", "activated"))
        self._fit(self._axes[1], ("gradient",))
        first, last = rows[0], rows[-1]
        return (
            f"{count(len(rows), 'layer')}. From the first to the last the mean square of the "
            f"signal goes from {number(first.preactivation)} to "
            f"{number(last.preactivation)}; "
            "from the last back to the first that of the gradient goes from "
            f"{number(last.gradient)} to {number(first.gradient)}. {' '.join(verdicts)}"
        ).strip()

    def _fit(self, ax, names):
        curves = [self._curves[name] for name in names]
        curves += [self._before[name] for name in names if name in self._before]
        values = np.concatenate([curve.get_ydata() for curve in curves])
        values = values[np.isfinite(values)]
        low, high = (values.min(), values.max()) if values.size else (0, 0)
        low = min(low - 0.2, -1.2)
        room = 0.4 * (high - low)  # for the legend, above the curves
        ax.set_ylim(low, max(high + room, 1.2))


def _powers(values):
    """Return powers of ten; nan where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log10(values)
    return np.where(np.isfinite(powers), powers, np.nan)


def _short(name):
    return name if len(name) <= 14 else "…" + name[-13:]


# How a start is drawn, and what it is called. Keras's marks are large and open, around He's
# where both are the same: of rectifiers without biases no scale changes the cosine.
STARTS = {
    "PyTorch": ({"color": VERMILION, "marker": "s", "ms": 5}, "PyTorch's Linear"),
    "Keras": ({"color": ORANGE, "marker": "o", "ms": 10, "mfc": "none"}, "Keras's Dense"),
    "He": ({"color": BLUE, "marker": "o", "ms": 4}, "He's uniform"),
}


class DefaultsInDepth:
    """Signal, gradient and cosine, layer by layer, from three starts (lesson 8)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (11, 4.2), 3, left=0.06, right=0.985, bottom=0.14, top=0.9, wspace=0.22
        )
        titles = ("signal: E[h²]", "gradient: E[δ²]", "mean cosine of two samples")
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title, fontsize=12)
            ax.set_xlabel("layer", fontsize=11)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        for ax in axes[:2]:
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
            label_powers(ax)
        axes[2].set(ylim=(-0.6, 1.05))
        self._axes, self._curves = axes, {}
        for name, (style, _) in STARTS.items():
            for ax, what in zip(axes, ("signal", "gradient", "cosine"), strict=True):
                self._curves[name, what] = ax.plot([], [], lw=1.5, **style)[0]
        handles = [self._curves[name, "cosine"] for name in STARTS]
        legend(axes[2], handles, [words for _, words in STARTS.values()], "lower right")
        self.canvas = Canvas(figure, list(self._curves.values()))

    def update(self, activation, curves):
        """Draw the curves of each start.

        Parameters
        ----------
        activation : str
        curves : dict of str to dict of str to ndarray
            From a start to its "signal" from layer 0 on, and its "gradient" and "cosine" from
            layer 1 on.
        """
        depth = len(curves["He"]["gradient"])
        lowest = -2.0
        for name, found in curves.items():
            for what, values in found.items():
                if what != "cosine":
                    values = np.log10(values)
                    lowest = min(lowest, values.min())
                first = depth + 1 - len(values)
                self._curves[name, what].set_data(np.arange(first, depth + 1), values)
        low = -limit(-lowest, (2, 4, 8, 12, 16, 20, 24, 32, 40))
        for ax in self._axes:
            ax.set_xlim(-0.5, depth + 0.5)
        for ax in self._axes[:2]:
            ax.set_ylim(low - 0.05 * abs(low), 0.12 * abs(low) + 0.6)
        said = "; ".join(
            f"{words} the signal goes from {number(found['signal'][0])} to "
            f"{number(found['signal'][-1])}, the gradient at layer 1 is "
            f"{number(found['gradient'][0])} of that at the last, and the cosine between "
            f"samples ends at {found['cosine'][-1] + 0.0:.2f}"
            for (_, words), found in zip(STARTS.values(), curves.values(), strict=True)
        )
        return f"Over {count(depth, 'layer')} with {activation}: with {said}."
