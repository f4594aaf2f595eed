"""What platforms export, of three students each: ``python -m tests.grading.layouts``.

The command prints who was found in each layout, by the names in it alone and with a roster.
"""

import re
import sys
import tempfile
from functools import cache
from pathlib import Path

from teaching.grading.collect import collect
from teaching.grading.roster import Roster, Student
from tests.grading.hostile.submission import ASSIGNMENT, answering

NAMES = (("Jane", "Doe", "jdoe"), ("John", "Roe", "jroe"), ("Zoë", "Moe", "zmoe"))
ROSTER = Roster(
    Student(login, (f"{first} {last}",), f"{login}@example.org", f"Team {number}")
    for number, (first, last, login) in enumerate(NAMES, 1)
)
DRIVE = "drive-download-20261120T140322Z-001"
GRADESCOPE = """
submission_90{n}:
  :submitters:
  - :name: {first} {last}
    :sid: '{login}'
    :email: {login}@example.org
  :created_at: 2026-11-20 14:03:22.123456000 Z
"""
# For each layout: the path of a student's file, the student's id as the names say it, and what
# else is in the export. Paths hold {first}, {last}, {login}, and {n}, a number.
LAYOUTS = {
    "a folder for each": ("{login}/05_he.ipynb", "{login}", {}),
    "a file for each": ("{login}_05_he.ipynb", "{login}", {}),
    "sections, of files": ("Section {n}/{login}.ipynb", "{login}", {}),
    "sections, of folders": ("Tutorial {n}/{login}/05_he.ipynb", "{login}", {}),
    "the assignment's folder": ("05_he/{login}/final.ipynb", "{login}", {}),
    "nbgrader": ("{login}/05_he/05_he.ipynb", "{login}", {}),
    "nbgrader, with its folder": ("submitted/{login}/05_he/05_he.ipynb", "{login}", {}),
    "nbgrader's exchange": (
        "inbound/{login}+05_he+2026-11-20 14:03:22.123456 UTC/05_he.ipynb",
        "{login}",
        {},
    ),
    "Moodle": (
        "{first} {last}_{n}_assignsubmission_file/05_he.ipynb",
        "{first} {last}_{n}",
        {"{first} {last}_{n}_assignsubmission_onlinetext/onlinetext.html": "<p>Done.</p>"},
    ),
    "Moodle before 4.1": (
        "{first} {last}_{n}_assignsubmission_file_/05_he.ipynb",
        "{first} {last}_{n}",
        {},
    ),
    "Moodle, without folders": (
        "{first} {last}_{n}_assignsubmission_file_05_he.ipynb",
        "{first} {last}_{n}",
        {},
    ),
    "Moodle, groups": (
        "Team {n}-{first} {last}_{n}_assignsubmission_file/05_he.ipynb",
        "Team {n}-{first} {last}_{n}",
        {},
    ),
    "Canvas": ("{l}{f}_123{n}_678{n}_05_he.ipynb", "{l}{f}_123{n}", {}),
    "Canvas, late": ("{l}{f}_LATE_123{n}_678{n}_05_he-2.ipynb", "{l}{f}_123{n}", {}),
    "Canvas, groups": ("team{n}_123{n}_678{n}_05_he.ipynb", "team{n}_123{n}", {}),
    "Canvas, a quiz": ("{l}{f}123{n}_question_99_678{n}_he.ipynb", "{l}{f}_123{n}", {}),
    "Blackboard": (
        "Exercise 5_{login}_attempt_2026-11-20-14-03-22_05_he.ipynb",
        "{login}",
        {"Exercise 5_{login}_attempt_2026-11-20-14-03-22.txt": "Name: {first} {last}"},
    ),
    "Brightspace": (
        "{n}-678 - {first} {last} - Nov 20, 2026 203 PM/05_he.ipynb",
        "{first} {last}_{n}",
        {"index.html": "<html></html>"},
    ),
    "Brightspace, flat": (
        "{n}-678 - {first} {last} - Nov 20, 2026 203 PM - 05_he.ipynb",
        "{first} {last}_{n}",
        {},
    ),
    "Gradescope": (
        "assignment_77_export/submission_90{n}/05_he.ipynb",
        "{login}",
        {"assignment_77_export/submission_metadata.yml": GRADESCOPE},
    ),
    "Google Drive": (f"{DRIVE}/{{first}} {{last}} - 05_he.ipynb", "{first} {last}", {}),
    "Google Classroom": (
        "Classroom/{first} {last} - Copy of 05_he.ipynb",
        "{first} {last}",
        {},
    ),
    "GitHub Classroom": (
        "week-5-submissions/week-5-{login}/notebooks/05_he.ipynb",
        "{login}",
        {"week-5-submissions/week-5-{login}/.git/config": "[core]"},
    ),
    "Teams": (
        "Student Work/Submitted files/{first} {last}/Exercise 5/Version 1/05_he.ipynb",
        "{first} {last}",
        {"Student Work/Working files/{first} {last}/Exercise 5/draft.ipynb": "{{}}"},
    ),
    "Sakai": (
        "Exercise 5/{last}, {first}({login})/Submission attachment(s)/05_he.ipynb",
        "{login}",
        {
            "Exercise 5/{last}, {first}({login})/timestamp.txt": "20261120140322000",
            "Exercise 5/grades.csv": '"Exercise 5","Points"\n',
        },
    ),
    "ILIAS": (
        "{last}_{first}_{login}_32{n}/20261120140322_05_he.ipynb",
        "{login}",
        {},
    ),
    "Submitty": ("submissions/05_he/{login}/1/05_he.ipynb", "{login}", {}),
}


def people():
    """Yield, for each student, what the paths of layouts hold."""
    for n, (first, last, login) in enumerate(NAMES, 1):
        squeezed = {"l": last.lower(), "f": first.lower()}
        yield {"first": first, "last": last, "login": login, "n": n} | squeezed


@cache
def _answers(number):
    return answering(gain=f"def gain(phi):\n    return {number}.0")


def write(layout, folder):
    """Write an export of this layout into a folder; return the ids that its names say."""
    path, student, others = LAYOUTS[layout]
    for person in people():
        _append(Path(folder) / path.format(**person), _answers(person["n"]))
        for other, words in others.items():
            _append(Path(folder) / other.format(**person), words.format(**person).encode())
    return [student.format(**person) for person in people()]


def _append(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as file:
        file.write(data)


def found(layout, roster=None):
    """Return what is collected from an export of a layout, and the ids that its names say."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export"
        said = write(layout, export)
        handed, ignored = collect(export, [ASSIGNMENT], roster=roster)
        return handed, ignored, said


def main():
    """Print who was found; return 1 if somebody was not."""
    wrong = 0
    print("| layout | found by names | with the roster | not handed in |\n|---|---|---|---|")
    for layout in LAYOUTS:
        handed, ignored, said = found(layout)
        with_roster = [one.student for one in found(layout, ROSTER)[0]]
        names = [one.student for one in handed]
        wrong += names != sorted(said) or with_roster != sorted(ROSTER.students)
        why = sorted({re.sub(r"^.*: ", "", file.why) for file in ignored})
        print(
            f"| {layout} | {', '.join(names)} | {', '.join(with_roster)} | {'; '.join(why)} |"
        )
    print(f"{len(LAYOUTS)} layouts, in {wrong} of which somebody is not found")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
