"""Lessons whose panels work without a kernel: what decks, handouts and pages are made of.

Running all lessons takes minutes, so a baked lesson is kept in ``build/`` until a cell of it or
the package that it imports changes.
"""

import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import nbformat

from teaching import notebooks

ROOT = Path(__file__).parents[1]
LESSONS = ROOT / "notebooks"
KEPT = ROOT / "build" / "baked"
LIMIT = 900  # seconds for a cell: a panel has a thousand frames, and some machines are slow


class DeadControlError(Exception):
    """A cell shows a control that does nothing without a kernel; the message names it."""


def baked(path, kept):
    """Return a lesson, run with pictures for every choice in place of live panels.

    Parameters
    ----------
    path : Path
        Of the notebook. It is read, and not changed.
    kept : Path
        Folder of what has been baked.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises; its message shows the cell.
    DeadControlError
        If a cell shows a widget that is not a baked panel.
    """
    notebook = nbformat.read(path, as_version=4)
    state = _state(notebook)
    copy = kept / path.name
    if copy.exists():
        found = nbformat.read(copy, as_version=4)
        if found.metadata.get("baked_from") == state:
            return found
    notebooks.run(notebook, path.parent, LIMIT, COURSE_BAKE="1")
    _expect_no_dead_control(notebook, path.name)
    notebook.metadata["baked_from"] = state
    kept.mkdir(parents=True, exist_ok=True)
    notebooks.write(notebook, copy)
    return notebook


@contextmanager
def baking(paths):
    """Start to bake lessons, as many at a time as there are processors.

    Yields
    ------
    dict of Path to concurrent.futures.Future
        Of each lesson what `baked` returns or raises.
    """
    print("Drawing all pictures of the panels of what has changed (minutes, at first) ...")
    # Spawned: a process that is forked beside a browser may wait for it forever.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        try:
            yield {path: pool.submit(baked, path, KEPT) for path in paths}
        finally:
            pool.shutdown(cancel_futures=True)


def _state(notebook):
    """Return a checksum of the cells, and of everything in the package."""
    digest = hashlib.sha256()
    cells = [
        (cell.cell_type, cell.get("id"), cell.metadata, cell.source) for cell in notebook.cells
    ]
    digest.update(json.dumps(cells).encode())
    for path in sorted((ROOT / "helpers").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _expect_no_dead_control(notebook, name):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if notebooks.VIEW in data:
                raise DeadControlError(
                    f"{name}, cell {cell.id!r} shows a widget that is dead without a kernel. "
                    "Show it as a helpers.panels.Panel, whose `bake` says which settings to "
                    "keep."
                )
