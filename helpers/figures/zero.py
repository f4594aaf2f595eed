"""The figures of lesson 2."""

import numpy as np
from matplotlib.ticker import MaxNLocator

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
from helpers.figures.pictures import Picture
from helpers.words import count

CLASSES = (("o", BLUE), ("s", VERMILION))  # how samples of class 0 and 1 are drawn


class HiddenUnits:
    """Hidden units that move together or apart, and what they make of the data (lesson 2)."""

    UNITS = 16  # at most

    def __init__(self, landmarks):
        """Take the losses to mark, as a dict from label to value."""
        figure, axes = row_of_axes(
            (10.5, 3.35), 3, left=0.07, right=0.985, bottom=0.16, top=0.9, wspace=0.44
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
        hidden = [
            units.text(0, 0, "", zorder=5, fontsize=11, weight="bold")
            for _ in range(self.UNITS // 2)
        ]
        at_top = {"transform": units.transAxes, "va": "top", "zorder": 6, **TEXT}
        title = units.text(0.03, 0.97, "", **at_top)

        decision.set(aspect="equal")
        decision.set_title("probability of 1: blue 0, red 1", fontsize=12)
        decision.set_xlabel("input 1", fontsize=11)
        decision.set_ylabel("input 2", fontsize=11, labelpad=0)
        for axis in (decision.xaxis, decision.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True))
        place = (-1, 1, -1, 1)
        image = decision.imshow(
            np.zeros((2, 2)), cmap="RdBu_r", vmin=0, vmax=1, origin="lower", extent=place
        )
        image.set_zorder(1)
        style = {"ls": "", "ms": 9, "mec": "white", "mew": 1.2}
        classes = [
            decision.plot([], [], marker=marker, mfc=color, **style)[0]
            for marker, color in CLASSES
        ]

        # Dots at the first and the last step are whole.
        loss.set(xlim=(-150, 5150), ylim=(0, 1.2), xticks=[0, 2500, 5000], box_aspect=1)
        loss.set_title("loss", fontsize=12)
        loss.set_xlabel("training step", fontsize=11)
        marks = {}
        for label, value in landmarks.items():
            side = "bottom" if value > 0.5 else "top"
            words = loss.text(5050, value, label, ha="right", va=side, color=GREY, fontsize=10)
            marks[label] = loss.axhline(value, color=GREY, ls=":", lw=1.5), words
        curve = loss.plot([], [], color=BLUE, lw=1.5)[0]
        here = loss.plot([], [], "o", color=VERMILION, ms=8)[0]
        value = loss.text(
            0.97, 0.97, "", transform=loss.transAxes, ha="right", va="top", **TEXT
        )
        self._paths, self._ends, self._hidden, self._title = paths, ends, hidden, title
        self._image, self._classes, self._marks = image, classes, marks
        self._curve, self._here, self._value = curve, here, value
        moving = [*paths, ends, *hidden, title, image, *classes]
        moving += [artist for mark in marks.values() for artist in mark]
        self.canvas = Canvas(figure, [*moving, curve, here, value])

    def update(self, units, answers, losses, landmarks):
        """Draw the units' paths up to now, what the network answers, and the loss.

        Parameters
        ----------
        units, answers : dict
            Arguments of the two methods below.
        losses : dict
            `steps` and `losses` of all recorded states, and `now`, which of them is shown.
        landmarks : sequence of str
            Which of the losses to mark are marked.
        """
        for label, artists in self._marks.items():
            for artist in artists:
                artist.set_visible(label in landmarks)
        words = self._draw_units(**units)
        steps, values, now = losses["steps"], losses["losses"], losses["now"]
        top = limit(1.02 * values.max(), (1.2, 2.5, 5.0, 10.0, 20.0))
        self._axes[2].set_ylim(-0.03 * top, top)
        self._curve.set_data(steps, values)
        self._here.set_data([steps[now]], [values[now]])
        self._value.set_text(f"step {steps[now]}: {values[now]:.4f}")
        said = f"After {steps[now]} training steps {words}. The loss is {values[now]:.4f} and"
        return f"{said} {self._draw_answers(**answers)}."

    def _draw_units(self, paths, different, by, activation):
        """Draw the weights of the hidden units and the way they came.

        Parameters
        ----------
        paths : ndarray of shape (n_states, 2, n_units)
            Weights of the hidden units at each recorded state up to now.
        activation : str
            Its name.
        different : int
            How many hidden units differ from one another now.
        by : str
            In what they differ where they have the same weights; empty where weights do.
        """
        n_units = paths.shape[-1]
        reach = limit(np.abs(paths).max() * 1.1, (1.0, 2.0, 4.0, 8.0, 16.0))
        self._axes[0].set(xlim=(-reach, reach), ylim=(-reach, reach))
        for i, path in enumerate(self._paths):
            path.set_data(*paths[:, :, i].T) if i < n_units else path.set_data([], [])
        self._ends.set_offsets(paths[-1].T)
        # Where rings cover one another, how many there are.
        cells = np.round(paths[-1].T / (0.04 * reach))
        _, first, sizes = np.unique(cells, axis=0, return_index=True, return_counts=True)
        several = [(i, n) for i, n in zip(first, sizes, strict=True) if n > 1]
        for text in self._hidden:
            text.set_text("")
        for text, (i, n) in zip(self._hidden, several, strict=False):
            x, y = paths[-1, :, i]
            left = x > 0.6 * reach
            text.set(text=f"×{n}", x=x + (-1 if left else 1) * 0.08 * reach, y=y)
            text.set(ha="right" if left else "left", va="bottom" if y < 0.6 * reach else "top")
        if different == 1:
            kinds, words = "all identical", f"all {n_units} hidden units are identical"
        else:
            kinds = f"{different} kinds" + (by and f"\n(by {by})")
            words = f"the {n_units} hidden units are of {different} different kinds"
            words += by and f", by {by}"
        self._title.set_text(f"{n_units} {activation} units, {kinds}")
        first, second = paths[-1, :, 0].round(2) + 0.0  # never minus zero
        return f"{words}, the first with weights {first:.2f} and {second:.2f}"

    def _draw_answers(self, probability, extent, samples, labels, right):
        """Draw the data and what the network makes of it.

        Parameters
        ----------
        probability : ndarray of shape (n, n)
            Of class 1, on a grid over the inputs.
        extent : tuple of float
            Left, right, lower and upper end of the grid.
        samples : ndarray of shape (n_samples, 2)
        labels : ndarray of n_samples entries
        right : int
            How many of the samples are classified correctly.
        """
        self._axes[1].set(xlim=extent[:2], ylim=extent[2:])
        self._image.set_data(probability)
        self._image.set_extent(extent)
        for label, line in enumerate(self._classes):
            line.set_data(*samples[np.ravel(labels) == label].T)
        return f"{right} of the {len(samples)} inputs are classified correctly"


def truth_tables(groups, *, title="", words=None):
    """Draw the samples of data sets, blue circles for class 0 and red squares for class 1.

    Parameters
    ----------
    groups : dict of str to (array_like of shape (n_samples, 2), array_like)
        Inputs and labels, by the name of the field.
    title : str
    words : str, optional

    Returns
    -------
    Picture
    """
    figure, axes = row_of_axes(
        (9.6, 3.4), len(groups), left=0.07, right=0.99, bottom=0.16, top=0.8, wspace=0.2
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    said = []
    for ax, (name, (samples, labels)) in zip(axes, groups.items(), strict=True):
        samples, labels = np.asarray(samples, float), np.ravel(labels)
        ax.set_title(name, loc="left", fontsize=11)
        ax.axhline(0, color=GREY, lw=1)
        ax.axvline(0, color=GREY, lw=1)
        for label, (marker, colour) in enumerate(CLASSES):
            some = samples[labels == label].T
            ax.plot(*some, ls="", marker=marker, mfc=colour, mec="white", ms=11)
        middle = samples.mean(axis=0)
        ax.plot(*middle, ls="", marker="+", color="black", ms=14, mew=2)
        ax.margins(0.3)
        ax.set_aspect("equal", adjustable="datalim")
        ax.set_xlabel("input 1", fontsize=11)
        ones = int(labels.sum())
        said.append(
            f"{name}: {count(len(labels), 'point')}, {ones} of class 1, their mean at "
            f"{_place(middle)}"
        )
    axes[0].set_ylabel("input 2", fontsize=11, labelpad=0)
    return Picture(figure, words or f"{title}. {'; '.join(said)}.")


def _place(point):
    x, y = (f"{value:.2f}".replace("-0.00", "0.00") for value in point)
    return f"({x}, {y})"
