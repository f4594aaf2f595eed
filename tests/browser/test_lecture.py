"""A deck as it is presented: by clicker, by touch, with a pen, and in the speaker view."""

import re

import pytest
from playwright.sync_api import expect

from teaching import rehearsal, slides
from tests.browser.accessibility import PHONE, barriers

PATIENCE = rehearsal.PATIENCE
NOW = "() => Reveal.getSlides().indexOf(Reveal.getCurrentSlide())"
STEP = (
    "() => [Reveal.getSlides().indexOf(Reveal.getCurrentSlide()), Reveal.getIndices().f ?? -1]"
)
LINE = "() => Reveal.getCurrentSlide().dataset.line"
FIRST_PANEL = """() => Reveal.getSlides().findIndex(
    slide => slide.dataset.line === 'main' && slide.querySelector('.baked-panel'))"""
FIRST_QUESTION = "() => Reveal.getSlides().findIndex(slide => slide.querySelector('.predict'))"


@pytest.fixture
def opened(chromium, made):
    """Return a function that opens the deck of lesson 0 and shows a slide, from 0."""
    pages = []

    def open_(at=0, **options):
        context = rehearsal.opened(chromium, slides.DECKS / "00_start_here.html", **options)
        page = context.__enter__()
        pages.append((context, page))
        rehearsal.wait_until_ready(page)
        if at:
            page.evaluate(rehearsal.GO_TO, page.evaluate(at) if isinstance(at, str) else at)
        return page

    yield open_
    for context, page in pages:
        assert page.problems == []
        context.__exit__(None, None, None)


def slider(page):
    return page.locator("section.present .baked-panel input[type=range]").first


def drag_by_touch(page, start, end):
    """Drag a finger as a screen reports it, which no script can imitate."""
    fingers = page.context.new_cdp_session(page)

    def touch(kind, *points):
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    (x0, y0), (x1, y1) = start, end
    touch("touchStart", {"x": x0, "y": y0})
    for i in range(1, 11):
        touch("touchMove", {"x": x0 + (x1 - x0) * i / 10, "y": y0 + (y1 - y0) * i / 10})
    touch("touchEnd")


@pytest.mark.parametrize("size", [(1024, 768), (844, 390)], ids=["tablet", "phone on its side"])
def test_a_slider_that_is_dragged_by_touch_turns_no_slide(opened, size):
    page = opened(FIRST_PANEL, size=size, has_touch=True)
    here, control = page.evaluate(NOW), slider(page)
    before, box = control.input_value(), control.bounding_box()
    middle = box["y"] + box["height"] / 2
    drag_by_touch(page, (box["x"] + box["width"] * 0.8, middle), (box["x"] + 2, middle))
    assert control.input_value() != before
    assert page.evaluate(NOW) == here


def test_a_finger_turns_slides_elsewhere(opened):
    page = opened(1, size=(1024, 768), has_touch=True)
    drag_by_touch(page, (800, 700), (300, 700))
    assert page.evaluate(NOW) == 2


@pytest.mark.parametrize("way", ["overview", "number"])
def test_after_a_jump_no_slide_is_skipped(opened, way):
    page = opened()
    while page.evaluate(NOW) < 4:
        page.keyboard.press("PageDown")
    if way == "overview":
        page.keyboard.press("Escape")
        page.locator(".contents button").nth(1).click()
    else:
        page.evaluate("Reveal.slide(1)")
    assert page.evaluate(NOW) == 1
    seen = []
    while page.evaluate(NOW) < 4:
        page.keyboard.press("Space")
        seen.append(page.evaluate(NOW))
    assert sorted(set(seen) - {1}) == [2, 3, 4]


def test_a_clicker_goes_from_the_first_slide_to_the_end_and_stays(opened):
    page, seen = opened(), []
    for _ in range(60):
        seen.append(page.evaluate(NOW))
        page.keyboard.press("PageDown")
        if page.locator("section.present[data-kind=end]").count():
            break
    main = page.locator("section[data-line=main]").count()
    assert sorted(set(seen)) == list(range(main - 1))
    assert page.locator("section.present[data-kind=end]").is_visible()


def test_slides_in_reserve_are_reached_from_the_end_and_are_not_counted(opened):
    page = opened()
    main = page.locator("section[data-line=main]").count() - 1
    number = page.locator(".slide-number")
    expect(number).to_have_text(re.compile(rf"^\s*1\s*/\s*{main}\s*$"))
    page.evaluate("number => Reveal.slide(number)", main)
    link = page.locator("section.present a").first
    words = link.text_content()
    link.click()
    assert page.evaluate(LINE) == "reserve"
    expect(page.locator("section.present h2").first).to_have_text(words)
    expect(number).to_have_text(re.compile(r"^\s*R1\s*$"))


def test_tab_reaches_only_what_is_seen(opened):
    page = opened(FIRST_PANEL)
    inside = """() => document.activeElement === document.body
        || document.activeElement.closest('section') === Reveal.getCurrentSlide()
        || document.activeElement.closest('footer, .controls, .slide-number') !== null"""
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    hidden = "() => Reveal.getSlides().filter(slide => slide.inert).length"
    assert page.evaluate(hidden) == page.evaluate("Reveal.getSlides().length") - 1


def test_escape_and_letters_leave_a_slider_that_a_key_has_reached(opened):
    page = opened(FIRST_PANEL)
    slider(page).focus()
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement === document.body")
    slider(page).focus()
    page.keyboard.press("Escape")
    expect(page.locator(".contents")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".contents")).to_be_visible()


def test_the_keys_of_a_clicker_neither_load_the_deck_anew_nor_are_lost(opened):
    page = opened(FIRST_PANEL)
    page.evaluate("window.kept = true")
    page.keyboard.press("F5")
    page.wait_for_timeout(300)
    assert page.evaluate("window.kept") is True
    page.keyboard.press(".")
    assert page.evaluate("Reveal.isPaused()")


def test_code_waits_for_its_key(opened):
    page = opened(FIRST_PANEL)
    code = page.locator("section.present .code").first
    expect(code).to_be_hidden()
    page.keyboard.press("c")
    expect(code).to_be_visible()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    expect(page.locator("section.present .code").first).to_be_hidden()


def test_hands_are_counted_before_the_right_answer_is_seen(opened):
    page = opened(FIRST_QUESTION)
    question = page.locator("section.present .predict")
    fields = question.locator(".vote input")
    assert question.locator("[data-hands]").count() == 0
    for field, hands in zip(fields.all(), ("3", "12", "1"), strict=True):
        field.fill(hands)
    question.get_by_role("button", name="Show").click()
    shown = [o.get_attribute("data-hands") for o in question.locator("details").all()]
    assert [hands.split(" ")[0] for hands in shown] == ["3", "12", "1"]
    right = [hands.endswith("✓") for hands in shown]
    says = [o.text_content().lower() for o in question.locator("details p strong").all()]
    assert right == [word.startswith("yes") for word in says]


def test_a_key_brings_the_deck_back_to_how_it_was_opened(opened):
    page = opened(FIRST_QUESTION)
    page.locator("section.present .vote input").first.fill("7")
    page.locator("section.present summary").first.click()
    page.evaluate(rehearsal.GO_TO, page.evaluate(FIRST_PANEL))
    before = slider(page).input_value()
    slider(page).press("Home")
    assert slider(page).input_value() != before
    page.keyboard.press("r")
    assert slider(page).input_value() == before
    assert page.locator("details[open]").count() == 0
    assert page.locator(".vote input").first.input_value() == ""


def test_a_pen_draws_on_a_slide_and_what_is_drawn_stays_there(opened):
    page = opened(2)
    page.keyboard.press("p")
    page.mouse.move(300, 500)
    page.mouse.down()
    page.mouse.move(600, 520, steps=5)
    page.mouse.up()
    page.keyboard.press("p")
    drawn = "() => pen.strokes().length"
    assert page.evaluate(drawn) == 1
    page.keyboard.press("PageUp")
    assert page.evaluate(drawn) == 0
    page.evaluate("Reveal.slide(2)")
    assert page.evaluate(drawn) == 1
    page.keyboard.press("x")
    assert page.evaluate(drawn) == 0


def test_the_speaker_view_shows_what_the_hall_sees(opened):
    page = opened(FIRST_PANEL)
    with page.context.expect_page() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    while len(speaker.frames) < 3:  # itself, and the slides of now and next
        speaker.wait_for_timeout(50)
    frame = speaker.frames[1]
    for copy in speaker.frames[1:]:
        copy.wait_for_selector(rehearsal.READY, state="attached", timeout=PATIENCE)
    assert "pacing" in speaker.content().lower()  # minutes of a slide are known
    panel = page.locator("section.present .baked-panel")
    cell = panel.evaluate("panel => panel.closest('[data-cell]').dataset.cell")
    slider(page).press("End")
    moved = frame.locator(f'[data-cell="{cell}"] input[type=range]').first
    expect(moved).to_have_value(slider(page).input_value(), timeout=PATIENCE)
    page.evaluate(rehearsal.GO_TO, page.evaluate(FIRST_QUESTION))
    page.locator("section.present summary").first.click()
    opened_too = frame.locator(".predict details").first
    expect(opened_too).to_have_attribute("open", "", timeout=PATIENCE)
    speaker.close()


def test_a_phone_held_upright_shows_one_page_in_its_own_size(opened):
    page = opened(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    size = "part => parseFloat(getComputedStyle(part).fontSize)"
    assert page.locator("section p").first.evaluate(size) >= 16
    handle = page.locator(".baked-panel input[type=range]").first.bounding_box()
    assert handle["height"] >= 24  # WCAG 2.2, target size
    assert handle["width"] >= 90


@pytest.mark.parametrize("lesson", ["00_start_here", "01_one_step"])
def test_a_deck_on_a_phone_keeps_nobody_out(chromium, made, lesson):
    """Also what is too wide there: keys scroll it."""
    with rehearsal.opened(chromium, slides.DECKS / f"{lesson}.html", **PHONE) as page:
        rehearsal.wait_until_ready(page)
        assert barriers(page) == []


@pytest.mark.parametrize("lesson", ["03_random", "06_training"])
def test_pictures_have_type_for_the_back_row(chromium, made, lesson):
    """24 of 720 pixels, also the numbers at axes; 17.5 where several have to find room."""
    pixels = 10 / 72 * 100  # of 10 points at 100 to the inch, which is the smallest type
    with rehearsal.opened(chromium, slides.DECKS / f"{lesson}.html") as page:
        zooms = []
        for _ in rehearsal.slides(page):
            if page.evaluate(LINE) == "reserve":
                break
            zooms += page.locator("section.present canvas").evaluate_all(
                "all => all.map(canvas => Number(canvas.dataset.zoom))"
            )
        sizes = sorted(zoom * pixels for zoom in zooms)
        assert sizes[0] >= 17.5
        assert sizes[len(sizes) // 3] >= 24
        assert page.problems == []
