"""What tests of grading share: the walls, and the assignments as they are graded."""

import json

import nbformat
import pytest

from teaching.exercises import MASTERS, student_copy
from teaching.grading.judge import exam
from teaching.grading.sandbox import Sandbox

SECRET = "s3cret"


@pytest.fixture(scope="session")
def sandbox():
    """Yield walls that all tests share; each submission has a session of its own."""
    with Sandbox() as walls:
        yield walls


@pytest.fixture(scope="session")
def masters():
    """Return the master of each assignment, by name."""
    return {path.stem: nbformat.read(path, as_version=4) for path in MASTERS.glob("*/*.ipynb")}


@pytest.fixture(scope="session")
def exams(masters):
    """Return what each assignment asks, by name; its secret is "s3cret"."""
    return {
        name: exam(plain(master), plain(student_copy(master)), SECRET)
        for name, master in masters.items()
    }


def plain(notebook):
    """Return a notebook as the data that its file holds."""
    return json.loads(nbformat.writes(notebook))
