"""What processes use of this machine, as its kernel says in /proc."""

import os
import time
from contextlib import suppress

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
STATE, TIMES = 0, slice(11, 15)  # of the fields behind the name, in /proc/PID/stat; see proc(5)
COMPUTES = ("R", "D")  # or would, if a processor or a disk were free


def below(process, children=False):
    """Return the numbers of the processes that one has started, and that these have.

    Parameters
    ----------
    process : int
    children : bool
        Leave out those that these have started.
    """
    found = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    if children:
        return found
    return [*found, *(other for child in found for other in below(child))]


def usage(process):
    """Return the processor time of all processes below one, and whether one of them computes.

    Parameters
    ----------
    process : int or None
        Where it is not known, the clock's time stands for that of a processor.

    Returns
    -------
    seconds : float
        With that of processes that have ended and were waited for.
    is_busy : bool
    """
    if process is None:
        return time.monotonic(), False
    ticks, is_busy = 0, False
    for child in below(process):
        with suppress(OSError):  # it has ended meanwhile
            ticks += sum(map(int, _fields(f"/proc/{child}/stat")[TIMES]))
            threads = os.listdir(f"/proc/{child}/task")
            states = (_fields(f"/proc/{child}/task/{t}/stat")[STATE] for t in threads)
            is_busy = is_busy or any(state in COMPUTES for state in states)
    return ticks / TICK, is_busy


def _fields(path):
    with open(path, errors="replace") as file:
        return file.read().rpartition(")")[2].split()
