"""Marks in nbgrader's gradebook, and the notebooks beside it, on SQLite and on PostgreSQL."""

import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.preprocessors import SaveCells

from teaching.grading import gradebook, ledger
from teaching.grading.roster import Student
from tests.grading.recorded import (
    HE,
    MOST,
    WHEN,
    dump,
    handed_in,
    make_course,
    mark,
    notebook,
    result,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what nbgrader uses

TELL = "PostgreSQL is missing. On Debian or Ubuntu: sudo apt install postgresql"


def binaries():
    """Return the folder with PostgreSQL's programs, the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.fail(TELL)
    return found[-1].parent if found else Path(on_path).parent


def version(path):
    return int(path.parts[-3])


@contextmanager
def postgresql():
    """Start a PostgreSQL that listens to a socket in a temporary folder alone; yield that."""
    programs, user = binaries(), "postgres" if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="course") as folder:
        os.chmod(folder, 0o755)
        data = Path(folder, "data")
        data.mkdir()
        if user:  # PostgreSQL refuses to run as root
            shutil.chown(data, user)

        def run(name, *arguments):
            command = [programs / name, "-D", data, *arguments]
            output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            done = subprocess.run(
                command, user=user, cwd=folder, text=True, check=False, **output
            )
            assert done.returncode == 0, done.stdout

        run("initdb", "-A", "trust", "-U", "course", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {data} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-w", "-l", data / "log", "-o", options, "start")
        try:
            yield data
        finally:
            run("pg_ctl", "-w", "-m", "fast", "stop")


@pytest.fixture(scope="session")
def new_database():
    """Yield a function that makes an empty database on a PostgreSQL server; return its URL."""
    with postgresql() as socket:
        numbers = count()
        url = "postgresql+psycopg://course@/{}?host=" + str(socket)
        engine = sqlalchemy.create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")

        def new_database():
            name = f"course{next(numbers)}"
            with engine.connect() as connection:
                connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
            return url.format(name)

        yield new_database
        engine.dispose()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request):
    """Return the URL of an empty database, or nothing for what the course has by itself."""
    if request.param == "SQLite":
        return ""
    return request.getfixturevalue("new_database")()


@pytest.fixture
def course(tmp_path, monkeypatch, database):
    return make_course(tmp_path / "course", monkeypatch, database)


@pytest.fixture
def lite(tmp_path, monkeypatch):
    """Return a course on SQLite, for what no database has a part in."""
    return make_course(tmp_path / "lite", monkeypatch)


@contextmanager
def opened(course):
    with Gradebook(course.db_url, course.course_id) as gradebook:
        yield gradebook


def by_hand(course, student, points, comment=None, cell="why"):
    """Mark a cell as formgrader does."""
    with opened(course) as book:
        grade = book.find_grade(cell, HE, HE, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("why", HE, HE, student).manual_comment = comment
        book.db.commit()


def grade_of(course, student="ada", cell="why"):
    return gradebook.read(course, HE)[student]["grades"][cell]


def files(course):
    folder = Path(course.root, "grading")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for step in ("submitted", "autograded")
        for path in folder.glob(f"{step}/**/*.*")
    }


def test_the_database_is_the_one_that_the_setting_names(course, database):
    default = f"sqlite:///{course.root}/grading/gradebook.db"
    assert course.db_url == (database or default)


# The assignment.


def test_an_assignment_is_entered_as_nbgrader_enters_it(course, lite):
    NbGraderAPI(lite, config=lite.config).generate_assignment(HE)
    gradebook.enter(course, HE)
    assert dump(course, HE) == dump(lite, HE)
    assert dump(course, HE)["points"] == dict(sorted(MOST.items()))


def test_an_assignment_that_is_there_is_not_entered_again(course, monkeypatch):
    gradebook.enter(course, HE)
    monkeypatch.delattr(SaveCells, "preprocess")
    gradebook.enter(course, HE)


def test_a_changed_master_is_entered_again(course):
    gradebook.record(course, HE, handed_in("ada"))
    master = Path(course.root, "assignments", HE, f"{HE}.ipynb")
    master.write_text(master.read_text().replace('"points": 4', '"points": 5'))
    gradebook.enter(course, HE)
    assert grade_of(course, cell="check_he_normal")["max"] == 5.0


def test_a_master_without_a_graded_cell_is_refused_with_the_way_out(course):
    gradebook.record(course, HE, handed_in("ada"))
    path = Path(course.root, "assignments", HE, f"{HE}.ipynb")
    master = json.loads(path.read_text())
    master["cells"] = [cell for cell in master["cells"] if cell["id"] != "check_gain"]
    path.write_text(json.dumps(master))
    with pytest.raises(RuntimeError, match="/nbgrader db assignment remove 05_he --force"):
        gradebook.enter(course, HE)
    with opened(course) as book:  # as that command does
        book.remove_assignment(HE)
    gradebook.enter(course, HE)


def test_an_unknown_assignment_is_named_beside_those_that_there_are(lite):
    with pytest.raises(ValueError, match=r"must be one of \['05_he'\]; got '05_hi'"):
        gradebook.enter(lite, "05_hi")


# What is recorded.


def test_nbgrader_adds_up_what_was_recorded(course):
    checked = mark("check_gain", 0.0, "gain: it is 2.")
    gradebook.record(course, HE, handed_in("ada", result=result(check_gain=checked)))
    with opened(course) as book:
        submission = book.find_submission(HE, "ada")
        assert (submission.score, submission.max_score) == (7.0, 13.0)
        assert submission.timestamp == WHEN
        assert submission.needs_manual_grade
        assert submission.notebooks[0].failed_tests


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_a_submission_has_the_rows_that_nbgrader_gives_it(course):
    gradebook.record(course, HE, handed_in("ada"))
    with opened(course) as book:
        book.add_student("bob")
        book.add_submission(HE, "bob")
        ours, theirs = (book.find_submission_notebook(HE, HE, name) for name in ("ada", "bob"))
        for rows in ("grades", "comments"):
            names = [sorted(row.name for row in getattr(one, rows)) for one in (ours, theirs)]
            assert names[0] == names[1]


@pytest.mark.parametrize(
    ("cell", "answer", "marked", "comment"),
    [
        ("check_gain", "gain", mark("check_gain", 0.0, "It is 2."), "It is 2."),
        ("check_gain", "gain", mark("check_gain", 3.0), None),
        (
            "check_gain",
            "gain",
            mark("check_gain", 0.0, "gain: not attempted yet.", "not attempted"),
            "No response.",
        ),
        (
            "why",
            "why",
            mark("why", 0.0, "There is no answer.", "not attempted"),
            "No response.",
        ),
        ("why", "why", mark("why", None), None),
    ],
    ids=["wrong", "right", "left as released", "not answered", "answered"],
)
def test_the_reason_is_the_comment_on_the_answer(course, cell, answer, marked, comment):
    gradebook.record(course, HE, handed_in("ada", result=result(**{cell: marked})))
    with opened(course) as book:
        assert book.find_comment(answer, HE, HE, "ada").auto_comment == comment


def test_what_no_database_takes_is_replaced_in_a_reason(course):
    marked = mark("check_gain", 0.0, "a\0b\ud800c")
    gradebook.record(course, HE, handed_in("ada", result=result(check_gain=marked)))
    with opened(course) as book:
        assert book.find_comment("gain", HE, HE, "ada").auto_comment == "a\ufffdb\ufffdc"


def test_a_penalty_is_what_the_configured_plugin_takes_off(course):
    gradebook.enter(course, HE)
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    with opened(course) as book:
        book.update_or_create_assignment(HE, duedate=WHEN - timedelta(seconds=90))
    gradebook.record(course, HE, handed_in("ada"))
    gradebook.record(course, HE, handed_in("bob", received=WHEN - timedelta(seconds=90)))
    read = gradebook.read(course, HE)
    assert (read["ada"]["late"], read["ada"]["penalty"]) == (90.0, 10.0)
    assert (read["bob"]["late"], read["bob"]["penalty"]) == (0.0, 0.0)


def test_an_extension_is_time_to_hand_in(course):
    gradebook.enter(course, HE)
    with opened(course) as book:
        book.update_or_create_assignment(HE, duedate=WHEN - timedelta(hours=1))
    gradebook.record(course, HE, handed_in("ada"))
    with opened(course) as book:
        book.grant_extension(HE, "ada", minutes=59)
    gradebook.record(course, HE, handed_in("ada"))
    assert gradebook.read(course, HE)["ada"]["late"] == 60.0


def test_an_extension_of_no_due_date_is_no_matter(course):
    gradebook.record(course, HE, handed_in("ada"))
    with opened(course) as book:
        book.grant_extension(HE, "ada", minutes=59)
    gradebook.record(course, HE, handed_in("ada"))
    assert gradebook.read(course, HE)["ada"]["late"] == 0.0


def test_a_zone_is_turned_into_universal_time(course):
    received = datetime.fromisoformat("2026-11-01T13:30:15.250+01:00")
    gradebook.record(course, HE, handed_in("ada", received=received))
    assert gradebook.read(course, HE)["ada"]["received"] == WHEN.replace(tzinfo=UTC)


def test_of_two_of_one_student_the_last_counts(course):
    wrong = result(check_gain=mark("check_gain", 0.0))
    gradebook.record(course, HE, handed_in("ada") + handed_in("ada", result=wrong))
    assert grade_of(course, cell="check_gain")["points"] == 0.0


@pytest.mark.parametrize(
    ("submission", "message"),
    [
        (handed_in("../eve"), r"student must be an id, as '_eve-\w{16}'; got '../eve'"),
        (handed_in("<b>eve"), "student must be an id"),
        (handed_in("eve", result=result(mine=mark("why", 99.0))), "'mine', 'why'] of eve"),
    ],
    ids=["path", "markup", "other cells"],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_of_its_batch_saved(
    lite, submission, message
):
    with pytest.raises(ValueError, match=message):
        gradebook.record(lite, HE, handed_in("ada") + submission)
    assert gradebook.read(lite, HE) == {}
    assert files(lite) == {}


# Once more.


def test_recording_again_changes_nothing(course):
    gradebook.record(course, HE, handed_in("ada", "bob"))
    by_hand(course, "ada", 2.5, "Nearly.")
    before = dump(course, HE), files(course)
    gradebook.record(course, HE, handed_in("ada", "bob"))
    assert (dump(course, HE), files(course)) == before


def test_what_a_marker_gave_is_kept(course):
    gradebook.record(course, HE, handed_in("ada"))
    by_hand(course, "ada", 2.5, "Nearly.")
    gradebook.record(course, HE, handed_in("ada"))
    expected = {"points": 2.5, "max": 3.0, "by": "hand", "comment": "Nearly."}
    assert grade_of(course) == expected


def remove_what_the_marker_saw(course):
    shutil.rmtree(Path(course.root, "grading", "autograded"))


def damage_what_the_marker_saw(course):
    gradebook.path(course, "autograded", "ada", HE).write_text("[]")


@pytest.mark.parametrize(
    ("then", "again"),
    [
        (None, result("Something else.")),
        (None, result() | {"notebook": None}),
        (None, result(why=mark("why", 0.0, "", "not attempted"))),
        (remove_what_the_marker_saw, result()),
        (damage_what_the_marker_saw, result()),
    ],
    ids=["changed", "unreadable", "left as released", "not known", "damaged"],
)
def test_an_answer_that_may_have_changed_is_marked_again(course, then, again):
    gradebook.record(course, HE, handed_in("ada"))
    by_hand(course, "ada", 2.5, "Nearly.")
    if then:
        then(course)
    gradebook.record(course, HE, handed_in("ada", result=again))
    assert grade_of(course)["by"] == "nobody yet"
    assert grade_of(course)["comment"] == "Nearly."
    with opened(course) as book:
        assert book.find_grade("why", HE, HE, "ada").manual_score == 2.5


@pytest.mark.parametrize(
    ("again", "by"),
    [
        (result("Other words, other cell."), "hand"),
        (result() | {"notebook": notebook(gain="other", why="It depends.")}, "nobody yet"),
        (result(check_gain=mark("check_gain", 1.0)), "nobody yet"),
    ],
    ids=["another answer", "its answer", "its points by machine"],
)
def test_points_given_in_place_of_a_test_hold_for_that_answer(course, again, by):
    gradebook.record(course, HE, handed_in("ada"))
    by_hand(course, "ada", 2.0, cell="check_gain")
    gradebook.record(course, HE, handed_in("ada", result=again))
    assert grade_of(course, cell="check_gain")["by"] == by


class Killed(BaseException):
    """The end of the process, as far as a test can have it."""


@pytest.mark.parametrize("moment", range(6))
def test_after_an_interruption_the_same_run_ends_as_if_there_was_none(
    lite, tmp_path, monkeypatch, moment
):
    """The moments are before the commit, and before the files of ada and the first of bob."""
    course = make_course(tmp_path / "interrupted", monkeypatch)
    again = handed_in("ada", "bob", result=result("Something else."), data=b"[]")
    for one in (course, lite):
        gradebook.record(one, HE, handed_in("ada", "bob"))
        by_hand(one, "ada", 2.5, "Nearly.")
    steps = count()

    def killed(*_):
        if next(steps) == moment:
            raise Killed

    def write(path, content):
        killed()
        ledger.write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(gradebook, "_penalise", killed)
        patch.setattr(gradebook, "write", write)
        with pytest.raises(Killed):
            gradebook.record(course, HE, again)
    for one in (course, lite):
        gradebook.record(one, HE, again)
    assert dump(course, HE) == dump(lite, HE)
    assert files(course) == files(lite)
    assert grade_of(course)["by"] == "nobody yet"


def test_gradebooks_are_the_same_in_whatever_order_and_batches(course, lite, monkeypatch):
    students = [f"student{number}" for number in range(7)]
    gradebook.record(course, HE, handed_in(*students))
    monkeypatch.setattr(gradebook, "BATCH", 3)
    gradebook.record(lite, HE, handed_in(*reversed(students)))
    assert dump(course, HE) == dump(lite, HE)


def test_a_dump_is_plain_data_without_random_ids(course):
    gradebook.record(course, HE, handed_in("ada"))
    plain = json.dumps(dump(course, HE))
    with opened(course) as book:
        notebook = book.find_submission_notebook(HE, HE, "ada")
        rows = [notebook, notebook.notebook, *notebook.grades, *notebook.comments]
        assert not [row.id for row in rows if row.id in plain]


def test_a_batch_is_saved_before_the_next_is_asked_for(course, monkeypatch):
    monkeypatch.setattr(gradebook, "BATCH", 2)
    seen = []

    def submissions():
        for submission in handed_in("ada", "bob", "cyd"):
            seen.append(sorted(gradebook.students(course)))
            yield submission

    gradebook.record(course, HE, submissions())
    assert seen == [[], [], ["ada", "bob"]]


def statements(course, number):
    """Return how many statements the database is sent for so many new submissions."""
    sent = []

    def listen(connection, cursor, statement, *_):
        sent.append(statement)

    students = [f"of-{number}-{i}" for i in range(number)]
    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", listen)
    try:
        gradebook.record(course, HE, handed_in(*students))
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", listen)
    return len(sent)


def test_a_batch_takes_a_few_statements_whatever_its_size(course):
    gradebook.enter(course, HE)
    few = statements(course, 5)
    assert statements(course, gradebook.BATCH) == few < 60


# The files.


def test_what_was_handed_in_is_kept_as_it_was(lite):
    gradebook.record(lite, HE, handed_in("ada", data=b"\0no notebook\xff"))
    assert files(lite)[f"submitted/ada/{HE}/{HE}.ipynb"] == b"\0no notebook\xff"


def test_markers_see_the_notebook_of_the_result(lite):
    gradebook.record(lite, HE, handed_in("ada", result=result("Because ½ < 1.")))
    shown = json.loads(files(lite)[f"autograded/ada/{HE}/{HE}.ipynb"])
    assert shown == notebook(why="Because ½ < 1.")


def test_of_what_cannot_be_read_markers_see_the_released_notebook(lite):
    gradebook.record(lite, HE, handed_in("ada", result=result() | {"notebook": None}))
    shown = json.loads(files(lite)[f"autograded/ada/{HE}/{HE}.ipynb"])
    assert [cell["source"] for cell in shown["cells"]] == [
        cell["source"] for cell in notebook()["cells"]
    ]


def test_halves_of_characters_do_not_stop_the_writing(lite):
    gradebook.record(lite, HE, handed_in("ada", result=result("a\ud800b")))
    assert b"a?b" in files(lite)[f"autograded/ada/{HE}/{HE}.ipynb"]


@pytest.mark.parametrize("received", [WHEN, None])
def test_formgrader_sees_that_a_submission_is_graded(course, received):
    gradebook.record(course, HE, handed_in("ada", received=received))
    api = NbGraderAPI(course, config=course.config)
    assert api.get_autograded_students(HE) == {"ada"}


# What is read.


def test_what_is_read_says_who_gave_the_points(course):
    gradebook.record(course, HE, handed_in("ada"))
    by_hand(course, "ada", 1.0, cell="check_gain")
    read = gradebook.read(course, HE)["ada"]["grades"]
    assert {name: (grade["points"], grade["by"]) for name, grade in read.items()} == {
        "check_he_normal": (4.0, "machine"),
        "check_gain": (1.0, "hand"),
        "check_dead_fraction": (3.0, "machine"),
        "why": (None, "nobody yet"),
    }


def test_extra_credit_is_added(course):
    gradebook.record(course, HE, handed_in("ada"))
    with opened(course) as book:
        book.find_grade("check_gain", HE, HE, "ada").extra_credit = 0.5
        book.db.commit()
    assert grade_of(course, cell="check_gain")["points"] == 3.5


def test_of_an_assignment_that_nobody_handed_in_nothing_is_read(course):
    assert gradebook.read(course, HE) == {}


def test_students_are_all_in_the_gradebook(course):
    gradebook.record(course, HE, handed_in("ada"))
    with opened(course) as book:
        book.add_student("bob", first_name="Bob", last_name="Ray", email="bob@x.org")
    assert gradebook.students(course) == {"ada": "", "bob": "Bob Ray"}
    gradebook.enrol(course, [Student("bob"), Student("ada", ("Lovelace, Ada",))])
    assert gradebook.students(course) == {"ada": "Ada Lovelace", "bob": "Bob Ray"}
    with opened(course) as book:
        assert book.find_student("bob").email == "bob@x.org"


def test_a_name_that_no_database_takes_is_replaced(course):
    gradebook.enrol(course, [Student("ada", ("\ud800\0" + 200 * "x",))])
    (name,) = gradebook.students(course).values()
    assert name.startswith("\ufffd\ufffdxxx")
    assert len(name) == 101


def test_without_postgresql_one_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="sudo apt install postgresql"):
        binaries()
