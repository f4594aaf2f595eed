"""Predict-then-check questions.

A question is plain HTML: each option opens to show what it says back. It needs neither a
kernel nor JavaScript, so it works in JupyterLab, on a saved page and on a slide alike.
"""

import html
import tomllib
from importlib.resources import files
from string import ascii_lowercase

from helpers.validation import check_choice

STYLE = """
<style>
.predict { max-width: 44em; line-height: 1.5; }
.predict details { border: 1px solid #8888; border-radius: 6px; margin: 6px 0; }
.predict summary { cursor: pointer; padding: 6px 12px; }
.predict summary:focus-visible { outline: 3px solid #0072B2; border-radius: 6px; }
.predict details[open] summary { font-weight: 600; }
.predict details p { margin: 0; padding: 2px 12px 10px 12px; }
</style>
"""


class Question:
    """A multiple-choice question whose options answer back.

    Parameters
    ----------
    question : str
    answers : dict of str to str
        From an option to what it says when chosen; wrong options name the misconception.
        Plain text.
    right : str
        The option that is right.

    Raises
    ------
    ValueError
        If `right` is not an option, or there are fewer than two options or more than letters.

    Examples
    --------
    >>> Question("1 + 1?", {"2": "Count on.", "3": "One too many."}, right="2")
    Predict: 1 + 1?
      (a) 2
      (b) 3
    """

    def __init__(self, question, answers, right):
        if not 2 <= len(answers) <= len(ascii_lowercase):
            raise ValueError(f"answers must have from 2 to 26 options; got {answers!r}")
        if right not in answers:
            raise ValueError(f"right must be one of {list(answers)}; got {right!r}")
        self.question, self.answers, self.right = question, answers, right

    def __repr__(self):
        options = (f"  ({letter}) {option}" for letter, option, _ in self._options())
        return "\n".join([f"Predict: {self.question}", *options])

    def _repr_html_(self):
        # Options of one name open one at a time, as radio buttons would.
        name = html.escape(self.question)
        options = "".join(
            f'<details name="{name}"><summary>({letter}) {html.escape(option)}</summary>'
            f"<p><strong>{self._verdict(option)}</strong> {html.escape(answer)}</p></details>"
            for letter, option, answer in self._options()
        )
        return (
            f'{STYLE}<div class="predict"><p><strong>Predict:</strong> '
            f"{html.escape(self.question)}</p>{options}</div>"
        )

    def _options(self):
        for letter, (option, answer) in zip(
            ascii_lowercase, self.answers.items(), strict=False
        ):
            yield letter, option, answer

    def _verdict(self, option):
        return "Yes." if option == self.right else "No."


def ask(lesson, name):
    """Return a question of a lesson.

    Questions are kept in ``helpers/questions/<lesson>.toml`` and not in the lesson's cells,
    where the answer would stand above the question.

    Parameters
    ----------
    lesson : str
        File name of the notebook, without its ending.
    name : str

    Returns
    -------
    Question
        End a cell with it to show it.

    Raises
    ------
    ValueError
        If there is no such lesson or question.

    Examples
    --------
    >>> ask("00_start_here", "width").right
    'about 10'
    """
    folder = files("helpers") / "questions"
    lessons = sorted(path.name.removesuffix(".toml") for path in folder.iterdir())
    check_choice("lesson", lesson, lessons)
    questions = tomllib.loads((folder / f"{lesson}.toml").read_text(encoding="utf-8"))
    return Question(**questions[check_choice("name", name, questions)])
