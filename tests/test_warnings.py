"""Which warnings fail a test: see `filterwarnings` in pyproject.toml."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ["helpers", "helpers.figures.part", "teaching", "benchmarks", "course", "tests.part"]
OTHERS = ["library", "library.helpers", "helpers_of_others"]

WARNS = """
import warnings

def old():
    warnings.warn("old", DeprecationWarning)

def old_for_its_caller():
    warnings.warn("old", DeprecationWarning, stacklevel=2)
"""
TESTS = """
import importlib
import sys
import threading
import pytest

@pytest.mark.parametrize("module", {modules})
def test_raised_in(module):
    importlib.import_module(module).old()

def test_raised_for_what_a_test_calls():
    importlib.import_module("library").old_for_its_caller()

def test_error_in_a_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

def test_error_that_nobody_sees():
    class Dying:
        def __del__(self):
            raise ValueError

    Dying()

class TestNeverRun:
    def __init__(self):
        pass
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Return how tests end, by name, in a project that has this one's settings."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", project)
    for module in [*OURS, *OTHERS]:
        *folders, name = module.split(".")
        path = project.joinpath(*folders) / (f"{name}.py" if folders else f"{name}/__init__.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WARNS)
    (project / "tests/test_it.py").write_text(TESTS.format(modules=[*OURS, *OTHERS]))
    options = ["-rA", "--color=no", "--continue-on-collection-errors", "tests/test_it.py"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options], capture_output=True, text=True, cwd=project
    )
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S+::(\S+)", run.stdout, flags=re.MULTILINE)
    return {name: outcome for outcome, name in found}


@pytest.mark.parametrize("module", OURS)
def test_one_that_our_code_raises_does(module, outcomes):
    assert outcomes[f"test_raised_in[{module}]"] == "FAILED"


def test_one_that_a_library_raises_of_our_code_does(outcomes):
    assert outcomes["test_raised_for_what_a_test_calls"] == "FAILED"


def test_what_pytest_warns_of_does(outcomes):
    """Each is an error that would pass unseen."""
    assert outcomes["test_error_in_a_thread"] == "FAILED"
    assert outcomes["test_error_that_nobody_sees"] == "FAILED"
    assert outcomes["TestNeverRun"] == "ERROR"


@pytest.mark.parametrize("module", OTHERS)
def test_one_that_a_library_raises_does_not(module, outcomes):
    assert outcomes[f"test_raised_in[{module}]"] == "PASSED"
