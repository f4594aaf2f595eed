"""What a lesson shows where a framework is missing."""

import json

import numpy as np
import pytest

from helpers import recorded
from helpers.recorded import measured_with


@pytest.fixture
def records(tmp_path, monkeypatch):
    """Return a file that takes the place of the lesson's records."""
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    monkeypatch.delenv("COURSE_RECORD", raising=False)
    monkeypatch.delenv("COURSE_BAKE", raising=False)
    path = tmp_path / f"{recorded.LESSON}.json"
    path.write_text('{"known": [1, 2.5]}', encoding="utf-8")
    return path


def known():
    """Need what is not installed, also where it is."""
    raise ModuleNotFoundError("No module named 'torch'", name="torch")


def test_what_can_be_measured_is_measured(records, capsys):
    assert measured_with("PyTorch", lambda: [3]) == [3]
    assert capsys.readouterr().out == ""


def test_what_cannot_be_measured_is_recalled(records, capsys):
    assert measured_with("PyTorch", known) == [1, 2.5]
    assert capsys.readouterr().out == "", "a notebook's outputs are the same without"


def test_another_lesson_has_a_record_of_its_own(records, monkeypatch):
    monkeypatch.setenv("COURSE_RECORD", "1")

    def layers():
        return [1]

    assert measured_with("transformers", layers, record="lesson_9") == [1]
    assert json.loads((records.parent / "lesson_9.json").read_text()) == {"layers": [1]}
    assert json.loads(records.read_text()) == {"known": [1, 2.5]}


@pytest.mark.parametrize("framework", recorded.FRAMEWORKS)
@pytest.mark.parametrize("missing", [0, 1])
def test_where_a_result_comes_from_is_said(framework, missing, monkeypatch):
    modules = recorded.FRAMEWORKS[framework][:2]
    absent = modules[-missing:] if missing else ()
    monkeypatch.setattr(recorded, "find_spec", lambda name: name not in absent)
    said = f"{framework} is not installed here" if missing else f"{framework}: measured"
    assert recorded.origin(framework).startswith(said)


def test_of_another_framework_nothing_is_said():
    with pytest.raises(ValueError, match=r"framework must be one of .*; got 'torch'"):
        recorded.origin("torch")


def test_nothing_is_recorded_unasked(records):
    before = records.read_bytes()
    measured_with("PyTorch", lambda: 1)
    assert records.read_bytes() == before


def test_a_record_is_added_to_the_others_and_read_as_it_was_returned(records, monkeypatch):
    def drawn():
        return {"array": np.arange(3), "scalar": np.float32(0.5), "pair": (1, "two")}

    monkeypatch.setenv("COURSE_RECORD", "1")
    found = measured_with("PyTorch", drawn)
    assert found == {"array": [0, 1, 2], "scalar": 0.5, "pair": [1, "two"]}
    assert json.loads(records.read_text()) == {"known": [1, 2.5], "drawn": found}


def test_what_is_missing_and_not_recorded_is_an_error(records):
    def unknown():
        known()

    with pytest.raises(ImportError, match="No module named 'torch'"):
        measured_with("PyTorch", unknown)


def test_an_error_in_the_measurement_is_not_hidden(records):
    def known():
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        measured_with("PyTorch", known)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("cannot import name 'trunc_normal_' from 'torch'", name="torch"),
        ModuleNotFoundError("No module named 'torch.moved'", name="torch.moved"),
        ModuleNotFoundError("No module named 'jax'", name="jax"),
    ],
)
def test_a_framework_that_is_there_is_not_called_missing(records, capsys, error):
    def known():
        raise error

    with pytest.raises(ImportError, match=str(error)):
        measured_with("PyTorch", known)
    assert capsys.readouterr().out == ""


def test_a_function_and_a_framework_that_is_known_are_expected(records):
    with pytest.raises(TypeError, match="function must be callable; got 3"):
        measured_with("PyTorch", 3)
    with pytest.raises(
        ValueError, match=r"framework must be one of \['PyTorch', .*; got 'torch'"
    ):
        measured_with("torch", known)
