"""How fast a class is graded, beside nbgrader's own autograde, and how that grows."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import print_table, ratio
from tests.grading.students import ASSIGNMENT, a_class

ROOT = Path(__file__).parents[1]
SIZES = (10, 50, 200)
FASTER = 5  # times, at least
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
    variables = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_SECRET": "a secret"}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)
    return time.perf_counter() - start


def ours(size):
    """Return how long `make grade` takes for a class of this size."""
    with tempfile.TemporaryDirectory() as folder:
        folder = course(Path(folder))
        a_class(folder / "handed_in", size)
        return seconds(
            folder, sys.executable, "-m", "teaching.grading", "handed_in", "--course", "."
        )


def stock(size):
    """Return how long nbgrader's autograde takes for the same class."""
    with tempfile.TemporaryDirectory() as folder:
        folder = course(Path(folder))
        (folder / "nbgrader_config.py").write_text(STOCK)
        a_class(folder / "handed_in", size)
        nbgrader = [sys.executable, "-m", "nbgrader"]
        seconds(folder, *nbgrader, "generate_assignment", "--create", ASSIGNMENT)
        return seconds(folder, *nbgrader, "autograde", "--create", ASSIGNMENT)


def main(sizes=SIZES):
    rows = []
    for size in sizes:
        mine, theirs = ours(size), stock(size)
        rows.append(
            [
                size,
                f"{mine:.1f}",
                f"{60 * size / mine:.0f}",
                f"{theirs:.1f}",
                f"{60 * size / theirs:.0f}",
                ratio(theirs, mine, FASTER, at_least=True),
            ]
        )
    header = ["submissions", "ours, s", "a minute", "nbgrader, s", "a minute", "times as fast"]
    print_table("Grading a class, feedback and reports included", header, rows)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
