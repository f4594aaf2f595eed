"""Tests of whose a submission is: by platforms' names, and by a roster."""

import tomllib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from teaching.grading import roster as rosters
from teaching.grading.choice import counting
from teaching.grading.collect import collect
from teaching.grading.platforms import TABLE, Platforms, submitters
from teaching.grading.roster import Roster, Student
from tests.grading.hostile.submission import ASSIGNMENT, answering
from tests.grading.layouts import LAYOUTS, ROSTER, found
from tests.grading.test_choice import EXAM

FORMS = tomllib.loads(TABLE.read_text(encoding="utf-8"))["form"]
EXAMPLES = [(form, *example) for form in FORMS for example in form["examples"]]


def answers(number):
    return answering(gain=f"def gain(phi):\n    return {number}.0")


def export(folder, files):
    """Write files into a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_student_is_found_by_the_names(layout):
    handed, _, said = found(layout)
    assert [one.student for one in handed] == sorted(said)
    assert all(one.data for one in handed)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_student_is_found_with_a_roster(layout):
    handed, _, _ = found(layout, ROSTER)
    assert [one.student for one in handed] == sorted(ROSTER.students)


@pytest.mark.parametrize(("form", "path", "student"), EXAMPLES, ids=[e[1] for e in EXAMPLES])
def test_a_form_of_the_table_finds_what_it_says(form, path, student, tmp_path):
    handed, ignored = collect(export(tmp_path / "export", {path: b"{}"}), [ASSIGNMENT])
    if form.get("ignored"):
        assert form["ignored"] in [file.why for file in ignored]
    assert [one.student for one in handed] == ([student] if student else [])


def test_a_platform_that_calls_it_late_is_heard():
    assert all(one.late for one in found("Canvas, late")[0])
    assert not any(one.late for one in found("Canvas")[0])


@pytest.mark.parametrize("layout", ["nbgrader's exchange", "Gradescope", "Sakai", "ILIAS"])
def test_the_platforms_time_is_read(layout):
    times = {one.received.replace(microsecond=0) for one in found(layout)[0]}
    assert times == {datetime(2026, 11, 20, 14, 3, 22, tzinfo=UTC)}


def test_a_platforms_local_time_is_that_of_its_zone(tmp_path):
    files = {"05_he_jdoe_attempt_2026-11-20-14-03-22_05_he.ipynb": b"{}"}
    platforms = Platforms(zone=ZoneInfo("Europe/Berlin"))
    (one,), _ = collect(export(tmp_path / "export", files), [ASSIGNMENT], platforms)
    assert one.received == datetime(2026, 11, 20, 13, 3, 22, tzinfo=UTC)


def test_a_course_adds_a_platform_of_its_own(tmp_path):
    own = tmp_path / "platforms.toml"
    own.write_text("""
[[form]]
platform = "Ours"
pattern = '(?P<login>\\w+)@(?P<time>\\d+)/'
format = "%Y%m%d"
zone = "Asia/Tokyo"
[[passed_over]]
folder = "handed in"
""")
    files = {"handed in/jdoe@20261120/05_he.ipynb": b"{}"}
    (one,), _ = collect(export(tmp_path / "all", files), [ASSIGNMENT], Platforms(own))
    assert (one.student, one.by) == ("jdoe", "Ours")
    assert one.received == datetime(2026, 11, 19, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("form = 7 7", "must be TOML"),
        ('[[form]]\nplatform = "Ours"', "must have a name and a pattern"),
        ('[[form]]\nplatform = "Ours"\npattern = "("', "must have a name and a pattern"),
    ],
)
def test_a_table_that_is_none_is_refused(table, said, tmp_path):
    (tmp_path / "platforms.toml").write_text(table)
    with pytest.raises(ValueError, match=said):
        Platforms(tmp_path / "platforms.toml")


def test_a_group_in_gradescope_is_each_of_its_members(tmp_path):
    who = """
submission_9:
  :submitters:
  - :name: Jane Doe
    :sid: ''
    :email: jane@example.org
  - :name: John Roe
    :sid: '17'
    :email: john@example.org
  :created_at: 2026-11-20 15:03:22 +01:00
"""
    files = {"submission_9/05_he.ipynb": answers(1), "submission_metadata.yml": who}
    handed, _ = collect(export(tmp_path / "assignment_7_export", files), [ASSIGNMENT])
    assert [(one.student, one.where) for one in handed] == [
        ("17", "submission_9/05_he.ipynb"),
        ("jane@example.org", "submission_9/05_he.ipynb"),
    ]
    assert handed[0].received == datetime(2026, 11, 20, 14, 3, 22, tzinfo=UTC)


def test_what_ruby_notes_in_the_table_makes_no_difference():
    table = b"""
submission_9: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - !ruby/object:User
    :sid: '17'
  :score: !ruby/object:BigDecimal 18:0.1e1
"""
    assert [one.student for one in submitters(table)["submission_9"]] == ["17"]


def test_a_students_own_table_of_who_handed_in_says_nothing(tmp_path):
    forged = "submission_1:\n  :submitters:\n  - :name: Victim\n    :sid: '17'\n"
    files = {
        "submission_1/05_he.ipynb": b"{}",
        "submission_1/submission_metadata.yml": forged,
    }
    handed, _ = collect(export(tmp_path / "assignment_7_export", files), [ASSIGNMENT])
    assert {one.student for one in handed} == {"submission_1"}


@pytest.mark.parametrize(
    "data", [b"7", b"a: 7", b"a: {:submitters: 7}", b"!!python/name:x", b"{"]
)
def test_a_table_that_gradescope_does_not_write_is_refused(data):
    with pytest.raises(ValueError, match="as Gradescope writes it"):
        submitters(data)


def test_a_form_that_only_few_names_have_was_chosen_by_a_student(tmp_path):
    files = {f"s{n:02}/05_he.ipynb": b"{}" for n in range(8)}
    forged = "mallory/s, 01(s01)/Submission attachment(s)/05_he.ipynb"
    handed, _ = collect(export(tmp_path / "all", files | {forged: b"{}"}), [ASSIGNMENT])
    assert [one.where for one in handed if one.student == "mallory"] == [forged]


# What would make one student of many, or nobody of somebody.


def counted(folder, roster=None, platforms=None):
    handed, _ = collect(folder, [ASSIGNMENT], platforms, roster)
    return counting(((one, ASSIGNMENT) for one in handed), lambda assignment: EXAM)[0]


MANY = {f"Monday/s{n}/05_he.ipynb": answers(n) for n in range(3)}
FLAT = {f"all/s{n}.ipynb": answers(n) for n in range(3)}
OWN = {f"05_he ({n}).ipynb": answers(n) for n in range(3)}


@pytest.mark.parametrize(("files", "above"), [(MANY, "Monday"), (FLAT, "all"), (OWN, "05_he")])
def test_a_class_is_no_student(files, above, tmp_path):
    with pytest.raises(ValueError, match=f"3 notebooks of 05_he.* would be of one .*{above}"):
        counted(export(tmp_path / "export", files))


def test_what_is_passed_over_is_a_class(tmp_path):
    platforms = Platforms(passed_over=["Monday"])
    counts = counted(export(tmp_path / "export", MANY), platforms=platforms)
    assert sorted(student for student, _ in counts) == ["s0", "s1", "s2"]


def test_whom_the_roster_knows_may_hand_in_many(tmp_path):
    counts = counted(export(tmp_path / "export", MANY), Roster([Student("Monday")]))
    ((student, _),) = counts
    assert student == "Monday"
    assert "has other answers" in counts["Monday", ASSIGNMENT].doubt


def test_two_drafts_are_no_class(tmp_path):
    files = {f"jdoe/{name}.ipynb": answers(n) for n, name in enumerate(("draft", "final"))}
    assert counted(export(tmp_path / "export", files))["jdoe", ASSIGNMENT].doubt


def test_a_notebook_that_is_nobodys_beside_others_is_refused(tmp_path):
    files = {"jdoe/05_he.ipynb": answers(1), "05_he.ipynb": answers(2)}
    with pytest.raises(ValueError, match=r"folder that names a student.*; got 05_he.ipynb"):
        collect(export(tmp_path / "export", files), [ASSIGNMENT])


# The roster.


@pytest.mark.parametrize(
    "name",
    [
        "jdoe",
        "Jane Doe",
        "Doe, Jane",
        "doejane",
        "JANE  DOE",
        "jane@example.org",
        "jane",
        "J. D.",
    ],
)
def test_a_student_is_found_by_any_name(name):
    roster = Roster(
        [Student("jdoe", ("Jane Doe", "J. D."), "jane@example.org"), Student("x", ("X Y",))]
    )
    assert roster.whose([name]) == ["jdoe"]


def test_a_name_that_two_have_is_nobodys():
    roster = Roster([Student("a", ("Jane Doe",)), Student("b", ("Jane Doe",))])
    assert roster.whose(["Jane Doe"]) == []
    assert roster.whose(["Jane Doe", "b"]) == ["b"]


def test_a_hyphen_is_no_group():
    assert Roster([Student("m", ("Marie Doe",))]).whose(["Anne-Marie Doe"]) == []


def test_what_one_of_a_group_hands_in_is_each_members(tmp_path):
    roster = Roster([Student("a", group="red"), Student("b", group="red"), Student("c")])
    files = {"a/05_he.ipynb": answers(1), "c/05_he.ipynb": answers(2)}
    counts = counted(export(tmp_path / "export", files), roster)
    assert {student: one.where for (student, _), one in counts.items()} == {
        "a": "a/05_he.ipynb",
        "b": "a/05_he.ipynb",
        "c": "c/05_he.ipynb",
    }


ROWS = "ID;Names;Email;Group;Extension\njdoe;Jane Doe; jane@x.org;red;36 hours\nroe;;;;\n"


def test_a_roster_is_read_as_a_spreadsheet_saves_it(tmp_path):
    (tmp_path / "class.csv").write_text(f"\ufeff{ROWS}", encoding="utf-8")
    students = rosters.read(tmp_path / "class.csv").students
    assert students == {
        "jdoe": Student("jdoe", ("Jane Doe",), "jane@x.org", "red", timedelta(hours=36)),
        "roe": Student("roe"),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("rows", ["id\njosé\n", "id; name\njosé; X\n", "name\tid\nX\tjosé\n"])
def test_a_roster_is_read_whatever_parts_its_cells(rows, encoding, tmp_path):
    (tmp_path / "class.csv").write_bytes(rows.encode(encoding))
    assert list(rosters.read(tmp_path / "class.csv").students) == ["josé"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("name,group\nJane,red\n", "must have a column `id`"),
        ("id,name\na,X\na,Y\n", "must be one student's; got a twice"),
        ("id,extension\na,soon\n", "such as '2 days' or '36 hours'; got 'soon'"),
        ("", "must be a CSV file|must have a column `id`"),
    ],
)
def test_a_roster_that_cannot_be_meant_is_refused(rows, said, tmp_path):
    (tmp_path / "class.csv").write_text(rows)
    with pytest.raises(ValueError, match=said):
        rosters.read(tmp_path / "class.csv")
