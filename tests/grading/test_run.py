"""Runs of grading as instructors start them: what is found, kept, recorded and said."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing, nullcontext
from datetime import timedelta

import pytest
from nbgrader.api import Gradebook

from teaching.exercises import ROOT
from teaching.grading import __main__ as command
from teaching.grading import farm, gradebook, pages, returning, run
from teaching.grading import roster as rosters
from teaching.grading.judge import judge
from teaching.grading.sandbox import Limits, Refused
from tests.grading import rehearsal
from tests.grading.students import ASSIGNMENT, handed_in

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what nbgrader uses


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a new course of two assignments in a folder of its own."""
    monkeypatch.setenv("COURSE_SECRET", "s3cret")
    for name in (ASSIGNMENT, "04_xavier"):
        shutil.copytree(ROOT / "assignments" / name, tmp_path / "assignments" / name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return run.load_course(tmp_path)


class Here:
    """Judges in this process."""

    limits = Limits()

    def __init__(self, sandbox):
        self._sandbox, self.judged = sandbox, []

    def judge(self, tasks):
        """Yield the results, and remember whose they are."""
        for key, exam, data in tasks:
            self.judged.append(key)
            yield key, judge(exam, data, self._sandbox)


@pytest.fixture
def workers(sandbox):
    return Here(sandbox)


def export(folder, files):
    """Write an export: the content of each file, by its path."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


RIGHT = (ROOT / "assignments" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
XAVIER = (ROOT / "assignments" / "04_xavier" / "04_xavier.ipynb").read_bytes()


@pytest.mark.parametrize("way", rehearsal.WAYS[1:], ids=lambda way: way.__name__)
def test_a_class_ends_in_the_same_gradebook_whatever_happens(way, tmp_path, straight):
    own = rehearsal.course(tmp_path / "course", straight.export)
    way(own, straight.size)
    assert rehearsal.state(own) == straight.state


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """Return a class that was graded without any trouble."""
    folder, size = tmp_path_factory.mktemp("class"), 9
    rehearsal.a_class(folder / "export", size)
    own = rehearsal.course(folder / "course", folder / "export")
    rehearsal.straight(own, size)

    class Straight:
        state = rehearsal.state(own)

    Straight.export, Straight.size = folder / "export", size
    return Straight


def test_notebooks_say_themselves_what_they_are(course, tmp_path):
    files = {"ann/Untitled.ipynb": RIGHT, "bob/final (3).ipynb": XAVIER}
    counts, ignored = run.sorted_out(course, export(tmp_path / "all", files))
    assert sorted(counts) == [("ann", ASSIGNMENT), ("bob", "04_xavier")]
    assert ignored == []


def test_what_is_no_notebook_belongs_to_what_all_others_belong_to(course, tmp_path):
    files = {"ann/x.ipynb": RIGHT, "bob/x.ipynb": b"{", "cleo/answers.pdf": b"%PDF"}
    counts, _ = run.sorted_out(course, export(tmp_path / "all", files))
    assert {student for student, _ in counts} == {"ann", "bob", "cleo"}


def test_what_belongs_nowhere_is_said(course, tmp_path):
    files = {"ann/x.ipynb": RIGHT, "bob/y.ipynb": XAVIER, "cleo/z.ipynb": b"{}"}
    counts, ignored = run.sorted_out(course, export(tmp_path / "all", files))
    assert "cleo" not in {student for student, _ in counts}
    assert [(file.where, file.why) for file in ignored] == [
        ("cleo/z.ipynb", "it is like no assignment; ASSIGNMENT= names one")
    ]


def test_an_assignment_that_is_named_is_that_of_all(course, tmp_path, workers):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT, "bob/x.ipynb": XAVIER})
    records, _ = run.grade(course, folder, workers, assignment=ASSIGNMENT)
    assert {r["student"]: r["status"] for r in records} == {
        "ann": "graded",
        "bob": "wrong assignment",
    }


def test_an_unknown_assignment_is_refused(course, tmp_path, workers):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT})
    with pytest.raises(ValueError, match=r"assignment must be one of.*05_he.*; got '05_hee'"):
        run.grade(course, folder, workers, assignment="05_hee")
    assert not (course.grading / "gradebook.db").exists()


def test_every_file_gets_a_mark_and_a_page(course, tmp_path, workers):
    files = {
        "ann/05_he.ipynb": RIGHT,
        "bob/05_he.ipynb": handed_in(4),
        "cleo/05_he.ipynb": b"",
        "dan/05_he.ipynb": b"no notebook",
        "eve/05_he.docx": b"PK",
    }
    run.grade(course, export(tmp_path / "all", files), workers)
    table = (course.grading / "grades.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert {row["student"]: row["status"] for row in rows} == {
        "ann": "graded",
        "bob": "graded",
        "cleo": "empty",
        "dan": "not a notebook",
        "eve": "not a notebook",
    }
    assert {row["student"]: row["he_normal"] for row in rows if row["student"] != "bob"} == {
        "ann": "4",
        "cleo": "0",
        "dan": "0",
        "eve": "0",
    }
    for row in rows:
        page = course.grading / "feedback" / row["student"] / ASSIGNMENT / f"{ASSIGNMENT}.html"
        assert row["student"] in page.read_text(encoding="utf-8")
    assert (course.grading / f"report_{ASSIGNMENT}.html").exists()


def test_what_was_judged_is_not_judged_again(course, tmp_path, workers):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT, "bob/x.ipynb": handed_in(4)})
    run.grade(course, folder, workers)
    export(folder, {"cleo/x.ipynb": handed_in(5), "bob/x.ipynb": RIGHT})
    run.grade(course, folder, workers)
    assert workers.judged == ["ann", "bob", "bob", "cleo"]
    run.grade(course, folder, workers, again=True)
    assert workers.judged[4:] == ["ann", "bob", "cleo"]


def change(course, points):
    """Give the exercise on gains other points in the master."""
    path = f"{course.directory.root}/assignments/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
    with open(path) as file:
        master = json.load(file)
    (cell,) = (cell for cell in master["cells"] if cell["id"] == "check_gain")
    cell["metadata"]["nbgrader"]["points"] = points
    cell["source"] = "".join(cell["source"]).replace("3 * ", f"{points} * ")
    with open(path, "w") as file:
        json.dump(master, file)
    return run.load_course(course.directory.root)


def test_a_changed_master_marks_all_again(course, tmp_path, workers, capsys):
    """Also those whose work is in no folder of today: what they handed in is kept."""
    link = {"eve/05_he.ipynb": RIGHT, "dan/05_he.ipynb": RIGHT}
    folder = export(tmp_path / "all", link | {"cleo_1_assignsubmission_file/x.pdf": b"%PDF"})
    (folder / "flo").mkdir()
    (folder / "flo" / "05_he.ipynb").symlink_to(folder / "eve" / "05_he.ipynb")
    before, _ = run.grade(course, folder, workers, assignment=ASSIGNMENT)
    course = change(course, 6)
    today = export(tmp_path / "today", {"eve/05_he.ipynb": RIGHT})
    run.grade(course, today, workers)
    assert "3 submissions of before are marked again" in capsys.readouterr().out
    after = run.write_pages(course, [ASSIGNMENT])
    gains = {r["student"]: r["exercises"][1] for r in after}
    assert [gains[name]["points"] for name in ("eve", "dan")] == [6.0, 6.0]
    assert {gain["max"] for gain in gains.values()} == {6.0}
    assert [r["status"] for r in before] == [r["status"] for r in after]
    assert [r["note"] for r in before] == [r["note"] for r in after]
    workers.judged.clear()
    run.refresh(course, workers)
    assert workers.judged == []


def test_what_timed_out_is_judged_once_more_alone(course, tmp_path, workers, monkeypatch):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT, "bob/x.ipynb": handed_in(4)})
    judging, asked = workers.judge, []

    def judge_slowly(tasks):
        asked.append([key for key, *_ in tasks])
        for key, result in judging(tasks):
            is_slow = key == "ann" and len(asked) == 1
            yield key, result | ({"status": "timed out"} if is_slow else {})

    monkeypatch.setattr(workers, "judge", judge_slowly)
    records, _ = run.grade(course, folder, workers)
    assert asked == [["ann", "bob"], ["ann"]]
    assert [record["status"] for record in records] == ["graded", "graded"]


def test_a_later_version_counts_and_the_earlier_one_is_kept(course, tmp_path, workers):
    folder = export(tmp_path / "all", {"ann/x.ipynb": b"{}"})
    run.grade(course, folder, workers, assignment=ASSIGNMENT)
    export(folder, {"ann/x.ipynb": RIGHT})
    (record,), _ = run.grade(course, folder, workers, assignment=ASSIGNMENT)
    assert record["status"] == "graded"
    assert [(line["status"], line["points"]) for line in record["earlier"]] == [
        ("not a notebook", 0.0)
    ]
    kept = course.ledger(ASSIGNMENT)
    first, last = kept.history("ann")
    assert kept.find("ann", first["key"])["status"] == "not a notebook"
    assert kept.find("ann", last["key"])["status"] == "graded"


def mark(course, student, points, comment):
    """Mark the short answer of a student, as formgrader does."""
    with Gradebook(course.directory.db_url) as book:
        grade = book.find_grade("why", ASSIGNMENT, ASSIGNMENT, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("why", ASSIGNMENT, ASSIGNMENT, student).manual_comment = comment
        book.db.commit()


def test_marks_by_hand_reach_the_pages_and_stay(course, tmp_path, workers):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT})
    (before,), _ = run.grade(course, folder, workers)
    mark(course, "ann", 2.5, "Nearly all of it.")
    run.write_pages(course, [ASSIGNMENT])
    page = course.grading / "feedback" / "ann" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert "Nearly all of it." in page.read_text(encoding="utf-8")
    (after,), _ = run.grade(course, folder, workers, again=True)
    assert [e["points"] for e in before["exercises"]] == [4.0, 3.0, 3.0, None]
    assert [e["points"] for e in after["exercises"]] == [4.0, 3.0, 3.0, 2.5]


def test_two_runs_never_write_at_once(course, tmp_path, workers):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT})
    with course.alone(), pytest.raises(Refused, match="another run is grading this course"):
        run.grade(course, folder, workers)


def test_a_zip_is_graded_as_its_folder_would_be(course, tmp_path, workers):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("Jane Doe_123_assignsubmission_file_/05_he.ipynb", RIGHT)
    (record,), _ = run.grade(course, tmp_path / "all.zip", workers)
    assert (record["student"], record["exercises"][0]["points"]) == ("Jane Doe_123", 4.0)


def test_students_who_handed_in_nothing_are_named(course, tmp_path, workers):
    with Gradebook(course.directory.db_url) as book:
        book.add_student("zoe")
    run.grade(course, export(tmp_path / "all", {"ann/x.ipynb": RIGHT}), workers)
    report = (course.grading / f"report_{ASSIGNMENT}.html").read_text(encoding="utf-8")
    assert "zoe" in report


def test_a_worker_with_another_version_refuses(exams):
    with pytest.raises(Refused, match="another version of the course"):
        farm.work(exams[ASSIGNMENT], RIGHT, Limits(), "another")


def test_a_worker_whose_sandbox_was_ended_starts_another(exams, monkeypatch):
    started = []

    def sandbox(limits):
        started.append(farm.Sandbox(limits))
        return started[-1]

    one = farm.cache(sandbox)
    monkeypatch.setattr(farm, "_sandbox", one)
    one(Limits())._process.kill()
    one(Limits())._process.wait()
    result = farm.work(exams[ASSIGNMENT], RIGHT, Limits(), farm.version())
    assert result["marks"]["check_gain"]["points"] == 3.0
    assert len(started) == 2
    for each in started:
        each.close()


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    with pytest.raises(Refused, match=r"no Dask scheduler answers at tcp://127.0.0.1:1: "):
        farm.Cluster("tcp://127.0.0.1:1", patience=1)


# Whose it is.

CLASS = """id,name,e-mail,group,extension
ann,Ann Lee,,red,2 days
bob,Bob Ray,,red,
zoe,Zoe Fox,zoe@x.org,,
"""


@pytest.fixture
def roster(tmp_path):
    """Return where a roster of three students is, two of whom hand in together."""
    (tmp_path / "class.csv").write_text(CLASS)
    return tmp_path / "class.csv"


def test_with_a_roster_each_of_a_group_gets_the_mark_and_who_is_missing_is_named(
    course, tmp_path, workers, roster
):
    folder = export(tmp_path / "all", {"leeann_LATE_123_456_05_he.ipynb": RIGHT})
    records, _ = run.grade(course, folder, workers, whose=run.Whose(rosters.read(roster)))
    assert [record["student"] for record in records] == ["ann", "bob"]
    assert records[0]["exercises"] == records[1]["exercises"]
    assert pages.troubles(records[0]) == ["Canvas calls it late"]
    report = (course.grading / f"report_{ASSIGNMENT}.html").read_text(encoding="utf-8")
    assert "zoe" in report
    with Gradebook(course.directory.db_url) as book:
        zoe = book.find_student("zoe")
        assert (zoe.first_name, zoe.last_name, zoe.email) == ("Zoe", "Fox", "zoe@x.org")
        extensions = [
            book.find_submission(ASSIGNMENT, name).extension for name in ("ann", "bob")
        ]
    assert extensions == [timedelta(days=2), None]


def test_hidden_tests_draw_other_cases_for_each_student_and_the_same_for_a_group(
    course, tmp_path, workers, roster, monkeypatch
):
    secrets, judging = {}, workers.judge

    def judge_and_note(tasks):
        secrets.update((key, exam["secret"]) for key, exam, _ in tasks)
        return judging(tasks)

    monkeypatch.setattr(workers, "judge", judge_and_note)
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT, "zoe/x.ipynb": RIGHT})
    run.grade(course, folder, workers, whose=run.Whose(rosters.read(roster)))
    assert secrets["ann"] == secrets["bob"] != secrets["zoe"]
    workers.judged.clear()
    run.refresh(course, workers)  # it needs no roster to know
    assert workers.judged == []


def test_a_name_that_no_folder_takes_is_kept_beside_the_id(course, tmp_path, workers, capsys):
    folder = export(tmp_path / "all", {"Doe, Jane/x.ipynb": RIGHT, "Ⅷ/x.pdf": b"%PDF"})
    (folder / "½x").mkdir()
    counts, _ = run.sorted_out(course, folder)
    assert sorted(one.name for one in counts.values()) == ["Doe, Jane", "½x", "Ⅷ"]
    run.grade(course, folder, workers)
    students = gradebook.students(course.directory)
    assert sorted(students.values()) == ["Jane Doe", "½x", "Ⅷ"]
    report = (course.grading / f"report_{ASSIGNMENT}.html").read_text(encoding="utf-8")
    (jane,) = (student for student, name in students.items() if name == "Jane Doe")
    assert jane.startswith("Doe_ Jane-")
    for path in (course.grading / "feedback" / jane).rglob("*.html"):
        assert f"Feedback for <bdi>Jane Doe ({jane})</bdi>" in path.read_text(encoding="utf-8")
    assert "½x (" in report


def test_a_dry_run_says_whose_each_file_is_and_marks_nothing(course, tmp_path, capsys, roster):
    receipt = "05_he_leeann_attempt_2026-11-20-14-03-22"
    files = {f"{receipt}_05_he.ipynb": RIGHT, f"{receipt}.txt": b"-"}
    folder = export(
        tmp_path / "all", files | {"05_he_joe_attempt_2026-11-21-14-03-22_x.ipynb": RIGHT}
    )
    options = [str(folder), "--course", str(course.directory.root), "--dry-run"]
    options += ["--roster", str(roster), "--timezone", "Europe/Berlin"]
    assert command.main(options) == 0
    said = capsys.readouterr().out
    found = [line.split() for line in said.splitlines() if line.startswith(("  ann", "  joe"))]
    assert found[0][:6] == ["ann", "05_he", "2026-11-20", "14:03", "CET", "Blackboard"]
    assert found[1][0] == "joe"
    assert said.index("Not in the roster") < said.index("Nothing found of") < said.index("zoe")
    assert "Blackboard's receipt" in said
    assert course.ledger(ASSIGNMENT).students() == []


def test_the_roster_in_the_folder_of_grading_is_always_used(course, tmp_path, capsys, roster):
    (course.grading / "roster.csv").write_bytes(roster.read_bytes())
    folder = export(tmp_path / "all", {"Zoe Fox/x.ipynb": RIGHT})
    assert command.main([str(folder), "--course", str(course.directory.root), "--dry-run"]) == 0
    assert "  zoe  " in capsys.readouterr().out


def test_a_dry_run_needs_a_folder(capsys):
    with pytest.raises(SystemExit):
        command.main(["--dry-run"])
    assert "--dry-run needs a folder" in capsys.readouterr().err


def test_a_time_zone_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["folder", "--timezone", "Berlin"])
    assert "such as Europe/Berlin; got 'Berlin'" in capsys.readouterr().err


# The command.


def test_the_command_says_what_came_of_it(course, tmp_path, capsys):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT, "bob/x.ipynb": handed_in(4)})
    assert command.main([str(folder), "--course", str(course.directory.root)]) == 0
    said = capsys.readouterr().out
    assert "2 submissions" in said
    assert str(course.grading) in said


def test_the_command_without_a_folder_writes_the_pages_anew(course, tmp_path, workers, capsys):
    run.grade(course, export(tmp_path / "all", {"ann/x.ipynb": RIGHT}), workers)
    (course.grading / "grades.csv").unlink()
    assert command.main(["--course", str(course.directory.root)]) == 0
    assert "ann" in (course.grading / "grades.csv").read_text(encoding="utf-8")


def test_a_missing_wall_stops_the_command_before_anything_is_marked(
    course, tmp_path, capsys, monkeypatch
):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT})
    monkeypatch.setenv("PATH", "/nowhere")
    assert command.main([str(folder), "--course", str(course.directory.root)]) == 1
    assert "sudo apt install bubblewrap" in capsys.readouterr().err
    assert course.ledger(ASSIGNMENT).students() == []


def test_unsafe_says_what_it_means_and_marks(course, tmp_path, capsys, monkeypatch):
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT})
    monkeypatch.setenv("PATH", "/nowhere")  # without bubblewrap
    assert command.main([str(folder), "--unsafe", "--course", str(course.directory.root)]) == 0
    assert "runs in your name" in capsys.readouterr().err
    (line,) = course.ledger(ASSIGNMENT).history("ann")
    assert line["status"] == "graded"


def test_a_gradebook_that_another_program_holds_is_told_so(
    course, tmp_path, workers, capsys, monkeypatch
):
    monkeypatch.setattr(command, "Local", lambda limits: nullcontext(workers))
    database = course.grading / "gradebook.db"
    monkeypatch.setenv("COURSE_GRADEBOOK", f"sqlite:///{database}?timeout=0.1")
    where = ["--course", str(course.directory.root)]
    folder = export(tmp_path / "all", {"ann/x.ipynb": RIGHT})

    def graded():
        monkeypatch.setenv("COURSE_SECRET", "s3cret")  # a judge in this process changes it
        return command.main([str(folder), *where])

    assert graded() == 0
    export(folder, {"bob/x.ipynb": RIGHT})
    held = "the gradebook: another program is writing into it; wait until that ends.\n"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert graded() == 1
        assert f"Nothing more was graded: {held}" in capsys.readouterr().err
        assert returning.main(["moodle", ASSIGNMENT, *where]) == 1
        assert capsys.readouterr().err == f"Nothing was written: {held}"
    assert graded() == 0
    assert workers.judged == ["ann", "bob"]


# What a process sees of the disk: as it is, but for what follows.
VIEW = ["bwrap", "--dev-bind", "/", "/", *(["--cap-add", "ALL"] * (os.getuid() == 0))]
PLACE = {k: v for k, v in rehearsal.VARIABLES.items() if k != "COURSE_SECRET"}
FULL = """
dd if=/dev/zero of=$0/filler bs=1024 count=$1 2>/dev/null
shift
"$@"
echo status $?
find $0 -name '*.part' -size +0
rm $0/filler
"$@"
"""


def seen(view, command):
    """Return what a command says that sees such a disk."""
    done = [*VIEW, *map(str, view), *map(str, command)]
    return subprocess.run(done, env=PLACE, capture_output=True, text=True, check=False)


@pytest.fixture
def place(tmp_path):
    """Return a course with one submission, in which nothing was graded yet."""
    rehearsal.a_class(tmp_path / "export", 1)
    return rehearsal.course(tmp_path / "course", tmp_path / "export")


def test_a_folder_that_cannot_be_written_is_named(place):
    grading = place / "grading"
    for _ in range(2):  # without and with the folder for marks
        said = seen(["--ro-bind", place, place], rehearsal.command(place, "--unsafe"))
        assert said.returncode == 1
        assert f"Nothing more was graded: This cannot be written ({grading}" in said.stderr
        assert "Traceback" not in said.stderr
        grading.mkdir(exist_ok=True)


@pytest.mark.parametrize("room", [0, 40, 300])  # kB: too little for secret, database, pages
def test_a_full_disk_is_told_so_and_with_more_room_the_run_goes_on(place, room):
    (place / "grading").mkdir()
    view = ["--size", 2**22, "--tmpfs", place / "grading"]
    graded = rehearsal.command(place, "--unsafe")
    said = seen(view, ["sh", "-c", FULL, place / "grading", 2**12 - room, *graded])
    assert "Traceback" not in said.stderr
    first, second = said.stdout.split("status 1\n")  # no file is half-written
    assert "1 submission\n" not in first
    assert second.startswith("1 submission\n")
    assert said.returncode == 0


def test_a_folder_with_nothing_in_it_is_refused(course, tmp_path, workers):
    (tmp_path / "all").mkdir()
    with pytest.raises(ValueError, match=r"something handed in; got nothing in .*all"):
        run.grade(course, tmp_path / "all", workers)


def test_a_missing_folder_is_named(course, capsys):
    assert command.main(["/no/such/folder", "--course", str(course.directory.root)]) == 1
    assert "got /no/such/folder" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["walls=1", "call", "call=0", "call=-1", "call=fast"])
def test_a_limit_that_cannot_be_is_refused(limit, capsys):
    with pytest.raises(SystemExit):
        command.main(["folder", "--limit", limit])
    assert f"call=30; got {limit!r}" in capsys.readouterr().err
