"""What every check shares: calling a student's function, and saying what is wrong with it.

A check is an `exercise`: a block that calls the function with cases and says what it expects of
each answer. Nothing of the answer is trusted: it is copied into plain types first. What it
computes for good input earns most of the points, and that it refuses bad input the rest.
The function is given copies, and a generator that draws no cases, so that nothing that it does
changes what it will be asked. It may live in another process: what stands in for it leaves
a generator in the state in which the function left it, and where there is no answer, or an
argument was changed, it raises a `Mistake` whose words come after the call.
"""

import builtins
import dis
import hashlib
import os
from contextlib import contextmanager
from types import CodeType, ModuleType

import numpy as np

from helpers.checks.plain import as_array, as_number, describe, plain
from helpers.checks.verdicts import (
    Mistake,
    NotAttempted,
    expect,
)

REFUSING = 1 / 4  # of the points of an exercise: for refusing bad input
SECRET = "COURSE_SECRET"  # the environment variable that holds the instructor's
FINE = "nothing is wrong with these arguments"
CHANGED = "changed what it was given, which belongs to the caller: make something new instead."


def exercise(check):
    """Make the check of an exercise from what it asks of a `Student`.

    ``check_gain(student, rng)`` becomes ``check_gain(gain, *, secret=None)``. With a secret
    it returns the share of the points that the answer deserves, and raises if that is none;
    see `attempt`.
    """
    name = check.__name__.removeprefix("check_")

    def judged(f, *, secret=None):
        with attempt(f, name, secret) as (student, rng):
            check(student, rng)
        return None if secret is None else student.share

    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(judged, attribute, getattr(check, attribute))
    return judged


@contextmanager
def attempt(f, name, secret=None):
    """Judge one exercise: the block's first `Mistake` is the verdict, or else what it prints.

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
        To draw the cases from; the function draws from ``student.rng``.

    Raises
    ------
    Mistake
        If an answer is wrong, or with a secret if there is none.
    """
    source = "visible" if secret is None else f"secret {secret}"
    seed = int.from_bytes(hashlib.sha256(f"{name}: {source}".encode()).digest())
    rng, students = (np.random.default_rng([seed, i]) for i in range(2))
    student = Student(f, name, students, is_hidden=secret is not None)
    try:
        yield student, rng
    except NotAttempted:
        if secret is not None:
            raise NotAttempted(f"{name}: not attempted.") from None
        print(f"{name}: not attempted yet.")
    except Mistake as mistake:
        said = str(mistake)
        said = said if said.startswith(name) else f"{name}: {said}"
        raise Mistake(said, mistake.cause) from None
    else:
        print(f"{name}: {student.accepts or 'correct.'}")


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
    rng : numpy.random.Generator
        To be given to it.
    is_hidden : bool
        Whether nobody may learn the cases: then of an error no words are told that the
        function could have made of them.
    """

    def __init__(self, f, name, rng, is_hidden=False):
        self._f, self._name, self.rng, self._is_hidden = f, name, rng, is_hidden
        self.call = name  # the last call, as a student would write it
        self.accepts = ""  # in words, the first bad input that was not refused
        self._answered = False

    @property
    def share(self):
        """The share of the points that are deserved, if no mistake was found."""
        return 1 - REFUSING if self.accepts else 1.0

    def __call__(self, *args, **options):
        """Return the answer in plain types; see `plain`.

        Raises
        ------
        Mistake
            If the function raises, or changes an array or a list that it was given.
        """
        given = _copied(args)
        try:
            answer = plain(self._raw(given, options))
        except Mistake:
            raise
        except Exception as error:
            refused = f"; {FINE}" * isinstance(error, ValueError)
            raise Mistake(f"{self.call} raised {self._named(error)}{refused}.") from None
        expect(_same(given, args), f"{self.call} {CHANGED}")
        self._answered = True
        return answer

    def refuses(self, error, why, *args, **options):
        """Note whether a call raises `error`; `why` ends a sentence that has "because"."""
        try:
            answer = self._raw(_copied(args), options)
        except NotAttempted:
            if not self._answered:
                raise
            happened = "returned what stands for no answer"
        except Mistake:
            raise
        except error:
            return
        except Exception as other:
            happened = f"raised {self._named(other)}"
        else:
            instead = " instead of raising it" * isinstance(answer, Exception)
            happened = f"returned {describe(plain(answer))}{instead}"
        self.accepts = self.accepts or (
            f"right for good input; it should also refuse bad input, because {why}: "
            f"{self.call} {happened}; expected a {error.__name__}."
        )

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

    def _named(self, error):
        """Return an error's name, and its message if it has one and nothing is hidden."""
        if self._is_hidden:
            kinds = type(error).__mro__
            return next(k.__name__ for k in kinds if vars(builtins).get(k.__name__) is k)
        return f"{type(error).__name__}: {error}".removesuffix(": ")

    def _raw(self, args, options):
        if self._f is ...:
            raise NotAttempted
        expect(callable(self._f), f"should be a function, and is {describe(self._f)}.")
        named = [f"{name}={describe(value)}" for name, value in options.items()]
        self.call = f"{self._name}({', '.join([describe(value) for value in args] + named)})"
        if ready_made := _ready_made(self._f, set()):  # so graders' stand-ins say it too
            raise RuntimeError(f"{ready_made} is ready-made: it does not count as an answer")
        try:
            answer = self._f(*args, **options)
        except NotImplementedError:
            answer = ...
        except Mistake as mistake:
            raise Mistake(f"{self.call} {mistake}") from None
        if answer is ...:
            raise NotAttempted
        return answer


def _ready_made(f, seen):
    """Return the name of what a function, or one that it calls, takes from `helpers`."""
    code, known = getattr(f, "__code__", None), getattr(f, "__globals__", {})
    if not isinstance(code, CodeType) or code in seen:
        return None
    seen.add(code)
    for name in _names(code):
        value = known.get(name)
        is_module = isinstance(value, ModuleType)
        module = getattr(value, "__name__" if is_module else "__module__", None)
        module = name if value is None else module
        if str(module).split(".")[0] == "helpers" and not module.startswith("helpers.checks"):
            return module if is_module or value is None else f"{module}.{name}"
        if found := _ready_made(value, seen):
            return found
    return None


def _names(code):
    """Return the global names that code uses, and the modules that it imports."""
    names = {
        line.argval
        for line in dis.get_instructions(code)
        if line.opname in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME")
    }
    inner = [entry for entry in code.co_consts if isinstance(entry, CodeType)]
    return sorted(names.union(*map(_names, inner)))


def _copied(value):
    """Return a copy of the arrays, lists and tuples in a value."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(_copied(entry) for entry in value)
    return value


def _same(value, other):
    if type(value) is not type(other):
        return False
    if isinstance(value, np.ndarray):
        return value.shape == other.shape and np.array_equal(value, other, equal_nan=True)
    if isinstance(value, list | tuple):
        return len(value) == len(other) and all(map(_same, value, other))
    return value == other
