"""Every benchmark at its smallest size: it ends, with a row for each side.

No time is judged. Those that need a browser, walls or frameworks are tested where these are.
"""

import asyncio
import math
import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import (
    __main__,
    choices,
    drawing,
    notebooks,
    report,
    sweep,
    training,
    workload,
)
from benchmarks import panels as panel_stages
from helpers.panels import PANELS


def smallest(benchmark):
    """Return the tables of a benchmark, whose numbers are all finite."""
    found = report.Report()
    benchmark.main(found, **benchmark.SMALLEST)
    assert not found.failures
    for rows in found.tables.values():
        for cell in (cell for row in rows for cell in row):
            assert "nan" not in str(cell)
            assert not isinstance(cell, float) or 0 < cell < math.inf
    return found.tables


def test_all_benchmarks_are_run():
    folder = Path(__main__.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if "SMALLEST = {" in path.read_text()}
    assert set(__main__.PARTS) == modules


def test_drawing():
    (rows,) = smallest(drawing).values()
    arrays = {"16², float64", "16², float32"}
    assert {(row[0], row[1]) for row in rows} == set(product(drawing.PEERS, arrays))


def test_sweep():
    (rows,) = smallest(sweep).values()
    assert [row[0] for row in rows] == list(sweep.PEERS)


def test_choices():
    (rows,) = smallest(choices).values()
    groups = (
        choices.of_arrays((64, 2)),
        choices.of_training(1),
        choices.of_pictures(),
        choices.of_imports(),
    )
    assert [row[0] for row in rows] == [name for pairs in groups for name in pairs]


def test_panels():
    (rows,) = smallest(panel_stages).values()
    assert [row[0] for row in rows] == [make.__name__ for make in PANELS]


def test_training():
    runs, stopped = smallest(training).values()
    kinds = product(("XOR", "moons", "circles", "digits"), training.ACTIVATIONS, ("quick",))
    assert [tuple(row[:3]) for row in runs] == list(kinds)
    assert [row[0] for row in stopped] == list(training.STOPPED)


def test_notebooks(monkeypatch):
    (rows,) = smallest(notebooks).values()
    assert [row[0] for row in rows] == ["00_start_here"]
    monkeypatch.setattr(notebooks, "LIMIT", 0)
    monkeypatch.setattr(notebooks, "processor_seconds", lambda path: 1.0)
    found = report.Report()
    notebooks.main(found, **notebooks.SMALLEST)
    assert "above the limit" in found.failures["00_start_here"]


def test_a_run_that_does_not_stop_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(training, "LIMIT", 0.01)
    monkeypatch.setattr(training, "SOONEST", 0)

    async def stop():
        button = SimpleNamespace(click=lambda: None)
        run = asyncio.ensure_future(asyncio.Event().wait())
        panel = SimpleNamespace(again=button, stop=button, _task=run)
        try:
            await training.times_to_stop(panel, 1)
        finally:
            run.cancel()

    with pytest.raises(TimeoutError, match="click 1 on Stop did not end the run"):
        asyncio.run(stop())


def test_the_others_keep_their_figures(capsys):
    found = report.Report()
    medians = found.medians({"wrong": lambda: 1 / 0, "right": list}, 2, of="an array")
    assert list(medians) == ["right"]
    found.table("A title", ["side", "ms"], list(medians.items()))
    assert "wrong, an array  FAILED: ZeroDivisionError: division by zero" in (
        capsys.readouterr().out
    )
    found.table("Another", ["side"], [["right"]])
    assert "FAILED" not in capsys.readouterr().out


@pytest.mark.parametrize("fails", [False, True])
def test_the_exit_status_says_that_one_failed(fails, monkeypatch, capsys):
    def main(found, *, size):
        found.table("A title", ["side", "ms"], [["right", size]])
        if fails:
            raise FileNotFoundError("No browser found: install one.\nMore.")

    monkeypatch.setattr(main, "__module__", drawing.__name__)
    monkeypatch.setattr(sys, "argv", ["a benchmark", "--smallest"])
    with pytest.raises(SystemExit) as ended:
        report.command(main, {"size": 1})
    assert ended.value.code == fails
    said = "The rest was not measured. FileNotFoundError: No browser found: install one.\n"
    assert capsys.readouterr().out.endswith(said) == fails


def test_a_part_that_does_not_end_is_ended(monkeypatch, capfd):
    monkeypatch.setattr(__main__, "LIMIT", 0.01)
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert __main__.main(("sweep",)) == 1
    assert "benchmarks.sweep FAILED: it was ended after 0.01 s" in capfd.readouterr().out


# By looking at the panels: what tells most of their story.
MAIN_SLIDERS = {
    "sum_panel": "n",
    "network_panel": "inputs",
    "step_panel": "stage",
    "rate_panel": "rate",
    "line_panel": "b",
    "symmetry_panel": "step",
    "layer_panel": "scale",
    "scale_panel": "scale",
    "ridges_panel": "scale",
    "vote_panel": "networks",
    "fans_panel": "width_3",
    "depth_panel": "gain",
    "units_panel": "bias",
    "training_panel": "depth",
    "length_panel": "sigma_w",
    "correlation_panel": "sigma_w",
    "spectrum_panel": "depth",
    "defaults_panel": "depth",
    "stream_panel": "depth",
    "first_step_panel": "rate",
    "attention_panel": "d_k",
}


@pytest.mark.parametrize("make", PANELS, ids=lambda make: make.__name__)
def test_the_main_slider_of_a_panel_moves_its_picture_from_the_middle(make):
    panel = workload.lesson(make.__name__)
    slider = panel.controls[MAIN_SLIDERS[make.__name__]]
    assert workload.MOVED in slider._dom_classes
    place = slider.value
    if hasattr(slider, "base"):
        place = math.log(place, slider.base)
    # Half a step from the middle, and rounding.
    assert abs(place - (slider.min + slider.max) / 2) < 0.51 * slider.step
    before = panel.png
    next_place = place + slider.step
    slider.value = slider.base**next_place if hasattr(slider, "base") else next_place
    assert panel.png != before
