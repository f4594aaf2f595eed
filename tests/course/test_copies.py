"""The reader's copies: nothing that was worked in is ever lost, nor in the way of an update."""

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from course import copies
from course.problems import Problem
from tests.course.conftest import notebook

LESSON = "03_random.ipynb"
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "2\n"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return the folder of a course of one lesson and one exercise, which is no checkout."""
    for name, path in (
        ("ROOT", tmp_path),
        ("SOURCES", tmp_path / "notebooks"),
        ("COPIES", tmp_path / "my-notebooks"),
        ("RECORD", tmp_path / "my-notebooks" / ".copies.json"),
    ):
        monkeypatch.setattr(copies, name, path)
    for name in (LESSON, f"exercises/{LESSON}"):
        publish(tmp_path, notebook("1 + 1"), name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def publish(course, data, name=LESSON):
    path = course / "notebooks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def refreshed():
    """Bring the copies up to date, and return what was said."""
    said = []
    copies.refresh(said.append)
    return "\n".join(said)


def mine(course, name=LESSON):
    return course / "my-notebooks" / name


def files(folder):
    """Return what lies in a folder, by path, but for the record."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".copies.json"
    }


def test_every_notebook_has_a_copy_byte_by_byte(course):
    assert "2 copies made for you" in refreshed()
    assert files(course / "my-notebooks") == files(course / "notebooks")
    assert refreshed() == ""


@pytest.mark.parametrize("run", [False, True])
def test_a_copy_that_nobody_changed_follows_its_source(course, run):
    refreshed()
    if run:
        mine(course).write_bytes(notebook("1 + 1", outputs=[OUTPUT]))
    publish(course, notebook("1 + 1", "2 + 2"))
    assert "1 copy brought up to date" in refreshed()
    assert mine(course).read_bytes() == notebook("1 + 1", "2 + 2")


def test_a_run_copy_keeps_its_outputs_as_long_as_its_source_is_the_same(course):
    refreshed()
    mine(course).write_bytes(notebook("1 + 1", outputs=[OUTPUT]))
    assert refreshed() == ""
    assert mine(course).read_bytes() == notebook("1 + 1", outputs=[OUTPUT])


def test_a_copy_that_was_worked_in_is_kept_and_the_new_version_comes_once_beside_it(course):
    refreshed()
    mine(course).write_bytes(notebook("my work"))
    assert refreshed() == ""
    publish(course, notebook("new"))
    said = refreshed()
    assert "you have worked in it" in said
    assert 'There is a new version beside it: "03_random (new version).ipynb"' in said
    beside = mine(course, "03_random (new version).ipynb")
    assert mine(course).read_bytes() == notebook("my work")
    assert beside.read_bytes() == notebook("new")
    assert refreshed() == ""
    beside.unlink()
    assert refreshed() == ""
    assert not beside.exists(), "who threw it away does not want it"


@pytest.mark.parametrize("worked_in", [False, True])
def test_the_next_version_takes_the_place_of_one_that_nobody_worked_in(course, worked_in):
    refreshed()
    mine(course).write_bytes(notebook("my work"))
    publish(course, notebook("second"))
    refreshed()
    first = mine(course, "03_random (new version).ipynb")
    if worked_in:
        first.write_bytes(notebook("second", "my work"))
    publish(course, notebook("third"))
    refreshed()
    second = mine(course, "03_random (new version 2).ipynb")
    assert second.exists() == worked_in
    assert (second if worked_in else first).read_bytes() == notebook("third")
    assert mine(course).read_bytes() == notebook("my work")


def test_who_takes_the_new_version_for_the_old_one_gets_updates_of_it(course):
    refreshed()
    mine(course).write_bytes(notebook("my work"))
    publish(course, notebook("second"))
    refreshed()
    mine(course, "03_random (new version).ipynb").replace(mine(course))
    publish(course, notebook("third"))
    assert "brought up to date" in refreshed()
    assert mine(course).read_bytes() == notebook("third")


def test_a_deleted_copy_comes_anew(course):
    refreshed()
    mine(course).write_bytes(notebook("my work"))
    mine(course).unlink()
    assert "1 copy made for you" in refreshed()
    assert mine(course).read_bytes() == notebook("1 + 1")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"cells": 3}', b"\xff\xfe"])
def test_what_cannot_be_read_is_kept(course, damage):
    refreshed()
    mine(course).write_bytes(damage)
    publish(course, notebook("new"))
    assert "(new version)" in refreshed()
    assert mine(course).read_bytes() == damage


@pytest.mark.parametrize("damage", ["", "[]", '{"03_random.ipynb": 1}', None])
def test_without_its_record_work_is_known_by_its_cells(course, damage):
    refreshed()
    record = course / "my-notebooks" / ".copies.json"
    record.unlink() if damage is None else record.write_text(damage)
    mine(course, f"exercises/{LESSON}").write_bytes(notebook("my work"))
    assert "worked in" in refreshed()
    assert mine(course, f"exercises/{LESSON}").read_bytes() == notebook("my work")
    assert mine(course).read_bytes() == notebook("1 + 1")


def test_what_the_reader_made_there_is_left_alone(course):
    refreshed()
    own = {"own.ipynb": b"mine", "03_random-Copy1.ipynb": b"mine", "data/x.csv": b"1"}
    for name, data in own.items():
        mine(course, name).parent.mkdir(exist_ok=True)
        mine(course, name).write_bytes(data)
    publish(course, notebook("new"))
    refreshed()
    assert own.items() <= files(course / "my-notebooks").items()


def test_a_write_that_fails_leaves_the_old_copy_whole(course, monkeypatch):
    refreshed()
    publish(course, notebook("new"))

    def full(self, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            refreshed()
    assert files(course / "my-notebooks")[LESSON] == notebook("1 + 1")
    assert "brought up to date" in refreshed()


def test_two_notebooks_that_differ_in_what_was_printed_and_in_ids_are_one():
    one, other = (json.loads(notebook("a", outputs=o)) for o in ([], [OUTPUT]))
    other["cells"][0] |= {"id": "another", "execution_count": 3, "source": "a"}
    assert copies.fingerprint(one) == copies.fingerprint(other)
    for change in ({"source": "b"}, {"cell_type": "raw"}, {"metadata": {"nbgrader": {}}}):
        changed = {**other, "cells": [other["cells"][0] | change]}
        assert copies.fingerprint(changed) != copies.fingerprint(one)


# With git: an update never meets a reader's changes.


def git(folder, *arguments):
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    done = subprocess.run(
        ["git", "-C", folder, *who, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def upstream(course, tmp_path_factory):
    """Return the course as its authors publish it; `course` is a clone."""
    folder = tmp_path_factory.mktemp("upstream")
    shutil.copytree(course / "notebooks", folder / "notebooks")
    (folder / ".gitignore").write_text("/my-notebooks/\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    shutil.rmtree(course / "notebooks")
    git(course, "clone", "-q", folder, ".")
    return folder


def commit(upstream, data, name=LESSON):
    publish(upstream, data, name)
    git(upstream, "commit", "-qam", "more")


def test_a_lesson_worked_in_meets_a_pull_that_changes_it(course, upstream):
    refreshed()
    mine(course).write_bytes(notebook("my work"))
    commit(upstream, notebook("new"))
    git(course, "pull", "-q")
    refreshed()
    assert mine(course).read_bytes() == notebook("my work")
    assert mine(course, "03_random (new version).ipynb").read_bytes() == notebook("new")
    assert git(course, "status", "--porcelain") == ""


def test_what_was_worked_in_among_the_lessons_is_moved_over_and_they_are_restored(
    course, upstream
):
    refreshed()
    publish(course, notebook("my work"))
    publish(course, notebook("1 + 1", outputs=[OUTPUT]), f"exercises/{LESSON}")
    said = refreshed()
    assert "notebooks/03_random.ipynb had changes of yours" in said
    assert "my-notebooks/03_random (mine).ipynb" in said
    assert mine(course, "03_random (mine).ipynb").read_bytes() == notebook("my work")
    assert git(course, "status", "--porcelain") == "", "what was only run is restored as well"
    commit(upstream, notebook("new"))
    git(course, "pull", "-q")


def test_the_first_copy_is_what_was_worked_in_before(course, upstream):
    publish(course, notebook("my work"))
    refreshed()
    assert mine(course).read_bytes() == notebook("my work")
    assert mine(course, "03_random (new version).ipynb").read_bytes() == notebook("1 + 1")


def test_who_edits_the_course_keeps_the_edits(course, upstream):
    publish(course, notebook("better"))
    git(course, "add", ".")
    assert "had changes" not in refreshed(), "staged"
    git(course, "reset", "-q")
    copies.mark_as_edited()
    assert "had changes" not in refreshed()
    assert (course / "notebooks" / LESSON).read_bytes() == notebook("better")


@pytest.mark.parametrize("why", ["staged", "locked", "no git", "edited"])
def test_work_that_could_not_be_moved_over_at_once_is_not_taken_for_the_courses(
    course, upstream, monkeypatch, why
):
    publish(course, notebook("my work"))
    lock = course / ".git" / "index.lock"
    with monkeypatch.context() as patch:
        if why == "staged":
            git(course, "add", ".")
        elif why == "locked":
            lock.touch()
        elif why == "no git":
            patch.setenv("PATH", "/nowhere")
        else:
            copies.mark_as_edited()
        said = refreshed()
    assert ("`git pull` will stop" in said) == (why == "staged")
    assert ("could not restore notebooks/03_random.ipynb" in said) == (why == "locked")
    lock.unlink(missing_ok=True)
    git(course, "reset", "-q")
    if why == "edited":
        git(course, "config", "--unset", copies.EDITING)
    refreshed()
    assert git(course, "status", "--porcelain") == ""
    assert mine(course).read_bytes() == notebook("my work")
    commit(upstream, notebook("new"))
    git(course, "pull", "-q")
    refreshed()
    assert mine(course).read_bytes() == notebook("my work")


def test_work_that_the_reader_committed_is_not_taken_for_the_courses(course, upstream):
    refreshed()
    commit(course, notebook("my work"))
    refreshed()
    commit(upstream, notebook("new"))
    git(course, "fetch", "-q")
    git(course, "reset", "-q", "--hard", "origin/main")
    refreshed()
    assert mine(course).read_bytes() == notebook("my work")
    assert mine(course, "03_random (new version).ipynb").read_bytes() == notebook("new")


def test_a_source_with_marks_of_a_conflict_is_not_copied(course, upstream):
    refreshed()
    publish(course, b"<<<<<<< mine")
    git(course, "add", ".")
    assert "is no notebook now" in refreshed()
    mine(course).write_bytes(b"cut off")
    git(course, "reset", "-q", "--hard")
    commit(upstream, notebook("new"))
    git(course, "pull", "-q")
    refreshed()
    assert mine(course).read_bytes() == b"cut off"


@pytest.mark.parametrize("inside", ["", "exercises"])
def test_a_link_into_the_courses_own_files_is_refused(course, inside):
    link = course / "my-notebooks" / inside
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(course / "notebooks" / inside)
    with pytest.raises(Problem, match="leads into notebooks/"):
        refreshed()


def test_a_file_where_the_folder_would_be_is_named(course):
    (course / "my-notebooks").touch()
    with pytest.raises(Problem, match="Move it away"):
        refreshed()


def test_an_empty_cell_at_the_end_is_no_work(course):
    """JupyterLab adds one below the last cell that is run."""
    refreshed()
    mine(course).write_bytes(notebook("1 + 1", ""))
    publish(course, notebook("new"))
    refreshed()
    assert mine(course).read_bytes() == notebook("new")


def test_new_outputs_alone_are_no_new_version(course):
    refreshed()
    mine(course).write_bytes(notebook("my work"))
    publish(course, notebook("1 + 1", outputs=[OUTPUT]))
    assert refreshed() == ""
    assert mine(course).read_bytes() == notebook("my work")


def test_two_at_once_do_not_meet(course):
    """Each waits for the other; threads, since a lock belongs to who opened the folder."""
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(copies.refresh, lambda line: None) for _ in range(4)]:
            done.result()
    assert files(course / "my-notebooks") == files(course / "notebooks")


def test_a_course_inside_somebody_elses_repository_is_left_alone(course, upstream):
    inner = course / "inner"
    shutil.copytree(course / "notebooks", inner / "notebooks")
    git(course, "add", ".")
    git(course, "commit", "-qm", "a student's own repository")
    (inner / "notebooks" / LESSON).write_bytes(notebook("my work"))
    copies.ROOT, copies.SOURCES = inner, inner / "notebooks"  # the fixture puts them back
    assert "had changes" not in refreshed()
    assert (inner / "notebooks" / LESSON).read_bytes() == notebook("my work")


def test_the_command_of_the_readme_for_the_first_update_loses_nothing(course, upstream):
    """Before this version readers worked in ``notebooks/``, and a pull stopped there."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^(cp -R notebooks .*) && make lab$", readme, flags=re.MULTILINE)
    publish(course, notebook("my work"))
    publish(course, notebook("1 + 1", outputs=[OUTPUT]), f"exercises/{LESSON}")
    publish(course, b"mine", "own.ipynb")
    commit(upstream, notebook("new"))
    commit(upstream, notebook("new exercise"), f"exercises/{LESSON}")
    subprocess.run(["sh", "-c", command], cwd=course, check=True, capture_output=True)
    said = refreshed()
    assert mine(course).read_bytes() == notebook("my work")
    assert mine(course, "03_random (new version).ipynb").read_bytes() == notebook("new")
    assert mine(course, "own.ipynb").read_bytes() == b"mine"
    assert mine(course, f"exercises/{LESSON}").read_bytes() == notebook("new exercise"), (
        "nobody had changed it: git's history knows its cells"
    )
    assert "1 copy brought up to date" in said
