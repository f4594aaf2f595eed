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
import tomllib
from functools import cache
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter

from teaching.baking import LESSONS, BakingError, baking
from teaching.browser import ROOT, browser
from teaching.lecture import FOLDED, LectureError, arranged, first_line
from teaching.libraries import LibraryError, library
from teaching.rehearsal import RehearsalError, opened, rehearse, wait_until_ready

DECKS, HANDOUTS = ROOT / "build" / "slides", ROOT / "build" / "handouts"
TEMPLATES = Path(__file__).with_name("templates")
LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:)([^)#]+)\.ipynb\)")
BYLINE = ("lecturer", "institution", "date")
SCRIPTS = ("theme", "pen", "vote", "mirror", "deck")
INSIDE = ("reveal.js", "mathjax", "@fontsource/source-sans-3", "@fontsource/source-code-pro")
HIGHLIGHT = {"light": "a11y-high-contrast-light", "dark": "a11y-high-contrast-dark"}


def deck(notebook, folder, byline=""):
    """Return the HTML of a deck.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Run with COURSE_BAKE=1.
    folder : Path
        Of the lesson: pictures that its text names are taken from there into the deck.
    byline : str, optional
        Who teaches, where and when, for the title slide.

    Returns
    -------
    str

    Raises
    ------
    LectureError
        If the metadata of cells do not make a deck.
    """
    exporter = HTMLExporter(
        template_name="deck",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    notebook = _prepared(notebook)
    headings = [cell.metadata.deck["heading"] for cell in notebook.cells]
    title = next(filter(None, headings), "Slides").replace("$", "")
    parts = _parts() | {"title": title, "byline": byline}
    resources = {"deck": parts, "metadata": {"path": str(folder)}}
    html, _ = exporter.from_notebook_node(notebook, resources=resources)
    return html


def _prepared(notebook):
    """Return the cells of the slides, in their order, as the template takes them."""
    notebook = arranged(notebook)
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        cell.metadata.deck["says"] = first_line(cell)
        cell.metadata.deck["shows"] = any("text/html" in o.get("data", {}) for o in outputs)
        if cell.cell_type == "markdown":
            cell.source = FOLDED.sub(r"\1", LINK.sub(_linked, cell.source))
        else:
            cell.source = cell.source.replace("\n\n\n", "\n\n")  # space is dear on a slide
    return notebook


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
        "mathjax_js": _script(mathjax / "es5/tex-svg-full.js"),
        "reveal_js": _script(reveal / "dist/reveal.js"),
        "notes_js": _script(reveal / "plugin/notes/notes.js"),
    } | {f"{name}_js": _script(TEMPLATES / f"deck/{name}.js") for name in SCRIPTS}


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


def build(path, notebook, chromium, byline=""):
    """Write a deck, once a browser has gone through it from the first slide to the last.

    Parameters
    ----------
    path : Path
        Of the lesson.
    notebook : nbformat.NotebookNode
        The lesson, run with COURSE_BAKE=1.
    chromium : playwright.sync_api.Browser
    byline : str, optional
        For the title slide.

    Returns
    -------
    Path
        Of the deck, in `DECKS`.

    Raises
    ------
    LectureError
        If the metadata of cells do not make a deck.
    RehearsalError
        If something is wrong with it; the message says what, and in which cell. Then a deck
        that was there before stays as it is.
    """
    DECKS.mkdir(parents=True, exist_ok=True)
    part = DECKS / f".{path.stem}.html"
    part.write_text(deck(notebook, path.parent, byline), encoding="utf-8")
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
        page.pdf(
            path=part,
            prefer_css_page_size=True,
            print_background=True,
            tagged=True,
            outline=True,
        )
    return part.replace(HANDOUTS / f"{deck.stem}.pdf")


def make(lessons, chromium, *, handouts=False, byline="", limit=None):
    """Make the decks of lessons, and handouts if asked for; return how many lessons failed.

    What is wrong with a lesson is printed, and the next one made. A cell may take `limit`
    seconds.
    """
    failed = 0
    _keep_licences()  # these are fetched before minutes are spent on lessons
    with baking(lessons, limit) as baked:
        for path in lessons:
            try:
                deck = build(path, baked[path].result(), chromium, byline)
                _report(deck)
                if handouts:
                    _report(print_handout(deck, chromium))
            except (BakingError, LectureError, RehearsalError) as error:
                failed += 1
                print(f"{path.name} did not become a deck. {error}", file=sys.stderr)
    return failed


def main(arguments=None):
    """Make the decks that are asked for, or all; return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m teaching.slides")
    parser.add_argument("lessons", nargs="*", type=Path, metavar="notebook")
    parser.add_argument("--handout", action="store_true", help="print the decks as PDF too")
    parser.add_argument("--limit", type=int, help="seconds that a cell may take", default=None)
    for name in BYLINE:
        parser.add_argument(f"--{name}", help="for the title slide", default="")
    options = parser.parse_args(arguments)
    lessons = options.lessons or sorted(LESSONS.glob("*.ipynb"))
    try:
        byline = _byline(vars(options))
        with browser() as chromium:
            failed = make(
                lessons,
                chromium,
                handouts=options.handout,
                byline=byline,
                limit=options.limit,
            )
            return min(1, failed)
    except (LibraryError, LectureError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


def _byline(options, file=ROOT / "lecture.toml"):
    """Return who teaches, where and when: what was typed, and what a file says otherwise.

    Raises
    ------
    LectureError
        If the file cannot be read, or says something else.
    """
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LectureError(f"{file.name} cannot be read: {error}") from error
    if unknown := set(said) - set(BYLINE):
        raise LectureError(
            f"{file.name} may say {', '.join(BYLINE)}; got {', '.join(sorted(unknown))}"
        )
    return " · ".join(
        filter(None, (options[name] or str(said.get(name, "")) for name in BYLINE))
    )


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
