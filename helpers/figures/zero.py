"""The figure of lesson 2."""

import numpy as np

from helpers.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    TEXT,
    VERMILION,
    Canvas,
    limit,
    row_of_axes,
)


class HiddenUnits:
    """Hidden units that move together or apart, and what they make of XOR (lesson 2)."""

    REACH = 1.8  # of the decision map
    UNITS = 16  # at most

    def __init__(self, landmarks):
        """Take the losses to mark, as a dict from label to value."""
        figure, axes = row_of_axes(
            (10.5, 3.9), 3, left=0.07, right=0.975, bottom=0.15, top=0.9, wspace=0.28
        )
        units, decision, loss = self._axes = axes
        units.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
        units.set_title("weights of the hidden units", fontsize=12)
        units.set_xlabel("weight from input 1", fontsize=11)
        units.set_ylabel("weight from input 2", fontsize=11, labelpad=0)
        paths = [
            units.plot([], [], color=color, lw=1.5, alpha=0.8)[0]
            for color in ([BLUE, ORANGE, GREEN, VERMILION] * 4)[: self.UNITS]
        ]
        ends = units.scatter([], [], s=70, facecolor="white", edgecolor="black", zorder=4)
        count = units.text(0.03, 0.97, "", transform=units.transAxes, va="top", **TEXT)

        decision.set(aspect="equal", xticks=[-1, 1], yticks=[-1, 1])
        decision.set_title("the network's probability of 1", fontsize=12)
        decision.set_xlabel("input 1", fontsize=11)
        decision.set_ylabel("input 2", fontsize=11, labelpad=-4)
        extent = (-self.REACH, self.REACH, -self.REACH, self.REACH)
        image = decision.imshow(
            np.zeros((2, 2)), cmap="RdBu_r", vmin=0, vmax=1, origin="lower", extent=extent
        )
        image.set_zorder(1)
        corners = [
            decision.text(
                *(x, y, label),
                ha="center",
                va="center",
                fontsize=13,
                weight="bold",
                bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": "black"},
            )
            for x, y, label in [(-1, -1, "0"), (1, 1, "0"), (-1, 1, "1"), (1, -1, "1")]
        ]

        loss.set(xlim=(0, 5000), ylim=(-0.04, 1.2), xticks=[0, 2500, 5000], box_aspect=1)
        loss.set_title("loss", fontsize=12)
        loss.set_xlabel("training step", fontsize=11)
        for label, value in landmarks.items():
            loss.axhline(value, color=GREY, ls=":", lw=1.5)
            place = {"va": "top", "y": value - 0.02} if value < 0.5 else {"y": value + 0.015}
            loss.text(4900, s=label, ha="right", color=GREY, fontsize=10, **place)
        curve = loss.plot([], [], color=BLUE, lw=1.5)[0]
        here = loss.plot([], [], "o", color=VERMILION, ms=8)[0]
        value = loss.text(
            0.97, 0.97, "", transform=loss.transAxes, ha="right", va="top", **TEXT
        )
        self._paths, self._ends, self._count = paths, ends, count
        self._image, self._curve, self._here, self._value = image, curve, here, value
        moving = [*paths, ends, count, image, *corners, curve, here, value]
        self.canvas = Canvas(figure, moving)

    def update(self, paths, different, probability, steps, losses, now, right):
        """Draw the units' paths up to now, the decision map and the loss.

        Parameters
        ----------
        paths : ndarray of shape (n_states, 2, n_units)
            Weights of the hidden units at each recorded state up to now.
        different : int
            How many hidden units differ from one another now.
        probability : ndarray of shape (n, n)
            Of class 1, on a grid over the inputs.
        steps, losses : ndarray of shape (n_all_states,)
        now : int
            Which of the recorded states is shown.
        right : int
            How many of the four inputs are classified correctly.
        """
        n_units = paths.shape[-1]
        reach = limit(np.abs(paths).max() * 1.1, (1.0, 2.0, 4.0, 8.0, 16.0))
        self._axes[0].set(xlim=(-reach, reach), ylim=(-reach, reach))
        for i, path in enumerate(self._paths):
            path.set_data(*paths[:, :, i].T) if i < n_units else path.set_data([], [])
        self._ends.set_offsets(paths[-1].T)
        kinds = "all identical" if different == 1 else f"{different} kinds"
        self._count.set_text(f"{n_units} hidden units, {kinds}")
        self._image.set_data(probability)
        self._curve.set_data(steps, losses)
        self._here.set_data([steps[now]], [losses[now]])
        self._value.set_text(f"step {steps[now]}: {losses[now]:.4f}")
        identical = (
            f"all {n_units} hidden units are identical"
            if different == 1
            else f"the {n_units} hidden units are of {different} different kinds"
        )
        return (
            f"After {steps[now]} training steps {identical}, the first with weights "
            f"{paths[-1, 0, 0]:.2f} and {paths[-1, 1, 0]:.2f}. The loss is {losses[now]:.4f} "
            f"and {right} of the 4 inputs are classified correctly."
        )
