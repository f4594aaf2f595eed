"""Tests of the predict-then-check questions."""

import re

import pytest

from helpers.quiz import Question

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
        ({"1": "Yes."}, "1", "at least 2 options; got {'1': 'Yes.'}"),
        (ANSWERS, "2", "right must be one of .*'more'.*; got '2'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_an_error(answers, right, message):
    with pytest.raises(ValueError, match=message):
        Question("How many?", answers, right)
