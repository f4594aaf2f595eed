"""The first page of the site: a panel at work, how to start, what to download, who made it."""

import re
import shutil
from pathlib import Path

import yaml

from teaching.address import repository
from teaching.browser import ROOT
from teaching.slides import DECKS, HANDOUTS

PANEL = ("03_random.ipynb", "explore-depth-panel")  # what the page shows at work
FILES = "files"  # the folder of the site that holds what can be downloaded
ZIP = ROOT / "build" / "course.zip"
ROW = re.compile(r"^\| (?P<number>\d+) \| \[.+\]\((?P<page>\S+\.ipynb)\) .+\|$", re.MULTILINE)


def first_page(template, lessons, *, root, folder):
    """Return the Markdown of the first page, and put what it shows beside it.

    Parameters
    ----------
    template : str
        With ``{{ get }}``, ``{{ lessons }}`` and ``{{ authors }}``.
    lessons : dict of str to nbformat.NotebookNode
        Baked, by the names of their files.
    root : Path
        Of the project, for its README.md and CITATION.cff.
    folder : Path
        Of the sources of the site.

    Returns
    -------
    str
    """
    (folder / "panel.html").write_text(_panel(lessons), encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    offered = _offer(folder / FILES)
    said = {
        "get": _get(offered),
        "lessons": _table(readme, offered),
        "authors": _authors(root),
    }
    return re.sub(r"{{ (\w+) }}", lambda part: said[part[1]], template)


def _panel(lessons):
    """Return the HTML of the panel that opens the site; nothing where its lesson is missing."""
    name, wanted = PANEL
    cells = lessons[name].cells if name in lessons else []
    shown = [out for cell in cells if cell.id == wanted for out in cell.outputs]
    return "".join(out.data["text/html"] for out in shown if "text/html" in out.data)


def _offer(folder):
    """Copy what has been made into the site; return the names of the files."""
    made = [*sorted(DECKS.glob("[0-9]*.html")), *sorted(HANDOUTS.glob("[0-9]*.pdf")), ZIP]
    made = [path for path in made if path.exists()]
    for path in made:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder)
    return {path.name for path in made}


def _get(offered):
    """Say where the course comes from."""
    address = repository()
    ways = [f"[clone it]({address})"] if address else []
    if ZIP.name in offered:
        ways.append(f"<a href='{FILES}/{ZIP.name}'>download the course</a>")
    return " or ".join(ways) or "ask for it where you found this page"


def _table(readme, offered):
    """Return the table of lessons of README.md, with the files of each lesson."""
    start = readme.find("| | lesson |")
    rows = readme[start:].split("\n\n")[0].splitlines() if start >= 0 else []
    if not any(name.endswith((".html", ".pdf")) for name in offered):
        return "\n".join(rows)
    found = []
    for row in rows:
        lesson = ROW.match(row)
        added = {"| | l": " slides | handout |", "|---|": "---|---|"}.get(row[:5])
        if lesson:
            stem = Path(lesson["page"]).stem
            links = [
                f"<a href='{FILES}/{name}'>{words}</a>" if name in offered else ""
                for name, words in ((f"{stem}.html", "deck"), (f"{stem}.pdf", "PDF"))
            ]
            added = " " + " | ".join(links) + " |"
        found.append(row + (added or ""))
    return "\n".join(found)


def _authors(root):
    """Say who made the course, how to cite it, and its licences."""
    path = root / "CITATION.cff"
    if not path.exists():
        return ""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = ", ".join(
        a.get("name") or f"{a.get('given-names', '')} {a.get('family-names', '')}".strip()
        for a in said["authors"]
    )
    return (
        f"{names}: *{said['title']}*, version {said['version']}, "
        f"{said['date-released']}. "
        f"Code: {said['license']}; texts and pictures: CC BY 4.0. "
        f"{said['message']}"
    )
