"""The processor time of each lesson, beside that of a fixed amount of work of NumPy.

``python -m benchmarks.notebooks [WORD]`` runs the lessons whose name has the word, kernel and
all, and fails if one takes more than `LIMIT` times the work. A slow or busy machine slows both,
so the ratio says the same on each, to some ten per cent. What is above the limit has its
measurements recorded, or fewer of them.
"""

import resource
import sys
import time
from pathlib import Path

import nbformat
import numpy as np

from teaching.notebooks import run

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LIMIT = 34  # the most patience that we ask for: 40 s where the work takes 1.2 s


def work():
    """Return the processor seconds of six hundred steps like those that the lessons train."""
    rng = np.random.default_rng(0)
    wide = [rng.standard_normal((8, 64, 64), np.float32) / 8 for _ in range(5)]
    small = [rng.standard_normal((100, 4, 4)) / 2 for _ in range(5)]
    start = time.process_time()
    for _ in range(600):
        for weights, times in ((wide, 1), (small, 5)):
            for _ in range(times):
                h = weights[0]
                for W in weights:
                    h = np.tanh(h @ W)
                    h * (1 - h**2) @ W.mT
    return time.process_time() - start


def processor_seconds(path):
    """Return the processor seconds of running a notebook in a kernel of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(nbformat.read(path, as_version=4), path.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(word=""):
    """Print a row for each lesson; return 1 if one is above the limit."""
    print(f"\nProcessor time of each lesson, beside work of NumPy; at most {LIMIT} times it")
    print(f"{'lesson':20} {'seconds':>8} {'work':>6} {'ratio':>6}")
    above = False
    for path in LESSONS:
        if word in path.stem:
            before, seconds, after = work(), processor_seconds(path), work()
            ratio = 2 * seconds / (before + after)
            above |= ratio > LIMIT
            mark = "  above the limit" * (ratio > LIMIT)
            middle = (before + after) / 2
            print(f"{path.stem:20} {seconds:8.1f} {middle:6.2f} {ratio:6.1f}{mark}", flush=True)
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
