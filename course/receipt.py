"""What the reader would hand in, as it will be read: nothing is sent, and nothing is run.

Each answer stands in the cell that the exercise asks for, or it is said that it does not. The
receipt is a fingerprint of the file: who has noted it can show later that this was the file.
"""

import hashlib
import json
import re
from datetime import datetime

from course import copies
from course.problems import TYPED, Problem

STARTED, UNTOUCHED = "answered", "as it was handed out"


def main():
    """Print a receipt of each exercise that was worked in; return the exit status."""
    folder = copies.COPIES / "exercises"
    files = [path for path in sorted(folder.glob("*.ipynb")) if not path.name.startswith(".")]
    if not files:
        raise Problem(f"There is nothing in {folder}: `{TYPED} lab` makes your copies.")
    shown = [lines for path in files if (lines := _receipt(path))]
    for lines in shown:
        print("\n".join(lines), end="\n\n")
    print(
        "Hand in these files, one for each assignment."
        if shown
        else "Nothing is answered yet: your copies are as they were handed out."
    )
    return 0


def _receipt(path):
    """Return lines on a file, or none if nothing was changed in it."""
    data = path.read_bytes()
    source = _source_of(path)
    saved = datetime.fromtimestamp(path.stat().st_mtime)
    first = f"my-notebooks/exercises/{path.name}, saved {saved:%Y-%m-%d %H:%M}"
    last = f"  receipt: {hashlib.sha256(data).hexdigest()[:16]}"
    try:
        cells = json.loads(data)["cells"]
        sources = {_name(cell) or f"own {n}": _text(cell) for n, cell in enumerate(cells)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return [
            first,
            "  cannot be read as a notebook: open it in JupyterLab, and save it",
            last,
        ]
    if source is None:
        return []
    released = json.loads(source.read_bytes())["cells"]
    if copies.fingerprint({"cells": cells}) == copies.fingerprint({"cells": released}):
        return []
    return [first, *_answers(released, sources), last]


def _source_of(path):
    """Return the course's notebook that a file is a copy of, by its name, or None."""
    sources = (copies.SOURCES / "exercises").glob("*.ipynb")
    return next((s for s in sources if path.stem.startswith(s.stem)), None)


def _answers(released, sources):
    """Return a line on each answer."""
    lines, title = [], ""
    for cell in released:
        headings = re.findall(r"^#+ (.+)$", _text(cell), re.M)
        title = headings[0] if headings and cell["cell_type"] == "markdown" else title
        if cell.get("metadata", {}).get("nbgrader", {}).get("solution"):
            found = sources.get(_name(cell))
            if found is None:
                said = "its cell is gone, and an answer elsewhere may be overlooked"
            elif found.strip() in ("", _text(cell).strip()):
                said = UNTOUCHED
            else:
                said = STARTED
            lines.append(f"  {title}: {said}")
    return lines


def _name(cell):
    """Return nbgrader's name of a cell, or ''."""
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def _text(cell):
    return "".join(cell["source"])
