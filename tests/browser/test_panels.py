"""What no lesson shows: a panel that cannot be drawn, and panels without a kernel."""

from helpers.panels import PANELS
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


def test_baked_panels_need_no_kernel(run):
    bake = "import os\nos.environ['COURSE_BAKE'] = '1'\nfrom helpers.panels import PANELS"
    notebook = run(bake, *(f"PANELS[{i}]()" for i in range(len(PANELS))))
    assert notebook.ran
    panels = browser.panels(notebook.page)
    assert len(panels) == len(PANELS)
    browser.shut_kernel_down(notebook.page)
    dead = [move for panel in panels for move in controls.dead_moves(panel, typing=False)]
    assert dead == []
    assert set(notebook.errors) <= {"Cannot send"}  # so JupyterLab notes that it is gone
