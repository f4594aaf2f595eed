"""The workload of the slider benchmark, shown in three ways; see `benchmarks.sliders`.

Ten layers of 256 units on 1000 samples; the slider is the gain of the weights. Six histograms
show the activations of six layers, a curve the second moment in every layer.
"""

from functools import partial

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np

from helpers.figures import BLUE, TEXT, Canvas, _axes
from helpers.panels import Panel

DEPTH, WIDTH, SAMPLES = 10, 256, 1000
SHOWN = (1, 2, 4, 6, 8, 10)  # the layers whose histogram is drawn
EDGES = np.linspace(-1, 1, 41)

rng = np.random.default_rng(0)
inputs = rng.standard_normal((SAMPLES, WIDTH), np.float32)
weights = rng.standard_normal((DEPTH, WIDTH, WIDTH), np.float32) / np.float32(WIDTH**0.5)
Slider = partial(widgets.FloatSlider, 1.5, min=0.5, max=2.5, step=0.01, description="gain")


def activations(gain):
    """Return the activations of every layer, the inputs first."""
    layers = [inputs]
    for W in weights:
        z = layers[-1] @ W
        z *= np.float32(gain)
        layers.append(np.tanh(z, out=z))
    return layers


def label():
    """Return a slider above a text that repeats it: the least that a page can do."""
    slider, text = Slider(), widgets.HTML("1.50")

    def follow(change):
        text.value = f"{change['new']:.2f}"

    slider.observe(follow, "value")
    return widgets.VBox([slider, text])


def usual():
    """Return what is usually written: `interact` and a new figure for every value."""

    def draw(gain):
        layers = activations(gain)
        _, axes = plt.subplots(1, 7, figsize=(12, 3))
        for ax, layer in zip(axes, SHOWN, strict=False):
            ax.hist(layers[layer].ravel(), bins=EDGES)
            ax.set_title(f"layer {layer}")
        axes[-1].plot([np.mean(h**2) for h in layers])
        axes[-1].set_ylim(0, 1)
        plt.show()

    return widgets.interactive(draw, gain=Slider())


class Histograms:
    """The same picture through the course's mechanism."""

    def __init__(self):
        figure, axes = _axes((12, 3), 7, left=0.03, right=0.99, bottom=0.1, top=0.9)
        for ax, layer in zip(axes, SHOWN, strict=False):
            ax.set(xlim=(-1, 1), ylim=(0, 0.2), title=f"layer {layer}")
        axes[-1].set(xlim=(0, DEPTH), ylim=(0, 1))
        self._bars = [
            ax.stairs(np.zeros(len(EDGES) - 1), EDGES, fill=True, color=BLUE)
            for ax in axes[:-1]
        ]
        (self._curve,) = axes[-1].plot([], [], color=BLUE)
        text = axes[-1].text(0.1, 0.9, "", transform=axes[-1].transAxes, **TEXT)
        self._text = text
        self.canvas = Canvas(figure, [*self._bars, self._curve, text])

    def update(self, shares, moments):
        """Draw the shares of the activations in every bin, and their second moments."""
        for bars, share in zip(self._bars, shares, strict=True):
            bars.set_data(share)
        self._curve.set_data(np.arange(len(moments)), moments)
        self._text.set_text(f"{moments[-1]:.3f}")
        return f"The second moment at the end is {moments[-1]:.3f}."


def panel():
    """Return the course's panel for it."""

    def compute(gain):
        layers = activations(gain)
        return {
            "shares": [np.histogram(layers[i], EDGES)[0] / layers[i].size for i in SHOWN],
            "moments": [np.vdot(h, h) / h.size for h in layers],
        }

    return Panel(Histograms(), compute, {"gain": Slider()}, {})
