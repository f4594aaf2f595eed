"""Answers in plain types: nothing that a student's function returns is trusted.

An answer may be a list where an array was asked for, or an object that pretends to equal
everything. It is copied into Python's and NumPy's own types, and then must be of the right one.
"""

import math

import numpy as np

from helpers.checks.verdicts import expect

LONGEST = 40  # letters of a text or a name that a message shows


def plain(value):
    """Return a value as Python's and NumPy's own types, whatever a subclass pretends.

    Numbers, text, lists, tuples and arrays; anything else is returned as it is, and no check
    accepts it.
    """
    if isinstance(value, np.ndarray):
        return np.array(value, subok=False)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float):
        return float.__add__(value, 0.0)
    if isinstance(value, int):
        return int.__add__(value, 0)
    if isinstance(value, np.floating):
        return float(np.generic.astype(value, float))  # a longdouble's item is a longdouble
    if isinstance(value, np.integer):
        return np.generic.item(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return [plain(entry) for entry in list.__iter__(value)]
    if isinstance(value, tuple):
        return tuple(plain(entry) for entry in tuple.__iter__(value))
    return value


def describe(value):
    """Return how a message shows a value: in full if it is small."""
    if isinstance(value, np.random.Generator):
        return "rng"
    if isinstance(value, np.ndarray):
        if value.size == 0 or (value.ndim and value.size > 16):
            return f"an array of shape {value.shape}"
        if value.dtype.kind == "f":
            value = np.reshape([float(f"{x:.6g}") for x in value.flat], value.shape)
        return f"array({value.tolist()})"
    if isinstance(value, list | tuple):
        if len(value) > 8 or any(isinstance(entry, list) for entry in value):
            return f"a {type(value).__name__} of {len(value)}"
        entries = ", ".join(describe(entry) for entry in value)
        if isinstance(value, list):
            return f"[{entries}]"
        return f"({entries},)" if len(value) == 1 else f"({entries})"
    if isinstance(value, bool | int | float | str | None):
        return _cut(repr(value))
    return _cut(getattr(value, "__name__", f"a {type(value).__name__}"))


def _cut(words):
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def as_array(answer, shape, what):
    """Return an answer as a float64 array of the given shape.

    Raises
    ------
    Mistake
        If it is not an array of finite real numbers of that shape.
    """
    fault = _array_fault(answer, shape)
    expect(not fault, f"{what} returned {fault}")
    return answer.astype(float)


def _array_fault(answer, shape):
    """Return what is wrong with an answer that should be an array, or nothing."""
    if answer is None:
        return "None: does it end with a return?"
    if not isinstance(answer, np.ndarray):
        return f"{describe(answer)}; expected a NumPy array of shape {shape}."
    if len(shape) > 1 and answer.shape == shape[::-1] != shape:
        return f"an array of shape {answer.shape}, the transpose of {shape}."
    if answer.shape != shape:
        return f"an array of shape {answer.shape}; expected {shape}."
    if answer.dtype.kind not in "iuf":
        return f"an array of {answer.dtype}; expected real numbers."
    if not np.isfinite(answer).all():
        return f"{'nan' if np.isnan(answer).any() else 'infinity'} among its numbers."
    return ""


def as_number(answer, what):
    """Return an answer as a float.

    Raises
    ------
    Mistake
        If it is not one finite real number.
    """
    expect(answer is not None, f"{what} returned None: does it end with a return?")
    if isinstance(answer, np.ndarray) and answer.ndim == 0 and answer.dtype.kind in "iuf":
        answer = float(answer)
    expect(
        isinstance(answer, int | float) and not isinstance(answer, bool),
        f"{what} returned {describe(answer)}; expected one number.",
    )
    try:
        answer = float(answer)
    except OverflowError:
        answer = math.inf
    expect(math.isfinite(answer), f"{what} returned {answer}; expected a finite number.")
    return answer


def as_entries(answer, n, what, expected, kind=list | tuple):
    """Return an answer that must be of this kind, with n entries; `expected` names them.

    Raises
    ------
    Mistake
        If it is not.
    """
    expect(answer is not None, f"{what} returned None: does it end with a return?")
    expected = f"expected {n} {expected}."
    listed = " Its .tolist() makes a list of an array." * isinstance(answer, np.ndarray)
    expect(isinstance(answer, kind), f"{what} returned {describe(answer)}; {expected}{listed}")
    kind = type(answer).__name__
    expect(len(answer) == n, f"{what} returned a {kind} of length {len(answer)}; {expected}")
    return answer
