"""Tests of how marks are made of what was handed in: one rule each."""

import json

import nbformat
import numpy as np
import pytest

from helpers.checks import CHECKS, Mistake
from teaching.grading.judge import MOST_STOPPED, exam, judge
from teaching.grading.sandbox import Ended, Limits, Sandbox
from tests.answers import he_normal as he_normals

DOUBLE, HALF = "def double(x):\n    return 2 * x", "def half(x):\n    return x / 2"
RIGHT = {"double": DOUBLE, "half": HALF, "why": "Because."}
DIES = "import os\nos._exit(0)"
DIES_WHEN_ASKED = "def double(x):\n    import os\n    os._exit(0)"


def cell(name, source, kind="code", **marks):
    """Return a cell of a master."""
    roles = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    nbgrader = roles | {"grade_id": name, "schema_version": 3} | marks
    metadata = {"nbgrader": nbgrader}
    return {"cell_type": kind, "id": name, "metadata": metadata, "source": source}


def notebook(*cells):
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def small(test="assert double(3) == 6", answer=DOUBLE, setup="import numpy as np"):
    """Return an exam of two exercises; `test` is what the first one's check asks."""
    master = [
        cell("setup", setup, locked=True),
        cell("double", answer, solution=True),
        cell("check_double", test, grade=True, locked=True, points=4),
        cell("half", HALF, solution=True),
        cell("check_half", "assert half(3) == 1.5", grade=True, locked=True, points=2),
        cell("question", "Why?\nTHE SCHEME", "markdown", locked=True),
        cell("why", "The answer.", "markdown", solution=True, grade=True, points=3),
    ]
    stubs = {"double": "def double(x):\n    return ...", "half": "def half(x):\n    return ..."}
    stubs |= {"why": "*Your answer.*", "question": "Why?", "check_double": "# HIDDEN"}
    released = [c | {"source": stubs.get(c["id"], c["source"])} for c in master]
    return exam(notebook(*master), notebook(*released), "s3cret")


def handed_in(exam, answers, below=None):
    """Return a notebook with these answers, and with own cells below cells of the master's."""
    cells = []
    for part in exam["cells"]:
        name, kind = part["id"], part["kind"]
        cells.append(cell(name, answers.get(name, part["source"]), kind))
        if name in (below or {}):
            own = {"cell_type": "code", "metadata": {}, "source": below[name]}
            cells.append(own)
    return json.dumps(notebook(*cells)).encode()


@pytest.fixture
def judged(sandbox):
    """Return a function that returns the result of answers to an exam, beside right ones."""

    def judged(exam, answers=None, below=None):
        return judge(exam, handed_in(exam, RIGHT | (answers or {}), below), sandbox)

    return judged


def points(result):
    return [marks["points"] for marks in result["marks"].values()]


def outputs(result, name):
    """Return what the notebook that markers see shows below a cell."""
    (shown,) = (c["outputs"] for c in result["notebook"]["cells"] if c["id"] == name)
    return shown


# Where an answer counts


def test_right_answers_have_all_points_and_a_person_marks_what_is_written(judged):
    assert points(judged(small())) == [4, 2, None]


TWO = "def two():\n    return 2"
TWICE = "def double(x):\n    return two() * x"


@pytest.mark.parametrize(
    "spoils", ["double = None", "two = None", "del two", "def double(x): pass"]
)
def test_an_answer_that_is_right_at_its_place_counts_whatever_follows(judged, spoils):
    result = judged(small(), {"double": TWICE}, {"setup": TWO, "check_double": spoils})
    assert points(result) == [4, 2, None]


def test_an_answer_that_is_right_at_the_end_counts(judged):
    result = judged(small(), {"double": "def double(x): pass"}, {"check_half": DOUBLE})
    assert points(result) == [4, 2, None]


def test_an_answer_in_the_cell_of_another_counts(judged):
    result = judged(small(), {"double": "", "half": f"{DOUBLE}\n{HALF}"})
    assert points(result) == [4, 2, None]


@pytest.mark.parametrize(
    "spoils", ["np.abs = None", "np = None", "import builtins; del builtins.abs"]
)
def test_an_answer_that_another_cell_spoils_counts(judged, spoils):
    answer = "import numpy as np\ndef double(x):\n    return x + np.abs(x)"
    assert points(judged(small(), {"double": answer}, {"double": spoils})) == [4, 2, None]


def test_an_answer_that_is_wrong_at_its_place_and_at_the_end_has_no_points(judged):
    wrong = "def double(x):\n    return x"
    result = judged(small(), {"double": wrong}, {"check_double": DOUBLE, "check_half": wrong})
    assert points(result) == [0, 2, None]


@pytest.mark.parametrize("place", ["setup", "double"])
def test_an_answer_may_use_what_an_own_cell_defines(judged, place):
    assert points(judged(small(), {"double": TWICE}, {place: TWO})) == [4, 2, None]


def test_a_name_is_taken_only_from_an_answer(judged):
    """The test's own limit is the master's, and its `abs` is Python's."""
    exam = small("assert abs(double(3) - 6) < limit", setup="limit = 1e-9")
    cheat = "limit = 1e9\ndef abs(x):\n    return 0\ndef double(x):\n    return 7"
    assert points(judged(exam, {"double": cheat}, {"setup": cheat})) == [0, 2, None]


def test_an_answer_stands_before_a_name_of_the_masters(judged):
    assert points(judged(small(setup="double = 0"))) == [4, 2, None]


def test_a_name_that_no_answer_defines_is_not_taken_from_the_student(judged):
    result = judged(small("assert double(3) == six"), below={"setup": "six = 6"})
    marks = result["marks"]["check_double"]
    assert marks["reason"] == "The test ended with NameError."
    assert marks["cause"] == "the test ended with NameError: name 'six' is not defined"


def test_an_answer_may_be_a_number(judged):
    exam = small("assert double == 2", answer="double = 2")
    assert points(judged(exam, {"double": "double = 4 / 2"})) == [4, 2, None]


def test_each_test_has_a_generator_of_its_own(judged):
    """What one test draws is no matter to the next."""
    test = f"assert rng.random() == {np.random.default_rng(0).random()}\nassert double(3) == 6"
    exam = small(test, setup="import numpy as np\nrng = np.random.default_rng(0)")
    exam["cells"][4]["whole"] = test.replace("double(3) == 6", "half(3) == 1.5")
    assert points(judged(exam)) == [4, 2, None]


# What costs the others nothing


@pytest.mark.parametrize("wrong", [DIES, DIES_WHEN_ASKED, "def double(x): 1 / 0", "double = ("])
def test_one_answer_costs_the_others_nothing(judged, wrong):
    assert points(judged(small(), {"double": wrong})) == [0, 2, None]


@pytest.mark.parametrize("wrong", [DIES, DIES_WHEN_ASKED])
def test_an_answer_that_ends_its_process_is_told_so(judged, wrong):
    result = judged(small(), {"double": wrong}, {"setup": "x = 1"})
    assert result["status"] == result["marks"]["check_double"]["status"] == "crashed"
    assert "ended its own process." in result["marks"]["check_double"]["reason"]


def test_an_own_cell_that_ends_the_process_costs_nothing_and_is_told(judged):
    result = judged(small(), below={"setup": DIES})
    assert points(result) == [4, 2, None]
    assert result["status"] == "crashed"
    assert result["note"] == "A cell of the student's own ended its own process."


def test_of_many_own_cells_that_end_the_process_the_others_are_left_out(sandbox):
    exam = small()
    submission = json.loads(handed_in(exam, RIGHT))
    submission["cells"] += [{"cell_type": "code", "source": DIES}] * (MOST_STOPPED + 5)
    result = judge(exam, json.dumps(submission).encode(), sandbox)
    assert points(result) == [4, 2, None]
    assert result["note"].count("ended its own process") == MOST_STOPPED


def test_an_answer_may_be_slow_no_longer_than_is_said():
    slow = "def double(x):\n    while True: pass"
    exam = small()
    with Sandbox(Limits(call=1.0)) as sandbox:
        result = judge(exam, handed_in(exam, RIGHT | {"double": slow}), sandbox)
    assert points(result) == [0, 2, None]
    assert result["marks"]["check_double"]["status"] == "timed out"
    assert "did not end within 1 seconds." in result["marks"]["check_double"]["reason"]


def test_how_long_it_was_is_not_said_since_that_depends_on_the_machine(sandbox):
    with sandbox.session(exercise=0.5) as session:
        session.run("def f():\n    while True: pass")
        with session.fork() as fork, pytest.raises(Ended) as ended:
            fork.value("f")()
    words = "did not end within 0.5 seconds, with all that it was asked before."
    assert str(ended.value) == words


def test_calling_back_without_end_is_ended(sandbox):
    with sandbox.session(call=0.5) as session:
        session.run("def f(g):\n    while True: g(1)")
        with pytest.raises(Ended, match=r"did not end within 0\.5 seconds"):
            session.value("f")(lambda x: x)


MEMORY = """
import os, time

def double(x):
    for _ in range(6):
        if os.fork() == 0:
            hog = b"x" * 300 * 2**20
            break
    time.sleep(60)
"""


def test_an_answer_that_takes_all_memory_costs_the_others_nothing():
    """Its session is gone when it is to be asked at the end of the notebook."""
    exam = small()
    data = handed_in(exam, RIGHT | {"double": MEMORY}, {"check_half": "double"})
    with Sandbox(Limits(memory=2**30)) as sandbox:
        result = judge(exam, data, sandbox)
    assert points(result) == [0, 2, None]
    assert result["marks"]["check_double"]["status"] == "out of memory"


def test_an_exam_may_have_many_tests(sandbox):
    asserts = (cell(f"c{i}", "assert double(3) == 6", grade=True, points=1) for i in range(40))
    master = notebook(cell("double", DOUBLE, solution=True), *asserts)
    many = exam(master, master, "s3cret")
    assert points(judge(many, handed_in(many, RIGHT), sandbox)) == [1] * 40


@pytest.mark.parametrize(
    ("raises", "name"),
    [
        ("raise ExceptionGroup('a', [ValueError('b')])", "ExceptionGroup"),
        ("raise KeyError('a')", "KeyError"),
        ("b'\\xff'.decode()", "UnicodeDecodeError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Odd(Exception):\n    __str__ = None\nraise Odd", "Odd"),
        ("raise type('A' * 999, (Exception,), {})", "A" * 80 + "…"),
        ("open('/no/such/file')", "FileNotFoundError"),
        ("x = (", "SyntaxError"),
    ],
)
def test_an_own_cell_that_raises_costs_nothing_and_shows_what(judged, raises, name):
    result = judged(small(), below={"setup": raises})
    assert points(result) == [4, 2, None]
    assert outputs(result, "extra-1")[-1]["ename"] == name


# Points


@pytest.mark.parametrize(
    ("last", "given"),
    [
        ("1.5", 1.5),
        ("np.float64(1.5)", 1.5),
        ("3", 3),
        ("9", 4),
        ("-1", 0),
        ("float('nan')", 0),
        ("True", 4),
        ("'1.5'", 4),
        ("None", 4),
    ],
)
def test_a_test_whose_last_line_is_a_number_gives_so_many_points(judged, last, given):
    assert points(judged(small(f"assert double(3) == 6\n{last}"))) == [given, 2, None]


def test_a_part_of_the_points_is_told_so(judged):
    marks = judged(small("1.5"))["marks"]["check_double"]
    assert (marks["max"], marks["reason"]) == (4, "Some of it is right.")


def test_a_part_of_the_points_has_the_reason_that_the_test_says_last(judged):
    said = (
        "assert double(3) == 6\n"
        "print('All well.')\nprint('double: half right, because 3 is odd: double(3) is 6.')\n"
    )
    marks = judged(small(f"{said}1.5"))["marks"]["check_double"]
    assert marks["reason"] == "double: half right, because 3 is odd: double(3) is 6."
    assert marks["cause"] == "half right, because … is odd"


def test_what_is_right_but_refuses_nothing_loses_a_third_at_most(judged, exams, masters):
    answer = "def gain(phi):\n    return 1 / np.sqrt(np.mean(phi(Z) ** 2))"
    numbers = "Z = np.sqrt(2) * __import__('scipy.special').special.erfinv("
    answer = f"{numbers}(np.arange(10**6) + 0.5) / 5e5 - 1)\n{answer}"
    marks = judged(exams["05_he"], {"gain": answer})["marks"]["check_gain"]
    assert (marks["points"], marks["max"], marks["status"]) == (2.25, 3, "graded")
    assert marks["reason"].startswith("gain: right for good input; it should also refuse bad")
    assert marks["cause"].endswith("because no weights bring back a signal that is …")


def test_points_for_each_thing_that_is_right(judged):
    exam = small("sum(double(x) == 2 * x for x in range(4))")
    result = judged(exam, {"double": "def double(x):\n    return 2 if x else 0"})
    assert points(result) == [2, 2, None]


@pytest.mark.parametrize("written", ["*Your answer.*", "", " \n", "*Your answer.*\n"])
def test_a_question_that_was_not_answered_has_no_points(judged, written):
    marks = judged(small(), {"why": written})["marks"]["why"]
    assert (marks["points"], marks["status"]) == (0, "not attempted")
    assert marks["reason"] == "There is no answer."


@pytest.mark.parametrize("written", ["Because.", "*Your answer.* Because.", "?"])
def test_a_question_that_was_answered_waits_for_a_person(judged, written):
    marks = judged(small(), {"why": written})["marks"]["why"]
    assert (marks["points"], marks["status"], marks["reason"]) == (None, "graded", "")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "empty"),
        (b"x = 1", "not a notebook"),
        (json.dumps(notebook(cell("title", "def other(): pass"))).encode(), "wrong assignment"),
    ],
)
def test_what_cannot_be_read_has_no_points_and_the_reason(sandbox, data, status):
    result = judge(small(), data, sandbox)
    assert (points(result), result["status"]) == ([0, 0, 0], status)
    assert result["notebook"] is None
    for marks in result["marks"].values():
        assert (marks["status"], marks["reason"]) == (status, result["note"])
    assert result["note"].startswith("Nothing could be marked: ")


# Words


@pytest.mark.parametrize(
    ("test", "wrong", "reason", "cause"),
    [
        ("assert double(3) == 6, 'double(3) is off.'", "x", "double(3) is off.", "is off"),
        ("assert double(3) == 6", "x", "A test failed that says no more.", None),
        ("double(3)", "{}['a']", "The test ended with KeyError.", "the test ended with "),
        ("double(3)", "[][1]", "The test ended with IndexError.", "the test ended with "),
    ],
)
def test_plain_tests_say_what_they_say_in_a_notebook(judged, test, wrong, reason, cause):
    result = judged(small(test), {"double": f"def double(x):\n    return {wrong}"})
    marks = result["marks"]["check_double"]
    assert (marks["points"], marks["reason"], marks["status"]) == (0, reason, "graded")
    assert marks["cause"].startswith(cause or reason[:-1])


TELLS = """
asked = []

def {name}(given):
    asked.append(given)
    if len(asked) > {most}:
        words = "x31337x"
        raise {kind}(words)
    return own(given)
"""
KINDS = ["RuntimeError", "AssertionError", "type('E' + words, (KeyError,), dict())"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_an_answer_says_of_a_hidden_case_is_told(judged, he, sandbox, kind):
    """The words of an error could hold all of a case; so could its name."""
    exam, answers = he
    plain = judged(small(HIDDEN), {"double": TELLS.format(name="double", most=0, kind=kind)})
    visible = 5  # calls of the check without a secret
    own = answers["gain"].replace("def gain", "def own")
    own += TELLS.format(name="gain", most=visible, kind=kind)
    course = judge(exam, handed_in(exam, answers | {"gain": own}), sandbox)
    for result, name in ((plain, "check_double"), (course, "check_gain")):
        assert result["marks"][name]["points"] == 0
        assert "Error" in result["marks"][name]["reason"]
        assert "31337" not in json.dumps([result["marks"], result["note"]])


def test_a_package_that_is_missing_in_a_hidden_case_is_looked_at(judged):
    imports = "def double(x):\n    import x31337x\n    return 2 * x"
    result = judged(small(HIDDEN), {"double": imports})
    assert points(result) == [0, 2, None]
    assert result["status"] == "missing package"
    assert result["note"] == "Not installed here, but imported: a package."


def test_a_check_that_fails_itself_is_looked_at(judged):
    result = judged(small("double(3) + 1"), {"double": "def double(x):\n    return None"})
    marks = result["marks"]["check_double"]
    assert (marks["points"], marks["reason"]) == (0, "The test ended with TypeError.")
    assert (marks["status"], result["status"]) == ("failed check", "failed check")


def test_text_of_impossible_letters_is_no_answer(he, sandbox):
    exam, answers = he
    wrong = "def gain(phi):\n    return np.frombuffer(b'\\xff' * 4, '<U1')"
    result = judge(exam, handed_in(exam, answers | {"gain": wrong}), sandbox)
    marks = result["marks"]["check_gain"]
    assert (marks["points"], marks["status"]) == (0, "bad answer")


def test_an_answer_that_changes_what_it_is_given_is_told_so(judged):
    changes = "def double(xs):\n    xs[0] *= 2\n    return xs"
    marks = judged(small("assert double([3]) == [6]"), {"double": changes})["marks"]
    assert marks["check_double"]["reason"].startswith("changed what it was given")


def test_an_answer_that_is_not_there_was_not_attempted(judged):
    marks = judged(small(), {"double": "x = 1"})["marks"]["check_double"]
    assert (marks["status"], marks["reason"]) == ("not attempted", "double is not defined.")


def test_a_syntax_error_is_named(judged):
    marks = judged(small(), {"double": "def double(x:\n    return"})["marks"]["check_double"]
    assert marks["reason"].startswith(
        "double is not defined, because its cell raised SyntaxError: '(' was never closed"
    )
    assert marks["cause"] == "it is not defined"


def test_a_name_that_two_answers_bind_may_be_missing(judged):
    exam = small("assert n == 2", answer="n = 2")
    exam["cells"][3]["names"].append("n")
    assert points(judged(exam, {"double": "m = 2"})) == [0, 2, None]


@pytest.fixture
def he(exams, masters):
    """Return what assignment 5 asks, and the model solutions to it."""
    cells = {c.id: c.source for c in masters["05_he"].cells}
    names = ("he_normal", "gain", "dead_fraction", "why")
    return exams["05_he"], {name: cells[name] for name in names}


def test_model_solutions_have_all_points(he, sandbox):
    exam, answers = he
    assert points(judge(exam, handed_in(exam, answers), sandbox)) == [4, 3, 3, None]


def test_what_was_released_has_no_points(he, sandbox):
    exam, _ = he
    result = judge(exam, handed_in(exam, {}), sandbox)
    assert points(result) == [0, 0, 0, 0]
    assert {marks["status"] for marks in result["marks"].values()} == {"not attempted"}
    assert result["marks"]["check_gain"]["reason"] == "gain: not attempted."


def test_what_is_no_function_is_told_so(he, sandbox):
    exam, answers = he
    result = judge(exam, handed_in(exam, answers | {"gain": "gain = 3"}), sandbox)
    words = "gain: should be a function, and is 3."
    assert result["marks"]["check_gain"]["reason"] == words


LECUN = """
def he_normal(shape, rng, leak=0.0):
    return rng.normal(0, np.sqrt(1 / ((1 + leak**2) * shape[0])), shape)
"""


def test_a_reason_says_what_the_check_in_the_notebook_says_and_its_cause(he, sandbox):
    exam, answers = he
    with pytest.raises(Mistake) as mistake:
        CHECKS["he_normal"](he_normals.lecun)
    result = judge(exam, handed_in(exam, answers | {"he_normal": LECUN}), sandbox)
    marks = result["marks"]["check_he_normal"]
    assert marks["reason"] == str(mistake.value)
    assert marks["cause"] == mistake.value.cause
    assert marks["cause"]


def test_a_mistake_without_a_known_cause_is_named_without_the_call_and_its_numbers(he, sandbox):
    exam, answers = he
    wrong = "def gain(phi):\n    return 1.7"
    marks = judge(exam, handed_in(exam, answers | {"gain": wrong}), sandbox)["marks"]
    assert marks["check_gain"]["reason"].startswith("gain(")
    assert not set("(0123456789") & set(marks["check_gain"]["cause"])


# The same for all, and hidden


def test_a_result_is_the_same_to_the_byte_whatever_was_judged_before(he, sandbox):
    exam, answers = he
    below = {"setup": "print(set('abcdef'))", "gain": DIES}
    data = handed_in(exam, answers | {"he_normal": LECUN}, below)
    other = handed_in(exam, answers | {"gain": "np.random.seed(0)\nnp.sqrt = None"})
    first = judge(exam, data, sandbox)
    judge(exam, other, sandbox)
    with Sandbox() as another:
        results = [judge(exam, data, walls) for walls in (sandbox, another)]
    assert {json.dumps(result) for result in results} == {json.dumps(first)}


@pytest.mark.parametrize(
    "body",
    [
        "np.log(0.0)",
        "np.float32(1e30) ** 2",
        "import warnings; warnings.warn('look')",
        "import sys; print('look', file=sys.stderr)",
    ],
)
def test_a_warning_costs_nothing(judged, body):
    answer = f"import numpy as np\ndef double(x):\n    {body}\n    return 2 * x\ndouble(1)"
    assert points(judged(small(), {"double": answer})) == [4, 2, None]


def test_a_warning_of_the_test_itself_costs_nothing(judged):
    exam = small("assert np.isinf(np.float64(double(3)) / 0)")
    assert points(judged(exam)) == [4, 2, None]


HIDDEN = "assert double(31337) == 62674\nassert double(2) == 4, 'It is said that 2 is hidden.'"
RECORDS = """
seen = []

def double(x):
    seen.append(x)
    print(x)
    open("seen", "a").write(str(x))
    return 2 * x
"""


@pytest.mark.parametrize("shows", ["print(seen, double)", "print(open('seen').read(), double)"])
@pytest.mark.parametrize("place", ["check_double", "check_half"])
def test_what_is_asked_in_a_hidden_test_reaches_no_cell_that_could_print_it(
    judged, shows, place
):
    result = judged(small(HIDDEN), {"double": RECORDS}, {place: shows})
    assert points(result) == [4, 2, None]
    assert "31337" not in json.dumps(result)


def test_markers_see_what_was_printed_and_what_tests_say(judged):
    result = judged(small(), {"double": "def double(x):\n    return x\nprint('tried')"})
    assert outputs(result, "double")[0]["text"] == "tried\n"
    assert outputs(result, "check_double")[0]["text"] == (
        "0 of 4. A test failed that says no more."
    )


def test_markers_see_marking_schemes_but_no_hidden_tests(judged):
    sources = {c["id"]: c["source"] for c in judged(small())["notebook"]["cells"]}
    assert sources["question"] == "Why?\nTHE SCHEME"
    assert sources["check_double"] == "# HIDDEN"


MESSY = [
    {"cell_type": "code", "id": "no id! " * 30, "source": "print('a')", "outputs": "odd"},
    {"cell_type": "raw", "id": "double", "source": DOUBLE},
    {"cell_type": "code", "id": "double", "source": "def double(x):\n    return \ud800"},
    {"cell_type": "code", "id": "check_double", "source": "print('altered\x07')"},
    {"cell_type": "unknown", "id": 3, "source": ["1 / 0"], "metadata": {"nbgrader": []}},
    {"cell_type": "markdown", "id": "extra-0", "source": "<script>alert(1)</script>"},
    {"cell_type": "code", "id": "half", "source": DIES},
]


@pytest.mark.parametrize("cells", [MESSY, MESSY[::-1], MESSY[1:2]])
def test_what_markers_see_is_a_valid_notebook(sandbox, cells):
    result = judge(small(), json.dumps({"cells": cells}).encode(), sandbox)
    nbformat.validate(result["notebook"])
    json.dumps(result, allow_nan=False).encode()


@pytest.mark.parametrize("name", ["01_one_step", "05_he", "08_frameworks"])
def test_titles_are_headings_that_students_see(name, exams):
    graded = [cell for cell in exams[name]["cells"] if cell["nbgrader"]["grade"]]
    number = int(name[:2])
    expected = [f"{number}.{i} " for i in range(1, len(graded) + 1)]
    assert [cell["title"][:4] for cell in graded] == expected
    assert exams[name]["title"].startswith(f"Exercises {number}. ")
