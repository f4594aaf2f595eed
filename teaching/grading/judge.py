"""From what was handed in to marks: a pure step, the same on any machine.

The student's cells run behind walls. Where a test stands in the notebook, the process there is
forked, and the test, which runs here, asks that fork. So each exercise is asked in the state
that the notebook had at its test, whatever the cells below do, and nothing that is asked in a
hidden test reaches a cell that could print it.
"""

import ast
import os
import re
import warnings
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from io import StringIO

from helpers.checks import NotAttempted
from helpers.checks.attempt import SECRET
from teaching.grading import pictures
from teaching.grading.sandbox import Budget, Ended, OfTheStudent
from teaching.grading.submissions import Unreadable, likeness, read, rebuild
from teaching.grading.wire import text

LONGEST_REASON = 600
LONGEST_CAUSE = 120
LONGEST_NEAR = LONGEST_REASON - 50
FEWEST_WORDS = 3  # of what may be an answer, in a cell of code
FEWEST_LETTERS = 6
WORDS_IN_CODE = re.compile(
    r"""#.*|\"{3}(?:.|\n)*?\"{3}|'{3}(?:.|\n)*?'{3}|"[^"\n]*"|'[^'\n]*'"""
)
# What a submission may do that its marks alone do not tell, the worst first.
MISSING_PACKAGE = "missing package"
OF_THE_COURSE = {"helpers", "teaching", "tests"}  # which nobody needs behind the walls
FAILED = "failed check"  # it raised what neither it nor the student's code should raise
SERIOUS = ("out of memory", "timed out", "crashed", "bad answer", FAILED, MISSING_PACKAGE)
MISSING = "not attempted"
MOST_STOPPED = 3  # own cells of a student that end the process, before none of them is run


def exam(master, released, secret):
    """Return what is asked in an assignment, as plain data.

    Parameters
    ----------
    master, released : dict
        The master notebook, and the student copy of it.
    secret : str
        What hidden tests draw their cases from.

    Returns
    -------
    dict
        With the ``title``, the ``secret``, and a list ``cells``. Each has ``id``; ``kind``,
        "code" or "markdown"; ``role``, "locked", "answer", "test", "written" (marked by hand)
        or "free" (to try something); ``source``, as released; ``nbgrader``, its metadata;
        ``names``, which an answer defines; ``answer``, the nearest at or above it; ``title``,
        the nearest heading; and ``whole``, with the hidden tests or marking schemes that
        students do not see.
    """
    sources = {cell["id"]: "".join(cell["source"]) for cell in released["cells"]}
    cells, answer, headings = [], None, [""]
    for cell in master["cells"]:
        marks, whole = cell["metadata"]["nbgrader"], "".join(cell["source"])
        role = _role(marks)
        is_code = cell["cell_type"] == "code"
        answer = cell["id"] if marks["solution"] else answer
        if not is_code and role == "locked":
            headings += re.findall(r"^#+ (.+)$", sources[cell["id"]], re.M)
        cells.append(
            {
                "id": cell["id"],
                "kind": "code" if is_code else "markdown",
                "role": role,
                "source": sources[cell["id"]],
                "nbgrader": marks,
                "answer": answer,
                "title": headings[-1],
                "names": sorted(_bound(whole)) if is_code and marks["solution"] else [],
                "whole": whole if role in ("test", "locked") else "",
            }
        )
    return {"title": [*headings, ""][1], "cells": cells, "secret": secret}


def _role(marks):
    if marks["solution"]:
        return "written" if marks["grade"] else "answer"
    if marks["grade"]:
        return "test"
    return "locked" if marks["locked"] else "free"


def _bound(source):
    """Return the names that code binds at its top level."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            targets = (n for target in node.targets for n in ast.walk(target))
            names |= {n.id for n in targets if isinstance(n, ast.Name)}
    return names


def judge(exam, data, sandbox):
    """Return the marks of a submission, with reasons.

    Parameters
    ----------
    exam : dict
        See `exam`.
    data : bytes
        What was handed in.
    sandbox : sandbox.Sandbox

    Returns
    -------
    dict
        Plain data: ``status`` and ``note``, what happened in a word or three and in a sentence;
        ``marks``, for each graded cell its ``points``, or None if a person is to mark it,
        ``max``, ``status``, ``reason`` and ``cause``; and ``notebook``, as markers see it.
    """
    try:
        cells = read(data)
        if not likeness(exam, cells):
            raise Unreadable("wrong assignment", "it has no exercise of this assignment")
    except Unreadable as error:
        return nothing(exam, error.status, str(error))
    cells = rebuild(exam, cells)
    with ExitStack() as stack:
        notebook = Notebook(cells, sandbox, stack)
        notebook.run()
        marks = {}
        for cell in exam["cells"]:
            if cell["role"] == "test":
                marks[cell["id"]] = _tested(exam, cell, notebook)
            elif cell["role"] == "written":
                marks[cell["id"]] = _written(cell, cells)
        shown = _shown(cells, notebook, marks)  # which opens a session for pictures
    statuses = {m["status"] for m in marks.values()} | {
        e.status for e in notebook.stopped.values()
    }
    notes = [_note(cell, ended) for cell, ended in notebook.stopped.items()]
    if missing := _missing_packages(notebook, marks):
        statuses.add(MISSING_PACKAGE)
        notes.append(f"Not installed here, but imported: {', '.join(missing)}.")
    return {
        "status": next((status for status in SERIOUS if status in statuses), "graded"),
        "note": " ".join(notes),
        "marks": marks,
        "notebook": shown,
    }


def _attached(cells, notebook):
    """Return the pictures of each cell, made new from their pixels, by the cell's id."""
    made, session = {}, None
    for cell in cells:
        for name, data in cell.get("pictures", {}).items():
            session = session or notebook.with_nothing_in_it()
            if picture := pictures.made_new(data, session):
                made.setdefault(cell["id"], {})[name] = {"image/png": picture}
    return made


def _missing_packages(notebook, marks):
    """Return the packages for want of which marks may be lost, in the order of their names."""
    lost = [mark for mark in marks.values() if mark["points"] is not None]
    lost = [mark for mark in lost if mark["points"] < mark["max"]]
    raised = [f"{type(e).__name__}: {e}" for _, e in notebook.outputs.values() if e]
    said = " ".join([*raised, *(mark["reason"] for mark in lost)])
    found = re.findall(r"ModuleNotFoundError(?:: No module named '(\w{1,80}))?", said)
    # Of what a hidden case made it import, the name is not told.
    return sorted({name or "a package" for name in found} - OF_THE_COURSE) if lost else []


def nothing(exam, status, words):
    """Return the result of a submission that has no answers, and why."""
    reason = f"Nothing could be marked: {words}."
    marks = {
        cell["id"]: _marks(cell, 0.0, status, reason)
        for cell in exam["cells"]
        if cell["nbgrader"]["grade"]
    }
    return {
        "status": status,
        "note": reason,
        "marks": marks,
        "notebook": None,
        "problem": words,
    }


def _marks(cell, points, status, reason="", cause=None):
    return {
        "points": points,
        "max": float(cell["nbgrader"]["points"]),
        "status": status,
        "reason": text(reason, LONGEST_REASON),
        "cause": cause and text(cause, LONGEST_REASON),
    }


class Notebook:
    """A rebuilt notebook that runs behind walls.

    Parameters
    ----------
    cells : list of dict
        See `submissions.rebuild`.
    sandbox : sandbox.Sandbox
    stack : contextlib.ExitStack
        Ends what still runs.

    Attributes
    ----------
    outputs : dict
        For each cell that ran: what it printed, and what it raised, or None.
    stopped : dict
        For each cell that ended its process, or had to be ended: an `Ended`.
    """

    def __init__(self, cells, sandbox, stack):
        self._code = [cell for cell in cells if cell["kind"] == "code"]
        self._sandbox, self._stack = sandbox, stack
        self.outputs, self.stopped, self._forks = {}, {}, {}
        self._budget = Budget(sandbox.limits.submission)

    def run(self):
        """Run all cells; if one ends the process, run all others again."""
        while (end := self._ran()) is None:
            pass
        self._end = end

    def _ran(self):
        """Run the cells that were not stopped; return the session, or None if one more was."""
        session, last = self._session(), None
        for cell in self._code:
            if self._is_left_out(cell):
                continue
            try:
                if cell["role"] == "test":
                    self._forks[cell["id"]] = self._stack.enter_context(session.fork())
                else:
                    last = cell if cell["role"] != "locked" or last is None else last
                    self.outputs[cell["id"]] = session.run(cell["source"])
            except Ended as ended:
                self.stopped[(last or cell)["id"]] = ended
                session.close()
                return session if self._budget.left <= 0 else None
        return session

    def _session(self):
        # Beside the student's own processes: a fork for each test, and one more at the end.
        forks = 2 * sum(cell["role"] == "test" for cell in self._code)
        processes = self._sandbox.limits.processes + forks
        session = self._sandbox.session(self._budget, processes=processes)
        return self._stack.enter_context(session)

    def _is_left_out(self, cell):
        extras = [name for name in self.stopped if name.startswith("extra-")]
        is_one_of_many = cell["role"] == "extra" and len(extras) >= MOST_STOPPED
        return cell["id"] in self.stopped or is_one_of_many

    def at_its_place(self, test):
        """Return a session in the state that the notebook has at a test."""
        return self._forks.get(test["id"], self._end)

    def at_the_end(self, test):
        """Return a session in the state that the notebook has at its end."""
        return self._stack.enter_context(self._end.fork())

    def alone(self, test):
        """Return a session in the state at a test, in which no other exercise was asked."""
        above = self._code[: self._place(test)]
        return self._with([cell for cell in above if not self._is_left_out(cell)])

    def without_other_cells(self, test):
        """Return a session in which of the student's cells only the answer to a test ran."""
        names = _asked_for(test, self._code)
        return self._with(
            [c for c in self._code if c["role"] == "locked" or names & set(c.get("names", ()))]
        )

    def with_nothing_in_it(self):
        """Return a session in which no code of the student's has run."""
        return self._with([])

    def _with(self, cells):
        session = self._session()
        with suppress(Ended):
            for cell in cells:
                if cell["role"] != "test":
                    session.run(cell["source"])
        return session.for_one_exercise()  # no fork, which would not know that memory was out

    def is_mentioned_below(self, test, names):
        """Return whether a student's cell below a test has one of these names in it."""
        return any(
            name in cell["source"]
            for cell in self._code[self._place(test) :]
            if cell["role"] in ("answer", "extra", "free")
            for name in names
        )

    def has_others_above(self, test, names):
        """Return whether other cells of a student's than the answer stand above its test."""
        return any(
            cell["role"] in ("answer", "extra", "free")
            and not names & set(cell.get("names", ()))
            for cell in self._code[: self._place(test)]
        )

    def _place(self, test):
        return [cell["id"] for cell in self._code].index(test["id"])


def _asked_for(test, cells):
    """Return the names that a test takes from the student: those that an answer defines."""
    used = {
        node.id for node in ast.walk(ast.parse(test["whole"])) if isinstance(node, ast.Name)
    }
    return used & {name for cell in cells for name in cell.get("names", ())}


def _tested(exam, test, notebook):
    """Return the marks for a test.

    An answer is right if it is where its test stands, or at the end of the notebook. If it is
    not, another cell may be to blame for it: it is asked where nothing else was.
    """
    names = _asked_for(test, exam["cells"])
    mentioned = notebook.is_mentioned_below(test, names)
    others = notebook.has_others_above(test, names)
    best = _asked(exam, test, names, notebook, notebook.at_its_place)
    for session, is_worth_it in (
        (notebook.at_the_end, lambda marks: mentioned),
        (notebook.alone, lambda marks: marks["status"] == "crashed"),
        (notebook.without_other_cells, lambda marks: _is_in_doubt(marks, others)),
    ):
        if best["points"] < best["max"] and is_worth_it(best):
            again = _asked(exam, test, names, notebook, session)
            best = max(best, again, key=_telling)
    return best


def _is_in_doubt(marks, others):
    """Return whether another cell may be to blame: one below can only stop or end a process."""
    return marks["status"] in SERIOUS or (others and marks["status"] != MISSING)


def _telling(marks):
    """Return how much marks tell: a fork does not know that memory was out."""
    return marks["points"], marks["status"] == "out of memory"


def _asked(exam, test, names, notebook, opened):
    """Return the marks for a test that asks one session, which `opened` returns."""
    most = float(test["nbgrader"]["points"])
    setup = [c["whole"] for c in exam["cells"] if c["role"] == "locked" and c["kind"] == "code"]
    os.environ[SECRET] = exam["secret"]
    try:
        session = opened(test)
        theirs = {name: session.value(name) for name in sorted(names)}
    except Ended as ended:
        return _marks(test, 0.0, ended.status, f"{test['id']}: it {ended}", str(ended))
    except LookupError as error:
        why = _undefined(str(error), exam, notebook)
        return _marks(test, 0.0, *why, cause="it is not defined")
    said = StringIO()
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(said),
            redirect_stderr(StringIO()),
        ):
            warnings.simplefilter("ignore")
            points = score(test["whole"], setup, theirs, most)
    except Ended as ended:
        return _marks(test, 0.0, ended.status, f"{test['id']}: it {ended}", str(ended))
    except NotAttempted as mistake:
        return _marks(test, 0.0, MISSING, str(mistake))
    except Exception as error:
        is_told = isinstance(error, AssertionError | OfTheStudent)
        status = session.ended.status if session.ended else "graded" if is_told else FAILED
        return _marks(test, 0.0, status, *_reason(error, names))
    if session.ended:
        return _marks(test, 0.0, session.ended.status, str(session.ended))
    if points == most:
        return _marks(test, points, "graded")
    return _marks(test, points, "graded", *_part(said.getvalue(), names))


def score(test, setup, theirs, most):
    """Return the points that a test gives; it raises if there are none.

    As in nbgrader, a test whose last line is a number gives so many points.

    Parameters
    ----------
    test : str
    setup : list of str
        The master's own cells, which run before it.
    theirs : dict
        What the test takes from the student, by name.
    most : float
        The points of a test that ends in anything else.
    """
    names = {"__name__": "__main__"}
    for source in setup:
        exec(compile(source, "<master>", "exec"), names)
    names |= theirs
    *lines, last = ast.parse(test).body
    exec(compile(ast.Module(lines, []), "<test>", "exec"), names)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "<test>", "exec"), names)
        return most
    value = eval(compile(ast.Expression(last.value), "<test>", "eval"), names)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return min(max(0.0, float(value)), most) if is_number else most


def _undefined(name, exam, notebook):
    """Return the status and the reason of an answer that is not there."""
    cell, *_ = (c["id"] for c in exam["cells"] if name in c["names"])
    if cell in notebook.stopped:
        return notebook.stopped[cell].status, f"{name}: its cell {notebook.stopped[cell]}"
    _, error = notebook.outputs.get(cell, ("", None))
    if error:
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        return "graded", f"{name} is not defined, because its cell raised {said}."
    return MISSING, f"{name} is not defined."


def _reason(error, names):
    """Return what is wrong, in words, and the mistake by name."""
    if isinstance(error, OfTheStudent) or not isinstance(error, AssertionError):
        # Its words may hold a hidden case. Of ours, teachers read them, in the cause.
        kind = next(k.__name__ for k in type(error).__mro__ if k.__module__ == "builtins")
        said = kind if isinstance(error, OfTheStudent) else f"{kind}: {error}"
        return f"The test ended with {kind}.", f"the test ended with {said}"
    words = str(error) or "A test failed that says no more."
    return words, getattr(error, "cause", None) or _without_numbers(words, names)


def _part(said, names):
    """Return why a test gives a part of its points, which it says last, and that by name."""
    words = [line for line in said.splitlines() if line.strip()]
    if not words:
        return "Some of it is right.", None
    return words[-1], _without_numbers(words[-1], names).partition(": ")[0]


def _without_numbers(words, names):
    """Return a reason as it would be said of any case: without the call and its numbers."""
    for name in names:
        words = re.sub(rf"^{name}(\(.*?\))?(: | )(?=\w)", "", words)
    return re.sub(r"-?\d[\d.e+-]*", "…", words).rstrip(".")[:LONGEST_CAUSE]


def _written(asked, cells):
    """Return the marks for what is marked by hand: none yet, unless there is no answer."""
    place = [cell["id"] for cell in cells].index(asked["id"])
    if cells[place]["source"].strip() not in ("", asked["source"].strip()):
        return _marks(asked, None, "graded")
    released = {line for cell in cells if "nbgrader" in cell for line in _lines(cell["whole"])}
    for where, cell in _around(cells, place):
        if words := _sentence(cell, released):
            near = f"The answer may be in a cell {where}: “{text(words, LONGEST_NEAR)}”"
            return _marks(asked, None, "graded", near)
    return _marks(asked, 0.0, MISSING, "There is no answer.")


def _lines(source):
    return [line.strip() for line in source.splitlines()]


def _around(cells, place):
    """Yield a student's own cells near a place: up to the exercises before and after it."""
    for where, side in (("below", cells[place + 1 :]), ("above", reversed(cells[:place]))):
        for cell in side:
            if cell["role"] in ("answer", "test", "written"):
                break
            if cell["role"] in ("extra", "free"):
                yield where, cell


def _sentence(cell, released):
    """Return what somebody has written in a cell, in code as comments or strings, or ''."""
    own = "\n".join(line for line in _lines(cell["source"]) if line not in released)
    if cell["kind"] == "code":
        own = " ".join(WORDS_IN_CODE.findall(own))
        words = re.findall(r"[^\W\d_]{2,}", own)
        if len(words) < FEWEST_WORDS and not any(map(_is_sentence, words)):
            return ""
    return " ".join(own.split())


def _is_sentence(word):
    """Return whether it may be one in a script that puts no spaces between words."""
    return len(word) >= FEWEST_LETTERS and not word.isascii()


def _note(cell, ended):
    """Return what a cell did, as a sentence."""
    whose = "A cell of the student's own" if cell.startswith("extra-") else f"The cell {cell}"
    return f"{whose} {ended}"


def _shown(cells, notebook, marks):
    """Return the notebook as markers see it: with what was printed, and what tests say."""
    shown, attached = [], _attached(cells, notebook)
    for cell in cells:
        is_code = cell["kind"] == "code"
        source = cell["source"] if is_code else cell.get("whole") or cell["source"]
        made = {"cell_type": cell["kind"], "id": cell["id"], "metadata": {}, "source": source}
        if "nbgrader" in cell:
            made["metadata"]["nbgrader"] = cell["nbgrader"]
        if is_code:
            made |= {"execution_count": None, "outputs": _outputs(cell, notebook, marks)}
        elif cell["id"] in attached:
            made["attachments"] = attached[cell["id"]]
        shown.append(made)
    return {
        "cells": shown,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _outputs(cell, notebook, marks):
    if cell["role"] == "test":
        given = marks[cell["id"]]
        printed, error = f"{given['points']:g} of {given['max']:g}. {given['reason']}", None
    elif cell["id"] in notebook.stopped:
        printed, error = _note(cell["id"], notebook.stopped[cell["id"]]), None
    else:
        printed, error = notebook.outputs.get(cell["id"], ("", None))
    outputs = []
    if printed:
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed})
    if error:
        name, words = type(error).__name__, str(error)
        traceback = [f"{name}: {words}"]
        outputs.append(
            {"output_type": "error", "ename": name, "evalue": words, "traceback": traceback}
        )
    return outputs
