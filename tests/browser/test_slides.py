"""Every deck as a lecturer opens it, from a file and with no network; and every handout."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from teaching import baking, browser, lecture, rehearsal, slides
from tests.browser import baked
from tests.browser.accessibility import barriers
from tests.browser.conftest import LESSONS
from tests.browser.test_lessons import SCREENSHOTS

SLIDES_WITH = """kind => Reveal.getSlides().flatMap(
    (slide, number) => slide.querySelector(kind) ? [number] : [])"""
LEAST_VALUES = 21  # of a main slider; a network of at most eight inputs has fewer
WHERE = "() => Reveal.getSlidePastCount()"
COVERED = Path(__file__).with_name("covered.js")


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def path(request, made):
    return slides.DECKS / f"{request.param.stem}.html"


@pytest.fixture(scope="module")
def deck(chromium, path):
    """Return a deck that was opened from its file, and has gone wrong nowhere at the end."""
    with rehearsal.opened(chromium, path, script=COVERED) as page:
        rehearsal.wait_until_ready(page)
        yield page
        assert page.problems == []


def shown(deck, kind):
    """Go to each slide with an element of a kind; yield where this is, and the element."""
    for number in deck.evaluate(SLIDES_WITH, kind):
        deck.evaluate(rehearsal.GO_TO, number)
        yield deck.evaluate(WHERE), deck.locator("section.present").locator(kind)


def test_a_deck_is_small_enough_to_mail(path):
    assert path.stat().st_size <= 6e6


def test_every_value_of_the_main_slider_is_reached_by_key(deck):
    """And shows a frame of its own, which is put in words."""
    for _, panel in shown(deck, ".baked-panel"):
        sliders, canvas = panel.locator("input[type=range]").all(), panel.locator("canvas")
        slider = max(sliders, key=lambda slider: int(slider.get_attribute("max")))
        slider.press("Home")
        seen = {browser.picture(panel)[1]}
        for _ in range(int(slider.get_attribute("max"))):
            slider.press("ArrowRight")
            seen.add(canvas.get_attribute("aria-label"))
        assert len(seen) == 1 + int(slider.get_attribute("max"))
        assert len(seen) >= LEAST_VALUES or slider.get_attribute("aria-label") in FEW_VALUES


MOST_COVERED = 0.05  # of a curve: a name may touch what it names


def test_words_on_slides_of_the_lecture_lie_on_no_curve_and_on_no_other_words(deck):
    """As a slide opens, and with each control of a panel at both ends."""
    found = []
    for number in deck.evaluate(SLIDES_WITH, "canvas"):
        deck.evaluate(rehearsal.GO_TO, number)
        if deck.evaluate("() => Reveal.getCurrentSlide().dataset.line") != "main":
            break
        for look in deck.evaluate("() => atEnds(Reveal.getCurrentSlide())"):
            on_curves = [on for on in look["covered"] if on[0] > MOST_COVERED]
            found += [
                (number, look["setting"], wrong) for wrong in on_curves + look["misplaced"]
            ]
    assert found == []


FEW_VALUES = ("inputs", "stage")  # of units, and of one step
VIEWS = {  # what a lecturer sees, and who follows on a phone
    "projector": {"size": (1920, 1080)},
    "dark": {"size": (1280, 720), "color_scheme": "dark"},
    "zoomed": {"size": (640, 360), "device_scale_factor": 2},
    "phone": {"size": (390, 844), "has_touch": True, "is_mobile": True},
    "printed": {"query": "?print-pdf"},
}
SHARP = """canvas => {
    const {width} = canvas.getBoundingClientRect();
    return canvas.width / (width * devicePixelRatio); }"""


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_is_as_sharp_as_the_screen(chromium, made, view):
    """And leaves a picture for a human eye to judge."""
    with rehearsal.opened(chromium, slides.DECKS / "05_he.html", **VIEWS[view]) as deck:
        rehearsal.wait_until_ready(deck)
        if view in ("printed", "phone"):  # all slides are one page
            deck.emulate_media(media="print" if view == "printed" else "screen")
            canvas = deck.locator(".baked-panel canvas").first
        else:
            _, panel = next(shown(deck, ".baked-panel"))
            canvas = panel.locator("canvas").first
        assert canvas.evaluate(SHARP) >= 0.99
        canvas.scroll_into_view_if_needed()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        deck.screenshot(path=SCREENSHOTS / f"deck_{view}.png")
        assert deck.problems == []


RESET = """panel => {
    const [first] = panel.querySelectorAll('input[type=range]');
    const words = () => panel.querySelector('canvas').getAttribute('aria-label');
    const before = words();
    first.value = first.value === first.max ? first.min : first.max;
    first.dispatchEvent(new Event('input', {bubbles: true}));
    const moved = words();
    panel.querySelector('.reset').click();
    return [before, moved, words()]; }"""


def test_reset_goes_back_to_where_a_panel_opened(chromium, path):
    with rehearsal.opened(chromium, path) as deck:
        rehearsal.wait_until_ready(deck)
        for _, panel in shown(deck, ".baked-panel"):
            before, moved, after = panel.evaluate(RESET)
            assert before == after != moved
            assert after == panel.locator(".said").text_content()


def test_every_control_changes_picture_and_words(deck):
    panels = [baked.dead_moves(panel) for _, panel in shown(deck, ".baked-panel")]
    assert panels
    assert not any(panels)


def test_a_clicker_turns_slides_after_a_slider_was_used(deck):
    for here, panel in shown(deck, ".baked-panel"):
        slider = panel.locator("input[type=range]").first
        for use in (slider.click, slider.focus):
            use()
            deck.keyboard.press("PageDown")
            assert deck.evaluate(WHERE) == here + 1
            deck.keyboard.press("PageUp")
            assert deck.evaluate(WHERE) == here


def test_arrows_turn_slides_unless_a_key_has_reached_a_slider(deck):
    for here, panel in shown(deck, ".baked-panel"):
        slider = panel.locator("input[type=range]").first
        slider.focus()
        before = slider.input_value()
        deck.keyboard.press("ArrowRight" if before == "0" else "ArrowLeft")
        assert slider.input_value() != before
        assert deck.evaluate(WHERE) == here
        slider.click()
        deck.keyboard.press("ArrowRight")
        assert deck.evaluate(WHERE) == here + 1


def test_every_option_of_a_question_answers_by_mouse_and_by_key(deck):
    for here, question in shown(deck, ".predict"):
        for option in question.locator("details").all():
            summary, answer = option.locator("summary"), option.locator("p")
            summary.click()
            expect(answer).to_have_text(re.compile(r"^(Yes|No)\. \w"), use_inner_text=True)
            deck.evaluate(baked.FOCUS_IS_BACK)
            summary.press("Enter")
            expect(answer).to_be_hidden()
        assert deck.evaluate(WHERE) == here


def test_every_formula_is_typeset(deck, path):
    """Also in the headings that the last slide of the lecture lists."""
    notebook = lecture.arranged(nbformat.read(slides.LESSONS / f"{path.stem}.ipynb", 4))
    cells = [c for c in notebook.cells if c.metadata.slideshow.slide_type != "notes"]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    questions = "\n".join(
        c.metadata.deck["question"] for c in cells if c.metadata.deck["begins"]
    )
    formulas = re.findall(r"\$\$.+?\$\$|\$.+?\$", text + questions, re.DOTALL)
    assert deck.locator("mjx-container").count() == len(formulas)
    assert deck.locator("mjx-merror").count() == 0


def test_notes_reach_the_speaker_view(chromium, made):
    """What is written for the lecturer, and what a picture or a question says in words."""
    with rehearsal.opened(chromium, slides.DECKS / "02_zero.html") as deck:
        rehearsal.wait_until_ready(deck)
        with deck.context.expect_page() as popup:
            deck.keyboard.press("s")
        said = popup.value.locator(".speaker-controls-notes .value")
        for slide in range(3):
            while deck.evaluate(WHERE) < slide:
                deck.keyboard.press("PageDown")
            notes = deck.locator("section.present .notes").all_text_contents()
            assert notes
            for note in notes:
                expect(said).to_contain_text(note, timeout=rehearsal.PATIENCE)
        popup.value.close()
        assert deck.problems == []


def test_nothing_keeps_people_out(chromium, path):
    """The view for printing shows all slides at once, and so axe-core all of them."""
    with rehearsal.opened(chromium, path, query="?print-pdf") as page:
        rehearsal.wait_until_ready(page)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            assert barriers(page) == [], theme


def test_controls_and_footer_of_a_deck_keep_nobody_out(deck):
    deck.evaluate("Reveal.slide(0)")
    assert barriers(deck) == []


# With a second page for a panel of the lecture: paper has no slider.
ON_PAPER = """() => Reveal.getSlides().flatMap(slide => {
    const heading = slide.querySelector('h1, h2, .running').textContent;
    const panel = slide.dataset.line === 'main' && slide.querySelector('.baked-panel');
    return panel ? [heading, heading] : [heading];
})"""


def test_a_handout_has_a_page_of_text_for_each_slide(deck, path):
    handout = PdfReader(slides.HANDOUTS / f"{path.stem}.pdf")
    pages, headings = handout.pages, deck.evaluate(ON_PAPER)
    assert len(pages) == len(headings)
    for page, heading in zip(pages, headings, strict=True):
        assert page.mediabox.width / page.mediabox.height == pytest.approx(16 / 9, rel=0.01)
        letters = "".join(
            page.extract_text().split()
        )  # where letters are kerned it sees spaces
        assert heading.split()[0] in letters  # formulas are drawn
        assert len(letters) > len(heading) + 10
    assert handout.root_object["/MarkInfo"]["/Marked"]  # a screen reader can follow it
    assert len(bookmarks(handout.outline)) > 5


def bookmarks(outline):
    """Return the titles of a PDF's outline, in which each list belongs to the entry before."""
    nested = [bookmarks(part) if isinstance(part, list) else [part.title] for part in outline]
    return [title for titles in nested for title in titles]


def test_pictures_in_a_handout_are_words_and_lines(made):
    """Not dots: sharp on any paper, and found by a search."""
    pages = PdfReader(slides.HANDOUTS / "05_he.pdf").pages
    letters = "".join("".join(page.extract_text().split()) for page in pages)
    assert "thesignal" in letters
    assert (slides.HANDOUTS / "05_he.pdf").stat().st_size < 1e6


OUTSIDE = "https://example.org/picture.png"
SHOW = "from IPython.display import HTML\nHTML({!r})"
DOES_NOT_WORK = {  # a cell, and what is said of it
    "widget": ("import ipywidgets\nipywidgets.IntSlider()", "cell 2 .* shows a widget"),
    "tall": ("print(*range(30), sep='\\n')", r'cell "print.+" overflows slide 2 by \d+ pixels'),
    "wide": ("print('x' * 120)", r'cell "print.+" overflows slide 2 by \d+ pixels'),
    "formula": (
        "from IPython.display import Markdown\nMarkdown(r'$\\frac{1}{$')",
        r"be read: \$.frac",
    ),
    "picture": (SHOW.format(f'<img alt="" src="{OUTSIDE}">'), f'HTML" takes {OUTSIDE}'),
    "script": (SHOW.format(f'<script>fetch("{OUTSIDE}")</script>'), f"it asks for {OUTSIDE}"),
    "control": (SHOW.format("<button>Press</button>"), "'Press' does nothing, in"),
    "error": ("1 / 0", "ZeroDivisionError"),
}


@pytest.fixture(scope="module")
def refused(chromium, tmp_path_factory):
    """Return what is said of lessons that cannot be decks, by name, and the folder of decks."""
    folder = tmp_path_factory.mktemp("own")
    decks = folder / "decks"
    decks.mkdir()
    for name, (source, _) in DOES_NOT_WORK.items():
        title = nbformat.v4.new_markdown_cell("# Own lesson", id="title")
        cells = [title, nbformat.v4.new_code_cell(source, id="own")]
        for cell in cells:
            cell.metadata["slideshow"] = {"slide_type": "slide"}
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
        (decks / f"{name}.html").write_text("the deck of yesterday")
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        patch.setattr(slides, "DECKS", decks)
        patch.setattr(baking, "KEPT", folder / "baked")
        failed = slides.make(sorted(folder.glob("*.ipynb")), chromium)
    assert failed == len(DOES_NOT_WORK)
    by_lesson = re.split(r"^(\w+)\.ipynb did not become a deck", said.getvalue(), flags=re.M)
    return dict(zip(by_lesson[1::2], by_lesson[2::2], strict=True)), decks


@pytest.mark.parametrize("name", DOES_NOT_WORK)
def test_what_would_not_work_in_the_hall_is_no_deck(refused, name):
    said, decks = refused
    assert re.search(DOES_NOT_WORK[name][1], said[name])
    assert (decks / f"{name}.html").read_text() == "the deck of yesterday"
    assert not list(decks.glob(".*"))
