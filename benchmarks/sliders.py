"""From a key press on a slider to the new picture on the screen, in JupyterLab in Chromium.

A label that repeats the slider is the floor: nothing can answer faster. Beside it, on one
workload, stand the usual way, `interact` with a new figure for every value, and the course's;
then every panel of the lessons. `benchmarks.workload` holds the first three.
"""

import itertools
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.timing import print_table, ratio
from helpers.panels import PANELS
from teaching import browser

PRESSES, BLOCK = 40, 5  # of a key for each technique, in turns of a few
DRAGS, SECONDS = 3, 3.0  # for each technique
FASTER_THAN_USUAL, SLOWER_THAN_FLOOR, FRAMES = 8, 2.5, 10

IMPORT = (
    f"import sys; sys.path.insert(0, {str(browser.ROOT)!r}); from benchmarks import workload"
)
TECHNIQUES = {
    "a label: the floor": "workload.label()",
    "interact, new figure": "workload.usual()",
    "the course's panel": "workload.panel()",
    **{f.__name__: f"workload.panels.{f.__name__}()" for f in PANELS},
}
FLOOR, USUAL, OURS, *LESSONS = TECHNIQUES

# What an output shows: the source of its picture, or its text.
SHOWN = """area => {
    const image = [...area.querySelectorAll('img')].find(image => image.offsetParent);
    return image ? image.src : area.querySelector('.widget-html-content')?.textContent; }"""
# Sets `painted`, a promise of the milliseconds from the next key press to the next picture.
AWAIT_PICTURE = f"""area => {{
    const shown = {SHOWN}, before = shown(area);
    let pressed;
    const note = event => {{ pressed = event.timeStamp; }};
    document.addEventListener('keydown', note, {{capture: true, once: true}});
    window.painted = new Promise(resolve => {{
        const observer = new MutationObserver(async () => {{
            const now = shown(area);
            if (now === undefined || now === before) return;
            observer.disconnect();
            await area.querySelector('img')?.decode().catch(() => null);
            requestAnimationFrame(() => requestAnimationFrame(
                () => resolve(performance.now() - pressed)));
        }});
        observer.observe(area, {{subtree: true, childList: true, characterData: true}});
    }}); }}"""
# Counts, in `frames`, the refreshes of the screen that bring another picture.
COUNT_FRAMES = f"""area => {{
    const shown = {SHOWN};
    let last = shown(area);
    window.frames = 0;
    window.counting = true;
    const look = () => {{
        const now = shown(area);
        if (now !== undefined && now !== last) {{ window.frames += 1; last = now; }}
        if (window.counting) requestAnimationFrame(look);
    }};
    requestAnimationFrame(look); }}"""
STOP_COUNTING = "() => { window.counting = false; return window.frames; }"


class Technique:
    """A slider and what follows it, in a cell of a notebook that has been run."""

    def __init__(self, page, number):
        self._page = page
        self._area = page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea").first
        self._slider = browser.Slider(self._area.locator(".widget-slider").first)

    def press(self, key):
        """Return the milliseconds from a key press to the new picture."""
        self._area.scroll_into_view_if_needed()
        self._area.evaluate(AWAIT_PICTURE)
        self._slider.press(key)
        milliseconds = self._page.evaluate("() => window.painted")
        self._page.wait_for_timeout(100)
        return milliseconds

    def drag(self, seconds):
        """Return pictures a second during a drag, and whether the last one was stale."""
        self._area.evaluate(COUNT_FRAMES)
        start = time.monotonic()
        self._slider.drag(_there_and_back(seconds), steps=1)
        frames = self._page.evaluate(STOP_COUNTING) / (time.monotonic() - start)
        dragged, last = self._settled(), self._slider.value
        self._slider.press("Home")
        self._settled()
        self._slider.write(last)
        return frames, self._settled() != dragged

    def _settled(self, quiet=1.5):
        """Return what is shown when it has stayed the same for `quiet` seconds."""
        shown, since = self._area.evaluate(SHOWN), time.monotonic()
        while time.monotonic() < since + quiet:
            self._page.wait_for_timeout(50)
            if (now := self._area.evaluate(SHOWN)) != shown:
                shown, since = now, time.monotonic()
        return shown


def _there_and_back(seconds):
    """Yield places on a slider, 40 from end to end, until the time is over."""
    there = [0.1 + 0.02 * i for i in range(41)]
    end = time.monotonic() + seconds
    return itertools.takewhile(
        lambda _: time.monotonic() < end, itertools.cycle(there + there[::-1])
    )


def open_techniques(chromium, server, folder, cells):
    """Return a `Technique` for each of the named cells, in a notebook that has been run."""
    browser.write_notebook(folder / "benchmark.ipynb", IMPORT, *cells.values())
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    browser.open_notebook(page, server, "benchmark.ipynb")
    if not browser.run_all(page):
        raise RuntimeError("the benchmark's notebook failed")
    return {name: Technique(page, number) for number, name in enumerate(cells, 1)}


def measure(techniques):
    """Return the times of key presses and the results of drags, in turns, by technique."""
    times, drags = ({name: [] for name in techniques} for _ in range(2))
    for turn in range(PRESSES // BLOCK):
        for name, technique in techniques.items():
            key = "ArrowLeft" if turn % 2 else "ArrowRight"
            times[name] += [technique.press(key) for _ in range(BLOCK)]
    for _ in range(DRAGS):
        for name, technique in techniques.items():
            drags[name].append(technique.drag(SECONDS))
    return times, drags


def report(times, drags):
    """Print what `measure` found."""
    ms = {name: statistics.median(found) for name, found in times.items()}
    rows = []
    for name, found in drags.items():
        frames = statistics.median(frames for frames, _ in found)
        slow = name in (OURS, *LESSONS) and frames < FRAMES
        to_floor = SLOWER_THAN_FLOOR if name in LESSONS else None
        to_usual = FASTER_THAN_USUAL if name == OURS else None
        rows.append(
            [
                *(name, ms[name], ratio(ms[name], ms[FLOOR], to_floor)),
                ratio(ms[USUAL], ms[name], to_usual, at_least=True),
                f"{frames:.1f} (>= {FRAMES}, MISSED)" if slow else f"{frames:.1f}",
                f"{sum(stale for _, stale in found)} of {len(found)}",
            ]
        )
    header = ["technique", "ms", "× floor", "× faster than interact", "frames/s", "stale"]
    print_table("Slider to picture, painted", header, rows)


def measure_delay(opened):
    """Return frames a second of a panel through each of the servers, in turns."""
    frames = {name: [] for name in opened}
    for _ in range(DRAGS):
        for name, technique in opened.items():
            frames[name].append(technique.drag(SECONDS)[0])
    return {name: statistics.median(found) for name, found in frames.items()}


def main():
    with ExitStack() as stack:
        chromium = stack.enter_context(browser.browser())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(browser.jupyterlab(folder))
        techniques = open_techniques(chromium, server, folder, TECHNIQUES)
        report(*measure(techniques))

        plain = stack.enter_context(browser.jupyterlab(folder, config=folder))
        cell = {OURS: TECHNIQUES[OURS]}
        found = measure_delay(
            {
                "as make lab sets it": techniques[OURS],
                "as the server comes": open_techniques(chromium, plain, folder, cell)[OURS],
            }
        )
        rows = [[name, f"{frames:.1f}"] for name, frames in found.items()]
        print_table("The websocket's delay while dragging", ["server", "frames/s"], rows)


if __name__ == "__main__":
    main()
