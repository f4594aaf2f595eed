"""A student's notebook with a payload in it, and the marks that it deserves.

The student's work is right but where a payload stands, so that the marks are known. Nothing here
runs a payload: it is text until it is behind the walls.
"""

import json
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import nbformat

from teaching.exercises import MASTERS, student_copy

ASSIGNMENT = "05_he"
WRONG = "def gain(phi):\n    return 1.0"
RIGHT = """
def gain(phi):
    z = np.linspace(-10, 10, 20_001)
    weight = np.exp(-(z**2) / 2)
    square = np.sum(weight * phi(z) ** 2) / np.sum(weight)
    if square == 0:
        raise ValueError("nothing makes up for an activation that is 0")
    return float(1 / np.sqrt(square))
"""
# A payload that gets through says so: `found` in the result is the proof. The word is put
# together only when it runs, so that the source of a cell does not have it.
ESCAPED = "got-through-the-walls"
TELLS = "def tell(*what):\n    print('got-through', *what, sep='-the-walls ')\n"
COURSE = str(Path(__file__).parents[3])
MARK = "battery-was-here"  # the names of files that a payload tries to leave begin with it
PORTS = range(47810, 47820)  # one of them is listened on while the battery runs


class Submission(NamedTuple):
    """What is handed in, and what must come out of it.

    Attributes
    ----------
    name, tried : str
        What it is, in a few words, and what it is up to.
    data : bytes
    marks : dict
        The points that each graded cell deserves; None where a person must mark it.
    statuses : set of str
        Those that are right: more than one where the machine's speed decides.
    phrase : str
        Must be in one of the reasons, or in the note.
    """

    name: str
    tried: str
    data: bytes
    marks: dict
    statuses: set
    phrase: str


def submission(
    name,
    tried,
    data,
    *statuses,
    phrase="",
    he_normal=4.0,
    gain=3.0,
    dead_fraction=3.0,
    why=None,
):
    """Return a submission that deserves full marks, but for what is said otherwise."""
    marks = {
        "check_he_normal": he_normal,
        "check_gain": gain,
        "check_dead_fraction": dead_fraction,
        "why": why,
    }
    return Submission(name, tried, data, marks, set(statuses or ("graded",)), phrase)


def nothing(name, tried, data, status, phrase=""):
    """Return a submission in which there is nothing to mark."""
    none = dict.fromkeys(("he_normal", "gain", "dead_fraction", "why"), 0.0)
    return submission(name, tried, data, status, phrase=phrase, **none)


def hostile(name, tried, code, *statuses, phrase="", **points):
    """Return a submission whose answer to `gain` is this code, and deserves nothing."""
    data = answering(gain=code if "def gain" in code else f"{dedent(code)}\n\n{WRONG}")
    return submission(name, tried, data, *statuses, phrase=phrase, **{"gain": 0.0} | points)


def harmless(name, tried, code, *statuses, phrase=""):
    """Return a submission with this code in a cell of its own, whose answers are all right."""
    return submission(name, tried, answering(above={"gain": code}), *statuses, phrase=phrase)


@cache
def _master(name):
    return nbformat.read(MASTERS / name / f"{name}.ipynb", as_version=4)


def released(name=ASSIGNMENT):
    """Return the notebook of an assignment as students get it, as plain data."""
    return json.loads(json.dumps(student_copy(json.loads(json.dumps(_master(name))))))


@cache
def _solved(name):
    notebook = released(name)
    solutions = {cell.id: cell for cell in _master(name).cells}
    for cell in notebook["cells"]:
        if cell["metadata"]["nbgrader"]["solution"]:
            lines = solutions[cell["id"]].source.splitlines()
            cell["source"] = "\n".join(line for line in lines if "### " not in line)
    return json.dumps(notebook)


def solved(name=ASSIGNMENT):
    """Return a student's notebook in which all is right, as plain data."""
    return json.loads(_solved(name))


def answering(above=None, below=None, **answers):
    """Return a right notebook, as a file, with other answers or with cells of the student's own.

    Parameters
    ----------
    above, below : dict of str to str, optional
        Code that stands in a cell of its own above or below the cell of this name.
    **answers : str
        The text of the cell of this name.
    """
    notebook, cells = solved(), []
    for cell in notebook["cells"]:
        name = cell["id"]
        cells += [own(code) for place, code in (above or {}).items() if place == name]
        cells.append(cell | {"source": dedent(answers.get(name, cell["source"]))})
        cells += [own(code) for place, code in (below or {}).items() if place == name]
    return file(notebook | {"cells": cells})


def own(code, kind="code"):
    """Return a cell that a student added."""
    made = {"cell_type": kind, "id": "own", "metadata": {}, "source": dedent(code)}
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def file(notebook):
    """Return what a file holds that has this notebook in it."""
    return json.dumps(notebook).encode()
