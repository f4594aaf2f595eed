"""Errors for arguments that cannot be right: what was expected and what was given.

Each function returns the argument in its plain form, or raises `TypeError` for the wrong
kind of thing and `ValueError` for the right kind with an impossible value.
"""

import math
from collections.abc import Iterable, Set
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def check_positive_int(name: str, value: object) -> int:
    """Return `value` as an int of at least 1."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a positive integer; got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be a positive integer; got {value!r}")
    return int(value)


def check_number(
    name: str, value: object, *, minimum: float = -math.inf, maximum: float = math.inf
) -> float:
    """Return `value` as a finite float between `minimum` and `maximum`, both allowed."""
    expected = "a finite number"
    if maximum < math.inf:
        expected += f" from {minimum:g} to {maximum:g}"
    elif minimum > -math.inf:
        expected += f" of at least {minimum:g}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {expected}; got {value!r}")
    try:
        plain = float(value)
    except OverflowError:  # an integer of more than 308 digits
        plain = math.inf
    if not (math.isfinite(plain) and minimum <= plain <= maximum):
        raise ValueError(f"{name} must be {expected}; got {value!r}")
    return plain


def check_positive(name: str, value: object) -> float:
    """Return `value` as a finite float above zero."""
    plain = check_number(name, value)
    if plain <= 0:
        raise ValueError(f"{name} must be a number above 0; got {value!r}")
    return plain


def check_choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Return `value`, which must be one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {list(choices)}; got {value!r}")
    return value


def check_sizes(name: str, value: object, *, fewest: int) -> tuple[int, ...]:
    """Return `value` as a tuple of at least `fewest` positive ints."""
    expected = f"{name} must be a sequence of at least {fewest} positive integers"
    if isinstance(value, (str, bytes, Set)) or not isinstance(value, Iterable):
        raise TypeError(f"{expected}; got {value!r}")
    value = tuple(value)
    if len(value) < fewest:
        raise ValueError(f"{expected}; got {value!r}")
    return tuple(check_positive_int(f"{name}[{i}]", size) for i, size in enumerate(value))


def check_dtype(dtype: DTypeLike) -> np.dtype:
    """Return `dtype` as a `numpy.dtype`, which must be that of single or double precision."""
    try:
        plain = np.dtype(dtype)
    except TypeError:
        plain = np.dtype(object)  # as little as other types that are not these two
    if dtype is None or plain not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"dtype must be float or numpy.float32; got {dtype!r}")
    return plain


def check_rng(rng: object) -> np.random.Generator:
    """Return `rng`, which must be a `numpy.random.Generator`."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            "rng must be a numpy.random.Generator, as numpy.random.default_rng(0) "
            f"makes; got {rng!r}"
        )
    return rng


def check_callable(name: str, value: Any) -> Any:
    """Return `value`, which must be callable."""
    if not callable(value):
        raise TypeError(f"{name} must be callable; got {value!r}")
    return value


def check_differentiable(name: str, value: Any) -> Any:
    """Return `value`, which must have a method `derivative`."""
    if not callable(getattr(value, "derivative", None)):
        raise TypeError(
            f"{name} must have a derivative, as the entries of "
            f"helpers.activations.ACTIVATIONS do; got {value!r}"
        )
    return value


def check_real_array(name: str, value: Any) -> NDArray:
    """Return `value` as an array of real numbers in floating point."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of real numbers; got {value!r}")
    return array if array.dtype.kind == "f" else array.astype(float)


def check_batch(name: str, value: Any, columns: int) -> NDArray:
    """Return `value` as a float array whose rows are samples with `columns` entries.

    Axes before the last two are allowed: a stack of batches.
    """
    array = check_real_array(name, value)
    if array.ndim < 2 or array.shape[-1] != columns:
        raise ValueError(
            f"{name} must have shape (n_samples, {columns}); got shape {array.shape}"
        )
    return array
