"""Tests of how submissions are found in what an LMS exports."""

import io
import os
import socket
import stat
import struct
import tracemalloc
import unicodedata
import zipfile
from datetime import UTC, datetime

import pytest

from teaching.grading import collect as collecting
from teaching.grading.choice import counting
from teaching.grading.collect import Handed, collect, is_id, shown, student_id
from teaching.grading.roster import Roster, Student

TITLES = ("05_he", "06_training")
WORK = b'{"cells": []}'
ATTEMPT = "_attempt_2026-11-20-14-03-22_"


@pytest.fixture
def export(tmp_path):
    """Return a function that writes files into a folder as an LMS would; None is a folder."""

    def write(files, name="export"):
        root = tmp_path / name
        root.mkdir()
        for path, data in files.items():
            target = os.path.join(os.fsencode(root), os.fsencode(path))
            os.makedirs(target if data is None else os.path.dirname(target), exist_ok=True)
            if data is not None:
                with open(target, "wb") as file:
                    file.write(data)
        return root

    return write


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """Return the bytes of a zip; a name that ends in a slash is a folder."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as into:
        for name, data in files.items():
            into.writestr(name, data)
    return file.getvalue()


def nothing_asked(assignment):
    """Return an exam that no file is like, so that their order decides."""
    return {"cells": []}


def collected(root, **options):
    return collect(root, assignments=TITLES, **options)[0]


def problems(handed):
    return [(each.student, each.problem) for each in handed]


def reasons(root):
    """Return why each file was ignored."""
    return {each.where: each.why for each in collect(root, assignments=TITLES)[1]}


LAYOUTS = {
    "folder": ("jdoe/05_he.ipynb", "jdoe"),
    "nbgrader": ("jdoe/05_he/05_he.ipynb", "jdoe"),
    "renamed": ("jdoe/anything renamed (1).ipynb", "jdoe"),
    "all of a reader's copies": ("jdoe/my-notebooks/exercises/05_he.ipynb", "jdoe"),
    "flat, of a reader's copies": ("my-notebooks/exercises/jdoe_05_he.ipynb", "jdoe"),
    "flat, a new version of the course's": ("jdoe_05_he (new version 2).ipynb", "jdoe"),
    "flat, one that was moved over": ("05_he (mine)_jdoe.ipynb", "jdoe"),
    "folder of the assignment": ("05_he/jdoe.ipynb", "jdoe"),
    "folder of the assignment, then of the student": ("05_he/jdoe/05_he.ipynb", "jdoe"),
    "flat": ("jdoe_05_he.ipynb", "jdoe"),
    "flat, of a name with a number": ("j_doe_1_05_he.ipynb", "j_doe_1"),
    "flat, with a hyphen": ("jdoe-05_he.ipynb", "jdoe"),
    "flat, the assignment first": ("05_he_jdoe.ipynb", "jdoe"),
    "flat, the assignment twice": ("jdoe_05_he_05_he.ipynb", "jdoe"),
    "flat, in other words": ("Jane Doe - 05 He (2).ipynb", "Jane Doe"),
    "flat, words around it": ("smith_05_he_john.ipynb", "smith_john"),
    "flat, without the assignment": ("jane.doe@example.org.ipynb", "jane.doe@example.org"),
    "Moodle": ("Jane Doe_123456_assignsubmission_file_/05_he.ipynb", "Jane Doe_123456"),
    "Moodle since 4": ("Jane Doe_123456_assignsubmission_file/05_he.ipynb", "Jane Doe_123456"),
    "Moodle, flat": ("Jane Doe_123456_assignsubmission_file_05_he.ipynb", "Jane Doe_123456"),
    "Canvas": ("doejane_12345_67890_05_he.ipynb", "doejane_12345"),
    "Canvas, late": ("doejane_LATE_12345_67890_05_he-2.ipynb", "doejane_12345"),
    "Canvas, anonymous": ("anon_aB3dE_67890_05_he.ipynb", "anon_aB3dE"),
    "Canvas, anonymous and late": ("LATE_anon_aB3dE_67890_05_he.ipynb", "anon_aB3dE"),
    "Blackboard": ("05_he_j_doe_attempt_2026-11-20-14-03-22_05_he.ipynb", "j_doe"),
    "Blackboard, another column": ("Ex 5_jdoe_attempt_2026-11-20-14-03-22_a.ipynb", "jdoe"),
    "Brightspace": (
        "12345-67890 - Jane Doe - Nov 20, 2026 203 PM/05_he.ipynb",
        "Jane Doe_12345",
    ),
    "Brightspace, flat": (
        "12345-67890 - Jane Doe - Nov 20, 2026 203 PM - 05_he.ipynb",
        "Jane Doe_12345",
    ),
}


@pytest.fixture(params=LAYOUTS)
def layout(request):
    """Return a path that an LMS gives a submission, and the student's id."""
    return LAYOUTS[request.param]


def test_the_student_is_found_in_the_layout(export, layout):
    path, student = layout
    [handed] = collected(export({path: WORK}))
    assert (handed.student, handed.where, handed.data) == (student, path, WORK)


def test_a_readers_own_copies_are_those_of_one_student(export):
    names = ("05_he.ipynb", "06_training (new version).ipynb")
    files = ["05_he.ipynb", *(f"exercises/{name}" for name in names)]
    handed = collected(export(dict.fromkeys(files, WORK), "my-notebooks"))
    assert {one.student for one in handed} == {"my-notebooks"}


def test_a_new_version_of_the_course_does_not_count_before_what_was_worked_in(export):
    """Nor does the lesson of the same name before its exercises."""
    names = ("05_he.ipynb", "exercises/05_he (new version).ipynb", "exercises/05_he.ipynb")
    handed = collected(export({f"jdoe/my-notebooks/{name}": WORK for name in names}))
    counts, _ = counting(((one, "05_he") for one in handed), nothing_asked)
    assert counts["jdoe", "05_he"].where == "jdoe/my-notebooks/exercises/05_he.ipynb"


def test_the_student_is_found_in_a_zip_of_the_layout(export, layout):
    path, student = layout
    root = export({"all.zip": zipped({path: WORK})})
    [handed] = collected(root / "all.zip")
    assert (handed.student, handed.where, handed.data) == (student, path, WORK)


def test_the_student_is_found_in_a_zip_that_is_named_after_an_assignment(export, layout):
    path, student = layout
    [handed] = collected(export({"05_he.zip": zipped({path: WORK})}))
    assert (handed.student, handed.where) == (student, f"05_he.zip/{path}")


@pytest.mark.parametrize(
    "path",
    ["jdoe\\05_he.ipynb", "../jdoe/05_he.ipynb", "/jdoe_05_he.ipynb", "./jdoe/05_he.ipynb"],
)
def test_the_student_is_found_in_a_path_of_another_form(export, path):
    root = export({"all.zip": zipped({path: WORK})})
    assert [each.student for each in collected(root / "all.zip")] == ["jdoe"]


@pytest.mark.parametrize("name", ["submissions.zip", "submissions (1).zip"])
def test_a_folder_that_was_packed_as_a_whole_is_no_student(export, name):
    root = export({name: zipped({"submissions/": "", "submissions/jdoe/05_he.ipynb": WORK})})
    assert [each.student for each in collected(root / name)] == ["jdoe"]


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("jdoe.zip", "jdoe"),
        ("jdoe_05_he.zip", "jdoe"),
        ("jdoe/my work.zip", "jdoe"),
        ("Jane Doe_123456_assignsubmission_file_/work.zip", "Jane Doe_123456"),
        ("doejane_12345_67890_work.zip", "doejane_12345"),
    ],
)
def test_a_zip_of_one_student_is_looked_into(export, path, student):
    [handed] = collected(export({path: zipped({"my/05_he.ipynb": WORK})}))
    assert (handed.student, handed.where) == (student, f"{path}/my/05_he.ipynb")


def test_a_zip_in_a_students_zip_is_looked_into(export):
    inner = zipped({"05_he.ipynb": WORK})
    [handed] = collected(export({"jdoe.zip": zipped({"work.zip": inner})}))
    assert (handed.where, handed.data) == ("jdoe.zip/work.zip/05_he.ipynb", WORK)


@pytest.mark.parametrize(
    ("name", "student"), [("jdoe", "jdoe"), ("jdoe_05_he", "jdoe"), ("05_he", "05_he")]
)
def test_a_file_that_names_nobody_is_of_whom_the_export_names(export, name, student):
    [handed] = collected(export({"05_he.ipynb": WORK}, name))
    assert handed.student == student


def test_an_assignment_whose_name_begins_with_anothers_is_taken_out_whole(export):
    root = export({"jdoe_05_he_again.ipynb": WORK})
    handed, _ = collect(root, ["05_he", "05_he_again"])
    assert [each.student for each in handed] == ["jdoe"]


def test_a_student_can_be_called_otherwise(export):
    root = export({"Jane Doe_123456_assignsubmission_file_/05_he.ipynb": WORK})
    [handed] = collected(root, roster=Roster([Student("jdoe", ("Jane Doe",))]))
    assert handed.student == "jdoe"


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("mallory/alice_1_assignsubmission_file_/05_he.ipynb", "mallory"),
        ("mallory/../alice/05_he.ipynb", "mallory"),
        ("mallory_11_22_alice_33_44_05_he.ipynb", "mallory_11"),
        ("mallory_1_assignsubmission_file_alice_2_assignsubmission_file_a.ipynb", "mallory_1"),
        (f"05_he_mallory{ATTEMPT}05_he_alice{ATTEMPT}05_he.ipynb", "mallory"),
        ("mallory_05_he.zip", "mallory"),
    ],
)
def test_names_that_a_student_chose_do_not_make_work_anothers(export, path, student):
    inside = {
        "alice/05_he.ipynb": WORK,
        "../alice/05_he.ipynb": WORK,
        "/alice_05_he.ipynb": WORK,
    }
    root = export({"all.zip": zipped({path: zipped(inside) if "zip" in path else WORK})})
    assert {each.student for each in collected(root / "all.zip")} == {student}


def test_a_name_that_no_system_has_is_not_taken_apart(export):
    name = "_" * 50_000  # to look for the assignment's in it would take an hour
    root = export({"all.zip": zipped({f"{name}.ipynb": WORK})})
    assert [each.student for each in collected(root / "all.zip")] == [
        student_id(f"{name}.ipynb")
    ]


@pytest.mark.parametrize(
    ("path", "received"),
    [
        ("05_he_jdoe_attempt_2026-11-20-14-03-22_05_he.ipynb", (14, 3, 22)),
        ("12345-67890 - Jane Doe - Nov 20, 2026 203 PM/05_he.ipynb", (14, 3)),
        ("12345-67890 - Jane Doe - November 20, 2026 1203 AM/05_he.ipynb", (0, 3)),
    ],
)
def test_the_time_is_read_from_the_name(export, path, received):
    [handed] = collected(export({path: WORK}))
    assert handed.received == datetime(2026, 11, 20, *received, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    [
        "05_he_jdoe_attempt_2026-13-20-14-03-22_05_he.ipynb",
        "12345-67890 - Jane Doe - Foo 20, 2026 203 PM/05_he.ipynb",
        "jdoe/05_he.ipynb",
    ],
)
def test_a_name_without_a_possible_time_has_none(export, path):
    assert [each.received for each in collected(export({path: WORK}))] == [None]


@pytest.mark.parametrize(
    ("noted", "hour"),
    [
        (b"2026-11-20 14:03:22.123456 UTC\n", 14),
        (b"2026-11-20 14:03:22.123456", 14),
        (b"2026-11-20 14:03:22.123456 +0100", 13),
        (b"2026-11-20 14:03:22.123456 Europe/Berlin", 13),
    ],
)
def test_the_time_is_read_from_nbgraders_note(export, noted, hour):
    files = {"jdoe/05_he/05_he.ipynb": WORK, "jdoe/05_he/timestamp.txt": noted}
    [handed] = collected(export(files))
    assert handed.received == datetime(2026, 11, 20, hour, 3, 22, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "noted",
    [
        b"",
        b"yesterday",
        b"2026-11-31 14:03:22 UTC",
        b"2026-11-20 14:03:22 ../../etc/passwd",
        b"0001-01-01 00:00:00 +2300",
        b"\xff\xfe",
    ],
)
def test_a_note_that_holds_no_time_is_no_time(export, noted):
    files = {"jdoe/05_he/05_he.ipynb": WORK, "jdoe/05_he/timestamp.txt": noted}
    assert [each.received for each in collected(export(files))] == [None]


def test_a_note_of_the_time_names_no_student(export):
    noted = {"05_he/05_he.ipynb": WORK, "05_he/timestamp.txt": b"2026-11-20 14:03:22 UTC"}
    [handed] = collected(export(noted, "jdoe"))
    assert (handed.student, handed.received.day) == ("jdoe", 20)


@pytest.mark.parametrize(
    "files",
    [
        {
            "jdoe/05_he/work.zip": zipped(
                {"05_he.ipynb": WORK, "timestamp.txt": b"2026-11-01 00:00:00"}
            )
        },
        {
            "Jane Doe_12_assignsubmission_file_/05_he.ipynb": WORK,
            "Jane Doe_12_assignsubmission_file_/timestamp.txt": b"2026-11-01 00:00:00",
        },
    ],
)
def test_a_student_cannot_note_the_time(export, files):
    [handed] = collected(export(files))
    assert handed.received is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("__MACOSX/jdoe/._05_he.ipynb", "left there by software, not handed in"),
        (
            "jdoe/.ipynb_checkpoints/05_he-checkpoint.ipynb",
            "left there by software, not handed in",
        ),
        ("jdoe/.DS_Store", "left there by software, not handed in"),
        ("jdoe/._05_he.ipynb", "left there by software, not handed in"),
        ("jdoe/Thumbs.db", "left there by software, not handed in"),
        ("desktop.ini", "left there by software, not handed in"),
        ("index.html", "Brightspace's table of contents"),
        ("jdoe/plot.py", "not a notebook, and there is one"),
        ("jdoe/05_he/timestamp.txt", "nbgrader's note of the time"),
        (
            "Jane Doe_12_assignsubmission_onlinetext_/onlinetext.html",
            "typed into Moodle, not a file",
        ),
        (
            "Jane Doe_12_assignsubmission_onlinetext_onlinetext.html",
            "typed into Moodle, not a file",
        ),
        ("doejane_12345_text.html", "typed into Canvas, not a file"),
        ("05_he_jdoe_attempt_2026-11-20-14-03-22.txt", "Blackboard's receipt"),
    ],
)
def test_what_is_no_work_is_ignored_with_the_reason(export, path, why):
    assert reasons(export({"jdoe/05_he.ipynb": WORK, path: b"-"})) == {path: why}


def test_junk_in_a_students_zip_is_ignored(export):
    inside = {"05_he.ipynb": WORK, "__MACOSX/._05_he.ipynb": b"-"}
    root = export({"jdoe.zip": zipped(inside)})
    assert [each.where for each in collected(root)] == ["jdoe.zip/05_he.ipynb"]
    assert list(reasons(root)) == ["jdoe.zip/__MACOSX/._05_he.ipynb"]


@pytest.mark.parametrize("name", ["05_he.py", "05_he.pdf", "05_he.docx", "05_he"])
def test_what_is_no_notebook_is_returned_if_there_is_nothing_else(export, name):
    [handed] = collected(export({f"jdoe/{name}": b"-"}))
    assert (handed.student, handed.data) == ("jdoe", b"-")


@pytest.mark.parametrize("name", ["05_he.ipynb.txt", "05_he.ipynb.json", "05_HE.IPYNB"])
def test_a_notebook_with_a_browsers_suffix_is_a_notebook(export, name):
    files = {"jdoe/06_training.ipynb": WORK, f"jdoe/{name}": WORK}
    assert len(collected(export(files))) == 2


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"jdoe": None}, "an empty folder"),
        ({"jdoe/05_he": None}, "an empty folder"),
        ({"jdoe_05_he.zip": zipped({})}, "an empty zip"),
        ({"jdoe_05_he.zip": zipped({"a/": b"", "a/.DS_Store": b"-"})}, "an empty zip"),
        ({"doe_12_text.html": b"-"}, "nothing but what is ignored"),
    ],
)
def test_who_handed_in_nothing_is_told_so(export, files, problem):
    [handed] = collected(export(files))
    assert handed.student in ("jdoe", "doe_12")
    assert (handed.data, handed.problem) == (None, problem)


def test_an_empty_folder_in_a_zip_is_told_so(export):
    root = export({"all.zip": zipped({"jdoe/": b""})})
    assert problems(collected(root / "all.zip")) == [("jdoe", "an empty folder")]


def test_a_link_to_a_file_is_not_followed(export):
    root = export({"secret": b"-"})
    (root / "jdoe").mkdir()
    (root / "jdoe" / "05_he.ipynb").symlink_to(root / "secret")
    (root / "secret").rename(root.parent / "secret")
    assert problems(collected(root)) == [("jdoe", "a symbolic link, which is not followed")]


def test_a_link_to_a_folder_is_not_followed(export):
    outside = export({"05_he.ipynb": WORK}, "outside")
    root = export({})
    (root / "jdoe").symlink_to(outside)
    assert problems(collected(root)) == [("jdoe", "a symbolic link, which is not followed")]


def test_a_link_in_a_zip_is_not_followed(export):
    link = zipfile.ZipInfo("05_he.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    root = export({"jdoe.zip": zipped({link: b"/etc/passwd"})})
    assert problems(collected(root)) == [("jdoe", "a symbolic link, which is not followed")]


def test_a_named_pipe_is_not_waited_for(export):
    root = export({"jdoe": None})
    os.mkfifo(root / "jdoe" / "05_he.ipynb")
    assert problems(collected(root)) == [("jdoe", "neither a file nor a folder")]


def test_a_socket_is_not_read(export, monkeypatch):
    root = export({"jdoe": None})
    monkeypatch.chdir(root / "jdoe")  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("05_he.ipynb")
        [handed] = collected(root)
    assert handed.problem.startswith("it cannot be read: ")


def test_a_folder_that_is_deeper_than_a_path_can_say_is_told(export):
    root = export({"jdoe": None})
    folder = os.open(root / "jdoe", os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=folder)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    assert problems(collected(root)) == [("jdoe", "it cannot be read: File name too long")]


@pytest.fixture
def small(monkeypatch):
    """Make the limits small, since a test of large ones would take long."""
    monkeypatch.setattr(collecting, "LARGEST", 2**20)
    monkeypatch.setattr(collecting, "LARGEST_IN_ALL", 3 * 2**20)
    monkeypatch.setattr(collecting, "MOST_FILES", 50)


@pytest.mark.parametrize("pack", [False, True])
def test_a_file_is_read_up_to_the_limit(small, export, pack):
    files = {"05_he.ipynb": bytes(2**20), "06_training.ipynb": bytes(2**20 + 1)}
    packed = {"jdoe.zip": zipped(files)}
    handed = collected(export(packed if pack else {f"jdoe/{k}": v for k, v in files.items()}))
    assert [each.problem for each in handed] == ["", "larger than 1 MB"]
    assert [each.data for each in handed] == [bytes(2**20), None]


def test_a_students_files_are_read_up_to_a_limit_in_all(small, export):
    files = {f"{i}.ipynb": bytes(2**20 - 10_000) for i in range(5)}
    handed = collected(export({"jdoe.zip": zipped(files), "zoe.ipynb": WORK}))
    assert [each.problem for each in handed] == [
        "",
        "",
        "",
        *["one of more than 3 MB in all"] * 2,
        "",
    ]


def test_a_zip_of_too_many_files_is_refused(small, export):
    root = export({"jdoe.zip": zipped({f"{i}.ipynb": WORK for i in range(51)})})
    assert problems(collected(root)) == [("jdoe", "one of more than 50 files in zips")]


def test_zips_of_too_many_files_together_are_refused(small, export):
    inner = zipped({f"{i}.ipynb": WORK for i in range(30)})
    handed = collected(export({"jdoe.zip": zipped({"a.zip": inner, "b.zip": inner})}))
    assert sum(not each.problem for each in handed) == 30
    assert {each.where: each.problem for each in handed if each.problem} == {
        "jdoe.zip/b.zip": "one of more than 50 files in zips"
    }


def test_a_zip_bomb_costs_little_memory(export):
    bomb = zipped({f"{i}.ipynb": bytes(120 * 2**20) for i in range(2)})
    root = export({"jdoe.zip": zipped({f"{i}.zip": bomb for i in range(20)})})
    tracemalloc.start()
    handed = collected(root)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(handed) == 40
    assert not any(each.data for each in handed)
    assert peak < 100 * 2**20


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_would_be_unpacked_all_at_once_is_not_unpacked(export, method):
    root = export({"jdoe.zip": zipped({"05_he.ipynb": bytes(10**6)}, method)})
    assert problems(collected(root)) == [("jdoe", "packed by another method than 'deflate'")]


def test_a_size_that_a_zip_claims_is_not_believed(export):
    data = zipped({"05_he.ipynb": bytes(25 * 2**20)})
    forged = data.replace(struct.pack("<L", 25 * 2**20), struct.pack("<L", 10))
    assert forged != data
    assert problems(collected(export({"jdoe.zip": forged}))) == [("jdoe", "the zip is damaged")]


GOOD = zipped({"05_he.ipynb": WORK}, zipfile.ZIP_STORED)
ENCRYPTED = GOOD.replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the zip is damaged"),
        (b"PK\3\4 and so on", "the zip is damaged"),
        (GOOD[:-30], "the zip is damaged"),
        (GOOD.replace(WORK, WORK[::-1]), "the zip is damaged"),
        (GOOD.replace(b"PK\3\4", b"PK\3\5"), "the zip is damaged"),
        (GOOD.replace(b"05_he.ipynb", b"\xff5_he.ipynb"), ""),
        (ENCRYPTED, "encrypted"),
        (zipped({"a.zip": zipped({"b.zip": GOOD})}), "a zip in a zip in a zip"),
    ],
)
def test_what_is_wrong_with_a_zip_is_told_and_the_rest_collected(export, data, problem):
    handed = collected(export({"jdoe.zip": data, "zoe.ipynb": WORK}))
    assert problems(handed) == [("jdoe", problem), ("zoe", "")]


@pytest.mark.parametrize("place", range(len(GOOD)))
def test_no_damaged_byte_stops_collecting(export, place):
    data = bytearray(GOOD)
    data[place] ^= 0xFF
    handed = collected(export({"jdoe.zip": bytes(data), "zoe.ipynb": WORK}))
    assert [each.student for each in handed] == ["jdoe", "zoe"]


def test_a_damaged_zip_of_an_assignment_is_told(export):
    [handed] = collected(export({"05_he.zip": b"-"}))
    assert (handed.where, handed.problem) == ("05_he.zip", "the zip is damaged")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing", "No such file or directory"), ("notes.txt", "the zip is damaged")],
)
def test_no_folder_and_no_zip_is_refused(export, name, reason):
    root = export({"notes.txt": b"-"})
    with pytest.raises(ValueError, match=f"in a folder or a zip; got .*{name}: .*{reason}"):
        collect(root / name)


CLEAN = [
    "jdoe",
    "Jane Doe_123456",
    "jane.doe+1@example.org",
    "Łukasz Żółć",
    "王小明",
    "प्रिया",
    "a-b_c",
]


@pytest.mark.parametrize("raw", CLEAN)
def test_a_usual_name_is_the_id(raw):
    assert student_id(raw) == raw


STRANGE = [
    "",
    ".",
    "..",
    ".hidden",
    "../../etc/passwd",
    "C:\\Users\\x",
    "a/b",
    "a\\b",
    "a\0b",
    "a\nb",
    "a  b",
    " a",
    "a ",
    "a.",
    "a\u202egnp.exe",
    "a\u200bb",
    "\u3164",
    "a\ufe0f",
    "\udcff\udcfe",
    "\udcfe\udcff",
    "\ud800",
    "<script>alert(1)</script>",
    "O'Brien",
    "=1+1",
    "@x",
    "-rf",
    "$(rm -rf ~)",
    "nul",
    "COM1.txt",
    "🙂",
    "🙃",
    "x" * 81,
    "x" * 82,
    "x" * 70_000,
    "王" * 200,
    "\U00020000" * 80,
]


@pytest.mark.parametrize("raw", STRANGE)
def test_a_strange_name_becomes_one_that_any_system_takes(raw):
    student = student_id(raw)
    assert student != raw
    assert is_id(student)
    assert 0 < len(student) <= 80
    assert len(student.encode()) <= 240
    assert student[0] not in ".-+@ "
    assert student[-1] not in ". "
    assert student == unicodedata.normalize("NFC", student)
    assert "  " not in student
    assert all(c.isalnum() or c in ".-_@+ " for c in student)


def test_nobody_has_the_id_of_another_by_taking_it_for_a_name():
    """A fingerprint is public: a folder of this name is not the other one's."""
    stolen = student_id("Pat O'Brien")
    assert student_id(stolen) != stolen
    assert is_id(student_id(stolen))


def test_two_names_never_have_one_id():
    names = CLEAN + STRANGE + [student_id(name) for name in STRANGE]
    assert len({student_id(name) for name in names}) == len(names)


def test_one_name_in_two_encodings_of_its_accents_has_one_id():
    assert student_id(unicodedata.normalize("NFD", "José")) == student_id("José") == "José"


def test_a_name_that_is_not_unicode_is_collected(export):
    [handed] = collected(export({b"j\xf6rg/05_he.ipynb": WORK}))
    assert handed.data == WORK
    assert handed.student.startswith("j_rg-")
    assert handed.where == "j\ufffdrg/05_he.ipynb"


def test_a_path_is_shown_in_one_line_and_in_its_order():
    assert shown("a\nb\x1b[31m\u202ec\udcff") == "a\ufffdb\ufffd[31m\ufffdc\ufffd"


def test_a_long_path_is_shown_by_its_ends():
    assert len(shown("jdoe/" + "x" * 60_000 + "/05_he.ipynb")) == 301


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_is_always_the_same(export, monkeypatch, backwards):
    names = ["05_he_z.ipynb", "c_05_he.ipynb", "c_05_he-2.ipynb", "b/.DS_Store", "a/1.ipynb"]
    root, listed = export(dict.fromkeys([*names, "a/2.py"], WORK)), os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: sorted(listed(path), reverse=backwards))
    handed, ignored = collect(root, assignments=TITLES)
    assert [(each.student, each.where) for each in handed] == [
        ("a", "a/1.ipynb"),
        ("b", "b/"),
        ("c", "c_05_he-2.ipynb"),
        ("c", "c_05_he.ipynb"),
        ("z", "05_he_z.ipynb"),
    ]
    assert [each.where for each in ignored] == ["a/2.py", "b/.DS_Store"]


@pytest.mark.parametrize(
    "paths",
    [
        ["jdoe/05_he.ipynb", "jdoe/05_he (1).ipynb"],
        ["jdoe/05_he-9.ipynb", "jdoe/05_he-10.ipynb"],
        ["jdoe_05_he.ipynb", "jdoe_05_he-2.ipynb"],
        ["doe_12345_67890_05_he.ipynb", "doe_LATE_12345_67890_05_he-2.ipynb"],
        ["doe_12345_67890_05_he-2.ipynb", "doe_12345_70001_final.ipynb"],
        [
            "05_he_jdoe_attempt_2026-11-20-14-03-22_05_he.ipynb",
            "05_he_jdoe_attempt_2026-11-21-09-00-00_05_he.ipynb",
        ],
        [
            "12345-67890 - Jane Doe - Nov 20, 2026 903 PM/05_he.ipynb",
            "12345-67890 - Jane Doe - Nov 20, 2026 1003 PM/05_he.ipynb",
        ],
        ["jdoe/05_he.ipynb", "jdoe/he.ipynb"],
    ],
)
def test_the_latest_counts_and_the_others_are_superseded(export, paths):
    earlier, later = paths
    judged = [(handed, "05_he") for handed in collected(export(dict.fromkeys(paths, WORK)))]
    counts, superseded = counting(judged, nothing_asked)
    assert [handed.where for handed in counts.values()] == [later]
    assert superseded == [(earlier, f"superseded by {later}")]


def test_of_one_attempt_what_came_last_counts():
    early, late = (
        Handed("jdoe", where, WORK, datetime(2026, 11, day, tzinfo=UTC), "", (0,))
        for where, day in (("z.ipynb", 1), ("a.ipynb", 2))
    )
    counts, _ = counting([(late, "05_he"), (early, "05_he")], nothing_asked)
    assert counts["jdoe", "05_he"].where == late.where


def test_each_assignment_of_each_student_counts(export):
    root = export(dict.fromkeys(("a/1.ipynb", "a/2.ipynb", "b/1.ipynb"), WORK))
    first, second, third = collected(root)
    judged = [(first, "05_he"), (second, "06_training"), (third, "05_he")]
    counts, superseded = counting(judged, nothing_asked)
    assert list(counts.values()) == [first, second, third]
    assert superseded == []
