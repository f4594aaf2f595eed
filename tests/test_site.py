"""What the pages are made of, with small made-up notebooks."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from teaching import first_page, site
from teaching.exercises import COPIES

README = "# Course\n\nWords.\n\n[One](notebooks/01.ipynb), [code](helpers/quiz.py), [web](https://a.b)\n"


def shows(html):
    return [new_output("execute_result", {"text/html": html, "text/plain": "It is 1."})]


def tags(cell):
    return set(site.page(new_notebook(cells=[cell])).cells[0].metadata.tags)


@pytest.fixture(autouse=True)
def nothing_made(tmp_path, monkeypatch):
    """Let no deck, handout or zip be there, and no address."""
    for name in ("DECKS", "HANDOUTS", "ZIP"):
        monkeypatch.setattr(first_page, name, tmp_path / "made" / name)
    monkeypatch.setattr(first_page, "repository", lambda: "")


@pytest.fixture
def project(tmp_path):
    """Return a folder with a README.md, and a function that gathers notebooks from it."""
    (tmp_path / "README.md").write_text(README)

    def gather():
        title = new_notebook(cells=[new_markdown_cell("# Title")])
        site.gather(
            {"01.ipynb": title}, {"01.ipynb": title}, root=tmp_path, folder=tmp_path / "s"
        )
        return tmp_path / "s"

    return tmp_path, gather


def test_a_page_has_everything_but_the_notes_for_the_speaker():
    kinds = ["slide", "subslide", "fragment", "skip", "notes"]
    cells = [new_markdown_cell(k, metadata={"slideshow": {"slide_type": k}}) for k in kinds]
    cells.append(new_markdown_cell("plain"))
    shown = [cell.source for cell in site.page(new_notebook(cells=cells)).cells]
    assert shown == ["slide", "subslide", "fragment", "skip", "plain"]


def test_what_shows_a_panel_or_a_question_hides_its_code():
    assert tags(new_code_cell("panel()", outputs=shows("<p>"))) == {"remove-input"}
    assert tags(new_code_cell("x = 1\npanel()", outputs=shows("<p>"))) == set()
    assert tags(new_code_cell("1", outputs=[new_output("stream", text="1")])) == set()


def test_html_knows_its_cell_and_the_notebook_is_left_as_it_was():
    notebook = new_notebook(cells=[new_code_cell("p()", id="shown", outputs=shows("<i>1</i>"))])
    before = nbformat.writes(notebook)
    html = site.page(notebook).cells[0].outputs[0].data["text/html"]
    assert html == '<div data-cell="shown"><i>1</i></div>'
    assert nbformat.writes(notebook) == before


def test_sources_lie_as_in_the_project_and_replace_older_ones(project):
    _, gather = project
    gather()
    (gather().joinpath("notebooks", "old.ipynb")).write_text("{}")
    folder = gather()
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert found == {
        *("index.md", "README.md", "reference.md", "panel.html"),
        *("notebooks/01.ipynb", "notebooks/exercises/01.ipynb"),
    }


def test_a_link_to_what_is_no_page_leaves_its_words(project):
    _, gather = project
    text = (gather() / "README.md").read_text()
    assert "[One](notebooks/01.ipynb), code, [web](https://a.b)" in text


def test_documents_are_listed_if_there_are_any(project):
    root, gather = project
    assert "docs/" not in (gather() / "index.md").read_text()
    (root / "docs").mkdir()
    (root / "docs" / "for-lecturers.md").write_text("[Back](../README.md), [code](../x.py)")
    folder = gather()
    assert "docs/*" in (folder / "index.md").read_text()
    assert (folder / "docs" / "for-lecturers.md").read_text() == "[Back](../README.md), code"


def test_exercises_that_were_worked_in_are_shown_as_they_are_handed_out(tmp_path):
    own = nbformat.read(COPIES / "02_zero.ipynb", as_version=4)
    fresh = site.exercise(COPIES / "02_zero.ipynb")
    assert [c.source for c in fresh.cells] == [c.source for c in own.cells]
    answer = next(c for c in own.cells if "return ..." in c.source)
    answer.source = "my answer"
    nbformat.write(own, tmp_path / "02_zero.ipynb")
    shown = site.exercise(tmp_path / "02_zero.ipynb")
    assert [c.source for c in shown.cells] == [c.source for c in fresh.cells]


# The first page

TABLE = """
| | lesson | the question it answers | minutes | exercises |
|---|---|---|---|---|
| 3 | [Random](notebooks/03_random.ipynb) | How large? | 135 | |

After it.
"""
CITED = """
title: "A course"
version: 1.2
date-released: 2027-01-02
license: BSD-3-Clause
message: Cite it.
authors:
  - given-names: Ada
    family-names: Example
  - name: Others
"""


@pytest.fixture
def opening(tmp_path):
    """Return a function that makes the first page, and the folder of its project."""
    (tmp_path / "README.md").write_text(TABLE)
    (tmp_path / "CITATION.cff").write_text(CITED)
    (tmp_path / "source").mkdir()

    def make(lessons=()):
        template = "{{ get }}\n\n{{ lessons }}\n\n{{ authors }}"
        return first_page.first_page(
            template, dict(lessons), root=tmp_path, folder=tmp_path / "source"
        )

    return make, tmp_path


def test_the_first_page_shows_a_panel_at_work(opening):
    make, root = opening
    name, cell = first_page.PANEL
    shown = new_code_cell("panel()", id=cell, outputs=shows("<figure>"))
    make({name: new_notebook(cells=[new_code_cell("1"), shown])})
    assert (root / "source" / "panel.html").read_text() == "<figure>"
    make()
    assert (root / "source" / "panel.html").read_text() == ""


def test_the_panel_of_the_first_page_is_in_its_lesson():
    name, cell = first_page.PANEL
    lesson = nbformat.read(site.LESSONS / name, as_version=4)
    assert "_panel(" in next(c.source for c in lesson.cells if c.id == cell)


def test_what_has_been_made_can_be_downloaded(opening, monkeypatch):
    make, root = opening
    monkeypatch.setattr(first_page, "ZIP", root / "course.zip")
    for name in ("DECKS", "HANDOUTS"):
        monkeypatch.setattr(first_page, name, root / name)
    said = make()
    assert "ask for it" in said
    assert "135 | |\n\n" in said
    for name in ("DECKS/03_random.html", "HANDOUTS/03_random.pdf", "course.zip"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(name)
    said = make()
    assert "<a href='files/course.zip'>" in said
    assert "| exercises | slides | handout |\n|---|---|---|---|---|---|---|\n" in said
    assert (
        "| 135 | | <a href='files/03_random.html'>deck</a> | "
        "<a href='files/03_random.pdf'>PDF</a> |\n" in said
    )
    assert (root / "source" / "files" / "03_random.pdf").read_text() == "HANDOUTS/03_random.pdf"


def test_the_first_page_names_authors_version_and_licence(opening):
    make, _ = opening
    said = make()
    assert "Ada Example, Others: *A course*, version 1.2, 2027-01-02." in said
    assert "BSD-3-Clause" in said
