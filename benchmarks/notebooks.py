"""The processor time of each lesson, beside that of a fixed amount of work of NumPy.

Each lesson is run, kernel and all, and fails if it takes more than `LIMIT` times the work. A
slow or busy machine slows both, so the ratio says the same on each, to some ten per cent. What
is above the limit has its measurements recorded, or fewer of them.
"""

import time
from pathlib import Path

import nbformat
import numpy as np

from benchmarks.report import command
from teaching.notebooks import run

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SMALLEST = {"lessons": LESSONS[:1]}
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
    import resource  # which Windows has not

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(nbformat.read(path, as_version=4), path.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(report, *, lessons=LESSONS):
    """Print a row for each lesson, and fail those that are above the limit."""
    title, rows = "Processor time of each lesson, beside work of NumPy", []
    with report.part(title, len(lessons)):
        for path in lessons:
            with report.attempt(path.stem):
                before, seconds, after = work(), processor_seconds(path), work()
                ratio = 2 * seconds / (before + after)
                rows.append(
                    [path.stem, seconds, (before + after) / 2, f"{ratio:.1f} (<= {LIMIT})"]
                )
                if ratio > LIMIT:
                    report.fail(path.stem, f"{ratio:.1f} times the work is above the limit")
            report.step(path.stem)
    report.table(title, ["lesson", "s", "work, s", "ratio"], rows)


if __name__ == "__main__":
    command(main, SMALLEST)
