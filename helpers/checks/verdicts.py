"""What is wrong with an answer, said in words."""

import numpy as np

# Answers that are no estimates may be off by this much, relative to the largest entry: room
# for float32 and for another order of summation.
TOLERANCE = 1e-5


class Mistake(AssertionError):  # noqa: N818 (a student reads it)
    """What is wrong with an answer, in words; a notebook shows the words alone.

    Parameters
    ----------
    words : str
    cause : str, optional
        The known mistake that would lead to such an answer.
    """

    def __init__(self, words="", cause=None):
        super().__init__(words)
        self.cause = cause

    def _render_traceback_(self):  # asked by IPython
        return [str(self)]


class NotAttempted(Mistake):
    """The function still returns ``...``, or raises `NotImplementedError`."""


def expect(condition, message):
    """Raise `Mistake` with the message unless the condition holds."""
    if not condition:
        raise Mistake(message)


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
    expect_fit(
        right, lambda other: close(answer, other), f"{what} {shown} cannot be right", causes
    )


def expect_fit(right, fits, message, causes):
    """Expect that the right answer fits what was given, and if a known wrong one does, name it.

    Parameters
    ----------
    right : object
    fits : callable
        Tells whether an answer, right or wrong, is the one that was given.
    message : str
        Without a full stop.
    causes : dict of str to object
        From a cause, in words, to the answer that it leads to.
    """
    if not fits(right):
        likely = (cause for cause, wrong in causes.items() if fits(wrong))
        raise _named(message, next(likely, None))


def expect_ratio(ratio, tolerance, message, causes, roughly=None):
    """Expect a ratio of 1, and if a known mistake would give what it is, name that.

    Parameters
    ----------
    ratio, tolerance : float
    message : str
        With ``{:.3g}``, or more digits, where the ratio goes; without a full stop.
    causes : dict of str to float
        From a cause, in words, to the ratio that it leads to.
    roughly : dict of str to (float, float), optional
        Such a ratio, and how near it counts if none of `causes` fits: the mistake was made with
        random numbers, or on a grid.
    """
    if not abs(ratio - 1) <= tolerance:
        near = {cause: (wrong, tolerance) for cause, wrong in causes.items()}
        cause = _nearest(ratio, near) or _nearest(ratio, roughly or {})
        raise _named(message.format(ratio), cause)


def _nearest(ratio, known):
    """Return the cause whose ratio is nearest, of those that are near enough, or None."""
    off = {cause: abs(ratio / wrong - 1) for cause, (wrong, _) in known.items()}
    likely = (cause for cause in sorted(off, key=off.get) if off[cause] <= known[cause][1])
    return next(likely, None)


def close(answer, right):
    """Return whether an answer is right to `TOLERANCE`, relative to its largest entry."""
    largest = np.abs(right).max(initial=0.0)
    return bool(np.abs(np.subtract(answer, right)).max(initial=0.0) <= TOLERANCE * largest)


def _named(message, cause):
    """Return a mistake that ends with its cause, if that is known, and a full stop."""
    if cause:
        message += f": {cause}"
    return Mistake(message if message.endswith("?") else message + ".", cause)
