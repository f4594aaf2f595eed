"""How a module of answers says which function is right, and which is wrong and why."""

import sys
from typing import NamedTuple

LENIENT = 0.75  # of the points, for what is right but for bad input that it does not refuse


class Answer(NamedTuple):
    """One way to solve an exercise, or to get it wrong.

    `misconception` and `phrase` are None for a right one: where the mistake comes from, and
    words that the check's message must contain. `share` of the points is what it deserves.
    """

    function: object
    misconception: str | None = None
    phrase: str | None = None
    share: float = 1.0

    @property
    def name(self):
        """The function's name, for the test's name."""
        return self.function.__name__


def _listed(answer):
    module = sys.modules[answer.function.__module__]
    if not hasattr(module, "ANSWERS"):
        module.ANSWERS = []
    module.ANSWERS.append(answer)
    return answer.function


def right(function):
    """Mark a function as a right answer."""
    return _listed(Answer(function))


def wrong(misconception, phrase):
    """Mark a function as a wrong answer, from `misconception`, that gets `phrase` said."""
    return lambda function: _listed(Answer(function, misconception, phrase, 0.0))


def lenient(misconception, phrase):
    """Mark a function as a right answer that takes bad input, and gets `phrase` said of it."""
    return lambda function: _listed(Answer(function, misconception, phrase, LENIENT))
