"""What `inspect` costs beside one forward and one backward pass of the same model.

``python -m benchmarks.inspection`` prints a table. Times and memory of a model have a process
each, with one thread. Memory is by how much that of the process rises at most, on Linux alone;
the C library is told to hand memory back at once, so that none is used again unseen. Where a
report names remedies, as of the MLP in PyTorch's default, trying them in a copy is part of
both. PyTorch and transformers come with ``make frameworks``.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

from benchmarks.report import command, ratio

MODELS = ("MLP", "ResNet18", "MobileNetV2", "GPT-2")
ROUNDS = 10
SMALLEST = {"small": True, "rounds": 0}
LIMIT = 600  # seconds for a model
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def measured(what, name, small, rounds):
    """Return what `benchmarks.inspection_costs` finds of a model."""
    options = [what, name, str(int(small)), str(rounds)]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.inspection_costs", *options],
        env=os.environ | threads | (AT_ONCE if what == "memory" else {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    return json.loads(run.stdout.splitlines()[-1])


def main(report, *, models=MODELS, small=False, rounds=ROUNDS):
    """Print times and memory, and how many passes each is."""
    if not all(map(find_spec, ("torch", "transformers"))):
        print(
            "\nOf inspect nothing was measured: `make frameworks` installs what it looks into."
        )
        return
    rows = []
    for name in models:
        with report.attempt(name):
            times, peaks = (measured(what, name, small, rounds) for what in ("time", "memory"))
            row = [name, times["layers"], times["pass"], times["inspect"]]
            row += [ratio(times["inspect"], times["pass"]), peaks["pass"], peaks["inspect"]]
            rows.append([*row, ratio(peaks["inspect"], peaks["pass"])])
    header = ["model", "layers", "forward and backward, ms", "inspect, ms", "÷"]
    header += ["forward and backward, MB", "inspect, MB", "÷"]
    report.table("inspect beside one forward and backward pass", header, rows)


if __name__ == "__main__":
    command(main, SMALLEST)
