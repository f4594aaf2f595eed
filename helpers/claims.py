"""What a lesson states, measured over a range: a picture, and an error where it is not so.

`holds` compares what was measured with theory at every point, and returns a `Claim`, which a
notebook shows as a picture. Where a point lies too far away it draws that picture, marks the
point, and raises `NotSoError`. `check` sums up the claims of a lesson.
"""

import math
import sys
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from helpers.figures import pictures
from helpers.validation import check_real_array
from helpers.words import count, number, span

UNITS = {  # how far apart two numbers are, and how that is said
    "difference": lambda measured, theory: measured - theory,
    "ratio": lambda measured, theory: measured / theory - 1,
    "logarithm": lambda measured, theory: np.log(measured / theory),
}


class NotSoError(AssertionError):
    """A statement that does not hold; the message names the point."""


class Series(NamedTuple):
    """One curve of a claim: arrays with an entry for each point of the range."""

    measured: np.ndarray
    theory: np.ndarray | None
    low: np.ndarray  # the ends of what is allowed
    high: np.ndarray
    used: np.ndarray  # the share of the tolerance; above 1, or nan, a point fails

    @property
    def inside(self):
        """Where the statement holds; a nan is nowhere inside."""
        return (self.low <= self.measured) & (self.measured <= self.high)


class Claim:
    """A statement that was measured over a range; made by `holds`.

    Attributes
    ----------
    statement : str
    over : tuple of str and ndarray
        What was varied, and its values.
    series : dict of str to Series
    used : float
        The largest share of the tolerance that a point uses; nan where only one end is given.
    words : str
        The statement, its range, theory and tolerance.
    picture : helpers.figures.pictures.Picture
    """

    def __init__(self, statement, over, series, tolerance, **drawing):
        self.statement, self.over, self.series = statement, over, series
        self.used = max(float(np.max(one.used)) for one in series.values())
        self.points = sum(one.measured.size for one in series.values())
        name, values = over
        what = drawing["axis"] or "measured"
        lines = [
            f"{statement}.",
            f"{count(self.points, 'point')}, {name} {span(values)}.",
        ]
        lines += [
            f"{label or what}: theory {span(one.theory)}."
            for label, one in series.items()
            if one.theory is not None
        ]
        self.words = " ".join([*lines, f"Allowed: {tolerance}."])
        self.picture = pictures.curves(
            over,
            {label: one.measured for label, one in series.items()},
            theory={k: one.theory for k, one in series.items() if one.theory is not None},
            band={label: (one.low, one.high) for label, one in series.items()},
            wrong={label: ~one.inside for label, one in series.items()},
            title=statement,
            words=self.words,
            **drawing,
        )

    def _repr_mimebundle_(self, **kwargs):
        return self.picture._repr_mimebundle_(**kwargs)

    def __repr__(self):
        return self.words

    def failure(self):
        """Return what is to be said of the worst point, or None if the claim holds."""
        wrong = sum(int((~one.inside).sum()) for one in self.series.values())
        if not wrong:
            return None
        # Of several, the one that is furthest off; a nan is further off than any number.
        label, one = max(self.series.items(), key=lambda item: _furthest(item[1])[1])
        at, _ = _furthest(one)
        name, values = self.over
        theory = "" if one.theory is None else f", theory {number(one.theory[at])}"
        where = f"{name} {span([values[at]])}" + (f" ({label})" if label else "")
        return (
            f"{self.statement}: not so at {where}. "
            f"Measured {number(one.measured[at])}{theory}, "
            f"allowed {number(one.low[at])} to {number(one.high[at])}. "
            f"{count(wrong, 'point')} of {self.points} {'fails' if wrong == 1 else 'fail'}. If "
            "you changed a number above, theory and tolerance may need the same change."
        )


def holds(
    statement,
    over,
    measured,
    theory=None,
    *,
    within=None,
    unit="difference",
    between=None,
    because,
    axis="",
    log=None,
    log_over=None,
    guides=None,
    marks=None,
):
    """Return a claim that holds at every point, or draw it and raise.

    Parameters
    ----------
    statement : str
        A sentence without its full stop.
    over : tuple of str and sequence
        What is varied, and its values: numbers, or names.
    measured : array_like or dict of str to array_like
        A number for each value; a dict for several curves, by their names.
    theory : array_like or dict, optional
        What is expected: one for all curves, or one for each name.
    within : array_like or dict, optional
        How far from theory a point may lie, in the `unit`; at least 0.
    unit : str
        "difference" of the two, "ratio" minus 1, or natural "logarithm" of the ratio.
    between : tuple, optional
        In place of theory and `within`: the two ends of what is allowed, each an array_like,
        a dict, or None where there is no end.
    because : str
        Why the tolerance is what it is.
    axis : str
        What is measured, for the picture.
    log, log_over : int, optional
        Base of a logarithmic vertical axis, and of a horizontal one.
    guides, marks : dict of str to float, optional
        Values that the picture compares with, by their names: lines across, and upright ones.

    Returns
    -------
    Claim

    Raises
    ------
    NotSoError
        If a point is not allowed; a nan never is.
    TypeError, ValueError
        If an argument is not one of those described, or the range is empty.
    """
    over = _checked_range(over)
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(UNITS)}; got {unit!r}")
    if not (isinstance(because, str) and because.strip()):
        raise ValueError(f"because must say where the tolerance comes from; got {because!r}")
    if (theory is None) != (within is None) or (theory is None) == (between is None):
        raise TypeError("give either theory and within, or between")
    curves = measured if isinstance(measured, Mapping) else {"": measured}
    if not curves:
        raise ValueError("measured must have at least one curve; got none")
    n, series = len(over[1]), {}
    for label, values in curves.items():
        values = _column("measured", values, label, n, finite=False)
        if between is None:
            expected = _column("theory", theory, label, n)
            allowed = _column("within", within, label, n)
            if (allowed < 0).any():
                raise ValueError(f"within must be at least 0; got {allowed.min()}")
            series[label] = _around(values, expected, allowed, unit)
        else:
            ends = (
                np.full(n, infinite) if end is None else _column("between", end, label, n)
                for end, infinite in zip(between, (-math.inf, math.inf), strict=True)
            )
            series[label] = _from_to(values, *ends)
    tolerance = _tolerance(within, unit, between, curves, n)
    drawing = {"axis": axis, "log": log, "log_over": log_over, "guides": guides, "marks": marks}
    claim = Claim(statement, over, series, f"{tolerance}, {because}", **drawing)
    if reason := claim.failure():
        _display(claim)
        raise NotSoError(reason)
    return claim


def check(*claims):
    """Return a picture that sums up the claims of a lesson: what each uses of its tolerance.

    Parameters
    ----------
    *claims : Claim
        As `holds` returned them.

    Raises
    ------
    TypeError, ValueError
        If there is none, or one is something else.
    """
    if not claims:
        raise ValueError("check needs the claims of the lesson; got none")
    for claim in claims:
        if not isinstance(claim, Claim):
            raise TypeError(f"check takes claims, which holds() returns; got {claim!r}")
    points = sum(claim.points for claim in claims)
    lines = [f"{len(claims)} claims hold, at {count(points, 'point')}."]
    lines += [
        f"{i}. {claim.statement} ({claim.over[0]} {span(claim.over[1])})."
        for i, claim in enumerate(claims, 1)
    ]
    return pictures.tolerances(
        [claim.statement for claim in claims],
        [claim.used for claim in claims],
        "\n".join(lines),
    )


def _checked_range(over):
    try:
        name, values = over
    except (TypeError, ValueError):
        raise TypeError(f"over must be a name and its values; got {over!r}") from None
    if not isinstance(name, str):
        raise TypeError(f"over must start with the name of what is varied; got {name!r}")
    values = np.asarray(values)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"over must have at least one value of {name}; got {values!r}")
    return name, values


def _column(name, values, label, n, *, finite=True):
    """Return an argument's numbers for one curve, one for each point."""
    if isinstance(values, Mapping):
        if label not in values:
            raise ValueError(
                f"{name} must have an entry for {label!r}; got {', '.join(values)}"
            )
        values = values[label]
    values = check_real_array(name, values).astype(float)
    if values.shape not in ((), (n,)):
        raise ValueError(f"{name} must have {count(n, 'value')}; got shape {values.shape}")
    if finite and not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite; got {values}")
    return np.broadcast_to(values, (n,))


def _around(measured, theory, allowed, unit):
    """Return the series of points that may lie around theory."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(UNITS[unit](measured, theory))
        used = np.where(off == 0, 0.0, off / allowed)
    low, high = {
        "difference": (theory - allowed, theory + allowed),
        "ratio": (theory - allowed * np.abs(theory), theory + allowed * np.abs(theory)),
        "logarithm": (theory * np.exp(-allowed), theory * np.exp(allowed)),
    }[unit]
    return Series(measured, theory, low, high, used)


def _from_to(measured, low, high):
    """Return the series of points that may lie between two ends."""
    if (low > high).any():
        raise ValueError(f"between must be a lower and an upper end; got {low} and {high}")
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.log if (low > 0).all() else np.asarray  # ends may be powers of ten apart
        at, bottom, top = scale(measured), scale(low), scale(high)
        used = np.abs(2 * at - bottom - top) / (top - bottom)
    used = np.where(np.isfinite(low) & np.isfinite(high), used, math.nan)
    return Series(measured, None, low, high, used)


def _tolerance(within, unit, between, labels, n):
    """Say what is allowed."""
    if between is None:
        allowed = np.concatenate([_column("within", within, label, n) for label in labels])
        ends = span([allowed.min(), allowed.max()])
        return f"a {unit} of {ends}" if allowed.any() else "nothing"
    low, high = (
        None if end is None else np.concatenate([_column("", end, k, n) for k in labels])
        for end in between
    )
    words = [] if low is None else [f"at least {span([low.min(), low.max()])}"]
    words += [] if high is None else [f"at most {span([high.min(), high.max()])}"]
    return " and ".join(words)


def _display(claim):
    """Show a claim's picture where there is a notebook: there IPython has been imported."""
    if shown := sys.modules.get("IPython.display"):
        shown.display(claim)


def _furthest(one):
    """Return the point of a series that is furthest outside, and how far."""
    beyond = np.maximum(one.low - one.measured, one.measured - one.high)
    scale = np.where(np.isfinite(one.used), one.used, beyond)
    scale = np.where(np.isnan(one.measured), math.inf, np.where(one.inside, -math.inf, scale))
    at = int(np.argmax(scale))
    return at, scale[at]
