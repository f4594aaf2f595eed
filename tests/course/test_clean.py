"""``make clean`` removes what the commands made, whatever names lie beside it."""

from pathlib import Path

import pytest

THEIRS = (
    "notebooks/exercises copy/.ipynb_checkpoints/01_one_step-checkpoint.ipynb",
    "notebooks/exercises/.ipynb_checkpoints/01_one_step-checkpoint.ipynb",
    "Müller Anna_12/__pycache__/x.pyc",
    "Müller/x.ipynb",
    "o'brien/.ipynb_checkpoints/x.ipynb",
    "my-notebooks/exercises/01_one_step.ipynb",
    "my-notebooks/__pycache__/own.pyc",
    "grading/secret",
    "grading/judged/__pycache__/x.pyc",
    "build/my lecture.html",
    "my.egg-info/PKG-INFO",
)
OURS = (
    ".venv/bin/python",
    ".venv.new/bin/python",
    "build/slides/05_he.html",
    "build/course.zip",
    "helpers/__pycache__/x.pyc",
    "course/__pycache__/x.pyc",
    "weight_initialization_course.egg-info/PKG-INFO",
    ".pytest_cache/x",
)


def put(root, name):
    path = Path(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")


@pytest.fixture
def full(checkout):
    for name in (*THEIRS, *OURS):
        put(checkout.root, name)
    return checkout


def files(root):
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_only_ours_is_removed(full):
    before = files(full.root)
    said = full.make("clean")
    gone = before - files(full.root)
    assert {name for name in gone if "__pycache__" not in name} == {
        name for name in OURS if "__pycache__" not in name
    }
    assert not gone & set(THEIRS)
    assert "build/ something lies that the course did not make" in said


def test_nothing_is_followed_out_of_the_course(checkout, tmp_path):
    put(tmp_path, "elsewhere/precious")
    (checkout.root / ".venv").symlink_to(tmp_path / "elsewhere")
    checkout.make("clean")
    assert (tmp_path / "elsewhere" / "precious").exists()
    assert not (checkout.root / ".venv").is_symlink()


def test_twice_is_as_good_as_once(full):
    full.make("clean")
    (full.root / "build" / "my lecture.html").unlink()
    full.make("clean")
    assert not (full.root / "build").exists()
    full.make("clean")
