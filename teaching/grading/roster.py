"""Who is in the class: a table ``class.csv`` with a row for each student.

Its first line names the columns: ``id``, which the gradebook has; and, as far as they are
needed, ``name`` (several between semicolons), ``e-mail``, ``group``, and ``extension``, such as
``2 days``. Whatever a platform calls a student is looked for in all of them.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from teaching.grading.submissions import decoded

COLUMNS = {"id", "name", "e-mail", "group", "extension"}
ALSO = {"names": "name", "email": "e-mail", "mail": "e-mail", "e-mail address": "e-mail"}
UNITS = {"day": 86_400, "hour": 3_600, "minute": 60}
MOST_TOKENS = 4  # of a name whose parts are looked for in any order


class Student(NamedTuple):
    """A row of the roster."""

    id: str
    names: tuple[str, ...] = ()
    email: str = ""
    group: str = ""
    extension: timedelta | None = None


class Roster:
    """The students of a class.

    Parameters
    ----------
    students : iterable of Student

    Raises
    ------
    ValueError
        If two have one id.
    """

    def __init__(self, students):
        self.students, self._by_key = {}, defaultdict(set)
        for student in students:
            if student.id in self.students:
                raise ValueError(
                    f"each id of the roster must be one student's; got {student.id} twice"
                )
            self.students[student.id] = student
            words = [student.id, *student.names, student.email, student.email.partition("@")[0]]
            for key in {key for word in words for key in _keys(word)}:
                self._by_key[key].add(student.id)

    def whose(self, names):
        """Return the ids of the students whom a platform calls by one of these names.

        That is one student, the members of a group, or nobody: also where several students
        could be meant.

        Parameters
        ----------
        names : iterable of str
            The surest first.
        """
        for name in filter(None, names):
            if name in self.students:
                return [name]
            found = set().union(*(self._by_key.get(key, ()) for key in _keys(name)))
            if len(found) == 1:
                return sorted(found)
            group = [s.id for s in self.students.values() if _same(s.group, name)]
            if group and not found:
                return sorted(group)
            before, _, rest = name.partition("-")  # Moodle puts a group's name in front
            in_a_group = any(_same(s.group, before) for s in self.students.values())
            if in_a_group and (found := self.whose([rest])):
                return found
        return []

    def members(self, student):
        """Return the ids of a student's group, or just the student's."""
        group = self.students[student].group if student in self.students else ""
        same = [s.id for s in self.students.values() if group and s.group == group]
        return sorted(same) or [student]


def delimiter(words):
    """Return what parts the cells of a table: which it is depends on the spreadsheet."""
    return max(",;\t", key=words.partition("\n")[0].count)


def table(words):
    """Return the rows of a table that a person wrote, as dicts."""
    file = io.StringIO(words, newline="")
    return csv.DictReader(file, delimiter=delimiter(words), skipinitialspace=True)


def read(path):
    """Return the roster in a file.

    Raises
    ------
    ValueError
        If it is no table with a column ``id``, or a cell says nothing that can be meant.
    """
    try:
        rows = list(table(decoded(Path(path).read_bytes())))
    except (OSError, csv.Error) as error:
        raise ValueError(f"the roster must be a CSV file; got {path}: {error}") from None
    titles = {title: _title(title) for title in (rows[0] if rows else ())}
    if "id" not in titles.values():
        raise ValueError(
            f"the roster must have a column `id`, and may have {sorted(COLUMNS - {'id'})}; "
            f"got {sorted(filter(None, titles))} in {path}"
        )
    cells = [
        {titles[t]: (c or "").strip() for t, c in row.items() if t in titles} for row in rows
    ]
    return Roster(_student(row) for row in cells if row["id"])


def _title(title):
    title = (title or "").strip().casefold()
    return ALSO.get(title, title)


def _student(row):
    names = tuple(name.strip() for name in row.get("name", "").split(";") if name.strip())
    extension = row.get("extension", "")
    return Student(
        row["id"],
        names,
        row.get("e-mail", ""),
        row.get("group", ""),
        _duration(extension) if extension else None,
    )


def _duration(words):
    match = re.fullmatch(r"(\d+(?:\.\d+)?) *(day|hour|minute)s?", words)
    if not match:
        raise ValueError(f"an extension must be such as '2 days' or '36 hours'; got {words!r}")
    return timedelta(seconds=float(match[1]) * UNITS[match[2]])


def _keys(name):
    """Return the forms in which a name is looked for: whatever order its parts are in."""
    parts = _parts(name)
    keys = {" ".join(sorted(parts))} if parts else set()
    if 1 < len(parts) <= MOST_TOKENS:  # as Canvas runs them together
        keys |= {"".join(order) for order in permutations(parts)}
    return keys


def _parts(name):
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def _same(group, name):
    """Return whether a group is called so."""
    return bool(group) and "".join(_parts(group)) == "".join(_parts(name))
