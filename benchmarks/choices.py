"""What a comment in the code calls fast or slow, beside the other way.

The last column says how many times as long the other way takes.
"""

import io
import subprocess
import sys
from copy import deepcopy
from functools import partial

import numpy as np
from PIL import Image

from benchmarks import workload
from benchmarks.report import command, ratio
from helpers import figures
from helpers.activations import relu
from helpers.datasets import two_moons
from helpers.figures.recorder import Recorder
from helpers.initializers import he_normal
from helpers.network import MLP, binary_cross_entropy, exact_matmul, stack
from helpers.panels import depth_panel, network_panel
from helpers.training import train

ROUNDS, IMPORTS, SHAPE, STEPS = 51, 3, (128, 256), 100
SMALLEST = {"rounds": 0, "imports": 0, "shape": (2, 8), "steps": 1}
LIMIT = 120  # seconds for an import


def of_arrays(shape):
    """Return pairs of functions that do the same with arrays: as in the code, and otherwise."""
    batch = np.random.default_rng(0).standard_normal(shape, np.float32)
    bounded, W = np.tanh(batch), batch[:64].T

    return {
        "@, not exact_matmul": (lambda: batch @ W, lambda: exact_matmul(batch, W)),
        "a histogram by bincount": (
            partial(workload._density, bounded),
            lambda: np.histogram(bounded, workload.BINS, (-1, 1), density=True),
        ),
    }


def of_training(steps):
    """Return two functions that train five networks: all at once, and in turn."""
    rng = np.random.default_rng(0)
    X, y = two_moons(100, rng)
    networks = [MLP([2, 8, 8, 1], relu, he_normal, rng) for _ in range(5)]

    def trained(network):
        for _ in train(network, X, y, binary_cross_entropy, learning_rate=0.1, steps=steps):
            pass

    return {
        "five networks, stacked": (
            lambda: trained(stack(networks)),
            lambda: [trained(network) for network in deepcopy(networks)],
        )
    }


def of_pictures():
    """Return pairs of functions that draw or compress: as in the code, and otherwise."""
    canvas = depth_panel().figure.canvas
    image, recorder = Image.fromarray(canvas.pixels()).convert("RGB"), Recorder(canvas)
    panel = network_panel()
    data = panel.compute(**panel.settings | {"inputs": 6, "hidden": 5, "outputs": 4})
    numbered = type("Numbered", (figures.NetworkDiagram,), {"MOST_NUMBERS": 50})()

    def drawn(figure):
        figure.update(**data)
        Recorder(figure.canvas).moving()

    return {
        "a list, its axes noted once": (
            recorder.moving,
            lambda: (recorder.still(), recorder.moving()),
        ),
        "a PNG, hardly compressed": (
            lambda: image.save(io.BytesIO(), "PNG", compress_level=1),
            lambda: image.save(io.BytesIO(), "PNG"),
        ),
        "50 weights without numbers": (
            partial(drawn, panel.figure),
            partial(drawn, numbered),
        ),
    }


def of_imports():
    """Return pairs of processes: one imports what is always needed, the other adds to it."""

    def run(code):
        subprocess.run([sys.executable, "-c", code], check=True, timeout=LIMIT)

    return {
        "datasets, without digits": (
            partial(run, "import helpers.datasets"),
            partial(run, "import helpers.datasets; helpers.datasets.digits()"),
        ),
        "exercises --check, without nbgrader": (
            partial(run, "import teaching.exercises"),
            partial(run, "import teaching.exercises, nbgrader.converters"),
        ),
        "the start of grading's workers": (
            partial(run, "import teaching.grading.farm"),
            partial(run, "import teaching.grading.farm, teaching.grading.run"),
        ),
    }


def main(report, *, rounds=ROUNDS, imports=IMPORTS, shape=SHAPE, steps=STEPS):
    """Print a row for each choice."""
    groups = [
        (of_arrays(shape), rounds),
        (of_training(steps), rounds),
        (of_pictures(), rounds),
        (of_imports(), imports),
    ]
    rows = []
    title = "Choices that a comment gives speed as the reason for"
    with report.part(title, sum(2 * len(pairs) * (n + 1) for pairs, n in groups)):
        for pairs, n in groups:
            for name, (chosen, other) in pairs.items():
                found = report.medians({name: chosen, f"{name}: otherwise": other}, n)
                if len(found) == 2:
                    here, there = found.values()
                    rows.append([name, here, there, ratio(there, here, 1, at_least=True)])
    report.table(title, ["choice", "ms", "otherwise, ms", "ratio"], rows)


if __name__ == "__main__":
    command(main, SMALLEST)
