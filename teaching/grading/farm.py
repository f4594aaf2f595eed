"""Who does the judging: processes of this machine, or the workers of a Dask cluster.

Submissions are independent of one another and of where they are judged. A worker holds nothing
that is missed if it dies: what it was at is given to another.
"""

import hashlib
import itertools
import multiprocessing
import os
import threading
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing.connection import wait as wait_for
from pathlib import Path

from teaching.grading.judge import judge
from teaching.grading.sandbox import Closing, Limits, Refused, Sandbox
from teaching.grading.walls import prove

ROOT = Path(__file__).parents[2]
JUDGED_BY = ("helpers", "teaching/grading")
MOST_DEATHS = 5  # of workers at the same submissions

_alone = threading.Lock()  # a worker's threads share its sandbox, environment and output


@cache
def version():
    """Return a fingerprint of the code that marks depend on."""
    digest = hashlib.sha256()
    for folder in JUDGED_BY:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _sandbox(limits):
    """Return this process's sandbox, whose walls have been tested."""
    sandbox = Sandbox(limits)
    if limits.walls:
        prove(sandbox)
    return sandbox


def work(exam, data, limits, expected):
    """Judge one submission, in a worker.

    Parameters
    ----------
    exam : dict
    data : bytes
    limits : sandbox.Limits
    expected : str
        The `version` that the result must come from.

    Raises
    ------
    Refused
        If a wall is missing, or this worker's copy of the course is another one.
    """
    if version() != expected:
        raise Refused("a worker has another version of the course, and could mark otherwise")
    with _alone:
        try:
            return judge(exam, data, _sandbox(limits))
        except (OSError, Refused):  # its sandbox was ended from outside
            _sandbox(limits).close()
            _sandbox.cache_clear()
            return judge(exam, data, _sandbox(limits))


def ready(limits):
    """Start this worker's sandbox before it is needed; end with the process above."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with _alone:
        _sandbox(limits)


def processors():
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _end_with_parent():
    wait_for([multiprocessing.parent_process().sentinel])
    os._exit(1)


class Local(Closing):
    """Processes of this machine.

    Parameters
    ----------
    limits : sandbox.Limits, optional
    count : int, optional
        As many as it has processors, if not said.
    """

    def __init__(self, limits=None, count=None):
        self.limits, self._count = limits or Limits(), count or processors()
        self._start()

    def _start(self):
        # Not forked: this process may have threads.
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._count, spawn)
        self._readiness = [self._pool.submit(ready, self.limits) for _ in range(self._count)]
        self._at_once = 3 * self._count

    def judge(self, tasks):
        """Yield the key and the result of each task, in the order in which they are done.

        Parameters
        ----------
        tasks : iterable of (key, exam, data)

        Raises
        ------
        Refused
            If a worker's walls are not complete.
        """
        tasks, deaths, running = iter(tasks), 0, {}
        while True:
            try:
                for future in self._readiness:
                    future.result()
                for task in itertools.islice(tasks, self._at_once - len(running)):
                    running[self._submit(task)] = task
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    yield running.pop(future)[0], result
                    deaths = 0
            except BrokenProcessPool:
                deaths += 1
                if deaths > MOST_DEATHS:
                    raise
                self.close()
                self._start()
                running = {self._submit(task): task for task in running.values()}

    def _submit(self, task):
        _, exam, data = task
        return self._pool.submit(work, exam, data, self.limits, version())

    def close(self):
        """End the workers."""
        self._pool.shutdown(cancel_futures=True)


class Cluster(Closing):
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://10.0.0.5:8786``.
    limits : sandbox.Limits, optional
    patience : float
        How many seconds it has to answer.
    """

    def __init__(self, address, limits=None, patience=20):
        from distributed import Client

        self.limits = limits or Limits()
        try:
            self._client = Client(address, timeout=patience)
        except OSError as error:
            raise Refused(f"no Dask scheduler answers at {address}: {error}") from None

    def judge(self, tasks):
        """Yield the key and the result of each task, in the order in which they are done."""
        from distributed import as_completed

        keys, futures = {}, as_completed(with_results=True)
        for key, exam, data in tasks:
            future = self._client.submit(work, exam, data, self.limits, version(), pure=False)
            keys[future.key] = key
            futures.add(future)
        for future, result in futures:
            yield keys.pop(future.key), result
            future.release()

    def close(self):
        """Leave the cluster, which goes on."""
        self._client.close()
