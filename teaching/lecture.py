"""What stands on which slide of a deck: the main line of a lecture, and its reserve.

A cell that begins a slide says in its metadata what the slide is in a lecture::

    "lecture": {"minutes": 3, "question": "What happens at scale 1?", "code": true}

With `minutes` the slide is in the main line. `question` stands above what the slide shows.
Code is hidden there until a key asks for it, unless the lecture is about the code. All other
slides come after the end, as a reserve, as they are in the notebook. A notebook in which no
cell says `minutes` is a deck from the first cell to the last.
"""

import re
from copy import deepcopy
from numbers import Real

import nbformat

KEY = "lecture"
KEPT = {"minutes", "question", "code"}
HEADING = re.compile(r"#+ +(.+)")
KINDS = {"Predict": "predict", "What to remember": "remember", "Sources": "sources"}
BEGINS = ("slide", "subslide")
DRAWN = {"text/html", "image/png"}  # panels, pictures and questions, whose text is one in words
FOLD = r"<details><summary>%s</summary>\n\n(.+)\n\n</details>"
# What is for the lecturer is folded in a notebook, and open in the speaker view. So is what a
# reader unfolds after a panel.
NOTE = re.compile(FOLD % "For the lecturer", re.DOTALL)
SEEN = re.compile(FOLD % "What you should have seen", re.DOTALL)
FOLDED = re.compile(FOLD % "(?:For the lecturer|What you should have seen)", re.DOTALL)
# What only a reader needs: what the lesson takes, and how long it takes to read.
FOR_READERS = re.compile(r"\n\n(\*\*You will\*\*.+)", re.DOTALL)


class LectureError(ValueError):
    """A notebook's metadata do not make a deck; the message says which cell is the cause."""


def first_line(cell):
    """Return what a person finds a cell by in JupyterLab: its first line that is not empty."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    return lines[0] if lines else "(empty)"


def arranged(notebook):
    """Return a copy whose cells are those of the slides, in the order of the deck.

    Each cell has a `metadata.deck`, a dict that the template reads: `begins`, `ends`,
    `fragment_begins`, `fragment_ends` (bool), and on all cells of a slide its `heading`,
    `running` (a heading repeated, or ""), `kind`, `line` ("main" or "reserve"), `minutes` (a
    number or None), `question` (str), `code` (whether it is shown from the start) and `id`.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    LectureError
        If no cell has a slide type, or what a cell says of the lecture cannot be.
    """
    notebook = deepcopy(notebook)
    slides = _slides(notebook)
    _describe(slides)
    _say(slides)
    main = [slide for slide in slides if slide[0].metadata.deck["minutes"] is not None]
    reserve = [slide for slide in slides if slide[0].metadata.deck["minutes"] is None]
    if not main:
        main, reserve = slides, []
    for number, slide in enumerate(reserve, 1):
        for cell in slide:
            cell.metadata.deck |= {"line": "reserve", "id": f"reserve-{number}"}
    if reserve:
        main.append([_end(reserve)])
    notebook.cells = [cell for slide in main + reserve for cell in slide]
    return notebook


def _type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type") or "-"


def _slides(notebook):
    """Return the slides, each a list of its cells: what is shown, and then the notes."""
    if not any(_type(cell) in BEGINS for cell in notebook.cells):
        raise LectureError(
            "no cell begins a slide: choose the slide type of cells in JupyterLab's property "
            "inspector (the gears at the right)"
        )
    slides = []
    for cell in notebook.cells:
        if SEEN.fullmatch(cell.source):
            cell.metadata.slideshow.slide_type = "notes"
        if _type(cell) == "skip":
            continue
        if _type(cell) in BEGINS or not slides:
            slides.append([])
        slides[-1].append(cell)
    return [sorted(slide, key=lambda cell: _type(cell) == "notes") for slide in slides]


def _describe(slides):
    """Say of each cell where it stands."""
    heading, kind = "", "title"
    for slide in slides:
        lecture = _lecture(slide[0])
        coded = lecture.get("code", "minutes" not in lecture)
        for cell in slide:
            own = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
            if own and _type(cell) != "notes":
                heading, kind = own.group(1), _kind(own.group(1))
            if cell is slide[0]:
                about = {
                    "heading": heading,
                    "running": "" if own else heading,
                    "kind": "predict" if _asks(slide) else kind,
                    "line": "main",
                    "id": "",
                    "minutes": lecture.get("minutes"),
                    "question": lecture.get("question", ""),
                    "code": coded,
                }
            cell.metadata.deck = about | {"begins": False, "ends": False}
        _step_by_step(slide)
        slide[0].metadata.deck["begins"] = slide[-1].metadata.deck["ends"] = True
    _open(slides[0])


def _shows(cell):
    return cell.cell_type != "code" or cell.metadata.deck["code"] or bool(cell.outputs)


def _say(slides):
    """Give each slide of the main line its notes: also what its pictures say in words.

    Where the words that lead to it are in reserve, they are notes too.
    """
    heading = []
    for slide in slides:
        about = slide[0].metadata.deck
        if not about["running"]:
            heading = slide
        if about["minutes"] is None:
            continue
        said = [out.data["text/plain"] for out in _outputs(slide) if DRAWN & set(out.data)]
        if about["running"] and heading[0].metadata.deck["minutes"] is None:
            said.insert(0, HEADING.sub("", heading[0].source, count=1).strip())
        if said:
            note = nbformat.v4.new_markdown_cell("\n\n".join(said))
            note.metadata.slideshow = {"slide_type": "notes"}
            apart = dict.fromkeys(("begins", "fragment_begins", "fragment_ends"), False)
            note.metadata.deck = slide[-1].metadata.deck | apart
            slide[-1].metadata.deck["ends"] = False
            slide.append(note)


def _outputs(slide):
    """Return the outputs of a slide that show something."""
    return [out for cell in slide for out in cell.get("outputs", []) if "data" in out]


def _kind(heading):
    return next((k for start, k in KINDS.items() if heading.startswith(start)), "step")


def _asks(slide):
    """Tell whether a slide shows a question of `helpers.quiz`."""
    return any('class="predict"' in out.data.get("text/html", "") for out in _outputs(slide))


def _step_by_step(slide):
    """Mark where what the next key uncovers begins and ends: a bare heading is no step.

    Neither is code that is hidden, and shows nothing.
    """
    open_, before = None, None
    for cell in slide:
        begins = (
            _type(cell) == "fragment" and _shows(cell) and not HEADING.fullmatch(before.source)
        )
        cell.metadata.deck |= {"fragment_begins": begins, "fragment_ends": False}
        if _type(cell) == "notes" or begins:
            if open_ is not None:
                before.metadata.deck["fragment_ends"] = True
            open_ = cell if begins else None
        before = cell
    if open_ is not None:
        before.metadata.deck["fragment_ends"] = True


def _open(slide):
    """Make the first slide a title; what only readers need goes into the lecturer's notes."""
    for cell in slide:
        cell.metadata.deck["kind"] = "title"
    if "minutes" not in slide[0].metadata.get(KEY, {}):
        return
    for_readers = FOR_READERS.search(slide[0].source)
    if for_readers:
        slide[0].source = slide[0].source[: for_readers.start()]


def _lecture(cell):
    """Return what a cell says of the lecture, once it is known to make sense."""
    lecture = cell.metadata.get(KEY, {})
    unknown = set(lecture) - KEPT
    if unknown:
        raise LectureError(
            f'the cell "{first_line(cell)}": its metadata "{KEY}" may say '
            f"{', '.join(sorted(KEPT))}; got {', '.join(sorted(unknown))}"
        )
    taken = lecture.get("minutes", 1)
    if isinstance(taken, bool) or not isinstance(taken, Real) or not 0 < taken < 1000:
        raise LectureError(
            f'the cell "{first_line(cell)}": its minutes must be a number above 0; '
            f"got {taken!r}"
        )
    return lecture


def _end(reserve):
    """Return a slide that ends the main line, and leads to the slides in reserve."""
    links = "\n".join(
        f"* [{about['heading']}](#/{about['id']})"
        for about in (slide[0].metadata.deck for slide in reserve)
        if not about["running"]
    )
    cell = nbformat.v4.new_markdown_cell(f"## End\n\nIn reserve:\n\n{links}", id="end")
    cell.metadata.slideshow = {"slide_type": "slide"}
    cell.metadata.deck = reserve[0][0].metadata.deck | {
        "heading": "End",
        "running": "",
        "kind": "end",
        "id": "end",
        "line": "main",
        "minutes": 0,
        "question": "",
        "code": False,
        "begins": True,
        "ends": True,
        "fragment_begins": False,
        "fragment_ends": False,
    }
    return cell
