"""Tests of how a lesson becomes a deck, without a browser."""

import re
from copy import deepcopy

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from teaching import baking, lecture, slides

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
    found = re.findall(r'<section data-kind="(\w+)"[^>]*>(.*?)</section>', html, re.DOTALL)
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
    assert re.search(r'<div class="fragment"><div data-cell="the-answer"', html)


def test_what_follows_a_bare_heading_is_there_from_the_start(deck):
    html = deck(TITLE, cell("md", "## Predict", "slide"), cell("py", "ask()", "fragment"))
    assert 'class="fragment"' not in html


@pytest.mark.parametrize(
    ("data", "shown"), [(HTML, False), ({"text/plain": "2"}, True)], ids=["panel", "number"]
)
def test_a_panel_or_a_question_hides_the_call_that_shows_it(deck, data, shown):
    html = deck(TITLE, cell("py", "panel_or_number()", "slide", **data))
    assert ('class="highlight' in html) == shown
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


def test_a_notebook_without_slide_types_is_refused_with_what_to_do(deck):
    with pytest.raises(lecture.LectureError, match="no cell begins a slide"):
        deck(nbformat.v4.new_markdown_cell("Hello"), nbformat.v4.new_code_cell("1"))


# The lecture in a notebook


def told(made, **lecture):
    """Return a copy of a cell that says what its slide is in the lecture."""
    made = deepcopy(made)
    made.metadata["lecture"] = lecture
    return made


PICTURE = cell("py", "draw()", "subslide", **HTML)


def lines(html):
    """Return where each slide stands, and the words on it."""
    found = re.findall(
        r'<section [^>]*data-line="(\w+)"([^>]*)>(.*?)</section>', html, re.DOTALL
    )
    return [(line, " ".join(re.sub("<[^>]+>", " ", words).split())) for line, _, words in found]


def test_slides_with_minutes_are_the_lecture_and_the_others_its_reserve(deck):
    html = deck(
        told(TITLE, minutes=1),
        cell("md", "## Aside", "slide"),
        told(cell("md", "## A step", "slide"), minutes=2.5),
    )
    assert lines(html) == [
        ("main", "A lesson"),
        ("main", "A step"),
        ("main", "End In reserve: Aside"),
        ("reserve", "Aside"),
    ]
    assert re.findall(r'data-timing="(\d+)"', html) == ["60", "150", "0"]
    assert 'href="#/reserve-1"' in html
    assert 'id="reserve-1"' in html


def test_without_minutes_all_is_shown_in_order_with_its_code(deck):
    html = deck(TITLE, cell("py", "1 + 1", "slide"), cell("md", "End", "slide"))
    assert [line for line, _ in lines(html)] == ["main"] * 3
    assert 'class="code"' not in html
    assert "data-timing" not in html


def test_a_question_stands_above_what_answers_it(deck):
    html = deck(told(TITLE, minutes=1), told(PICTURE, minutes=3, question="How *large*?"))
    asked = html.index("How <em>large</em>?")
    assert html.index("A lesson") < asked < html.index("<p>shown</p>")


@pytest.mark.parametrize("shown", [False, True])
def test_code_is_behind_a_key_unless_the_lecture_is_about_it(deck, shown):
    about = {"code": True} if shown else {}
    html = deck(TITLE, told(cell("py", "1 + 1", "slide"), minutes=2, **about))
    assert ('<div class="code">' in html) != shown


def test_hidden_code_that_shows_nothing_is_no_step(deck):
    html = deck(
        told(cell("md", "# A\n\nB", "slide"), minutes=1), cell("py", "x = 1", "fragment")
    )
    assert 'class="fragment"' not in html


def test_notes_stand_behind_what_is_uncovered(deck):
    html = deck(
        cell("md", "# A\n\nB", "slide"),
        cell("md", "Note.", "notes"),
        cell("md", "C", "fragment"),
    )
    assert html.index(">C<") < html.index('<aside class="notes">')
    assert re.search(r'</div></div><aside class="notes">', html)


def test_what_a_picture_says_is_a_note_and_no_step(deck):
    picture = cell("py", "draw()", "fragment", **HTML)
    html = deck(told(cell("md", "# A\n\nB", "slide"), minutes=1), picture)
    assert html.count('class="fragment"') == 1
    assert re.search(
        r'</div></div><aside class="notes"><p>shown</p>\s*</aside></section>', html
    )


def test_what_only_readers_need_is_not_on_the_title_slide(deck):
    title = "# A\n\n**Why?**\n\n**You will** read.\n\n**Time:** 10 minutes."
    assert "You will" not in deck(told(cell("md", title, "slide"), minutes=1))
    assert "You will" in deck(cell("md", title, "slide"))


def test_who_teaches_stands_on_the_title_slide(parts, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[TITLE, cell("md", "B", "slide")])
    html = slides.deck(notebook, tmp_path, "A <B> · 2027")
    assert html.count('class="byline"') == 1
    assert "A &lt;B&gt; · 2027" in html


NOTHING = dict.fromkeys(slides.BYLINE, "")


def test_what_is_typed_goes_before_what_the_file_says(tmp_path):
    file = tmp_path / "lecture.toml"
    file.write_text('lecturer = "A. B."\ndate = 2027-01-02\n')
    assert slides._byline(NOTHING, file) == "A. B. · 2027-01-02"
    assert slides._byline(NOTHING | {"lecturer": "C."}, file) == "C. · 2027-01-02"
    assert slides._byline(NOTHING, tmp_path / "missing.toml") == ""


@pytest.mark.parametrize(
    ("text", "said"), [("lecturer =", "cannot be read"), ("name = 'A'", "may say lecturer, ")]
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path, text, said):
    file = tmp_path / "lecture.toml"
    file.write_text(text)
    with pytest.raises(lecture.LectureError, match=said):
        slides._byline(NOTHING, file)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"minuets": 1}, "may say code, minutes, question; got minuets"),
        ({"minutes": 0}, "a number above 0; got 0"),
        ({"minutes": "3"}, "a number above 0; got '3'"),
        ({"minutes": True}, "a number above 0; got True"),
    ],
)
def test_what_a_cell_says_of_the_lecture_is_checked(deck, about, said):
    with pytest.raises(lecture.LectureError, match=f'"# A lesson": .*{said}'):
        deck(told(TITLE, **about))


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
    lesson(tmp_path, cell("md", "# Other words", "slide"), cell("py", "2", "slide"))
    assert baking.baked(path, kept).cells[0].source == "# Other words"
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


def test_a_widget_is_an_error_that_names_the_cell_and_nothing_is_kept(tmp_path, monkeypatch):
    widget = {baking.notebooks.VIEW: {"model_id": "1"}, "text/plain": "IntSlider(value=0)"}

    def run(notebook, folder, timeout, **variables):
        notebook.cells[1].outputs = [nbformat.v4.new_output("execute_result", data=widget)]

    monkeypatch.setattr(baking.notebooks, "run", run)
    path = lesson(tmp_path, TITLE, cell("py", "slider", "slide"))
    with pytest.raises(baking.BakingError, match=r'lesson\.ipynb, cell 2 \("slider"\)'):
        baking.baked(path, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CellTimeoutError("slow"), r'lesson\.ipynb, cell 2 \("slow\(\)"\) took more than 7 s'),
        (CellExecutionError("\x1b[31mno", "E", "v"), r'cell 2 \("slow\(\)"\) failed:\nno'),
    ],
)
def test_a_cell_that_ends_a_run_is_named(tmp_path, monkeypatch, error, said):
    def run(notebook, folder, timeout, **variables):
        notebook.cells[1].execution_count = 1
        raise error

    monkeypatch.setattr(baking.notebooks, "run", run)
    path = lesson(tmp_path, TITLE, cell("py", "\nslow()\n2", "slide"), cell("py", "3", "slide"))
    with pytest.raises(baking.BakingError, match=said) as raised:
        baking.baked(path, tmp_path / "kept", 7)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [(None, "no such file"), (b"{", "no notebook"), (b"\xff\xfe", "no noteb")],
)
def test_what_is_no_notebook_is_said(tmp_path, bytes_, said):
    path = tmp_path / "own.ipynb"
    if bytes_ is not None:
        path.write_bytes(bytes_)
    with pytest.raises(baking.BakingError, match=rf"own\.ipynb: .*{said}"):
        baking.baked(path, tmp_path / "kept")


def test_a_note_is_folded_in_the_notebook_and_open_for_the_speaker(deck):
    note = "<details><summary>For the lecturer</summary>\n\nTake a *vote*.\n\n</details>"
    html = deck(TITLE, cell("md", note, "notes"))
    (said,) = re.findall(r'<aside class="notes">(.*?)</aside>', html, re.DOTALL)
    assert said.strip() == "<p>Take a <em>vote</em>.</p>"
