"""What a student reads before the deadline: which answers will be found, and in which file."""

import hashlib
import json
import re

import pytest

from course import copies, receipt
from course.problems import Problem

NAMES = ("double", "why")
CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": "# Exercises 5\n"},
    {"cell_type": "markdown", "metadata": {}, "source": ["## 5.1 Double\n", "Write it."]},
    {"cell_type": "code", "metadata": {}, "source": "def double(x):\n    return ..."},
    {"cell_type": "markdown", "metadata": {}, "source": "## 5.2 Why?"},
    {"cell_type": "markdown", "metadata": {}, "source": "Your answer."},
]
for _name, _place in zip(NAMES, (2, 4), strict=True):
    CELLS[_place]["metadata"] = {"nbgrader": {"solution": True, "grade_id": _name}}


def notebook(left_out="", **answers):
    """Return a copy with these answers, without one of its cells."""
    cells = json.loads(json.dumps(CELLS))
    for cell in cells:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    kept = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") != left_out]
    return json.dumps({"cells": kept}).encode()


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    """Return a function that writes a reader's files, and returns what is said of them."""
    monkeypatch.setattr(copies, "SOURCES", tmp_path / "notebooks")
    monkeypatch.setattr(copies, "COPIES", tmp_path / "my-notebooks")
    for folder in ("notebooks", "my-notebooks"):
        (tmp_path / folder / "exercises").mkdir(parents=True)
    (tmp_path / "notebooks" / "exercises" / "05_he.ipynb").write_bytes(notebook())

    def said(files):
        for name, data in files.items():
            (tmp_path / "my-notebooks" / "exercises" / name).write_bytes(data)
        assert receipt.main() == 0
        return capsys.readouterr().out

    return said


def test_each_answer_is_told(printed):
    data = notebook(double="def double(x):\n    return 2 * x")
    said = printed({"05_he.ipynb": data})
    assert "my-notebooks/exercises/05_he.ipynb, saved " in said
    assert "  5.1 Double: answered\n  5.2 Why?: as it was handed out\n" in said
    assert f"receipt: {hashlib.sha256(data).hexdigest()[:16]}" in said


def test_a_cell_that_is_gone_is_told(printed):
    said = printed({"05_he.ipynb": notebook("why", double="def double(x): return 2 * x")})
    assert "5.2 Why?: its cell is gone" in said


def test_a_cell_that_was_emptied_is_not_answered(printed):
    said = printed({"05_he.ipynb": notebook(double="2", why=" \n")})
    assert "5.2 Why?: as it was handed out" in said


def test_what_was_not_worked_in_is_left_out(printed):
    said = printed({"05_he.ipynb": notebook()})
    assert said == "Nothing is answered yet: your copies are as they were handed out.\n"


def test_every_file_with_answers_is_told(printed):
    files = {name: notebook(double="2") for name in ("05_he.ipynb", "05_he-Copy1.ipynb")}
    assert len(re.findall(r"^my-notebooks/", printed(files), re.M)) == 2


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"cells": [7]}'])
def test_a_damaged_file_is_told(printed, data):
    assert "cannot be read as a notebook" in printed({"05_he.ipynb": data})


def test_without_copies_it_is_said_how_to_make_them(printed):
    with pytest.raises(Problem, match="lab` makes your copies"):
        printed({})
