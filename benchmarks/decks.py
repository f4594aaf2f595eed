"""How large a deck is, how long it takes to open and to answer, and what a clicker meets in it.

A page that holds nothing stands beside them. A lesson whose panels have changed is drawn in all
its pictures first, which is timed too. ``python -m benchmarks.decks A.html B.html`` measures
decks that were made before, also by an older version of the course, in one run.
"""

import math
import statistics
import tempfile
import time
from itertools import product
from pathlib import Path

import nbformat

from benchmarks.report import command
from teaching import slides
from teaching.baking import KEPT, LESSONS, baking
from teaching.browser import browser
from teaching.rehearsal import GO_TO, PATIENCE, READY, opened

MEGABYTES, SECONDS, ROUNDS = 6, 2, 3  # at most, and how often each deck is opened
SMALLEST = {"lessons": [], "rounds": 1}
LIMIT = 900  # seconds until a lesson is drawn
EMPTY = "an empty deck"
# From a key to the frame after it; a promise of the next one that is awaited.
WATCH = """() => {
    let told = null;
    const next = () => { window.painted = new Promise(resolve => { told = resolve; }); };
    next();
    addEventListener('keydown', ({timeStamp}) => requestAnimationFrame(() => setTimeout(
        () => told(performance.now() - timeStamp))), true);
    window.awaited = () => window.painted.finally(next); }"""
PAINTED = "() => window.awaited()"
FIRST_PANEL = """() => Reveal.getSlides().findIndex(
    slide => slide.querySelector('.baked-panel input[type=range]'))"""
SAID = """() => [...document.querySelectorAll('section.present .baked-panel :is(img, canvas)')]
    .map(picture => picture.alt ?? picture.ariaLabel).join()"""
STEP = """() => [Reveal.getSlides().indexOf(Reveal.getCurrentSlide()),
               Reveal.getIndices().f ?? -1]"""
SECONDS_GIVEN = """() => [...document.querySelectorAll('[data-timing]')].reduce(
    (sum, slide) => sum + Number(slide.dataset.timing), 0)"""


def empty():
    """Return a lesson of one slide."""
    about = {"slideshow": {"slide_type": "slide"}}
    title = nbformat.v4.new_markdown_cell("# Nothing", metadata=about)
    return nbformat.v4.new_notebook(cells=[title])


def drawn(report, paths):
    """Return lessons with all pictures of their panels, by name, and say how long that took."""
    lessons, title = {EMPTY: empty()}, "All pictures of all panels"
    before = _changed(paths)
    start = time.perf_counter()
    with report.part(title, len(paths)), baking(paths) as baked:
        for path, future in baked.items():
            with report.attempt(path.stem):
                try:
                    lessons[path.stem] = future.result(LIMIT)
                except TimeoutError:
                    raise TimeoutError(f"{path.name} was not drawn in {LIMIT} s") from None
            report.step(path.stem)
    new = len(set(_changed(paths).items()) - set(before.items()))
    seconds = f"{time.perf_counter() - start:.0f}"
    report.table(title, ["lessons", "of which new", "s"], [[len(paths), new, seconds]])
    return lessons


def _changed(paths):
    """Return when each lesson that is kept was drawn, by its path."""
    kept = (KEPT / path.name for path in paths)
    return {path: path.stat().st_mtime_ns for path in kept if path.exists()}


def opened_in(chromium, path):
    """Return seconds from the address to a deck whose keys turn slides, and to its first panel.

    That is seen to answer when it shows the picture that a key has asked for; the third number
    are the milliseconds from this key to the picture. Without a panel both are nan.
    """
    start = time.perf_counter()
    with opened(chromium, path) as page:
        page.wait_for_selector(READY, state="attached", timeout=PATIENCE)
        ready = time.perf_counter() - start
        page.evaluate(WATCH)
        if (panel := page.evaluate(FIRST_PANEL)) < 0:
            return ready, math.nan, math.nan
        page.evaluate(GO_TO, panel)
        slider = page.locator("section.present .baked-panel input[type=range]").first
        before = page.evaluate(SAID)
        key = "ArrowLeft" if slider.evaluate("s => s.value === s.max") else "ArrowRight"
        slider.press(key)
        took = page.evaluate(PAINTED)
        answered = time.perf_counter() - start
        if page.evaluate(SAID) == before:
            raise ValueError(f"the first panel shows the same after {key}")
        return ready, answered, took


def presented(chromium, path):
    """Present a deck by a clicker's keys alone, from its first slide to its last.

    Returns
    -------
    slides, keys : int
        Of the lecture.
    times : list of float
        Milliseconds from a key to the picture that it asks for.
    minutes : float
        What the clock of the speaker view gives the slides.
    """
    with opened(chromium, path) as page:
        page.wait_for_selector(READY, state="attached", timeout=PATIENCE)
        page.evaluate(WATCH)
        page.keyboard.press("F5")
        page.evaluate(PAINTED)
        seen, times = [page.evaluate(STEP)], []
        while not page.locator("section.present[data-kind=end]").count():
            page.keyboard.press("PageDown")
            times.append(page.evaluate(PAINTED))
            seen.append(page.evaluate(STEP))
            if seen[-1] == seen[-2]:
                break
        page.keyboard.press(".")
        if not page.evaluate("Reveal.isPaused()"):
            raise ValueError("'.' does not black the screen")
        if page.problems:
            raise ValueError("; ".join(page.problems))
        minutes = page.evaluate(SECONDS_GIVEN) / 60
    return len({slide for slide, _ in seen}), len(times), times, minutes


def made_now(report, lessons, folder):
    """Yield name and path of a deck of each lesson that could be drawn."""
    for name, notebook in drawn(report, lessons).items():
        path = Path(folder) / f"{name}.html"
        path.write_text(slides.deck(notebook, LESSONS), encoding="utf-8")
        yield name, path


def main(report, *, lessons=None, rounds=ROUNDS, paths=()):
    """Print a row for each deck: of all lessons, of those given, or of decks at `paths`."""
    if lessons is None:
        lessons = sorted(LESSONS.glob("*.ipynb"))
    with browser() as chromium, tempfile.TemporaryDirectory() as folder:
        decks = [(str(path), path) for path in paths] or [*made_now(report, lessons, folder)]
        times = {name: [] for name, _ in decks}
        with report.part("Decks", len(decks) * rounds):
            for _, (name, path) in product(range(rounds), decks):
                with report.attempt(name):
                    times[name].append(opened_in(chromium, path))
                report.step(name)
        rows = [_row(path, name, times[name]) for name, path in decks if times[name]]
        head = ["deck", "MB", "s to open", "s to a panel's answer", "ms of a key", "at most"]
        report.table("Decks", head, rows)
        rows = []
        with report.part("Presented by a clicker", len(decks)):
            for name, path in decks:
                with report.attempt(name):
                    count, keys, took, minutes = presented(chromium, path)
                    ms = [f"{f(took):.0f}" if took else "-" for f in (statistics.median, max)]
                    rows.append([name, count, keys, *ms, f"{minutes:.0f}"])
                report.step(name)
    head = ["deck", "slides", "keys", "ms a key", "the slowest", "minutes by the clock"]
    report.table("Presented by a clicker", head, rows)


def _row(path, name, times):
    ready, answered, key = map(statistics.median, zip(*times, strict=True))
    size = path.stat().st_size / 1e6
    missed = size > MEGABYTES or ready > SECONDS
    shown = [f"{answered:.2f}", f"{key:.0f}"] if answered == answered else ["-", "-"]
    target = f"{MEGABYTES} MB, {SECONDS} s{', MISSED' if missed else ''}"
    return [name, f"{size:.1f}", f"{ready:.2f}", *shown, target]


if __name__ == "__main__":
    command(main, SMALLEST, paths="decks that were made before, also by older versions")
