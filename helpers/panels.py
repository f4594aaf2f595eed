"""Panels: controls above a figure that follows them.

One call has three lives. In JupyterLab the kernel redraws the figure while a slider is
dragged. With the environment variable COURSE_BAKE=1 the same call bakes a picture for chosen
settings, so that the controls work on a page without a kernel. And the output saved in the
notebook holds the first picture and its description, for readers on a web page.
"""

import asyncio
import base64
import html
import math
import os
from functools import cache, lru_cache, partial

import ipywidgets as widgets
import numpy as np
from threadpoolctl import ThreadpoolController

from helpers import figures
from helpers.activations import ACTIVATIONS, rectifier
from helpers.datasets import xor
from helpers.initializers import constant, normal, zeros
from helpers.network import MLP, binary_cross_entropy, exact_matmul, stack
from helpers.propagation import correlation_map, finite_width_band, length_map, measure
from helpers.training import train

MAX_BAKED_FRAMES = 60  # a figure; at some 20 kB each a deck stays under 10 MB

# A second BLAS thread competes with the browser for the processor: 131 ms a redraw, not 102.
_BLAS = ThreadpoolController()


class Panel(widgets.VBox):
    """Controls above a figure that follows them.

    Parameters
    ----------
    figure : object
        From `helpers.figures`: ``update(**data)`` draws and returns a sentence, ``canvas``
        holds the pixels.
    compute : callable
        ``compute(**settings) -> data``. It is pure: the same settings give the same data.
    controls : dict of str to ipywidgets.Widget
        Named like the settings.
    bake : dict of str to sequence
        For some controls, the values to bake, among them the control's own.
    """

    def __init__(self, figure, compute, controls, bake):
        self.figure, self.compute, self.controls = figure, compute, controls
        self._task, self._stale = None, False
        for name, control in controls.items():
            control.description = control.description or name
        if os.environ.get("COURSE_BAKE") == "1":
            shown, picture, note = self._baked(bake)
        else:
            shown, picture, note = list(controls.values()), widgets.HTML(), []
            for control in shown:
                control.observe(self._changed, "value")
        for control in shown:
            _fill_column(control)
        # As many columns of controls as fit; the figure keeps its size on a wide page.
        columns = "repeat(auto-fit, minmax(24em, 1fr))"
        layout = {"grid_template_columns": columns, "grid_gap": "4px", "padding": "4px 0"}
        grid = widgets.GridBox(shown, layout=layout)
        self.picture = picture
        super().__init__([grid, picture, *note], layout={"max_width": "1080px"})
        self.redraw()

    @property
    def settings(self):
        """The present value of every control, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def frame(self, settings, *, small=False):
        """Return the picture at `settings` as PNG bytes, and what it shows in words."""
        with _BLAS.limit(limits=1, user_api="blas"):
            data = self.compute(**settings)
        words = self.figure.update(**data)
        named = "; ".join(
            f"{self.controls[name].description} {_label(value)}"
            for name, value in settings.items()
        )
        return self.figure.canvas.png(small=small), f"{words} Settings: {named}."

    def redraw(self):
        """Draw the figure at the present settings."""
        self.png, self.words = self.frame(self.settings)
        if isinstance(self.picture, widgets.HTML):
            self.picture.value = self._image(self.png, self.words)

    def _image(self, png, words):
        height, width, _ = np.shape(self.figure.canvas.figure.canvas.buffer_rgba())
        return (
            f'<img width="{width}" height="{height}" decoding="sync" '
            'style="max-width: 100%; height: auto" '
            f'alt="{html.escape(words)}" src="data:image/png;base64,{_base64(png)}">'
        )

    # Live: the latest values win. A burst of changes sets the mark `_stale` many times, and
    # costs one redraw, of the values found when it starts.

    def _changed(self, _change):
        self._stale = True
        if self._task is not None:
            return
        try:
            self._task = asyncio.get_running_loop().create_task(self._follow())
        except RuntimeError:  # no event loop, so no burst: plain Python
            self._stale = False
            self.redraw()

    async def _follow(self):
        try:
            while self._stale:
                await asyncio.sleep(0.002)  # lets the messages that wait come in first
                self._stale = False
                self.redraw()
        except Exception as error:  # it would end unseen in a log
            reason = html.escape(f"{type(error).__name__}: {error}")
            self.picture.value = (
                f'<p role="alert">This picture could not be drawn. {reason}</p>'
            )
        finally:
            self._task = None

    # Baked: a stack of stacks of pictures, one level for each control.

    def _baked(self, bake):
        count = math.prod(len(values) for values in bake.values())
        if count > MAX_BAKED_FRAMES:
            raise ValueError(f"bake must make at most {MAX_BAKED_FRAMES} frames; got {count}")
        choices = {name: _choice(self.controls[name], values) for name, values in bake.items()}

        def frames(settings, names):
            if not names:
                return widgets.HTML(self._image(*self.frame(settings, small=True)))
            name, *others = names
            pictures = [frames({**settings, name: v}, others) for v in bake[name]]
            level = widgets.Stack(pictures, selected_index=choices[name].index)
            widgets.jslink((choices[name], "index"), (level, "selected_index"))
            return level

        picture = frames(self.settings, list(bake))
        held = [
            f"{control.description}: {_label(control.value)}"
            for name, control in self.controls.items()
            if name not in bake
        ]
        note = [widgets.HTML(f"<p>Here with {', '.join(held)}.</p>")] if held else []
        return list(choices.values()), picture, note

    # Saved: the first picture and its words, beside the widget.

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        saved = {"text/plain": self.words, "image/png": _base64(self.png)}
        return {**data, **saved}, {**metadata, "image/png": {"alt": self.words}}


def _base64(data):
    return base64.b64encode(data).decode()


def _label(value):
    return value if isinstance(value, str) else f"{value:g}"


def _choice(control, values):
    """Return a control that picks one of `values` by index, starting at `control`'s own."""
    if len(values) < 2 or control.value not in values:
        raise ValueError(
            f"bake[{control.description!r}] must have at least 2 values, among them "
            f"{control.value!r}; got {values!r}"
        )
    words = isinstance(control.value, str)
    kind = widgets.ToggleButtons if words else widgets.SelectionSlider
    return kind(
        options=[(_label(value), value) for value in values],
        value=control.value,
        description=control.description,
    )


def _fill_column(control):
    """Give a control the width of its column, and its label that of the others."""
    control.style.description_width = "9em"
    control.layout.width = "auto"
    if isinstance(control, widgets.ToggleButtons):  # left alone, one below the other
        control.add_class("widget-inline-hbox")
        control.style.button_width = "auto"


def _seed(maximum=20):
    return widgets.IntSlider(1, 1, maximum, description="weights (seed)")


def sum_panel():
    """Show how widely a weighted sum of n inputs scatters (lesson 0).

    Inputs and weights are drawn from N(0, 1), so that the sum has variance n.

    Returns
    -------
    Panel
    """
    rng = np.random.default_rng(0)
    most, samples = 1000, 2000
    products = rng.standard_normal((samples, most)) * rng.standard_normal((samples, most))
    sums = products.cumsum(axis=1)  # column n - 1 holds the sums of the first n products
    edges = np.linspace(-figures.SumOfInputs.REACH, figures.SumOfInputs.REACH, 111)

    def compute(n):
        z = sums[:, n - 1]
        heights, _ = np.histogram(z, edges)
        return {
            "n": n,
            "heights": heights,
            "edges": edges,
            "measured": np.sqrt(np.mean(z**2)),
            "predicted": math.sqrt(n),
        }

    controls = {"n": widgets.IntSlider(100, 1, most, description="inputs n")}
    bake = {"n": (1, 4, 10, 25, 50, 100, 200, 400, 700, 1000)}
    return Panel(figures.SumOfInputs(), compute, controls, bake)


def symmetry_panel():
    """Train XOR from constant weights, and watch whether the hidden units part (lesson 2).

    Full-batch gradient descent, learning rate 0.5, on inputs -1 and 1. All products are
    computed with `exact_matmul`: identical units stay identical to the last bit.

    Returns
    -------
    Panel
    """
    X, y = xor()
    X = 2 * X - 1
    reach = figures.HiddenUnits.REACH
    axis = np.linspace(-reach, reach, 41)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    constants = np.round(np.linspace(-1, 1, 21), 1)
    every, steps = 50, 5000

    @lru_cache(maxsize=32)
    def trained(units, activation, output_weights, biases):
        """Train a stack with one network for every constant, and keep it every 50 steps."""
        networks = []
        for c in constants:
            rng = np.random.default_rng(1)
            bias = partial(normal, std=1.0) if biases == "random" else zeros
            network = MLP(
                [2, units, 1],
                ACTIVATIONS[activation],
                partial(constant, value=c),
                rng,
                bias=bias,
                matmul=exact_matmul,
            )
            if output_weights == "random":
                network.weights[1] = rng.standard_normal((units, 1))
            networks.append(network)
        network, losses, kept = stack(networks), [], []
        for state in train(network, X, y, binary_cross_entropy, learning_rate=0.5, steps=steps):
            if state.step % every == 0:
                losses.append(state.loss)
                kept.append([p.copy() for p in network.weights + network.biases])
        W1, W2, b1, b2 = (np.stack(p) for p in zip(*kept, strict=True))
        return network, W1, W2, b1, b2, np.array(losses)

    def compute(c, units, activation, output_weights, biases, step):
        network, W1, W2, b1, b2, losses = trained(units, activation, output_weights, biases)
        i, now = int(np.argmin(np.abs(constants - c))), step // every
        one = network.replace(
            weights=[W1[now, i], W2[now, i]], biases=[b1[now, i, 0], b2[now, i, 0]]
        )
        logits = one.forward(grid).activations[-1]
        right = (one.forward(X).activations[-1] > 0) == (y > 0.5)
        incoming = np.vstack([W1[now, i], b1[now, i], W2[now, i].T]).round(6)
        return {
            "paths": W1[: now + 1, i],
            "different": len(np.unique(incoming, axis=1).T),
            "probability": (0.5 * (1 + np.tanh(logits / 2))).reshape(len(axis), -1),
            "steps": np.arange(0, steps + 1, every),
            "losses": losses[:, i],
            "now": now,
            "right": int(right.sum()),
        }

    controls = {
        "c": widgets.FloatSlider(0.5, min=-1, max=1, step=0.1, description="constant c"),
        "step": widgets.IntSlider(1000, 0, steps, every, description="training step"),
        "units": widgets.ToggleButtons(options=[2, 4, 8, 16], value=4),
        "activation": widgets.ToggleButtons(options=["tanh", "relu", "sigmoid"]),
        "output_weights": widgets.ToggleButtons(options=["constant", "random"]),
        "biases": widgets.ToggleButtons(options=["zero", "random"]),
    }
    controls["units"].description = "hidden units"
    controls["output_weights"].description = "output weights"
    bake = {
        "output_weights": ("constant", "random"),
        "c": (-1.0, -0.5, 0.0, 0.5, 1.0),
        "step": (0, 100, 500, 1000, 5000),
    }
    coin = -(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3  # entropy of heads in 1 of 3
    landmarks = {"ln 2": math.log(2), "¾ H(⅓)": 0.75 * coin}
    return Panel(figures.HiddenUnits(landmarks), compute, controls, bake)


DEEPEST = 50


@lru_cache(maxsize=4)
def _deep_network(seed, width):
    """Return 50 hidden layers of weights of variance 1 / width, and one output unit."""
    return MLP(
        [width] * (DEEPEST + 1) + [1],
        rectifier(),
        partial(normal, std=1 / math.sqrt(width), dtype=np.float32),
        np.random.default_rng(seed),
    )


def _first_layers(network, depth, gain, leak, bias=0.0):
    """Return the first `depth` hidden layers, their weights times `gain`, and the output."""
    return network.replace(
        weights=[W * np.float32(gain) for W in network.weights[:depth]] + network.weights[-1:],
        biases=[b + np.float32(bias) for b in network.biases[:depth]] + network.biases[-1:],
        activation=rectifier(leak),
    )


def _inputs(samples, width):
    return np.random.default_rng(0).standard_normal((samples, width), np.float32)


def depth_panel():
    """Follow the second moment of a rectifier network's signal, layer by layer (lesson 5).

    Weights have variance ``gain**2 / fan_in`` and are drawn once for every seed and width: the
    gain scales the same weights, the depth takes more of the same layers.

    Returns
    -------
    Panel
    """

    def compute(gain, depth, width, leak, seed):
        x = _inputs(128, width)
        network = _first_layers(_deep_network(seed, width), depth, gain, leak)
        moments = measure(network, x).activation[:-1]
        growth = float(length_map(1.0, rectifier(leak), gain))
        mean, std = finite_width_band(rectifier(leak), depth, width)
        theory = math.log10(growth) * np.arange(depth + 1)
        start = np.vdot(x, x) / x.size
        with np.errstate(divide="ignore"):
            measured = np.log10([start, *moments])
        band = np.concatenate([[[0, 0]], np.stack([mean - 2 * std, mean + 2 * std], axis=1)])
        low, high = theory + band.T / math.log(10)
        return {"measured": measured, "theory": theory, "low": low, "high": high}

    controls = {
        "gain": widgets.FloatSlider(1.41, min=0.5, max=2.5, step=0.01),
        "depth": widgets.IntSlider(20, 1, DEEPEST, description="depth"),
        "width": widgets.IntSlider(256, 16, 512, 16, description="width"),
        "leak": widgets.FloatSlider(0.0, min=0, max=1, step=0.05),
        "seed": _seed(),
    }
    bake = {"gain": (0.5, 0.71, 1.0, 1.2, 1.41, 1.6, 2.0, 2.5), "leak": (0.0, 0.2, 0.5, 1.0)}
    return Panel(figures.SignalInDepth(), compute, controls, bake)


@cache
def _predicted_cosine(leak):
    """Return the cosine of two samples in layers 1 to 50 without biases, from a cosine of 0."""
    cosines = [0.0]
    for _ in range(DEEPEST):
        cosines.append(float(correlation_map(cosines[-1], rectifier(leak), 1.0, q=1.0)))
    return np.array(cosines[1:])


def units_panel():
    """Count inactive and dead units in depth, and see samples become alike (lesson 5).

    He weights for the leak, the same bias in every unit, 50 layers of 256 units.

    Returns
    -------
    Panel
    """

    def compute(bias, leak, batch_size, seed):
        gain = math.sqrt(2 / (1 + leak**2))
        network = _first_layers(_deep_network(seed, 256), DEEPEST, gain, leak, bias)
        found = measure(network, _inputs(batch_size, 256))
        return {
            "inactive": found.inactive[:-1],
            "dead": found.dead[:-1],
            "cosine": found.cosine[:-1],
            "predicted_cosine": _predicted_cosine(leak),
        }

    controls = {
        "bias": widgets.FloatSlider(0.0, min=-3, max=1, step=0.1),
        "leak": widgets.FloatSlider(0.0, min=0, max=1, step=0.05),
        "batch_size": widgets.IntSlider(64, 2, 512, description="batch size"),
        "seed": _seed(),
    }
    bake = {"bias": (-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0), "leak": (0.0, 0.1, 0.5)}
    return Panel(figures.RectifiersInDepth(), compute, controls, bake)


PANELS = (sum_panel, symmetry_panel, depth_panel, units_panel)
