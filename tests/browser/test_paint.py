"""Tests of what a page paints from a figure's list, beside what Matplotlib paints itself."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager
from PIL import Image

from helpers.figures.baked import script
from helpers.figures.recorder import Recorder
from helpers.panels import PANELS
from tests.test_panels import ends

# Records, in `words`, the corners of whatever words are painted, and their size in pixels.
RECORD_WORDS = """
const fillText = CanvasRenderingContext2D.prototype.fillText;
window.words = [];
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const {a, b, c, d, e, f} = this.getTransform(), {width} = this.measureText(text);
  const size = Number(this.font.match(/([\\d.]+)px/)[1]);
  const at = (u, v) => [a * u + c * v + e, b * u + d * v + f];
  const above = y - 0.7 * size;
  const corners = [at(x, y), at(x + width, y), at(x, above), at(x + width, above)];
  words.push({text, size: size * Math.hypot(a, b), place: [a, b, e, f], corners});
  fillText.call(this, text, x, y);
};
// Paint a list in a page of some width, and return its pixels and words.
window.painted = ({size, columns, palettes, still, moving}, width) => {
  const host = document.createElement('div');
  host.style.width = `${width}px`;
  document.body.replaceChildren(host);
  const bytesOf = Object.fromEntries(Object.entries(palettes).map(([n, b]) => [n, bytes(b)]));
  const shown = picture(host, {size, columns, palettes: bytesOf, least: 1, largest: 1});
  host.append(shown.canvas);
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
        "<style>@font-face { font-family: Matplotlib;"
        f"src: url(data:font/ttf;base64,{data}) }}"
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
        for value in (ends(control)[0], ends(control)[-1]) if name != "seed" else ():
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
    """Return the words that are painted, and their left, top, right and bottom."""
    words = [word for word in words if word["text"].strip()]
    corners = np.array([word["corners"] for word in words])
    return words, np.hstack([corners.min(axis=1), corners.max(axis=1)])


def test_a_page_paints_what_matplotlib_does(painter, drawn):
    """But for the edges of shapes and letters, which both smooth in their own way."""
    for settings, items, pixels in drawn:
        found = paint(painter, items, items["size"][0], family="Matplotlib")
        image = Image.open(io.BytesIO(base64.b64decode(found["png"]))).convert("RGB")
        different = np.abs(np.asarray(image, int) - pixels).max(axis=2) > 32
        assert different.mean() < 0.03, settings
        for left, top, right, bottom in boxes(found["words"])[1].astype(int):
            different[top - 3 : bottom + 6, left - 2 : right + 3] = False
        assert different.mean() < 0.004, settings


@pytest.mark.parametrize("width", [1080, 700, 358])
def test_words_keep_their_size_and_do_not_meet(painter, drawn, width):
    """In the page's own type, on a wide page and on a phone."""
    for settings, items, _ in drawn:
        found = paint(painter, items, width, family="sans-serif")
        words, at = boxes(found["words"])
        outside = (at < -1).any(axis=1) | (at[:, 2:] > np.array(found["size"]) + 1).any(axis=1)
        assert [words[i]["text"] for i in np.flatnonzero(outside)] == [], settings
        meet = (at[:, None, :2] < at[None, :, 2:] - 1).all(axis=2)
        for i, j in np.argwhere(np.triu(meet & meet.T, 1)):  # of one: exponents
            assert words[i]["place"] == words[j]["place"], (settings, words[i], words[j])
        sizes = {}
        for word in words:
            place = tuple(word["place"])
            sizes[place] = max(word["size"], sizes.get(place, 0))
        assert min(sizes.values()) >= 11, settings
