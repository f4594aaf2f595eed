"""Tests of how notebooks are executed, saved and compared."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from teaching.notebooks import VIEW, execute, main, normalise

ROOT = Path(__file__).parents[1]
PIXEL = "iVBORw0KGgo="  # not looked into


@pytest.fixture
def save(tmp_path):
    """Return a function that saves a notebook of code cells and returns its path."""

    def save(*sources, outputs=()):
        cells = [
            new_code_cell(source, id=f"cell-{i}", execution_count=i)
            for i, source in enumerate(sources, 1)
        ]
        for cell, output in zip(cells, outputs, strict=False):
            cell.outputs = [output]
        path = tmp_path / "lesson.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return save


def test_normalising_keeps_the_picture_and_drops_what_cannot_be_reopened():
    data = {VIEW: {"model_id": "a"}, "image/png": PIXEL + "\n", "text/plain": "It is 1."}
    cell = new_code_cell(
        outputs=[new_output("display_data", data)],
        metadata={"execution": {"iopub.status.busy": "now"}, "tags": ["claims"]},
    )
    notebook = new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    normalise(notebook)
    assert notebook.cells[0].metadata == {"tags": ["claims"]}
    assert notebook.cells[0].outputs[0].data == {"image/png": PIXEL, "text/plain": "It is 1."}
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.language_info == {"name": "python"}


def test_executing_twice_writes_the_same_bytes(save):
    path = save("print(1)\nprint(2)", "1 + 1")
    execute(path)
    first = path.read_bytes()
    execute(path)
    assert path.read_bytes() == first


def test_a_notebook_that_fails_is_named_and_left_as_it_was(save, capsys):
    path = save("print(1)", "1 / 0")
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    error = capsys.readouterr().err
    assert f"{path} was left as it was" in error
    assert "ZeroDivisionError" in error


def compared(path):
    """Run a notebook as ``make test`` does and tell whether its outputs are as saved."""
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-W", "default"]
    options += [
        "--nbval-sanitize-with",
        str(ROOT / "tests/nbval.cfg"),
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, str(path)],
        cwd=ROOT,
        env={**os.environ, "JUPYTER_PLATFORM_DIRS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("saved", "same"),
    [
        ("loss 0.4774 after 1.25 s, 3 ms a step, at 0x7f00aa00bb", True),
        ("loss 0.4775 after 1.25 s, 3 ms a step, at 0x7f00aa00bb", False),
        ("loss 0.4774 after 1.25 s, 3 layers, at 0x7f00aa00bb", False),
    ],
)
def test_strict_comparison_forgives_times_and_addresses_only(save, saved, same):
    printed = "print('loss 0.4774 after 99 s, 12.5 ms a step, at 0x7fffffffff')"
    path = save(printed, outputs=[new_output("stream", name="stdout", text=saved + "\n")])
    assert compared(path) is same


@pytest.mark.parametrize(("value", "same"), [("0.33", True), ("0.34", False)])
def test_strict_comparison_forgives_that_a_framework_is_missing(save, value, same):
    notes = [f"print('{name} is not installed here; ...')" for name in ("PyTorch", "JAX")]
    source = "\n".join([*notes, "print(0.33)"])
    saved = [new_output("stream", name="stdout", text=value + "\n")]
    assert compared(save(source, outputs=saved)) is same


def test_strict_comparison_reads_the_words_of_a_panel(save):
    source = "from helpers import panels\npanels.sum_panel()"
    execute(save(source))
    path = save(source)
    execute(path)
    assert compared(path)
    path.write_text(path.read_text().replace("square root of 100", "square root of 99"))
    assert not compared(path)
