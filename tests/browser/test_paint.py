"""Tests of what a page paints from a figure's list, beside what Matplotlib paints itself."""

import base64
import io
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager
from PIL import Image

from helpers.figures.recorder import Recorder
from helpers.panels import PANELS
from helpers.panels.page import script
from tests.test_panels import ends

# Records, in `words`, the corners of whatever words are painted, and their size in pixels.
RECORD_WORDS = """
const fillText = CanvasRenderingContext2D.prototype.fillText;
window.words = [];
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const {a, b, c, d, e, f} = this.getTransform(), {width} = this.measureText(text);
  const size = Number(this.font.match(/([\\d.]+)px/)[1]);
  const at = (u, v) => [a * u + c * v + e, b * u + d * v + f];
  const corners = [at(x, y), at(x + width, y), at(x, y - 0.7 * size), at(x + width, y - 0.7 * size)];
  words.push({text, size: size * Math.hypot(a, b), place: [a, b, e, f], corners});
  fillText.call(this, text, x, y);
};
// Paint a list in a page of some width, and return its pixels and words.
window.painted = ({size, columns, palettes, still, moving}, width) => {
  document.body.replaceChildren();
  document.body.style.width = `${width}px`;
  const bytesOf = Object.fromEntries(Object.entries(palettes).map(([n, b]) => [n, bytes(b)]));
  const shown = picture(document.body, {size, columns, palettes: bytesOf, least: 1, largest: 1});
  document.body.append(shown.canvas);
  words.length = 0;
  shown.show({key: 0, still, moving, words: ''});
  shown.release();
  const {canvas} = shown;
  return {png: canvas.toDataURL().split(',')[1], words, size: [canvas.width, canvas.height]};
};
"""
FONT = Path(font_manager.findfont("DejaVu Sans"))


@pytest.fixture(scope="module")
def painter(chromium):
    """Return a page that paints lists, in Matplotlib's own type and in that of the page."""
    page = chromium.new_page(viewport={"width": 1300, "height": 900})
    data = base64.b64encode(FONT.read_bytes()).decode()
    page.set_content(
        f"<style>@font-face {{ font-family: Matplotlib; src: url(data:font/ttf;base64,{data}) }}"
        "body { margin: 0; color: black; background: white; font-family: sans-serif }</style>"
    )
    page.add_script_tag(content=script("paint") + RECORD_WORDS)
    page.evaluate("() => document.fonts.load('12px Matplotlib')")
    yield page
    page.close()


@pytest.fixture(scope="module", params=PANELS, ids=lambda make: make.__name__)
def drawn(request):
    """Return what a panel draws as it opens and at the ends of its controls, in two ways."""
    panel = request.param()
    recorder = Recorder(panel.figure.canvas)
    found = []
    for name, control in panel.controls.items():
        for value in ends(control):
            settings = {**panel.settings, name: value}
            panel.frame(settings)
            items = {"still": recorder.still(), "moving": recorder.moving()}
            items |= {"size": recorder.size, "columns": recorder.columns}
            items["palettes"] = recorder.palettes
            pixels = panel.figure.canvas.pixels()[..., :3].copy()
            found.append((settings, json.loads(json.dumps(items)), pixels))
    return found


def paint(painter, items, width, *, family):
    painter.evaluate("family => { document.body.style.fontFamily = family; }", family)
    return painter.evaluate("([items, width]) => painted(items, width)", [items, width])


def boxes(words):
    """Return the words that are painted, each with its left, top, right and bottom."""
    for word in words:
        if word["text"].strip():
            x, y = zip(*word["corners"], strict=True)
            yield word, np.array([min(x), min(y), max(x), max(y)])


def test_a_page_paints_what_matplotlib_does(painter, drawn):
    """But for the edges of shapes and letters, which both smooth in their own way."""
    for settings, items, pixels in drawn:
        found = paint(painter, items, items["size"][0], family="Matplotlib")
        image = Image.open(io.BytesIO(base64.b64decode(found["png"]))).convert("RGB")
        different = np.abs(np.asarray(image, int) - pixels).max(axis=2) > 32
        assert different.mean() < 0.03, settings
        for _, (left, top, right, bottom) in boxes(found["words"]):
            different[int(top) - 3 : int(bottom) + 6, int(left) - 2 : int(right) + 3] = False
        assert different.mean() < 0.004, settings


@pytest.mark.parametrize("width", [1080, 800, 600, 358])
def test_words_keep_their_size_and_do_not_meet(painter, drawn, width):
    """In the page's own type, on a wide page and on a phone."""
    for settings, items, _ in drawn:
        found = paint(painter, items, width, family="sans-serif")
        across, down = found["size"]
        words = list(boxes(found["words"]))
        for word, (left, top, right, bottom) in words:
            inside = left >= -1 and top >= -1 and right <= across + 1 and bottom <= down + 1
            assert inside, (settings, word["text"])
        for (one, a), (other, b) in combinations(words, 2):
            apart = (a[2:] <= b[:2] + 1).any() or (b[2:] <= a[:2] + 1).any()
            assert apart or one["place"] == other["place"], (settings, one["text"], other["text"])
        largest = {}  # of the parts of one: exponents are smaller
        for word, _ in words:
            place = tuple(word["place"])
            largest[place] = max(word["size"], largest.get(place, 0))
        assert min(largest.values()) >= 11, settings
