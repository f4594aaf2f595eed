"""Every lesson in JupyterLab, and every control of every panel and question in it."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from teaching import browser
from tests.browser import controls
from tests.browser.accessibility import barriers
from tests.browser.conftest import LESSONS

CUT_OFF = "labels => labels.filter(l => l.scrollWidth > l.clientWidth).map(l => l.textContent)"
GREY = re.compile("Grey is the run before.*(?=The first network)")
SCREENSHOTS = browser.ROOT / "build" / "screenshots"


@pytest.fixture
def panels(lesson):
    """Return the lesson's panels."""
    return browser.panels(lesson.page)


def test_panels_and_questions_run_without_an_error(lesson):
    """That the rest runs is tested without a browser."""
    assert lesson.ran
    assert lesson.errors == []
    assert lesson.page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0


def test_nothing_is_fetched_from_another_machine(lesson):
    assert browser.outside(lesson.requests) == []


def test_every_formula_is_typeset(lesson):
    """A mistake in a formula shows as source on yellow, in the browser alone."""
    notebook = nbformat.read(browser.ROOT / "notebooks" / lesson.name, as_version=4)
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    formulas = re.findall(r"\$\$.+?\$\$|\$.+?\$", text, re.DOTALL)
    typeset = lesson.page.locator("mjx-container")
    expect(typeset).to_have_count(len(formulas), timeout=1000 * browser.PATIENCE)
    assert lesson.page.locator("mjx-merror").all_text_contents() == []


def test_what_a_cell_shows_keeps_nobody_out(lesson):
    """But for two faults that are not ours: a slider has no name, a saved picture no words.

    A picture of a cell that has been run has them: all those of the first lesson.
    """
    found = barriers(lesson.page, ".jp-OutputArea-output")
    known = ["noUi-handle"] + ["image-alt: <img src="] * (lesson.name != LESSONS[0].name)
    assert [b for b in found if not any(part in b for part in known)] == []


def test_panels_fit_their_cell(lesson, panels):
    """And leave a picture for a human eye to judge."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, panel in enumerate(panels, 1):
        for _ in range(2):  # what was hidden above takes its size only when it is passed
            panel.evaluate("panel => panel.scrollIntoView()")
            browser.settled_picture(panel)
        stem = lesson.name.removesuffix(".ipynb")
        lesson.page.screenshot(path=SCREENSHOTS / f"{stem}_{number}.png")
        assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
        labels = panel.locator(".widget-label")
        assert labels.evaluate_all(CUT_OFF) == []


def test_every_control_changes_picture_and_words(lesson, panels):
    dead = [complaint for panel in panels for complaint in controls.dead_moves(panel)]
    assert dead == []
    assert lesson.errors == []


def test_last_picture_after_a_fast_drag_is_of_the_last_value(lesson, panels):
    """For one slider of one panel: what follows them is the same for all."""
    slider = controls.sliders(panels[0])[0]
    slider.drag([0.95, 0.05, 0.6], steps=15)
    dragged, last = controls.shown(panels[0], slider), slider.value
    slider.press("Home")
    assert controls.shown(panels[0], slider) != dragged
    slider.write(last)
    again = controls.shown(panels[0], slider)
    if panels[0].get_by_role("button", name="Stop").count():  # it shows the run before in grey
        dragged, again = (GREY.sub("", words) for (_, words), _ in (dragged, again))
    assert again == dragged
    assert lesson.errors == []


@pytest.mark.parametrize("way", ["mouse", "Enter", "Space"])
def test_every_option_of_a_question_answers_alone(lesson, way):
    """Of those that were run: JupyterLab takes the names of options out of saved outputs."""
    questions = lesson.page.locator(".predict:has(details[name])").all()
    assert questions
    for question in questions if way == "mouse" else questions[:1]:
        options = question.locator("details").all()
        for option in options:
            summary = option.locator("summary")
            if way == "mouse":
                summary.click()
            else:
                summary.focus()
                lesson.page.keyboard.press(way)
            answer = option.locator("p")
            assert answer.is_visible(), summary.inner_text()
            assert re.match(r"(Yes|No)\. \w", answer.inner_text())
            assert question.locator("details[open]").count() == 1
        options[-1].locator("summary").click()  # all closed again, for the next way
        assert question.locator("details[open]").count() == 0
