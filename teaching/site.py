"""Turn all lessons and exercises into pages to read, that need no kernel and fetch nothing.

``python -m teaching.site``, or ``make site``, gathers them in ``build/site-source/``, has
Sphinx make ``build/site/`` of them, and opens every page in a browser before it replaces the
old one. How the pages look is said in ``teaching/templates/site/``.
"""

import os
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat

from teaching.address import site_address
from teaching.baking import LESSONS, BakingError, baking
from teaching.browser import ROOT, browser
from teaching.exercises import COPIES, MASTERS, is_untouched, student_copy
from teaching.first_page import FILES, first_page
from teaching.libraries import LibraryError, library
from teaching.notebooks import write
from teaching.rehearsal import FETCHING, dead_controls, opened

SITE, SOURCE = ROOT / "build" / "site", ROOT / "build" / "site-source"
SETTINGS = Path(__file__).with_name("templates") / "site"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\w+:|#)([^)#\s]+)([^)]*)\)")
OWN_ANCHOR = re.compile(r"\[([^\]]+)\]\(#([\w-]+)\)(?=[\s\S]*<details id=\"\2\">)")
DOCUMENTS = """
```{toctree}
:hidden:
:caption: About the course
:glob:

README
docs/*
reference
```
"""
PUBLIC = (
    *("activations", "initializers", "propagation", "gaussian", "network", "training"),
    *("datasets", "claims", "quiz", "inspection"),
)
TYPESET = "() => window.MathJax?.startup.promise.then(() => true)"


class SiteError(Exception):
    """The pages do not work as they should; the message lists what is wrong."""


def page(notebook):
    """Return a notebook as Sphinx is to show it.

    Notes for the speaker are left out, and of what shows a panel or a question the code is
    hidden. In HTML the name of its cell is kept.
    """
    notebook = deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if not _is_note(cell)]
    for cell in notebook.cells:
        tags = cell.metadata.setdefault("tags", [])
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                html = output.data["text/html"]
                output.data["text/html"] = f'<div data-cell="{cell.id}">{html}</div>'
                if "\n" not in cell.source:
                    tags.append("remove-input")
    return notebook


def _is_note(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type") == "notes"


def gather(lessons, exercises, *, root=ROOT, folder=SOURCE):
    """Put together what Sphinx reads, in a new folder, laid out as the project is.

    Parameters
    ----------
    lessons, exercises : dict of str to nbformat.NotebookNode
        By the names of their files.
    root : Path, optional
        Of the project, for its README.md and docs/.
    folder : Path, optional
        What is in it is deleted.
    """
    shutil.rmtree(folder, ignore_errors=True)
    notebooks = {f"notebooks/{name}": made for name, made in lessons.items()}
    notebooks |= {f"notebooks/exercises/{name}": made for name, made in exercises.items()}
    for name, notebook in notebooks.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(page(notebook), folder / name)
    if (root / "docs").is_dir():
        shutil.copytree(root / "docs", folder / "docs")
    shutil.copy(root / "README.md", folder)
    documents = list(folder.glob("docs/*.md"))
    index = (SETTINGS / "index.md").read_text(encoding="utf-8")
    index = first_page(index, lessons, root=root, folder=folder)
    (folder / "index.md").write_text(index + DOCUMENTS * bool(documents), "utf-8")
    (folder / "reference.md").write_text(_reference(), "utf-8")
    for path in [folder / "index.md", folder / "README.md", *documents]:
        text = path.read_text(encoding="utf-8")
        text = LINK.sub(lambda link, at=path: _linked(link, at), text)
        path.write_text(OWN_ANCHOR.sub(r'<a href="#\2">\1</a>', text), "utf-8")


def _reference():
    """Return a page of what `helpers` offers, made of its docstrings."""
    parts = ["# Reference: helpers", ""]
    for name in PUBLIC:
        parts += [f"## helpers.{name}", "", "```{eval-rst}", f".. automodule:: helpers.{name}"]
        parts += ["   :members:", "```", ""]
    return "\n".join(parts)


def _linked(link, path):
    """Keep a link to a page; of a link to another file of the project leave the words."""
    words, target, anchor = link.groups()
    return f"[{words}]({target}{anchor})" if (path.parent / target).is_file() else words


def exercise(path):
    """Return the exercises at `path` as they are handed out, also if they were worked in."""
    notebook = nbformat.read(path, as_version=4)
    master = MASTERS / path.stem / path.name
    if is_untouched(notebook) or not master.exists():
        return notebook
    return student_copy(nbformat.read(master, as_version=4))


def build(chromium, *, source=SOURCE, folder=SITE):
    """Make the pages of what was gathered, once a browser has gone through all of them.

    Returns
    -------
    Path
        Of the first page.

    Raises
    ------
    SiteError
        If Sphinx warns of something, or a page does not work: it takes something from outside,
        an error occurs, or a control does nothing. Then the site that was there before stays.
    """
    scratch = folder.with_name(f"{folder.name}-new")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        _make(source, scratch / "html")
        wrong = []
        for path in pages_of(scratch / "html"):
            name = path.relative_to(scratch / "html").with_suffix("")
            with opened(chromium, path) as shown:
                found = _problems(shown, source / f"{name}.ipynb", scratch / "html")
            wrong += [f"{name}: {problem}" for problem in found]
        if wrong:
            raise SiteError("\n  ".join(["Opened in a browser:", *wrong]))
        _replace(folder, scratch)
        return folder / "index.html"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def pages_of(site):
    """Return the paths of the pages of a site, but for decks, and that for wrong addresses."""
    pages = sorted(site.rglob("*.html"))
    return [path for path in pages if path.parent.name != FILES and path.name != "404.html"]


def _make(source, folder):
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    command += ["-d", folder.with_name("doctrees"), "-c", SETTINGS, source, folder]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SiteError(f"Sphinx says:\n{_with_cells(run.stderr, source)}")
    if (source / FILES).is_dir():
        shutil.copytree(source / FILES, folder / FILES)
    if address := site_address():
        pages = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
        sitemap = "".join(f"{address}{page}\n" for page in pages)
        (folder / "sitemap.txt").write_text(sitemap, encoding="utf-8")


def _with_cells(said, source):
    """Put names of cells where Sphinx counts 10000 lines for each."""

    def name(place):
        cells = nbformat.read(source / place[1], as_version=4).cells
        return f"{place[1]}, cell {cells[int(place[2]) // 10_000 - 1].id!r}"

    return re.sub(rf"{re.escape(str(source))}/(\S+\.ipynb):(\d{{5,}})", name, said)


def _problems(shown, notebook, site):
    """Return what is wrong with an opened page, with the cell if it is known."""
    shown.evaluate(TYPESET)
    found = [
        f"{_cell(cell, address, notebook)} takes {address[:200]} from outside the site"
        for address, cell in shown.evaluate(FETCHING, site.resolve().as_uri())
    ]
    return found + dead_controls(shown) + shown.problems


def _cell(name, address, notebook):
    """Return the name of a cell that has an address in its text, where the page has no name."""
    if name == "none" and notebook.exists():
        cells = nbformat.read(notebook, as_version=4).cells
        name = next((c.id for c in cells if address.rstrip("/") in c.source), name)
    return f"cell {name!r}"


def _replace(folder, scratch):
    """Put the new site in the place of the old one, which comes back if that fails."""
    old = scratch / "old"
    if folder.exists():
        folder.rename(old)
    try:
        (scratch / "html").rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)


def make(chromium, *, source=SOURCE, folder=SITE):
    """Make the site of all lessons and exercises; parameters and errors are those of `build`.

    Raises
    ------
    teaching.baking.BakingError
        If a lesson cannot be shown without a kernel.
    """
    lessons, exercises = sorted(LESSONS.glob("*.ipynb")), sorted(COPIES.glob("*.ipynb"))
    made = {}
    with baking(lessons) as baked:
        for number, path in enumerate(lessons, 1):
            print(f"[{number}/{len(lessons)}] {path.name}", flush=True)
            made[path.name] = baked[path].result()
    gather(made, {path.name: exercise(path) for path in exercises}, folder=source)
    print("Making the pages, and opening each in a browser ...", flush=True)
    return build(chromium, source=source, folder=folder)


def main():
    """Make the site; return 1 if it was not made."""
    try:
        library("mathjax")  # before minutes are spent on lessons
        with browser() as chromium:
            first = make(chromium)
    except (BakingError, SiteError) as error:
        print(f"The site was not made; an older one is as it was.\n{error}", file=sys.stderr)
        return 1
    except (LibraryError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{os.path.relpath(first)}: the first of the pages, together {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
