"""Answers to one question together: on a page, and in a table that gives marks back."""

import csv
import io

import numpy as np
import pytest

from teaching.grading import __main__ as command
from teaching.grading import by_hand, run
from tests.grading.hostile.submission import ASSIGNMENT, answering, file, released, solved
from tests.grading.test_pictures import encoded
from tests.grading.test_run import Here, course, export  # noqa: F401 (a fixture)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what nbgrader uses


@pytest.fixture
def graded(course, tmp_path, sandbox):  # noqa: F811
    """Return a function that grades short answers, or notebooks, and what is asked then."""

    def grade(**answers):
        files = {
            f"{name}/x.ipynb": given if isinstance(given, bytes) else answering(why=given)
            for name, given in answers.items()
        }
        run.grade(course, export(tmp_path / "all", files), Here(sandbox))
        records = run.records(course, ASSIGNMENT)
        return by_hand.questions(course.exam(ASSIGNMENT), records)

    return grade


def drawn(shade=None):
    """Return a notebook whose short answer is a picture of this shade, or a missing one."""
    notebook = solved()
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "why")
    cell["source"] = "![image.png](attachment:image.png)"
    if shade is not None:
        picture = encoded(np.full((4, 4, 3), shade, np.uint8))
        cell["attachments"] = {"image.png": {"image/png": picture}}
    return file(notebook)


def filled(table, *points):
    """Return a table in which these points stand, from the first line on."""
    rows = list(csv.DictReader(io.StringIO(table)))
    for row, given in zip(rows, points, strict=False):
        row |= {"points": given, "comment": "Seen."}
    file = io.StringIO()
    writer = csv.DictWriter(file, by_hand.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def test_equal_answers_stand_together_the_largest_group_first(graded):
    (question,) = graded(a="It is dead.", b="Off is not dead.", c="off  is not\ndead.")
    assert [group.students for group in question.groups] == [["b", "c"], ["a"]]
    assert question.scheme[1].startswith("Off on one sample is not dead")


def test_another_picture_is_another_answer_and_is_shown(graded, course):  # noqa: F811
    """Editors give all pictures that are pasted the same name."""
    (question,) = graded(a=drawn(1), b=drawn(2), c=drawn(1), d=drawn())
    assert [group.students for group in question.groups] == [["a", "c"], ["b"], ["d"]]
    page = (course.grading / f"answers_{ASSIGNMENT}.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/png;base64,') == 2


def test_of_answers_in_other_cells_each_is_shown_with_where_it_stands(graded):
    one, other = "# Half of them is off.", "# They are dead for good."
    below, above = (
        answering(below={"why": one}, why=""),
        answering(above={"why": other}, why=""),
    )
    (question,) = graded(a=below, b=above, c=b"no notebook", d=file(released()))
    assert [group.answer for group in question.groups] == [
        f"The answer may be in a cell below: “{one}”",
        f"The answer may be in a cell above: “{other}”",
    ]


def test_the_page_shows_all_answers_and_the_scheme(graded, course):  # noqa: F811
    graded(a="It is <b>dead</b>.", b="No.")
    page = (course.grading / f"answers_{ASSIGNMENT}.html").read_text(encoding="utf-8")
    assert "It is &lt;b&gt;dead&lt;/b&gt;." in page
    assert "Off on one sample is not dead" in page


def test_a_table_gives_marks_to_each_who_wrote_the_answer(graded, course, tmp_path, capsys):  # noqa: F811
    graded(a="No.", b="no.", c="=1+1")
    table = (course.grading / f"by_hand_{ASSIGNMENT}.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "marks.csv").write_text(filled(table, "1,5", "3"), encoding="utf-8")
    options = ["--course", str(course.directory.root), "--by-hand", str(tmp_path / "marks.csv")]
    assert command.main([*options, "--assignment", ASSIGNMENT]) == 0
    assert "3 marks" in capsys.readouterr().out
    given = {r["student"]: r["exercises"][-1] for r in run.records(course, ASSIGNMENT)}
    assert {name: (e["points"], e["by"], e["comment"]) for name, e in given.items()} == {
        "a": (1.5, "hand", "Seen."),
        "b": (1.5, "hand", "Seen."),
        "c": (3.0, "hand", "Seen."),
    }


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_table_may_be_as_a_spreadsheet_saves_it(graded, course, encoding):  # noqa: F811
    """Excel in German parts cells by semicolons, and writes no UTF-8 unless it is asked to."""
    graded(a="Für sie: nein.", b="Off; not dead.")
    table = course.grading / f"by_hand_{ASSIGNMENT}.csv"
    rows = csv.reader(io.StringIO(filled(table.read_text("utf-8-sig"), "1,5", "1,5")))
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    saved = file.getvalue().encode(encoding)
    table.write_bytes(saved)
    run.write_pages(course, [ASSIGNMENT])  # nothing is written over, and nothing stops it
    assert table.read_bytes() == saved
    assert command.main(["--course", str(course.directory.root), "--by-hand", str(table)]) == 0
    given = [r["exercises"][-1]["points"] for r in run.records(course, ASSIGNMENT)]
    assert given == [1.5, 1.5]


def test_marks_that_were_filled_in_and_not_given_yet_are_not_written_over(graded, course):  # noqa: F811
    graded(a="No.")
    path = course.grading / f"by_hand_{ASSIGNMENT}.csv"
    mine = filled(path.read_text(encoding="utf-8-sig"), "2")
    path.write_text(mine, encoding="utf-8")
    run.write_pages(course, [ASSIGNMENT])
    assert path.read_text(encoding="utf-8").splitlines() == mine.splitlines()
    run.mark_by_hand(course, ASSIGNMENT, mine)
    graded(b="Yes.")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["students"], row["points"]) for row in rows] == [("b", ""), ("a", "2")]


def test_an_answer_that_has_changed_since_gets_no_mark(graded):
    table = filled(by_hand.as_table(graded(a="No.", b="Yes.")), "1", "2")
    marks, changed = by_hand.read(table, graded(a="No.", b="Yes, and no."))
    assert ([mark.student for mark in marks], changed) == (["a"], ["b"])


@pytest.mark.parametrize("points", ["4", "-1", "nan", "many"])
def test_points_that_cannot_be_given_are_refused(graded, points):
    asked = graded(a="No.")
    with pytest.raises(ValueError, match=f"points of why must be from 0 to 3; got '{points}'"):
        by_hand.read(filled(by_hand.as_table(asked), points), asked)


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="must have the columns"):
        by_hand.read("a,b\n1,2\n", [])
