"""Which lessons and exercises changed since a version, for lecturers in mid-term.

``python -m teaching.changes [VERSION]``, or ``make changes [SINCE=VERSION]``. Without a version
it is the last tag that counts.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = {"notebooks": "Lessons", "notebooks/exercises": "Exercises"}


def sources(data):
    """Return what each cell of a notebook says, by the cell's name."""
    cells = json.loads(data)["cells"] if data else []
    return {cell["id"]: "".join(cell["source"]) for cell in cells}


def difference(old, new):
    """Say how many cells of a notebook are new, changed or gone; '' if none is.

    Parameters
    ----------
    old, new : dict of str to str
        See `sources`.
    """
    if not old:
        return "new"
    if not new:
        return "gone"
    counts = {
        "new": len(new.keys() - old.keys()),
        "changed": sum(old[name] != new[name] for name in old.keys() & new.keys()),
        "gone": len(old.keys() - new.keys()),
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"cells: {said}" if said else ""


def changes(version, git=None, root=ROOT):
    """Return lines that say what changed since a version.

    Parameters
    ----------
    version : str
        What git calls it: a tag or a commit.
    git : callable, optional
        Takes git's arguments, and returns what it prints.
    root : Path, optional
        Of the course as it is now.
    """
    git, lines = git or _git, []
    for folder, title in FOLDERS.items():
        listed = git("ls-tree", "--name-only", version, f"{folder}/").split()
        before = {Path(name).name for name in listed if name.endswith(".ipynb")}
        now = {path.name for path in (root / folder).glob("*.ipynb")}
        lines.append(f"{title} since {version}:")
        for name in sorted(before | now):
            path = root / folder / name
            old = git("show", f"{version}:{folder}/{name}") if name in before else ""
            new = path.read_text(encoding="utf-8") if name in now else ""
            said = difference(sources(old), sources(new)) or "as it was"
            lines.append(f"  {path.stem:20} {said}")
    return lines


def _git(*arguments):
    run = subprocess.run(
        ["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True
    )
    return run.stdout


def _tags():
    try:
        return ", ".join(_git("tag", "--list").split())
    except (OSError, subprocess.CalledProcessError):
        return ""


def main(arguments):
    """Print what changed; return the exit status."""
    try:
        version = (arguments or [_git("describe", "--tags", "--abbrev=0").strip()])[0]
        print("\n".join(changes(version)))
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        print(
            f"git does not know that version: {said.strip()}\n"
            f"Name a commit or a tag: make changes SINCE=... Tags here: {_tags() or 'none'}",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
