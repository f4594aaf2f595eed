"""The checks of the exercises: every right answer passes, every known wrong one is told why.

Each is judged as students are, and with three secrets; ``make answers`` takes two hundred.
"""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from helpers import checks
from tests.answers.answer import LENIENT
from tests.answers.judge import (
    EXERCISES,
    answers,
    is_as_it_should_be,
    judged,
    model,
    source,
    stub_is_not_attempted,
)

SECRETS = ("7", "a longer secret", "ünïcödé")
MODULES = {
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not re.match("test_|(__init__|answer|judge|mutants)$", path.stem)
}
KNOWN = [
    pytest.param(exercise, answer, id=f"{exercise}-{answer.name}")
    for exercise in EXERCISES
    if exercise in MODULES
    for answer in answers(exercise)
]

# Wrong answers overflow, divide by zero and do worse; what NumPy says of that is no matter.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize(("exercise", "answer"), KNOWN)
def test_a_known_answer_is_judged_rightly(exercise, answer):
    for secret in (None, *SECRETS):
        assert is_as_it_should_be(exercise, answer, secret), (
            f"with secret {secret!r}: {judged(exercise, answer.function, secret)}"
        )


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_model_solution_is_right(exercise):
    for secret in (None, *SECRETS):
        assert judged(exercise, model(exercise), secret) == (1.0, f"{exercise}: correct.\n")


class NothingRefused(ast.NodeTransformer):
    """Takes from a function what raises a ValueError, and its conditions."""

    def visit_If(self, node):
        """Drop an if that ends in a refusal."""
        is_refusal = isinstance(node.body[-1], ast.Raise) and not node.orelse
        return None if is_refusal else self.generic_visit(node)

    def visit_Raise(self, node):
        """Drop a refusal that is no branch."""


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_but_for_the_refusals_loses_a_third_at_most(exercise):
    """The model solution, without a line that refuses."""
    tree = NothingRefused().visit(ast.parse(source(exercise)))
    assert "raise" not in ast.unparse(tree)
    names = dict(model(exercise).__globals__)
    exec(compile(tree, exercise, "exec"), names)
    for secret in SECRETS:
        assert judged(exercise, names[exercise], secret).share >= 2 / 3


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_right_answer_that_takes_bad_input_is_known_and_loses_something(exercise):
    shares = {answer.share for answer in answers(exercise)}
    assert shares == {0.0, LENIENT, 1.0}
    assert 2 / 3 <= LENIENT < 1


@pytest.mark.parametrize("exercise", EXERCISES)
def test_refusing_everything_earns_nothing(exercise):
    def refuse(*args, **options):
        raise ValueError("no")

    for secret in SECRETS:
        assert judged(exercise, refuse, secret).share == 0


@pytest.mark.parametrize("exercise", EXERCISES)
def test_not_attempted_is_no_mistake_but_earns_nothing(exercise):
    assert stub_is_not_attempted(exercise, SECRETS)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_what_is_no_function_is_told_so(exercise):
    assert judged(exercise, 3, None).words == f"{exercise}: should be a function, and is 3."
    assert "not attempted" in judged(exercise, ..., None).words


def test_every_exercise_has_answers_and_every_answer_an_exercise():
    assert set(EXERCISES) == MODULES


@pytest.mark.parametrize("exercise", EXERCISES)
def test_there_are_enough_answers(exercise):
    wrong = [answer for answer in answers(exercise) if answer.phrase]
    assert len(wrong) >= 6  # lenient ones among them
    assert len(answers(exercise)) - len(wrong) >= 3
    assert all(answer.misconception for answer in wrong)


def _named(argument):
    """Return what tells an argument from others: a generator's state, a function's name."""
    if isinstance(argument, np.random.Generator):
        return argument.bit_generator.state
    return argument.__name__ if callable(argument) else argument


def recorded(function):
    """Return the function, and a dict in which it writes what it was asked and answered."""
    answers = {}

    def record(*args, **options):
        question = _question(args, options)
        answers[question] = ValueError("this was refused")
        answers[question] = function(*args, **options)
        return answers[question]

    return record, answers


def by_heart(answers):
    """Return a function that knows these answers, and to anything else gives the first."""

    def recite(*args, **options):
        answer = answers.get(_question(args, options), next(iter(answers.values())))
        if isinstance(answer, ValueError):
            raise answer
        return answer

    return recite


def _question(args, options):
    return str([_named(argument) for argument in (*args, *options.items())])


def asked(exercise, secret):
    record, answers = recorded(model(exercise))
    judged(exercise, record, secret)
    return list(answers)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_secret_decides_the_cases(exercise):
    """Without one, they are the same each time, so that a student can mend what failed."""
    assert asked(exercise, None) == asked(exercise, None)
    assert asked(exercise, "a") == asked(exercise, "a")
    assert len({str(asked(exercise, secret)) for secret in (None, "a", "b")}) == 3


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_visible_cases_learnt_by_heart_earn_nothing(exercise):
    record, answers = recorded(model(exercise))
    assert judged(exercise, record, None).share == 1
    for secret in SECRETS:
        assert judged(exercise, by_heart(answers), secret).share == 0


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_check_touches_the_global_generator(exercise):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    judged(exercise, model(exercise), "7")
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_the_instructors_secret_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "s3cret")
    assert checks.instructors_secret() == "s3cret"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_secret_is_refused(monkeypatch, value):
    monkeypatch.delenv("COURSE_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("COURSE_SECRET", value)
    with pytest.raises(RuntimeError, match="COURSE_SECRET, which is not set"):
        checks.instructors_secret()
