"""``python -m teaching.grading FOLDER``, or ``make grade SUBMISSIONS=FOLDER``."""

import argparse
import sys
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from teaching.exercises import ROOT
from teaching.grading import problems
from teaching.grading.farm import Cluster, Local
from teaching.grading.sandbox import Limits

UNSAFE = """
--unsafe: there are no walls. Each submission runs in your name: it can read and change all of
your files, also this course's secret, the marks and the other submissions, reach the network,
and go on running when this is over. Do this only on a machine that you can throw away, or with
submissions that you have read.
"""


def main(arguments):
    """Grade, and say what came of it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m teaching.grading", description=__doc__)
    parser.add_argument("folder", nargs="?", help="with what was handed in, or a zip")
    parser.add_argument("--assignment", help="that all of it belongs to")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, whose workers judge")
    parser.add_argument("--course", default=ROOT, help="folder of another course than this one")
    parser.add_argument("--again", action="store_true", help="judge what has a result, too")
    parser.add_argument(
        "--limit", type=_limit, action="append", default=[], help="such as call=30, in seconds"
    )
    parser.add_argument("--roster", help="class.csv: who is in the class; see docs/grading.md")
    parser.add_argument(
        "--timezone", type=_zone, help="of times in names, such as Europe/Berlin"
    )
    parser.add_argument(
        "--pass-over", action="append", default=[], help="a folder that names nobody"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say whose each file is, and mark nothing"
    )
    parser.add_argument("--by-hand", help="by_hand_05_he.csv, with marks for short answers")
    parser.add_argument("--unsafe", action="store_true", help="without a sandbox")
    options = parser.parse_args(arguments)
    if options.dry_run and options.folder is None:
        parser.error("--dry-run needs a folder")
    if options.unsafe:
        print(UNSAFE, file=sys.stderr)
    try:
        return _grade(options)
    except problems.KNOWN as error:
        print(f"Nothing more was graded: {problems.in_words(error)}", file=sys.stderr)
        print("What was graded is kept: the same command goes on from there.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this one was.", file=sys.stderr)
        return 130


def _zone(text):
    """Return a time zone."""
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise argparse.ArgumentTypeError(
            f"a time zone must be one such as Europe/Berlin; got {text!r}"
        ) from None


def _limit(text):
    """Return the name and the value of a limit."""
    name, _, value = text.partition("=")
    known = {field.name for field in fields(Limits)} - {"walls"}
    if name not in known or not value.isdigit() or int(value) == 0:
        raise argparse.ArgumentTypeError(
            f"a limit must be one of {sorted(known)}, and a whole number: call=30; got {text!r}"
        )
    return name, int(value)


def _whose(options, course):
    from teaching.grading import roster, run

    kept = course.grading / "roster.csv"
    path = options.roster or (kept if kept.exists() else None)
    known = roster.read(path) if path else None
    return run.Whose(known, options.timezone, tuple(options.pass_over))


def _by_hand(options):
    """Give the marks in a table; its name says of which assignment."""
    from teaching.grading import pages, run, submissions

    path = Path(options.by_hand)
    assignment = options.assignment or path.stem.removeprefix("by_hand_")
    words = submissions.decoded(path.read_bytes())
    marks, changed = run.mark_by_hand(run.load_course(options.course), assignment, words)
    print(f"{pages.counted(len(marks), 'mark')} by hand for {assignment}.")
    if changed:
        print(f"Not marked, since another answer is there now: {', '.join(changed)}")
    return 0


def _dry_run(options):
    """Say who was found from which file."""
    from teaching.grading import pages, run

    course = run.load_course(options.course)
    whose = _whose(options, course)
    counts, ignored = run.sorted_out(course, options.folder, options.assignment, whose)
    zone = options.timezone or datetime.now().astimezone().tzinfo
    print(pages.found(counts, ignored, whose.roster and whose.roster.students, zone))
    return 0


def _grade(options):
    if options.dry_run:
        return _dry_run(options)
    if options.by_hand:
        return _by_hand(options)
    limits = replace(Limits(walls=not options.unsafe), **dict(options.limit))
    scheduler = options.scheduler
    with Cluster(scheduler, limits) if scheduler else Local(limits) as workers:
        # Workers start while this process loads nbgrader, which is slow.
        from teaching.grading import pages, run

        course = run.load_course(options.course)
        if options.folder is None:
            records, ignored = run.refresh(course, workers), []
        else:
            records, ignored = run.grade(
                course,
                options.folder,
                workers,
                assignment=options.assignment,
                again=options.again,
                whose=_whose(options, course),
            )
    for file in ignored:
        print(f"not marked: {file.where}: {file.why}")
    print(pages.summary(records))
    print(f"Marks, feedback and reports are in {course.grading}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
