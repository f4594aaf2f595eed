"""What the slider benchmark moves; see `benchmarks.sliders`.

First its workload, in three ways, then the panels of the lessons. The slider to move is marked
in each, and starts in its middle.

Ten tanh layers of 256 units on 1000 samples; the slider is the gain of the weights. Six
histograms show the activations of six layers, a curve the second moment in every layer.
"""

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from helpers import panels
from helpers.figures.canvas import BLUE, Canvas, row_of_axes

DEPTH, WIDTH, SAMPLES = 10, 256, 1000
SHOWN = (1, 2, 4, 6, 8, 10)  # the layers whose histogram is drawn
BINS = 40
SLIDERS = (widgets.IntSlider, widgets.FloatSlider, widgets.FloatLogSlider)
MOVED = "moved-by-the-benchmark"  # a class of the page


def slider():
    """Return the slider of the workload, which moves nothing yet."""
    return marked(widgets.FloatSlider(min=0.5, max=2.5, step=0.01, description="gain"))


def marked(slider):
    """Mark a slider as the one to move, put it in its middle, and return it."""
    steps = round((slider.max - slider.min) / slider.step)
    middle = slider.min + slider.step * (steps // 2)
    is_power = isinstance(slider, widgets.FloatLogSlider)
    slider.value = slider.base**middle if is_power else middle
    slider.add_class(MOVED)
    return slider


def label(name=None):
    """Return a slider above a text that repeats it: the least that a page can do.

    It is the slider of the workload, or one like that of the panel of this name.
    """
    moved = slider() if name is None else _like(main_slider(getattr(panels, name)()))
    text = widgets.HTML(str(moved.value))

    def follow(change):
        text.value = str(change["new"])

    moved.observe(follow, "value")
    return widgets.VBox([moved, text])


def _like(slider):
    """Return a slider of the same values, which moves nothing, marked."""
    ends = {
        key: getattr(slider, key)
        for key in ("base", "min", "max", "step")
        if slider.has_trait(key)
    }
    return marked(type(slider)(**ends))


def usual():
    """Return what is usually written: `interact`, and all anew for every value."""

    def draw(gain):
        rng = np.random.default_rng(0)
        layers = [rng.standard_normal((SAMPLES, WIDTH))]
        for _ in range(DEPTH):
            W = gain / np.sqrt(WIDTH) * rng.standard_normal((WIDTH, WIDTH))
            layers.append(np.tanh(layers[-1] @ W))
        _, axes = plt.subplots(1, 7, figsize=(12, 3))
        for ax, layer in zip(axes, SHOWN, strict=False):
            ax.hist(layers[layer].ravel(), bins=BINS, range=(-1, 1), density=True)
            ax.set_title(f"layer {layer}")
        axes[-1].plot([np.mean(h**2) for h in layers])
        plt.show()

    return widgets.interactive(draw, gain=slider())


class Histograms:
    """The same picture, built once."""

    def __init__(self):
        figure, axes = row_of_axes((12, 3), 7, left=0.03, right=0.99, bottom=0.1, top=0.9)
        for ax, layer in zip(axes, SHOWN, strict=False):
            ax.set(xlim=(-1, 1), ylim=(0, 5), title=f"layer {layer}")
        edges = np.linspace(-1, 1, BINS + 1)
        self._bars = [
            ax.stairs(np.zeros(BINS), edges, fill=True, color=BLUE) for ax in axes[:-1]
        ]
        axes[-1].set(xlim=(0, DEPTH), ylim=(0, 1))
        (self._curve,) = axes[-1].plot([], [], color=BLUE)
        self.canvas = Canvas(figure, [*self._bars, self._curve])

    def update(self, densities, moments):
        """Draw a density for each histogram, and the second moment of every layer."""
        for bars, density in zip(self._bars, densities, strict=True):
            bars.set_data(density)
        self._curve.set_data(np.arange(len(moments)), moments)
        return f"The second moment at the end is {moments[-1]:.3f}."


def _density(h):
    """Return a histogram of values from -1 to 1 as a density, as `numpy.histogram` does."""
    bins = ((h.ravel() + 1) * np.float32(BINS / 2)).astype(np.uint8)
    counts = np.bincount(bins, minlength=BINS + 1)
    counts[BINS - 1] += counts[BINS]  # the last bin holds both its ends
    return counts[:BINS] * (BINS / 2 / h.size)


def panel(threads=1):
    """Return the course's panel for it: weights drawn once and rescaled, in 32 bits."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((SAMPLES, WIDTH), np.float32)
    weights = rng.standard_normal((DEPTH, WIDTH, WIDTH), np.float32)

    @threadpool_limits.wrap(threads, user_api="blas")
    def compute(gain):
        layers = [x]
        for W in np.float32(gain / WIDTH**0.5) * weights:
            z = layers[-1] @ W
            layers.append(np.tanh(z, out=z))
        return {
            "densities": [_density(layers[i]) for i in SHOWN],
            "moments": [np.vdot(h, h) / h.size for h in layers],
        }

    return panels.Panel(Histograms(), compute, {"gain": slider()}, {})


def lesson(name, *, pictures=False):
    """Return the panel of this name, its `main_slider` marked.

    Without its script, as where a server lacks it, it shows pictures of the kernel's.
    """
    panel = getattr(panels, name)()
    marked(main_slider(panel))
    if pictures:
        panel.children = panel.children[:-1]
    return panel


def main_slider(panel):
    """Return the slider that tells most of a panel's story: the first that is baked."""
    return next(c for name in panel.bake if isinstance(c := panel.controls[name], SLIDERS))
