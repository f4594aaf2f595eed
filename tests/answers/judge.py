"""Judge every known answer to the exercises, over many secrets: ``make answers``.

``python -m tests.answers.judge [SECRETS] [EXERCISE ...]`` prints a row for each exercise: what
its stub, its model solution, the right answers and the wrong ones were told, visibly and over
that many secrets (200 if not said). It ends with false alarms and misses; both must be 0.
"""

import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import nbformat

from helpers.checks import CHECKS as EXERCISES
from helpers.checks import Mistake
from tests.answers.answer import Answer

ROOT = Path(__file__).parents[2]
MASTERS = sorted((ROOT / "assignments").glob("*/*.ipynb"))


def answers(exercise):
    """Return the known answers to an exercise."""
    return import_module(f"tests.answers.{exercise}").ANSWERS


@cache
def sources():
    """Return the cells of each master, as a dict from id to source: slow, so done once."""
    return [
        {cell.id: cell.source for cell in nbformat.read(master, as_version=4).cells}
        for master in MASTERS
    ]


def model(exercise):
    """Return the model solution of the exercise, from its master."""
    names = {}
    for cells in sources():
        if exercise in cells:
            exec(cells["setup"], names)
    exec(source(exercise), names)
    return names[exercise]


def source(exercise):
    """Return the cell of the exercise's model solution."""
    for cells in sources():
        if exercise in cells:
            return cells[exercise]
    raise LookupError(f"no master in {[path.stem for path in MASTERS]} has {exercise}")


def stub(*args, **options):
    """Return what a function returns that nobody has worked on."""
    return ...


class Verdict(NamedTuple):
    """What a check said of a function: the share of the points, and the words.

    Without a secret there are no points, and all that raises nothing has a share of 1.
    """

    share: float
    words: str


def judged(exercise, function, secret):
    """Return the verdict of the exercise's check on a function."""
    said = StringIO()
    try:
        with redirect_stdout(said):
            share = EXERCISES[exercise](function, secret=secret)
    except Mistake as mistake:
        return Verdict(0.0, str(mistake))
    assert (share is None) == (secret is None)
    return Verdict(1.0 if share is None else share, said.getvalue())


def is_as_it_should_be(exercise, answer, secret):
    """Return whether an answer gets the share that it deserves, and is told why."""
    share, words = judged(exercise, answer.function, secret)
    if answer.share == 0:
        return share == 0 and answer.phrase in words
    if share != (1.0 if secret is None else answer.share):
        return False
    if answer.phrase is None:
        return words == f"{exercise}: correct.\n"
    return words.startswith(f"{exercise}: right for good input; ") and answer.phrase in words


def known(exercise):
    """Return the model solution of an exercise, as an answer, and the known answers."""
    return [Answer(model(exercise)), *answers(exercise)]


def stub_is_not_attempted(exercise, secrets):
    """Return whether a stub is told so: no mistake in the notebook, but one under a secret."""
    visible = Verdict(1.0, f"{exercise}: not attempted yet.\n")
    hidden = Verdict(0.0, f"{exercise}: not attempted.")
    return judged(exercise, stub, None) == visible and all(
        judged(exercise, stub, secret) == hidden for secret in secrets
    )


def row(exercise, secrets):
    """Return counts for an exercise: answers judged wrongly, of how many of each kind."""
    warnings.simplefilter("ignore", RuntimeWarning)  # wrong answers divide by 0 and worse
    right = [answer for answer in known(exercise) if answer.phrase is None]
    wrong = [answer for answer in known(exercise) if answer.phrase is not None]
    cases = [None, *secrets]

    def judged_wrongly(kind):
        return sum(
            not is_as_it_should_be(exercise, answer, secret)
            for answer in kind
            for secret in cases
        )

    stub_is = stub_is_not_attempted(exercise, secrets)
    return stub_is, len(right), judged_wrongly(right), len(wrong), judged_wrongly(wrong)


def main(n_secrets=200, *exercises):
    """Print the table; return 1 if anything in it is not as it should be."""
    secrets = [str(number) for number in range(int(n_secrets))]
    unknown = set(exercises) - set(EXERCISES)
    if unknown:
        raise SystemExit(f"no such exercise: {sorted(unknown)}; there are {sorted(EXERCISES)}")
    exercises = exercises or sorted(EXERCISES)
    print(f"{'exercise':22} stub   right  false alarms   wrong  misses   ({n_secrets} secrets)")
    failures = 0
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        rows = workers.map(row, exercises, [secrets] * len(exercises))
        for exercise, (stub_is, n_right, alarms, n_wrong, misses) in zip(
            exercises, rows, strict=True
        ):
            failures += alarms + misses + (not stub_is)
            verdict = "0" if stub_is else "BAD"
            print(
                f"{exercise:22} {verdict:4} {n_right:7} {alarms:13} {n_wrong:7} {misses:7}",
                flush=True,
            )
    print("all as it should be" if not failures else f"{failures} judged wrongly")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
