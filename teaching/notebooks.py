"""Run notebooks and write their outputs, in a form that does not change without a reason.

``python -m teaching.notebooks``, or ``make notebooks``, runs all lessons.
"""

import base64
import io
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from course.copies import SOURCES, mark_as_edited

VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_CELL_METADATA = {"slideshow", "lecture", "tags", "editable", "deletable", "nbgrader"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def normalise(notebook):
    """Drop from a notebook, in place, what depends on the machine or the moment.

    That is versions, timestamps and the state of widgets. A widget's output keeps its picture:
    the view itself would say "model not found" to whoever opens the notebook next.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode
        The same one.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        for key in set(cell.metadata) - KEPT_CELL_METADATA:
            del cell.metadata[key]
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output["data"].pop(VIEW, None)
                output["data"]["image/png"] = output["data"]["image/png"].strip()
    return notebook


def run(notebook, folder, timeout=120, **variables):
    """Run a notebook from top to bottom, in place, as if it lay in `folder`; normalise it.

    Its kernel gets the environment variables `variables` in addition to ours. A cell may take
    `timeout` seconds.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises; its message shows the cell.
    """
    NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        coalesce_streams=True,  # else what is printed is cut where the kernel paused
        resources={"metadata": {"path": folder}},
    ).execute(env=os.environ | variables, stderr=subprocess.DEVNULL)  # warnings on sockets
    return normalise(notebook)


def pictures(cell):
    """Return the outputs of a cell that hold a picture."""
    return [out for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]


BLOCK, SHADES, SHARE = 4, 48, 0.02


def alike(one, other):
    """Tell whether two pictures show the same: PNGs, as a notebook holds them.

    Processors and versions of Matplotlib shift a line or a letter by a fraction of a pixel. So
    the means of blocks of 4 × 4 pixels are compared: not more than 2 % of those that are not
    white in both may differ by more than 48 of 255 shades.
    """
    images = [
        Image.open(io.BytesIO(base64.b64decode(png))).convert("L") for png in (one, other)
    ]
    if images[0].size != images[1].size:
        return False
    first, second = (np.asarray(image.reduce(BLOCK), float) for image in images)
    drawn = np.minimum(first, second) < 250
    return np.sum(abs(first - second) > SHADES) <= SHARE * max(drawn.sum(), 1)


def keep_pictures(notebook, before):
    """Put saved pictures back, in place, where the new ones say and show the same."""
    saved = {cell.id: pictures(cell) for cell in before.cells}
    for cell in notebook.cells:
        for new, old in zip(pictures(cell), saved.get(cell.id, []), strict=False):
            same = new.data["text/plain"] == old.data["text/plain"]
            if same and alike(new.data["image/png"], old.data["image/png"]):
                new.data["image/png"] = old.data["image/png"]
    return notebook


def write(notebook, path):
    """Write a notebook at once: an interrupted run leaves the old file whole."""
    part = path.with_suffix(".part")
    part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    os.replace(part, path)


def execute(path):
    """Run the notebook at `path` and write it back; nothing is written if a cell raises.

    What it measures with a framework is recorded for readers without (`helpers.recorded`).
    """
    notebook = nbformat.read(path, as_version=4)
    before = deepcopy(notebook)
    write(keep_pictures(run(notebook, path.parent, COURSE_RECORD="1"), before), path)


def main(paths):
    """Execute the notebooks at `paths`, or all lessons, and say which failed."""
    paths = paths or sorted(SOURCES.glob("*.ipynb"))
    failed = []
    if any(SOURCES in path.resolve().parents for path in map(Path, paths)):
        mark_as_edited()  # `make lab` restores what a reader changed there
    for number, path in enumerate(map(Path, paths), 1):
        print(f"[{number}/{len(paths)}] {path}", flush=True)
        try:
            execute(path)
        except CellExecutionError as error:
            failed.append(path)
            print(f"{path} was left as it was: a cell failed.\n{error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
