"""Files that are no notebooks, and notebooks that are damaged, old, tampered with or just busy."""

import json

import nbformat
from nbconvert.exporters import PythonExporter

from tests.grading.hostile.submission import (
    answering,
    file,
    harmless,
    hostile,
    nothing,
    own,
    released,
    solved,
    submission,
)

NONE, EMPTY, OTHER, LARGE = "not a notebook", "empty", "wrong assignment", "too large"


def changed(change):
    """Return a right notebook, as a file, in which each cell is what `change` makes of it.

    Parameters
    ----------
    change : callable
        From a cell to a cell, or to a list of cells in its place.
    """
    notebook, cells = solved(), []
    for cell in notebook["cells"]:
        made = change(cell)
        cells += made if isinstance(made, list) else [made]
    return file(notebook | {"cells": cells})


def ordered(order):
    """Return a right notebook, as a file, whose cells `order` has put into another order."""
    notebook = solved()
    return file(notebook | {"cells": order(notebook["cells"])})


def without(*names):
    """Return a right notebook, as a file, without some cells."""
    return changed(lambda cell: [] if cell["id"] in names else cell)


def with_metadata(**more):
    """Return a right notebook, as a file, whose cells say more to nbgrader."""

    def change(cell):
        marks = cell["metadata"]["nbgrader"]
        return cell | {"metadata": {"nbgrader": marks | more}}

    return changed(change)


def renamed(names):
    """Return a right notebook, as a file, in which some cells have others' names."""

    def change(cell):
        name = names.get(cell["id"], cell["id"])
        marks = cell["metadata"]["nbgrader"] | {"grade_id": name}
        return cell | {"id": name, "metadata": {"nbgrader": marks}}

    return changed(change)


def nameless(cell):
    """Return a cell without what says which it is."""
    return {key: value for key, value in cell.items() if key != "id"} | {"metadata": {}}


def in_version_3(cell):
    """Return a cell as the format had it before 2015."""
    old = {key: value for key, value in cell.items() if key not in ("id", "source")}
    if cell["cell_type"] == "code":
        return old | {"input": cell["source"], "language": "python", "prompt_number": 1}
    return old | {"source": cell["source"]}


def as_python(notebook):
    """Return a notebook as Jupyter exports it for Python."""
    exported, _ = PythonExporter().from_notebook_node(
        nbformat.reads(json.dumps(notebook), as_version=4)
    )
    return exported.encode()


def put(name, copies):
    """Return a right notebook, as a file, with these sources in place of one cell's."""
    return changed(
        lambda cell: [cell | {"source": s} for s in copies] if cell["id"] == name else cell
    )


def source(name):
    """Return the right text of a cell."""
    return next(cell["source"] for cell in solved()["cells"] if cell["id"] == name)


def stub(name):
    """Return the text of a cell as it was released."""
    return next(cell["source"] for cell in released()["cells"] if cell["id"] == name)


GAIN, WRONG = source("gain"), "def gain(phi):\n    return 1.0"
NOTEBOOK = file(solved())
DEEP = "[" * 100_000 + "]" * 100_000

FILES = [
    nothing("an empty file", "hand in nothing", b"", EMPTY, "the file is empty"),
    nothing("white space", "hand in nothing", b" \n\t\r\n ", EMPTY),
    nothing("no cells", "hand in nothing", file(solved() | {"cells": []}), EMPTY, "no cells"),
    nothing("empty cells", "hand in nothing", changed(lambda c: c | {"source": " "}), EMPTY),
    nothing("cut off", "lose the second half", NOTEBOOK[: len(NOTEBOOK) // 2], NONE),
    nothing("no JSON", "hand in text", b"The gain is 1.", NONE, "no notebook"),
    nothing("binary", "hand in a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, NONE),
    nothing("NUL bytes", "hand in what a full disk leaves", bytes(10_000), NONE),
    nothing("a list", "hand in JSON of another form", b"[1, 2, 3]", NONE),
    nothing("a number", "hand in JSON of another form", b"7", NONE),
    nothing("null", "hand in JSON of another form", b"null", NONE),
    nothing("an object without cells", "hand in JSON of another form", b"{}", NONE),
    nothing("cells of null", "hand in JSON of another form", b'{"cells": null}', NONE),
    nothing(
        "cells in an object", "hand in JSON of another form", b'{"cells": {"0": {}}}', NONE
    ),
    nothing(
        "cells that are none", "hand in JSON of another form", b'{"cells": [1, null]}', EMPTY
    ),
    nothing("a deep file", "overflow the stack of who reads it", DEEP.encode(), NONE),
    nothing("an endless integer", "be slow to read", b'{"a": ' + b"9" * 10**6 + b"}", NONE),
    nothing("21 MB", "be too large", file(solved() | {"x": "x" * 21 * 2**20}), LARGE, "20 MB"),
    nothing("another assignment", "be in the wrong place", file(solved("04_xavier")), OTHER),
    nothing(
        "a notebook from elsewhere",
        "be in the wrong place",
        file({"cells": [own("print('hello')")], "nbformat": 4, "nbformat_minor": 5}),
        OTHER,
        "no exercise of this assignment",
    ),
    nothing("nbformat 3 without sheets", "be old", b'{"nbformat": 3, "worksheets": []}', NONE),
    nothing("sheets of nonsense", "be old", b'{"worksheets": [1, {"cells": 2}, null]}', NONE),
    submission("a byte order mark", "be saved by an editor", b"\xef\xbb\xbf" + NOTEBOOK),
    submission("UTF-16", "be written by a terminal", NOTEBOOK.decode().encode("utf-16")),
    submission("a Python file", "be exported", as_python(solved())),
    submission(
        "a short answer below its cell",
        "be unanswered",
        put(
            "why", [stub("why"), "Half of that is right, since a unit is dead on all samples."]
        ),
    ),
    submission(
        "a short answer in a comment",
        "be unanswered",
        changed(
            lambda c: (
                [c | {"source": stub("why")}, own("# Half of that is right, I think.")]
                if c["id"] == "why"
                else c
            )
        ),
    ),
    submission(
        "a short answer below its question",
        "be unanswered",
        changed(
            lambda c: (
                c | {"source": stub("why")}
                if c["id"] == "why"
                else c | {"source": c["source"] + "\n\nHalf of that is right, I think."}
                if c["id"] == "why_question"
                else c
            )
        ),
    ),
    submission(
        "NaN in the metadata",
        "be no strict JSON",
        file(solved() | {"metadata": {"x": float("nan"), "y": float("-inf")}}),
    ),
    submission("19 MB", "be large", file(solved() | {"x": "x" * 19 * 2**20})),
    submission(
        "a picture of 15 MB",
        "be large",
        changed(
            lambda c: (
                c | {"outputs": [{"output_type": "display_data", "data": {"x": "x" * 10**6}}]}
            )
        ),
    ),
    submission("keys twice", "be ambiguous", b'{"cells": [],' + NOTEBOOK[1:]),
    submission(
        "deep metadata",
        "overflow the stack of who reads it",
        NOTEBOOK.replace(
            b'"metadata": {', b'"metadata": {"x": ' + b"[" * 300 + b"]" * 300 + b",", 1
        ),
    ),
    submission(
        "nbformat 3",
        "be of 2013",
        file(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [{"cells": [in_version_3(c) for c in solved()["cells"]]}],
            }
        ),
    ),
    submission(
        "nbformat 2",
        "be of 2011, on two sheets",
        file(
            {
                "nbformat": 2,
                "worksheets": [
                    {"cells": [in_version_3(c) for c in solved()["cells"][:6]]},
                    {"cells": [in_version_3(c) for c in solved()["cells"][6:]]},
                ],
            }
        ),
    ),
    *(
        submission(
            f"nbformat {said!r}", "be of the future", file(solved() | {"nbformat": said})
        )
        for said in (5, 99, -1, "4", None, [4], 1e400)
    ),
]

CELLS = [
    nothing(
        "as released",
        "hand in what was handed out",
        file(released()),
        "graded",
        "not attempted",
    ),
    submission("all right", "be right", NOTEBOOK),
    submission(
        "one wrong answer",
        "be right as far as it goes",
        answering(gain=WRONG),
        gain=0.0,
        phrase="times what it should be",
    ),
    submission(
        "one not attempted",
        "leave something out",
        answering(gain=stub("gain")),
        gain=0.0,
        phrase="not attempted",
    ),
    submission(
        "one raises NotImplementedError",
        "leave something out",
        answering(gain="def gain(phi):\n    raise NotImplementedError"),
        gain=0.0,
        phrase="not attempted",
    ),
    submission(
        "a syntax error",
        "be broken in one place",
        answering(gain="def gain(phi)\n    return 1"),
        gain=0.0,
        phrase="SyntaxError",
    ),
    submission(
        "an error at the top of a cell",
        "be broken in one place",
        answering(gain="1 / 0\n" + GAIN),
        gain=0.0,
        phrase="ZeroDivisionError",
    ),
    submission(
        "errors in own cells",
        "be broken where it does not matter",
        answering(above=dict.fromkeys(("setup", "he_normal", "check_gain"), "1 / 0")),
    ),
    submission("an answer deleted", "leave a cell out", without("gain"), gain=0.0),
    submission("the short answer deleted", "leave a cell out", without("why"), why=0.0),
    submission("an empty short answer", "leave a cell out", answering(why=" \n"), why=0.0),
    submission(
        "tests deleted",
        "not be tested",
        without("check_gain", "check_he_normal", "check_dead_fraction"),
    ),
    hostile(
        "tests deleted, wrong answer",
        "not be tested",
        WRONG,
    )._replace(
        data=changed(
            lambda c: (
                []
                if c["id"].startswith("check")
                else c | ({"source": WRONG} if c["id"] == "gain" else {})
            )
        )
    ),
    submission(
        "nothing but the answers",
        "leave out what is not the student's own",
        changed(lambda c: c if c["metadata"]["nbgrader"]["solution"] else []),
    ),
    hostile("test altered", "pass", WRONG)._replace(
        data=answering(gain=WRONG, check_gain="print('correct')")
    ),
    hostile("test a Markdown cell", "not be tested", WRONG)._replace(
        data=changed(
            lambda c: (
                c | {"cell_type": "raw", "source": "."}
                if c["id"] == "check_gain"
                else c | ({"source": WRONG} if c["id"] == "gain" else {})
            )
        )
    ),
    submission("tests twice", "be tested twice", changed(lambda c: [c, c])),
    hostile("a test twice, once easy", "choose the easier", WRONG)._replace(
        data=changed(
            lambda c: (
                [c, c | {"source": "gain"}, c | {"source": ""}]
                if c["id"] == "check_gain"
                else c | ({"source": WRONG} if c["id"] == "gain" else {})
            )
        )
    ),
    submission(
        "tests first",
        "be tested before there is an answer",
        ordered(lambda cells: sorted(cells, key=lambda c: not c["id"].startswith("check"))),
    ),
    submission("upside down", "be in any order", ordered(lambda cells: cells[::-1])),
    submission(
        "answers first",
        "be in any order",
        ordered(
            lambda cells: sorted(cells, key=lambda c: not c["metadata"]["nbgrader"]["solution"])
        ),
    ),
    submission("every cell twice", "be ambiguous", changed(lambda c: [c, c])),
    submission(
        "an answer and then its stub", "be ambiguous", put("gain", [GAIN, stub("gain")])
    ),
    submission("a stub and then the answer", "be ambiguous", put("gain", [stub("gain"), GAIN])),
    submission(
        "a wrong answer and then a right one", "be ambiguous", put("gain", [WRONG, GAIN])
    ),
    hostile("a right answer and then a wrong one", "be ambiguous", WRONG)._replace(
        data=put("gain", [GAIN, WRONG])
    ),
    submission("an answer a hundred times", "be ambiguous", put("gain", [GAIN] * 100)),
    submission(
        "names of two answers exchanged",
        "be ambiguous",
        renamed({"gain": "dead_fraction", "dead_fraction": "gain"}),
    ),
    submission(
        "names of an answer and its test exchanged",
        "have a test for an answer",
        renamed({"check_gain": "gain", "gain": "check_gain"}),
    ),
    submission(
        "no names of cells",
        "lose the metadata",
        changed(nameless),
    ),
    submission("no ids", "lose the ids", changed(lambda c: {k: c[k] for k in c if k != "id"})),
    submission("one id for all", "repeat ids", changed(lambda c: c | {"id": "gain"})),
    submission(
        "only nbgrader's metadata missing", "lose it", changed(lambda c: c | {"metadata": {}})
    ),
    *(
        submission(f"metadata says {more}", "set its own marks", with_metadata(**more))
        for more in (
            {"points": 1000},
            {"points": -5},
            {"points": "nan"},
            {"grade": True, "solution": True, "locked": False},
            {"grade": False},
            {"schema_version": 1},
            {"schema_version": 99, "task": True},
            {"cell_type": "raw"},
            {"auto_score": 3, "manual_score": 3, "comment": "full marks"},
        )
    ),
    hostile("wrong answer that says 1000 points", "set its own marks", WRONG)._replace(
        data=with_metadata(points=1000, grade=True, score=1000).replace(
            json.dumps(GAIN).encode(), json.dumps(WRONG).encode()
        )
    ),
    submission(
        "metadata of nonsense",
        "be what no schema allows",
        changed(lambda c: c | {"metadata": [1, 2], "execution_count": "x", "attachments": 7}),
    ),
    submission(
        "an extra exercise",
        "set its own exercises",
        answering(
            above={"gain": "pass"},
        ).replace(
            b'"id": "own", "metadata": {}',
            b'"id": "own", "metadata": {"nbgrader": {"grade": true, "grade_id": "bonus", '
            b'"locked": true, "points": 99, "schema_version": 3, "solution": false}}',
        ),
    ),
    submission(
        "code in Markdown cells",
        "be of the wrong type",
        changed(lambda c: c | {"cell_type": "markdown"}),
    ),
    submission(
        "Markdown in code cells",
        "be of the wrong type",
        changed(lambda c: c | {"cell_type": "code"}),
    ),
    submission(
        "cells of no type", "be of the wrong type", changed(lambda c: c | {"cell_type": {}})
    ),
    submission(
        "lines in lists",
        "be saved by another program",
        changed(lambda c: c | {"source": c["source"].splitlines(keepends=True)}),
    ),
    submission(
        "lines of nonsense",
        "be what no schema allows",
        changed(
            lambda c: c | {"source": [None, *c["source"].splitlines(keepends=True), 7, []]}
        ),
    ),
    nothing(
        "sources of nonsense",
        "be what no schema allows",
        changed(lambda c: c | {"source": 7}),
        EMPTY,
    ),
    submission(
        "outputs of nonsense",
        "be what no schema allows",
        changed(lambda c: c | {"outputs": {"a": [7, None, "x" * 100]}}),
    ),
    submission(
        "things between the cells",
        "be what no schema allows",
        changed(lambda c: [None, 7, "x", [], {}, c, {"cell_type": "code"}]),
    ),
    submission(
        "Windows line ends",
        "be saved elsewhere",
        changed(lambda c: c | {"source": c["source"].replace("\n", "\r\n")}),
    ),
    submission(
        "fifteen hundred empty cells",
        "be long",
        ordered(lambda cells: cells + [own(" ", "markdown")] * 1500),
    ),
    hostile("a line of a megabyte", "be long", f"x = '{'x' * 10**6}'"),
    submission(
        "a setup that imports more",
        "use another module",
        answering(
            setup=source("setup") + "\nimport math",
            gain=GAIN.replace("np.sqrt", "math.sqrt"),
        ),
    ),
    submission("no setup", "lose the setup", without("setup")),
    submission(
        "a helper in an own cell",
        "be well written",
        answering(
            above={"gain": "def root(x):\n    return x**0.5"},
            gain=GAIN.replace("np.sqrt", "root"),
        ),
    ),
    submission(
        "an answer that a later cell mends",
        "go on",
        answering(gain=WRONG, below={"why": GAIN}),
    ),
    submission(
        "an answer that a later cell breaks",
        "play on, below its test",
        answering(below={"check_gain": "gain = None"}),
    ),
]

BUSY = [
    harmless(name, "use what notebooks have", code)
    for name, code in (
        (
            "magic of lines",
            "%matplotlib inline\n%timeit -n1 -r1 1 + 1\n%time 1 + 1\n%pwd\n%who",
        ),
        ("commands of the shell", "!ls -la /\nfiles = !ls\nprint(files)\n!false\n%env\n%cd /"),
        ("magic of cells", "%%time\nsum(range(1000))"),
        ("a cell of bash", "%%bash\necho hello; exit 3"),
        ("a cell of HTML", "%%html\n<script>alert(1)</script>"),
        ("captured output", "%%capture out\nprint(1)"),
        ("a cell that writes a file", "%%writefile mine.py\nx = 1"),
        ("unknown magic", "%no_such_magic\n1"),
        ("help", "np.mean?\n?np.mean\nhelp(len)"),
        ("autoreload", "%load_ext autoreload\n%autoreload 2"),
        ("a reset", "%reset -f\nimport numpy as np"),
        ("pip", "!pip install nothing-of-that-name"),
        ("a plot", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"),
        (
            "a widget",
            "import ipywidgets\nfrom IPython.display import display\n"
            "display(ipywidgets.IntSlider())\nipywidgets.interact(lambda x: x, x=3)",
        ),
        ("a question to the user", "name = input('Your name? ')"),
        ("a missing package", "import torch"),
        ("an await at the top", "import asyncio\nawait asyncio.sleep(0)"),
        (
            "a chart of progress",
            "from IPython.display import clear_output\nclear_output(wait=True)",
        ),
        ("a debugger", "import pdb\npdb.set_trace()\n1"),
        ("a breakpoint", "breakpoint()\n1"),
        (
            "warnings",
            "import sys, warnings\nwarnings.warn('x')\nprint('x', file=sys.stderr)\nnp.log(0)",
        ),
        ("the checks themselves", "checks.check_gain(gain)\nchecks.solution(gain)"),
        ("a seed", "np.random.seed(0)\nimport random\nrandom.seed(0)"),
        (
            "processes",
            "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p:\n    print(p.map(abs, [1]))",
        ),
        (
            "threads",
            "from concurrent.futures import ThreadPoolExecutor as E\nwith E(4) as e:\n    list(e.map(abs, [1]))",
        ),
        ("an open file", "file = open('notes.txt', 'w')\nfile.write('x')"),
    )
]
BUSY += [
    submission(name, "be right in another way", answering(gain=code))
    for name, code in (
        ("an answer that is timed", "%%time\n" + GAIN),
        (
            "an answer by lambda",
            GAIN.replace("def gain", "def _g") + "\ngain = lambda phi: _g(phi)",
        ),
        (
            "an answer that is an object",
            GAIN.replace("def gain(phi)", "class G:\n  def __call__(self, phi)").replace(
                "\n    ", "\n       "
            )
            + "\ngain = G()",
        ),
        (
            "a cached answer",
            "import functools\n" + GAIN + "\ngain = functools.partial(gain)",
        ),
        (
            "an answer of numpy's types",
            GAIN.replace("float(1 / np.sqrt(square))", "1 / np.sqrt(square)"),
        ),
        (
            "an answer that prints and warns",
            GAIN.replace(
                "    z =", "    print('asked', phi)\n    np.log(np.zeros(1))\n    z ="
            ),
        ),
        ("an answer with type hints", GAIN.replace("(phi)", "(phi: callable) -> float", 1)),
        ("an answer in Greek", GAIN.replace("weight", "βάρος").replace("square", "τετράγωνο")),
    )
]
BUSY += [
    hostile(
        "a coroutine",
        "answer later",
        "async def gain(phi):\n    return 1.0",
        phrase="expected one number",
    ),
    hostile(
        "an answer that is a value",
        "be no function",
        "gain = 1.0\n# def gain",
        phrase="should be a function",
    ),
    hostile(
        "an answer that is a class",
        "be no function",
        "class gain:\n    def __init__(self, phi): pass\n# def gain",
    ),
    hostile(
        "an answer without arguments",
        "be called otherwise",
        "def gain():\n    return 1.0",
        phrase="TypeError",
    ),
    hostile("a generator", "yield an answer", "def gain(phi):\n    yield 1.0"),
    hostile("no return", "print the answer", "def gain(phi):\n    print(1.0)", phrase="return"),
    hostile(
        "an undefined name",
        "be unfinished",
        "def gain(phi):\n    return sqare",
        phrase="NameError",
    ),
    hostile(
        "another name",
        "be misspelt",
        "def Gain(phi):\n    return 1.0\n# def gain",
        phrase="not defined",
    ),
]

SUBMISSIONS = [*FILES, *CELLS, *BUSY]
