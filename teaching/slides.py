"""Turn lessons into decks: one HTML file each, that needs no kernel and fetches nothing.

``python -m teaching.slides notebooks/*.ipynb``, or ``make slides``. With ``--handout``, or
``make handout``, they are printed as PDF too.
"""

import argparse
import base64
import os
import re
import shutil
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path

from nbclient.exceptions import CellExecutionError
from nbconvert.exporters import SlidesExporter
from pygments.formatters import HtmlFormatter

from teaching.baking import LESSONS, DeadControlError, baking
from teaching.browser import ROOT, browser
from teaching.libraries import LibraryError, library
from teaching.rehearsal import RehearsalError, opened, rehearse, wait_until_ready

DECKS, HANDOUTS = ROOT / "build" / "slides", ROOT / "build" / "handouts"
TEMPLATES = Path(__file__).with_name("templates")
HEADING = re.compile(r"#+ +(.+)")
LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:)([^)#]+)\.ipynb\)")
# What is for the lecturer is folded in a notebook, and open in the speaker view.
NOTE = re.compile(
    r"<details><summary>For the lecturer</summary>\n\n(.+)\n\n</details>", re.DOTALL
)
KINDS = {"Predict": "predict", "What to remember": "remember", "Sources": "sources"}
INSIDE = ("reveal.js", "mathjax", "@fontsource/source-sans-3", "@fontsource/source-code-pro")
HIGHLIGHT = {"light": "a11y-high-contrast-light", "dark": "a11y-high-contrast-dark"}


def deck(notebook, folder):
    """Return the HTML of a deck.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Run with COURSE_BAKE=1.
    folder : Path
        Of the lesson: pictures that its text names are taken from there into the deck.

    Returns
    -------
    str
    """
    exporter = SlidesExporter(
        template_name="deck",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    notebook = _described(notebook)
    headings = [cell.metadata.deck["heading"] for cell in notebook.cells]
    parts = _parts() | {"title": next(filter(None, headings), "Slides")}
    resources = {"deck": parts, "metadata": {"path": str(folder)}}
    html, _ = exporter.from_notebook_node(notebook, resources=resources)
    return html


def _described(notebook):
    """Return a copy in which the first cell of each slide knows its heading and its kind."""
    notebook = deepcopy(notebook)
    heading, kind, before = "", "title", None
    for cell in notebook.cells:
        own = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if own:
            heading = own.group(1)
            kind = next((k for start, k in KINDS.items() if heading.startswith(start)), "step")
        cell.metadata.deck = {
            "heading": heading,
            "running": "" if own else heading,
            "kind": kind,
            "shows": any("text/html" in o.get("data", {}) for o in cell.get("outputs", [])),
        }
        if cell.cell_type == "markdown":
            cell.source = NOTE.sub(r"\1", LINK.sub(_linked, cell.source))
        else:
            cell.source = cell.source.replace("\n\n\n", "\n\n")  # space is dear on a slide
        if before is not None and HEADING.fullmatch(before.source):
            _show_at_once(cell)
        before = cell
    notebook.cells[0].metadata.deck["kind"] = "title"
    return notebook


def _show_at_once(cell):
    """Let a fragment stand there from the start: a bare heading is no step of its own."""
    if cell.metadata.get("slideshow", {}).get("slide_type") == "fragment":
        cell.metadata.slideshow.slide_type = "-"


def _linked(link):
    """Point a link at another lesson to its deck; of a link to another file leave the text."""
    words, target = link.groups()
    path = Path(target)
    return f"[{words}]({path.stem}.html)" if path.parent == Path() else words


@cache
def _parts():
    """Return what is inlined in every deck."""
    reveal, mathjax = library("reveal.js"), library("mathjax")
    return {
        "fonts": _fonts("Source Sans 3", "@fontsource/source-sans-3")
        + _fonts("Source Code Pro", "@fontsource/source-code-pro"),
        "reveal_css": _text(reveal / "dist/reveal.css"),
        "highlight_css": _highlighting(),
        "deck_css": _text(TEMPLATES / "deck/deck.css"),
        "theme_js": _script(TEMPLATES / "deck/theme.js"),
        "mathjax_js": _script(mathjax / "es5/tex-svg-full.js"),
        "reveal_js": _script(reveal / "dist/reveal.js"),
        "notes_js": _script(reveal / "plugin/notes/notes.js"),
        "deck_js": _script(TEMPLATES / "deck/deck.js"),
    }


def _text(path):
    return path.read_text(encoding="utf-8")


def _script(path):
    """Return JavaScript that may stand in a page: no string in it ends the script."""
    return _text(path).replace("</script", r"<\/script")


def _fonts(family, package):
    """Return CSS that holds the files of a font."""
    faces = []
    for path in sorted((library(package) / "files").glob("*.woff2")):
        weight, style = path.stem.split("-")[-2:]
        data = base64.b64encode(path.read_bytes()).decode()
        faces.append(
            f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
            f'font-style: {style}; src: url("data:font/woff2;base64,{data}"); }}'
        )
    return "\n".join(faces)


def _highlighting():
    """Return CSS for highlighted code, light and dark, with enough contrast to read."""
    return "\n".join(
        HtmlFormatter(style=style).get_style_defs(f'[data-theme="{theme}"] .highlight')
        for theme, style in HIGHLIGHT.items()
    )


def build(path, notebook, chromium):
    """Write a deck, once a browser has gone through it from the first slide to the last.

    Parameters
    ----------
    path : Path
        Of the lesson.
    notebook : nbformat.NotebookNode
        The lesson, run with COURSE_BAKE=1.
    chromium : playwright.sync_api.Browser

    Returns
    -------
    Path
        Of the deck, in `DECKS`.

    Raises
    ------
    RehearsalError
        If something is wrong with it; the message says what, and in which cell. Then a deck
        that was there before stays as it is.
    """
    DECKS.mkdir(parents=True, exist_ok=True)
    part = DECKS / f".{path.stem}.html"
    part.write_text(deck(notebook, path.parent), encoding="utf-8")
    try:
        with opened(chromium, part) as page:
            rehearse(page, path.name)
        return part.replace(DECKS / f"{path.stem}.html")
    finally:
        part.unlink(missing_ok=True)


def print_handout(deck, chromium):
    """Print the deck at a path as PDF, a page for each slide, and return the PDF's path."""
    HANDOUTS.mkdir(parents=True, exist_ok=True)
    part = HANDOUTS / f".{deck.stem}.pdf"
    with opened(chromium, deck, query="?print-pdf") as page:
        wait_until_ready(page)
        page.pdf(path=part, prefer_css_page_size=True, print_background=True)
    return part.replace(HANDOUTS / f"{deck.stem}.pdf")


def make(lessons, chromium, *, handouts=False):
    """Make the decks of lessons, and handouts if asked for; return how many lessons failed.

    What is wrong with a lesson is printed, and the next one made.
    """
    failed = 0
    _keep_licences()  # these are fetched before minutes are spent on lessons
    with baking(lessons) as baked:
        for path in lessons:
            try:
                deck = build(path, baked[path].result(), chromium)
                _report(deck)
                if handouts:
                    _report(print_handout(deck, chromium))
            except (CellExecutionError, DeadControlError, RehearsalError) as error:
                failed += 1
                print(f"{path.name} did not become a deck. {error}", file=sys.stderr)
    return failed


def main(arguments=None):
    """Make the decks that are asked for, or all; return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m teaching.slides")
    parser.add_argument("lessons", nargs="*", type=Path, metavar="notebook")
    parser.add_argument("--handout", action="store_true", help="print the decks as PDF too")
    options = parser.parse_args(arguments)
    lessons = options.lessons or sorted(LESSONS.glob("*.ipynb"))
    try:
        with browser() as chromium:
            return min(1, make(lessons, chromium, handouts=options.handout))
    except (LibraryError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


def _keep_licences():
    """Put the licences of what a deck holds beside the decks."""
    folder = DECKS / "licences"
    folder.mkdir(parents=True, exist_ok=True)
    for name in INSIDE:
        shutil.copy(library(name) / "LICENSE", folder / f"{name.rpartition('/')[2]}.txt")


def _report(path):
    print(f"{os.path.relpath(path)}: {path.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
