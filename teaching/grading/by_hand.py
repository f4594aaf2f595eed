"""All short answers to a question, equal ones together: on a page, and in a table to mark.

Points and comments that a marker fills into the table, ``grading/by_hand_05_he.csv``, are given
to each student who wrote that answer by ``make grade GRADE_ARGS="--by-hand FILE"``.
"""

import csv
import hashlib
import io
import re
from typing import NamedTuple

from teaching.grading import pages
from teaching.grading.roster import table

SCHEME = re.compile(r"### BEGIN MARK SCHEME\n(.*?)### END MARK SCHEME", re.S)
COLUMNS = ("question", "students", "points", "comment", "answer")
BETWEEN = "; "


class Group(NamedTuple):
    """Students who have written the same; `points` are None if somebody has none yet."""

    students: list
    answer: str
    points: float | None
    comment: str
    pictures: list  # PNG in base64


class Question(NamedTuple):
    """A question, the items of its marking scheme, and the answers to it."""

    name: str
    title: str
    max: float
    scheme: list
    groups: list


class Mark(NamedTuple):
    """What a marker gave for an answer."""

    student: str
    question: str
    points: float
    comment: str
    answer: str


def questions(exam, records):
    """Return the questions of an assignment that are marked by hand, with all answers.

    Parameters
    ----------
    exam : dict
        See `judge.exam`.
    records : list of dict
        See `pages.feedback`.
    """
    asked, found = "", []
    for cell in exam["cells"]:
        asked = cell["whole"] if cell["kind"] == "markdown" and cell["whole"] else asked
        if cell["role"] == "written":
            most, groups = cell["nbgrader"]["points"], _groups(cell["id"], records)
            found.append(Question(cell["id"], cell["title"], most, _items(asked), groups))
    return [question for question in found if question.groups]


def _items(asked):
    """Return the items of a marking scheme, and what else it says."""
    scheme = SCHEME.search(asked)
    parts = re.split(r"\n\s*\n|\n(?=\* )", scheme[1].strip()) if scheme else []
    items = [" ".join(part.removeprefix("* ").split()) for part in parts if part.strip()]
    return [re.sub(r"\*+([^*]+)\*+", r"\1", item) for item in items]  # without emphasis


def _groups(name, records):
    """Return who wrote what, those that wait first, and then the largest."""
    groups = {}
    for record in records:
        for exercise in record["exercises"]:
            if exercise["name"] == name and exercise["status"] == "graded":  # there is one
                key = " ".join(_words(exercise).split()).casefold()
                groups.setdefault(key, []).append((record["student"], exercise))
    made = [_group(group) for group in groups.values()]
    return sorted(made, key=lambda g: (g.points is not None, -len(g.students), g.students))


def _group(pairs):
    points = {exercise["points"] for _, exercise in pairs}
    first = pairs[0][1]
    given = points.pop() if len(points) == 1 else None
    students = [student for student, _ in pairs]
    return Group(students, _words(first), given, first["comment"], first["pictures"])


def _words(exercise):
    """Return an answer, or where it may be, and what tells its pictures apart."""
    pictures = [hashlib.sha256(data.encode()).hexdigest()[:8] for data in exercise["pictures"]]
    return "\n".join(
        [exercise["reason"] or exercise["answer"], *(f"(picture {name})" for name in pictures)]
    )


def page(title, found, place):
    """Return the page that shows all answers to each question."""
    template = pages.PAGES.get_template("answers.html.j2")
    return template.render(title=title, questions=found, table=place)


def as_table(found):
    """Return the table in which answers are marked, as text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for question in found:
        for group in question.groups:
            points = "" if group.points is None else pages.amount(group.points)
            row = [question.name, BETWEEN.join(group.students), points, group.comment]
            writer.writerow(map(pages.in_a_cell, [*row, group.answer]))
    return file.getvalue()


def read(words, found):
    """Return the marks in a table.

    Parameters
    ----------
    words : str
        The table.
    found : list of Question
        As they are now.

    Returns
    -------
    marks : list of Mark
    changed : list of str
        The students who have handed in another answer since.

    Raises
    ------
    ValueError
        If a line names no question, or points are none that can be given.
    """
    marks, changed = [], []
    known = {question.name: question for question in found}
    rows = table(words)
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise ValueError(
            f"the table must have the columns {list(COLUMNS)}; got {rows.fieldnames}"
        )
    for row in rows:
        if not (row["points"] or "").strip():
            continue
        if row["question"] not in known:
            raise ValueError(
                f"question must be one of {sorted(known)}; got {row['question']!r}"
            )
        question = known[row["question"]]
        points = _points(row["points"], question)
        now = {
            pages.in_a_cell(student): (student, group)
            for group in question.groups
            for student in group.students
        }
        for student in row["students"].split(BETWEEN):
            own, group = now.get(student, (student, None))
            if group is None or not _same(pages.in_a_cell(group.answer), row["answer"]):
                changed.append(own)
            else:
                comment = row["comment"] or ""
                marks.append(Mark(own, question.name, points, comment, group.answer))
    return marks, changed


def is_waiting(words, found):
    """Return whether marks stand in a table that were not given yet, or it cannot be read."""
    now = {
        (question.name, student): group.points
        for question in found
        for group in question.groups
        for student in group.students
    }
    try:
        marks, changed = read(words, found)
    except ValueError:
        return True
    given = (mark.points == now[mark.question, mark.student] for mark in marks)
    return bool(changed) or not all(given)


def _same(one, other):
    return one.split() == other.split() or one.casefold().split() == other.casefold().split()


def _points(words, question):
    try:
        points = float(words.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= question.max:
        raise ValueError(
            f"points of {question.name} must be from 0 to {question.max:g}; got {words!r}"
        )
    return points
