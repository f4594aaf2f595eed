"""The masters of the assignments: nbgrader's format, and what every exercise must have."""

import re

import nbformat
import pytest

from tests.answers.judge import EXERCISES, MASTERS, ROOT

LESSONS = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - {"00_start_here"}
HINTS = re.compile(r"<details><summary>Hint (\d)</summary>\n\n(.+?)\n\n</details>", re.DOTALL)


@pytest.fixture(params=MASTERS, ids=lambda path: path.stem)
def master(request):
    return nbformat.read(request.param, as_version=4)


def marked(notebook, **wanted):
    """Return the cells whose nbgrader metadata have these values."""
    return [
        cell
        for cell in notebook.cells
        if all(cell.metadata.nbgrader.get(key) == value for key, value in wanted.items())
    ]


def graded(notebook):
    """Return the names of the exercises that are marked by machine."""
    checks = marked(notebook, grade=True, solution=False)
    return [cell.id.removeprefix("check_") for cell in checks]


def test_there_is_one_for_each_lesson_named_after_it():
    assert {path.stem for path in MASTERS} >= LESSONS
    assert all(path.stem == path.parent.name for path in MASTERS)


def test_every_exercise_is_in_one():
    names = [name for path in MASTERS for name in graded(nbformat.read(path, as_version=4))]
    assert sorted(names) == sorted(EXERCISES)


def test_cells_are_named_as_nbgrader_names_them(master):
    assert [cell.id for cell in master.cells] == [
        cell.metadata.nbgrader.grade_id for cell in master.cells
    ]
    assert len({cell.id for cell in master.cells}) == len(master.cells)


def free(notebook):
    """Return the names of the cells in which something is tried, and nothing marked."""
    return [cell.id for cell in marked(notebook, locked=False, grade=False, solution=False)]


def minutes(master):
    """Return how long the exercises take, by the rule for lessons: a code line is written.

    What is folded, and the marking scheme, is not read first; each line of a model solution
    takes ten seconds, a short answer five minutes, an experiment's picture half a minute.
    """
    seconds = 0
    for cell in master.cells:
        if cell.cell_type == "markdown" and not cell.metadata.nbgrader.solution:
            shown = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL)
            shown = shown.partition("### BEGIN MARK SCHEME")[0]
            seconds += 60 * len(shown.split()) / 130 + 60 * shown.count("$$") / 2
        elif cell.metadata.nbgrader.solution:
            written = cell.source.partition("### BEGIN SOLUTION\n")[2].splitlines()[:-1]
            is_code = cell.cell_type == "code"
            seconds += 10 * len(list(filter(str.strip, written))) if is_code else 300
    return seconds / 60 + len(marked(master, grade_id="experiment")) / 2


def test_the_minutes_that_are_stated_are_those_of_the_rule(master):
    (stated,) = re.findall(r"\*\*Time:\*\*\sabout\s(\d+)\sminutes", master.cells[0].source)
    assert abs(int(stated) / minutes(master) - 1) < 0.1
    assert int(stated) <= 45
    path = next(p for p in MASTERS if nbformat.read(p, as_version=4) == master)
    link = f"[{len(graded(master))}, {stated} min](notebooks/exercises/{path.name})"
    assert link in (ROOT / "README.md").read_text(encoding="utf-8")


def test_only_answers_and_experiments_can_be_edited(master):
    editable = {cell.id for cell in marked(master, locked=False)}
    answers = {cell.id for cell in marked(master, solution=True)}
    assert editable - answers == set(free(master)) <= {"experiment", "experiment_tools"}


@pytest.mark.parametrize("path", [*MASTERS[:3], MASTERS[5]], ids=lambda path: path.stem)
def test_the_last_exercise_is_an_experiment_that_is_explained(path):
    """Its cell stands between the question and the answer, and ends in a picture."""
    notebook = nbformat.read(path, as_version=4)
    *_, question, experiment, answer, _ = (
        cell for cell in notebook.cells if cell.id != "experiment_tools"
    )
    assert "### BEGIN MARK SCHEME" in question.source
    assert experiment.id == "experiment"
    assert "change" in experiment.source
    assert experiment.source.splitlines()[-1].startswith("pictures.")
    assert answer in marked(notebook, grade=True, solution=True)


def test_has_two_to_five_functions_and_a_short_answer(master):
    assert 2 <= len(graded(master)) <= 5
    (short,) = marked(master, grade=True, solution=True)
    assert short.cell_type == "markdown"
    assert "### BEGIN SOLUTION" in short.source
    (question,) = [cell for cell in master.cells if "### BEGIN MARK SCHEME" in cell.source]
    points = short.metadata.nbgrader.points
    assert f"**{points} marks.**" in question.source


def test_every_function_has_a_statement_a_solution_a_check_and_hints(master):
    order = [cell.id for cell in master.cells]
    cells = {cell.id: cell.source for cell in master.cells}
    for name in graded(master):
        parts = [f"{name}_statement", name, f"check_{name}", f"{name}_hints"]
        start = order.index(parts[0])
        assert order[start : start + 4] == parts
        for said in (f"`{name}(", "**Returns**", "**Raises** `ValueError`", "**By hand:**"):
            assert said in cells[parts[0]], (name, said)
        assert [number for number, _ in HINTS.findall(cells[parts[3]])] == ["1", "2", "3"]
        (check,) = marked(master, grade_id=f"check_{name}")
        points = check.metadata.nbgrader.points
        assert "".join(check.source.split()).replace(",)", ")") == (
            f"checks.check_{name}({name})###BEGINHIDDENTESTS{points}*"
            f"checks.check_{name}({name},secret=checks.instructors_secret())###ENDHIDDENTESTS"
        )


def test_a_solution_keeps_the_signature_and_a_docstring_for_the_student(master):
    for cell in marked(master, solution=True, grade=False):
        above, below = re.split(r"    ### BEGIN SOLUTION\n", cell.source)
        assert re.fullmatch(rf'def {cell.id}\([^\n]*\):\n    """.+"""\n', above, re.DOTALL)
        assert below.endswith("    ### END SOLUTION")


def test_is_saved_without_outputs(master):
    for cell in master.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_fits_the_width_of_a_cell(master):
    for cell in master.cells:
        shown = cell.source.partition("### BEGIN HIDDEN TESTS")[0]
        if cell.cell_type == "code":
            assert max(map(len, shown.splitlines())) <= 78, cell.source
