"""Broken and hostile submissions, judged as others are; each must get what it deserves.

``python -m tests.grading.battery [WORD ...]`` judges those whose name has one of the words, or
all, and prints a row for each; with ``BUSY=6``, beside so many processes that compute. Beside
the marks it says what else must hold: that the next one, judged through the same walls, gets
the same to the byte as without it; that the result holds nothing which is hidden from students;
and that no process is left, and no file.
"""

import json
import multiprocessing
import os
import secrets
import select
import socket
import sys
import time
import unicodedata
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import nbformat

from teaching.exercises import MASTERS
from teaching.grading.judge import LONGEST_REASON, exam, judge
from teaching.grading.sandbox import LONGEST_OUTPUT, Limits, Sandbox
from teaching.grading.submissions import LONGEST_SOURCE
from tests.grading.busy import busy
from tests.grading.hostile import forged, greedy, liars, notebooks, walls, words
from tests.grading.hostile.submission import (
    ASSIGNMENT,
    ESCAPED,
    MARK,
    PORTS,
    answering,
    released,
)

SUBMISSIONS = [
    *(
        case
        for module in (notebooks, greedy, forged, liars, walls, words)
        for case in module.SUBMISSIONS
    )
]
ROOT = Path(__file__).parents[2]
AT_ONCE = 6  # most of the time a submission waits for a limit
# Short, for payloads that compute or wait until they are stopped.
LIMITS = Limits(memory=2**29, cpu=20, cell=1.0, call=1.0, exercise=3.0, notebook=10.0)
# For those that end by themselves, however busy the machine is.
PATIENT = replace(LIMITS, cell=60.0, call=60.0, exercise=150.0, notebook=450.0)
OUTSIDE = sorted(
    {
        *map(
            Path,
            ("/", "/tmp", "/var/tmp", "/dev/shm", "/usr", "/usr/bin", "/etc", "/run", "/opt"),
        ),
        *(
            Path.home(),
            ROOT,
            *ROOT.parents,
            ROOT / "assignments",
            ROOT / "teaching",
            ROOT / "grading",
        ),
        *(Path(sys.prefix), Path(sys.prefix) / "bin", Path(sys.base_prefix)),
    }
)
HIDDEN = ("HIDDEN TESTS", "secret=checks.instructors_secret()", ESCAPED)

# It looks around, so that what another submission has left changes what it prints.
NOSY = r"""
import builtins, os, resource, signal, sys, threading
import numpy as np

def size(fd):
    try:
        return os.fstat(fd).st_size, os.fstat(fd).st_mode
    except OSError:
        return None

def is_there(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True

for folder in ("/", "/tmp", "/dev", "/dev/shm", "/proc", "/course"):
    print(folder, sorted(os.listdir(folder)))
print(sorted(os.environ.items()), os.getcwd(), sorted(sys.path), threading.active_count())
print([size(fd) for fd in range(256) if size(fd)])
print([pid for pid in range(2, 300) if is_there(pid)], os.getpid(), os.getpriority(0, 0))
print([resource.getrlimit(number) for number in range(16)])
print([signal.getsignal(number) for number in range(1, 32)])
print(len(sys.modules), len(vars(builtins)), len(vars(np)), np.mean.__module__, np.geterr())
print(len(get_ipython().ast_transformers), len(get_ipython().input_transformers_cleanup))
print(sorted(name for name in globals() if not name.startswith("_")))
os.write(1, b"to where nobody reads it"), os.write(2, b"to where nobody reads it")
"""
NEIGHBOURS = (
    answering(above={"he_normal": NOSY}),
    answering(
        he_normal="def he_normal(shape, rng, leak=0.0):\n    return rng.normal(size=shape)"
    ),
)


class Outcome(NamedTuple):
    """What came out of a submission, and what became of the world meanwhile.

    Attributes
    ----------
    result : dict or None
        See `judge.judge`; None if that raised.
    raised : str
        What it raised, or "".
    neighbour : bool
        Whether the next one's result has the same bytes as without the submission.
    leaked : list of str
        What was found in the result that is hidden from students.
    running : int
        How many processes were left.
    written : list of str
        What was found outside.
    seconds : float
    """

    result: dict | None
    raised: str
    neighbour: bool
    leaked: list
    running: int
    written: list
    seconds: float

    def points(self):
        """Return the points of each graded cell."""
        marks = self.result["marks"] if self.result else {}
        return {name: given["points"] for name, given in marks.items()}


def assignment(secret):
    """Return the exam that all submissions answer."""
    master = nbformat.read(MASTERS / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    return exam(json.loads(nbformat.writes(master)), released(), secret)


def judged(asked, data, sandbox):
    """Return a result as bytes."""
    return json.dumps(judge(asked, data, sandbox), allow_nan=False).encode()


class Bench:
    """A process's walls, and what the neighbours get without any other submission.

    Parameters
    ----------
    asked : dict
        See `judge.exam`.
    alone : list of bytes
        What the neighbours get where there is no battery.
    hidden : list of str
        What must not be found in a result.
    """

    def __init__(self, asked, alone, hidden):
        self._asked, self._alone, self._hidden = asked, alone, hidden
        self._turns = cycle(range(len(NEIGHBOURS)))
        self.open()

    def open(self):
        """Build walls; the neighbours are the first behind them."""
        self.sandbox = Sandbox(PATIENT)
        self._idle = len(descendants(self.sandbox._process.pid))
        for data in NEIGHBOURS:
            judged(self._asked, data, self.sandbox)

    def outcome(self, data, limits):
        """Judge a submission within limits, and then one of the neighbours."""
        start, result, raised = time.monotonic(), None, ""
        self.sandbox.limits = limits
        try:
            result = json.loads(judged(self._asked, data, self.sandbox))
        except Exception as error:  # which would end the batch
            raised = f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - start
        self.sandbox.limits = PATIENT
        try:
            turn = next(self._turns)
            neighbour = judged(self._asked, NEIGHBOURS[turn], self.sandbox) == self._alone[turn]
        except Exception as error:
            neighbour, raised = False, raised or f"{type(error).__name__}: {error}"
        running = self._left()
        if raised:
            self.sandbox.close()
            self.open()
        shown = json.dumps(result, ensure_ascii=False)
        leaked = [word for word in self._hidden if word in shown]
        return Outcome(result, raised, neighbour, leaked, running, written(), seconds)

    def _left(self):
        """Return how many processes there are more than before, if they do not end at once."""
        for _ in range(100):
            left = len(descendants(self.sandbox._process.pid)) - self._idle
            if left <= 0:
                return 0
            time.sleep(0.05)
        return left


def faults(result):
    """Return what in a result is not clean text within limits, in words."""
    longest = {
        "note": 20 * LONGEST_REASON,
        "reason": LONGEST_REASON,
        "cause": LONGEST_REASON,
        "text": LONGEST_OUTPUT,
        "ename": LONGEST_REASON,
        "evalue": LONGEST_REASON,
    }
    return [
        f"{name} {text[:40]!r} of {len(text)}"
        for name, text in texts(result)
        if len(text) > longest.get(name, LONGEST_SOURCE) + 1
        or any(unicodedata.category(c) in ("Cc", "Cs") for c in set(text) - set("\n\t"))
    ]


def texts(value, name=""):
    """Yield each text in plain data, after the key under which it stands."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield "key", key
            yield from texts(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, name)


def descendants(pid):
    """Return the numbers of the processes that a process started, and that these started."""
    children = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            children += Path(f"/proc/{pid}/task/{task}/children").read_text().split()
    return [int(child) for child in children] + [
        grandchild for child in children for grandchild in descendants(child)
    ]


def written():
    """Return the files outside that a payload has left."""
    folders = (folder for folder in OUTSIDE if folder.is_dir())
    return [str(path) for folder in folders for path in folder.glob(f"{MARK}*")]


@contextmanager
def planted(secret):
    """Put marks where no submission may look; yield what must not be found in a result."""
    words = {
        place: f"planted-{place}-{secrets.token_hex(8)}"
        for place in ("home", "tmp", "environment", "repo")
    }
    files = {
        Path.home() / ".planted": words["home"],
        Path("/tmp/planted"): words["tmp"],
        ROOT / "build" / "planted": words["repo"],
    }
    os.environ["PLANTED"] = words["environment"]
    for path, word in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(word)
    try:
        yield [*words.values(), *HIDDEN, secret]
    finally:
        del os.environ["PLANTED"]
        for path in files:
            path.unlink()


@contextmanager
def listening():
    """Listen on this machine; yield a function that returns how many have called."""
    with ExitStack() as stack:
        heard = []
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, PORTS),
            (socket.AF_INET, socket.SOCK_DGRAM, PORTS),
            (socket.AF_UNIX, socket.SOCK_STREAM, [f"\0{MARK}-{i}" for i in range(10)]),
            (socket.AF_UNIX, socket.SOCK_DGRAM, [f"\0{MARK}-{i}" for i in range(10, 20)]),
        ):
            one = stack.enter_context(socket.socket(family, kind))
            for place in address:
                with suppress(OSError):
                    one.bind(("127.0.0.1", place) if family == socket.AF_INET else place)
                    break
            if kind == socket.SOCK_STREAM:
                one.listen()
            heard.append(one)
        yield lambda: len(select.select(heard, [], [], 0)[0])


_BENCH = []  # this process's


def _open_bench(*args):
    _BENCH.append(Bench(*args))


def _outcome(data, limits):
    return _BENCH[0].outcome(data, limits)


def outcomes(submissions):
    """Judge submissions, some at once.

    Returns
    -------
    outcomes : list of Outcome
    calls : int
        How many listeners on this machine were called.
    """
    secret = f"secret-{secrets.token_hex(8)}"
    asked = assignment(secret)
    with Sandbox(PATIENT) as sandbox:
        alone = [judged(asked, data, sandbox) for data in NEIGHBOURS]
    with planted(secret) as hidden, listening() as calls:
        pool = ProcessPoolExecutor(
            AT_ONCE,
            multiprocessing.get_context("spawn"),
            _open_bench,
            (asked, alone, hidden),
        )
        with pool:
            limits = [
                LIMITS if "timed out" in case.statuses else PATIENT for case in submissions
            ]
            made = list(pool.map(_outcome, [case.data for case in submissions], limits))
        return made, calls()


def said(result):
    """Return all that a result says in words."""
    reasons = (given["reason"] for given in result["marks"].values())
    return "\n".join([result["note"], *reasons])


def failures(case, outcome):
    """Return in words what did not come out as it must."""
    if outcome.result is None:
        return [f"the judge raised {outcome.raised}"]
    result = outcome.result
    return [
        words
        for is_right, words in (
            (not outcome.raised, f"a neighbour could not be judged: {outcome.raised}"),
            (outcome.points() == case.marks, f"marks {outcome.points()}"),
            (result["status"] in case.statuses, f"status {result['status']}"),
            (case.phrase in said(result), f"no {case.phrase!r} in {said(result)}"),
            (not faults(result), f"no clean text: {faults(result)[:3]}"),
            (outcome.neighbour, "the next one's result changed"),
            (not outcome.leaked, f"leaked: {outcome.leaked}"),
            (not outcome.running, f"{outcome.running} processes were left"),
            (not outcome.written, f"written: {outcome.written}"),
        )
        if not is_right
    ]


HEADER = """
| submission | tried to | marks given/deserved | status | next one identical | nothing leaked \
| nothing left running | nothing written outside | seconds |
|---|---|---|---|---|---|---|---|---|"""


def row(case, outcome):
    """Return a row of the table."""
    given = outcome.points()
    marks = ", ".join(
        f"{_shown(given.get(name))}/{_shown(points)}" for name, points in case.marks.items()
    )
    return " | ".join(
        (
            f"| {case.name}",
            case.tried,
            marks,
            outcome.result["status"] if outcome.result else f"raised {outcome.raised}",
            *("yes" if x else "NO" for x in (outcome.neighbour, not outcome.leaked)),
            *("yes" if x else "NO" for x in (not outcome.running, not outcome.written)),
            f"{outcome.seconds:.1f} |",
        )
    )


def _shown(points):
    return "hand" if points is None else f"{points:g}"


def main(names):
    """Print the table of the submissions whose name has one of these words, or of all."""
    chosen = [c for c in SUBMISSIONS if not names or any(name in c.name for name in names)]
    start = time.monotonic()
    with busy(int(os.environ.get("BUSY", 0))):
        made, calls = outcomes(chosen)
    print(HEADER)
    for case, outcome in zip(chosen, made, strict=True):
        print(row(case, outcome))
    wrong = {c.name: f for c, o in zip(chosen, made, strict=True) if (f := failures(c, o))}
    for name, faulty in wrong.items():
        print(f"{name}: {'; '.join(faulty)}")
    print(
        f"{len(chosen)} submissions, {len(wrong)} of them not as they must be; "
        f"{calls} calls to listeners; {time.monotonic() - start:.0f} s"
    )
    return 1 if wrong or calls else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
