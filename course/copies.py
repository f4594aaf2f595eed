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

from course.environment import ROOT, alone
from course.problems import TYPED, Problem

SOURCES, COPIES = ROOT / "notebooks", ROOT / "my-notebooks"
RECORD = COPIES / ".copies.json"  # of each copy: of which version of its source it is
EDITING = "course.edited"  # git's setting in a checkout in which the course itself is changed


def fingerprint(notebook):
    """Return what a notebook is, but for what its cells printed and how they are numbered.

    An empty cell does not count: JupyterLab adds one below the last that is run.

    Parameters
    ----------
    notebook : dict
        As JSON has it; a cell's source may be a text or a list of lines.

    Returns
    -------
    str
    """
    cells = []
    for cell in notebook["cells"]:
        source, marks = "".join(cell["source"]), cell.get("metadata", {}).get("nbgrader")
        if source.strip() or marks:
            cells.append((cell["cell_type"], source, marks))
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def refresh(say=print):
    """Bring the copies up to date, and return their folder.

    Parameters
    ----------
    say : callable
        Is given a line for everything that a reader should know.

    Raises
    ------
    Problem
        If the copies' folder cannot be one.
    """
    _check_folder()
    with alone("brings the copies up to date"):
        record, done = _record(), Counter()
        _move_over(record, say)
        own = _changed_by_the_reader()
        for source in sorted(SOURCES.rglob("*.ipynb")):
            name = source.relative_to(SOURCES)
            if not any(part.startswith(".") for part in name.parts):
                is_own = f"notebooks/{name.as_posix()}" in own
                done[_bring(name.as_posix(), source.read_bytes(), record, say, is_own)] += 1
                _note(record)
    if done["new"]:
        say(f"my-notebooks/: {_counted(done['new'])} made for you to work in.")
    if done["refreshed"]:
        say(
            f"my-notebooks/: {_counted(done['refreshed'])} brought up to date: you had changed "
            "nothing there."
        )
    return COPIES


def _check_folder():
    """Make the copies' folder; raise Problem if it cannot be one of its own."""
    try:
        COPIES.mkdir(exist_ok=True)
    except FileExistsError:
        raise Problem(
            "my-notebooks is a file, or a link to nothing. Move it away, and try again."
        ) from None
    for folder in (COPIES, COPIES / "exercises"):
        if folder.resolve().is_relative_to(SOURCES.resolve()):
            raise Problem(
                f"{folder.name} leads into notebooks/, where the course's own files are. "
                "Remove that link, and try again."
            )


def _bring(name, source, record, say, is_own):
    """Make or refresh one copy, or lay a new version beside it; return what was done, or ''.

    The record holds, for each copy, the version of its source that it last met, and the
    fingerprints of all versions that the course gave. What a reader changed in the source
    itself (`is_own`) is none of these, so that no later version takes its place.
    """
    copy, version, given = COPIES / name, hashlib.sha256(source).hexdigest(), _cells(source)
    known = record.get(name, {"version": "", "given": []})
    exists = os.path.lexists(copy)
    if exists and known["version"] == version:
        return ""
    if given is None:
        say(f"notebooks/{name} is no notebook now; `git status` may say why.")
        return ""
    data = _read(copy)
    ours = {*known["given"], *([] if known["version"] else _earlier(name, data))}
    ours = ours if is_own else ours | {given}
    is_new = given not in known["given"]
    record[name] = {
        "version": version,
        "given": [*known["given"], *([given] if is_new and not is_own else [])],
    }
    if not exists or _cells(data) in ours or data == source:
        if data == source:
            return ""
        _write(copy, source)
        return "refreshed" if exists else "new"
    if known["given"][-1:] == [given]:
        return ""  # the cells are those that it was made from: only what they printed is new
    beside = _beside(copy, "new version", lambda there: _cells(there) in ours)
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
    """Return the fingerprints that a copy of unknown origin has if nobody changed it.

    They are those of what was published, not of what a reader committed.
    """
    listed = _git("log", "--format=%H", "--remotes", "--", f"notebooks/{name}") if data else ""
    found = [_cells(_git("show", f"{commit}:notebooks/{name}")) for commit in listed.split()]
    return [cells for cells in found if cells]


def _beside(copy, words, ours):
    """Return a path beside a copy, with a name that says why; `ours` may be written over."""
    number = 1
    path = copy.with_name(f"{copy.stem} ({words}){copy.suffix}")
    while os.path.lexists(path) and not ours(_read(path)):
        number += 1
        path = copy.with_name(f"{copy.stem} ({words} {number}){copy.suffix}")
    return path


def _move_over(record, say):
    """Move what a reader changed under ``notebooks/``, and restore the course's files.

    Where the course itself is edited nothing is moved, nor is what git has staged.
    """
    if not _is_checkout() or _git("config", "--get", EDITING).strip():
        return
    changed, staged = _names(), _names("--cached")
    if staged:
        say(
            f"{', '.join(sorted(staged))}: staged in git, where `git pull` will stop. If you "
            "did not mean to change the course: git restore --staged notebooks"
        )
    for name in sorted(changed - staged):
        path = ROOT / name
        if path.suffix != ".ipynb" or not path.is_file():
            continue
        data, copy = path.read_bytes(), COPIES / Path(name).relative_to("notebooks")
        cells = _cells(data)
        worked_in = cells is None or cells != _cells(_git("show", f"HEAD:{name}"))
        if worked_in:
            if os.path.lexists(copy) and _read(copy) != data:
                copy = _beside(copy, "mine", lambda there, data=data: there == data)
            _write(copy, data)
            # It is the reader's, whatever was noted of it: no version takes its place.
            for known in record.values():
                known["given"] = [given for given in known["given"] if given != cells]
            _note(record)
        _git("checkout", "--", name)
        where = copy.relative_to(ROOT).as_posix()
        if name in _names():
            say(
                f"git could not restore {name}, which you changed. Close other programs that "
                f"use git, remove .git/index.lock if it stays, and type `{TYPED} lab` again."
            )
        elif worked_in:
            say(
                f"{name} had changes of yours. They are now in {where}, and notebooks/ has the "
                f"course's own version again. To change the course itself, type `{TYPED} edit`."
            )


def _changed_by_the_reader():
    """Return the names of notebooks that are not as the course has them, as git tells."""
    if not _is_checkout() or _git("config", "--get", EDITING).strip():
        return set()
    return _names("HEAD") | _names("@{upstream}...HEAD")


def _is_checkout():
    """Return whether the course is a git repository, not a folder of somebody else's."""
    return _git("rev-parse", "--show-prefix") == "\n"


def _names(*how):
    """Return which files below ``notebooks/`` differ."""
    return {*_git("diff", *how, "--name-only", "-z", "--", "notebooks").split("\0")} - {""}


def mark_as_edited():
    """Note that in this checkout the notebooks of the course are changed on purpose."""
    _git("config", EDITING, "true")


def _record():
    try:
        record = json.loads(RECORD.read_text(encoding="utf-8"))
        return {
            name: {
                "version": known["version"],
                "given": [*filter(None, map(str, known["given"]))],
            }
            for name, known in record.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # a copy is then judged by its cells alone


def _note(record):
    _write(RECORD, json.dumps(record, indent=1).encode())


def _read(path):
    try:
        return path.read_bytes()
    except OSError:  # a folder, or nothing that we may read
        return b""


def _cells(data):
    """Return the fingerprint of a notebook's bytes; None if they are no notebook."""
    try:
        return fingerprint(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
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
