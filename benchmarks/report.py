"""What a benchmark says while it runs, and the tables of what it found."""

import argparse
import statistics
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm


class Report:
    """Prints progress on stderr and tables on stdout, and remembers what failed.

    Attributes
    ----------
    tables : dict of str to list
        The rows of each table, by its title.
    failures : dict of str to str
        By the name of what failed, the reason.
    """

    def __init__(self):
        self.tables, self.failures = {}, {}
        self._without_row, self._bar = {}, tqdm(disable=True)

    @contextmanager
    def part(self, title, steps):
        """Say what is measured now and in how many steps, and show how far it has come."""
        print(f"\n{title}: {steps} steps", file=sys.stderr, flush=True)
        often = 1 if sys.stderr.isatty() else 15  # seconds
        with tqdm(total=steps, mininterval=often, leave=False) as self._bar:
            yield

    def step(self, name, steps=1):
        """Count steps of the part, and say what they measured."""
        self._bar.set_postfix_str(name, refresh=False)
        self._bar.update(steps)

    @contextmanager
    def attempt(self, name):
        """Go on if what `name` does in this context raises; the next table says why."""
        try:
            yield
        except Exception as error:
            tqdm.write(f"{name}:\n{traceback.format_exc()}", file=sys.stderr)
            reason = next(filter(None, str(error).splitlines()), "")
            self.fail(name, f"{type(error).__name__}: {reason}")

    def fail(self, name, reason):
        """Say in the next table why something has no figures."""
        self.failures[name] = self._without_row[name] = reason

    def medians(self, functions, rounds, *, of="", calls=1, pause=0.0):
        """Return the median time of each function, in milliseconds.

        Parameters
        ----------
        functions : dict of str to callable
            They run in turn, without arguments.
        rounds : int
            After a first one, which counts only if there is no other.
        of : str
            What they work on, for the row of one that raises.
        calls : int
            How often a function runs when its turn comes. The first of several calls is not
            timed: in a loop, a function finds its data in the cache.
        pause : float
            Seconds before each turn. Threads that wait for work keep a core busy for a while.

        Returns
        -------
        dict of str to float
            Without those that raised.
        """
        times = {name: [] for name in functions}
        for turn in range(rounds + 1):
            for name in list(times):
                time.sleep(pause)
                with self.attempt(f"{name}, {of}" if of else name):
                    times[name].append(_milliseconds(functions[name], calls))
                if len(times[name]) == turn:  # it raised
                    del times[name]
                self.step(name)
        return {name: statistics.median(found[1:] or found) for name, found in times.items()}

    def table(self, title, header, rows):
        """Print rows of text and numbers under a title, and a row for each new failure."""
        self.tables[title] = rows
        table = [
            header,
            *([f"{c:.3g}" if isinstance(c, float) else str(c) for c in r] for r in rows),
        ]
        widths = [max(len(row[i]) for row in table) for i in range(len(header))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True))
            for row in table
        ]
        lines += [f"{name}  FAILED: {why}" for name, why in self._without_row.items()]
        self._without_row.clear()
        print("\n".join([f"\n{title}", *(f"  {line}".rstrip() for line in lines)]), flush=True)


def _milliseconds(function, calls):
    if calls > 1:
        function()
    timed = max(calls - 1, 1)
    start = time.perf_counter()
    for _ in range(timed):
        function()
    return 1000 * (time.perf_counter() - start) / timed


def ratio(value, peer, target=None, *, at_least=False):
    """Return ``value / peer`` as text, with its target and whether it was missed."""
    found = value / peer
    if target is None:
        return f"{found:.2f}"
    missed = found < target if at_least else found > target
    return f"{found:.2f} ({'>=' if at_least else '<='} {target}{', MISSED' if missed else ''})"


def command(main, smallest, *, paths="", **flags):
    """Run a benchmark as the command line asks for it, and end the process.

    Parameters
    ----------
    main : callable
        ``main(report, **sizes)``.
    smallest : dict
        The sizes that ``--smallest`` stands for.
    paths : str, optional
        What paths on the command line are, which ``main`` takes as `paths`.
    **flags : str
        What further flags do, by their name; ``main`` takes each as True or False.
    """
    parser = argparse.ArgumentParser(description=sys.modules[main.__module__].__doc__)
    parser.add_argument("--smallest", action="store_true", help="be done in seconds")
    if paths:
        parser.add_argument("paths", nargs="*", type=Path, help=paths)
    for name, does in flags.items():
        parser.add_argument(f"--{name}", action="store_true", help=does)
    options = vars(parser.parse_args())
    sizes = smallest if options.pop("smallest") else {}
    report = Report()
    with report.attempt("this benchmark"):
        main(report, **sizes, **options)
    if "this benchmark" in report.failures:
        print(f"\nThe rest was not measured. {report.failures['this benchmark']}")
    sys.exit(bool(report.failures))
