"""A check says the same of a function behind the walls as of the function itself."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.answers.judge import EXERCISES, answers, judged, model, stub

SECRET = "s3cret"
DECORATORS = """
def right(function):
    return function

def wrong(misconception, phrase):
    return right

lenient = wrong
"""
MOST_FORKS = 200  # of a session; one that has ended counts too

# Wrong answers overflow, divide by zero and do worse; what NumPy says of that is no matter.
pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.parametrize("exercise", EXERCISES),
]


def cells(exercise):
    """Return the module of answers to an exercise, as cells that need nothing of `tests`."""
    source = Path(import_module(f"tests.answers.{exercise}").__file__).read_text()
    others = re.findall(r"^from tests\.answers\.(?!answer\b)(\w+) ", source, re.MULTILINE)
    own = re.sub(r"^from tests\..*", "", source, flags=re.MULTILINE)
    return [cell for other in others for cell in cells(other)] + [own]


def behind(sandbox, exercise, names, cells):
    """Return the verdict on each of these names, which cells define."""
    with sandbox.session(processes=MOST_FORKS) as session:
        for cell in cells:
            assert session.run(cell) == ("", None)
        verdicts = {}
        for name in names:
            with session.fork() as fork:
                verdicts[name] = judged(exercise, fork.value(name), SECRET)
        return verdicts


def test_known_answers_are_told_the_same(exercise, sandbox):
    functions = {answer.name: answer.function for answer in answers(exercise)}
    told = behind(sandbox, exercise, functions, [DECORATORS, *cells(exercise)])
    assert told == {name: judged(exercise, f, SECRET) for name, f in functions.items()}


def test_the_model_solution_is_told_the_same(exercise, sandbox, masters):
    (master,) = (
        cells
        for cells in ({c.id: c.source for c in m.cells} for m in masters.values())
        if exercise in cells
    )
    told = behind(sandbox, exercise, [exercise], [master["setup"], master[exercise]])
    assert told == {exercise: judged(exercise, model(exercise), SECRET)}


def test_a_stub_is_told_the_same(exercise, sandbox, exams):
    (released,) = (
        cell["source"]
        for exam in exams.values()
        for cell in exam["cells"]
        if cell["id"] == exercise
    )
    told = behind(sandbox, exercise, [exercise], [released])
    assert told == {exercise: judged(exercise, stub, SECRET)}
