"""A small course in a folder of its own, and results to record in its gradebook."""

import copy
import json
import os
import shutil
from datetime import datetime
from functools import cache

import nbformat
from nbgrader.api import get_alembic_version

from teaching.exercises import MASTERS, ROOT, student_copy
from teaching.grading import gradebook

HE = "05_he"
ALEMBIC_VERSION = cache(get_alembic_version)  # each call takes a second
WHEN = datetime(2026, 11, 1, 12, 30, 15, 250_000)
MOST = {"check_he_normal": 4.0, "check_gain": 3.0, "check_dead_fraction": 3.0, "why": 3.0}


def make_course(folder, monkeypatch, database=""):
    """Return a course that has the exercises on He alone, in a new folder.

    Its configuration sets environment variables, which `monkeypatch` sets back.
    """
    monkeypatch.setenv("COURSE_SECRET", "s3cret")
    monkeypatch.setenv("COURSE_GRADEBOOK", database)
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setattr("nbgrader.api.get_alembic_version", ALEMBIC_VERSION)
    (folder / "assignments").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(MASTERS / HE, folder / "assignments" / HE)
    return gradebook.course_directory(folder)


@cache
def _released():
    master = nbformat.read(MASTERS / HE / f"{HE}.ipynb", as_version=4)
    notebook = json.loads(nbformat.writes(student_copy(master)))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def notebook(**answers):
    """Return the released notebook with these answers, by the names of their cells."""
    made = copy.deepcopy(_released())
    for cell in made["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return made


def mark(name, points, reason="", status="graded"):
    """Return what a result says of a graded cell."""
    marks = {"points": points, "max": MOST[name], "reason": reason}
    return marks | {"status": status, "cause": None}


def result(answer="It depends.", **changed):
    """Return a result with full marks, but for `changed` ones and the `answer` in words."""
    marks = {name: mark(name, most) for name, most in MOST.items()}
    marks["why"] = mark("why", None)
    return {
        "status": "graded",
        "note": "",
        "marks": marks | changed,
        "notebook": notebook(why=answer),
    }


def handed_in(*students, result=result(), received=WHEN, data=b"{}"):  # noqa: B008 (not changed)
    """Return submissions that all have this result."""
    return [(student, received, data, result) for student in students]
