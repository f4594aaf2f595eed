"""What students really hand in, and the marks that it deserves, which were written down first.

``python -m tests.grading.realistic [WORD ...]`` grades those whose name has one of the words, or
all, as one class, and prints what each deserves and is given, and who needs a look; with
``BUSY=6``, beside so many processes that compute.

What a person would see at once that it is right deserves its marks. A mark of None is to be
given by hand. Less than deserved may be given only where a person is told to look.
"""

import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbconvert.exporters import HTMLExporter, PythonExporter

from teaching.exercises import ROOT
from teaching.grading import pages, run
from tests.grading.busy import busy
from tests.grading.hostile.notebooks import in_version_3, nameless
from tests.grading.hostile.submission import (
    ASSIGNMENT,
    RIGHT,
    answering,
    file,
    own,
    released,
    solved,
)

NAMES = ("check_he_normal", "check_gain", "check_dead_fraction", "why")
NB = f"{ASSIGNMENT}.ipynb"
BLANK, DONE = file(released()), file(solved())
STUBS = {cell["id"]: cell["source"] for cell in released()["cells"]}
SOURCES = {cell["id"]: cell["source"] for cell in solved()["cells"]}
WORDS = "Half of the units are off on each image. Dead are those that are off on all images."


class Case(NamedTuple):
    """What one student hands in."""

    name: str
    files: dict  # the content of each, by its path in the student's folder
    marks: tuple  # in the order of `NAMES`


def case(name, files, he=4.0, gain=3.0, dead=3.0, why=None):
    """Return a case that deserves full marks, but for what is said; `files` may be bytes."""
    files = files if isinstance(files, dict) else {NB: files}
    return Case(name, files, (he, gain, dead, why))


def nothing(name, files, why=0.0):
    """Return a case that deserves no marks."""
    return case(name, files, 0.0, 0.0, 0.0, why)


def cells(change):
    """Return a right notebook as bytes; `change` makes a list of cells of each."""
    notebook = solved()
    return file(notebook | {"cells": [new for c in notebook["cells"] for new in change(c)]})


def with_cell(name, *others, before=False):
    """Return a right notebook with other cells beside one."""
    return cells(lambda c: [*others, c][:: 1 if before else -1] if c["id"] == name else [c])


def instead(name, *others):
    """Return a right notebook with other cells in place of one."""
    return cells(lambda c: list(others) if c["id"] == name else [c])


def beside(name, *others, below=True):
    """Return a right notebook in which a cell is as released, and others stand beside it."""

    def change(c):
        if c["id"] != name:
            return [c]
        stub = c | {"source": STUBS[name]}
        return [stub, *others] if below else [*others, stub]

    return cells(change)


def zipped(files):
    """Return a zip of files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for path, data in files.items():
            into.writestr(path, data)
    return packed.getvalue()


def exported(exporter, data=DONE):
    """Return what nbconvert makes of a notebook."""
    notebook = nbformat.reads(data.decode(), as_version=4)
    return exporter().from_notebook_node(notebook)[0].encode()


def percent(data=DONE):
    """Return a notebook as editors write it into a Python file."""
    parts = []
    for c in json.loads(data)["cells"]:
        words = c["source"]
        if c["cell_type"] == "markdown":
            words = "\n".join(f"# {line}" for line in words.splitlines())
        parts.append(f"# %%{' [markdown]' * (c['cell_type'] == 'markdown')}\n{words}\n")
    return "\n".join(parts).encode()


def run_with_outputs(c):
    """Return a cell as it is after a run, with a picture."""
    if c["cell_type"] != "code":
        return [c]
    png = {"image/png": "iVBORw0KGgo=" * 1000, "text/plain": "<Figure>"}
    shown = {"output_type": "display_data", "data": png, "metadata": {}}
    return [c | {"execution_count": 7, "outputs": [shown]}]


SELVES = "def he_normal(shape, rng, leak=0.0):\n"
CHECKED = SELVES + (
    "    if len(shape) != 2 or min(shape) < 1 or not 0 <= leak <= 1:\n"
    "        raise ValueError('bad input')\n"
)
GAIN_OF = "def gain(phi):\n    z = np.linspace(-10, 10, 20_001)\n    w = np.exp(-z * z / 2)\n"
ZERO = "    if s == 0:\n        raise ValueError('zero')\n    return float(1 / np.sqrt(s))"
LOOP = f"""
import math
def gain(phi):
    total = weight = 0.0
    for i in range(-10_000, 10_001):
        z = i / 1000
        bell = math.exp(-z * z / 2)
        total += bell * float(phi(z)) ** 2
        weight += bell
    s = total / weight
{ZERO}
"""
QUAD = f"""
from scipy.integrate import quad
def gain(phi):
    bell = lambda z: np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)
    s = quad(lambda z: phi(z) ** 2 * bell(z), -10, 0)[0]
    s += quad(lambda z: phi(z) ** 2 * bell(z), 0, 10)[0]
{ZERO}
"""
SLOW = f"""
import time
def gain(phi):
    start = time.process_time()
    while time.process_time() < start + 1.5:
        pass
    z = np.linspace(-10, 10, 20_001)
    w = np.exp(-z * z / 2)
    s = np.sum(w * phi(z) ** 2) / np.sum(w)
{ZERO}
"""
OTHER = json.loads(DONE)
for _c in OTHER["cells"]:
    if _c["id"].endswith("_statement"):
        _c["source"] = _c["source"].replace("returns", "gives back")

FILES = [
    case("right", DONE),
    nothing("as handed out", BLANK),
    case("run, with pictures", cells(run_with_outputs)),
    case("UTF-16", DONE.decode().encode("utf-16")),
    case("UTF-8 with a mark", b"\xef\xbb\xbf" + DONE),
    case(
        "an umlaut in an old encoding",
        answering(why="Für jedes Bild. " + WORDS).decode().encode("cp1252"),
    ),
    case("line ends of Windows", DONE.replace(b"\\n", b"\\r\\n")),
    case("browser's .txt", {"05_he.ipynb.txt": DONE}),
    case("browser's .json", {"05_he.ipynb.json": DONE}),
    case("capital letters", {"05_HE.IPYNB": DONE}),
    case("another name", {"final FINAL (really).ipynb": DONE}),
    case("named after another assignment", {"04_xavier.ipynb": DONE}),
    case("Python, by JupyterLab", {"05_he.py": exported(PythonExporter)}),
    case("Python, in percent cells", {"05_he.py": percent()}),
    case("a page", {"05_he.html": exported(HTMLExporter)}),
    case("a zip", {"work.zip": zipped({NB: DONE})}),
    case("a zip in a zip", {"work.zip": zipped({"a.zip": zipped({NB: DONE})})}),
    case("a Mac's zip", {"w.zip": zipped({NB: DONE, f"__MACOSX/._{NB}": b"\0\5\26\7"})}),
    case(
        "all copies of a reader",
        {f"my-notebooks/exercises/{NB}": DONE, "my-notebooks/05_he.ipynb": b"{}"},
    ),
    case("a subfolder", {f"week 5/my work/{NB}": DONE}),
    case("answered, and downloaded again", {NB: DONE, "05_he (1).ipynb": BLANK}),
    case("a copy that is answered", {"05_he-Copy1.ipynb": DONE, NB: BLANK}),
    case("answered, and a broken upload", {NB: DONE, "05_he (1).ipynb": b""}),
    case("answered, and an empty notebook", {NB: DONE, "Untitled1.ipynb": file({"cells": []})}),
    case("answered, and half a file", {NB: DONE, "05_he (1).ipynb": DONE[:1000]}),
    case(
        "a draft and the final one",
        {"draft.ipynb": answering(gain="def gain(phi):\n    return 1.0"), "final.ipynb": DONE},
    ),
    case(
        "the final one and a draft",
        {
            "a final.ipynb": DONE,
            "draft.ipynb": answering(gain="def gain(phi):\n    return 1.0"),
        },
    ),
    case("the same twice", {NB: DONE, "copy.ipynb": DONE}),
    case("checkpoints", {NB: DONE, ".ipynb_checkpoints/05_he-checkpoint.ipynb": BLANK}),
    case("beside its PDF", {NB: DONE, "05_he.pdf": b"%PDF-1.4"}),
    case("beside a picture", {NB: DONE, "photo.jpg": b"\xff\xd8\xff"}),
    nothing("only a PDF", {"05_he.pdf": b"%PDF-1.4"}, None),
    nothing("only a text document", {"answers.docx": b"PK\3\4"}, None),
    nothing("only a picture", {"photo.png": b"\x89PNG"}, None),
    nothing("an empty file", b""),
    nothing("half a file", DONE[: len(DONE) // 2], None),
    nothing(
        "a link to it", {"05_he.url": b"[InternetShortcut]\nURL=https://example.org"}, None
    ),
    nothing("the lesson", file({"cells": [own("# Lesson 5", "markdown")]})),
    case(
        "of format 3",
        file(
            {
                "nbformat": 3,
                "worksheets": [{"cells": [in_version_3(c) for c in solved()["cells"]]}],
            }
        ),
    ),
    case("without names of cells", cells(lambda c: [nameless(c)])),
    case("without any metadata", cells(lambda c: [{k: c[k] for k in ("cell_type", "source")}])),
    case("of an edition with other statements", file(OTHER)),
    case(
        "by Colab",
        file(solved() | {"metadata": {"colab": {"provenance": []}, "accelerator": "GPU"}}),
    ),
]

CELLS = [
    case("upside down", file(solved() | {"cells": solved()["cells"][::-1]})),
    case("checks deleted", cells(lambda c: [] if c["id"].startswith("check") else [c])),
    case(
        "only the answers",
        cells(lambda c: [c] if c["metadata"]["nbgrader"]["solution"] else []),
    ),
    case("checks changed", answering(check_gain="print(gain(np.tanh))")),
    case("every cell twice", cells(lambda c: [c, c])),
    case("answer below its stub", beside("gain", own(SOURCES["gain"]))),
    case("answer above its stub", beside("gain", own(SOURCES["gain"]), below=False)),
    case(
        "answer at the very end",
        file(
            json.loads(answering(gain=STUBS["gain"]))
            | {
                "cells": [
                    *json.loads(answering(gain=STUBS["gain"]))["cells"],
                    own(SOURCES["gain"]),
                ]
            }
        ),
    ),
    case("answer cell replaced by one's own", instead("gain", own(SOURCES["gain"]))),
    case(
        "a helper in a cell above",
        answering(
            above={"gain": "def bell(z):\n    return np.exp(-z**2 / 2)"},
            gain=GAIN_OF + "    s = np.sum(bell(z) * phi(z) ** 2) / np.sum(bell(z))\n" + ZERO,
        ),
    ),
    case(
        "a helper in a cell below",
        answering(
            below={"gain": "def bell(z):\n    return np.exp(-z**2 / 2)"},
            gain=GAIN_OF + "    s = np.sum(bell(z) * phi(z) ** 2) / np.sum(bell(z))\n" + ZERO,
        ),
    ),
    case(
        "plots and trials",
        answering(
            below={
                "gain": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\ngain(np.tanh)"
            }
        ),
    ),
    case("an endless cell of one's own", answering(above={"gain": "while True: pass"})),
    case("an error in a cell of one's own", answering(above={"gain": "1 / 0"})),
    case("asks the user", answering(above={"he_normal": "name = input('Your name? ')"})),
    case(
        "installs something",
        answering(above={"he_normal": "!pip install seaborn\n%pip install seaborn"}),
    ),
    case(
        "magic",
        answering(
            above={"he_normal": "%matplotlib inline\n%load_ext autoreload\n%autoreload 2"}
        ),
    ),
    case("a widget backend", answering(above={"he_normal": "%matplotlib widget"})),
    case(
        "pandas and math in a cell of one's own",
        answering(
            above={"gain": "import pandas as pd\nimport math"},
            gain=SOURCES["gain"].replace("np.sqrt", "math.sqrt"),
        ),
    ),
    case("torch in the first cell", answering(setup="import torch\n" + SOURCES["setup"])),
    case("numba in the answer", answering(gain="import numba\n\n" + SOURCES["gain"])),
    case(
        "a module of one's own",
        {NB: answering(gain="from mycode import gain"), "mycode.py": RIGHT.encode()},
    ),
    case("the first cell deleted", instead("setup")),
    case(
        "another name for NumPy",
        answering(
            above={"gain": "import numpy"}, gain=SOURCES["gain"].replace("np.", "numpy.")
        ),
    ),
    case(
        "a star import",
        answering(
            above={"gain": "from numpy import *"}, gain=SOURCES["gain"].replace("np.", "")
        ),
    ),
    case("prints a lot", answering(above={"gain": "for i in range(10**5): print(i)"})),
    case("notes between cells", with_cell("gain", own("## My notes\nTry a grid.", "markdown"))),
    case("an open file", answering(above={"gain": "open('notes.txt', 'w').write('x')"})),
    case("a seed of one's own", answering(above={"he_normal": "np.random.seed(0)"})),
    case("solution looked up in the check", answering(below={"gain": "checks.solution(gain)"})),
    case(
        "restarts its variables",
        answering(above={"gain": "%reset -f"}, gain="import numpy as np\n" + SOURCES["gain"]),
    ),
]

ANSWERS = [
    case("quad of SciPy", answering(gain=QUAD)),
    case("a loop over 20,001 numbers", answering(gain=LOOP)),
    case("slow, but right", answering(gain=SLOW)),
    case(
        "vectorized once more",
        answering(
            gain=GAIN_OF + "    s = np.sum(w * np.vectorize(phi)(z) ** 2) / np.sum(w)\n" + ZERO
        ),
    ),
    case(
        "the trapezoid rule",
        answering(
            gain=GAIN_OF
            + "    s = np.trapezoid(w * phi(z) ** 2, z) / np.sqrt(2 * np.pi)\n"
            + ZERO
        ),
    ),
    case(
        "an object",
        answering(
            gain=RIGHT.replace("def gain(phi)", "def _g(phi)")
            + "\nclass G:\n    def __call__(self, phi):\n        return _g(phi)\ngain = G()\n# def gain(phi)"
        ),
    ),
    case(
        "a lambda",
        answering(
            gain=RIGHT.replace("def gain(phi)", "def _g(phi)") + "\ngain = lambda phi: _g(phi)"
        ),
    ),
    case(
        "with types and a docstring",
        answering(gain=SOURCES["gain"].replace("(phi)", "(phi) -> float", 1)),
    ),
    case(
        "a number of NumPy",
        answering(
            gain=SOURCES["gain"].replace("float(1 / np.sqrt(square))", "1 / np.sqrt(square)")
        ),
    ),
    case(
        "an array without axes",
        answering(
            gain=SOURCES["gain"].replace(
                "float(1 / np.sqrt(square))", "np.array(1 / np.sqrt(square))"
            )
        ),
    ),
    case(
        "prints as it goes",
        answering(
            gain=SOURCES["gain"].replace("    square", "    print('here')\n    square", 1)
        ),
    ),
    case("names in Greek", answering(gain=SOURCES["gain"].replace("weight", "βάρος"))),
    case("timed by magic", answering(gain="%%time\n" + SOURCES["gain"])),
    case(
        "normal, as the generator has it",
        answering(
            he_normal=CHECKED
            + "    return rng.normal(0, np.sqrt(2 / ((1 + leak**2) * shape[0])), size=shape)"
        ),
    ),
    case(
        "a count of columns",
        answering(
            dead_fraction="def dead_fraction(activations):\n    if activations.ndim != 2 or activations.size == 0:\n        raise ValueError('bad')\n    dead = 0\n    for column in activations.T:\n        if not column.any():\n            dead += 1\n    return dead / activations.shape[1]"
        ),
    ),
    case(
        "takes bad input, thrice",
        answering(
            he_normal=SELVES
            + "    return rng.standard_normal(shape) * np.sqrt(2 / ((1 + leak**2) * shape[0]))",
            gain=GAIN_OF + "    return float(1 / np.sqrt(np.sum(w * phi(z) ** 2) / np.sum(w)))",
            dead_fraction="def dead_fraction(activations):\n    return float((activations == 0).all(axis=0).mean())",
        ),
        3.0,
        2.25,
        2.25,
    ),
    case(
        "Xavier's for He's",
        answering(
            he_normal=CHECKED + "    return rng.standard_normal(shape) * np.sqrt(1 / shape[0])"
        ),
        he=0.0,
    ),
    case(
        "leak forgotten",
        answering(
            he_normal=CHECKED + "    return rng.standard_normal(shape) * np.sqrt(2 / shape[0])"
        ),
        he=0.0,
    ),
    case(
        "uniform for normal",
        answering(
            he_normal=CHECKED
            + "    b = np.sqrt(6 / ((1 + leak**2) * shape[0]))\n    return rng.uniform(-b, b, shape)"
        ),
        he=0.0,
    ),
    case(
        "its own random numbers",
        answering(
            he_normal=CHECKED
            + "    return np.random.randn(*shape) * np.sqrt(2 / ((1 + leak**2) * shape[0]))"
        ),
        he=0.0,
    ),
    case(
        "the gain upside down",
        answering(gain=SOURCES["gain"].replace("1 / np.sqrt(square)", "np.sqrt(square)")),
        gain=0.0,
    ),
    case(
        "random numbers for the integral",
        answering(
            gain="def gain(phi):\n    z = np.random.default_rng(0).standard_normal(10**5)\n    s = np.mean(phi(z) ** 2)\n"
            + ZERO
        ),
        gain=0.0,
    ),
    case(
        "a table of known gains", answering(gain="def gain(phi):\n    return 2**0.5"), gain=0.0
    ),
    case(
        "inactive for dead",
        answering(dead_fraction=SOURCES["dead_fraction"].replace(".all(axis=0)", "")),
        dead=0.0,
    ),
    case(
        "prints, and returns nothing",
        answering(
            dead_fraction="def dead_fraction(activations):\n    print((activations == 0).all(axis=0).mean())"
        ),
        dead=0.0,
    ),
    case("a slip of syntax", answering(gain="def gain(phi)\n    return 1.0"), gain=0.0),
    case(
        "a slip in a name", answering(gain=SOURCES["gain"].replace("phi(z)", "fi(z)")), gain=0.0
    ),
    case("one exercise not begun", answering(dead_fraction=STUBS["dead_fraction"]), dead=0.0),
    case(
        "only the first exercise",
        answering(gain=STUBS["gain"], dead_fraction=STUBS["dead_fraction"], why=STUBS["why"]),
        gain=0.0,
        dead=0.0,
        why=0.0,
    ),
    case(
        "only words",
        answering(
            he_normal=STUBS["he_normal"],
            gain=STUBS["gain"],
            dead_fraction=STUBS["dead_fraction"],
        ),
        0.0,
        0.0,
        0.0,
    ),
]

WRITTEN = [
    case("words in a cell below", beside("why", own(WORDS, "markdown"))),
    case("words in a cell above", beside("why", own(WORDS, "markdown"), below=False)),
    case("words as a comment in a code cell", beside("why", own("# " + WORDS))),
    case("words as text in a code cell", beside("why", own(f'"""{WORDS}"""'))),
    case(
        "words below the question",
        answering(why=STUBS["why"], why_question=SOURCES["why_question"] + "\n\n" + WORDS),
    ),
    case("words in a raw cell", beside("why", own(WORDS, "raw"))),
    case("words in a new cell, the old one deleted", instead("why", own(WORDS, "markdown"))),
    case("words with the stub left in", answering(why=STUBS["why"] + "\n\n" + WORDS)),
    case("two words in a cell below", beside("why", own("Not dead.", "markdown"))),
    case(
        "Chinese in a cell below",
        beside("why", own("每张图片上有一半的单元是零，但它们没有死。", "markdown")),
    ),
    case(
        "Arabic in a cell below", beside("why", own("نصف الوحدات صفر في كل صورة", "markdown"))
    ),
    case(
        "a formula in a cell below", beside("why", own(r"$$P(z < 0) = \tfrac12$$", "markdown"))
    ),
    case(
        "a photo in its cell",
        instead(
            "why",
            own("![photo.png](attachment:photo.png)", "markdown")
            | {"id": "why", "attachments": {"photo.png": {"image/png": "iVBORw0KGgo="}}},
        ),
    ),
    case(
        "a photo in a cell below",
        beside(
            "why",
            own("![photo.png](attachment:photo.png)", "markdown")
            | {"attachments": {"photo.png": {"image/png": "iVBORw0KGgo="}}},
        ),
    ),
    case("a very short answer", answering(why="No.")),
    case("no words", answering(why=STUBS["why"]), why=0.0),
    case("words deleted", answering(why=""), why=0.0),
    case(
        "a heading of one's own, and no words",
        beside("gain", own("## My try", "markdown")),
        gain=0.0,
    ),
]

CASES = [*FILES, *CELLS, *ANSWERS, *WRITTEN]


class Given(NamedTuple):
    """What a case was given."""

    case: Case
    marks: tuple
    look: list  # why a person is asked to look

    @property
    def is_less(self):
        """Whether a mark is less than deserved."""
        return any(
            given is not None and (wanted is None or given < wanted)
            for given, wanted in zip(self.marks, self.case.marks, strict=True)
        )

    @property
    def is_more(self):
        """Whether a mark is more than deserved."""
        return any(
            None not in (given, wanted) and given > wanted
            for given, wanted in zip(self.marks, self.case.marks, strict=True)
        )


def graded(cases, workers, folder):
    """Grade cases as one class, in a new course in this folder; return what each was given."""
    folder = Path(folder)
    for name in (ASSIGNMENT, "04_xavier"):
        shutil.copytree(ROOT / "assignments" / name, folder / "assignments" / name)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for number, one in enumerate(cases):
        for path, data in one.files.items():
            target = folder / "all" / f"student{number:03}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    records, _ = run.grade(
        run.load_course(folder), folder / "all", workers, assignment=ASSIGNMENT
    )
    return [_given(one, r) for one, r in zip(cases, records, strict=True)]


def _given(one, record):
    points = tuple(exercise["points"] for exercise in record["exercises"])
    return Given(one, points, pages.troubles(record))


def main(words):
    """Print a table; return 1 if somebody has less, or more, and nobody is told to look."""
    from teaching.grading.farm import Local

    os.environ.setdefault("COURSE_SECRET", "a secret")
    cases = [c for c in CASES if not words or any(word in c.name for word in words)]
    with (
        tempfile.TemporaryDirectory() as folder,
        busy(int(os.environ.get("BUSY", 0))),
        Local() as workers,
    ):
        made = graded(cases, workers, folder)
    print("| handed in | deserved | given | need a look |\n|---|---|---|---|")
    for one in made:
        look = pages.short("; ".join(one.look), 80)
        print(f"| {one.case.name} | {_shown(one.case.marks)} | {_shown(one.marks)} | {look} |")
    less = [one for one in made if one.is_less]
    unseen = [one.case.name for one in less if not one.look]
    more = [one.case.name for one in made if one.is_more]
    print(
        f"{len(made)} submissions: {sum(one.marks == one.case.marks for one in made)} as deserved, "
        f"{len(less)} less, {len(unseen)} of which nobody looks at, {len(more)} more; "
        f"{sum(bool(one.look) for one in made)} need a look"
    )
    print(*unseen, *more, sep="\n")
    return int(bool(unseen or more))


def _shown(marks):
    return ", ".join("hand" if points is None else f"{points:g}" for points in marks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
