"""What no lesson shows: panels that fail, open elsewhere, are dragged long or train long."""

import random

import pytest
from playwright.sync_api import expect

from teaching import browser
from tests.browser import controls
from tests.browser.conftest import notebook_run
from tests.browser.test_lessons import SCREENSHOTS

FAILS_AT_2 = """
import ipywidgets
import numpy as np
from helpers import figures, panels

def compute(n):
    if n == 2:
        raise ValueError("two is <too> many")
    edges = np.linspace(-1, 1, 5)
    return dict(n=n, heights=edges[1:] + n, edges=edges, measured=n, predicted=n)

panels.Panel(figures.SumOfInputs(), compute, {"n": ipywidgets.IntSlider(1, 1, 3)}, {})
"""


def test_error_in_a_panel_is_shown_and_the_next_value_drawn(run):
    notebook = run(FAILS_AT_2)
    (panel,) = browser.panels(notebook.page)
    (slider,) = controls.sliders(panel)
    slider.press("ArrowRight")
    alert = panel.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text().endswith("ValueError: two is <too> many")
    slider.press("ArrowRight")
    panel.locator("canvas").wait_for()
    assert alert.count() == 0
    assert notebook.errors == []


OPENS = """
from helpers import panels

panels.depth_panel(gain=1.0, depth=30)
"""


def test_a_panel_opens_at_given_settings_and_reset_goes_back_to_them(run):
    notebook = run(OPENS)
    (panel,) = browser.panels(notebook.page)
    panel.locator("canvas").wait_for()
    opened = browser.settled_picture(panel)
    assert "gain 1; depth 30" in opened[1]
    for slider in controls.sliders(panel):
        slider.press("End")
    assert browser.another_picture(panel, opened, controls.PATIENCE)
    panel.get_by_role("button", name="Reset").click()
    expect(panel.locator(".widget-readout").first).to_have_text("1.000")
    slider = controls.sliders(panel)[0]
    controls.shown(panel, slider)
    assert browser.settled_picture(panel) == opened


def test_what_a_panel_cannot_open_at_is_said_where_it_is_typed(run):
    notebook = run("from helpers import panels\npanels.depth_panel(gain=9)")
    assert not notebook.ran
    said = notebook.page.locator("[data-mime-type$=error], [data-mime-type$=stderr]")
    assert (
        "ValueError: gain must be a number from 0.5 to 2.144; got 9" in said.last.text_content()
    )


def test_after_a_hundred_fast_drags_the_picture_is_of_the_last_value(run):
    notebook = run(OPENS)
    (panel,) = browser.panels(notebook.page)
    panel.locator("canvas").wait_for()
    slider, places = controls.sliders(panel)[0], random.Random(17)
    for _ in range(10):
        slider.drag([places.uniform(0.02, 0.98) for _ in range(10)], steps=3)
        dragged, last = controls.shown(panel, slider), slider.value
        slider.press("Home")
        assert controls.shown(panel, slider) != dragged, last  # or its value is still to come
        slider.write(last)
        assert controls.shown(panel, slider) == dragged, last
    assert notebook.errors == []


# In `lab` the page's script runs. Elsewhere it may not, and then the kernel sends pictures.


@pytest.fixture
def page(chromium):
    """Return a page beside `lab`, which records errors."""
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.errors, page.requests = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


def block_the_extension(page):
    page.route("**/extensions/anywidget/**", lambda route: route.fulfill(status=404))


def be_an_old_browser(page):
    page.add_init_script("delete window.Path2D")


@pytest.mark.parametrize("spoil", [block_the_extension, be_an_old_browser])
def test_where_the_script_cannot_run_pictures_are_shown(page, server, folder, spoil):
    browser.write_notebook(folder / "elsewhere.ipynb", OPENS)
    spoil(page)
    with notebook_run(page, server, "elsewhere.ipynb"):
        (panel,) = browser.panels(page)
        panel.locator("img:visible").wait_for()
        slider = controls.sliders(panel)[0]
        before = browser.settled_picture(panel)
        slider.drag([0.3], steps=4)
        assert browser.another_picture(panel, before, controls.PATIENCE)
        (dragged, _), last = controls.shown(panel, slider), slider.value
        slider.press("End")
        slider.write(last)
        assert controls.shown(panel, slider)[0] == dragged
        assert panel.locator("canvas:visible").count() == 0
        assert panel.get_by_text("Error").locator("visible=true").count() == 0


RUN = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"


def test_a_panel_works_in_jupyter_notebook(page, folder):
    browser.write_notebook(folder / "elsewhere.ipynb", OPENS)
    with browser.jupyterlab(folder, notebook=True) as server:
        address = f"{server.address}/notebooks/elsewhere.ipynb"
        page.goto(f"{address}?token={server.token}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        browser.wait_until_idle(page)
        assert page.evaluate(RUN)
        (panel,) = browser.panels(page)
        panel.locator("canvas").wait_for()
        slider = controls.sliders(panel)[0]
        # Arrow keys are Notebook's: it takes them, on every slider, to go from cell to cell.
        for move in (lambda: slider.write("1.7"), lambda: slider.drag([0.3], steps=4)):
            before = browser.settled_picture(panel)
            move()
            assert browser.another_picture(panel, before, controls.PATIENCE)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "notebook.png")


TURN = """theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"""
CORNER = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"


def test_a_panel_follows_the_theme_of_jupyterlab_and_its_zoom(run, lab):
    """And leaves pictures for a human eye to judge."""
    notebook = run(OPENS)
    (panel,) = browser.panels(notebook.page)
    canvas = panel.locator("canvas")
    canvas.wait_for()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    corners = {}
    for theme in ("Dark", "Light"):
        lab.evaluate(TURN, f"JupyterLab {theme}")
        lab.wait_for_timeout(1000)  # the styles of a theme come after its name
        corners[theme] = sum(canvas.evaluate(CORNER))
        lab.screenshot(path=SCREENSHOTS / f"lab_{theme.lower()}.png")
    assert corners["Dark"] < 200
    assert corners["Light"] == 3 * 255
    wide = canvas.evaluate("canvas => canvas.width / canvas.offsetWidth")
    zoomed = lab.context.new_cdp_session(lab)
    metrics = {"width": 640, "height": 360, "deviceScaleFactor": 2, "mobile": False}
    zoomed.send("Emulation.setDeviceMetricsOverride", metrics)
    lab.wait_for_timeout(500)
    assert canvas.evaluate("canvas => canvas.width / canvas.offsetWidth") > 1.6 * wide
    lab.screenshot(path=SCREENSHOTS / "lab_zoomed.png")
    zoomed.send("Emulation.clearDeviceMetricsOverride")
    assert notebook.errors == []


TRAINS_LONG = """
from helpers import panels

panel = panels.training_panel()
panel.controls["size"].value = "full"
panel.controls["depth"].value = 30
panel
"""


def trained(notebook):
    """Return the panel in a notebook, and a function that says how far it has trained."""
    (panel,) = browser.panels(notebook.page)
    panel.get_by_role("button", name="Train again").click()
    stop = panel.get_by_role("button", name="Stop")
    progress = panel.locator(".widget-hbox > .widget-label")
    return panel, stop, progress


def test_training_is_seen_while_it_goes_on_and_stops_when_told(run):
    notebook = run(TRAINS_LONG)
    panel, stop, progress = trained(notebook)
    panel.locator("canvas").wait_for()
    seen = set()
    while len(seen) < 5:  # pictures and steps of the same run
        seen.add((progress.text_content(), browser.picture(panel)[0]))
    stop.click()
    expect(progress).to_contain_text("stopped at step")
    expect(stop).to_be_disabled()
    _, words = shown = browser.settled_picture(panel)
    assert words.startswith(
        f"Stopped at {progress.text_content().removeprefix('stopped at ')}."
    )
    notebook.page.wait_for_timeout(500)
    assert browser.picture(panel) == shown
    assert notebook.errors == []


def test_a_control_moved_during_training_starts_it_anew(run):
    notebook = run(TRAINS_LONG)
    panel, stop, progress = trained(notebook)
    expect(progress).to_contain_text("of 1000")
    panel.get_by_role("button", name="quick").click()
    expect(progress).to_have_text("step 300 of 300", timeout=60_000)
    expect(stop).to_be_disabled()
    assert "size of run quick" in browser.settled_picture(panel)[1]
    assert notebook.errors == []
