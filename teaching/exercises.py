"""Make the students' copies of the assignments, and never overwrite a student's work.

``python -m teaching.exercises``, or ``make exercises``, takes each master in ``assignments/``
and writes ``notebooks/exercises/<name>.ipynb``: what nbgrader would release, run once so that
a reader sees what the checks say. ``--check`` writes nothing and fails if a copy holds answers
or is out of date.
"""

import sys
from pathlib import Path

import nbformat
from traitlets.config import Config

from course.copies import fingerprint, mark_as_edited
from teaching.notebooks import normalise, run, write

ROOT = Path(__file__).parents[1]
MASTERS = ROOT / "assignments"
COPIES = ROOT / "notebooks" / "exercises"

# What nbgrader puts where an answer goes. Marking schemes stand in locked cells, above the
# answer, and nbgrader would have them in cells that ask for cells of the student's own.
RELEASE = Config(
    ClearSolutions={"code_stub": {"python": "return ..."}, "text_stub": "*Your answer.*"},
    ClearMarkScheme={"enforce_metadata": False},
)


def student_copy(master):
    """Return a master without solutions, hidden tests and marking schemes.

    Parameters
    ----------
    master : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode
        With a fingerprint of its cells, by which `is_untouched` knows it.
    """
    from nbgrader.converters import GenerateAssignment  # slow, and --check needs none

    notebook, resources = normalise(nbformat.from_dict(master)), {}
    for step in GenerateAssignment.preprocessors.default():
        if step.__name__ not in ("SaveCells", "InstantiateTests", "IncludeHeaderFooter"):
            notebook, resources = step(config=RELEASE).preprocess(notebook, resources)
    return _marked(notebook)


def is_untouched(notebook):
    """Return whether a copy's cells are those that it was made with, whatever they printed."""
    return notebook.metadata.get("course", {}).get("fingerprint") == fingerprint(notebook)


def _marked(notebook):
    notebook.metadata["course"] = {"fingerprint": fingerprint(notebook)}
    return notebook


def state(path, made):
    """Return what a copy on disk is, beside the one made now.

    Returns
    -------
    {"missing", "fresh", "stale", "worked in"}
        "worked in" if anything was changed by hand, or it cannot be read.
    """
    if not path.exists():
        return "missing"
    try:
        copy = nbformat.read(path, as_version=4)
        if not is_untouched(copy):
            return "worked in"
    except Exception:  # whatever it is, it is not ours to overwrite
        return "worked in"
    return "fresh" if fingerprint(copy) == fingerprint(made) else "stale"


def main(arguments):
    """Bring the copies up to date; say which were left alone. See the module."""
    COPIES.mkdir(exist_ok=True)
    check, bad = "--check" in arguments, 0
    if not check:
        mark_as_edited()
    for path in sorted(MASTERS.glob("*/*.ipynb")):
        made = student_copy(nbformat.read(path, as_version=4))
        copy = COPIES / path.name
        found = state(copy, made)
        shown = copy.relative_to(ROOT)
        if check:
            bad += found != "fresh"
            print(f"{shown}: {found}")
        elif found == "worked in":
            print(
                f"{shown}: you have worked in it, so it is left as it is. To start anew, "
                "move it away and run this again."
            )
        else:  # a fresh one as well: what the checks say may have changed
            write(_marked(run(made, COPIES)), copy)
            print(f"{shown}: written")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
