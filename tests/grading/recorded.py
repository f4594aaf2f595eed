"""A small course in a folder of its own, and results to record in its gradebook."""

import copy
import json
import os
import shutil
from datetime import datetime
from functools import cache

import nbformat
from nbgrader.api import Assignment, Gradebook, get_alembic_version

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


def dump(course, assignment):
    """Return all that matters of an assignment in the gradebook, as plain data in order.

    Random ids are left out, so two gradebooks that say the same have the same dump.
    """
    with Gradebook(course.db_url, course.course_id) as book:
        entry = gradebook._entry(book, course, assignment)
        sources, most, solutions = gradebook._entered(book, assignment)
        return {
            "assignment": assignment,
            "due": str(book.db.get(Assignment, entry.assignment_id).duedate),
            "cells": {name: list(sources[name]) for name in sorted(sources)},
            "points": dict(sorted(most.items())),
            "solutions": sorted(solutions),
            "submissions": {
                submission.student_id: _dumped(entry, submission, notebook)
                for submission, notebook in gradebook._submitted(book, entry)
            },
        }


def _dumped(entry, submission, notebook):
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id: comment for comment in notebook.comments}
    return {
        "received": str(submission.timestamp),
        "extension": str(submission.extension),
        "penalty": notebook.late_submission_penalty,
        "flagged": bool(notebook.flagged),
        "grades": {
            name: [g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade]
            for name, cell in sorted(entry.graded.items())
            for g in [grades[cell]]
        },
        "comments": {
            name: [comments[cell].auto_comment, comments[cell].manual_comment]
            for name, cell in sorted(entry.solutions.items())
        },
    }
