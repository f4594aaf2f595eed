"""What people read about marks: a page a student, a page on the class, a table, a few lines.

Each function takes submissions as plain data (see `feedback`) and returns text, always the
same for the same data. Names, answers and whatever else comes from students stay text: in a
page they are no markup, in a table no formulas, and in a terminal no control codes.
"""

import base64
import csv
import io
import math
import re
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib import style
from matplotlib.figure import Figure

TEMPLATES = Path(__file__).parents[1] / "templates" / "grading"
STATUSES = tomllib.loads((TEMPLATES / "statuses.toml").read_text(encoding="utf-8"))
USUAL = ("graded", "not attempted")
VERY_LATE = 24 * 3600  # seconds

FEW, MANY = 5, 30  # names in a cell; rows that are shown unfolded
MOST_CAUSES, MOST_BARS = 10, 16
BLUE = "#0072B2"

# Control characters, overrides of the direction in which text is read, other ends of lines than
# \n, and what UTF-8 cannot hold.
UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# Where a spreadsheet would take what follows for a formula. One that separates cells by ";"
# starts new ones there, and at the end of a line.
FORMULA = re.compile(r"(^(?=[\t\n])|(?:^|[;\n])(?=\s*[=+\-@＝＋－＠]))")


class Tally(NamedTuple):
    """The marks of a submission; `points` is None if nothing is marked yet."""

    points: float | None
    most: float
    waiting: list  # the exercises that are not marked yet


def called(student, name):
    """Return how people read whose something is: by name and id, or by id alone."""
    return f"{name} ({student})" if name else student


def tally(record):
    """Return the marks of a submission so far, less what was taken off for being late."""
    exercises = record["exercises"]
    given = [e["points"] for e in exercises if e["points"] is not None]
    points = max(0.0, sum(given) - record["penalty"]) if given else None
    waiting = [e for e in exercises if e["points"] is None]
    return Tally(points, sum(e["max"] for e in exercises), waiting)


def troubles(record):
    """Return why a person should look at a submission, as a list of str: mostly empty."""
    status, note = record["status"], record["note"]
    odd = [] if _meaning(status)["file"] else record["exercises"]
    found = [f"{e['title']}: {e['status']}" for e in odd if e["status"] not in USUAL]
    if status not in USUAL and not found:
        found = [f"{status}. {note}" if note else status]
    found += filter(None, [record["doubt"]])
    if record["called_late"]:
        found.append(f"{record['called_late']} calls it late")
    if record["late"] > VERY_LATE:
        found.append(f"{duration(record['late'])} late")
    return found


# Text that any page, table and terminal takes


def plain(text):
    """Return text without control characters, but for tabs and ends of lines."""
    return UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", re.sub("\r\n?", "\n", text))


def short(text, longest=40):
    """Return text on one line that is at most so long."""
    text = " ".join(plain(text).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def amount(number):
    """Return a number with at most two decimals."""
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")  # -0.0 + 0.0 is 0.0


def duration(seconds):
    """Return a time in its largest unit, rounded down."""
    for unit, length in (("day", 24 * 3600), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return "less than a minute"


def counted(number, noun):
    """Return a number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def moment(received):
    """Return a time in ISO format as people write it, and any other text as it is."""
    try:
        time = datetime.fromisoformat(received)
    except (TypeError, ValueError):
        return received or ""
    return f"{time:%Y-%m-%d %H:%M} {time.tzname() or ''}".strip()


# Pages


def _readable(value):
    """Clean text on its way into a page; what the templates wrote themselves is clean."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


PAGES = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    finalize=_readable,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters |= {"short": short, "amount": amount, "duration": duration, "moment": moment}


def feedback(record):
    """Return the page that tells a student what was marked, and why.

    Parameters
    ----------
    record : dict
        A submission: ``student``, an id, and ``name``, or "", ``assignment`` and its
        ``title``; ``status`` and ``note``,
        what happened in a word or three and in a sentence; ``file``, those ``beside`` it that
        were not marked, and the ``doubt`` whether it is meant, or ""; when it was ``received``,
        in ISO format, or None; the seconds that it is ``late``, the platform that
        ``called_late`` it, or "",
        and the ``penalty`` for that in marks; ``earlier``, a list of dicts with what was
        ``received`` before, its ``points`` and ``status``; and ``exercises``, a list of dicts
        with ``name`` and ``title``;
        ``kind``, "function" or "written"; ``max`` and ``points``, which are None until they are
        given ``by`` "machine" or "hand"; ``status``; ``reason``, ``cause`` (or None) and
        ``comment``; and the student's ``answer``.

    Returns
    -------
    str
        HTML that needs no other file and no script.
    """
    exercises = [
        exercise
        | {
            "colour": _colour(exercise),
            "meaning": _meaning(exercise["status"]),
            "by": "a person" if exercise["by"] == "hand" else exercise["by"],
        }
        for exercise in record["exercises"]
    ]
    student = called(record["student"], record["name"])
    view = record | {"student": student, "exercises": exercises}
    view["meaning"] = _meaning(record["status"])
    return PAGES.get_template("feedback.html.j2").render(view, tally=tally(record))


def _meaning(status):
    words = {} if status == "graded" else STATUSES.get(status, STATUSES["other"])
    return {"file": False} | words


def _colour(exercise):
    points, most = exercise["points"], exercise["max"]
    if points is None:
        return "waiting"
    return "full" if points >= most else "some" if points > 0 else "none"


def report(records, missing=()):
    """Return the page that tells an instructor how an assignment went.

    Parameters
    ----------
    records : list of dict
        The submissions of one assignment; see `feedback`.
    missing : sequence of str, optional
        The students who have handed in nothing.

    Returns
    -------
    str
        HTML that needs no other file and no script.
    """
    records = [r | {"student": called(r["student"], r["name"])} for r in records]
    records, missing = sorted(records, key=lambda r: r["student"]), sorted(missing)
    exercises = [_exercise(answers) for answers in by_exercise(records).values()]
    look = [(r["student"], "; ".join(why), r["file"]) for r in records if (why := troubles(r))]
    tallies = [tally(r) for r in records]
    to_mark = sum(len(t.waiting) for t in tallies)
    return PAGES.get_template("report.html.j2").render(
        title=records[0]["title"] if records else "No submissions",
        tiles=[
            ("handed in", f"{len(records)} of {len(records) + len(missing)}"),
            ("marked as usual", sum(r["status"] in USUAL for r in records)),
            ("need a look", len(look)),
            ("answers to mark by hand", to_mark),
        ],
        statuses=_grouped((r["status"], r["student"]) for r in records),
        missing=missing,
        look=look,
        exercises=exercises,
        waiting=[exercise for exercise in exercises if exercise["waiting"]],
        unfinished=sum(t.points is not None and bool(t.waiting) for t in tallies),
        total=_total(records, tallies, "Total so far" if to_mark else "Total"),
        few=FEW,
        many=MANY,
        most_causes=MOST_CAUSES,
    )


def by_exercise(records):
    """Return the answers to each exercise.

    Returns
    -------
    dict
        Of lists of ``(student, exercise)``, by the names of assignment and exercise: in the
        order of the assignments, and of the exercises in them.
    """
    answers = {}
    for record in sorted(records, key=lambda r: r["assignment"]):
        for exercise in record["exercises"]:
            key = record["assignment"], exercise["name"]
            answers.setdefault(key, []).append((record["student"], exercise))
    return answers


def _grouped(pairs):
    """Return ``(name, students)`` from pairs of a name and a student, the commonest first."""
    groups = {}
    for name, student in pairs:
        groups.setdefault(name, []).append(student)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _causes(answers):
    return _grouped((e["cause"], student) for student, e in answers if e["cause"])


def _exercise(answers):
    """Return what the report says of an exercise."""
    exercises = [exercise for _, exercise in answers]
    # While some answers wait, those that are not there would be all that the marks tell of.
    waits = any(e["points"] is None for e in exercises)
    told = [e for e in exercises if not (waits and e["status"] == "not attempted")]
    points = [e["points"] for e in told if e["points"] is not None]
    row = _spread(short(exercises[0]["title"], 80), points, max(e["max"] for e in exercises))
    return row | {
        "untried": sum(e["status"] == "not attempted" for e in exercises),
        "waiting": [student for student, e in answers if e["points"] is None],
        "causes": _causes(answers),
    }


def _total(records, tallies, title):
    """Return what the report says of the totals."""
    points = [t.points for t in tallies if t.points is not None]
    untried = [{e["status"] for e in r["exercises"]} == {"not attempted"} for r in records]
    most = max((t.most for t in tallies), default=0.0)
    return _spread(title, points, most) | {"untried": sum(untried)}


def _spread(title, points, most):
    """Return how marks are spread: in numbers, as a plot, and in words in its place."""
    row = {"title": title, "points": points, "most": most}
    row["full"], row["zero"] = sum(p >= most for p in points), sum(p <= 0 for p in points)
    if not points:
        return row
    row["mean"], row["median"] = fmean(points), median(points)
    said = (
        f"{title}: of {len(points)} marked, full marks {row['full']}, no marks {row['zero']}, "
        f"between {len(points) - row['full'] - row['zero']}. Mean {amount(row['mean'])} and "
        f"median {amount(row['median'])} of {amount(most)}."
    )
    return row | {"plot": _bars(points, most), "said": said}


def _bars(points, most):
    """Return a picture of how many have how many marks, as an address that holds it."""
    step = math.ceil(most / MOST_BARS) if most >= 1 else most or 1  # whole marks
    last = max(1, math.ceil(most / step))
    nearest = Counter(min(last, max(0, round(p / step))) for p in points)
    heights = [nearest[bar] for bar in range(last + 1)]
    looks = {"svg.hashsalt": "marks", "svg.fonttype": "path", "font.size": 12}
    file = io.BytesIO()
    with style.context(["default", looks]):  # whatever this machine is set to
        figure = Figure(figsize=(5, 3), layout="constrained")
        ax = figure.subplots()
        bars = ax.bar(range(last + 1), heights, color=BLUE, width=0.85)
        ax.bar_label(bars, [height or "" for height in heights], padding=2)
        ax.set_xticks(range(last + 1), [amount(bar * step) for bar in range(last + 1)])
        ax.set(xlabel="marks", ylabel="students", yticks=[], ylim=(0, 1.12 * max(heights)))
        ax.spines[["left", "right", "top"]].set_visible(False)
        nothing_else = {"Date": None, "Creator": None}
        figure.savefig(file, format="svg", metadata=nothing_else, transparent=True)
    return f"data:image/svg+xml;base64,{base64.b64encode(file.getvalue()).decode()}"


# The table, and the terminal


def grades_csv(records):
    """Return a table with a row for each submission, and a column for each graded exercise.

    The cell of a mark that is not given yet is empty, and ``total`` is the sum of those that
    are, less the ``penalty``. With several assignments, the names of columns begin with theirs.
    """
    columns = list(by_exercise(records))
    several = len({r["assignment"] for r in records}) > 1
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    names = [f"{assignment}.{name}" if several else name for assignment, name in columns]
    first = ["student", "name", "assignment", "status", "received", "late", "penalty"]
    table.writerow(map(in_a_cell, [*first, *names, "total", "max", "marked", "note"]))
    for record in sorted(records, key=lambda r: (r["assignment"], r["student"])):
        points = {(record["assignment"], e["name"]): e["points"] for e in record["exercises"]}
        marks = tally(record)
        marked = "no" if marks.points is None else "partly" if marks.waiting else "yes"
        row = [*(record[name] for name in first), *(points.get(column) for column in columns)]
        table.writerow(map(in_a_cell, [*row, marks.points, marks.most, marked, record["note"]]))
    return file.getvalue()


def in_a_cell(value):
    """Return a number or a text for a spreadsheet, which must take no text for a formula."""
    if isinstance(value, str):
        return FORMULA.sub(r"\1'", plain(value))
    return "" if value is None else amount(value)


def summary(records):
    """Return what a terminal shows at the end: counts, means, causes, and what needs a look."""
    statuses = Counter(r["status"] for r in records).most_common()
    lines = [counted(len(records), "submission"), *_aligned((n, s) for s, n in statuses)]
    lines += _means(records)
    causes = [
        (len(students), answers[0][1]["title"], cause)
        for answers in by_exercise(records).values()
        for cause, students in _causes(answers)
    ]
    causes.sort(key=lambda row: -row[0])
    lines += _listed("Commonest misconceptions", causes, FEW)
    look = [
        (called(r["student"], r["name"]), "; ".join(why))
        for r in records
        if (why := troubles(r))
    ]
    lines += _listed("Need a look", look, 2 * FEW)
    return "\n".join(lines) + "\n"


def found(counts, ignored, roster, zone):
    """Return what a terminal shows of an export before anything is judged.

    Parameters
    ----------
    counts : dict of (str, str) to collect.Handed
        By student and assignment.
    ignored : list of collect.Ignored
    roster : container of str or None
        The ids of the class.
    zone : datetime.tzinfo
        In which times are shown.
    """
    rows = [("student", "assignment", "handed in", "named by", "file")]
    for (student, assignment), one in sorted(counts.items()):
        received = f"{one.received.astimezone(zone):%Y-%m-%d %H:%M %Z}" if one.received else ""
        received = received or ("late" if one.late else "")
        shown = called(student, one.name)
        rows.append((shown, assignment, received, one.by or "its name", one.where))
    lines = [counted(len(rows) - 1, "submission"), *_aligned(rows)]
    names = {student for student, _ in counts}
    doubts = [(student, one.doubt) for (student, _), one in sorted(counts.items()) if one.doubt]
    lines += _listed("Need a look", doubts, MANY)
    if roster is not None:
        unknown = [(name,) for name in sorted(names - set(roster))]
        lines += _listed("Not in the roster", unknown, MANY)
        lines += _listed("Nothing found of", [(n,) for n in sorted(set(roster) - names)], MANY)
    lines += _listed("Not marked", [(file.where, file.why) for file in ignored], MANY)
    return "\n".join(lines)


def _means(records):
    """Return a line on the totals of each assignment."""
    lines = []
    for assignment in sorted({r["assignment"] for r in records}):
        tallies = [tally(r) for r in records if r["assignment"] == assignment]
        points = [t.points for t in tallies if t.points is not None]
        mean = amount(fmean(points)) if points else "no"
        most = amount(max(t.most for t in tallies))
        line = f"{short(assignment)}: {mean} of {most} marks on average"
        if waiting := sum(len(t.waiting) for t in tallies):
            line += f" so far; {counted(waiting, 'answer')} to mark by hand"
        lines.append(line)
    return lines


def _listed(title, rows, most):
    """Return the lines of a list that ends after so many rows, or none if it is empty."""
    if not rows:
        return []
    rest = len(rows) - most
    return ["", title, *_aligned(rows[:most]), *([f"  and {rest} more"] if rest > 0 else [])]


def _aligned(rows):
    """Return lines whose columns are in line: numbers to the right, text to the left."""
    rows = list(rows)
    shown = [
        [short(str(cell), 40 if i < len(row) - 1 else 70) for i, cell in enumerate(row)]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  "
        + "  ".join(
            text.rjust(width) if isinstance(cell, int) else text.ljust(width)
            for cell, text, width in zip(row, texts, widths, strict=True)
        ).rstrip()
        for row, texts in zip(rows, shown, strict=True)
    ]
