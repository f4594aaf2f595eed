"""The one writer of nbgrader's gradebook, and of the notebooks that formgrader opens.

A `course` is nbgrader's own view of the folder, with the database and the folders that
``nbgrader_config.py`` names (`course_directory`). `record` takes results of `judge` in batches:
a few queries load what is known of a batch, and one commit saves it. Only then are its files
written. So whenever it is killed, recording the same results again ends in the same state.

What people did is kept: points and comments given by hand, due dates and extensions. What was
marked by hand is to be looked at again if its answer changed, or its points by machine.
"""

import json
import sys
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import is_grade, is_locked, is_solution, parse_utc
from sqlalchemy.orm import selectinload
from traitlets.config.loader import PyFileConfigLoader

from teaching.exercises import ROOT, student_copy
from teaching.grading.collect import is_id, student_id
from teaching.grading.ledger import write
from teaching.grading.wire import text

BATCH = 50  # submissions that are loaded and committed together
LONGEST_COMMENT = 2_000
LONGEST_NAME = 100  # the database has room for 128 letters
NO_RESPONSE = "No response."  # as nbgrader says it


def course_directory(folder=ROOT):
    """Return nbgrader's view of the course in `folder`, as its ``nbgrader_config.py`` says."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    return CourseDirectory(config=config)


# The assignment, as the master has it.


def _master(course, assignment):
    folder = Path(course.format_path(course.source_directory, ".", assignment))
    file = folder / f"{assignment}.ipynb"
    if not file.is_file():
        known = sorted(p.stem for p in folder.parent.glob("*/*.ipynb"))
        raise ValueError(f"assignment must be one of {known}; got {assignment!r}")
    return nbformat.read(file, as_version=4)


def enter(course, assignment):
    """Put an assignment into the gradebook as ``nbgrader generate_assignment`` does.

    Nothing is written if it is there as its master has it.

    Raises
    ------
    ValueError
        If there is no such assignment.
    RuntimeError
        If cells were added or removed, and submissions of the assignment have marks already.
    """
    notebook, resources = _master(course, assignment), {}
    for step in GenerateAssignment.preprocessors.default():
        if step is SaveCells:
            break
        if step.__name__ not in ("InstantiateTests", "IncludeHeaderFooter"):
            notebook, resources = step(config=course.config).preprocess(notebook, resources)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        if _entered(gradebook, assignment) == _cells(notebook):
            return
        gradebook.update_or_create_assignment(assignment)
    where = {"assignment": assignment, "notebook": assignment, "db_url": course.db_url}
    try:
        SaveCells(config=course.config).preprocess(notebook, {"nbgrader": where})
    except RuntimeError as error:
        nbgrader = Path(sys.executable).with_name("nbgrader")
        raise RuntimeError(
            f"{error}\n`{nbgrader} db assignment remove {assignment} --force` takes it out of "
            "the gradebook, with all marks by hand; then `make grade` marks all anew"
        ) from None


def _cells(notebook):
    """Return what the gradebook keeps of a master: sources, points, and names of answers."""
    marked = [(c.metadata.nbgrader, c) for c in notebook.cells if "nbgrader" in c.metadata]
    return (
        {
            marks.grade_id: (cell.cell_type, is_locked(cell), cell.source, marks.checksum)
            for marks, cell in marked
            if is_grade(cell) or is_solution(cell) or is_locked(cell)
        },
        {marks.grade_id: float(marks.points) for marks, cell in marked if is_grade(cell)},
        {marks.grade_id for marks, cell in marked if is_solution(cell)},
    )


def _entered(gradebook, assignment):
    """Return the same of what the gradebook has, or None."""
    try:
        notebook = gradebook.find_notebook(assignment, assignment)
    except MissingEntry:
        return None
    return (
        {c.name: (c.cell_type, c.locked, c.source, c.checksum) for c in notebook.source_cells},
        {cell.name: cell.max_score for cell in notebook.grade_cells},
        {cell.name for cell in notebook.solution_cells},
    )


class _Entry(NamedTuple):
    """An assignment in the gradebook: ids of rows, which no commit lets expire."""

    name: str
    assignment_id: str
    notebook_id: str
    graded: dict  # the ids of graded cells, by name
    solutions: dict  # those of answers
    most: dict  # the points of graded cells
    answers: dict  # the name of the answer that a graded cell is, or tests


def _entry(gradebook, course, assignment):
    notebook = gradebook.find_notebook(assignment, assignment)
    return _Entry(
        assignment,
        notebook.assignment_id,
        notebook.id,
        {cell.name: cell.id for cell in notebook.grade_cells},
        {cell.name: cell.id for cell in notebook.solution_cells},
        {cell.name: cell.max_score for cell in notebook.grade_cells},
        _answers(_master(course, assignment)),
    )


def _answers(master):
    """Return, for each graded cell, the nearest answer at or above it; both by name."""
    answers, last = {}, None
    for cell in master.cells:
        last = cell.metadata.nbgrader.grade_id if is_solution(cell) else last
        if is_grade(cell):
            answers[cell.metadata.nbgrader.grade_id] = last
    return answers


# Recording.


def enrol(course, students):
    """Put students into the gradebook, with what is known of their names and addresses.

    Parameters
    ----------
    course : nbgrader.coursedir.CourseDirectory
    students : iterable of roster.Student
    """
    with Gradebook(course.db_url, course.course_id) as gradebook:
        known = {student.id: student for student in gradebook.db.query(Student)}
        for one in students:
            student = known.get(one.id) or Student(id=one.id)
            if one.names:
                name = text(one.names[0], LONGEST_NAME)
                student.first_name, student.last_name = _first_and_last(name)
            student.email = one.email or student.email
            gradebook.db.add(student)
        gradebook.db.commit()


def _first_and_last(name):
    """Return both parts of a name, as far as there are any."""
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return first.strip() or None, last.strip() or None


def record(course, assignment, submissions, roster=None):
    """Save results in the gradebook, and notebooks beside it; a second time changes nothing.

    Parameters
    ----------
    course : nbgrader.coursedir.CourseDirectory
    assignment : str
    submissions : iterable of tuple
        ``(student, received, data, result)``: an id as `collect.student_id` makes it; when it
        was handed in, as a datetime (without a zone: in UTC), or None if nobody knows; the
        bytes that were handed in; and what `judge.judge` says of them. It may be a generator:
        each batch is saved before the next is asked for.
    roster : roster.Roster, optional
        Says how much more time somebody has.

    Raises
    ------
    ValueError
        If there is no such assignment, a student's id cannot be one, or marks are of other
        cells than the assignment's. The batch that it is in is not saved.
    """
    enter(course, assignment)
    blank = student_copy(_master(course, assignment))
    submissions = iter(submissions)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        entry = _entry(gradebook, course, assignment)
        while rows := list(islice(submissions, BATCH)):
            batch = {}
            for student, received, data, result in rows:
                _check(entry, student, result)
                result = result | {"notebook": result["notebook"] or blank}
                batch[student] = student, received, data, result
            _save(gradebook, course, entry, batch, roster)
            for submission in batch.values():
                _write_files(course, assignment, *submission)


def mark(course, assignment, marks):
    """Give marks and comments as formgrader does.

    Parameters
    ----------
    course : nbgrader.coursedir.CourseDirectory
    assignment : str
    marks : iterable of by_hand.Mark
    """
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for one in marks:
            where = (one.question, assignment, assignment, one.student)
            grade = gradebook.find_grade(*where)
            grade.manual_score, grade.needs_manual_grade = one.points, False
            if one.comment:
                gradebook.find_comment(*where).manual_comment = one.comment
        gradebook.db.commit()


def _check(entry, student, result):
    if not is_id(student):
        raise ValueError(f"student must be an id, as {student_id(student)!r}; got {student!r}")
    if set(result["marks"]) != set(entry.graded):
        raise ValueError(
            f"marks of {entry.name} must be for {sorted(entry.graded)}; got marks for "
            f"{sorted(result['marks'])} of {student}"
        )


def _save(gradebook, course, entry, batch, roster):
    """Save a batch in the database, with one commit."""
    rows = _rows(gradebook, entry, list(batch))
    for student, (submission, notebook) in rows.items():
        _, received, _, result = batch[student]
        if roster and student in roster.students and roster.students[student].extension:
            submission.extension = roster.students[student].extension
        if received is not None:
            submission.timestamp = parse_utc(received)
        changed = _changed(course, entry, notebook, student, result["notebook"])
        _mark(entry, notebook, result["marks"], changed)
    gradebook.db.flush()
    _penalise(gradebook, course, entry, rows)
    gradebook.db.commit()


def _rows(gradebook, entry, students):
    """Return each student's submission and its notebook, with a grade or comment for each cell.

    What is missing is made as `nbgrader.api.Gradebook.add_submission` makes it.
    """
    session = gradebook.db
    known = {name for (name,) in session.query(Student.id).filter(Student.id.in_(students))}
    session.add_all(Student(id=student) for student in students if student not in known)
    notebooks = selectinload(SubmittedAssignment.notebooks)
    found = (
        session.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == entry.assignment_id)
        .filter(SubmittedAssignment.student_id.in_(students))
        .options(notebooks.selectinload(SubmittedNotebook.grades))
        .options(notebooks.selectinload(SubmittedNotebook.comments))
    )
    rows = {submission.student_id: submission for submission in found}
    for student in students:
        if student not in rows:
            rows[student] = SubmittedAssignment(
                id=new_uuid(), assignment_id=entry.assignment_id, student_id=student
            )
            session.add(rows[student])
    return {student: (rows[student], _notebook(entry, rows[student])) for student in students}


def _notebook(entry, submission):
    notebook = _of(submission.notebooks, entry)
    if notebook is None:
        notebook = SubmittedNotebook(id=new_uuid(), notebook_id=entry.notebook_id)
        submission.notebooks.append(notebook)
    for kind, cells, rows in (
        (Grade, entry.graded, notebook.grades),
        (Comment, entry.solutions, notebook.comments),
    ):
        there = {row.cell_id for row in rows}
        rows.extend(kind(cell_id=cell) for cell in cells.values() if cell not in there)
    return notebook


def _of(notebooks, entry):
    return next((row for row in notebooks if row.notebook_id == entry.notebook_id), None)


def _changed(course, entry, notebook, student, new):
    """Return the names of answers that are others than when a person gave points.

    They are compared with the notebook that the marker saw, which is replaced only after the
    commit. All have changed if that is gone.
    """
    if all(grade.manual_score is None for grade in notebook.grades):
        return set()
    try:
        seen = path(course, "autograded", student, entry.name).read_bytes()
        seen = _sources(json.loads(seen))
    except (OSError, ValueError, LookupError, TypeError):
        return set(entry.solutions)
    now = _sources(new)
    return {name for name in entry.solutions if now.get(name) != seen.get(name)}


def _sources(notebook):
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if "nbgrader" in cell["metadata"]
    }


def _mark(entry, notebook, marks, changed):
    """Set points and comments of a submission, and what a person has to look at."""
    grades = {grade.cell_id: grade for grade in notebook.grades}
    for name, cell in entry.graded.items():
        grade, points = grades[cell], marks[name]["points"]
        points = None if points is None else float(points)
        if grade.manual_score is None:
            grade.needs_manual_grade = points is None
        elif entry.answers[name] in changed or grade.auto_score != points:
            grade.needs_manual_grade = True
        grade.auto_score = points
    comments = {comment.cell_id: comment for comment in notebook.comments}
    for name, cell in entry.solutions.items():
        about = [marks[g] for g, answer in entry.answers.items() if answer == name]
        comments[cell].auto_comment = _comment(about)


def _comment(marks):
    if any(mark["status"] == "not attempted" for mark in marks):
        return NO_RESPONSE
    reasons = [mark["reason"] for mark in marks if mark["reason"]]
    return text("\n\n".join(reasons), LONGEST_COMMENT) or None


def _penalise(gradebook, course, entry, rows):
    """Take points off late submissions, as nbgrader's configured plugin says."""
    assignment = gradebook.db.get(Assignment, entry.assignment_id)
    step = AssignLatePenalties(config=course.config)
    step.init_plugin()
    for student, (submission, notebook) in rows.items():
        penalty, late = None, _seconds_late(submission, assignment)
        if late > 0:
            score = sum(_points(grade) or 0.0 for grade in notebook.grades)
            penalty = step.plugin_inst.late_submission_penalty(student, score, late)
        notebook.late_submission_penalty = (
            None if penalty is None else min(max(float(penalty), 0.0), score)
        )


def _seconds_late(submission, assignment):
    # nbgrader cannot add an extension to a due date that is not there.
    return submission.total_seconds_late if assignment.duedate is not None else 0


def _points(grade):
    """Return the points of a grade as nbgrader adds them up, or None if there are none yet."""
    points = grade.auto_score if grade.manual_score is None else grade.manual_score
    return None if points is None else points + (grade.extra_credit or 0.0)


def path(course, step, student, assignment):
    """Return where nbgrader has a student's notebook; `step` is "submitted", for example."""
    folder = getattr(course, f"{step}_directory")
    return Path(course.format_path(folder, student, assignment)) / f"{assignment}.ipynb"


def _write_files(course, assignment, student, received, data, result):
    """Write what was handed in and what was made of it, each with its time."""
    for step, content in (("submitted", data), ("autograded", _as_json(result["notebook"]))):
        file = path(course, step, student, assignment)
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, content)
        if received is not None:
            stamp = f"{parse_utc(received):%Y-%m-%d %H:%M:%S.%f} UTC\n"
            write(file.with_name("timestamp.txt"), stamp.encode())


def _as_json(notebook):
    """Return a notebook as a file has it, without the checks of `nbformat`, which take long."""
    lines = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    return (lines + "\n").encode("utf-8", "replace")


# Reading.


def students(course):
    """Return the names of all students in the gradebook, or '', by their ids."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        rows = gradebook.db.query(Student.id, Student.first_name, Student.last_name)
        return {student: " ".join(filter(None, parts)) for student, *parts in rows}


def read(course, assignment):
    """Return what the gradebook says of all submissions of an assignment.

    Returns
    -------
    dict
        For each student: ``received``, a datetime in UTC, or None; ``late``, in seconds;
        ``penalty``, in points; and ``grades``. For each graded cell they have its ``points``,
        or None if nobody has marked it as it is now; ``max``; ``by``, "machine", "hand" or
        "nobody yet"; and ``comment``, what the marker wrote, or "".
    """
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            entry = _entry(gradebook, course, assignment)
        except MissingEntry:
            return {}
        exam = gradebook.db.get(Assignment, entry.assignment_id)
        return {
            submission.student_id: {
                "received": submission.timestamp and submission.timestamp.replace(tzinfo=UTC),
                "late": float(_seconds_late(submission, exam)),
                "penalty": notebook.late_submission_penalty or 0.0,
                "grades": _grades(entry, notebook),
            }
            for submission, notebook in _submitted(gradebook, entry)
        }


def _submitted(gradebook, entry):
    """Return all submissions of an assignment with their notebooks, by the students' names."""
    notebooks = selectinload(SubmittedAssignment.notebooks)
    found = (
        gradebook.db.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == entry.assignment_id)
        .options(notebooks.selectinload(SubmittedNotebook.grades))
        .options(notebooks.selectinload(SubmittedNotebook.comments))
    )
    pairs = [(submission, _of(submission.notebooks, entry)) for submission in found]
    return sorted((p for p in pairs if p[1] is not None), key=lambda pair: pair[0].student_id)


def _grades(entry, notebook):
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id: comment.manual_comment for comment in notebook.comments}
    return {
        name: _grade(grades[cell])
        | {
            "max": entry.most[name],
            "comment": comments.get(entry.solutions.get(entry.answers[name])) or "",
        }
        for name, cell in sorted(entry.graded.items())
        if cell in grades
    }


def _grade(grade):
    points = None if grade.needs_manual_grade else _points(grade)
    if points is None:
        return {"points": None, "by": "nobody yet"}
    return {"points": points, "by": "machine" if grade.manual_score is None else "hand"}
