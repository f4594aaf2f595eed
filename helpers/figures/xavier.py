"""The figure of lesson 4."""

import numpy as np
from matplotlib.lines import Line2D

from helpers.figures.canvas import (
    BLUE,
    GREEN,
    ORANGE,
    VERMILION,
    Canvas,
    label_powers,
    legend,
    limit,
    row_of_axes,
)
from helpers.words import number

# A colour for each mode, and a place beside the layer, so that none hides another.
MODES = {
    "fan_in": (BLUE, -0.18),
    "fan_avg": (GREEN, -0.06),
    "geometric": (ORANGE, 0.06),
    "fan_out": (VERMILION, 0.18),
}


class ForwardAndBackward:
    """Signal and gradient, layer by layer, for four ways of counting the fan (lesson 4)."""

    LAYERS = 5

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 4.3), 2, left=0.065, right=0.985, bottom=0.22, top=0.91, wspace=0.16
        )
        self._axes, self._points, self._theory, self._shapes = axes, {}, {}, []
        titles = (
            "signal, going forward: mean square of z",
            "gradient, going backward: mean square of δ",
        )
        for way, (ax, title) in enumerate(zip(axes, titles, strict=True)):
            ax.set(xlim=(0.5, self.LAYERS + 0.5), xticks=range(1, self.LAYERS + 1))
            ax.set_title(title, fontsize=12)
            ax.set_xlabel("layer, with its inputs and outputs", fontsize=11, labelpad=36)
            label_powers(ax, base=2)
            for mode, (colour, _) in MODES.items():
                theory = ax.plot([], [], color=colour, lw=1.5, ls="--")[0]
                points = ax.plot([], [], color=colour, marker="o", ms=8, ls="", zorder=3)[0]
                self._theory[mode, way], self._points[mode, way] = theory, points
            self._shapes.append(
                [
                    ax.text(
                        *(layer, -0.075, ""),
                        transform=ax.get_xaxis_transform(),
                        **{"ha": "center", "va": "top", "fontsize": 10},
                    )
                    for layer in range(1, self.LAYERS + 1)
                ]
            )
        dots = [Line2D([], [], color=c, marker="o", ms=8, ls="") for c, _ in MODES.values()]
        dashes = Line2D([], [], color="black", lw=1.5, ls="--")
        for ax in axes:
            legend(ax, [*dots, dashes], [*MODES, "theory"], "upper center", columns=3)
        moving = [*self._theory.values(), *self._points.values()]
        moving += [text for shapes in self._shapes for text in shapes]
        self.canvas = Canvas(figure, moving)

    def update(self, sizes, measured, theory):
        """Draw the second moments of signals and gradients.

        Parameters
        ----------
        sizes : sequence of int
            Widths of the input, the hidden layers and the output.
        measured, theory : dict of str to (ndarray, ndarray)
            From a mode to the second moments of signal and gradient in each layer.
        """
        layers = np.arange(1, self.LAYERS + 1)
        for way, ax in enumerate(self._axes):
            powers = [np.log2(values[way]) for values in (*measured.values(), *theory.values())]
            reach = limit(np.abs(powers).max() * 1.05, (4, 8, 16, 32))
            ax.set(ylim=(-reach, 1.45 * reach), yticks=np.linspace(-reach, reach, 5))
            for mode, (_, side) in MODES.items():
                self._points[mode, way].set_data(layers + side, np.log2(measured[mode][way]))
                self._theory[mode, way].set_data(layers + side, np.log2(theory[mode][way]))
            for text, n_in, n_out in zip(self._shapes[way], sizes[:-1], sizes[1:], strict=True):
                text.set_text(f"{n_in} →\n{n_out}")
        forward = ", ".join(
            f"{number(signal[0])} to {number(signal[-1])} with {mode}"
            for mode, (signal, _) in measured.items()
        )
        backward = ", ".join(
            f"{number(gradient[-1])} to {number(gradient[0])} with {mode}"
            for mode, (_, gradient) in measured.items()
        )
        return (
            f"Layers of {', '.join(map(str, sizes[:-1]))} and {sizes[-1]} units. From the "
            f"first layer to the last, the mean square of the signal goes from {forward}. From "
            f"the last layer back to the first, that of the gradient goes from {backward}."
        )
