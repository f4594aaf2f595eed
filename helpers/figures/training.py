"""The figure of lesson 6."""

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
    limit,
    row_of_axes,
)
from helpers.words import count, number, percent, typeset

GHOST, WIDEST = "#9A9A9A", 28  # of the run before: its colour, and letters of its settings
LOWEST = -3  # power of ten: smaller losses are drawn there
LOWER_ENDS = (1, 2, -LOWEST)  # powers of ten, but for the sign, at which an axis may begin
UPPER_ENDS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 310)  # and end
REACH = (2, 5, 10, 20, 50, 100, 200, 310)  # powers of ten at which an axis may end


class TrainingRun:
    """Networks while they train: the loss of all, the answers and the layers of one (lesson 6).

    It is blank until `update` is called, and the same data always give the same picture.
    """

    def __init__(self):
        figure, axes = row_of_axes(
            (10.5, 4.1), 3, left=0.06, right=0.985, bottom=0.14, top=0.91, wspace=0.2
        )
        loss, answers, layers = self._axes = axes
        loss.set_title(f"loss, drawn from $10^{{{LOWEST}}}$ up", fontsize=12)
        loss.set_xlabel("training step", fontsize=11)
        loss.xaxis.set_major_locator(MaxNLocator(4))
        self._guess = loss.axhline(0, color=GREY, ls=":", lw=1.5)
        self._guess_name = loss.text(0, 0, "", color=GREY, fontsize=10, ha="right", va="bottom")
        self._band = loss.fill_between([0, 1], 0, 0, color=BLUE, alpha=0.25, lw=0)
        self._before = loss.plot([], [], color=GHOST, lw=2.5)[0]
        self._curve = loss.plot([], [], color=BLUE, lw=1.8)[0]
        self._crosses = loss.plot([], [], "X", color=VERMILION, mec="white", ms=12)[0]
        shown = [self._curve, self._band, self._crosses]
        _legend_row(loss, shown, ["median", "range", "overflow"])
        corner = {"ha": "right", "va": "top", **TEXT}
        self._text = loss.text(0.97, 0.97, "", transform=loss.transAxes, **corner)

        answers.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[], aspect="equal")
        self._what = answers.set_title("answers", fontsize=12)
        blank, place = np.full((2, 2), np.nan), (0, 1, 0, 1)
        self._image = answers.imshow(
            blank, cmap="RdBu_r", vmin=0, vmax=1, origin="lower", extent=place, zorder=1
        )
        style = {"ls": "", "ms": 6, "mec": "white", "mew": 0.8}
        self._classes = [
            answers.plot([], [], marker=marker, mfc=color, **style)[0]
            for marker, color in (("o", BLUE), ("s", VERMILION))
        ]

        layers.set_title("its layers (dashed: step 0)", fontsize=12)
        layers.set_xlabel("layer", fontsize=11)
        layers.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        style = {"ls": "--", "lw": 1.2}
        self._start = [layers.plot([], [], color=c, **style)[0] for c in (BLUE, ORANGE)]
        style = {"ms": 4, "lw": 1.5}
        self._signal = layers.plot([], [], color=BLUE, marker="o", **style)[0]
        self._gradient = layers.plot([], [], color=ORANGE, marker="s", **style)[0]
        shown = [self._signal, self._gradient]
        _legend_row(layers, shown, ["signal E[h²]", "gradient E[δ²]"])
        self._missing = layers.text(0.97, 0.97, "", transform=layers.transAxes, **corner)

        layers.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        label_powers(layers)
        moving = [self._guess, self._guess_name, self._before, self._band, self._curve]
        moving += [self._crosses, self._text, self._what, self._image, *self._classes]
        moving += [*self._start, self._signal, self._gradient, self._missing]
        self.canvas = Canvas(figure, moving)

    def update(self, loss, overflow, answers, layers, before=None):
        """Draw the networks as they are; each argument holds those of a method below.

        `before` has words for the settings of another run that differ, and its data.
        """
        changed, other = before or ("", {"loss": None})
        words = [self._draw_loss(**loss, changed=changed, before=other["loss"])]
        words += [self._draw_overflow(**overflow), self._draw_before(changed, other["loss"])]
        words += [self._draw_answers(**answers), self._draw_layers(**layers)]
        return " ".join(filter(None, words))

    def _draw_loss(self, steps, total, losses, guess, guess_name, clipped, changed, before):
        """Draw the loss of every network, and the median up to where half have overflowed.

        Parameters
        ----------
        steps : ndarray of shape (n_points,)
        total : int
            Number of steps of the whole run.
        losses : ndarray of shape (n_points, n_networks)
            Not a finite number where a network has overflowed.
        guess, guess_name : float, str
            The loss of always guessing.
        clipped : float or None
            Share of the updates that were clipped; None without clipping.
        changed, before : str, dict or None
            What is different in the run before, and such arguments of it.
        """
        finite = np.isfinite(losses)
        powers, some = _powers(losses), finite.any(axis=1)
        ends = [f(powers[some], axis=1) for f in (np.nanmin, np.nanmax)]
        middle = _medians(losses)
        others = np.array([]) if before is None else _medians(before["losses"])
        lowest = min(np.nanmin(a, initial=0) for a in (ends[0], others))
        low = -limit(0.05 - lowest, LOWER_ENDS)
        # A peak of one network, and the run before, may leave the axes.
        top = limit(np.nanmax(middle, initial=0) + 0.1, UPPER_ENDS)
        self._low, self._top = low, top
        room = 0.14 * (top - low)  # below for the legend, above for some lines
        self._axes[0].set(
            xlim=(-0.03 * total, 1.01 * total), ylim=(low - room, top + 2.6 * room)
        )
        self._axes[0].set_yticks(*_ticks(low, top))
        self._curve.set_data(steps, middle)
        self._band.set_data(steps[some], *ends)
        self._powers = powers  # crosses mark the ends of curves
        self._guess.set_ydata([np.log10(guess)] * 2)

        now = losses[-1][finite[-1]]
        lines, words = [f"step {steps[-1]} of {total}"], f"After {steps[-1]} of {total} steps "
        if len(now) < losses.shape[1]:
            lines.append(f"{losses.shape[1] - len(now)} of {losses.shape[1]} overflowed")
        if len(now):
            middle, low, high = (_short(f(now)) for f in (np.median, np.min, np.max))
            lines += [f"loss {middle}", f"{low} to {high}"]
            those = "" if len(now) == len(finite[-1]) else f" of the other {len(now)}"
            words += f"the median loss{those} is {middle} "
            words += f"({low} to {high}; guessing has {guess:.3f})"
        else:
            words += "no network is left"
        if clipped is not None:
            lines.append(f"{percent(clipped)} of updates clipped")
            words += f", and {percent(clipped)} of the updates were clipped"
        if before is not None:
            lines.append(f"grey: {changed if len(changed) <= WIDEST else 'the run before'}")
        self._text.set_text(typeset("\n".join(lines)))
        # The name gives way where the words come down to its line.
        name = guess_name if len(lines) < 4 else ""
        self._guess_name.set(x=0.98 * total, y=np.log10(guess), text=name)
        return f"{words}."

    def _draw_before(self, changed, loss):
        """Draw the median of another run, and say where it has come to."""
        if loss is None:
            self._before.set_data([], [])
            return ""
        self._before.set_data(loss["steps"], _medians(loss["losses"]))
        now = loss["losses"][-1][np.isfinite(loss["losses"][-1])]
        end = f"a median loss of {_short(np.median(now))}" if len(now) else "no network left"
        return f"Grey is the run before, with {changed}: it has {end}."

    def _draw_overflow(self, at, where):
        """Mark overflows: `at` which step, nan for none, and `where` the first one happened."""
        gone = np.flatnonzero(np.isfinite(at))
        top = self._top
        heights = [_last_finite(self._powers[:, i], default=top) for i in gone]
        self._crosses.set_data(at[gone], np.minimum(heights, top - 0.05 * (top - self._low)))
        if not len(gone):
            return f"None of the {len(at)} networks overflowed."
        return (
            f"{len(gone)} of {len(at)} networks overflowed, the first at step "
            f"{at[gone].min():.0f}, {where}."
        )

    def _draw_answers(self, picture, points, right, samples, overflowed):
        """Draw what the first network answers.

        Parameters
        ----------
        picture : ndarray of shape (n, n), or of (n, n, 3) for colours
            Probability of class 1 on a grid over the unit square; or digits, drawn.
        points : list of 2 ndarrays of shape (n_samples, 2)
            Places of the samples of each class in the unit square.
        right, samples : int
            How many of how many samples it classifies correctly.
        overflowed : bool
            Whether its answers are no numbers any more.
        """
        self._image.set_data(np.flipud(picture) if picture.ndim == 3 else picture)
        for artist, places in zip(self._classes, points, strict=True):
            artist.set_data(*places.T)
        kind = "blue is right" if picture.ndim == 3 else "blue 0, red 1"
        self._what.set_text(f"first network: {'overflow' if overflowed else kind}")
        return f"The first network classifies {right} of {samples} samples correctly."

    def _draw_layers(self, signal, gradient, start):
        """Draw second moments in every layer of the first network; they may be inf or nan.

        `start` is a dict of what they were at step 0.
        """
        lines, words, ends, then = [], [], [], []
        for artist, moments in zip(
            self._start, (start["signal"], start["gradient"]), strict=True
        ):
            drawn = np.isfinite(moments) & (moments > 0)
            powers = np.log10(moments[drawn])
            artist.set_data(np.flatnonzero(drawn) + 1, powers)
            ends += [powers.min(initial=0), powers.max(initial=0)]
            then.append(_first_and_last(moments))
        for artist, name, moments in (
            (self._signal, "signal", signal),
            (self._gradient, "gradient", gradient),
        ):
            drawn = np.isfinite(moments) & (moments > 0)
            powers = np.log10(moments[drawn])
            artist.set_data(np.flatnonzero(drawn) + 1, powers)
            ends += [powers.min(initial=0), powers.max(initial=0)]
            for what, mask in (("0", moments == 0), ("overflow", ~np.isfinite(moments))):
                if mask.any():
                    lines.append(f"{name}: {what} in {count(mask.sum(), 'layer')}")
            words.append(_first_and_last(moments))
        low, high = -limit(-min(ends) + 0.1, REACH), limit(max(ends) + 0.1, REACH)
        room = 0.14 * (high - low)
        self._axes[2].set(
            xlim=(0, 1 + limit(len(signal), (4, 6, 11, 16, 21, 31))),
            ylim=(low - room, high + room * (1 + len(lines) / 2)),
        )
        self._missing.set_text("\n".join(lines))
        return (
            f"In its first and last layer the second moment of the signal is {words[0]}, that "
            f"of the gradient {words[1]}; at step 0 they were {then[0]}, and {then[1]}."
        )


def _powers(losses):
    """Return powers of ten, `LOWEST` at least; not a number where a loss is not finite."""
    finite = np.isfinite(losses)
    return np.log10(np.clip(losses, 10.0**LOWEST, None), where=finite, out=losses * np.nan)


def _medians(losses):
    """Return the median's power of ten at each step, nan from where half have overflowed."""
    middle = np.median(np.where(np.isfinite(losses), losses, np.inf), axis=1)
    return _powers(middle)


def _ticks(low, top):
    """Return places on an axis of powers of ten, and what is written there."""
    if top - low > 5:
        every = -(-(top - low) // 6)
        powers = np.arange(np.ceil(low / every) * every, top + 0.01, every)
        return powers, [f"$10^{{{int(power)}}}$" for power in powers]
    digits = (1, 2, 5) if top - low <= 2.5 else (1,)
    values = [d * 10.0**k for k in range(low, int(top) + 1) for d in digits]
    values = [value for value in values if value <= 1.0001 * 10.0**top]
    return np.log10(values), [f"{value:g}" for value in values]


def _first_and_last(moments):
    first, last = (number(m) if np.isfinite(m) else "overflow" for m in moments[[0, -1]])
    return f"{first} and {last}"


def _legend_row(ax, handles, labels):
    """Add a legend in one row at the bottom, where the axis leaves room for it."""
    style = {"fontsize": 10, "columnspacing": 1.0, "handletextpad": 0.5, "handlelength": 1.5}
    ax.legend(handles, labels, loc="lower left", ncols=len(labels), **style).set_zorder(0.5)


def _short(value):
    """Return a loss as it is read aloud, in two digits."""
    return number(float(f"{value:.1e}"))


def _last_finite(values, default):
    finite = values[np.isfinite(values)]
    return finite[-1] if len(finite) else default
