"""The figures of lesson 8."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.figures.canvas import (
    BLUE,
    GREEN,
    ORANGE,
    VERMILION,
    Canvas,
    count,
    label_powers,
    legend,
    number,
    row_of_axes,
)

MOST_NAMES = 16  # beyond that many layers, their numbers stand below the axes


class ModelInDepth:
    """Signal, gradient, and units that pass nothing, layer by layer of a model (lesson 8)."""

    def __init__(self):
        figure, axes = row_of_axes(
            (11, 4.2), 3, left=0.055, right=0.985, bottom=0.3, top=0.9, wspace=0.2
        )
        titles = ("signal, going forward", "gradient, going backward", "share of units")
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title, fontsize=12)
        for ax in axes[:2]:
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
            label_powers(ax)
        axes[2].set(ylim=(-0.03, 1.35), yticks=np.linspace(0, 1, 6))
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
        curves = list(self._curves.values())
        legend(signal, curves[:2], ["E[z²]", "E[h²], activated"], "best")
        legend(gradient, curves[2:3], ["E[δ²]"], "best")
        legend(shares, curves[3:], ["saturated", "inactive", "dead on the batch"], "upper left")
        self.canvas = Canvas(figure, curves)

    def update(self, rows):
        """Draw the numbers of each layer: `rows` as `helpers.inspection.inspect` finds them."""
        positions = np.arange(1, len(rows) + 1)
        for name, curve in self._curves.items():
            values = np.array([getattr(row, name) for row in rows])
            if name in ("preactivation", "activated", "gradient"):
                with np.errstate(divide="ignore", invalid="ignore"):
                    values = np.log10(values)
                values = np.where(np.isfinite(values), values, np.nan)
            curve.set_data(positions, values)
        few = len(rows) <= MOST_NAMES
        for ax in self._axes:
            ax.set_xlim(0.5, len(rows) + 0.5)
            if few:
                ax.set_xticks(positions, [_short(row.name) for row in rows])
                ax.tick_params("x", rotation=45, labelsize=9)
                for label in ax.get_xticklabels():
                    label.set(ha="right", rotation_mode="anchor")
            else:
                ax.set_xlabel("layer, in the order in which they ran", fontsize=11)
        self._fit(self._axes[0], ("preactivation", "activated"))
        self._fit(self._axes[1], ("gradient",))
        first, last = rows[0], rows[-1]
        return (
            f"{count(len(rows), 'layer')}. From the first to the last the mean square of the "
            f"signal goes from {number(first.preactivation)} to {number(last.preactivation)}; "
            "from the last back to the first that of the gradient goes from "
            f"{number(last.gradient)} to {number(first.gradient)}."
        )

    def _fit(self, ax, names):
        values = np.concatenate([self._curves[name].get_ydata() for name in names])
        values = values[np.isfinite(values)]
        low, high = (values.min(), values.max()) if values.size else (0, 0)
        ax.set_ylim(min(low - 0.2, -1.2), max(high + 0.2, 1.2))


def _short(name):
    return name if len(name) <= 14 else "…" + name[-13:]
