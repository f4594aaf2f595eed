"""From a key press on a slider to the new picture on the screen, in JupyterLab in Chromium.

A label that repeats the slider is the floor: nothing can answer faster. Beside it, on one
workload, stand the usual way, `interact` with a new figure for every value, and the course's,
with one thread for products of matrices and with two. Every panel of the lessons has a notebook
of its own, as long pages are slow: painted by the page, as pictures of the kernel's, and beside
a label whose slider has the same values. `benchmarks.workload` makes what they show. The slider
stays inside its range. The first drag mostly meets values that are new to a panel; what a panel
has noted once it keeps.
"""

import itertools
import math
import statistics
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import workload
from benchmarks.report import command, ratio
from helpers.panels import PANELS
from teaching import browser

PRESSES, BLOCK = 18, 6  # of a key for each technique, in turns of a few
DRAGS, SECONDS = 2, 2.0  # for each technique
SMALLEST = {"presses": 1, "drags": 1, "seconds": 1.0}
FASTER_THAN_USUAL, SLOWER_THAN_FLOOR, FRAMES_OF_FLOOR = 10, 2, 0.7
LIMIT = 60  # seconds, for a picture and for the end of a run

IMPORT = (
    f"import sys; sys.path.insert(0, {str(browser.ROOT)!r}); from benchmarks import workload"
)
FLOOR, USUAL, OURS = "a label: the floor", "interact, new figure", "the course's panel"
# What stands in one notebook each, with the floor first.
WORKLOAD = {
    FLOOR: "workload.label()",
    USUAL: "workload.usual()",
    OURS: "workload.panel()",
    "with two BLAS threads": "workload.panel(threads=2)",
}
LESSONS = {
    f.__name__: {
        f"{f.__name__}, a label": f"workload.label({f.__name__!r})",
        f.__name__: f"workload.lesson({f.__name__!r})",
        f"{f.__name__}, pictures": f"workload.lesson({f.__name__!r}, pictures=True)",
    }
    for f in PANELS
}

NOTEBOOKS = (WORKLOAD, *LESSONS.values())

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


@contextmanager
def open_techniques(report, chromium, server, folder, cells):
    """Yield a `Technique` for each of the named cells, in a notebook that has been run."""
    browser.write_notebook(folder / "benchmark.ipynb", IMPORT, *cells.values(), go_on=True)
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    browser.open_notebook(page, server, "benchmark.ipynb")
    browser.run_all(page)  # after a cell that raises, others may still run
    opened = {}
    for number, name in enumerate(cells, 1):
        with report.attempt(name):
            opened[name] = Technique(page, number, name)
    yield opened
    browser.shut_kernel_down(page)
    page.close()


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
    """Print what `measure` found, for each notebook."""
    rows, usual = [], math.nan
    for together in found:
        ms = {name: statistics.median(times) for name, (times, _) in together.items()}
        usual = ms.get(USUAL, usual)
        rows += _rows(together, ms, usual)
    header = [
        "technique",
        "ms",
        "× label",
        "× faster than interact",
        "frames/s",
        "× label's",
        "× in the first drag",
        "stale",
    ]
    report.table("Slider to picture, painted", header, rows)


def _rows(found, ms, usual):
    """Return the rows of the techniques of one notebook, the first of which is the floor."""
    frames = {
        name: statistics.median(frames for frames, _ in dragged)
        for name, (_, dragged) in found.items()
    }
    first = {name: next(iter(d), [math.nan])[0] for name, (_, d) in found.items()}
    floor = next(iter(found), None)
    rows = []
    for name, (_, dragged) in found.items():
        to_frames = FRAMES_OF_FLOOR if name in LESSONS else None
        to_floor = SLOWER_THAN_FLOOR if name in LESSONS else None
        to_usual = FASTER_THAN_USUAL if name == OURS else None
        rows.append(
            [
                *(name, ms[name], ratio(ms[name], ms[floor], to_floor)),
                ratio(usual, ms[name], to_usual, at_least=True),
                f"{frames[name]:.1f}",
                ratio(frames[name], frames[floor] or math.nan, to_frames, at_least=True),
                ratio(first[name], first[floor] or math.nan),
                f"{sum(stale for _, stale in dragged)} of {len(dragged)}",
            ]
        )
    return rows


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


def main(
    report,
    *,
    notebooks=NOTEBOOKS,
    presses=PRESSES,
    drags=DRAGS,
    seconds=SECONDS,
):
    """Print a row for each technique, and one for each way of sending what a server says."""
    with ExitStack() as stack:
        chromium = stack.enter_context(browser.browser())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(browser.jupyterlab(folder))
        count = sum(map(len, notebooks))
        title = f"{count} sliders in a browser, which is started first"
        with report.part(title, count * (presses + drags)):
            found = []
            for cells in notebooks:
                with open_techniques(report, chromium, server, folder, cells) as opened:
                    found.append(measure(report, opened, presses, drags, seconds))
            tabulate(report, found)

        plain = stack.enter_context(browser.jupyterlab(folder, config=folder))
        cell = {OURS: WORKLOAD[OURS]}
        servers = {"as make lab sets it": server, "as the server comes": plain}
        opened = {}
        for name, where in servers.items():
            techniques = open_techniques(report, chromium, where, folder, cell)
            opened.update((name, t) for t in stack.enter_context(techniques).values())
        measure_delay(report, opened, drags, seconds)


if __name__ == "__main__":
    command(main, SMALLEST)
