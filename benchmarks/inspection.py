"""What `inspect` costs beside one forward and one backward pass of the same model.

``python -m benchmarks.inspection`` prints a table. Each model has a process of its own, with
one thread. Memory is by how much that of the process rises at most, on Linux alone; the C
library is told to hand memory back at once, so that what was used before is not used again
unseen. PyTorch and transformers come with ``make frameworks``.
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


def measured(name, small, rounds):
    """Return what `benchmarks.inspection_costs` finds of a model."""
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.inspection_costs",
            name,
            str(int(small)),
            str(rounds),
        ],
        env=os.environ | AT_ONCE | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
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
            found = measured(name, small, rounds)
            times, peaks = found["ms"], found["MB"]
            row = [name, found["layers"], times["pass"], times["inspect"]]
            row += [ratio(times["inspect"], times["pass"]), peaks["pass"], peaks["inspect"]]
            rows.append([*row, ratio(peaks["inspect"], peaks["pass"])])
    header = ["model", "layers", "forward and backward, ms", "inspect, ms", "÷"]
    header += ["forward and backward, MB", "inspect, MB", "÷"]
    report.table("inspect beside one forward and backward pass", header, rows)


if __name__ == "__main__":
    command(main, SMALLEST)
