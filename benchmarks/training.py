"""How long the training panel takes, and how soon it stops when it is told to."""

import asyncio
import statistics
import time
from itertools import product

from benchmarks.report import command
from helpers.panels import training_panel

DEPTHS, ACTIVATIONS = (2, 10, 30), ("relu", "gelu")
STOPS, SOONEST, TARGET = 12, 0.2, 250  # clicks on Stop; seconds of training; milliseconds
SMALLEST = {"depths": (2,), "sizes": ("quick",), "stops": 1}
LIMIT = 60  # seconds from a click to the end of the run
LARGEST = {"data": "digits", "size": "full", "depth": 30, "activation": "gelu"}
STOPPED = {"as it opens, full": {"size": "full"}, "largest": LARGEST}


def duration(panel, **settings):
    """Return the seconds that a run with these settings takes."""
    start = time.perf_counter()
    panel.frame(panel.settings | settings)
    return time.perf_counter() - start


async def times_to_stop(panel, stops):
    """Return the milliseconds from clicks on Stop to the last picture, at different times."""
    found = []
    for turn in range(stops):
        panel.again.click()
        await asyncio.sleep(SOONEST + 0.017 * turn)
        start = time.perf_counter()
        panel.stop.click()
        run = panel._task
        done, _ = await asyncio.wait([run], timeout=LIMIT)
        if not done:
            raise TimeoutError(f"click {turn + 1} on Stop did not end the run in {LIMIT} s")
        found.append(1000 * (time.perf_counter() - start))
        if not panel.words.startswith("Stopped"):
            raise RuntimeError(f"the run was over before click {turn + 1} on Stop")
    return found


def main(report, *, depths=DEPTHS, sizes=None, stops=STOPS):
    """Print a row for each kind of run, and one for each run that is stopped."""
    panel = training_panel()
    sizes = sizes or panel.controls["size"].options
    kinds = list(product(panel.controls["data"].options, ACTIVATIONS, sizes))
    title, rows = "A run of the training panel", []
    with report.part(title, len(kinds) * len(depths)):
        for data, activation, size in kinds:
            kind = {"data": data, "activation": activation, "size": size}
            with report.attempt(" ".join(kind.values())):
                panel.frame({**panel.settings, **kind, "depth": 2})  # data are read only once
                seconds = []
                for depth in depths:
                    seconds.append(duration(panel, **kind, depth=depth))
                    report.step(f"{data}, {activation}, {size}")
                rows.append([*kind.values(), *seconds])
    header = ["data", "activation", "size", *(f"depth {depth}, s" for depth in depths)]
    report.table(title, header, rows)

    title, rows = "From a click on Stop to the last picture", []
    with report.part(title, stops * len(STOPPED)):
        for name, settings in STOPPED.items():
            with report.attempt(name):
                panel = training_panel()
                for control, value in settings.items():
                    panel.controls[control].unobserve_all()  # no run yet
                    panel.controls[control].value = value
                found = asyncio.run(times_to_stop(panel, stops))
                missed = ", MISSED" if max(found) > TARGET else ""
                worst = f"{max(found):.0f} (<= {TARGET}{missed})"
                rows.append([name, statistics.median(found), worst])
            report.step(name, stops)
    report.table(title, ["run", "median, ms", "worst"], rows)


if __name__ == "__main__":
    command(main, SMALLEST)
