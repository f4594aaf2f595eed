"""Run every benchmark, each in a process of its own that has a limit."""

import signal
import subprocess
import sys

PARTS = (
    *("drawing", "sweep", "choices", "training", "notebooks"),
    *("panels", "sliders", "decks", "grading", "frameworks", "inspection"),
)
LIMIT, GRACE = 3600, 30  # seconds for a part, and for it to end its browser and its servers


def failed(part, arguments):
    """Run a benchmark; return why it failed, or None."""
    process = subprocess.Popen([sys.executable, "-m", f"benchmarks.{part}", *arguments])
    try:
        return "see its rows" if process.wait(LIMIT) else None
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
        return f"it was ended after {LIMIT} s"


def main(parts=PARTS):
    """Run the benchmarks, and return the exit status."""
    reasons = {part: failed(part, sys.argv[1:]) for part in parts}
    for part, reason in reasons.items():
        if reason:
            print(f"\nbenchmarks.{part} FAILED: {reason}", flush=True)
    return int(any(reasons.values()))


if __name__ == "__main__":
    sys.exit(main())
