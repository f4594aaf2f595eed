"""The benchmark of grading at its smallest size; no time is judged."""

import re

import pytest

from benchmarks import grading
from benchmarks.report import Report


def test_grading():
    report = Report()
    grading.main(report, **grading.SMALLEST)
    ((row,),) = report.tables.values()
    assert row[0] == 1
    assert len(row) == 6
    assert not re.search("nan|inf", " ".join(map(str, row)))
    assert not report.failures


def test_one_side_that_fails_leaves_the_other_its_figures(monkeypatch):
    monkeypatch.setattr(grading, "ours", lambda size: 2.0)
    monkeypatch.setattr(grading, "stock", lambda size: grading.seconds(".", "no_module"))
    report = Report()
    grading.main(report, sizes=(4,))
    ((row,),) = report.tables.values()
    assert row[:4] == [4, "2.0", "120.0", "nan"]
    assert list(report.failures) == ["nbgrader, 4 submissions"]
    assert "No module named no_module" in report.failures["nbgrader, 4 submissions"]


def test_what_more_submissions_take_is_without_the_start(monkeypatch):
    monkeypatch.setattr(grading, "ours", lambda size: 8 + 0.5 * size)
    monkeypatch.setattr(grading, "stock", lambda size: 2 + 3 * size)
    report = Report()
    grading.main(report, sizes=(4, 14))
    ((*_, row),) = report.tables.values()
    assert row == ["10 more", "5.0", "120.0", "30.0", "20.0", "6.00 (>= 5)"]


def test_a_command_that_does_not_end_is_named(monkeypatch):
    monkeypatch.setattr(grading, "LIMIT", 0.01)
    with pytest.raises(Exception, match=r"this.*timed out after 0.01"):
        grading.seconds(".", "this")
