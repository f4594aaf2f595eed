"""Every way to move every control of a baked panel, on a page or a slide without a kernel."""

from functools import partial

from teaching import browser
from tests.browser.controls import unchanged

PLAYING = "■"
# On a slide, what the mouse has used gives the focus back a moment later, in a task that comes
# before this; a key that is pressed until then may turn the slide.
FOCUS_IS_BACK = "() => new Promise(done => setTimeout(done))"


def dead_moves(panel):
    """Move every control by mouse and keys; return which left picture or words as before.

    Parameters
    ----------
    panel : playwright.sync_api.Locator
        Of one ``.baked-panel``, which is shown.

    Returns
    -------
    list of str
    """
    dead = []
    for name, move in _moves(panel):
        before = browser.picture(panel)
        move()
        panel.page.evaluate(FOCUS_IS_BACK)
        dead += [f"{name}: {what} unchanged" for what in unchanged(panel, before)]
    return dead


def _moves(panel):
    """Yield ``(name, move)``: calling ``move()`` leads to another value than the one before."""
    rows = panel.locator("form > div").all()
    if not rows:
        raise AssertionError("a panel without controls")
    for row in rows:
        if row.locator("input[type=range]").count():
            yield from _slider_moves(row)
        else:
            yield from _radio_moves(row)


def _slider_moves(row):
    slider, button = row.locator("input[type=range]"), row.locator("button:not(.reset)")
    ways_to_play = {"a click": button.click, "Enter": partial(button.press, "Enter")}
    if not button.count():  # it has few values
        ways_to_play = {}
    name, last = slider.get_attribute("aria-label"), int(slider.get_attribute("max"))

    def value():
        return int(slider.input_value())

    yield (
        f"{name} by an arrow",
        partial(slider.press, "ArrowLeft" if value() == last else "ArrowRight"),
    )

    def far():
        return 0.98 if 2 * value() < last else 0.02

    track = partial(slider.click, position=_point(slider, far()))
    yield f"{name} by a click on the track", track
    yield f"{name} by a drag", partial(_drag, slider, value() / last, far())
    slider.press("End")
    yield f"{name} by Home", partial(slider.press, "Home")
    for way, start in ways_to_play.items():
        slider.press("End")
        yield f"{name} played by {way}", start  # from the first value
        if way == "a click":
            yield f"{name}, playing", lambda: None
        if button.text_content() == PLAYING:
            button.click()
            slider.page.evaluate(FOCUS_IS_BACK)


def _drag(slider, start, end):
    """Drag the handle from one fraction of the track to another."""
    slider.hover(position=_point(slider, start))  # waits until it stands still
    box, mouse = slider.bounding_box(), slider.page.mouse
    inset = box["height"] / 2
    mouse.down()
    mouse.move(box["x"] + inset + end * (box["width"] - 2 * inset), box["y"] + inset, steps=4)
    mouse.up()


def _point(slider, fraction):
    """Return where the handle stands, within the slider, at a fraction of the track."""
    width, height = slider.evaluate("s => [s.offsetWidth, s.offsetHeight]")
    return {"x": height / 2 + fraction * (width - height), "y": height / 2}


def _radio_moves(row):
    labels, chosen = row.locator("label").all(), row.locator("input:checked")
    labels.sort(key=lambda label: label.locator("input").is_checked())  # each is a change
    for label in labels:
        yield f"click on {label.text_content()}", label.click
    for key in ("ArrowRight", "ArrowLeft"):
        yield f"{key} in {row.get_attribute('aria-label')}", partial(chosen.press, key)
