"""Open a page as an audience does: in a browser, from the file system, with no network."""

from contextlib import contextmanager

PATIENCE = 60_000  # milliseconds
READY = "html[data-deck-ready]"
SLIDE = (1280, 720)
FOOT = 26  # pixels at the bottom that hold the title and the number


class RehearsalError(Exception):
    """A page does not work as it should; the message lists what is wrong."""


@contextmanager
def opened(chromium, path, *, query="", size=SLIDE, script=None, **options):
    """Open the file at `path`, and record what goes wrong in it and what it asks for.

    A `script` at another path runs before those of the page.

    Yields
    ------
    playwright.sync_api.Page
        With ``problems``, a list of str: requests for anything but the file, requests that
        failed, and errors of scripts.
    """
    width, height = size
    page = chromium.new_page(viewport={"width": width, "height": height}, **options)
    page.problems = []
    if script:
        page.add_init_script(path=script)

    def answer(route):
        address = route.request.url
        if address.startswith(("file:", "data:", "blob:", "about:")):
            route.continue_()
        else:
            page.problems.append(f"it asks for {address}")
            route.abort()

    page.route("**/*", answer)
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))
    page.on(
        "console",
        lambda m: page.problems.append(f"{m.type}: {m.text}") if m.type == "error" else None,
    )
    page.on("requestfailed", lambda r: page.problems.append(f"failed: {r.url[:200]}"))
    try:
        page.goto(f"{path.resolve().as_uri()}{query}", timeout=PATIENCE)
        yield page
    finally:
        page.close()


# Everything of a slide, also what the answers to a question hold, must lie above its foot, and
# nothing may be cut off at the right.
TOO_LARGE = """([width, foot]) => {
    const slide = Reveal.getCurrentSlide(), found = {};
    function measure(cell, part) {
        if (!part.checkVisibility() || part.closest('mjx-assistive-mml, .said')) return;
        const box = part.getBoundingClientRect(), name = cell.dataset.says;
        const cut = part.matches('pre') ? part.scrollWidth - part.clientWidth : 0;
        const over = Math.max(box.bottom - foot, box.right - width, cut);
        if (over > 1) found[name] = Math.max(found[name] ?? 0, over);
    }
    function measureAll() {
        for (const cell of slide.querySelectorAll('[data-cell]')) {
            for (const part of [cell, ...cell.querySelectorAll('*')]) measure(cell, part);
        }
    }
    measureAll();
    for (const answer of slide.querySelectorAll('details')) {
        answer.open = true;
        measureAll();
        answer.open = false;
    }
    return Object.entries(found);
}"""
GO_TO = """number => {
    const {h, v} = Reveal.getIndices(Reveal.getSlides()[number]);
    Reveal.slide(h, v, 1000);  // with everything that is uncovered step by step
}"""
FETCHING = """inside => {  // the start of addresses that are allowed, if there are any
    const parts = document.querySelectorAll('[src], link[href], [srcset], [poster], [data]');
    const name = (cell) => cell?.dataset.says ?? cell?.dataset.cell ?? 'none';
    return [...parts]
        .map(p => [p.src || p.href || p.srcset || p.poster || p.data,
                   name(p.closest('[data-cell]'))])
        .filter(([address]) => !/^(data|blob|about):/.test(address)
                               && !(inside && address.startsWith(inside)));
}"""
# Moved, a control has to change a picture of its cell; a button may change its words instead.
DEAD = """() => {
    function isDead(control, cell) {
        const pictures = () => [...cell.querySelectorAll('img, canvas')].map(
            p => p.matches('img') ? p.src + p.alt : p.ariaLabel + p.toDataURL()).join();
        const seen = () => (control.matches('button') && control.textContent) + pictures();
        const before = seen();
        if (control.type === 'range') {
            control.value = control.value === control.max ? control.min : control.max;
            control.dispatchEvent(new Event('input', {bubbles: true}));
        } else control.click();
        return seen() === before;
    }
    return [...document.querySelectorAll('[data-cell]')].flatMap(cell =>
        [...cell.querySelectorAll('input:not(:checked), select, textarea, button')]
            .filter(control => !control.closest('.vote') && isDead(control, cell))
            .map(control => [control.ariaLabel || control.closest('label')?.textContent
                             || control.textContent || control.type,
                             cell.dataset.says ?? cell.dataset.cell]));
}"""
# What MathJax could not read it shows as an error, or leaves as it was typed.
BROKEN_FORMULAS = r"""() => [...document.querySelectorAll('[data-cell]')].flatMap(cell => {
    const words = cell.cloneNode(true);
    words.querySelectorAll('pre, code, script, .baked-panel, .baked-picture, mjx-container')
        .forEach(part => part.remove());
    const left = words.textContent.match(/\$[^$]*\$|\\[a-z]{2,}\b[^\n]*/i);
    const error = cell.querySelector('[data-mjx-error]')?.dataset.mjxError;
    return left || error ? [[error ?? left[0], cell.dataset.says]] : [];
})"""

PAINTED = """() => !document.querySelector(
    ':is(.baked-panel, .baked-picture):not([data-ready])')"""


def wait_until_ready(page):
    """Wait until a deck is drawn, and the keys turn its slides."""
    page.wait_for_selector(READY, state="attached", timeout=PATIENCE)
    page.wait_for_function(PAINTED, timeout=PATIENCE)


def slides(page):
    """Yield the number of each slide of a deck, from 1, when it is shown with all its parts."""
    wait_until_ready(page)
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(GO_TO, number)
        yield number + 1


def dead_controls(page):
    """Move every control that a cell shows; return which did nothing, as a list of str."""
    return [f'{name!r} does nothing, in "{cell}"' for name, cell in page.evaluate(DEAD)]


def rehearse(page, name):
    """Go through the opened deck of the notebook `name`.

    Raises
    ------
    RehearsalError
        If something is wrong with it.
    """
    wrong = []
    for number in slides(page):
        for cell, over in page.evaluate(TOO_LARGE, [SLIDE[0], SLIDE[1] - FOOT]):
            wrong.append(f'the cell "{cell}" overflows slide {number} by {over:.0f} pixels')
    for address, cell in page.evaluate(FETCHING):
        wrong.append(f'the cell "{cell}" takes {address[:200]} from outside the file')
    for formula, cell in page.evaluate(BROKEN_FORMULAS):
        wrong.append(f'the cell "{cell}" has a formula that cannot be read: {formula[:200]}')
    wrong += dead_controls(page) + page.problems
    if wrong:
        raise RehearsalError("\n  ".join([f"In {name}:", *wrong]))
