"""Marks and pages in the form that a learning platform imports: ``make return LMS=moodle``.

The table `returns.toml` says what each platform takes. Marks are filled into the sheet that was
downloaded there, and nothing else in it changes. What is not certain is not filled in, and is
named.
"""

import argparse
import csv
import io
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from helpers.validation import check_choice
from teaching.exercises import ROOT
from teaching.grading import gradebook, pages, problems, roster, run
from teaching.grading.ledger import write

TABLE = Path(__file__).with_name("returns.toml")


class Filled(NamedTuple):
    """A sheet with marks, and who is missing from it."""

    data: bytes
    given: dict  # the marks that were filled in, by student
    without_row: list  # students
    waiting: list  # students some of whose answers nobody has marked yet
    unclear: list  # what stands in rows that could be several students'


def platforms(own=None):
    """Return the table of platforms, by their names in small letters.

    Parameters
    ----------
    own : Path, optional
        A table of the course's own, which need not be there.
    """
    paths = [path for path in (TABLE, own) if path is not None and path.exists()]
    entries = [e for p in paths for e in tomllib.loads(p.read_text(encoding="utf-8"))["return"]]
    return {entry["platform"].casefold(): entry for entry in entries}


def fill(platform, data, records, *, column="", scale=False, known=None):
    """Fill marks into a sheet.

    Parameters
    ----------
    platform : dict
        See `returns.toml`.
    data : bytes
        The sheet, as the platform writes it.
    records : list of dict
        Of one assignment; see `pages.feedback`.
    column : str
        How the title of the mark's column begins.
    scale : bool
        Whether marks are scaled to the highest one that the sheet says.
    known : roster.Roster, optional

    Returns
    -------
    Filled

    Raises
    ------
    ValueError
        If the sheet has not the columns that it must have, or another highest mark.
    """
    words, encoding = _decoded(data)
    parted = roster.delimiter(words)
    lines = list(csv.reader(io.StringIO(words, newline=""), delimiter=parted))
    top, keys, grade, most = _columns(platform, lines, column)
    marks = {record["student"]: pages.tally(record) for record in records}
    waiting = sorted(student for student, tally in marks.items() if tally.waiting)
    most = most or _highest(platform, lines, grade)
    factor = _factor(platform, max(t.most for t in marks.values()), most, scale)
    found, unclear = _matched(platform, lines[top], lines[top + 1 :], keys, records, known)
    given = {}
    for student, line in found.items():
        if student not in waiting:
            given[student] = pages.amount(factor * marks[student].points)
            line += [""] * (grade + 1 - len(line))
            line[grade] = given[student]
    if kept := platform.get("kept"):
        places = [i for i, title in enumerate(lines[top]) if re.fullmatch(kept, title.strip())]
        lines = [[line[i] for i in [*places, grade] if i < len(line)] for line in lines]
    file = io.StringIO()
    csv.writer(file, delimiter=parted, lineterminator="\n").writerows(lines)
    without_row = sorted(set(marks) - set(found))
    return Filled(file.getvalue().encode(encoding), given, without_row, waiting, unclear)


def _decoded(data):
    """Return a table's text, and its encoding: Blackboard's is UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16"), "utf-16"
    return data.decode("utf-8-sig"), "utf-8-sig"


def _columns(platform, lines, column):
    """Return the line of titles, the columns of keys, the mark's, and the highest mark."""
    key, grade = platform["key"], platform["grade"].replace("{column}", re.escape(column))
    for top, titles in enumerate(lines[:10]):
        titles = [title.strip() for title in titles]
        keys = [i for i, title in enumerate(titles) if re.fullmatch(key, title)]
        if not keys:
            continue
        kept = platform.get("kept", "$")
        matches = {
            i: match
            for i, title in enumerate(titles)
            if i not in keys
            and not re.fullmatch(kept, title)
            and (match := re.fullmatch(grade, title))
        }
        if len(matches) != 1:
            shown = [titles[i] for i in matches] or titles
            raise ValueError(
                f"exactly one column must be that of the mark; --column says how its title "
                f"begins; got {shown}"
            )
        ((place, match),) = matches.items()
        return top, keys, place, _number(match.groupdict().get("most"))
    raise ValueError(
        f"the sheet must have a column {key}, as {platform['platform']} writes it: "
        f"{platform['sheet']}; got {lines[:1]}"
    )


def _highest(platform, lines, grade):
    """Return the highest mark, as a column or a line of the sheet says, or None."""
    title = platform.get("most")
    for number, line in enumerate(lines):
        cells = [cell.strip() for cell in line]
        if title in cells and cells.index(title) > 0 and number + 1 < len(lines):
            return _number(lines[number + 1][cells.index(title)])
        if title and cells[:1] == [title]:
            return _number(cells[grade])
    return None


def _number(cell):
    try:
        return float(cell)
    except (TypeError, ValueError):
        return None


def _factor(platform, ours, theirs, scale):
    if theirs is None or theirs == ours:
        return 1.0
    if not scale:
        raise ValueError(
            f"{platform['platform']} must have the highest mark of the assignment, {ours:g}; "
            f"got {theirs:g}: change it there, or say GRADE_ARGS=--scale"
        )
    return theirs / ours


def _matched(platform, titles, lines, keys, records, known):
    """Return each student's line of a sheet, and what stands in those that are not clear."""
    by_key, students, found, unclear = defaultdict(set), set(), {}, []
    for record in records:
        students.add(record["student"])
        if (match := _place(platform, record)) and "key" in match.groupdict():
            by_key[match["key"]].add(record["student"])
    for line in lines:
        cells = [cell.strip().lstrip("#") for cell in line]
        own = {_key(platform, cells[i]) for i in keys if i < len(cells)} - {""}
        meant = {key for key in own if key in students}
        meant = meant or set().union(*(by_key[key] for key in own))
        if known and len(meant) != 1:
            names = _names(platform, dict(zip(titles, cells, strict=False)))
            named = {student for name in names for student in known.whose([name])} & students
            meant = named or meant
        if len(meant) == 1 and not meant & set(found):
            found[meant.pop()] = line
        elif meant:
            unclear.append(", ".join(filter(None, cells[:4])))
    return found, unclear


def _names(platform, row):
    """Return what a line of a sheet calls its student, beside the platform's own id."""
    titled = {title.strip(): cell for title, cell in row.items()}
    parts = [c for t, c in titled.items() if re.fullmatch("(?i)(?:first|last) ?name", t)]
    return [
        *(c for t, c in titled.items() if re.fullmatch(platform["called"], t)),
        " ".join(parts),
    ]


def _key(platform, cell):
    return "".join(re.findall(r"\d", cell)) if platform.get("number") else cell


def _place(platform, record):
    return re.fullmatch(platform["from"], record["file"], re.S)


def feedback(platform, records, page_of):
    """Return a zip with a page for each student, where the platform looks for it.

    Parameters
    ----------
    platform : dict
    records : list of dict
    page_of : callable
        From a record to the bytes of the student's page.
    """
    file, named = io.BytesIO(), set()
    with ZipFile(file, "w", ZIP_DEFLATED) as into:
        for record in records:
            if match := _place(platform, record):
                name = platform["feedback"].format(**match.groupdict(), **record)
                if name not in named:  # of a group, one has handed in
                    into.writestr(name, page_of(record))
                    named.add(name)
    return file.getvalue(), sorted(named)


def main(arguments):
    """Write what a platform imports, and say what is not in it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m teaching.grading.returning")
    parser.add_argument("platform", help="such as moodle or canvas")
    parser.add_argument("assignment", help="such as 05_he")
    parser.add_argument("--sheet", help="the platform's own table of marks, to be filled in")
    parser.add_argument(
        "--column", default="", help="how the title of the mark's column begins"
    )
    parser.add_argument("--scale", action="store_true", help="to the platform's highest mark")
    parser.add_argument("--roster", help="class.csv, as for grading")
    parser.add_argument("--course", default=ROOT)
    options = parser.parse_args(arguments)
    try:
        return _written(options)
    except problems.KNOWN as error:
        print(f"Nothing was written: {problems.in_words(error)}", file=sys.stderr)
        return 1


def _written(options):
    course = run.load_course(options.course)
    known = platforms(course.grading / "returns.toml")
    check_choice("LMS", options.platform.casefold(), sorted(known))
    check_choice("ASSIGNMENT", options.assignment, course.assignments)
    platform = known[options.platform.casefold()]
    records = run.records(course, options.assignment)
    if not records:
        raise ValueError(f"nothing of {options.assignment} is graded yet")
    folder = course.grading / "return" / options.assignment
    folder.mkdir(parents=True, exist_ok=True)

    def page_of(record):
        where = ("feedback", record["student"], options.assignment)
        return gradebook.path(course.directory, *where).with_suffix(".html").read_bytes()

    data, named = feedback(platform, records, page_of)
    write(folder / "feedback.zip", data)
    print(f"{folder / 'feedback.zip'}: {pages.counted(len(named), 'page')}")
    if options.sheet:
        kept = course.grading / "roster.csv"
        path = options.roster or (kept if kept.exists() else None)
        people = roster.read(path) if path else None
        sheet = Path(options.sheet).read_bytes()
        how = {"column": options.column, "scale": options.scale, "known": people}
        filled = fill(platform, sheet, records, **how)
        write(folder / "marks.csv", filled.data)
        print(f"{folder / 'marks.csv'}: {pages.counted(len(filled.given), 'mark')}")
        for title, names in (
            ("Not filled in, since answers wait to be marked by hand", filled.waiting),
            ("In no row of the sheet", filled.without_row),
            ("Not filled in, since several could be meant", filled.unclear),
        ):
            if names:
                print(f"{title}: {'; '.join(map(pages.short, names))}")
    else:
        print(f"For marks, say SHEET=file with what you get at: {platform['sheet']}")
    print(f"Upload at: {platform['upload']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
