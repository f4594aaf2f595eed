"""The benchmark beside the frameworks at its smallest size; no time is judged."""

import re

from benchmarks import frameworks
from benchmarks.report import Report


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
