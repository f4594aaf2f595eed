"""How long the training panel takes, and how soon it stops when it is told to."""

import asyncio
import statistics
import time
from itertools import product

from benchmarks.timing import print_table
from helpers.panels import training_panel

DEPTHS = (2, 10, 30)
STOPS, SOONEST, TARGET = 12, 0.2, 250  # clicks on Stop; seconds of training; milliseconds


def durations(panel):
    """Return a row for each kind of run: the seconds that it takes at each depth."""
    names = ("data", "activation", "size")
    choices = panel.controls["data"].options, ("relu", "gelu"), panel.controls["size"].options
    rows = []
    for kind in product(*choices):
        settings = panel.settings | dict(zip(names, kind, strict=True))
        panel.frame({**settings, "depth": 2})  # the data are read only once
        seconds = []
        for depth in DEPTHS:
            start = time.perf_counter()
            panel.frame({**settings, "depth": depth})
            seconds.append(round(time.perf_counter() - start, 1))
        rows.append([*kind, *seconds])
    return rows


async def time_to_stop(panel):
    """Return the milliseconds from clicks on Stop to the last picture, at different times."""
    found = []
    for turn in range(STOPS):
        panel.again.click()
        await asyncio.sleep(SOONEST + 0.017 * turn)
        start = time.perf_counter()
        panel.stop.click()
        await panel._task
        found.append(1000 * (time.perf_counter() - start))
        assert panel.words.startswith("Stopped")
    return found


def main():
    panel = training_panel()
    header = ["data", "activation", "size", *(f"depth {depth}, s" for depth in DEPTHS)]
    print_table("A run of the training panel", header, durations(panel))

    largest = {"data": "digits", "size": "full", "depth": 30, "activation": "gelu"}
    rows = []
    for name, settings in {"as it opens, full": {"size": "full"}, "largest": largest}.items():
        panel = training_panel()
        for control, value in settings.items():
            panel.controls[control].unobserve_all()  # no run yet
            panel.controls[control].value = value
        found = asyncio.run(time_to_stop(panel))
        missed = ", MISSED" if max(found) > TARGET else ""
        worst = f"{max(found):.0f} (<= {TARGET}{missed})"
        rows.append([name, statistics.median(found), worst])
    print_table(
        "From a click on Stop to the last picture", ["run", "median, ms", "worst"], rows
    )


if __name__ == "__main__":
    main()
