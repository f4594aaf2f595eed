"""How large a deck is, and how long it takes to open, beside a page that holds nothing."""

import statistics
import tempfile
import time
from pathlib import Path

import nbformat

from benchmarks.timing import print_table
from teaching import slides
from teaching.baking import LESSONS, baking
from teaching.browser import browser
from teaching.rehearsal import opened, wait_until_ready

MEGABYTES, SECONDS, ROUNDS = 10, 3, 5  # at most, and how often each deck is opened


def empty():
    """Return a lesson of one slide."""
    title = nbformat.v4.new_markdown_cell("# Nothing", metadata={"slideshow": {}})
    return nbformat.v4.new_notebook(cells=[title])


def seconds_to_open(chromium, path):
    """Return the median time from the address to a deck whose keys turn slides."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with opened(chromium, path) as page:
            wait_until_ready(page)
            times.append(time.perf_counter() - start)
            count = page.evaluate("Reveal.getTotalSlides()")
    return statistics.median(times), count


def main():
    rows = []
    with browser() as chromium, tempfile.TemporaryDirectory() as folder:
        lessons = {"an empty deck": empty()}
        with baking(sorted(LESSONS.glob("*.ipynb"))) as baked:
            lessons |= {path.stem: future.result() for path, future in baked.items()}
        for name, notebook in lessons.items():
            path = Path(folder) / "deck.html"
            path.write_text(slides.deck(notebook, LESSONS), encoding="utf-8")
            seconds, count = seconds_to_open(chromium, path)
            size = path.stat().st_size / 1e6
            missed = size > MEGABYTES or seconds > SECONDS
            target = f"{MEGABYTES} MB, {SECONDS} s{': missed' if missed else ''}"
            rows.append([name, count, f"{size:.1f}", f"{seconds:.2f}", target])
    print_table("Decks", ["deck", "slides", "MB", "s to open", "at most"], rows)


if __name__ == "__main__":
    main()
