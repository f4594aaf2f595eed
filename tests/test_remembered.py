"""Every sentence to remember has its claims: `docs/claims.md` and what it is made of."""

import tomllib

import nbformat
import pytest

from course.copies import SOURCES
from teaching import remembered

LESSONS = {path.stem: path for path in sorted(SOURCES.glob("*.ipynb"))}
ROWS = tomllib.loads(remembered.SENTENCES.read_text(encoding="utf-8"))


def test_every_lesson_is_in_the_table():
    assert list(ROWS) == list(LESSONS)


@pytest.mark.parametrize("lesson", ROWS)
def test_together_the_sentences_are_the_bullets(lesson):
    notebook = nbformat.read(LESSONS[lesson], as_version=4)
    assert " ".join(row["sentence"] for row in ROWS[lesson]) == remembered.bullets(notebook)


@pytest.mark.parametrize("lesson", ROWS)
def test_a_sentence_names_claims_of_its_lesson_and_says_where_it_ends(lesson):
    made = remembered.claims(nbformat.read(LESSONS[lesson], as_version=4))
    for row in ROWS[lesson]:
        assert set(row["claims"]) <= set(made), row["sentence"]
        assert row["claims"] or row["limits"].startswith("A convention"), row["sentence"]
        assert row["limits"].endswith(".")


@pytest.mark.parametrize("lesson", ROWS)
def test_every_claim_has_a_range(lesson):
    for statement, measured, _ in remembered.claims(
        nbformat.read(LESSONS[lesson], as_version=4)
    ).values():
        assert measured, statement


def test_the_page_is_as_the_lessons_are():
    assert remembered.PAGE.read_text(encoding="utf-8") == remembered.page(), (
        "python -m teaching.remembered"
    )
