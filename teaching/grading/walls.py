"""A test of every wall, before anything is marked: one that is missing stops the grading."""

import os
import socket
from dataclasses import asdict
from pathlib import Path

from teaching.grading.sandbox import Ended, Refused, environment

ROOT = Path(__file__).parents[2]
PROBES = Path(__file__).with_name("probes.py").read_text(encoding="utf-8")
OWN = "COURSE_"  # so begin the names of variables that say how the course is graded
SMALL = {"memory": 2**30, "disk": 8 * 2**20, "processes": 24, "files": 64, "cpu": 20}
SLOWEST = 0.3  # seconds that an endless loop is given
TOGETHER = """
import os, time
full, filled = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        hog = b"x" * 200 * 2**20
        os.write(filled, b".")
        while True:
            time.sleep(1)
for _ in range(6):
    os.read(full, 1)
time.sleep(10)
"""  # no process needs too much memory, but all together do
TRIES = 3


def prove(sandbox):
    """Try what must not be possible in a sandbox.

    Raises
    ------
    Refused
        If something is: its text names the wall that is missing.
    """
    names = [name for name in os.environ if name.startswith(OWN)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        hidden = [str(ROOT / "assignments"), str(ROOT / "grading"), str(ROOT / "helpers")]
        hidden += [str(Path.home() / name) for name in os.listdir(Path.home())[:20]]
        hidden = [path for path in hidden if not _is_environment(path)]
        for probe in (
            f"network({port})",
            f"files({hidden})",
            f"files({hidden})",  # again: the first one left files behind
            "processes()",
            "user()",
            "system_calls()",
            f"environment({names})",
            f"limits(**{SMALL})",
        ):
            _prove(sandbox, probe)
    _prove_ends(sandbox, "while True: pass", "timed out", cell=SLOWEST)
    _prove_ends(sandbox, TOGETHER, "out of memory", memory=2**30, cell=60.0)


def _is_environment(path):
    """Return whether a path leads to the Python environment, which students' code may read."""
    places = Path(path), Path(path).resolve()
    return any(folder.is_relative_to(p) for folder in environment() for p in places)


def _prove(sandbox, probe):
    wall = probe.partition("(")[0]
    try:
        with sandbox.session(**asdict(sandbox.limits) | SMALL) as session:
            for source in (PROBES, probe):
                _, error = session.run(source)
                if error:
                    raise Refused(f"a wall is missing, {wall}: {error}")
    except Ended as ended:
        raise Refused(f"a wall cannot be tested, {wall}: it {ended}") from None


def _prove_ends(sandbox, source, status, **limits):
    """Try what must be ended: where the machine is too busy to see it, once more."""
    for _ in range(TRIES):
        try:
            with sandbox.session(**limits) as session:
                session.run(source)
        except Ended as ended:
            if ended.status == status:
                return
            said = ended
        else:
            raise Refused(f"a wall is missing: nothing {status}")
    raise Refused(
        f"a wall cannot be tested, perhaps since this machine is very busy: what should have "
        f"{status} {str(said).rstrip('.')}"
    )
