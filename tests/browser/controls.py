"""Every way to move every control of a panel, found in the page."""

import re
from functools import partial

from playwright.sync_api import expect

from teaching import browser

PATIENCE = 30  # seconds until a picture that stays the same counts as unchanged


def slider_moves(locator, *, every_way):
    """Yield ``(name, move)``: calling ``move()`` leads to another value than the one before."""
    slider = browser.Slider(locator)
    first = slider.value
    low, now, high = slider.place
    middle, near, far = (0.7, 0.35, 0.9) if now - low < high - now else (0.3, 0.65, 0.1)
    key = "ArrowLeft" if now == high else "ArrowRight"
    if every_way:
        yield f"{slider.name} by {key}", partial(slider.press, key)
        yield f"{slider.name} by a click on the track", partial(slider.click, far)
    yield f"{slider.name} by a drag", partial(slider.drag, [near], steps=5)
    if every_way:
        decimals = len(first.partition(".")[2])
        value = low + middle * (high - low)
        if high < float(first):  # a logarithmic slider, whose place is an exponent
            value, decimals = 10**value, decimals + 1
        typed = f"{value:.{decimals}f}"
        yield f"{slider.name} by typing {typed}", partial(slider.write, typed)
    yield f"{slider.name} by typing {first}", partial(slider.write, first)


def button_moves(locator, *, every_way):
    """Yield ``(name, move)``, as `slider_moves` does, for a row of buttons."""
    labels = locator.locator("button").all_text_contents()
    active = locator.locator("button.mod-active").text_content()
    labels.sort(key=lambda label: label == active)  # last, so that each is a change
    for label in labels:
        button = locator.get_by_role("button", name=label, exact=True)
        yield f"click on {label}", button.click
    for label in labels * every_way:
        button = locator.get_by_role("button", name=label, exact=True)
        yield f"Enter on {label}", partial(button.press, "Enter")


# A drop-down is not among them: JupyterLab takes its keys for commands. An arrow leaves the
# cell, and an "r" to choose "relu" turns the cell into raw text.
KINDS = {"widget-slider": slider_moves, "widget-toggle-buttons": button_moves}


def sliders(panel):
    """Return the sliders of a panel."""
    return [browser.Slider(s) for s in panel.locator("> .widget-gridbox .widget-slider").all()]


def _moves(panel):
    """Yield the moves of all controls: of the first of each kind in every way."""
    seen = set()
    for locator in panel.locator(
        f"> .widget-gridbox :is({', '.join(f'.{k}' for k in KINDS)})"
    ).all():
        classes = locator.get_attribute("class").split()
        (moves,) = (KINDS[name] for name in classes if name in KINDS)
        yield from moves(locator, every_way=moves not in seen)
        seen.add(moves)


def dead_moves(panel):
    """Move every control; return which left the picture or the words as before."""
    dead = []
    for name, move in _moves(panel):
        before = browser.settled_picture(panel, quiet=0.15)
        move()
        dead += [f"{name}: {what} unchanged" for what in unchanged(panel, before)]
    return dead


def unchanged(panel, before):
    """Wait for another picture and other words; return which of them stay as before."""
    if browser.another_picture(panel, before, PATIENCE):
        return []
    now = browser.picture(panel)
    return [
        what for what, a, b in zip(("picture", "words"), before, now, strict=True) if a == b
    ]


def shown(panel, slider):
    """Return what a panel shows when it has followed a slider to its present value.

    Returns
    -------
    picture : list of str
        Source and words; see `teaching.browser.picture`.
    pixels : bytes
        A screenshot of the picture.

    Raises
    ------
    AssertionError
        If the words stay at another value.
    """
    setting = re.compile(rf" {re.escape(f'{slider.name} {float(slider.value):g}')}(;|\.$)")
    image = panel.locator(":is(img, canvas):visible")
    expect(image).to_have_accessible_name(setting, timeout=1000 * PATIENCE)
    for stop in panel.get_by_role("button", name="Stop").all():  # a run, which may pause
        expect(stop).to_be_disabled(timeout=1000 * PATIENCE)
    picture = browser.settled_picture(panel)
    # On a layer of its own: else a bar that moves beside it has parts of it scaled anew, in
    # slightly other shades.
    image.evaluate("image => { image.style.willChange = 'transform'; }")
    return picture, image.screenshot(animations="disabled")
