"""What no lesson shows: a panel that cannot be drawn, and a training that takes long."""

from playwright.sync_api import expect

from teaching import browser
from tests.browser import controls

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
    panel.locator("img").wait_for()
    assert alert.count() == 0
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
