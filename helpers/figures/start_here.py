"""The figure of lesson 0."""

import numpy as np

from helpers.figures.canvas import BLUE, TEXT, VERMILION, Canvas, row_of_axes
from helpers.words import count


class SumOfInputs:
    """How widely a weighted sum scatters (lesson 0)."""

    REACH = 110.0

    def __init__(self):
        figure, (ax,) = row_of_axes((9, 3.6), 1, left=0.04, right=0.97, bottom=0.16, top=0.9)
        ax.set(xlim=(-self.REACH, self.REACH), ylim=(0, 1.25), yticks=[])
        ax.set_title("2000 weighted sums of n inputs", fontsize=12)
        ax.set_xlabel("weighted sum", fontsize=11)
        bars = ax.stairs(np.zeros(1), [0, 1], fill=True, color=BLUE, alpha=0.7)
        theory = [ax.axvline(x, color=VERMILION, lw=2, ls="--") for x in (-1, 1)]
        text = ax.text(0.985, 0.93, "", transform=ax.transAxes, ha="right", va="top", **TEXT)
        self._bars, self._theory, self._text = bars, theory, text
        self.canvas = Canvas(figure, [bars, *theory, text])

    def update(self, n, heights, edges, measured, predicted):
        """Draw a histogram with its measured and predicted standard deviation."""
        self._bars.set_data(heights / heights.max(), edges)
        for line, x in zip(self._theory, (-predicted, predicted), strict=True):
            line.set_xdata([x, x])
        self._text.set_text(
            f"n = {n}\nstandard deviation: {measured:.1f}\ndashed, √n: {predicted:.1f}"
        )
        return (
            f"Histogram of 2000 weighted sums of {count(n, 'input')}. Their standard "
            f"deviation is {measured:.1f}; the square root of {n} is {predicted:.1f}."
        )
