"""How far signal and gradient drift: following a remedy makes it no worse."""

import math

FOR_NOISE = 1.0  # powers of ten: a few layers of some 64 units, drawn once more


def drifts(report):
    """Return the spread of signal and gradient over hidden layers, in powers of ten.

    Mean squares of a unit that are zero or not finite count as 300 powers of ten away from 1.
    """
    rows = report.rows[:-1] if len(report.rows) > 1 else report.rows
    rows = [row for row in rows if not row.verdict.startswith("embedding")]  # they are tables
    found = []
    for what in ("preactivation", "gradient"):
        values = [getattr(row, what) for row in rows]
        powers = [_power(value) for value in values if not _is_unseen(value, what)]
        powers += [0.0] if 300.0 in powers else []  # even where it is so of all
        found.append(max(powers, default=0.0) - min(powers, default=0.0))
    return found


def _is_unseen(value, what):
    return what == "gradient" and math.isnan(value)


def _power(value):
    if not (0 < value < math.inf):
        return 300.0
    return math.log10(value)
