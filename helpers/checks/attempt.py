"""What every check shares: calling a student's function, and saying what is wrong with it.

A check is a ``with attempt(...)`` block that calls the function with cases and says what it
expects of each answer. Nothing of the answer is trusted: it is copied into plain types first.
The function may live in another process, if whoever stands in for it writes what the call
changed back into the arguments: arrays, and the state of a generator.
"""

import hashlib
import os
from contextlib import contextmanager

import numpy as np

# Answers that are no estimates may be off by this much, relative to the largest entry: room
# for float32 and for another order of summation.
TOLERANCE = 1e-5

SECRET = "COURSE_SECRET"  # the environment variable that holds the instructor's


class Mistake(AssertionError):  # noqa: N818 (a student reads it)
    """What is wrong with an answer, in words; a notebook shows the words alone."""

    def _render_traceback_(self):  # asked by IPython
        return [str(self)]


class NotAttempted(Mistake):
    """The function still returns ``...``, or raises `NotImplementedError`."""


@contextmanager
def attempt(f, name, secret=None):
    """Judge one exercise: the block's first `Mistake` is the verdict, or there is none.

    Parameters
    ----------
    f : callable
        The student's function.
    name : str
        The function's name in the exercise.
    secret : str, optional
        Draws the cases of a hidden test. Without it the cases are the same each time, and
        an exercise that was not attempted is no mistake.

    Yields
    ------
    student : Student
    rng : numpy.random.Generator
        To draw the cases from.

    Raises
    ------
    Mistake
        If an answer is wrong, or with a secret if there is none.
    """
    source = "visible" if secret is None else f"secret {secret}"
    digest = hashlib.sha256(f"{name}: {source}".encode()).digest()
    try:
        yield Student(f, name), np.random.default_rng(int.from_bytes(digest))
    except NotAttempted:
        if secret is not None:
            raise NotAttempted(f"{name}: not attempted.") from None
        print(f"{name}: not attempted yet.")
    except Mistake as mistake:
        raise Mistake(f"{name}: {mistake}") from None
    else:
        print(f"{name}: correct.")


def expect(condition, message):
    """Raise `Mistake` with the message unless the condition holds."""
    if not condition:
        raise Mistake(message)


def instructors_secret():
    """Return the secret that hidden tests are drawn from.

    Raises
    ------
    RuntimeError
        If the environment variable ``COURSE_SECRET`` is not set.
    """
    if not os.environ.get(SECRET):
        raise RuntimeError(
            f"hidden tests are drawn from the environment variable {SECRET}, which is not set; "
            "nbgrader_config.py sets it where nbgrader runs in the course's folder"
        )
    return os.environ[SECRET]


class Student:
    """A student's function, called with care.

    Parameters
    ----------
    f : callable
    name : str
        Its name in messages.
    """

    def __init__(self, f, name):
        self._f, self._name = f, name
        self.call = name  # the last call, as a student would write it

    def __call__(self, *args, **options):
        """Return the answer in plain types; see `plain`.

        Raises
        ------
        Mistake
            If the function raises, or changes an array that it was given.
        """
        before = _copied(args)
        try:
            answer = self._raw(args, options)
        except Mistake:
            raise
        except Exception as error:
            raise Mistake(f"{self.call} raised {type(error).__name__}: {error}") from None
        for given, kept in zip(args, before, strict=True):
            expect(
                _same(given, kept),
                f"{self.call} changed an array that it was given: it belongs to the caller. "
                "Compute a new one.",
            )
        return plain(answer)

    def refuses(self, error, why, *args, **options):
        """Expect a call to raise `error`; `why` ends a sentence that begins with "because"."""
        expected = f"expected a {error.__name__}, because {why}."
        try:
            answer = self._raw(args, options)
        except Mistake:
            raise
        except error:
            return
        except Exception as other:
            raise Mistake(
                f"{self.call} raised {type(other).__name__}: {other}; {expected}"
            ) from None
        raise Mistake(f"{self.call} returned {describe(plain(answer))}; {expected}")

    def array(self, shape, *args, **options):
        """Return an answer that must be an array of real, finite numbers, as float64."""
        return as_array(self(*args, **options), shape, self.call)

    def number(self, *args, **options):
        """Return an answer that must be one finite real number, as a float."""
        return as_number(self(*args, **options), self.call)

    def truth(self, *args, **options):
        """Return an answer that must be True or False."""
        answer = self(*args, **options)
        if isinstance(answer, np.ndarray) and answer.ndim == 0:
            answer = answer.item()
        expect(
            isinstance(answer, bool),
            f"{self.call} returned {describe(answer)}; expected True or False.",
        )
        return answer

    def _raw(self, args, options):
        if self._f is ...:
            raise NotAttempted
        expect(callable(self._f), f"should be a function, and is {describe(self._f)}.")
        named = [f"{name}={describe(value)}" for name, value in options.items()]
        self.call = f"{self._name}({', '.join([describe(value) for value in args] + named)})"
        try:
            answer = self._f(*args, **options)
        except NotImplementedError:
            answer = ...
        if answer is ...:
            raise NotAttempted
        return answer


def as_array(answer, shape, what):
    """Return an answer as a float64 array of the given shape.

    Raises
    ------
    Mistake
        If it is not an array of finite real numbers of that shape.
    """
    expect(answer is not None, f"{what} returned None: does it end with a return?")
    expect(
        isinstance(answer, np.ndarray),
        f"{what} returned {describe(answer)}; expected a NumPy array of shape {shape}.",
    )
    transposed = len(shape) > 1 and answer.shape == shape[::-1] != shape
    expect(
        answer.shape == shape,
        f"{what} returned an array of shape {answer.shape}"
        + (f", the transpose of {shape}." if transposed else f"; expected {shape}."),
    )
    expect(
        answer.dtype.kind in "iuf",
        f"{what} returned an array of {answer.dtype}; expected real numbers.",
    )
    finite = np.isfinite(answer).all()
    expect(finite, f"{what} returned {_not_finite(answer)} among its numbers.")
    return answer.astype(float)


def as_number(answer, what):
    """Return an answer as a float.

    Raises
    ------
    Mistake
        If it is not one finite real number.
    """
    expect(answer is not None, f"{what} returned None: does it end with a return?")
    if isinstance(answer, np.ndarray) and answer.ndim == 0 and answer.dtype.kind in "iuf":
        answer = answer.item()
    expect(
        isinstance(answer, int | float) and not isinstance(answer, bool),
        f"{what} returned {describe(answer)}; expected one number.",
    )
    expect(np.isfinite(answer), f"{what} returned {answer}; expected a finite number.")
    return float(answer)


def as_entries(answer, n, what, expected):
    """Return an answer that must be a list or a tuple of n entries; `expected` names them.

    Raises
    ------
    Mistake
        If it is not.
    """
    expect(answer is not None, f"{what} returned None: does it end with a return?")
    expected = f"expected {n} {expected}."
    expect(isinstance(answer, list | tuple), f"{what} returned {describe(answer)}; {expected}")
    kind = type(answer).__name__
    expect(len(answer) == n, f"{what} returned a {kind} of length {len(answer)}; {expected}")
    return answer


def close(answer, right):
    """Return whether an answer is right to `TOLERANCE`, relative to its largest entry."""
    largest = np.abs(right).max(initial=0.0)
    return bool(np.abs(np.subtract(answer, right)).max(initial=0.0) <= TOLERANCE * largest)


def expect_value(answer, right, what, causes):
    """Expect a number, or an array of them, to `TOLERANCE`; name the mistake if it is known.

    Parameters
    ----------
    answer, right : float or ndarray
    what : str
        The call, for the message.
    causes : dict of str to float or ndarray
        From a cause, in words, to the answer that it leads to.
    """
    shown = f"is {answer:.4g}, which" if isinstance(answer, float) else "has entries that"
    likely = [cause for cause, wrong in causes.items() if close(answer, wrong)]
    expect(close(answer, right), _sentence(f"{what} {shown} cannot be right", likely))


def expect_ratio(ratio, tolerance, message, causes):
    """Expect a ratio of 1, and if a known mistake would give what it is, name that.

    Parameters
    ----------
    ratio, tolerance : float
    message : str
        With ``{}`` where the ratio goes; without a full stop.
    causes : dict of str to float
        From a cause, in words, to the ratio that it leads to.
    """
    off = {cause: abs(ratio / wrong - 1) for cause, wrong in causes.items()}
    likely = [cause for cause in sorted(off, key=off.get) if off[cause] <= tolerance]
    expect(abs(ratio - 1) <= tolerance, _sentence(message.format(f"{ratio:.5g}"), likely))


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
    if isinstance(value, np.integer | np.floating):
        return plain(np.generic.item(value))
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
        if value.ndim and value.size > 16:
            return f"an array of shape {value.shape}"
        return f"array({value.tolist()})"
    if isinstance(value, list | tuple):
        if len(value) > 8 or any(isinstance(entry, list) for entry in value):
            return f"a {type(value).__name__} of {len(value)}"
        entries = ", ".join(describe(entry) for entry in value)
        if isinstance(value, list):
            return f"[{entries}]"
        return f"({entries},)" if len(value) == 1 else f"({entries})"
    if isinstance(value, bool | int | float | str | None):
        return repr(value)
    return getattr(value, "__name__", f"a {type(value).__name__}")


def _sentence(message, likely):
    """Return the message with the likeliest cause, if there is one, and a full stop."""
    if likely:
        message += f": {likely[0]}"
    return message if message.endswith("?") else message + "."


def _not_finite(array):
    return "nan" if np.isnan(array).any() else "infinity"


def _copied(value):
    """Return a copy of the arrays in a value, to see later what was changed."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(_copied(entry) for entry in value)
    return value


def _same(value, other):
    if isinstance(value, np.ndarray):
        return value.shape == other.shape and np.array_equal(value, other, equal_nan=True)
    if isinstance(value, list | tuple):
        return len(value) == len(other) and all(map(_same, value, other))
    return True
