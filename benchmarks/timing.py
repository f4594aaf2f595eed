"""Functions timed side by side, and a table of what was found."""

import statistics
import time


def medians(functions, rounds, *, calls=1, pause=0.0):
    """Return the median time of each function, in milliseconds.

    Parameters
    ----------
    functions : dict of str to callable
        They run in turn, without arguments; the first round is not counted.
    rounds : int
    calls : int
        How often a function runs when its turn comes. The first of several calls is not
        timed: in a loop, a function finds its data in the cache.
    pause : float
        Seconds before each turn. Threads that wait for work keep a core busy for a while.

    Returns
    -------
    dict of str to float
    """
    times = {name: [] for name in functions}
    for _ in range(rounds + 1):
        for name, function in functions.items():
            time.sleep(pause)
            if calls > 1:
                function()
            timed = max(calls - 1, 1)
            start = time.perf_counter()
            for _ in range(timed):
                function()
            times[name].append(1000 * (time.perf_counter() - start) / timed)
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def ratio(value, peer, target=None, *, at_least=False):
    """Return ``value / peer`` as text, with its target and whether it was missed."""
    found = value / peer
    if target is None:
        return f"{found:.2f}"
    missed = found < target if at_least else found > target
    return f"{found:.2f} ({'>=' if at_least else '<='} {target}{', MISSED' if missed else ''})"


def print_table(title, header, rows):
    """Print rows of text and numbers under a title, in columns."""
    table = [
        header,
        *([f"{c:.3g}" if isinstance(c, float) else str(c) for c in r] for r in rows),
    ]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    print(f"\n{title}")
    for row in table:
        print("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)))
