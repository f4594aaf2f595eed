"""Where the course is published, and what is made from that: badges, links and install lines.

The address of the repository stands in one place, ``[tool.course] repository`` in
pyproject.toml. ``python -m teaching.address``, or ``make address``, writes what follows from it
into README.md, docs/elsewhere.md and the lessons. Without an address these parts are left out.
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

from course.copies import mark_as_edited
from teaching.notebooks import write

ROOT = Path(__file__).parents[1]
LESSONS = ROOT / "notebooks"
CELL = "elsewhere"  # the cell of a lesson, and the document
PART = re.compile(r"(<!-- made by make address: (\w+) -->\n).*?(<!-- end -->\n)", re.S)
GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
BADGES = (
    (
        "Binder",
        "https://mybinder.org/badge_logo.svg",
        "https://mybinder.org/v2/gh/{}/main?urlpath=lab/tree/notebooks/00_start_here.ipynb",
    ),
    (
        "Colab",
        "https://colab.research.google.com/assets/colab-badge.svg",
        "https://colab.research.google.com/github/{}/blob/main/notebooks/00_start_here.ipynb",
    ),
    (
        "Codespaces",
        "https://github.com/codespaces/badge.svg",
        "https://codespaces.new/{}",
    ),
)


IN_A_CELL = "Put a cell above the first one, and run in it"


def repository():
    """Return the address at which the course is published, or ''."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["course"]["repository"]


def site_address():
    """Return the address of the site, with a slash at its end: GitHub's Pages, or ''."""
    found = GITHUB.fullmatch(repository())
    if not found:
        return ""
    owner, name = found[1].split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


def parts(address):
    """Return the Markdown that each part of a document has, by the part's name."""
    install = _install(address)
    paths = sorted(LESSONS.glob("*.ipynb"))
    lessons = "".join(f"* [{path.stem}]({_on_colab(address, path)})\n" for path in paths)
    return {
        "badges": _badges(address),
        "install": f"{IN_A_CELL}\n```\n{install}\n```\nor: " if address else "",
        "colab": f"\nOpen a lesson there:\n\n{lessons}\n" if _on_github(address) else "",
        "clone": f"```\ngit clone {address}\n```\n" if address else "",
    }


def filled(text, address):
    """Return a document with its parts as they follow from an address."""
    made = parts(address)
    return PART.sub(lambda part: f"{part[1]}{made[part[2]]}{part[3]}", text)


def advice(address):
    """Return what stands, folded, below the first cell of a lesson."""
    hosted = f"run `{_install(address)}`" if address else "run `%pip install -q course.zip`"
    return (
        "<details><summary>Did this cell fail?</summary>\n\n"
        "`No module named 'helpers'` says that the notebook runs in a Python without the "
        "course's package. In VS Code, choose the kernel in `.venv`, which `make copies` "
        f"makes. On Colab or Kaggle, {hosted} in a new cell above this one. The file "
        "`docs/elsewhere.md` of the course says more.\n\n</details>"
    )


def advised(notebook, address):
    """Put the advice into a lesson, in place, below its first cell of code; return it."""
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") != CELL]
    kinds = [cell.cell_type for cell in notebook.cells]
    cell = new_markdown_cell(advice(address), id=CELL)
    cell.metadata["slideshow"] = {"slide_type": "skip"}
    notebook.cells.insert(kinds.index("code") + 1, cell)
    return notebook


def _install(address):
    return f"%pip install -q git+{address}"


def _on_github(address):
    """Return owner and name of a repository on GitHub, or ''."""
    found = GITHUB.fullmatch(address)
    return found[1] if found else ""


def _on_colab(address, path):
    name = _on_github(address)
    return f"https://colab.research.google.com/github/{name}/blob/main/notebooks/{path.name}"


def _badges(address):
    name = _on_github(address)
    links = [f"[![{what}]({image})]({link.format(name)})" for what, image, link in BADGES]
    return "\n".join([*links, ""]) if name else ""


def main():
    """Write all that follows from the address; return the exit status."""
    address = repository()
    mark_as_edited()
    for path in (ROOT / "README.md", ROOT / "docs" / "elsewhere.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(filled(text, address), encoding="utf-8")
    for path in sorted(LESSONS.glob("*.ipynb")):
        write(advised(nbformat.read(path, as_version=4), address), path)
    print(f"Written for the address {address or '(none)'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
