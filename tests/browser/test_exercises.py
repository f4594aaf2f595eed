"""An exercise as a student meets it: opened in JupyterLab, got wrong, mended, saved."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from teaching import browser, exercises
from tests.browser.conftest import notebook_run

NAME = "exercises/05_he.ipynb"
COPIES = sorted(exercises.COPIES.glob("*.ipynb"))
SCREENSHOTS = browser.ROOT / "build" / "screenshots"
WRONG = """def he_normal(shape, rng, leak=0.0):
    return rng.normal(0, np.sqrt(1 / shape[0]), shape)
"""
RIGHT = """def he_normal(shape, rng, leak=0.0):
    fan_in, fan_out = shape  # of any other length, this is refused with a ValueError
    if fan_in < 1 or fan_out < 1 or not 0 <= leak <= 1:
        raise ValueError("two positive sizes, and a leak from 0 to 1")
    return rng.normal(0, np.sqrt(2 / fan_in / (1 + leak**2)), shape)
"""


@pytest.fixture(scope="module")
def copy(lab, server):
    with notebook_run(lab, server, NAME) as opened:
        yield opened


def cell(copy, text):
    """Return the code cell whose source contains a text."""
    return copy.page.locator(".jp-CodeCell").filter(has_text=text).first


def answer(copy, text):
    """Replace the answer to the first exercise and run it and its check, all by key."""
    cell(copy, "def he_normal").locator(".cm-content").click()
    keyboard = copy.page.keyboard
    keyboard.press("ControlOrMeta+a")
    keyboard.insert_text(text)
    keyboard.press("Shift+Enter")
    keyboard.press("Shift+Enter")
    browser.wait_until_idle(copy.page)
    return cell(copy, "check_he_normal").locator(".jp-OutputArea-output")


def test_before_any_work_nothing_is_wrong(copy):
    assert copy.ran
    assert copy.errors == []
    assert browser.outside(copy.requests) == []
    said = copy.page.locator(".jp-CodeCell .jp-OutputArea-output").all_text_contents()
    assert [text.strip() for text in said] == [
        "he_normal: not attempted yet.",
        "gain: not attempted yet.",
        "dead_fraction: not attempted yet.",
    ]


def test_hints_are_folded_and_open_one_by_one(copy):
    hints = copy.page.locator("details")
    assert hints.evaluate_all("hints => hints.filter(hint => hint.open).length") == 0
    hints.nth(0).locator("summary").click()
    assert hints.evaluate_all("hints => hints.filter(hint => hint.open).length") == 1
    expect(hints.nth(0).locator("p")).to_be_visible()


def test_a_wrong_answer_is_told_why_in_words_alone(copy):
    said = answer(copy, WRONG)
    expect(said).to_contain_text("that is 1/n, which a linear layer needs")
    assert "Traceback" not in said.text_content()
    assert "helpers/checks" not in said.text_content()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    said.scroll_into_view_if_needed()
    copy.page.screenshot(path=SCREENSHOTS / "exercise_wrong.png")


def test_the_mended_answer_is_right_and_saved(copy, folder):
    expect(answer(copy, RIGHT)).to_have_text("he_normal: correct.\n")
    cells = saved(copy, folder)
    assert cells["he_normal"].source == RIGHT
    assert cells["he_normal"].metadata.nbgrader.solution
    assert not exercises.is_untouched(nbformat.read(folder / NAME, as_version=4))


def test_the_statement_and_the_check_cannot_be_changed_by_accident(copy, folder):
    before = saved(copy, folder)
    for locked in (copy.page.locator(".jp-MarkdownCell").nth(1), cell(copy, "check_he_normal")):
        locked.dblclick()
        copy.page.keyboard.press("Enter")
        copy.page.keyboard.insert_text("changed")
    assert saved(copy, folder) == before


def saved(copy, folder):
    """Save the notebook, and return its cells by their names."""
    copy.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    return {cell.id: cell for cell in nbformat.read(folder / NAME, as_version=4).cells}


def test_every_formula_is_typeset(lab, server, folder):
    """Of all copies, in one notebook: a mistake shows in the browser alone."""
    together = nbformat.read(COPIES[0], as_version=4)
    together.cells = []
    for path in COPIES:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                together.cells.append(nbformat.v4.new_markdown_cell(cell.source))
    nbformat.write(together, folder / "statements.ipynb")
    text = "\n".join(cell.source for cell in together.cells)
    formulas = re.findall(r"\$\$.+?\$\$|\$.+?\$", text, re.DOTALL)
    browser.open_notebook(lab, server, "statements.ipynb")
    typeset = lab.locator("mjx-container")
    expect(typeset).to_have_count(len(formulas), timeout=1000 * browser.PATIENCE)
    assert lab.locator("mjx-merror").all_text_contents() == []
    browser.shut_kernel_down(lab)
