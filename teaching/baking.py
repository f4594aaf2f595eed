"""Lessons whose panels work without a kernel: what decks, handouts and pages are made of.

Running all lessons takes minutes, so what a baked lesson shows is kept in ``build/`` until its
code or the package that it imports changes. Its words may change.
"""

import hashlib
import json
import os
import re
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from teaching import notebooks
from teaching.lecture import first_line

ROOT = Path(__file__).parents[1]
LESSONS = ROOT / "notebooks"
KEPT = ROOT / "build" / "baked"
LIMIT = 900  # seconds for a cell: a panel has a thousand frames, and some machines are slow


class BakingError(Exception):
    """A lesson cannot be shown without a kernel; the message names the cell, and why."""


def baked(path, kept, limit=None):
    """Return a lesson, run with pictures for every choice in place of live panels.

    Parameters
    ----------
    path : Path
        Of the notebook. It is read, and not changed.
    kept : Path
        Folder of what has been baked.
    limit : int, optional
        Seconds that a cell may take, if not `LIMIT`.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    BakingError
        If the file is missing or is no notebook, a cell raises or takes too long, or shows a
        widget that is not a baked panel.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise BakingError(f"{path}: there is no such file") from error
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeError) as error:
        raise BakingError(f"{path}: this is no notebook: {_plain(error)[:200]}") from error
    state = _state(notebook)
    copy = kept / path.name
    if copy.exists():
        found = nbformat.read(copy, as_version=4)
        if found.metadata.get("baked_from") == state:
            for cell, run in zip(_code(notebook), _code(found), strict=True):
                cell.outputs = run.outputs
            return notebooks.normalise(notebook)
    limit = limit or LIMIT
    for cell in _code(notebook):
        cell.outputs, cell.execution_count = [], None
    try:
        notebooks.run(notebook, path.parent, limit, COURSE_BAKE="1")
    except CellTimeoutError as error:
        raise BakingError(
            f"{path.name}, {_stopped_at(notebook)} took more than {limit} seconds"
        ) from error
    except CellExecutionError as error:
        raise BakingError(
            f"{path.name}, {_stopped_at(notebook)} failed:\n{_plain(error)}"
        ) from error
    _expect_no_dead_control(notebook, path.name)
    notebook.metadata["baked_from"] = state
    kept.mkdir(parents=True, exist_ok=True)
    notebooks.write(notebook, copy)
    return notebook


def _stopped_at(notebook):
    """Name the cell at which a run ended, as a person finds it: the last that was begun."""
    begun = [cell for cell in notebook.cells if cell.get("execution_count")]
    number = notebook.cells.index(begun[-1]) + 1
    return f'cell {number} ("{first_line(begun[-1])}")'


def _plain(error):
    """Return a message without the colours of a terminal."""
    return re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip()


@contextmanager
def baking(paths, limit=None):
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
            yield {path: pool.submit(baked, path, KEPT, limit) for path in paths}
        finally:
            pool.shutdown(cancel_futures=True)


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _state(notebook):
    """Return a checksum of the code, and of everything in the package."""
    digest = hashlib.sha256()
    digest.update(json.dumps([cell.source for cell in _code(notebook)]).encode())
    for path in sorted((ROOT / "helpers").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _expect_no_dead_control(notebook, name):
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if notebooks.VIEW in output.get("data", {}):
                raise BakingError(
                    f'{name}, cell {number} ("{first_line(cell)}") shows a widget that is dead '
                    "without a kernel. Show it as a helpers.panels.Panel, whose `bake` says "
                    "which settings to keep."
                )
