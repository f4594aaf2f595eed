"""One run of grading: find what was handed in, judge it, keep it, record it, and say so."""

import fcntl
import json
from contextlib import contextmanager
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
from tqdm import tqdm

from helpers.checks import instructors_secret
from helpers.validation import check_choice
from teaching.exercises import ROOT, student_copy
from teaching.grading import by_hand, gradebook, pages
from teaching.grading.choice import counting
from teaching.grading.collect import Handed, Ignored, collect
from teaching.grading.farm import Local, version
from teaching.grading.judge import exam as exam_of
from teaching.grading.judge import nothing
from teaching.grading.ledger import Ledger, key_of, write
from teaching.grading.platforms import Platforms
from teaching.grading.roster import Roster, Student
from teaching.grading.sandbox import Refused
from teaching.grading.submissions import Unreadable, decoded, likeness, read


class Course:
    """The course in a folder, as its instructor has it.

    Parameters
    ----------
    directory : nbgrader.coursedir.CourseDirectory
    """

    def __init__(self, directory):
        self.directory = directory
        self.grading = Path(directory.root) / "grading"
        masters = Path(directory.format_path(directory.source_directory, ".", "*"))
        self.assignments = sorted(path.stem for path in masters.parent.glob("*/*.ipynb"))
        self._secret = instructors_secret()

    @cache  # noqa: B019 (there is one course in a process)
    def exam(self, assignment):
        """Return what is asked in an assignment; see `judge.exam`."""
        plain = self._master(assignment)
        released = student_copy(nbformat.reads(json.dumps(plain), as_version=4))
        return exam_of(plain, json.loads(nbformat.writes(released)), self._secret)

    @cache  # noqa: B019
    def signs(self, assignment):
        """Return of an exam what `submissions.likeness` needs, which is made in no time."""
        master = self._master(assignment)
        return exam_of(master, master, "")

    def _master(self, assignment):
        folder = self.directory.format_path(self.directory.source_directory, ".", assignment)
        return json.loads((Path(folder) / f"{assignment}.ipynb").read_bytes())

    def ledger(self, assignment):
        """Return what was judged of an assignment."""
        return Ledger(self.grading / "judged" / assignment)

    @contextmanager
    def alone(self):
        """Let no other run write while this one does.

        Raises
        ------
        Refused
            If another one does.
        """
        self.grading.mkdir(exist_ok=True)
        with open(self.grading / "lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Refused(
                    "another run is grading this course: wait until it ends"
                ) from None
            yield


def for_one(exam, whose):
    """Return an exam whose hidden tests draw cases of their own for a student, or a group.

    So nobody gains by what another has read out of a hidden test.
    """
    return exam | {"secret": f"{exam['secret']} of {whose}"}


def load_course(folder=ROOT):
    """Return the course in a folder; its configuration makes the secret if there is none."""
    return Course(gradebook.course_directory(folder))


class Whose(NamedTuple):
    """What says whose a file is, beside its name; see `collect.collect`."""

    roster: Roster | None = None
    zone: tzinfo | None = UTC
    passed_over: tuple[str, ...] = ()


def sorted_out(course, folder, assignment=None, whose=None):
    """Return what is to be marked in an export, and why the rest is not.

    Parameters
    ----------
    course : Course
    folder : str
    assignment : str, optional
        That all of it belongs to; without it, each notebook says by its cells what it is.
    whose : Whose, optional

    Returns
    -------
    counts : dict of (str, str) to Handed
        By student and assignment.
    ignored : list of Ignored
    """
    whose = whose or Whose()
    platforms = Platforms(course.grading / "platforms.toml", whose.zone, whose.passed_over)
    handed, ignored = collect(folder, course.assignments, platforms, whose.roster)
    pairs = [(one, assignment or _assignment_of(course, one)) for one in handed]
    known = {name for _, name in pairs if name}
    if len(known) == 1:  # what cannot be told belongs to what all others belong to
        pairs = [(one, name or min(known)) for one, name in pairs]
    counts, superseded = counting(((one, name) for one, name in pairs if name), course.exam)
    unknown = [
        Ignored(
            one.where, f"{one.problem or 'it is like no assignment'}; ASSIGNMENT= names one"
        )
        for one, name in pairs
        if not name
    ]
    return counts, [*unknown, *superseded, *ignored]


def _assignment_of(course, handed):
    """Return the assignment that a file is most like, or that its name mentions, or None."""
    try:
        cells = read(handed.data or b"")
        likenesses = {name: likeness(course.signs(name), cells) for name in course.assignments}
    except Unreadable:
        likenesses = {}
    if any(likenesses.values()):
        return max(likenesses, key=likenesses.get)
    return next((name for name in course.assignments if name in handed.where), None)


def grade(course, folder, workers, *, assignment=None, again=False, whose=None):
    """Mark all that is in a folder, record it, and write all pages anew.

    Parameters
    ----------
    course : Course
    folder : str
        Or a zip.
    workers : farm.Local or farm.Cluster
    assignment : str, optional
    again : bool
        Judge also what has a result.
    whose : Whose, optional

    Returns
    -------
    records : list of dict
        See `pages`.
    ignored : list of collect.Ignored
    """
    if assignment is not None:
        check_choice("assignment", assignment, course.assignments)
    with course.alone():
        counts, ignored = sorted_out(course, folder, assignment, whose)
        if not counts:
            why = f": {ignored[0].where}: {ignored[0].why}" if ignored else ""
            raise ValueError(f"there must be something handed in; got nothing in {folder}{why}")
        records = _graded(course, counts, workers, again, whose and whose.roster)
    handed_in = {(record["student"], record["assignment"]): record for record in records}
    return [handed_in[key] for key in sorted(counts)], ignored


def mark_by_hand(course, assignment, words):
    """Give the marks that stand in a table; see `by_hand.read`, which returns the same."""
    check_choice("assignment", assignment, course.assignments)
    with course.alone():
        asked = by_hand.questions(course.exam(assignment), records(course, assignment))
        marks, changed = by_hand.read(words, asked)
        gradebook.mark(course.directory, assignment, marks)
        write_pages(course, [assignment])
    return marks, changed


def refresh(course, workers):
    """Mark again what would be marked otherwise today, and write all pages anew."""
    with course.alone():
        return _graded(course, {}, workers)


def _graded(course, counts, workers, again=False, roster=None):
    """Mark what counts, and what is kept and has changed since; return all records."""
    people = {h.student: Student(h.student, (h.name,)) for h in counts.values() if h.name}
    people |= roster.students if roster else {}
    if people:
        gradebook.enrol(course.directory, people.values())
    for name in course.assignments:
        chosen = {student: handed for (student, n), handed in counts.items() if n == name}
        stale = _stale(course, name, chosen, workers)
        if stale:
            earlier = pages.counted(len(stale), "submission")
            print(
                f"{name}, or what judges it, has changed: {earlier} of before are marked again."
            )
        if chosen or stale:
            results = _results(course, name, stale | chosen, workers, again)
            gradebook.record(course.directory, name, results, roster)
    return write_pages(course, course.assignments)


def _stale(course, assignment, chosen, workers):
    """Return what others handed in that was judged by another master or by other rules."""
    ledger, stale = course.ledger(assignment), {}
    for student in set(ledger.students()) - set(chosen):
        one, key = ledger.handed_in(student)
        exam = for_one(course.exam(assignment), one.cases or student)
        if key != key_of(exam, one.data or b"", _rules(workers)):
            stale[student] = one
    return stale


def _rules(workers):
    """Return what stands for all that marks depend on beside exam and submission."""
    return version() + str(workers.limits)


def _results(course, assignment, chosen, workers, again):
    """Yield what `gradebook.record` takes, for each student, and keep it before."""
    exam, ledger, rules = course.exam(assignment), course.ledger(assignment), _rules(workers)
    exams = {student: for_one(exam, one.cases or student) for student, one in chosen.items()}

    def keep(student, result):
        one, data = chosen[student], chosen[student].data or b""
        ledger.keep(one, key_of(exams[student], data, rules), result)
        return student, one.received, data, result

    tasks = []
    for student, one in chosen.items():
        key = key_of(exams[student], one.data or b"", rules)
        result = None if again else ledger.find(student, key)
        if one.data is None:
            result = nothing(exam, "not a notebook", one.problem)
        if result:
            yield keep(student, result)
        else:
            tasks.append((student, exams[student], one.data))
    judged, slow = workers.judge(tasks), {}
    for student, result in tqdm(judged, assignment, len(tasks), unit=" submissions"):
        if result["status"] == "timed out" and len(tasks) > 1:
            slow[student] = result
        else:
            yield keep(student, result)
    for task in tasks:  # once more, alone
        if task[0] in slow:
            ((student, result),) = workers.judge([task])
            yield keep(student, max(result, slow[student], key=_points))


def _points(result):
    return sum(mark["points"] or 0.0 for mark in result["marks"].values())


def grade_one(course, student, assignment, data):
    """Judge one submission and return its result; for nbgrader's own commands (`hooks`)."""
    exam, ledger = for_one(course.exam(assignment), student), course.ledger(assignment)
    with course.alone(), Local(count=1) as workers:
        ((_, result),) = workers.judge([(student, exam, data)])
        handed = Handed(student, "nbgrader", data, None, "", ())
        ledger.keep(handed, key_of(exam, data, _rules(workers)), result)
    return result


# Pages.


def write_pages(course, assignments):
    """Write all marks, and feedback and a report of each of some assignments.

    Parameters
    ----------
    course : Course
    assignments : list of str

    Returns
    -------
    records : list of dict
        Of all assignments, from what was judged and what was marked by hand; see `pages`.
    """
    found = [record for name in course.assignments for record in records(course, name)]
    students = gradebook.students(course.directory)
    for assignment in assignments:
        own = [record for record in found if record["assignment"] == assignment]
        for record in own:
            path = gradebook.path(course.directory, "feedback", record["student"], assignment)
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path.with_suffix(".html"), pages.feedback(record).encode())
        asked = by_hand.questions(course.exam(assignment), own) if own else []
        if asked:
            table = course.grading / f"by_hand_{assignment}.csv"
            shown = by_hand.page(own[0]["title"], asked, f"grading/{table.name}")
            write(course.grading / f"answers_{assignment}.html", shown.encode())
            old = decoded(table.read_bytes()) if table.exists() else ""
            if old and by_hand.is_waiting(old, asked):
                print(f"{table} has other marks than the gradebook, and is left as it is.")
            else:
                write(table, by_hand.as_table(asked).encode("utf-8-sig"))
        if own:
            missing = students.keys() - {record["student"] for record in own}
            report = pages.report(own, [pages.called(s, students[s]) for s in missing])
            write(course.grading / f"report_{assignment}.html", report.encode())
    write(course.grading / "grades.csv", pages.grades_csv(found).encode())
    return found


def records(course, assignment):
    """Return what pages show of each student's submission."""
    ledger = course.ledger(assignment)
    students = ledger.students()
    marked = gradebook.read(course.directory, assignment) if students else {}
    exam = course.exam(assignment) if students else None
    names = gradebook.students(course.directory) if students else {}
    return [
        _record(assignment, exam, ledger, student, marked[student]) | {"name": names[student]}
        for student in students
        if student in marked
    ]


def _record(assignment, exam, ledger, student, marked):
    """Return what pages show of a student's submission; see `pages`."""
    *earlier, current = ledger.history(student)
    result = ledger.find(student, current["key"])
    cells = {cell["id"]: cell for cell in (result["notebook"] or {"cells": []})["cells"]}
    received = marked["received"]
    return {
        "student": student,
        "assignment": assignment,
        "title": exam["title"],
        "status": result["status"],
        "note": result["note"],
        "file": current["where"],
        "beside": current.get("beside", []),
        "doubt": current.get("doubt", ""),
        "received": received and received.isoformat(),
        "late": marked["late"],
        "called_late": current.get("late", ""),
        "penalty": marked["penalty"],
        "exercises": [
            {
                "name": cell["answer"],
                "title": cell["title"],
                "kind": "function" if cell["role"] == "test" else "written",
                "status": result["marks"][cell["id"]]["status"],
                "reason": result["marks"][cell["id"]]["reason"],
                "cause": result["marks"][cell["id"]]["cause"],
                "answer": "".join(cells.get(cell["answer"], {}).get("source", "")),
                "pictures": _pictures(cells.get(cell["answer"], {})),
            }
            | marked["grades"][cell["id"]]
            for cell in exam["cells"]
            if cell["nbgrader"]["grade"]
        ],
        "earlier": [
            {name: line[name] for name in ("received", "points", "status")} for line in earlier
        ],
    }


def _pictures(cell):
    """Return the pictures in an answer, as PNG in base64."""
    return [content["image/png"] for content in cell.get("attachments", {}).values()]
