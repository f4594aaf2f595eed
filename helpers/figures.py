"""Figures: one small class each, which draws what it is given and computes nothing.

A figure builds its axes once. ``update(...)`` moves its artists and returns a sentence that
says what the figure shows at these settings; ``canvas`` turns it into pixels.
"""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

# Colours that stay apart in the common kinds of colour blindness (Okabe and Ito, 2008).
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
GREY = "#555555"
TEXT = {"fontsize": 11, "color": "#222222"}


class Canvas:
    """A figure's pixels, of which only the moving artists are painted anew.

    Drawing axes, ticks and titles takes far longer than drawing a curve. They are drawn once
    for each set of axis limits and kept as a background.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    moving : list of matplotlib.artist.Artist
        Those that change. Everything else must lie below them and depend on axis limits alone.
    """

    def __init__(self, figure, moving):
        FigureCanvasAgg(figure)
        self.figure = figure
        spines = [spine for ax in figure.axes for spine in ax.spines.values()]
        self.moving = sorted([*moving, *spines], key=lambda artist: artist.get_zorder())
        for artist in self.moving:
            artist.set_animated(True)  # left out when the figure is drawn
        self._backgrounds = {}

    def pixels(self):
        """Paint the figure and return it as an array of shape (height, width, 4)."""
        canvas = self.figure.canvas
        limits = tuple((*ax.get_xlim(), *ax.get_ylim()) for ax in self.figure.axes)
        if limits not in self._backgrounds:
            if len(self._backgrounds) == 20:  # 1.5 MB each
                self._backgrounds.pop(next(iter(self._backgrounds)))
            canvas.draw()
            self._backgrounds[limits] = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self._backgrounds[limits])
        for artist in self.moving:
            artist.draw(canvas.get_renderer())
        return np.asarray(canvas.buffer_rgba())

    def png(self, *, small=False):
        """Paint the figure and return it as PNG bytes: at once, or in 64 colours."""
        image = Image.fromarray(self.pixels()).convert("RGB")  # a quarter less to compress
        data = io.BytesIO()
        if small:
            image.quantize(64, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
        else:  # level 1 takes half the time of the usual 6, and a tenth more bytes
            image.save(data, "PNG", compress_level=1)
        return data.getvalue()


def row_of_axes(size, columns, **margins):
    """Return a figure and its axes in a row, with margins that never move."""
    figure = Figure(figsize=size, dpi=100)
    axes = figure.subplots(1, columns, gridspec_kw=margins, squeeze=False)[0]
    for ax in axes:
        ax.grid(alpha=0.3)
        ax.set_axisbelow(True)
    return figure, axes


def _legend(ax, handles, labels, place):
    """Add a legend below the curves: a part of the background, since it is slow to draw."""
    ax.legend(handles, labels, loc=place, fontsize=10).set_zorder(0.5)


def _limit(value, steps):
    """Return the first of the increasing `steps` that holds `value`: axes rarely move."""
    return next((step for step in steps if value <= step), steps[-1])


def _number(value):
    """Return `value` as it is read aloud: three digits, powers of ten beyond a million."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × 10^{int(exponent)}"


def _count(n, thing):
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def _percent(share):
    return f"{100 * share:.0f} %"


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
            f"Histogram of 2000 weighted sums of {_count(n, 'input')}. Their standard "
            f"deviation is {measured:.1f}; the square root of {n} is {predicted:.1f}."
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
            How many of the four inputs are classified rightly.
        """
        n_units = paths.shape[-1]
        reach = _limit(np.abs(paths).max() * 1.1, (1.0, 2.0, 4.0, 8.0, 16.0))
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
            f"and {right} of the 4 inputs are classified rightly."
        )


class SignalInDepth:
    """The second moment of a signal, layer by layer, beside theory (lesson 5)."""

    def __init__(self):
        figure, (ax,) = row_of_axes((9, 4.2), 1, left=0.1, right=0.97, bottom=0.14, top=0.9)
        ax.set_title("second moment of the activations", fontsize=12)
        ax.set_xlabel("layer", fontsize=11)
        ax.set_ylabel("E[h²]", fontsize=11)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        ax.yaxis.set_major_formatter(lambda y, _: f"$10^{{{y:.0f}}}$")
        level = ax.axhline(0, color=GREY, lw=1)
        band = ax.fill_between([0, 1], [0, 0], [0, 0], color=ORANGE, alpha=0.3, lw=0)
        theory = ax.plot([], [], color=VERMILION, ls="--", lw=2)[0]
        measured = ax.plot([], [], color=BLUE, marker="o", ms=5, lw=1.5)[0]
        _legend(
            ax,
            [measured, theory, band],
            ["measured", "wide layers", "95 % of finite networks, one input"],
            "lower left",
        )
        text = ax.text(0.985, 0.96, "", transform=ax.transAxes, ha="right", va="top", **TEXT)
        self._ax, self._band, self._theory, self._measured = ax, band, theory, measured
        self._text = text
        self.canvas = Canvas(figure, [level, band, theory, measured, text])

    def update(self, measured, theory, low, high):
        """Draw second moments for layers 0 to depth, all as powers of ten.

        A measured -inf stands for a second moment of exactly 0, inf and nan for an overflow.
        """
        depth = len(measured) - 1
        layers = np.arange(depth + 1)
        finite = np.isfinite(measured)
        extreme = max(np.abs(a[np.isfinite(a)]).max() for a in (measured, low, high))
        reach = _limit(extreme * 1.05, (1, 2, 5, 10, 20, 50))
        self._ax.set(xlim=(-0.02, 1.02 * _limit(depth, (5, 10, 20, 50))), ylim=(-reach, reach))
        self._band.set_data(layers, low, high)
        self._theory.set_data(layers, theory)
        self._measured.set_data(layers[finite], measured[finite])
        ratio = 10.0 ** (theory[1] - theory[0])
        end, band = self._words_for_the_end(measured, low, high)
        self._text.set_text(f"theory: × {ratio:.3g} a layer\nmeasured at the end: {end}")
        rises = theory[-1] > 0.1 * reach  # then the free corner is the lower one
        self._text.set(y=0.05 if rises else 0.96, va="bottom" if rises else "top")
        return (
            f"Over {_count(depth, 'layer')} the second moment of the activations goes from "
            f"{_number(10.0 ** measured[0])} to {end}. Theory multiplies it by {ratio:.3g} a "
            f"layer, to {_number(10.0 ** theory[-1])}{band}."
        )

    @staticmethod
    def _words_for_the_end(measured, low, high):
        finite = np.isfinite(measured)
        if not finite.all():
            first = int(np.argmin(finite))
            what = "0" if measured[first] == -np.inf else "overflow"
            return f"{what}, from layer {first} on", ""
        where = "inside" if low[-1] <= measured[-1] <= high[-1] else "outside"
        band = f"{_number(10.0 ** low[-1])} to {_number(10.0 ** high[-1])}"
        return _number(10.0 ** measured[-1]), (
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
        _legend(
            shares,
            [inactive, dead],
            ["inactive, on one sample", "dead, on the whole batch"],
            "upper left",
        )
        theory = cosines.plot([], [], color=VERMILION, ls="--", lw=2)[0]
        cosine = cosines.plot([], [], color=BLUE, marker="o", ms=4)[0]
        _legend(cosines, [cosine, theory], ["measured", "wide layers, bias 0"], "lower right")
        text = cosines.text(
            0.5, 0.5, "", transform=cosines.transAxes, ha="center", va="center", **TEXT
        )
        self._inactive, self._dead, self._text = inactive, dead, text
        self._cosine, self._theory = cosine, theory
        self.canvas = Canvas(figure, [inactive, dead, theory, cosine, text])

    def update(self, inactive, dead, cosine, predicted_cosine):
        """Draw one value per layer; a cosine of nan means that no signal is left."""
        layers = np.arange(1, len(inactive) + 1)
        self._inactive.set_data(layers, inactive)
        self._dead.set_data(layers, dead)
        self._cosine.set_data(layers, cosine)
        self._theory.set_data(layers, predicted_cosine)
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
            f"At layers 1, 10 and {last}, {_percent(inactive[0])}, {_percent(inactive[9])} and "
            f"{_percent(inactive[-1])} of the units are inactive on a sample, and "
            f"{_percent(dead[0])}, {_percent(dead[9])} and {_percent(dead[-1])} are dead on "
            f"the whole batch. {words}."
        )
