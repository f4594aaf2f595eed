"""Where the kernel's time goes when a panel follows its slider, beside a picture of its own.

``compute`` makes the data, ``update`` puts them into the figure, ``note`` makes the list that
the page paints. Until the page has painted more time passes: see `benchmarks.sliders`.
"""

from itertools import cycle

import numpy as np

from benchmarks import workload
from benchmarks.report import command
from helpers.panels import PANELS
from helpers.panels.panel import one_blas_thread

ROUNDS = 31
SMALLEST = {"rounds": 0}


def stages(name):
    """Return the stages of a panel's answer as functions, and one that gives the list's size.

    The slider goes up and down around its middle; each stage works on what the one before made.
    """
    panel = workload.lesson(name, pictures=True)
    slider, settings = workload.main_slider(panel), panel.settings
    (moved,) = (n for n, control in panel.controls.items() if control is slider)
    near = [slider.value, *_neighbours(slider)]
    values, data = cycle(near), {}

    def compute():
        with one_blas_thread():
            data["shown"] = panel.compute(**{**settings, moved: next(values)})

    def note():
        data["noted"] = panel.painted.note("")

    functions = {
        "compute": compute,
        "update": lambda: panel.figure.update(**data["shown"]),
        "note": note,
        "picture": panel.figure.canvas.png,
    }
    return functions, lambda: len(data["noted"]["moving"])


def _neighbours(slider):
    places = np.array([-1, 1]) * slider.step
    if hasattr(slider, "base"):
        return [slider.value * slider.base**place for place in places]
    return [type(slider.value)(slider.value + place) for place in places]


def main(report, *, rounds=ROUNDS):
    """Print a row for each panel."""
    rows, names = [], [make.__name__ for make in PANELS]
    title = "Where the kernel's time goes, ms"
    with report.part(title, 4 * len(names) * (rounds + 1)):
        for name in names:
            functions, size = stages(name)
            found = report.medians(functions, rounds, of=name)
            if len(found) == len(functions):
                rows.append([name, *found.values(), size() / 1000])
    report.table(title, ["panel", *("compute", "update", "note", "picture"), "list, kB"], rows)


if __name__ == "__main__":
    command(main, SMALLEST)
