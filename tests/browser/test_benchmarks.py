"""The benchmarks that need a browser, at their smallest size; no time is judged."""

import math
import re
from contextlib import nullcontext

import nbformat
import pytest

from benchmarks import decks, sliders
from benchmarks.report import Report
from teaching import baking, browser, lecture, slides

# A slider as JupyterLab shows it, from 1 to 8, that moves a text beside it, or nothing.
PAGE = """
<div class="jp-CodeCell"></div>
<div class="jp-CodeCell"><div class="jp-OutputArea">
  <div class="moved-by-the-benchmark">
    <label>gain</label>
    <div class="noUi-target"><div class="noUi-handle" tabindex="0" aria-valuemin="1"
      aria-valuenow="4" aria-valuemax="8">handle</div></div>
    <div class="widget-readout">4</div>
  </div>
  <div class="widget-html-content">4</div>
</div></div>
<script>
  const handle = document.querySelector(".noUi-handle");
  handle.addEventListener("keydown", ({key}) => {
    const by = key === "ArrowRight" ? 1 : -1, now = Number(handle.ariaValueNow) + by;
    handle.ariaValueNow = now;
    document.querySelector(".widget-readout").textContent = now;
    if (ANSWERS) document.querySelector(".widget-html-content").textContent = now;
  });
</script>
"""


@pytest.fixture
def technique(chromium):
    """Return a function that gives a technique of a page, which answers or is silent."""
    pages = []

    def open_page(name, answers):
        pages.append(chromium.new_page())
        pages[-1].set_content(PAGE.replace("ANSWERS", str(answers).lower()))
        return sliders.Technique(pages[-1], 1, name)

    yield open_page
    for page in pages:
        page.close()


def test_a_slider_stays_inside_its_range(technique):
    inside = technique("answers", True)
    values = []
    for _ in range(12):
        assert inside.press() > 0
        values.append(int(inside._slider.value))
    assert values == [5, 6, 7, 6, 5, 4, 3, 2, 3, 4, 5, 6]


def test_a_slider_that_changes_nothing_is_named_and_the_others_go_on(technique, monkeypatch):
    monkeypatch.setattr(sliders, "LIMIT", 5)
    report = Report()
    found = sliders.measure(
        report,
        {"silent": technique("silent", False), "answers": technique("answers", True)},
        presses=2,
        drags=0,
        seconds=0,
    )
    assert list(found) == ["answers"]
    assert len(found["answers"][0]) == 2
    assert report.failures == {
        "silent": "TimeoutError: silent, slider 'gain' at 5: no new picture after ArrowRight "
        "in 5 s"
    }


def test_sliders(chromium, monkeypatch):
    monkeypatch.setattr(browser, "browser", lambda: nullcontext(chromium))
    names = [sliders.FLOOR, sliders.USUAL, sliders.OURS]
    usual = {"broken": "1 / 0", **{name: sliders.WORKLOAD[name] for name in names}}
    panel = sliders.LESSONS["depth_panel"]
    report = Report()
    sliders.main(report, notebooks=(usual, panel), **sliders.SMALLEST)
    rows, servers = report.tables.values()
    assert [row[0] for row in rows] == [*names, *panel]
    for row in rows:
        assert 0 < row[1] < math.inf
        assert not re.search("nan|inf", " ".join(map(str, row)))
    assert [row[0] for row in servers] == ["as make lab sets it", "as the server comes"]
    assert list(report.failures) == ["broken"]
    assert (
        "broken: its cell raises ZeroDivisionError: division by zero"
        in report.failures["broken"]
    )


def test_decks(chromium, tmp_path, monkeypatch):
    monkeypatch.setattr(decks, "browser", lambda: nullcontext(chromium))
    for module in (baking, decks):
        monkeypatch.setattr(module, "KEPT", tmp_path / "kept")
    lessons = {"right": "A slide", "wrong": "1 / 0"}
    paths = [tmp_path / f"{name}.ipynb" for name in lessons]
    for path, source in zip(paths, lessons.values(), strict=True):
        make = nbformat.v4.new_code_cell if "/" in source else nbformat.v4.new_markdown_cell
        cell = make(source, metadata={"slideshow": {"slide_type": "slide"}})
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    report = Report()
    decks.main(report, lessons=paths, rounds=1)
    drawn, opened, presented = report.tables.values()
    assert [row[:2] for row in drawn] == [[2, 1]]
    assert [row[0] for row in opened] == [decks.EMPTY, "right"]
    assert [row[:3] for row in presented] == [[decks.EMPTY, 1, 1], ["right", 1, 1]]
    assert list(report.failures) == ["wrong"]


def test_a_deck_is_presented_by_a_clicker(chromium, made, monkeypatch):
    """A key for each slide and for each step of it, and what the first panel answers."""
    monkeypatch.setattr(decks, "browser", lambda: nullcontext(chromium))
    report = Report()
    path = slides.DECKS / "00_start_here.html"
    decks.main(report, rounds=1, paths=[path])
    assert not report.failures
    (opened,), (presented,) = report.tables.values()
    name, megabytes, ready, answered, key, _ = opened
    assert name == str(path)
    assert float(megabytes) == pytest.approx(path.stat().st_size / 1e6, abs=0.06)
    assert 0 < float(ready) < float(answered)
    assert float(key) > 0
    _, count, keys, _, _, minutes = presented
    lesson = lecture.arranged(nbformat.read(slides.LESSONS / "00_start_here.ipynb", 4))
    main = [
        c.metadata.deck
        for c in lesson.cells
        if c.metadata.deck["begins"] and c.metadata.deck["line"] == "main"
    ]
    assert count == len(main)
    assert keys >= count - 1
    assert float(minutes) == sum(about["minutes"] for about in main)
