"""The benchmarks that need frameworks at their smallest size; no time is judged."""

import math
import re

import jax
import pytest

from benchmarks import frameworks, inspection
from benchmarks.report import Report


@pytest.fixture
def modules():
    """Return the modules that train: importing them gives JAX double precision for good."""
    before = jax.config.jax_enable_x64
    from benchmarks import framework_steps, framework_times

    jax.config.update("jax_enable_x64", True)
    yield framework_steps, framework_times
    jax.config.update("jax_enable_x64", before)


def test_frameworks():
    report = Report()
    frameworks.main(report, **frameworks.SMALLEST)
    *steps, draws = report.tables.values()
    assert len(steps) == 2  # types of numbers
    for rows in steps:
        assert [row[0] for row in rows] == frameworks.SMALLEST["sizes"]["widths"]
    assert len(draws) == 2 * 3  # types of numbers, distributions
    cells = [str(cell) for rows in report.tables.values() for row in rows for cell in row]
    assert not re.search("nan|inf", " ".join(cells))
    assert not report.failures


def test_a_library_that_trains_otherwise_leaves_the_others_their_figures(modules, monkeypatch):
    framework_steps, framework_times = modules

    def other(network, X, y):
        return framework_steps.ours(network, X, y[::-1])

    monkeypatch.setitem(framework_steps.LIBRARIES, "PyTorch", other)
    report = Report()
    found = framework_times.step_times(report, "float32", [4], 0)
    assert list(report.failures) == ["PyTorch, width 4, float32"]
    assert "Not equal to tolerance" in report.failures["PyTorch, width 4, float32"]
    assert math.isnan(found.pop("PyTorch")[0])
    assert all(found[name][0] > 0 for name in ("ours", "JAX", "scikit-learn"))


def test_inspection():
    report = Report()
    inspection.main(report, **inspection.SMALLEST)
    assert not report.failures
    (rows,) = report.tables.values()
    assert [row[0] for row in rows] == list(inspection.MODELS)
    assert all(number > 0 for row in rows for number in row[1:] if not isinstance(number, str))
