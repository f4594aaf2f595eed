"""Tests of the predict-then-check questions."""

import re
import tomllib
from pathlib import Path

import pytest

from helpers.quiz import Question, ask

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "helpers" / "questions"
ANSWERS = {"less than 1": "a < b is not it.", "1": "So it is.", "more": "Too many."}


@pytest.fixture
def question():
    return Question("How many?", ANSWERS, right="1")


def test_every_option_opens_to_its_own_answer(question):
    options = re.findall(
        r"<details name=.*?><summary>(.*?)</summary><p>(.*?)</p>", question._repr_html_()
    )
    assert options == [
        ("(a) less than 1", "<strong>No.</strong> a &lt; b is not it."),
        ("(b) 1", "<strong>Yes.</strong> So it is."),
        ("(c) more", "<strong>No.</strong> Too many."),
    ]


def test_options_close_one_another(question):
    assert set(re.findall(r'name="(.*?)"', question._repr_html_())) == {"How many?"}


def test_without_html_it_asks_and_does_not_tell(question):
    assert repr(question) == "Predict: How many?\n  (a) less than 1\n  (b) 1\n  (c) more"


@pytest.mark.parametrize(
    ("answers", "right", "message"),
    [
        ({"1": "Yes."}, "1", "from 2 to 26 options; got {'1': 'Yes.'}"),
        ({str(i): "." for i in range(27)}, "1", "from 2 to 26 options; got"),
        (ANSWERS, "2", "right must be one of .*'more'.*; got '2'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_an_error(answers, right, message):
    with pytest.raises(ValueError, match=message):
        Question("How many?", answers, right)


@pytest.mark.parametrize("n", [2, 26])
def test_two_options_are_enough_and_there_is_one_for_each_letter(n):
    question = Question("How many?", {str(i): "So." for i in range(n)}, right="1")
    letters = re.findall(r"^  \((.)\) ", repr(question), flags=re.MULTILINE)
    assert "".join(letters) == "abcdefghijklmnopqrstuvwxyz"[:n]


@pytest.mark.parametrize("lesson", sorted(path.stem for path in QUESTIONS.iterdir()))
def test_every_question_has_a_right_answer_and_the_lesson_asks_it(lesson):
    notebook = (ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8")
    asked = re.findall(rf'ask\(\\"{lesson}\\", \\"(.*?)\\"\)', notebook)
    written = tomllib.loads((QUESTIONS / f"{lesson}.toml").read_text(encoding="utf-8"))
    assert asked == list(written)
    for name in asked:
        question = ask(lesson, name)
        assert len(question.answers) >= 3
        assert all(answer.endswith(".") for answer in question.answers.values())


@pytest.mark.parametrize(
    ("lesson", "name", "message"),
    [
        ("99_none", "zeros", "lesson must be one of .*02_zero.*; got '99_none'"),
        ("02_zero", "width", "name must be one of .*'zeros'.*; got 'width'"),
    ],
)
def test_a_question_that_does_not_exist_is_an_error(lesson, name, message):
    with pytest.raises(ValueError, match=message):
        ask(lesson, name)
