"""The battery through nbgrader's own autograde.

``python -m tests.grading.stock [EVERY [WORD ...]]`` takes one of `EVERY` submissions whose name
has one of the words. Each is graded beside a neighbour's right one, in a container that is
thrown away after it, since nbgrader runs it as the marker. A row says what it deserves, what
nbgrader gives, and what the neighbour got.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

from benchmarks.grading import STOCK
from teaching.grading.sandbox import behind_walls
from tests.grading.battery import SUBMISSIONS
from tests.grading.hostile.submission import ASSIGNMENT, answering

ROOT = Path(__file__).parents[2]
USERS = count(0x50000000)  # each submission has its own: processes are counted by user
LONGEST = 90  # seconds for both
INSIDE = f"""
import os, resource, sys
if os.getuid() == 0:
    user = int(sys.argv[1])
    os.setgroups([]); os.setresgid(user, user, user); os.setresuid(user, user, user)
for limit, value in (("AS", 4 * 2**30), ("NPROC", 200), ("FSIZE", 2**26), ("CORE", 0)):
    resource.setrlimit(getattr(resource, "RLIMIT_" + limit), (value, value))
os.chdir("/class")
os.execv(sys.executable, [sys.executable, "-m", "nbgrader", "autograde", "{ASSIGNMENT}"])
"""
MARKS = """
    select base_cell.name, grade.auto_score from grade
    join base_cell on base_cell.id = grade.cell_id
    join submitted_notebook on submitted_notebook.id = grade.notebook_id
    join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
    where submitted_assignment.student_id = ? order by base_cell.name
"""
RIGHT = {"check_dead_fraction": 3.0, "check_gain": 3.0, "check_he_normal": 4.0, "why": None}


def prepared(folder):
    """Make nbgrader's course in a folder, with the assignment in its gradebook."""
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, folder / "assignments" / ASSIGNMENT)
    (folder / "nbgrader_config.py").write_text(STOCK)
    # nbgrader looks for its tools on the path, and so does what runs behind the walls.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "--create", ASSIGNMENT]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def graded(course, data):
    """Return the marks of a submission and of its neighbour, and whether it ended in time."""
    with ExitStack() as stack:
        folder = tempfile.mkdtemp()
        # Folders may be deeper than Python removes.
        stack.callback(subprocess.run, ["rm", "-rf", folder], check=False)
        own = Path(folder) / "class"
        shutil.copytree(course, own)
        for student, content in (("mallory", data), ("neighbour", answering())):
            path = own / "handed_in" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
        user, passwd = next(USERS), Path(folder) / "passwd"
        passwd.write_text(f"marker:x:{user}:{user}::/tmp:/bin/sh\n")
        if os.getuid() == 0:
            for path in (own, *own.rglob("*")):
                os.chown(path, user, user)
        command = behind_walls()
        at = command.index("--remount-ro")
        command[at:at] = [
            *(
                "--ro-bind",
                str(ROOT / "helpers"),
                "/course/helpers",
                "--bind",
                str(own),
                "/class",
            ),
            *("--ro-bind", str(passwd), "/etc/passwd"),
            *("--setenv", "PYTHONPATH", "/course", "--setenv", "COURSE_SECRET", "a secret"),
        ]
        command += [sys.executable, "-c", INSIDE, str(user)]
        try:
            subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)
            ended = True
        except subprocess.TimeoutExpired:
            ended = False
        return marks(own, "mallory"), marks(own, "neighbour"), ended


def marks(course, student):
    """Return what the gradebook says of a student, or None if it says nothing."""
    try:
        with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
            return dict(gradebook.execute(MARKS, (student,)).fetchall()) or None
    except sqlite3.Error:
        return None


def shown(found):
    """Return marks in a few characters."""
    if found is None:
        return "none"
    return " ".join(
        "-" if points is None else f"{points:g}" for _, points in sorted(found.items())
    )


def main(every=1, *words):
    """Print the table of one submission of `every`, and how often nbgrader was wrong."""
    cases = [c for c in SUBMISSIONS if not words or any(word in c.name for word in words)]
    cases = cases[:: int(every)]
    wrong = {"undeserved": 0, "lost": 0, "neighbour": 0, "not ended": 0}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        course = prepared(Path(folder))
        found = pool.map(lambda case: graded(course, case.data), cases)
        print(f"{'submission':48} {'deserves':12} {'nbgrader':12} neighbour")
        for case, (theirs, neighbours, ended) in zip(cases, found, strict=True):
            given = theirs or {}
            wrong["undeserved"] += any(
                (given.get(name) or 0) > (points or 0) for name, points in case.marks.items()
            )
            wrong["lost"] += any(
                (given.get(name) or 0) < (points or 0) for name, points in case.marks.items()
            )
            wrong["neighbour"] += neighbours != RIGHT
            wrong["not ended"] += not ended
            row = f"{case.name[:48]:48} {shown(case.marks):12} {shown(theirs):12}"
            print(row, shown(neighbours), "" if ended else "  not ended", flush=True)
    print(f"{len(cases)} submissions; {wrong}")


if __name__ == "__main__":
    main(*sys.argv[1:])
