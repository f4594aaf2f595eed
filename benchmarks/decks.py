"""How large a deck is, and how long it takes to open, beside a page that holds nothing.

A lesson whose panels have changed is drawn in all its pictures first, which is timed too.
"""

import statistics
import tempfile
import time
from pathlib import Path

import nbformat

from benchmarks.report import command
from teaching import slides
from teaching.baking import KEPT, LESSONS, baking
from teaching.browser import browser
from teaching.rehearsal import opened, wait_until_ready

MEGABYTES, SECONDS, ROUNDS = 10, 3, 3  # at most, and how often each deck is opened
SMALLEST = {"lessons": [], "rounds": 1}
LIMIT = 900  # seconds until a lesson is drawn
EMPTY = "an empty deck"


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


def seconds_to_open(chromium, path, rounds):
    """Return the median time from the address to a deck whose keys turn slides."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        with opened(chromium, path) as page:
            wait_until_ready(page)
            times.append(time.perf_counter() - start)
            count = page.evaluate("Reveal.getTotalSlides()")
    return statistics.median(times), count


def main(report, *, lessons=None, rounds=ROUNDS):
    """Print a row for each deck, of all lessons or of those at the given paths."""
    if lessons is None:
        lessons = sorted(LESSONS.glob("*.ipynb"))
    rows = []
    with browser() as chromium, tempfile.TemporaryDirectory() as folder:
        notebooks = drawn(report, lessons)
        with report.part("Decks", len(notebooks)):
            for name, notebook in notebooks.items():
                with report.attempt(name):
                    path = Path(folder) / "deck.html"
                    path.write_text(slides.deck(notebook, LESSONS), encoding="utf-8")
                    seconds, count = seconds_to_open(chromium, path, rounds)
                    size = path.stat().st_size / 1e6
                    missed = size > MEGABYTES or seconds > SECONDS
                    target = f"{MEGABYTES} MB, {SECONDS} s{', MISSED' if missed else ''}"
                    rows.append([name, count, f"{size:.1f}", f"{seconds:.2f}", target])
                report.step(name)
    report.table("Decks", ["deck", "slides", "MB", "s to open", "at most"], rows)


if __name__ == "__main__":
    command(main, SMALLEST)
