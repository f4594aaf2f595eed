"""Tests of how a lesson becomes a deck, without a browser."""

import re

import nbformat
import pytest

from teaching import baking, slides

HTML = {"text/html": "<p>shown</p>", "text/plain": "shown"}


def cell(kind, source, slide_type, **data):
    make = {"md": nbformat.v4.new_markdown_cell, "py": nbformat.v4.new_code_cell}[kind]
    made = make(source, id=re.sub(r"[\W_]+", "-", source.lower()).strip("-")[:20])
    made.metadata["slideshow"] = {"slide_type": slide_type}
    if data:
        made.outputs = [nbformat.v4.new_output("execute_result", data=data)]
    return made


@pytest.fixture
def parts(monkeypatch):
    """Leave out what comes from npm."""
    monkeypatch.setattr(slides, "_text", lambda path: "")
    monkeypatch.setattr(slides, "library", lambda name: slides.TEMPLATES)
    slides._parts.cache_clear()
    yield
    slides._parts.cache_clear()


@pytest.fixture
def deck(parts, tmp_path):
    """Return a function that makes a deck of cells."""
    return lambda *cells: slides.deck(nbformat.v4.new_notebook(cells=list(cells)), tmp_path)


TITLE = cell("md", "# A lesson", "slide")


def sections(html):
    """Return the kind of each slide, and the words on it."""
    found = re.findall(r'<section data-kind="(\w+)">(.*?)</section>', html, re.DOTALL)
    return [(kind, " ".join(re.sub("<[^>]+>", " ", words).split())) for kind, words in found]


def test_slides_know_what_they_are_and_which_they_go_on(deck):
    html = deck(
        TITLE,
        cell("md", "## Predict: what?", "slide"),
        cell("md", "## A step", "slide"),
        cell("py", "1 + 1", "subslide"),
        cell("md", "## What to remember", "slide"),
    )
    assert sections(html) == [
        ("title", "A lesson"),
        ("predict", "Predict: what?"),
        ("step", "A step"),
        ("step", "A step 1 + 1"),
        ("remember", "What to remember"),
    ]
    assert "<title>A lesson</title>" in html


def test_what_is_skipped_is_left_out_and_notes_are_for_the_speaker(deck):
    html = deck(TITLE, cell("md", "For me.", "notes"), cell("py", "secret()", "skip"))
    assert "secret" not in html
    assert re.search(r'<aside class="notes"><p>For me.</p>\s*</aside>', html)


def test_a_fragment_is_uncovered_later(deck):
    html = deck(
        TITLE, cell("md", "A question?", "slide"), cell("md", "The answer.", "fragment")
    )
    assert re.search(r'<div class="fragment"><div data-cell="the-answer">', html)


def test_what_follows_a_bare_heading_is_there_from_the_start(deck):
    html = deck(TITLE, cell("md", "## Predict", "slide"), cell("py", "ask()", "fragment"))
    assert 'class="fragment"' not in html


@pytest.mark.parametrize(
    ("data", "shown"), [(HTML, False), ({"text/plain": "2"}, True)], ids=["panel", "number"]
)
def test_a_panel_or_a_question_hides_the_call_that_shows_it(deck, data, shown):
    html = deck(TITLE, cell("py", "panel_or_number()", "slide", **data))
    assert ("panel_or_number" in html) == shown
    assert data["text/plain"] in html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("[lesson 3](03_random.ipynb)", '<a href="03_random.html">lesson 3</a>'),
        ("[paper](https://arxiv.org/abs/1)", '<a href="https://arxiv.org/abs/1">paper</a>'),
        ("the [exercises](exercises/02_zero.ipynb) here", "<p>the exercises here</p>"),
    ],
    ids=["lesson", "outside", "exercises"],
)
def test_links_lead_to_decks_or_outside(deck, markdown, html):
    assert html in deck(TITLE, cell("md", markdown, "slide"))


def test_a_picture_from_a_file_goes_into_the_deck(deck, tmp_path):
    (tmp_path / "dot.png").write_bytes(b"pixels")
    html = deck(TITLE, cell("md", "![a dot](dot.png)", "slide"))
    assert 'src="data:image/png;base64,cGl4ZWxz"' in html


def test_a_title_is_no_markup(deck):
    html = deck(cell("md", "# Is a < b & c?", "slide"))
    assert "<title>Is a &lt; b &amp; c?</title>" in html


def test_a_notebook_without_slide_types_is_one_slide(deck):
    html = deck(nbformat.v4.new_markdown_cell("Hello"), nbformat.v4.new_code_cell("1"))
    assert len(sections(html)) == 1


# Baking


@pytest.fixture
def runs(monkeypatch):
    """Let lessons run in no time, and return a list of the runs."""
    done = []

    def run(notebook, folder, timeout, **variables):
        done.append((folder, variables))
        return notebook

    monkeypatch.setattr(baking.notebooks, "run", run)
    return done


def lesson(folder, *cells):
    path = folder / "lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def test_a_lesson_is_baked_once_until_it_changes(runs, tmp_path):
    path, kept = lesson(tmp_path, TITLE), tmp_path / "kept"
    before = path.read_bytes()
    for _ in range(2):
        assert baking.baked(path, kept).cells[0].source == "# A lesson"
    assert runs == [(tmp_path, {"COURSE_BAKE": "1"})]
    assert path.read_bytes() == before
    lesson(tmp_path, TITLE, cell("py", "2", "slide"))
    assert len(baking.baked(path, kept).cells) == 2
    assert len(runs) == 2


def test_a_change_of_the_package_bakes_again(runs, tmp_path, monkeypatch):
    (tmp_path / "helpers").mkdir()
    module = tmp_path / "helpers" / "module.py"
    monkeypatch.setattr(baking, "ROOT", tmp_path)
    path = lesson(tmp_path, TITLE)
    for source in ("a = 1", "a = 2"):
        module.write_text(source)
        for _ in range(2):
            baking.baked(path, tmp_path / "kept")
    assert len(runs) == 2


@pytest.mark.usefixtures("runs")
def test_a_widget_is_an_error_that_names_the_cell_and_nothing_is_kept(tmp_path):
    widget = {baking.notebooks.VIEW: {"model_id": "1"}, "text/plain": "IntSlider(value=0)"}
    path = lesson(tmp_path, TITLE, cell("py", "slider", "slide", **widget))
    with pytest.raises(baking.DeadControlError, match=r"lesson\.ipynb, cell 'slider'"):
        baking.baked(path, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_note_is_folded_in_the_notebook_and_open_for_the_speaker(deck):
    note = "<details><summary>For the lecturer</summary>\n\nTake a *vote*.\n\n</details>"
    html = deck(TITLE, cell("md", note, "notes"))
    (said,) = re.findall(r'<aside class="notes">(.*?)</aside>', html, re.DOTALL)
    assert said.strip() == "<p>Take a <em>vote</em>.</p>"
