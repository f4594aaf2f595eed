"""From a key press on a slider to the new picture on the screen, in JupyterLab in Chromium.

A label that repeats the slider is the floor: nothing can answer faster. Beside it, on one
workload, stand the usual way, `interact` with a new figure for every value, and the course's,
with one thread for products of matrices and with two; then every panel of the lessons, painted
by the page and as pictures of the kernel's. `benchmarks.workload` makes what they show. The
slider stays inside its range.
"""

import itertools
import math
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import workload
from benchmarks.report import command, ratio
from helpers.panels import PANELS
from teaching import browser

PRESSES, BLOCK = 24, 6  # of a key for each technique, in turns of a few
DRAGS, SECONDS = 3, 2.0  # for each technique
SMALLEST = {"presses": 1, "drags": 1, "seconds": 1.0}
FASTER_THAN_USUAL, SLOWER_THAN_FLOOR, FRAMES_OF_FLOOR = 10, 2, 0.7
LIMIT = 60  # seconds, for a picture and for the end of a run

IMPORT = (
    f"import sys; sys.path.insert(0, {str(browser.ROOT)!r}); from benchmarks import workload"
)
LESSONS = {f.__name__: f"workload.lesson({f.__name__!r})" for f in PANELS}
PICTURES = {
    f"{f.__name__}, pictures": f"workload.lesson({f.__name__!r}, pictures=True)" for f in PANELS
}
TECHNIQUES = {
    "a label: the floor": "workload.label()",
    "interact, new figure": "workload.usual()",
    "the course's panel": "workload.panel()",
    "with two BLAS threads": "workload.panel(threads=2)",
    **LESSONS,
    **PICTURES,
}
FLOOR, USUAL, OURS = list(TECHNIQUES)[:3]

# What an output shows: the source of its picture, the words of what the page has painted, which
# hold the settings, or its text.
SHOWN = """area => {
    const shown = [...area.querySelectorAll('img, canvas')].find(shown => shown.offsetParent);
    return shown?.src ?? shown?.getAttribute('aria-label')
        ?? area.querySelector('.widget-html-content')?.textContent; }"""
# What it was made for: a panel says its settings. Two values may look alike, and a picture of
# a run that began with the last value is no answer to this one.
ANSWER = f"""area => {{
    const shown = [...area.querySelectorAll('img, canvas')].find(shown => shown.offsetParent);
    const words = shown?.alt ?? shown?.getAttribute('aria-label');
    return words?.match(/Settings: .*/)?.[0] ?? ({SHOWN})(area); }}"""
# Sets `painted`, a promise of the milliseconds from the next key press to the next picture, or
# of null where there is none in time.
AWAIT_PICTURE = f"""(area, limit) => {{
    const answer = {ANSWER}, before = answer(area);
    let pressed;
    const note = event => {{ pressed = event.timeStamp; }};
    document.addEventListener('keydown', note, {{capture: true, once: true}});
    window.painted = new Promise(resolve => {{
        const observer = new MutationObserver(async () => {{
            const now = answer(area);
            if (now === undefined || now === before) return;
            observer.disconnect();
            const image = [...area.querySelectorAll('img')].find(image => image.offsetParent);
            await image?.decode().catch(() => null);
            requestAnimationFrame(() => requestAnimationFrame(
                () => resolve(performance.now() - pressed)));
        }});
        observer.observe(area, {{subtree: true, childList: true, characterData: true,
            attributeFilter: ['aria-label', 'alt', 'src']}});
        setTimeout(() => {{ observer.disconnect(); resolve(null); }}, limit);
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

    def __init__(self, page, number, name):
        self._page, self._name, self._key = page, name, "ArrowRight"
        self._area = page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea").first
        moved = self._area.locator(f".{workload.MOVED}")
        error = self._area.locator("[data-mime-type$=error], [data-mime-type$=stderr]")
        moved.or_(error).first.wait_for(state="attached", timeout=1000 * LIMIT)
        if not moved.count():
            *_, reason = error.last.text_content().strip().splitlines()
            raise RuntimeError(f"{name}: its cell raises {reason}")
        self._slider = browser.Slider(moved)

    def press(self):
        """Return the milliseconds from a key press to the new picture."""
        self._area.scroll_into_view_if_needed()
        self._turn()
        self._area.evaluate(AWAIT_PICTURE, 1000 * LIMIT)
        self._slider.press(self._key)
        milliseconds = self._page.evaluate("() => window.painted")
        if milliseconds is None:
            raise self._too_long(f"no new picture after {self._key}")
        self._page.wait_for_timeout(100)
        return milliseconds

    def drag(self, seconds):
        """Return pictures a second during a drag, and whether the last one was stale."""
        self._area.evaluate(COUNT_FRAMES)
        start = time.monotonic()
        self._slider.drag(_there_and_back(seconds), steps=1)
        frames = self._page.evaluate(STOP_COUNTING) / (time.monotonic() - start)
        dragged, last = self._settled("a drag"), self._slider.value
        self._turn()
        self._slider.press(self._key)
        self._settled(self._key)
        self._slider.write(last)
        return frames, self._settled(f"typing {last}") != dragged

    def _turn(self):
        """Let the next key lead away from the end that is near."""
        low, now, high = self._slider.place
        fraction = (now - low) / (high - low)
        if not 0.25 <= fraction <= 0.75:
            self._key = "ArrowRight" if fraction < 0.5 else "ArrowLeft"

    def _settled(self, after, quiet=0.6):
        """Return what is shown when the kernel has nothing to do and it stays for a while."""
        shown, since = None, time.monotonic()
        end = since + LIMIT
        while time.monotonic() < since + quiet:
            if time.monotonic() > end:
                raise self._too_long(f"no rest after {after}")
            self._page.wait_for_timeout(50)
            now = self._area.evaluate(SHOWN), self._page.evaluate(browser.KERNEL_IDLE)
            if now != (shown, True):
                shown, since = now[0], time.monotonic()
        return shown

    def _too_long(self, what):
        return TimeoutError(
            f"{self._name}, slider {self._slider.name!r} at {self._slider.value}: {what} "
            f"in {LIMIT} s"
        )


def _there_and_back(seconds):
    """Yield places on a slider, 40 from end to end, until the time is over."""
    there = [0.1 + 0.02 * i for i in range(41)]
    end = time.monotonic() + seconds
    return itertools.takewhile(
        lambda _: time.monotonic() < end, itertools.cycle(there + there[::-1])
    )


def open_techniques(report, chromium, server, folder, cells):
    """Return a `Technique` for each of the named cells, in a notebook that has been run."""
    browser.write_notebook(folder / "benchmark.ipynb", IMPORT, *cells.values(), go_on=True)
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    browser.open_notebook(page, server, "benchmark.ipynb")
    browser.run_all(page)  # after a cell that raises, others may still run
    opened = {}
    for number, name in enumerate(cells, 1):
        with report.attempt(name):
            opened[name] = Technique(page, number, name)
    return opened


def measure(report, techniques, presses, drags, seconds):
    """Return the times of key presses and the results of drags, in turns, by technique.

    One that raises is left out from then on.
    """
    times, dragged = ({name: [] for name in techniques} for _ in range(2))
    for turn in range(math.ceil(presses / BLOCK)):
        for name, technique in list(techniques.items()):
            with report.attempt(name):
                for _ in range(min(BLOCK, presses - BLOCK * turn)):
                    times[name].append(technique.press())
                    report.step(name)
            if name in report.failures:
                del techniques[name]
    for _ in range(drags):
        for name, technique in list(techniques.items()):
            with report.attempt(name):
                dragged[name].append(technique.drag(seconds))
            report.step(name)
            if name in report.failures:
                del techniques[name]
    return {name: (times[name], dragged[name]) for name in techniques}


def tabulate(report, found):
    """Print what `measure` found."""
    ms = {name: statistics.median(times) for name, (times, _) in found.items()}
    frames = {
        name: statistics.median(frames for frames, _ in dragged)
        for name, (_, dragged) in found.items()
    }
    rows = []
    for name, (_, dragged) in found.items():
        to_frames = FRAMES_OF_FLOOR if name in LESSONS else None
        to_floor = SLOWER_THAN_FLOOR if name in LESSONS else None
        to_usual = FASTER_THAN_USUAL if name == OURS else None
        rows.append(
            [
                *(name, ms[name], ratio(ms[name], ms.get(FLOOR, math.nan), to_floor)),
                ratio(ms.get(USUAL, math.nan), ms[name], to_usual, at_least=True),
                f"{frames[name]:.1f}",
                ratio(frames[name], frames.get(FLOOR) or math.nan, to_frames, at_least=True),
                f"{sum(stale for _, stale in dragged)} of {len(dragged)}",
            ]
        )
    header = [
        "technique",
        "ms",
        "× floor",
        "× faster than interact",
        "frames/s",
        "× floor's",
        "stale",
    ]
    report.table("Slider to picture, painted", header, rows)


def measure_delay(report, opened, drags, seconds):
    """Print frames a second of a panel through each of the servers, in turns."""
    title, frames = "The websocket's delay while dragging", {name: [] for name in opened}
    with report.part(title, len(opened) * drags):
        for _ in range(drags):
            for name, technique in opened.items():
                with report.attempt(name):
                    frames[name].append(technique.drag(seconds)[0])
                report.step(name)
    rows = [
        [name, f"{statistics.median(found):.1f}"] for name, found in frames.items() if found
    ]
    report.table(title, ["server", "frames/s"], rows)


def main(report, *, techniques=TECHNIQUES, presses=PRESSES, drags=DRAGS, seconds=SECONDS):
    """Print a row for each technique, and one for each way of sending what a server says."""
    with ExitStack() as stack:
        chromium = stack.enter_context(browser.browser())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(browser.jupyterlab(folder))
        title = f"{len(techniques)} sliders in a browser, which is started first"
        with report.part(title, len(techniques) * (presses + drags)):
            opened = open_techniques(report, chromium, server, folder, techniques)
            tabulate(report, measure(report, opened, presses, drags, seconds))

        plain = stack.enter_context(browser.jupyterlab(folder, config=folder))
        cell = {OURS: TECHNIQUES[OURS]}
        servers = {"as make lab sets it": server, "as the server comes": plain}
        measure_delay(
            report,
            {
                name: technique
                for name, where in servers.items()
                for technique in open_techniques(report, chromium, where, folder, cell).values()
            },
            drags,
            seconds,
        )


if __name__ == "__main__":
    command(main, SMALLEST)
