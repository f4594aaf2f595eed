"""Which of a student's files counts for an assignment, and when a person has to look.

A file that is blank or broken never costs the marks of one that is answered. What stays in
doubt is shown to a person.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import NamedTuple

from teaching.grading.collect import Handed, Ignored
from teaching.grading.submissions import Unreadable, answers, likeness, read

MOST = 2  # notebooks with other answers, or in other folders, that one student may hand in


class _File(NamedTuple):
    """A file, and what is in it."""

    handed: Handed
    status: str  # "answered", "blank", "unlike" the assignment, "empty" or "unreadable"
    answers: frozenset

    @property
    def attempt(self):
        """Of which attempt it is: the later, the larger."""
        return self.handed.attempt, self.handed.received or datetime.min.replace(tzinfo=UTC)

    @property
    def rank(self):
        """The file of the largest rank counts."""
        worth = {"answered": 2, "blank": 1}.get(self.status, 0)
        return worth, *self.attempt, self.handed.order, self.handed.where


def counting(judged, exam):
    """Return what counts of each student and assignment, and what was superseded.

    First comes what has answers, then what is as it was released, then what is of a later
    attempt, by number or else by time, then what comes later in its attempt, by number or else
    by name.

    Parameters
    ----------
    judged : iterable of (Handed, str)
        With the name of the assignment.
    exam : callable
        ``exam(assignment) -> dict``; see `judge.exam`. It is asked where somebody handed in
        more than one file.

    Returns
    -------
    counts : dict of (str, str) to Handed
        By student and assignment. It says which files are `beside` it, and any `doubt`.
    superseded : list of Ignored

    Raises
    ------
    ValueError
        If what has a name that no platform and no roster knows seems to be a whole class.
    """
    groups, counts, superseded = defaultdict(list), {}, []
    for handed, assignment in judged:
        groups[handed.student, assignment].append(handed)
    for (student, assignment), group in groups.items():
        best, *others = group
        if others:
            files = [_File(each, *_content(each, exam(assignment))) for each in group]
            _refuse_a_class(student, assignment, files)
            best, *others = sorted(files, key=lambda file: file.rank, reverse=True)
            doubts = filter(None, (_doubt(best, other) for other in others))
            others = [other.handed for other in others]
            best = best.handed._replace(
                beside=tuple(other.where for other in others), doubt="; ".join(doubts)
            )
        counts[student, assignment] = best
        superseded += [Ignored(o.where, f"superseded by {best.where}") for o in others]
    return counts, superseded


def _refuse_a_class(student, assignment, files):
    """Raise if so many different notebooks have one name that it can be no student's."""
    files = [f for f in files if f.status in ("answered", "blank") and not f.handed.by]
    folders = {file.handed.where.rpartition("/")[0] for file in files}
    different = {file.answers for file in files if file.status == "answered"}
    if max(len(folders), len(different)) <= MOST:
        return
    shown = ", ".join(file.handed.where for file in files[:3])
    above = files[0].handed.where.split("/")[0]
    raise ValueError(
        f"{len(files)} notebooks of {assignment}, such as {shown}, would be of one student, "
        f"{student}. If {above} holds a class or a section, say SUBMISSIONS=.../{above}, or "
        f"GRADE_ARGS=\"--pass-over '{above}'\". If it is a student's, have it in the roster"
    )


def _content(handed, exam):
    """Return the status and the answers of a file; see `_File`."""
    if handed.data is not None and not handed.data.strip():
        return "empty", frozenset()
    try:
        cells = read(handed.data or b"")
    except Unreadable as error:
        return "empty" if handed.data and error.status == "empty" else "unreadable", frozenset()
    if not likeness(exam, cells):
        return "unlike", frozenset()
    found = frozenset(answers(exam, cells))
    return "answered" if found else "blank", found


def _doubt(best, other):
    """Return why another file may be the one that is meant, or ''."""
    where = other.handed.where
    if other.status == "answered":  # of an earlier attempt it was handed in again
        is_another = other.answers != best.answers and other.attempt == best.attempt
        return f"{where} has other answers" if is_another else ""
    if other.status == "unreadable" and other.attempt >= best.attempt:
        return f"{where} cannot be read"
    if best.status != "answered":
        return f"{where} is like no assignment" if other.status == "unlike" else ""
    is_later = other.status == "blank" and other.attempt > best.attempt
    return f"{where}, handed in later, has no answers" if is_later else ""
