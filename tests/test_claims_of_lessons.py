"""Tests of `make claims`: lessons on other random numbers, without writing a notebook."""

import nbformat
import pytest

from teaching import claims

CLAIM = """
import numpy as np
from helpers.claims import holds
rng = np.random.default_rng(1)
holds("It is {}", ("n", [1, 2]), rng.random(2), between=(0, {}), because="so")
"""


@pytest.fixture
def lesson(tmp_path):
    """Return a function that writes a lesson of some cells."""

    def write(*sources):
        path = tmp_path / "lesson.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return write


def test_every_generator_gets_another_seed(lesson):
    path = lesson("a = default_rng(5)\nb = default_rng(67)", "default_rng(8)")
    changed = claims.reseeded(nbformat.read(path, as_version=4), 3)
    assert [cell.source for cell in changed.cells] == [
        "a = default_rng([5, 3])\nb = default_rng([67, 3])",
        "default_rng([8, 3])",
    ]
    assert "[5, 3]" not in path.read_text()


@pytest.mark.parametrize("source", ["default_rng(seed)", "default_rng()", "1 + 1"])
def test_a_generator_that_cannot_be_moved_is_an_error(lesson, source):
    with pytest.raises(ValueError, match=r"default_rng|generator"):
        claims.reseeded(nbformat.read(lesson(source), as_version=4), 3)


def test_claims_that_hold_and_fail_are_told_and_nothing_is_written(lesson, capsys):
    path = lesson(CLAIM.format("so", 1), CLAIM.format("not so", 1e-9), CLAIM.format("so", 1))
    before = path.read_bytes()
    assert claims.main(3, [path]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "lesson.ipynb: 3 claims, but"
    assert len(said) == 2
    assert said[1].startswith("  NotSoError: It is not so: not so at n ")
    assert path.read_bytes() == before


def test_a_lesson_without_claims_is_not_run(lesson, capsys):
    assert claims.main(3, [lesson("1 / 0")]) == 0
    assert capsys.readouterr().out == ""
