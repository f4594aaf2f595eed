"""The reader's notebooks: copies of the lessons and exercises, in ``my-notebooks/``.

Nobody works in ``notebooks/``: so an update of the course never meets a reader's changes. A
copy whose cells are as they were made, run or not, follows its source. One that was worked in
is kept, and a new version of its source is laid beside it. What was worked in under
``notebooks/`` itself is moved over, and the course's file is restored.
"""

import contextlib
import hashlib
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

from course.environment import ROOT
from course.problems import TYPED

SOURCES, COPIES = ROOT / "notebooks", ROOT / "my-notebooks"
RECORD = COPIES / ".copies.json"  # of each copy: of which version of its source it is
EDITING = "course.edited"  # git's setting in a checkout in which the course itself is changed


def fingerprint(notebook):
    """Return what a notebook is, but for what its cells printed and how they are numbered.

    Parameters
    ----------
    notebook : dict
        As JSON has it; a cell's source may be a text or a list of lines.

    Returns
    -------
    str
    """
    cells = [
        (cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("nbgrader"))
        for cell in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def refresh(say=print):
    """Bring the copies up to date, and return their folder.

    Parameters
    ----------
    say : callable
        Is given a line for everything that a reader should know.
    """
    COPIES.mkdir(exist_ok=True)
    _move_over(say)
    record, done = _record(), Counter()
    for source in sorted(SOURCES.rglob("*.ipynb")):
        name = source.relative_to(SOURCES)
        if not any(part.startswith(".") for part in name.parts):
            done[_bring(name.as_posix(), source.read_bytes(), record, say)] += 1
            _write(RECORD, json.dumps(record, indent=1).encode())
    if done["new"]:
        say(f"my-notebooks/: {_counted(done['new'])} made for you to work in.")
    if done["refreshed"]:
        say(
            f"my-notebooks/: {_counted(done['refreshed'])} brought up to date: you had changed "
            "nothing there."
        )
    return COPIES


def _bring(name, source, record, say):
    """Make or refresh one copy, or lay a new version beside it; return what was done, or ''.

    The record holds, for each copy, the version of its source that it last met, and the
    fingerprints of all versions that the reader was given.
    """
    copy, version, given = COPIES / name, hashlib.sha256(source).hexdigest(), _cells(source)
    known = record.get(name, {"version": "", "given": []})
    exists = os.path.lexists(copy)
    if exists and known["version"] == version:
        return ""
    data = _read(copy)
    untouched = {given, *known["given"], *([] if known["version"] else _earlier(name, data))}
    record[name] = {"version": version, "given": [*known["given"], given]}
    if not exists or _cells(data) in untouched:
        if data == source:
            return ""
        _write(copy, source)
        return "refreshed" if exists else "new"
    beside = _beside(copy, "new version", lambda there: _cells(there) in {*untouched})
    _write(beside, source)
    its = "There is a new version" if known["version"] else "The course's own version is"
    say(
        f"my-notebooks/{name}: you have worked in it, so it is kept. {its} beside it: "
        f'"{beside.name}".'
    )
    return ""


def _counted(number):
    return "1 copy" if number == 1 else f"{number} copies"


def _earlier(name, data):
    """Return the fingerprints that a copy of unknown origin has if nobody changed it."""
    listed = _git("log", "--format=%H", "--", f"notebooks/{name}") if data else ""
    return [_cells(_git("show", f"{commit}:notebooks/{name}")) for commit in listed.split()]


def _beside(copy, words, ours):
    """Return a path beside a copy, with a name that says why; `ours` may be written over."""
    number = 1
    path = copy.with_name(f"{copy.stem} ({words}){copy.suffix}")
    while os.path.lexists(path) and not ours(_read(path)):
        number += 1
        path = copy.with_name(f"{copy.stem} ({words} {number}){copy.suffix}")
    return path


def _move_over(say):
    """Move what a reader changed under ``notebooks/``, and restore the course's files.

    Where the course itself is edited nothing is moved, nor is what git has staged.
    """
    if _git("rev-parse", "--show-prefix") != "\n" or _git("config", "--get", EDITING).strip():
        return
    changed, staged = (
        {*_git("diff", *how, "--name-only", "-z", "--", "notebooks").split("\0")}
        for how in ([], ["--cached"])
    )
    for name in sorted(changed - staged):
        path = ROOT / name
        if path.suffix != ".ipynb" or not path.is_file():
            continue
        data, copy = path.read_bytes(), COPIES / Path(name).relative_to("notebooks")
        worked_in = _cells(data) != _cells(_git("show", f"HEAD:{name}"))
        if worked_in:
            if os.path.lexists(copy) and _read(copy) != data:
                copy = _beside(copy, "mine", lambda there, data=data: there == data)
            _write(copy, data)
        _git("checkout", "--", name)
        if worked_in:
            say(
                f"{name} had changes of yours. They are now in "
                f"{copy.relative_to(ROOT).as_posix()}, and notebooks/ has the course's own "
                f"version again. To change the course itself, type `{TYPED} edit`."
            )


def mark_as_edited():
    """Note that in this checkout the notebooks of the course are changed on purpose."""
    _git("config", EDITING, "true")


def _record():
    try:
        record = json.loads(RECORD.read_text(encoding="utf-8"))
        return {n: {"version": k["version"], "given": [*k["given"]]} for n, k in record.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # a copy is then judged by its cells alone


def _read(path):
    try:
        return path.read_bytes()
    except OSError:  # a folder, or nothing that we may read
        return b""


def _cells(data):
    """Return the fingerprint of a notebook's bytes; None if they are no notebook."""
    try:
        return fingerprint(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(path, data):
    """Write a file at once: an interrupted command leaves the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _git(*arguments):
    """Return what git says in the course's folder; '' without git, or if it is no checkout."""
    command = ["git", "-C", str(ROOT), *arguments]
    try:
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
