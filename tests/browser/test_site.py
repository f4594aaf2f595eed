"""The site of all lessons, opened from files without a network, at a desk and on a phone."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import expect

from teaching import browser, site
from teaching.browser import PATIENCE, ROOT
from teaching.rehearsal import opened
from tests.browser import baked, links
from tests.browser.accessibility import PHONE, barriers
from tests.browser.conftest import LESSONS

EXERCISES = sorted((ROOT / "notebooks" / "exercises").glob("*.ipynb"))
PAGES = ["index", "search", "README", "reference"]
PAGES += [f"notebooks/{path.stem}" for path in LESSONS]
PAGES += [f"notebooks/exercises/{path.stem}" for path in EXERCISES]
PAGES += [f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")]
ONE_OF_A_KIND = {*PAGES} - {f"notebooks/exercises/{path.stem}" for path in EXERCISES[1:]}
COVERED = Path(__file__).with_name("covered.js")
SCREENSHOTS = ROOT / "build" / "screenshots"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def pages(chromium, tmp_path_factory):
    """Return the folder of the site."""
    folder = tmp_path_factory.mktemp("site")
    site.make(chromium, source=folder / "source", folder=folder / "site")
    return folder / "site"


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request, chromium, pages):
    """Return the page of a lesson, with its notebook."""
    with opened(chromium, pages / "notebooks" / f"{request.param.stem}.html") as page:
        page.notebook = nbformat.read(request.param, as_version=4)
        yield page


def source(notebook, kind, *, notes=False):
    """Return the text of the cells of a kind, with or without the speaker's notes."""
    cells = [c for c in notebook.cells if c.cell_type == kind]
    return "\n".join(
        c.source for c in cells if (c.metadata.slideshow.slide_type == "notes") == notes
    )


def test_every_panel_is_there(lesson):
    panels = lesson.locator(".baked-panel").all()
    calls = re.findall(r"^panels\.\w+_panel", source(lesson.notebook, "code"), re.M)
    assert len(panels) == len(calls)
    assert lesson.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_a_lesson_shows_keeps_nobody_out(lesson, theme):
    """What is around it is Furo's."""
    lesson.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
    assert barriers(lesson, "article") == []


def test_every_control_of_a_panel_changes_picture_and_words(chromium, pages):
    """Of one panel: the decks show the same, and test them all."""
    with opened(chromium, pages / "notebooks" / "02_zero.html") as page:
        assert baked.dead_moves(page.locator(".baked-panel")) == []


def test_every_formula_is_typeset(lesson):
    formulas = re.findall(
        r"\$\$.+?\$\$|\$.+?\$", source(lesson.notebook, "markdown"), re.DOTALL
    )
    typeset = lesson.locator("article mjx-container")
    expect(typeset).to_have_count(len(formulas), timeout=1000 * PATIENCE)
    assert lesson.locator("mjx-merror").all_text_contents() == []


def test_every_question_answers_and_its_code_is_hidden(lesson):
    asked = re.findall(r"^ask\(", source(lesson.notebook, "code"), re.M)
    assert lesson.locator(".predict").count() == len(asked)
    assert "ask(" not in lesson.locator("article").inner_text()
    for option in lesson.locator(".predict details").all():
        option.locator("summary").click()
        assert re.match(r"(Yes|No)\. \w", option.locator("p").inner_text())


def test_what_the_speaker_alone_should_see_is_not_there(lesson):
    assert "For the lecturer" in source(lesson.notebook, "markdown", notes=True)
    assert "For the lecturer" not in lesson.content()


@pytest.mark.parametrize("name", sorted(ONE_OF_A_KIND))
def test_a_phone_shows_each_page_without_scrolling_to_the_side(chromium, pages, name):
    """And leave a picture for a human eye to judge."""
    looks = {"color_scheme": "dark", "script": COVERED}
    with opened(chromium, pages / f"{name}.html", **looks, **PHONE) as page:
        page.evaluate(site.TYPESET)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.querySelector('.content').scrollWidth") <= 390
        for panel in page.locator(".baked-panel").all():
            for control in panel.locator("label:has(input), button, input[type=range]").all():
                box = control.bounding_box()
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= 390
                assert box["height"] >= 30
            before = browser.settled_picture(panel)
            panel.locator("label:has(input:not(:checked)), button").first.tap()
            assert browser.another_picture(panel, before, PATIENCE)
            for look in panel.evaluate("panel => atEnds(panel)"):
                assert look["smallest"] >= 11, look
                assert look["misplaced"] == [], look
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"phone_{name.replace('/', '_')}.png")
        assert page.problems == []
        assert barriers(page) == []  # axe-core itself reads files of the page


def test_search_finds_a_lesson_by_a_word_in_it(chromium, pages):
    with opened(chromium, pages / "index.html") as page:
        page.get_by_placeholder("Search").fill("symmetry")
        page.get_by_placeholder("Search").press("Enter")
        page.locator("#search-results").get_by_role("link", name="2. Zero").first.click()
        expect(page.locator("h1")).to_contain_text("2. Zero")
        assert page.problems == []


def test_every_link_between_pages_leads_somewhere(pages):
    names = {
        path.relative_to(pages).with_suffix("").as_posix() for path in site.pages_of(pages)
    }
    assert names == set(PAGES)
    assert links.broken(pages) == []
    lesson = links.Addresses(pages / "notebooks" / "02_zero.html")
    assert {"03_random.html", "exercises/02_zero.html", "01_one_step.html"} <= lesson.links


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h2 id="here">A</h2><a href="#here">a</a> <a href="b.html#x">b</a> '
        '<a href="c.pdf">c</a> <a href="https://example.org/">d</a> <a href="#/there">e</a> '
        '<a href="../up.html">f</a>'
    )
    (tmp_path / "b.html").write_text('<p id="there">B <a href="%61.html#/here">a</a></p>')
    (tmp_path.parent / "up.html").touch()
    said = ["a.html: #/there", "a.html: ../up.html", "a.html: b.html#x", "a.html: c.pdf"]
    assert links.broken(tmp_path) == said


def test_the_reader_chooses_light_or_dark(chromium, pages):
    with opened(chromium, pages / "notebooks" / "02_zero.html", color_scheme="light") as page:
        seen = set()
        for _ in range(3):  # dark, light, and as the machine has it
            page.locator(".theme-toggle:visible").click()
            theme = page.evaluate("document.body.dataset.theme")
            label = page.locator(".baked-panel form span").first
            colour = label.evaluate("e => getComputedStyle(e).color")
            seen.add((theme, page.evaluate(BACKGROUND), colour))
            page.screenshot(path=SCREENSHOTS / f"site_{theme}.png")
        assert {theme for theme, _, _ in seen} == {"dark", "light", "auto"}
        assert len({background for _, background, _ in seen}) == 2
        assert len({colour for _, _, colour in seen}) == 2


@pytest.fixture
def make(chromium, tmp_path):
    """Return a function that makes a site of one small lesson, beside an older site."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("old")

    def make(*cells):
        lesson = new_notebook(cells=[new_markdown_cell("# Lesson"), *cells])
        exercises = new_notebook(cells=[new_markdown_cell("# Exercises")])
        site.gather({"01.ipynb": lesson}, {"01.ipynb": exercises}, folder=tmp_path / "source")
        site.build(chromium, source=tmp_path / "source", folder=tmp_path / "site")
        return tmp_path / "site"

    return make


def shows(html, name):
    output = new_output("execute_result", {"text/html": html, "text/plain": ""})
    return new_code_cell("shown", id=name, outputs=[output])


PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
LIVE = f"""<img src="{PICTURE}" alt="0"><input type="range" max="1" value="0"
    oninput="this.previousSibling.alt = this.value">"""


def complaint(make, tmp_path, *cells):
    """Return what is said of a lesson of these cells, when the old site was left as it was."""
    with pytest.raises(site.SiteError) as caught:
        make(*cells)
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]
    assert (tmp_path / "site" / "index.html").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"site", "source"}
    return str(caught.value)


def test_what_does_not_work_in_a_browser_is_named(make, tmp_path):
    said = complaint(
        make,
        tmp_path,
        shows(LIVE, "live"),
        shows(f'<img src="{PICTURE}"><input type="range">', "slider"),
        shows("<button>▶</button>", "button"),
        shows('<img loading="lazy" src="https://a.b/late.png">', "late"),
        shows('<script src="https://a.b/c.js"></script>', "script"),
        shows('<script>fetch("https://a.b/c.json")</script>', "fetch"),
        shows('<img src="../../outside.png">', "missing"),
        shows("<script>undefined.x</script>", "error"),
        new_markdown_cell("![x](https://a.b/text.png)", id="text"),
    )
    lines = {line.strip().removeprefix("notebooks/01: ") for line in said.splitlines()}
    assert {
        *("'range' does nothing, in \"slider\"", "'▶' does nothing, in \"button\""),
        "cell 'late' takes https://a.b/late.png from outside the site",
        "cell 'script' takes https://a.b/c.js from outside the site",
        "cell 'text' takes https://a.b/text.png from outside the site",
        "it asks for https://a.b/c.json",
    } <= lines
    assert "cell 'missing' takes file:" in said
    assert "error: Cannot read properties of undefined" in said
    assert "cell 'live'" not in said


def test_a_link_that_leads_nowhere_is_named(make, tmp_path):
    said = complaint(make, tmp_path, new_markdown_cell("[x](02.ipynb)", id="guilty"))
    assert "notebooks/01.ipynb, cell 'guilty': WARNING: " in said
    assert "02.ipynb" in said


def test_a_site_that_works_replaces_the_old_one(make):
    folder = make(shows(LIVE, "live"))
    assert (folder / "index.html").read_text() != "old"
    assert (folder / "notebooks" / "01.html").exists()


def test_the_first_page_invites(chromium, pages):
    """It shows a panel at work and how to start; what a link to it shows elsewhere is said."""
    with opened(chromium, pages / "index.html") as page:
        assert baked.dead_moves(page.locator(".baked-panel")) == []
        for words in ("For whom?", "Without installing", "make lab", "BSD-3-Clause"):
            assert words in page.locator("article").inner_text()
        said = page.locator("meta[name=description]").get_attribute("content")
        assert said.startswith("A free course on how the first weights")
        assert page.locator("meta[property='og:title']").count() == 1
        assert page.locator("link[rel~=icon]").get_attribute("href").endswith("favicon.svg")
        assert page.problems == []
        assert barriers(page, "article") == []  # axe-core itself reads files of the page


def test_the_reference_has_the_functions_of_helpers(chromium, pages):
    with opened(chromium, pages / "reference.html") as page:
        for name in ("initializers.he_normal", "propagation.measure", "claims.holds"):
            assert page.locator(f"dt[id='helpers.{name}']").count() == 1, name
        assert page.problems == []
