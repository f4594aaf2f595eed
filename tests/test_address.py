"""What follows from the address at which the course is published."""

from pathlib import Path

import nbformat
import pytest

from teaching import address

ROOT = Path(__file__).parents[1]
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "elsewhere.md")
EXAMPLE = "https://github.com/owner/a-course"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_are_as_made_from_the_address(path):
    text = path.read_text(encoding="utf-8")
    assert address.filled(text, address.repository()) == text
    assert address.PART.search(text), "or there is nothing to make"


@pytest.mark.parametrize("path", sorted(address.LESSONS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_lesson_says_below_its_first_import_what_to_do_where_it_fails(path):
    notebook = nbformat.read(path, as_version=4)
    at = [cell.id for cell in notebook.cells].index(address.CELL)
    assert "from helpers" in notebook.cells[at - 1].source
    assert notebook.cells[at].source == address.advice(address.repository())


def test_with_an_address_there_are_badges_links_and_install_lines():
    readme, elsewhere = (
        address.filled(path.read_text(encoding="utf-8"), EXAMPLE) for path in DOCUMENTS
    )
    for host in ("mybinder.org/v2/gh", "colab.research.google.com/github", "codespaces.new"):
        assert f"https://{host}/owner/a-course" in readme
    assert f"%pip install -q git+{EXAMPLE}" in elsewhere
    assert "owner/a-course/blob/main/notebooks/05_he.ipynb" in elsewhere
    assert f"git+{EXAMPLE}" in address.advice(EXAMPLE)
    assert address.filled(address.filled(readme, EXAMPLE), "") == address.filled(readme, "")


def test_elsewhere_than_on_github_there_are_no_badges():
    made = address.parts("https://git.example.org/a/course")
    assert (made["badges"], made["colab"]) == ("", "")
    assert "git.example.org" in made["install"]


def test_without_an_address_nothing_names_one():
    assert set(address.parts("").values()) == {""}
    assert "git+" not in address.advice("")
    assert "course.zip" in address.advice("")
