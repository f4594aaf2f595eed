"""Drawing weights, beside what NumPy takes to fill an array of the same shape and kind."""

from functools import partial

import numpy as np

from benchmarks.timing import medians, print_table, ratio
from helpers import initializers

TARGET = 1.2  # for normal weights
ROUNDS = {1024: 31, 4096: 7}  # by the number of rows and columns
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


def main():
    rows = []
    for size, rounds in ROUNDS.items():
        for dtype in (np.float64, np.float32):
            found = medians(functions(size, dtype), rounds)
            for name in found.keys() & PEERS.keys():
                peer, target = PEERS[name]
                row = [name, f"{size}², {dtype.__name__}", found[name], peer, found[peer]]
                rows.append([*row, ratio(found[name], found[peer], target)])
    header = ["drawing", "array", "ms", "beside", "ms", "ratio"]
    print_table("Drawing weights", header, sorted(rows, key=lambda row: row[:1]))


if __name__ == "__main__":
    main()
