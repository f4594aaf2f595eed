"""Drawing weights and training, beside PyTorch, JAX, Keras and scikit-learn.

``python -m benchmarks.frameworks`` measures with one thread and with two, and prints tables;
with ``--record`` it also writes what lesson 8 shows. The frameworks come with
``make frameworks``. Threads are counted on Linux alone, where a process can be
kept to some of the cores.

A step is forward, loss, backward and update, on one batch that is ready in memory. Each
library makes several in a row before the next has its turn. Compilation is not counted but
shown for itself: a network of another depth or width is compiled anew. scikit-learn's step is
`partial_fit`, which checks its data and encodes the labels every time.
"""

import json
import math
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from benchmarks.report import command, ratio

RECORD = Path(__file__).parents[1] / "helpers" / "recorded" / "training_step.json"
THREADS = ("1", "2")
SIZES = {
    "widths": [16, 32, 64, 128, 256, 512, 1024],
    "rounds": 15,
    "size": 4096,
    "draws": 5,
}
SMALLEST = {
    "threads": THREADS[:1],
    "sizes": {"widths": [4, 8], "rounds": 0, "size": 256, "draws": 0},
}
LIMIT = 1800  # seconds for one number of threads
PEERS = ("PyTorch", "JAX", "scikit-learn")
RUN = 400  # steps that lesson 6 trains on digits, at most


def measured(threads, sizes):
    """Return what `benchmarks.framework_times` finds, to three digits."""
    cores = sorted(os.sched_getaffinity(0))[: int(threads)]
    variables = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.framework_times", json.dumps(sizes)],
        env=os.environ | variables | {"KERAS_BACKEND": "jax"},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),  # XLA counts the cores it may use
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    return json.loads(run.stdout, parse_float=lambda digits: float(f"{float(digits):.3g}"))


def crossings(widths, ratios):
    """Return the widths at which a ratio passes 1, on straight lines between logarithms."""
    points = zip(map(math.log, widths), map(math.log, ratios), strict=True)
    return [
        math.exp(x - y * (next_x - x) / (next_y - y))
        for (x, y), (next_x, next_y) in pairwise(points)
        if (y < 0) != (next_y < 0)
    ]


def verdict(widths, ratios):
    """Say where ours is ahead of a peer that takes `ratios` times as long."""
    passed = crossings(widths, ratios)
    start = "ahead" if ratios[0] >= 1 else "behind"
    if not passed:
        return f"{start} at every width"
    return f"{start} at width {widths[0]}; they cross at " + ", ".join(
        f"{width:.0f}" for width in passed
    )


def print_steps(report, title, steps):
    """Print what `step_times` found, and where the curves cross."""
    rows = []
    for i, width in enumerate(steps["widths"]):
        ours, compiles = steps["ours"][i], steps["JAX compiles"][i]
        lead, run = ours - steps["JAX"][i], compiles + RUN * steps["JAX"][i]
        row = [width, ours]
        for name in PEERS:
            row += [steps[name][i], ratio(steps[name][i], ours)]
        row += [compiles, f"{compiles / lead:.0f} steps" if lead > 0 else "never"]
        rows.append([*row, ratio(run, RUN * ours)])
    header = ["width", "ours, ms"]
    for name in PEERS:
        header += [f"{name}, ms", "÷ ours"]
    header += ["JAX compiles, ms", "paid back after", f"compiled and {RUN} steps ÷ ours"]
    report.table(title, header, rows)
    for name in PEERS:
        ratios = [peer / ours for peer, ours in zip(steps[name], steps["ours"], strict=True)]
        print(f"  Beside {name}, ours is {verdict(steps['widths'], ratios)}.")
    busy = ", ".join(f"{name} {cores:.2f}" for name, cores in steps["cores"].items())
    print(f"  Cores busy at width {steps['widths'][-1]}: {busy}.")


def print_draws(report, title, draws):
    """Print what `draw_times` found for each type of numbers."""
    rows = []
    for dtype, distributions in draws.items():
        for distribution, times in distributions.items():
            row = [distribution, dtype, times["ours"]]
            for name in ("PyTorch", "JAX", "Keras"):
                row += [times[name], ratio(times[name], times["ours"])]
            rows.append(row)
    header = ["distribution", "numbers", "ours, ms"]
    for name in ("PyTorch", "JAX", "Keras"):
        header += [f"{name}, ms", "÷ ours"]
    report.table(title, header, rows)


def recorded(found):
    """Return what is written down; its "threads" lead to steps in float32, as in lesson 6."""
    one = found[THREADS[0]]
    return {
        "versions": one["versions"],
        **one["network"],
        "dtype": "float32",
        "threads": {threads: run["steps"]["float32"] for threads, run in found.items()},
        "threads, float64": {
            threads: run["steps"]["float64"] for threads, run in found.items()
        },
        "layer": one["layer"],
        "draws": {threads: run["draws"] for threads, run in found.items()},
    }


def main(report, *, threads=THREADS, sizes=SIZES, record=False):
    """Print tables of steps and draws for each number of threads."""
    if not all(map(find_spec, ("torch", "jax", "keras"))):
        print("\nBeside the frameworks nothing was measured: `make frameworks` installs them.")
        return
    found = {}
    for number in threads:
        with report.attempt(f"{number} threads"):
            found[number] = run = measured(number, sizes)
            for name, reason in run["failures"].items():
                report.fail(f"{name}, {number} threads", reason)
    for number, run in found.items():
        with_threads = "with one thread" if number == "1" else f"with {number} threads"
        for dtype, steps in run["steps"].items():
            network = "batch {batch}, {depth} hidden layers".format(**run["network"])
            title = f"A training step {with_threads}, {network}, {dtype}"
            print_steps(report, title, steps)
        size = "×".join(map(str, run["layer"]))
        title = f"Drawing {size} weights {with_threads}, compiled where JAX does"
        print_draws(report, title, run["draws"])
    if report.failures:
        raise RuntimeError("a library failed, so that nothing is recorded")
    print("\n" + ", ".join(f"{k} {v}" for k, v in found[threads[0]]["versions"].items()))
    if record:
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(json.dumps(recorded(found), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    command(main, SMALLEST, record="write what lesson 8 shows")
