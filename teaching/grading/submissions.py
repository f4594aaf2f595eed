"""What was handed in, as cells; and a master with a student's answers in it.

Nothing but the text of cells is taken over. A submission may be damaged, or of an old or a
future format of notebooks; its cells may be in any order, copied, altered or missing.
"""

import json
import re
from typing import NamedTuple

from teaching.grading.exports import from_html, from_python
from teaching.grading.wire import text

LARGEST = 20 * 2**20  # bytes
LONGEST_SOURCE = 200_000
LONGEST_EXPORT = 5_000_000
MOST_CELLS = 2_000
MOST_PICTURES = 4  # in a cell
PICTURES = ("image/png", "image/jpeg")
CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\t"), ord("\n")})
ELSEWHERE = "# The answer is in a cell above."
TEXTS = ("markdown", "raw", "heading")


class Unreadable(Exception):  # noqa: N818 (it says what is unreadable)
    """A file holds no cells; the text says why, and `status` in a word or three."""

    def __init__(self, status, words):
        super().__init__(words)
        self.status = status


class Cell(NamedTuple):
    """A cell as it was handed in; `id` is nbgrader's name of it, or else the notebook's."""

    kind: str  # "code" or "markdown"
    id: str
    source: str
    pictures: dict = {}  # noqa: RUF012 (not changed); what is attached, as text in base64


def read(data):
    """Return the cells of a notebook.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    list of Cell

    Raises
    ------
    Unreadable
        If there are none.
    """
    if len(data) > LARGEST:
        raise Unreadable("too large", f"it is larger than {LARGEST // 2**20} MB")
    if not data.strip():
        raise Unreadable("empty", "the file is empty")
    words = decoded(data)
    try:
        notebook = json.loads(words)
    except (ValueError, RecursionError) as error:
        if cells := _exported(words):
            return cells
        raise Unreadable(
            "not a notebook", f"it is no notebook: {text(str(error), 100)}"
        ) from None
    if not isinstance(notebook, dict):
        raise Unreadable("not a notebook", "it is no notebook, but other data")
    cells = notebook.get("cells")
    if not isinstance(cells, list):  # before version 4 of the format
        sheets = notebook.get("worksheets")
        sheets = [s for s in sheets if isinstance(s, dict)] if isinstance(sheets, list) else []
        lists = [s["cells"] for s in sheets if isinstance(s.get("cells"), list)]
        cells = [cell for listed in lists for cell in listed]
        if not lists:
            raise Unreadable("not a notebook", "it is no notebook: it has no list of cells")
    read_ = [_cell(cell) for cell in cells[:MOST_CELLS] if isinstance(cell, dict)]
    if not any(cell.source.strip() for cell in read_):
        raise Unreadable("empty", "the notebook has no cells, or only empty ones")
    return read_


def _exported(words):
    """Return the cells of a notebook that was exported as a page or as Python, if it is one."""
    if len(words) > LONGEST_EXPORT:
        return []
    words = _storable(words)
    found = from_html(words) if words.lstrip().startswith("<") else from_python(words)
    return [Cell(kind, "", source[:LONGEST_SOURCE]) for kind, source in found[:MOST_CELLS]]


def decoded(data):
    """Return text in the encoding that it is in: editors and terminals write several."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # PowerShell's ``>``
        return data.decode("utf-16")
    if b"\0" in data[:4]:
        return data.decode("utf-16-be" if data.startswith(b"\0") else "utf-16-le")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _cell(cell):
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    names = (marks.get("grade_id") if isinstance(marks, dict) else None), cell.get("id")
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return Cell(
        "markdown" if cell.get("cell_type") in TEXTS else "code",
        next((name for name in names if isinstance(name, str) and name), ""),
        _storable(source)[:LONGEST_SOURCE] if isinstance(source, str) else "",
        _pictures(cell.get("attachments")),
    )


def _pictures(attachments):
    """Return the pictures that are attached to a cell, by their names."""
    found = {}
    for name, content in attachments.items() if isinstance(attachments, dict) else ():
        data = [content.get(kind) for kind in PICTURES] if isinstance(content, dict) else []
        data = next(("".join(d) for d in data if isinstance(d, str)), None)
        if data and re.fullmatch(r"[\w. -]{1,100}", name):
            found[name] = data
    return dict(list(found.items())[:MOST_PICTURES])


def _storable(source):
    """Return text without what a file or a database cannot hold, or a terminal obeys."""
    source = source.encode("utf-8", "replace").decode("utf-8")
    return source.replace("\r\n", "\n").replace("\r", "\n").translate(CONTROLS)


def likeness(exam, cells):
    """Return how many signs there are that these cells answer this exam.

    Signs are the names of its exercises' cells, and definitions of its functions: copies of a
    notebook lose the one, and students who start from nothing have the other.
    """
    names = {cell["id"] for cell in exam["cells"] if cell["role"] in ("answer", "test")}
    functions = {name for cell in exam["cells"] for name in cell.get("names", ())}
    return sum(
        (cell.id in names) + sum(f"def {name}(" in cell.source for name in functions)
        for cell in cells
    )


def with_names(exam, cells):
    """Return cells with the names that they have lost, where these can be told.

    A locked cell is known by its text, and an answer by the cell above it, or by the function
    that it defines.
    """
    master, given = exam["cells"], {cell.id for cell in cells}
    places = {cell["id"]: place for place, cell in enumerate(master)}
    answers = {place for place, cell in enumerate(master) if _is_open(cell)}
    texts = {
        cell["source"].strip(): place
        for place, cell in enumerate(master)
        if place not in answers
    }
    functions = {name: at for at in answers for name in master[at].get("names", ())}
    named, below = [], None  # the place of the cell that the master has below the last one
    for cell in cells:
        place = places.get(cell.id, texts.get(cell.source.strip()))
        if place is None:
            place = _defined_in(cell, functions)
        if place is None and below in answers and cell.kind == master[below]["kind"]:
            place = below
        if place is not None and master[place]["id"] not in given:
            cell = cell._replace(id=master[place]["id"])
        named.append(cell)
        below = None if place is None else place + 1
    return named


def _defined_in(cell, functions):
    """Return the place of the answer that a cell has, by the functions that it defines."""
    defined = re.findall(r"^def (\w+)\(", cell.source, re.M) if cell.kind == "code" else ()
    return next((functions[name] for name in defined if name in functions), None)


def answers(exam, cells):
    """Return the texts in a submission that are the student's own, as a set.

    A statement that was altered is none: it may be of another edition of the assignment.
    """
    known = {cell["id"]: cell for cell in exam["cells"]}
    own = (c.source.strip() for c in with_names(exam, cells) if _is_own(c, known.get(c.id)))
    return set(own) - {""}


def _is_own(cell, asked):
    """Return whether a cell is the student's: added, or an answer that is not as released."""
    if asked is None:
        return True
    return (
        asked["role"] in ("answer", "written")
        and cell.source.strip() != asked["source"].strip()
    )


def _is_open(cell):
    """Return whether a cell is there to be changed."""
    return cell["role"] in ("answer", "written", "free")


def rebuild(exam, cells):
    """Return the master's cells with a student's answers, in the student's order.

    A cell that the student added stays where it was. Where a locked cell was altered, the
    student's version follows it. Of copies of an answer the last counts that is not as it was
    released; what is missing is put back where the master has it.

    Parameters
    ----------
    exam : dict
        See `judge.exam`.
    cells : list of Cell

    Returns
    -------
    list of dict
        Each with ``id``, ``kind``, ``role`` and ``source``; see `judge.exam`. What may be an
        answer has ``pictures`` too.
    """
    cells = with_names(exam, cells)
    known = {cell["id"]: cell for cell in exam["cells"]}
    counts = {}
    for index, cell in enumerate(cells):
        released = known.get(cell.id, {}).get("source")
        if cell.id in known and not (cell.id in counts and cell.source == released):
            counts[cell.id] = index
    rebuilt = []
    for index, cell in enumerate(cells):
        theirs = {
            "id": f"extra-{index}",
            "kind": cell.kind,
            "role": "extra",
            "source": cell.source,
            "pictures": cell.pictures,
        }
        if counts.get(cell.id) != index:
            is_a_copy = cell.id in known and cell.source == known[cell.id]["source"]
            rebuilt += [theirs][: not is_a_copy]  # of a stub, it would undo the answer
        elif _is_open(known[cell.id]):
            rebuilt.append(known[cell.id] | {"source": cell.source, "pictures": cell.pictures})
        else:
            altered = cell.source != known[cell.id]["source"]
            rebuilt += [known[cell.id], theirs][: 1 + altered]
    for before, missing in zip([None, *exam["cells"]], exam["cells"], strict=False):
        if missing["id"] not in counts:
            ids = [cell["id"] for cell in rebuilt]
            rebuilt.insert(ids.index(before["id"]) + 1 if before else 0, missing)
    for at, cell in enumerate(rebuilt):
        if cell["role"] == "answer" and cell["source"] == known[cell["id"]]["source"]:
            rebuilt[at] = _without_stub(cell, rebuilt[:at])
    return rebuilt


def _without_stub(cell, above):
    """Return an answer as released, but for one that would undo a student's own cell above."""
    own = "\n".join(c["source"] for c in above if c["role"] == "extra" and c["kind"] == "code")
    names = cell.get("names", ())
    is_above = bool(names) and all(_binds(own, name) for name in names)
    return cell | ({"source": ELSEWHERE} if is_above else {})


def _binds(source, name):
    """Return whether code defines a name, as far as its text tells."""
    return bool(re.search(rf"^(?:def|class) {name}\b|^{name} *=", source, re.M))
