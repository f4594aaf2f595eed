"""A class graded in every way that a run can go: ``python -m tests.grading.rehearsal 300``.

Straight through; every result judged again; stopped by kill -9 and gone on with; and on a Dask
cluster of which a worker is killed. All must end in the same gradebook.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from teaching.grading import gradebook
from tests.grading.recorded import dump
from tests.grading.students import ASSIGNMENT, a_class

ROOT = Path(__file__).parents[2]
HANDED_IN = "handed_in"
VARIABLES = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_SECRET": "a secret"}


def course(folder, export):
    """Return a new folder with a course of one assignment, and an export."""
    folder.mkdir()
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, folder / "assignments" / ASSIGNMENT)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / HANDED_IN).symlink_to(export)
    return folder


def command(folder, *options):
    """Return the command that grades an export."""
    export = str((folder / HANDED_IN).resolve())
    grading = [sys.executable, "-m", "teaching.grading", export]
    return [*grading, "--course", str(folder), *options]


def started(folder, *options):
    """Return the process that grades an export."""
    return subprocess.Popen(
        command(folder, *options),
        env=VARIABLES,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process):
    """Wait for a process that must do well; return what it said."""
    said, _ = process.communicate(timeout=3000)
    assert process.returncode == 0, said
    return said


def judged(folder):
    """Return the results that a course has kept: the path of each, and what it holds."""
    kept = (folder / "grading" / "judged").rglob("*.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


def wait_until_judged(folder, number, process):
    """Wait until so many results are kept, while a process goes on."""
    while len(judged(folder)) < number:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


def state(folder):
    """Return what the gradebook and the ledger of a course say."""
    return dump(gradebook.course_directory(folder), ASSIGNMENT), judged(folder)


def straight(folder, size):
    """Grade without any trouble."""
    ended(started(folder))


def again(folder, size):
    """Grade, and judge each submission once more."""
    ended(started(folder))
    before = judged(folder)
    ended(started(folder, "--again"))
    assert judged(folder) == before


def interrupted(folder, size):
    """Grade, with a kill -9 after a third and another after two thirds."""
    for part in (size // 3, 2 * size // 3):
        process = started(folder)
        wait_until_judged(folder, part, process)
        process.kill()
        process.communicate()
        assert part <= len(judged(folder)) < size
    ended(started(folder))


def on_a_cluster(folder, size):
    """Grade on a cluster of two workers, one of which is killed after a third."""
    with cluster(2) as (address, workers):
        process = started(folder, "--scheduler", address)
        wait_until_judged(folder, size // 3, process)
        workers[0].kill()
        assert len(judged(folder)) < size
        ended(process)


@contextmanager
def cluster(size):
    """Yield the address of a Dask scheduler on this machine, and its workers' processes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    scheduler = ["scheduler", "--host", address, "--no-dashboard", "--no-jupyter"]
    worker = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        processes = [
            subprocess.Popen(
                [*dask, *arguments],
                env=VARIABLES,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for arguments in (scheduler, *[worker] * size)
        ]
        for process in processes:
            stack.callback(process.wait)
            stack.callback(process.send_signal, signal.SIGKILL)
        yield address, processes[1:]


WAYS = (straight, again, interrupted, on_a_cluster)


def rehearse(size):
    """Yield each way, how long it took, and whether it ended as the first."""
    with tempfile.TemporaryDirectory() as folder:
        folder, first = Path(folder), None
        a_class(folder / "export", size)
        for way in WAYS:
            start = time.monotonic()
            own = course(folder / way.__name__, folder / "export")
            way(own, size)
            first = first or state(own)
            yield way, time.monotonic() - start, state(own) == first


def main(size=300):
    """Print a table; return 1 if two ways ended differently."""
    print(f"{size} submissions")
    failed = False
    for way, seconds, same in rehearse(int(size)):
        failed |= not same
        print(
            f"  {way.__doc__:70} {seconds:6.1f} s   {'same' if same else 'DIFFERENT'}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
