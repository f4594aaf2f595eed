"""Tests of how the cells are read from what was handed in, and put into the master's place."""

import json

import pytest

from teaching.grading.submissions import (
    LARGEST,
    LONGEST_SOURCE,
    MOST_CELLS,
    Cell,
    Unreadable,
    likeness,
    read,
    rebuild,
)


def file(notebook):
    return json.dumps(notebook).encode()


def cell(source, kind="code", **more):
    return {"cell_type": kind, "source": source} | more


# Reading


@pytest.mark.parametrize(
    "notebook",
    [
        {"nbformat": 4, "cells": [cell("a\nb")]},
        {"nbformat": 4, "cells": [cell(["a\n", "b"])]},
        {"nbformat": 5, "cells": [cell("a\nb", outputs="of the future")], "lines": {}},
        {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "a\nb"}]}]},
        {
            "nbformat": 3,
            "worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"]}]}],
        },
        {
            "nbformat": 2,
            "worksheets": [{}, {"cells": [{"cell_type": "code", "input": "a\nb"}]}],
        },
        {
            "cells": [
                None,
                3,
                [],
                cell("a\nb", metadata=3),
            ]
        },
        {"cells": [cell(["a\n", None, "b", 3])]},
    ],
    ids=["4", "4 by lines", "5", "3", "3 by lines", "2", "odd cells", "odd lines"],
)
def test_a_notebook_of_any_format_is_read(notebook):
    assert read(file(notebook)) == [Cell("code", "", "a\nb")]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_notebook_in_any_encoding_is_read(encoding):
    """Such as UTF-16, which PowerShell writes into a file."""
    words = json.dumps({"cells": [cell("naïve – “so”")]}, ensure_ascii=False)
    assert read(words.encode(encoding)) == [Cell("code", "", "naïve – “so”")]


PYTHON = """# # Exercises
#
# Write a function.

# In[1]:
import numpy as np

# In[ ]:
@cached
def gain(phi):
    # of an activation
    return 1.0
checks.check_gain(gain)

'''My *answer*.'''
"""
PAGE = """<!DOCTYPE html><html><body>
<div class="jp-Cell jp-MarkdownCell"><div class="jp-MarkdownOutput"><h1>Exercises<a
class="anchor-link" href="#x">¶</a></h1></div></div>
<div class="jp-Cell jp-CodeCell"><div class="jp-InputArea-editor"><div class="highlight"><pre>
<span>def</span> <span>gain</span>(phi):
    <span>return</span> 1 &lt; 2
</pre></div></div><div class="jp-OutputArea-output"><pre>3.0</pre></div></div>
</body></html>"""


def test_what_was_exported_as_python_is_read_statement_by_statement():
    assert read(PYTHON.encode()) == [
        Cell("markdown", "", "# Exercises\n\nWrite a function."),
        Cell("code", "", "import numpy as np"),
        Cell("code", "", "@cached\ndef gain(phi):\n    # of an activation\n    return 1.0"),
        Cell("code", "", "checks.check_gain(gain)"),
        Cell("markdown", "", "My *answer*."),
    ]


def test_a_part_that_does_not_parse_is_a_cell_that_says_so_itself():
    words = "# %%\ndef gain(phi): return 1.0\n# %%\n%matplotlib inline\n"
    assert [cell.source for cell in read(words.encode())] == [
        "def gain(phi): return 1.0",
        "%matplotlib inline",
    ]


def test_what_was_exported_as_a_page_is_read_without_its_outputs():
    assert read(PAGE.encode()) == [
        Cell("markdown", "", "Exercises"),
        Cell("code", "", "def gain(phi):\n    return 1 < 2"),
    ]


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("code", "code"), ("markdown", "markdown"), ("raw", "markdown"), ("heading", "markdown")],
)
def test_a_cell_is_code_or_text(kind, kept):
    assert read(file({"cells": [cell("a", kind)]})) == [Cell(kept, "", "a")]


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"id": "a"}, "a"),
        ({"id": "a", "metadata": {"nbgrader": {"grade_id": "b"}}}, "b"),
        ({"id": "a", "metadata": {"nbgrader": {"grade_id": ["b"]}}}, "a"),
        ({"id": "a", "metadata": {"nbgrader": "b"}}, "a"),
        ({"id": {}, "metadata": []}, ""),
        ({}, ""),
    ],
)
def test_a_cell_has_the_name_that_nbgrader_gave_it_or_that_of_the_notebook(more, name):
    assert read(file({"cells": [cell("a", **more)]})) == [Cell("code", name, "a")]


def test_a_byte_order_mark_is_no_matter():
    assert read(b"\xef\xbb\xbf" + file({"cells": [cell("a")]})) == [Cell("code", "", "a")]


def test_half_a_letter_is_replaced():
    (read_,) = read(b'{"cells": [{"cell_type": "code", "source": "a\\ud800"}]}')
    assert read_.source == "a?"


def test_what_is_much_too_long_is_cut_off():
    cells = [cell("a" * (LONGEST_SOURCE + 1)), *[cell("a")] * MOST_CELLS]
    read_ = read(file({"cells": cells}))
    assert (len(read_), len(read_[0].source)) == (MOST_CELLS, LONGEST_SOURCE)


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", "empty", "the file is empty"),
        (b" \n", "empty", "the file is empty"),
        (b" " * (LARGEST + 1), "too large", "it is larger than 20 MB"),
        (b"x = 1", "not a notebook", "it is no notebook: Expecting value"),
        (b'{"cells": [', "not a notebook", "it is no notebook: Expecting value"),
        (b"PK\x03\x04\xff\xfe", "not a notebook", "it is no notebook: Expecting value"),
        (b"<html>" + b"<div>" * 10**5, "not a notebook", "it is no notebook: Expecting value"),
        (b"def f():\n" + b"-" * 10**6 + b"1", "not a notebook", "it is no notebook"),
        (b"[" * 10**5, "not a notebook", "it is no notebook: .*recursion"),
        (b'{"cells": [' + b"9" * 5000, "not a notebook", "it is no notebook: .*digits"),
        (b"[]", "not a notebook", "it is no notebook, but other data"),
        (b"null", "not a notebook", "it is no notebook, but other data"),
        (b"{}", "not a notebook", "it has no list of cells"),
        (b'{"cells": {"0": {}}}', "not a notebook", "it has no list of cells"),
        (b'{"worksheets": [{"cells": 3}, 4]}', "not a notebook", "it has no list of cells"),
        (b'{"worksheets": 3}', "not a notebook", "it has no list of cells"),
        (b'{"cells": []}', "empty", "has no cells, or only empty ones"),
        (b'{"cells": [{}, {"source": " "}, 3]}', "empty", "has no cells, or only empty ones"),
        (b'{"cells": [{"source": {"a": 1}}]}', "empty", "has no cells, or only empty ones"),
    ],
    ids=range(19),
)
def test_a_file_that_holds_no_cells_is_told_so(data, status, words):
    with pytest.raises(Unreadable, match=words) as unreadable:
        read(data)
    assert unreadable.value.status == status


# Which assignment it is


@pytest.fixture
def exam(exams):
    """Return what assignment 5 asks, with three exercises."""
    return exams["05_he"]


@pytest.mark.parametrize(
    ("cells", "signs"),
    [
        ([Cell("code", "he_normal", "")], 1),
        ([Cell("code", "check_gain", "")], 1),
        ([Cell("code", "", "def gain(phi):\n    return 1.0")], 1),
        ([Cell("code", "gain", "def gain(phi):\n    return 1.0")], 2),
        ([Cell("markdown", "title", ""), Cell("code", "setup", "import numpy as np")], 0),
        ([Cell("code", "", "gain(np.tanh)")], 0),
        ([Cell("code", "", "def gain_of(phi):\n    return 1.0")], 0),
    ],
)
def test_signs_of_an_assignment_are_names_of_its_cells_and_its_functions(exam, cells, signs):
    assert likeness(exam, cells) == signs


@pytest.mark.parametrize("name", ["01_one_step", "05_he", "08_frameworks"])
def test_an_assignment_is_most_like_itself(exams, name):
    cells = [Cell(c["kind"], c["id"], c["source"]) for c in exams[name]["cells"]]
    assert max(exams, key=lambda other: likeness(exams[other], cells)) == name


# Rebuilding


def asked(name, role, source=None):
    kind = "markdown" if role == "written" else "code"
    return {"id": name, "kind": kind, "role": role, "source": source or f"{name} as released"}


SMALL = {
    "cells": [
        asked("setup", "locked"),
        asked("f", "answer"),
        asked("check_f", "test"),
        asked("why", "written"),
    ]
}
RELEASED = [Cell(c["kind"], c["id"], c["source"]) for c in SMALL["cells"]]
SETUP, STUB, CHECK, WHY = RELEASED
ANSWER = STUB._replace(source="def f(): 1")
OTHER = STUB._replace(source="def f(): 2")


def rebuilt(*cells):
    """Return names and sources of the notebook that is made of a student's cells."""
    return [(c["id"], c["source"]) for c in rebuild(SMALL, cells)]


def shown(*cells):
    return [(c.id, c.source) for c in cells]


def test_what_was_released_is_rebuilt_as_it_was():
    made = [{name: c[name] for name in SMALL["cells"][0]} for c in rebuild(SMALL, RELEASED)]
    assert made == SMALL["cells"]


def test_an_answer_takes_the_place_of_the_stub():
    assert rebuilt(SETUP, ANSWER, CHECK, WHY) == shown(SETUP, ANSWER, CHECK, WHY)


def test_a_written_answer_is_taken_over():
    theirs = WHY._replace(source="because")
    assert rebuilt(SETUP, ANSWER, CHECK, theirs)[-1] == ("why", "because")


def test_the_students_order_is_kept():
    assert rebuilt(WHY, CHECK, ANSWER, SETUP) == shown(WHY, CHECK, ANSWER, SETUP)


@pytest.mark.parametrize("locked", [SETUP, CHECK])
def test_an_altered_cell_of_the_masters_is_followed_by_the_students_version(locked):
    cells = [c if c != locked else c._replace(source="altered") for c in RELEASED]
    place = RELEASED.index(locked)
    there = rebuild(SMALL, cells)
    assert there[place] == SMALL["cells"][place]
    assert (there[place + 1]["role"], there[place + 1]["source"]) == ("extra", "altered")
    assert len(there) == 5


def test_added_cells_stay_where_they_were():
    own = Cell("code", "", "x = 1")
    there = rebuilt(own, SETUP, own, ANSWER, CHECK, WHY, own)
    assert [name for name, _ in there] == [
        "extra-0",
        "setup",
        "extra-2",
        "f",
        "check_f",
        "why",
        "extra-6",
    ]


@pytest.mark.parametrize(
    ("copies", "kept"),
    [
        ([ANSWER, OTHER], [("extra-1", ANSWER.source), ("f", OTHER.source)]),
        ([OTHER, ANSWER], [("extra-1", OTHER.source), ("f", ANSWER.source)]),
        ([ANSWER, STUB], [("f", ANSWER.source)]),
        ([STUB, ANSWER], [("f", ANSWER.source)]),
        ([STUB, ANSWER, STUB], [("f", ANSWER.source)]),
        ([STUB, STUB], [("f", STUB.source)]),
        ([ANSWER, ANSWER], [("extra-1", ANSWER.source), ("f", ANSWER.source)]),
    ],
)
def test_of_copies_of_an_answer_the_last_counts_and_stubs_go(copies, kept):
    assert rebuilt(SETUP, *copies, CHECK, WHY)[1:-2] == kept


@pytest.mark.parametrize("locked", [SETUP, CHECK])
def test_of_copies_of_a_locked_cell_one_stays(locked):
    assert rebuilt(*RELEASED, locked) == shown(*RELEASED)


def test_an_altered_copy_of_a_check_is_no_check():
    there = rebuild(SMALL, [*RELEASED, CHECK._replace(source="altered")])
    assert [c["role"] for c in there].count("test") == 1
    assert there[-1]["role"] == "extra"


# Names that were lost


def nameless(*cells):
    return [c._replace(id="") for c in cells]


def test_cells_that_lost_their_names_are_known_by_their_text_and_place():
    answered = [SETUP, ANSWER, CHECK, WHY._replace(source="because")]
    assert rebuilt(*nameless(*answered)) == shown(*answered)


def test_an_own_cell_below_the_answer_is_no_answer():
    own = Cell("code", "", "x = 1")
    there = rebuilt(*nameless(SETUP, ANSWER, own, CHECK, WHY))
    assert there[1:3] == [("f", ANSWER.source), ("extra-2", "x = 1")]


def test_a_cell_of_text_is_no_answer_in_code():
    note = Cell("markdown", "", "I think that")
    there = rebuilt(*nameless(SETUP), note, *nameless(CHECK, WHY))
    assert ("f", STUB.source) in there
    assert ("extra-1", "I think that") in there


def test_an_own_cell_is_no_answer_where_the_answer_has_its_name():
    own = Cell("code", "", "x = 1")
    there = rebuilt(SETUP, own, ANSWER, CHECK, WHY)
    assert there[1:3] == [("extra-1", "x = 1"), ("f", ANSWER.source)]


# What is missing, and what is too much


@pytest.mark.parametrize("missing", RELEASED)
def test_what_is_missing_is_put_back_where_the_master_has_it(missing):
    assert rebuilt(*(c for c in RELEASED if c != missing)) == shown(*RELEASED)


def test_all_that_is_missing_is_put_back():
    own = Cell("code", "", "x = 1")
    assert rebuilt(own) == [*shown(*RELEASED), ("extra-0", "x = 1")]


def test_a_missing_check_follows_the_answer_wherever_that_is():
    there = rebuilt(SETUP, WHY, ANSWER)
    assert there == shown(SETUP, WHY, ANSWER, CHECK)


@pytest.mark.parametrize("role", ["code", "markdown"])
def test_a_master_says_what_is_code(role):
    (there,) = (c for c in rebuild(SMALL, [ANSWER._replace(kind=role)]) if c["id"] == "f")
    assert there["kind"] == "code"


@pytest.mark.parametrize("name", ["extra-0", "check_g", "../f", "f ", "F", "a" * 999])
def test_a_forged_name_makes_an_own_cell(name):
    there = rebuild(SMALL, [*RELEASED, Cell("code", name, "x = 1")])
    assert (there[-1]["id"], there[-1]["role"]) == ("extra-4", "extra")


def test_names_are_unique_whatever_is_handed_in():
    forged = [Cell("code", f"extra-{i}", "x = 1") for i in (1, 0, 0)]
    names = [c["id"] for c in rebuild(SMALL, [*forged, ANSWER, OTHER, CHECK, CHECK, *forged])]
    assert len(set(names)) == len(names)
