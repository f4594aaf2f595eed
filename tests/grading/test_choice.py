"""Tests of which of a student's files counts, and when a person is to look."""

import json
from datetime import UTC, datetime

import nbformat
import pytest

from teaching.exercises import ROOT, student_copy
from teaching.grading.choice import counting
from teaching.grading.collect import Handed
from teaching.grading.judge import exam as exam_of

MASTER = json.loads((ROOT / "assignments" / "05_he" / "05_he.ipynb").read_bytes())
COPY = json.loads(
    nbformat.writes(student_copy(nbformat.reads(json.dumps(MASTER), as_version=4)))
)
EXAM = exam_of(MASTER, COPY, "s3cret")


def with_answers(**answers):
    """Return a student copy as bytes in which some cells have these sources."""
    copy = json.loads(json.dumps(COPY))
    for cell in copy["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return json.dumps(copy).encode()


BLANK = with_answers()
ANSWERED = with_answers(gain="def gain(phi): return 1.0")
ANOTHER = with_answers(gain="def gain(phi): return 2.0")
OF_ANOTHER_EDITION = with_answers(why_question="Say why.")
LESSON = json.dumps({"cells": [{"cell_type": "markdown", "source": "# Lesson 5"}]}).encode()
WRITTEN = with_answers(why="Half of it is right.")


def chosen(*files):
    """Return the file of several that counts; a file is a name, its data, and its attempt."""
    judged = [
        (Handed("jdoe", where, data, None, "", attempt, order), "05_he")
        for where, data, attempt, order in (_whole(*file) for file in files)
    ]
    counts, superseded = counting(judged, lambda assignment: EXAM)
    one = counts["jdoe", "05_he"]
    assert {each.where for each in superseded} == {file[0] for file in files} - {one.where}
    assert set(one.beside) == {each.where for each in superseded}
    return one


def _whole(where, data, attempt=(), order=(0, 0)):
    return where, data, attempt, order


@pytest.mark.parametrize(
    "other",
    [BLANK, b"", b" \n", json.dumps({"cells": []}).encode(), LESSON, OF_ANOTHER_EDITION],
    ids=["blank", "empty", "spaces", "no cells", "a lesson", "blank, of another edition"],
)
def test_what_has_no_answers_never_counts_before_what_has(other):
    """Whatever its number: it was downloaded or made once more, and nobody has to look."""
    for order in ((0, 0), (0, 1)):
        one = chosen(("05_he.ipynb", ANSWERED), ("05_he (1).ipynb", other, (), order))
        assert (one.where, one.doubt) == ("05_he.ipynb", "")


def test_a_short_answer_is_an_answer():
    assert chosen(("a.ipynb", WRITTEN), ("b.ipynb", BLANK)).where == "a.ipynb"


def test_what_cannot_be_read_does_not_count_but_somebody_looks():
    one = chosen(("05_he.ipynb", ANSWERED), ("05_he (1).ipynb", b'{"cells": [', (), (0, 1)))
    assert (one.where, one.doubt) == ("05_he.ipynb", "05_he (1).ipynb cannot be read")


def test_of_two_answered_files_of_one_attempt_the_later_counts_and_somebody_looks():
    one = chosen(("a.ipynb", ANSWERED, (), (0, 0)), ("a (1).ipynb", ANOTHER, (), (0, 1)))
    assert (one.where, one.doubt) == ("a (1).ipynb", "a.ipynb has other answers")


def test_nobody_looks_where_the_answers_are_the_same():
    assert chosen(("a.ipynb", ANSWERED), ("b.ipynb", ANSWERED)).doubt == ""


def test_a_later_attempt_counts_and_nobody_looks():
    one = chosen(("a.ipynb", ANSWERED, (1,)), ("b.ipynb", ANOTHER, (2,)))
    assert (one.where, one.doubt) == ("b.ipynb", "")


@pytest.mark.parametrize(
    ("later", "doubt"),
    [(BLANK, "b.ipynb, handed in later, has no answers"), (b"{", "b.ipynb cannot be read")],
)
def test_a_later_attempt_without_answers_does_not_count_but_somebody_looks(later, doubt):
    one = chosen(("a.ipynb", ANSWERED, (1,)), ("b.ipynb", later, (2,)))
    assert (one.where, one.doubt) == ("a.ipynb", doubt)


def test_an_earlier_attempt_that_cannot_be_read_is_no_doubt():
    assert chosen(("a.ipynb", b"{", (1,)), ("b.ipynb", ANSWERED, (2,))).doubt == ""


def test_beside_a_blank_copy_what_is_like_nothing_is_looked_at():
    one = chosen(("05_he.ipynb", BLANK), ("mine.ipynb", LESSON))
    assert (one.where, one.doubt) == ("05_he.ipynb", "mine.ipynb is like no assignment")


def test_times_say_what_is_later_where_the_platform_has_no_attempts():
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    files = [
        (Handed("jdoe", where, data, noon.replace(hour=hour), "", ()), "05_he")
        for where, data, hour in (("z.ipynb", ANSWERED, 9), ("a.ipynb", ANOTHER, 10))
    ]
    one = counting(files, lambda assignment: EXAM)[0]["jdoe", "05_he"]
    assert (one.where, one.doubt) == ("a.ipynb", "")
