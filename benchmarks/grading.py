"""How fast a class is graded, beside nbgrader's own autograde, and how that grows.

This needs bubblewrap.
"""

import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import command, ratio
from tests.grading.students import ASSIGNMENT, a_class

ROOT = Path(__file__).parents[1]
SIZES = (10, 20, 50, 200)
SMALLEST = {"sizes": (1,)}
FASTER = 5  # times, at least, for each more that hands in
LIMIT = 1500  # seconds for a command
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "course"
c.CourseDirectory.source_directory = "assignments"
c.CourseDirectory.submitted_directory = "handed_in"
c.ClearSolutions.code_stub = {"python": "return ..."}
c.ClearMarkScheme.enforce_metadata = False
"""


def course(folder):
    """Make a course of one assignment in a folder."""
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, folder / "assignments" / ASSIGNMENT)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


def seconds(folder, *command):
    """Return how long a command takes in a folder."""
    # nbgrader looks for its tools on the path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "PYTHONPATH": str(ROOT), "COURSE_SECRET": "a secret"}
    start = time.perf_counter()
    try:
        subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=os.environ | variables,
            check=True,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or ["no reason given"]
        raise RuntimeError(f"{' '.join(command)}: {said[-1]}") from None
    return time.perf_counter() - start


def ours(size):
    """Return how long `make grade` takes for a class of this size."""
    with tempfile.TemporaryDirectory() as folder:
        folder = course(Path(folder))
        a_class(folder / "handed_in", size)
        return seconds(folder, "teaching.grading", "handed_in", "--course", ".")


def stock(size):
    """Return how long nbgrader's autograde takes for the same class."""
    with tempfile.TemporaryDirectory() as folder:
        folder = course(Path(folder))
        (folder / "nbgrader_config.py").write_text(STOCK)
        a_class(folder / "handed_in", size)
        seconds(folder, "nbgrader", "generate_assignment", "--create", ASSIGNMENT)
        return seconds(folder, "nbgrader", "autograde", "--create", ASSIGNMENT)


def main(report, *, sizes=SIZES):
    """Print a row for each size of a class."""
    found = {}
    title = "Grading a class, feedback and reports included"
    sides = {"ours": ours, "nbgrader": stock}
    with report.part(title, 2 * sum(sizes)):
        for size in sizes:
            for side, grade in sides.items():
                with report.attempt(f"{side}, {size} submissions"):
                    found[side, size] = grade(size)
                report.step(f"{side}, {size} submissions", size)
    times = {size: [found.get((side, size), math.nan) for side in sides] for size in sizes}
    rows = [_row(size, size, *seconds) for size, seconds in times.items()]
    if len(sizes) > 1:  # without what a run takes to start
        more = sizes[-1] - sizes[0]
        spent = [
            last - first for first, last in zip(times[sizes[0]], times[sizes[-1]], strict=True)
        ]
        rows.append(_row(f"{more} more", more, *spent, FASTER))
    header = ["submissions", "ours, s", "a minute", "nbgrader, s", "a minute", "times as fast"]
    report.table(title, header, rows)


def _row(name, size, mine, theirs, target=None):
    numbers = (mine, 60 * size / mine, theirs, 60 * size / theirs)
    faster = ratio(theirs, mine, target, at_least=True)
    return [name, *(f"{number:.1f}" for number in numbers), faster]


if __name__ == "__main__":
    command(main, SMALLEST)
