"""The figures need no backend of Matplotlib, and change none that was chosen."""

import os
import subprocess
import sys

import pytest


def printed(code, backend):
    """Return what code prints in a Python of its own with a value of MPLBACKEND."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


SHOWN = """
import matplotlib, os
print(matplotlib.get_backend(auto_select=False), os.environ.get("MPLBACKEND"))
"""


@pytest.mark.parametrize("module", ["helpers.figures.canvas", "helpers.panels"])
def test_an_unknown_backend_stops_nothing(module):
    assert printed(f"import {module}\n{SHOWN}", "nonsense") == ["None", "nonsense"]


@pytest.mark.parametrize("backend", ["svg", "module://matplotlib_inline.backend_inline", ""])
def test_a_known_one_is_as_without_the_course(backend):
    assert printed(f"import helpers.panels\n{SHOWN}", backend) == printed(SHOWN, backend)


def test_one_that_was_chosen_by_a_call_stays():
    code = f"import matplotlib\nmatplotlib.use('pdf')\nimport helpers.panels\n{SHOWN}"
    assert printed(code, "svg") == ["pdf", "svg"]
