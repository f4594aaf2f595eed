"""The students' copies: fresh, without answers, and never written over a student's work."""

import copy
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from teaching import exercises
from tests.answers.judge import MASTERS

COPIES = [exercises.COPIES / path.name for path in MASTERS]
SECRET = re.compile(
    r"### BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)\n(.*?)### END \1", re.DOTALL
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what nbgrader uses


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def made():
    return {path.name: exercises.student_copy(read(path)) for path in MASTERS}


def course_cells(notebook):
    """Return what no student may change: all cells but the answers, without outputs."""
    return [
        (cell.id, cell.cell_type, cell.source, cell.metadata)
        for cell in notebook.cells
        if not cell.metadata.get("nbgrader", {"solution": True})["solution"]
    ]


@pytest.mark.parametrize("path", COPIES, ids=lambda path: path.stem)
def test_the_committed_copy_is_fresh(path, made):
    """Work in the answer cells is a student's own affair: `make lint` refuses to have it."""
    assert course_cells(read(path)) == course_cells(made[path.name]), "run `make exercises`"


def test_there_is_a_copy_of_each_master_and_of_nothing_else():
    assert sorted(exercises.COPIES.glob("*.ipynb")) == COPIES


def secret_lines():
    """Return every line of a solution, a hidden test or a marking scheme."""
    found = set()
    for master in MASTERS:
        for cell in read(master).cells:
            for _, region in SECRET.findall(cell.source):
                found |= {line.strip() for line in region.splitlines()} - {""}
    return found


def test_no_copy_holds_a_line_of_an_answer_or_of_a_hidden_test(made):
    """Long lines occur nowhere, short ones are the whole of no line."""
    lines = secret_lines()
    assert len(lines) > 10 * len(MASTERS)
    for name, notebook in made.items():
        for cell in notebook.cells:
            shown = {line.strip() for line in cell.source.splitlines()}
            assert not shown & lines, (name, cell.id)
            assert not [line for line in lines if len(line) > 20 and line in cell.source]


def test_no_copy_holds_a_marker_of_what_was_taken_out(made):
    for notebook in made.values():
        text = nbformat.writes(notebook)
        assert not re.search("BEGIN|END SOLUTION|HIDDEN|MARK SCHEME|secret=", text)


def test_a_copy_asks_for_every_answer(made):
    for notebook in made.values():
        for cell in notebook.cells:
            if cell.metadata.nbgrader.solution:
                stub = "*Your answer.*" if cell.metadata.nbgrader.grade else "    return ..."
                assert cell.source.endswith(stub)


@pytest.mark.parametrize("path", COPIES, ids=lambda path: path.stem)
def test_a_committed_copy_says_that_nothing_was_attempted(path):
    saved = read(path)
    if not exercises.is_untouched(saved):
        return  # a student's own
    for cell in saved.cells:
        if cell.id.startswith("check_"):
            (output,) = cell.outputs
            assert output.text == f"{cell.id.removeprefix('check_')}: not attempted yet.\n"


@pytest.fixture
def course(tmp_path, monkeypatch, made):
    """Return a course with one master, and its folder of copies."""
    master = tmp_path / "assignments" / "05_he" / "05_he.ipynb"
    master.parent.mkdir(parents=True)
    master.write_bytes(MASTERS[0].parents[1].joinpath("05_he", "05_he.ipynb").read_bytes())
    monkeypatch.setattr(exercises, "ROOT", tmp_path)
    monkeypatch.setattr(exercises, "MASTERS", tmp_path / "assignments")
    monkeypatch.setattr(exercises, "COPIES", tmp_path / "exercises")
    monkeypatch.setattr(exercises, "run", lambda notebook, folder: notebook)
    return tmp_path


@pytest.fixture
def saved(course, capsys):
    """Return the path of a copy that was just made."""
    assert exercises.main([]) == 0
    assert capsys.readouterr().out == "exercises/05_he.ipynb: written\n"
    return course / "exercises" / "05_he.ipynb"


def answer(path):
    notebook = read(path)
    (cell,) = [cell for cell in notebook.cells if cell.id == "gain"]
    cell.source = cell.source.replace("...", "1.0")
    nbformat.write(notebook, path)


def add_a_cell(path):
    notebook = read(path)
    notebook.cells.append(new_markdown_cell("My notes."))
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    "work",
    [
        answer,
        add_a_cell,
        lambda path: path.write_text("not a notebook"),
        lambda path: path.write_text(""),
        lambda path: path.write_text(json.dumps({"cells": [], "nbformat": 4})),
    ],
    ids=["answer", "cell", "text", "empty", "no cells"],
)
def test_work_is_never_overwritten(saved, work, capsys):
    work(saved)
    before = saved.read_bytes()
    assert exercises.main([]) == 0
    assert saved.read_bytes() == before
    assert "you have worked in it, so it is left as it is" in capsys.readouterr().out
    assert exercises.main(["--check"]) == 1
    assert "worked in" in capsys.readouterr().out


def test_a_copy_that_was_only_run_is_brought_up_to_date(saved, course, capsys):
    """Running a notebook, in whatever front end, changes outputs and metadata alone."""
    ran = read(saved)
    for cell in ran.cells:
        if cell.cell_type == "code":
            cell.execution_count = 7
            cell.metadata["execution"] = {"iopub.status.busy": "now"}
    ran.metadata["language_info"]["version"] = "3.13.0"
    nbformat.write(ran, saved)
    assert exercises.main(["--check"]) == 0

    path = course / "assignments" / "05_he" / "05_he.ipynb"
    master = read(path)
    master.cells[0].source += "\n\nA new sentence."
    nbformat.write(master, path)
    assert exercises.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().out
    assert exercises.main([]) == 0
    assert "A new sentence." in saved.read_text()
    assert exercises.main(["--check"]) == 0


def test_more_marks_make_a_copy_stale(saved, course):
    path = course / "assignments" / "05_he" / "05_he.ipynb"
    master = read(path)
    for cell in master.cells:
        if cell.id == "check_gain":
            cell.metadata.nbgrader.points += 1
    nbformat.write(master, path)
    assert exercises.main(["--check"]) == 1


def test_a_missing_copy_is_written_and_checking_writes_nothing(course):
    assert exercises.main(["--check"]) == 1
    assert not (course / "exercises" / "05_he.ipynb").exists()
    assert exercises.main([]) == 0
    assert exercises.main(["--check"]) == 0


def test_making_a_copy_leaves_the_master_as_it_was():
    master = read(MASTERS[0])
    before = copy.deepcopy(master)
    exercises.student_copy(master)
    assert master == before


def test_nbgrader_releases_the_same_cells_and_warns_of_nothing(tmp_path, made):
    """The command that instructors know, on a copy of the course's first assignment."""
    shutil.copy(exercises.ROOT / "nbgrader_config.py", tmp_path)
    for folder in ("course", "teaching", "assignments/01_one_step"):
        shutil.copytree(exercises.ROOT / folder, tmp_path / folder)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "01_one_step"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not re.search("WARN|ERROR|Traceback", done.stderr), done.stderr
    (released,) = tmp_path.glob("grading/release/*/*.ipynb")
    assert course_cells(read(released)) == course_cells(made["01_one_step.ipynb"])
