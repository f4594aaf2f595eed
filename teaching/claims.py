"""Measure the claims of all lessons again, on other random numbers; write nothing.

``python -m teaching.claims 3``, or ``make claims SEED=3``. A claim that fails says where. With
a tolerance of five standard errors, one point in two million does so by chance.
"""

import re
import sys
from copy import deepcopy
from pathlib import Path

import nbformat

from course.copies import SOURCES
from teaching.notebooks import run

GENERATOR = re.compile(r"default_rng\((\d+)\)")
CLAIM = re.compile(r"\bholds\(")


def reseeded(notebook, seed):
    """Return a copy whose generators start elsewhere, and which goes on after an error.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    seed : int

    Raises
    ------
    ValueError
        If a cell has a generator that is not ``default_rng(number)``, or none has one.
    """
    notebook, found = deepcopy(notebook), 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            generators = cell.source.count("default_rng(")
            cell.source, replaced = GENERATOR.subn(rf"default_rng([\1, {seed}])", cell.source)
            if replaced != generators:
                raise ValueError(
                    f"cell {cell.id!r} must make its generators by default_rng(number), so "
                    f"that another number can be tried; got {cell.source!r}"
                )
            found += replaced
            cell.metadata.tags = [*cell.metadata.get("tags", []), "raises-exception"]
    if not found:
        raise ValueError("a lesson must draw from a generator; none of its cells makes one")
    return notebook


def measured(path, seed):
    """Measure the claims of a lesson on another seed.

    Returns
    -------
    count : int
        How many claims the lesson has.
    failures : list of str
        What the cells say that raised.
    """
    notebook = nbformat.read(path, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    count = sum(len(CLAIM.findall(source)) for source in code)
    if not count:
        return 0, []
    ran = run(reseeded(notebook, seed), path.parent)
    outputs = (output for cell in ran.cells for output in cell.get("outputs", []))
    errors = [output for output in outputs if output.output_type == "error"]
    return count, [f"{error.ename}: {error.evalue}" for error in errors]


def main(seed, paths=None):
    """Measure all lessons, print a line for each claim that failed, return the exit status."""
    failed = 0
    for path in paths or sorted(SOURCES.glob("*.ipynb")):
        count, failures = measured(path, seed)
        if count:
            print(f"{path.name}: {count} claims, {'all hold' if not failures else 'but'}")
        for failure in failures:
            print(f"  {failure}")
        failed += len(failures)
    return int(failed > 0)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not sys.argv[1].isdecimal():
        sys.exit("Say which random numbers: make claims SEED=3")
    sys.exit(main(int(sys.argv[1]), [Path(path) for path in sys.argv[2:]]))
