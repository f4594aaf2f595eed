"""What a lecturer is told of an update in mid-term."""

import json
import subprocess

import pytest

from teaching import changes


def notebook(**cells):
    return json.dumps(
        {"cells": [{"id": name, "source": [text]} for name, text in cells.items()]}
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": "1"}, {"a": "1"}, ""),
        ({"a": "1", "b": "2"}, {"a": "0", "c": "3", "d": "4"}, "2 new, 1 changed, 1 gone"),
        ({}, {"a": "1"}, "new"),
        ({"a": "1"}, {}, "gone"),
    ],
)
def test_cells_are_counted(old, new, said):
    found = changes.difference(*(changes.sources(notebook(**c)) for c in (old, new)))
    assert found.removeprefix("cells: ") == said


def test_lessons_and_exercises_are_listed_beside_what_git_has(tmp_path):
    def git(*arguments):
        said = subprocess.run(
            ["git", "-C", tmp_path, "-c", "user.name=A", "-c", "user.email=a@b.c", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return said.stdout

    folder = tmp_path / "notebooks" / "exercises"
    folder.mkdir(parents=True)
    for path in (folder / "01.ipynb", folder.parent / "01.ipynb", folder.parent / "02.ipynb"):
        path.write_text(notebook(a="1"))
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    git("tag", "v1")
    (folder.parent / "02.ipynb").unlink()
    (folder / "01.ipynb").write_text(notebook(a="2"))
    assert [line.split(maxsplit=1) for line in changes.changes("v1", git, tmp_path)] == [
        ["Lessons", "since v1:"],
        ["01", "as it was"],
        ["02", "gone"],
        ["Exercises", "since v1:"],
        ["01", "cells: 1 changed"],
    ]


def test_a_version_that_git_does_not_know_is_an_error_that_says_what_to_name(capsys):
    assert changes.main(["no-such-version"]) == 1
    assert "make changes SINCE=" in capsys.readouterr().err
