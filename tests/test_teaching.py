"""Tests of how notebooks are executed, saved and compared."""

import base64
import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.figures import pictures
from helpers.panels import sum_panel
from teaching import notebooks
from teaching.notebooks import VIEW, alike, execute, keep_pictures, main, normalise

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
        metadata={"execution": {"iopub.status.busy": "now"}, "tags": ["varies"]},
    )
    notebook = new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    normalise(notebook)
    assert notebook.cells[0].metadata == {"tags": ["varies"]}
    assert notebook.cells[0].outputs[0].data == {"image/png": PIXEL, "text/plain": "It is 1."}
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.language_info == {"name": "python"}


def png(values):
    return base64.b64encode(curve(values).kept()).decode()


def test_a_picture_is_alike_if_only_what_a_machine_may_shift_has_moved():
    one = png([1.0, 2.0, 4.0])
    assert alike(one, png([1.0, 2.0 + 1e-3, 4.0]))
    assert not alike(one, png([1.0, 3.0, 4.0]))
    assert not alike(one, base64.b64encode(sum_panel().figure.canvas.kept()).decode()), "size"


def test_a_saved_picture_is_kept_where_words_and_pixels_are_alike():
    def notebook(values, words):
        data = {"image/png": png(values), "text/plain": words}
        cell = new_code_cell(id="one", outputs=[new_output("display_data", data)])
        return new_notebook(cells=[cell, new_code_cell(id="no-output")])

    saved = notebook([1.0, 2.0, 4.0], "It is 1.")
    old, near = saved.cells[0].outputs[0].data["image/png"], [1.0, 2.0 + 1e-3, 4.0]
    for values, words, kept in (
        (near, "It is 1.", True),
        (near, "It is 2.", False),
        ([1.0, 3.0, 4.0], "It is 1.", False),
    ):
        new = notebook(values, words)
        drawn = new.cells[0].outputs[0].data["image/png"]
        assert drawn != old
        assert keep_pictures(new, saved) is new
        assert new.cells[0].outputs[0].data["image/png"] == (old if kept else drawn)


def test_executing_twice_writes_the_same_bytes(save):
    path = save("print(1)\nprint(2)", "1 + 1")
    execute(path)
    first = path.read_bytes()
    execute(path)
    assert path.read_bytes() == first


def test_without_names_all_lessons_are_run(save, monkeypatch, capsys):
    path = save("print(1)")
    monkeypatch.setattr(notebooks, "SOURCES", path.parent)
    monkeypatch.setattr(notebooks, "mark_as_edited", lambda: None)
    assert main([]) == 0
    assert f"[1/1] {path}" in capsys.readouterr().out


def test_a_notebook_that_fails_is_named_and_left_as_it_was(save, capsys):
    path = save("print(1)", "1 / 0")
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    error = capsys.readouterr().err
    assert f"{path} was left as it was" in error
    assert "ZeroDivisionError" in error


TIMES = "print('loss 0.4774 after 99 s, 12.5 ms a step, at 0x7fffffffff')"
MISSING = "print('PyTorch is not installed here: ...\\n0.33')"
PANEL = "from helpers import panels\npanels.sum_panel()"
CURVE = (
    "from helpers.figures import pictures\n"
    "pictures.curves(('n', [1, 2, 3]), {'': [1.0, 2.0, 4.0]}, words='A curve of 3 points.')"
)
CASES = [  # what a cell does, what its saved output says instead of what, and whether it is so
    (TIMES, "99 s, 12.5 ms", "1.25 s, 3 ms", True),
    (TIMES, "at 0x7fffffffff", "at 0x7f00aa00bb", True),
    (TIMES, "loss 0.4774", "loss 0.4775", False),
    (TIMES, "12.5 ms a step", "3 layers", False),
    (MISSING, "PyTorch is not installed here: ...", "PyTorch: measured when ...", True),
    (MISSING, "0.33", "0.34", False),
    (PANEL, "", "", True),
    (PANEL, "square root of 100", "square root of 99", False),
    (PANEL, "PICTURE", {"n": 100}, True),
    (PANEL, "PICTURE", {"n": 144}, False),
    (CURVE, "PICTURE", [1.0, 2.0, 4.0], True),
    (CURVE, "PICTURE", [1.0, 2.2, 4.0], False),
]


def curve(values):
    """Return the canvas of the picture of `CURVE`, with other values."""
    return pictures.curves(("n", [1, 2, 3]), {"": values}).canvas


def changed(outputs, old, new):
    """Return a cell's outputs with other words, or with another picture."""
    if old == "PICTURE":
        kept = curve(new) if isinstance(new, list) else sum_panel(**new).figure.canvas
        outputs[0].data["image/png"] = base64.b64encode(kept.kept()).decode()
        return outputs
    old, new = (json.dumps(words)[1:-1] for words in (old, new))
    said = json.dumps(outputs)
    assert old in said
    return nbformat.from_dict(json.loads(said.replace(old, new)))


@pytest.fixture(scope="module")
def differing(tmp_path_factory):
    """Compare a cell for every case as ``make test`` does, and return those that differ."""
    cells = [new_code_cell(source, id=f"case-{i}") for i, (source, *_) in enumerate(CASES)]
    path = tmp_path_factory.mktemp("compared") / "lesson.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    execute(path)
    notebook = nbformat.read(path, as_version=4)
    for cell, (_, old, new, _) in zip(notebook.cells, CASES, strict=True):
        cell.outputs = changed(cell.outputs, old, new)
    nbformat.write(notebook, path)
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-W", "default"]
    options += ["--nbval-sanitize-with", "tests/nbval.cfg", "-p", "no:cacheprovider", "-rfp"]
    options += ["-p", "tests.redrawn"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, str(path)],
        cwd=ROOT,
        env={**os.environ, "JUPYTER_PLATFORM_DIRS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", done.stdout, re.MULTILINE)
    assert len(verdicts) == len(CASES), done.stdout + done.stderr
    return {int(number) for verdict, number in verdicts if verdict == "FAILED"}


def name(case):
    _, old, new, same = case
    new = json.dumps(new)
    return f"{old or 'nothing'} for {new}: {'same' if same else 'differs'}"


@pytest.mark.parametrize("case", range(len(CASES)), ids=map(name, CASES))
def test_strict_comparison_forgives_times_addresses_and_missing_frameworks_only(
    differing, case
):
    """And reads the words of a panel."""
    *_, same = CASES[case]
    assert (case not in differing) == same


def test_an_exported_page_has_the_words_of_each_picture(tmp_path):
    """With the settings of `make lab`; the template of nbconvert itself leaves them out."""
    lesson = ROOT / "notebooks" / "00_start_here.ipynb"
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", tmp_path]
    settings = os.environ | {"JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter")}
    subprocess.run([*command, lesson], env=settings, check=True, capture_output=True)
    page = (tmp_path / "00_start_here.html").read_text(encoding="utf-8")
    cells = nbformat.read(lesson, as_version=4).cells
    words = [
        output.metadata["image/png"]["alt"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(words) > 2
    assert [html.unescape(alt) for alt in re.findall(r'<img alt="([^"]+)"', page)] == words
