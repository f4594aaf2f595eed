"""What was handed in and what came of it, kept for good: `grading/judged/`.

Each student has a folder for each assignment. In it are the files that were handed in, the
results, and a history: a line for each that was marked, the last of which counts. A result is
kept under a key that stands for all that it depends on, so a run that was interrupted finds
what it had done, and nothing is found again that would come out otherwise today.
"""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from teaching.grading.collect import Handed

HISTORY = "history.jsonl"


def key_of(exam, data, rules):
    """Return a fingerprint of all that a result depends on; `rules` are the judge's own."""
    asked = json.dumps(exam, sort_keys=True).encode()
    parts = (hashlib.sha256(part).digest() for part in (asked, data, rules.encode()))
    return hashlib.sha256(b"".join(parts)).hexdigest()[:32]


class Ledger:
    """The results of one assignment.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder):
        self._folder = Path(folder)

    def find(self, student, key):
        """Return a result that is kept, or None."""
        path = self._folder / student / f"{key}.json"
        return json.loads(path.read_bytes()) if path.exists() else None

    def keep(self, handed, key, result):
        """Keep a result, and what it is the result of; it counts from now on.

        Parameters
        ----------
        handed : collect.Handed
        key : str
        result : dict
        """
        folder = self._folder / handed.student
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / f"{key}.ipynb", handed.data or b"")
        write(folder / f"{key}.json", json.dumps(result, sort_keys=True, indent=1).encode())
        points = [mark["points"] for mark in result["marks"].values()]
        line = {
            "key": key,
            "where": handed.where,
            "beside": list(handed.beside),
            "doubt": handed.doubt,
            "late": handed.by if handed.late else "",
            "cases": handed.cases,
            "received": handed.received and handed.received.isoformat(),
            "status": result["status"],
            "points": None if None in points else sum(points),
        }
        lines = self.history(handed.student)
        if not lines or lines[-1] | {"judged": None} != line | {"judged": None}:
            lines.append(line | {"judged": datetime.now(UTC).isoformat(timespec="seconds")})
            text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
            write(folder / HISTORY, text.encode())

    def history(self, student):
        """Return what was marked of a student, the oldest first, as a list of dicts."""
        path = self._folder / student / HISTORY
        return (
            [json.loads(line) for line in path.read_text().splitlines()]
            if path.exists()
            else []
        )

    def handed_in(self, student):
        """Return what counts of a student, as a `collect.Handed`, and the key of its result."""
        line = self.history(student)[-1]
        key, late, received = line["key"], line.get("late", ""), line["received"]
        data, problem = (self._folder / student / f"{key}.ipynb").read_bytes(), ""
        if not data and line["status"] == "not a notebook":  # it could not be read
            data, problem = None, self.find(student, key)["problem"]
        handed = Handed(
            student,
            line["where"],
            data,
            received and datetime.fromisoformat(received),
            problem,
            attempt=(),
            by=late,
            late=bool(late),
            beside=tuple(line.get("beside", ())),
            doubt=line.get("doubt", ""),
            cases=line.get("cases", ""),
        )
        return handed, key

    def students(self):
        """Return the students of whom something was marked."""
        return sorted(path.parent.name for path in self._folder.glob(f"*/{HISTORY}"))


def write(path, content):
    """Write a file at once: a run that is interrupted, or a full disk, leaves the old one."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
