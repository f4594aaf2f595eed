"""Round trips: what a platform exports is graded, and what it imports has each student's mark.

Each importer here reads as the platform documents it: Moodle's `importgradeslib.php` and
`importziplib.php`, Canvas's import of a gradebook and `infer_comment_context_from_filename`.
"""

import csv
import io
import re
import zipfile

import pytest
from nbgrader.api import Gradebook

from teaching.grading import returning, run
from teaching.grading.roster import Roster, Student
from tests.grading.hostile.submission import ASSIGNMENT, WRONG, answering
from tests.grading.test_run import Here, course, export  # noqa: F401 (a fixture)

MOODLE, CANVAS = (returning.platforms()[name] for name in ("moodle", "canvas"))
TITLES = [
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
]


def table(*rows):
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def worksheet(*people, most="13.00"):
    """Return what Moodle lets one download: a row for each (number, name)."""
    rows = [
        [f"Participant {number}", name, "", "Submitted", "", most, "Yes", "", "-", ""]
        for number, name in people
    ]
    return table(TITLES, *rows)


def gradebook_of_canvas(*people):
    """Return what Canvas exports: a row for each (number, name, login)."""
    return table(
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "He (77)", "Quiz (78)"],
        ["    Points Possible", "", "", "", "", "13", "5"],
        *([name, number, "", login, "A", "", "4"] for number, name, login in people),
        ["Student, Test", "999", "", "t", "A", "", ""],
    )


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def imported_by_moodle(sheet, packed, participants):
    """Return each user's mark and pages, as Moodle reads a worksheet and a zip."""
    marks = {
        participants[row["Identifier"].removeprefix("Participant ")]: row["Grade"]
        for row in rows_of(sheet)
        if "Last modified (grade)" in row
    }
    pages = {}
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        for path in files.namelist():
            parts = path.split("/")
            while parts:
                info = parts.pop(0).split("_", 4)
                if len(info) >= 4 and info[1] in participants and info[2:4] == FILES:
                    name = "/".join([*info[4:], *parts])
                    pages.setdefault(participants[info[1]], []).append((name, files.read(path)))
                    break
    return marks, pages


FILES = ["assignsubmission", "file"]


def imported_by_canvas(sheet, packed, attachments):
    """Return each user's mark and pages; an attachment has the number of its user."""
    marks = {row["ID"]: row["He (77)"] for row in rows_of(sheet)}
    pages = {}
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        for path in files.namelist():
            numbers = [part for part in path.split("_") if re.fullmatch(r"\d+", part)]
            user, attachment = numbers[:2]
            assert attachments[attachment] == user
            pages[user] = files.read(path)
    return marks, pages


@pytest.fixture
def graded(course, tmp_path, sandbox):  # noqa: F811
    """Return a function that grades an export, marks by hand, and returns the records."""

    def grade(files, roster=None):
        folder = export(tmp_path / "all", files)
        whose = run.Whose(roster)
        records, _ = run.grade(course, folder, Here(sandbox), whose=whose)
        with Gradebook(course.directory.db_url) as book:
            for record in records[:-1]:  # the last waits
                grade = book.find_grade("why", ASSIGNMENT, ASSIGNMENT, record["student"])
                grade.manual_score, grade.needs_manual_grade = 2.5, False
            book.db.commit()
        run.write_pages(course, [ASSIGNMENT])
        return run.records(course, ASSIGNMENT)

    return grade


def page_of(record):
    return record["student"].encode()


def test_moodle_imports_what_it_exported(graded):
    folder = "{}_assignsubmission_file/05_he.ipynb"
    names = ("Jane Doe_101", "John O'Roe_102", "Zoë Moe_103")
    works = (answering(), answering(gain=WRONG), answering())
    files = {folder.format(n): w for n, w in zip(names, works, strict=True)}
    records = graded(files)
    people = [("101", "Jane Doe"), ("102", "John O'Roe"), ("103", "Zoë Moe"), ("104", "Al")]
    filled = returning.fill(MOODLE, worksheet(*people), records)
    packed, _ = returning.feedback(MOODLE, records, page_of)
    marks, pages = imported_by_moodle(filled.data, packed, dict(people))
    assert marks == {"Jane Doe": "12.5", "John O'Roe": "9.5", "Zoë Moe": "", "Al": ""}
    assert {name: [page for page, _ in own] for name, own in pages.items()} == {
        name: ["/05_he.html"] for _, name in people[:3]
    }
    assert pages["Jane Doe"][0][1] == b"Jane Doe_101"
    assert filled.waiting == ["Zoë Moe_103"]
    assert [row[:4] for row in map(list, map(dict.values, rows_of(filled.data)))] == [
        row[:4] for row in map(list, map(dict.values, rows_of(worksheet(*people))))
    ]


def test_canvas_imports_what_it_exported(graded):
    files = {
        "doejane_1001_501_05_he.ipynb": answering(),
        "roejohn_LATE_1002_502_05_he-2.ipynb": answering(gain=WRONG),
        "moezoe_1003_503_05_he.ipynb": answering(),
    }
    records = sorted(graded(files), key=lambda record: record["file"])
    people = [("1001", "Doe, Jane", "j"), ("1002", "Roe, John", "r"), ("1003", "Moe, Zoe", "z")]
    filled = returning.fill(CANVAS, gradebook_of_canvas(*people), records, column="He")
    packed, _ = returning.feedback(CANVAS, records, page_of)
    users = {"501": "1001", "502": "1002", "503": "1003"}
    marks, pages = imported_by_canvas(filled.data, packed, users)
    given = {"1001": "12.5", "1002": "9.5", "1003": "", "999": "", "": "13"}
    waiting = [
        record["file"] for record in records if record["exercises"][-1]["points"] is None
    ]
    assert waiting == ["roejohn_LATE_1002_502_05_he-2.ipynb"]
    given |= {"1002": "", "1003": "12.5"}
    assert marks == given
    assert pages == {
        "1001": b"doejane_1001",
        "1002": b"roejohn_1002",
        "1003": b"moezoe_1003",
    }
    assert list(rows_of(filled.data)[0]) == [
        *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        "He (77)",
    ]


# By records alone.


def record(student, file, points=10.0):
    exercise = {"points": points, "max": 13.0}
    return {
        "student": student,
        "assignment": ASSIGNMENT,
        "file": file,
        "penalty": 0.0,
        "exercises": [exercise],
    }


def test_each_of_a_group_has_the_mark_and_one_has_the_page():
    known = Roster(
        [Student("a", ("Ann Lee",), group="red"), Student("b", ("Bob Ray",), group="red")]
    )
    records = [record(student, "red_1001_501_05_he.ipynb") for student in "ab"]
    people = [("1001", "Lee, Ann", "x"), ("1002", "Ray, Bob", "y")]
    sheet = gradebook_of_canvas(*people)
    filled = returning.fill(CANVAS, sheet, records, column="He", known=known)
    assert filled.given == {"a": "10", "b": "10"}
    assert returning.feedback(CANVAS, records, page_of)[1] == ["red_1001_501_05_he.html"]
    unclear = returning.fill(CANVAS, sheet, records, column="He")
    assert (unclear.given, unclear.without_row) == ({}, ["a", "b"])
    assert unclear.unclear == ["Lee, Ann, 1001, x"]


SHEETS = {
    "blackboard": (
        '"Last Name"\t"Username"\t"He [Total Pts: 13 Score] |45"\nDoe\tjdoe\t\n',
        "05_he_jdoe_attempt_2026-11-20-14-03-22_05_he.ipynb",
        "05_he_jdoe_attempt_2026-11-20-14-03-22_05_he.html",
    ),
    "brightspace": (
        "OrgDefinedId,Username,He Points Grade <Numeric MaxPoints:13>,End-of-Line Indicator\n"
        "#17,#jdoe,,#\n",
        "12-67 - Jane Doe - Nov 20, 2026 203 PM/05_he.ipynb",
        "12-67 - Jane Doe - Nov 20, 2026 203 PM/05_he.html",
    ),
    "sakai": (
        '"He","SCORE_GRADE_TYPE"\n""\n"Display ID","ID","Last Name","First Name","grade"\n'
        '"jdoe","jdoe","Doe","Jane",""\n',
        "Exercise 5/Doe, Jane(jdoe)/Submission attachment(s)/05_he.ipynb",
        "Exercise 5/Doe, Jane(jdoe)/Feedback Attachment(s)/05_he.html",
    ),
    "ilias": (
        "usr_id;login;lastname;firstname;status;mark;comment\n321;jdoe;Doe;Jane;;;\n",
        "Doe_Jane_jdoe_321/20261120140322_05_he.ipynb",
        "Doe_Jane_jdoe_321/05_he.html",
    ),
}


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_another_platforms_sheet_is_filled_and_nothing_else_in_it_changes(name, encoding):
    sheet, file, page = SHEETS[name]
    platform, records = returning.platforms()[name], [record("jdoe", file)]
    filled = returning.fill(platform, sheet.encode(encoding), records)
    words = filled.data.decode("utf-16" if encoding == "utf-16" else "utf-8-sig")
    assert filled.given == {"jdoe": "10"}
    assert words.replace("10", "", 1).replace('"', "") == sheet.replace('"', "")
    assert returning.feedback(platform, records, page_of)[1] == [page]


def test_another_highest_mark_is_refused_or_scaled_to():
    records = [record("Jane Doe_101", "Jane Doe_101_assignsubmission_file/05_he.ipynb", 6.5)]
    sheet = worksheet(("101", "Jane Doe"), most="100.00")
    with pytest.raises(ValueError, match=r"highest mark of the assignment, 13; got 100"):
        returning.fill(MOODLE, sheet, records)
    assert list(returning.fill(MOODLE, sheet, records, scale=True).given.values()) == ["50"]


def test_a_column_that_could_be_several_is_asked_for():
    records = [record("a", "a_1001_501_x.ipynb")]
    with pytest.raises(ValueError, match=r"--column says.*'He \(77\)', 'Quiz \(78\)'"):
        returning.fill(CANVAS, gradebook_of_canvas(("1001", "A", "a")), records)


def test_a_sheet_of_something_else_is_refused():
    with pytest.raises(ValueError, match="as Moodle writes it"):
        returning.fill(MOODLE, b"a,b\n1,2\n", [record("a", "x")])


def test_the_command_writes_what_moodle_imports(graded, course, tmp_path, capsys):  # noqa: F811
    graded({"Jane Doe_101_assignsubmission_file/05_he.ipynb": answering()})
    sheet = tmp_path / "Grades.csv"
    sheet.write_bytes(worksheet(("101", "Jane Doe")))
    where = ["--course", str(course.directory.root), "--sheet", str(sheet)]
    assert returning.main(["Moodle", ASSIGNMENT, *where]) == 0
    said = capsys.readouterr().out
    assert "1 page" in said
    assert "wait to be marked by hand: Jane Doe_101" in said
    assert (course.grading / "return" / ASSIGNMENT / "marks.csv").exists()


def test_an_unknown_platform_is_refused(course, capsys):  # noqa: F811
    where = ["--course", str(course.directory.root)]
    assert returning.main(["noodle", ASSIGNMENT, *where]) == 1
    assert "LMS must be one of" in capsys.readouterr().err
