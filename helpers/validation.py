"""Errors for arguments that cannot be right: what was expected and what was given.

Each function returns the argument in its plain form, or raises `TypeError` for the wrong
kind of thing and `ValueError` for the right kind with an impossible value.
"""

import math
from numbers import Integral, Real

import numpy as np


def positive_int(name, value):
    """Return `value` as an int of at least 1."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a positive integer; got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be a positive integer; got {value!r}")
    return int(value)


def number(name, value, *, minimum=-math.inf, maximum=math.inf):
    """Return `value` as a finite float between `minimum` and `maximum`, both allowed."""
    expected = "a finite number"
    if maximum < math.inf:
        expected += f" from {minimum:g} to {maximum:g}"
    elif minimum > -math.inf:
        expected += f" of at least {minimum:g}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {expected}; got {value!r}")
    if not (math.isfinite(value) and minimum <= value <= maximum):
        raise ValueError(f"{name} must be {expected}; got {value!r}")
    return float(value)


def positive(name, value):
    """Return `value` as a finite float above zero."""
    if number(name, value) <= 0:
        raise ValueError(f"{name} must be a number above 0; got {value!r}")
    return float(value)


def choice(name, value, choices):
    """Return `value`, which must be one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {list(choices)}; got {value!r}")
    return value


def sizes(name, value, *, fewest):
    """Return `value` as a tuple of at least `fewest` positive ints."""
    expected = f"{name} must be a sequence of at least {fewest} positive integers"
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise TypeError(f"{expected}; got {value!r}")
    value = tuple(value)
    if len(value) < fewest:
        raise ValueError(f"{expected}; got {value!r}")
    return tuple(positive_int(f"{name}[{i}]", size) for i, size in enumerate(value))


def generator(rng):
    """Return `rng`, which must be a `numpy.random.Generator`."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            "rng must be a numpy.random.Generator, as numpy.random.default_rng(0) "
            f"makes; got {rng!r}"
        )
    return rng


def function(name, value):
    """Return `value`, which must be callable."""
    if not callable(value):
        raise TypeError(f"{name} must be callable; got {value!r}")
    return value


def differentiable(name, value):
    """Return `value`, which must have a method `derivative`."""
    if not callable(getattr(value, "derivative", None)):
        raise TypeError(
            f"{name} must have a derivative, as the entries of "
            f"helpers.activations.ACTIVATIONS do; got {value!r}"
        )
    return value


def real_array(name, value):
    """Return `value` as an array of real numbers in floating point."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of real numbers; got {value!r}")
    return array if array.dtype.kind == "f" else array.astype(float)


def batch(name, value, columns):
    """Return `value` as a float array whose rows are samples with `columns` entries.

    Axes before the last two are allowed: a stack of batches.
    """
    array = real_array(name, value)
    if array.ndim < 2 or array.shape[-1] != columns:
        raise ValueError(
            f"{name} must have shape (n_samples, {columns}); got shape {array.shape}"
        )
    return array
