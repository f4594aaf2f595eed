"""Drawing weights, beside what NumPy takes to fill an array of the same shape and kind."""

import math
from functools import partial

import numpy as np

from benchmarks.report import command, ratio
from helpers import initializers

TARGET = 1.2  # for normal weights
ROUNDS = {1024: 31, 4096: 5}  # by the number of rows and columns
SMALLEST = {"rounds": {16: 0}}
truncated_normal = partial(initializers.variance_scaling, distribution="truncated_normal")


def functions(size, dtype):
    """Return the functions to time, one for each way of drawing and each way of filling."""
    shape, rng = (size, size), np.random.default_rng(0)
    chosen = {
        "rng.standard_normal": lambda: rng.standard_normal(shape, dtype),
        "he_normal": lambda: initializers.he_normal(shape, rng, dtype=dtype),
        "truncated normal": lambda: truncated_normal(shape, rng, dtype=dtype),
        "rng.random": lambda: rng.random(shape, dtype),
        "xavier_uniform": lambda: initializers.xavier_uniform(shape, rng, dtype=dtype),
    }
    if size <= 1024:  # a decomposition takes 64 times as long for 4 times the rows
        chosen |= {
            "linalg.qr": lambda: np.linalg.qr(rng.standard_normal(shape)),
            "orthogonal": lambda: initializers.orthogonal(shape, rng, dtype=dtype),
        }
    return chosen


PEERS = {  # and the targets
    "he_normal": ("rng.standard_normal", TARGET),
    "truncated normal": ("rng.standard_normal", None),
    "xavier_uniform": ("rng.random", None),
    "orthogonal": ("linalg.qr", None),
}


def main(report, *, rounds=ROUNDS):
    """Print a row for each way of drawing, number of rows and columns, and type of number."""
    rows, dtypes = [], (np.float64, np.float32)
    timed = {(size, dtype): functions(size, dtype) for size in rounds for dtype in dtypes}
    steps = sum(len(chosen) * (rounds[size] + 1) for (size, _), chosen in timed.items())
    with report.part("Drawing weights", steps):
        for (size, dtype), chosen in timed.items():
            array = f"{size}², {dtype.__name__}"
            found = report.medians(chosen, rounds[size], of=array)
            for name, (peer, target) in PEERS.items():
                if name in found:
                    beside = found.get(peer, math.nan)
                    to_peer = ratio(found[name], beside, target)
                    rows.append([name, array, found[name], peer, beside, to_peer])
    header = ["drawing", "array", "ms", "beside", "ms", "ratio"]
    report.table("Drawing weights", header, sorted(rows, key=lambda row: row[:1]))


if __name__ == "__main__":
    command(main, SMALLEST)
