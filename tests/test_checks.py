"""What all checks of exercises share. The checks themselves are tested in ``tests/answers``."""

import re

import numpy as np
import pytest

from helpers import checks, initializers
from helpers.checks import draws, solutions
from helpers.checks.attempt import Student, attempt, exercise
from helpers.checks.plain import as_array, as_number, describe, plain
from helpers.checks.verdicts import Mistake, close, expect, expect_ratio, expect_value
from helpers.initializers import zeros


class LyingFloat(float):
    """Equals everything, and differs from nothing."""

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    def __float__(self):
        return 0.25

    __hash__ = __rsub__ = None


class LyingArray(np.ndarray):
    """Has no difference to anything."""

    def __sub__(self, other):
        return np.zeros(self.shape)

    def __array__(self, *args, **kwargs):
        return np.zeros(self.shape)


def called(f):
    """Return a function as a check calls it."""
    return Student(f, "f", np.random.default_rng(0))


def test_a_number_that_lies_is_taken_for_what_it_is():
    honest = plain(LyingFloat(3.0))
    assert type(honest) is float
    assert honest == 3.0


def test_an_array_that_lies_is_taken_for_what_it_is():
    honest = plain(np.ones(2).view(LyingArray))
    assert type(honest) is np.ndarray
    assert honest.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (np.float32(1.5), float),
        (np.longdouble(1.5), float),
        (np.int8(3), int),
        (np.bool_(True), bool),
        (np.str_("a"), str),
        ([np.float64(1.0)], list),
        ((np.float64(1.0),), tuple),
    ],
)
def test_what_comes_back_is_of_a_built_in_type(value, kind):
    assert type(plain(value)) is kind
    assert plain(value) == value


def test_the_entries_of_a_list_are_made_plain_too():
    assert type(plain([(LyingFloat(1.0),)])[0][0]) is float


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "returned None: does it end with a return?"),
        ([[1.0, 2.0, 3.0]], r"returned a list of 1; expected a NumPy array of shape \(2, 3\)"),
        (np.zeros((3, 2)), r"shape \(3, 2\), the transpose of \(2, 3\)"),
        (np.zeros((2, 2)), r"shape \(2, 2\); expected \(2, 3\)"),
        (np.zeros((2, 3), complex), "an array of complex128; expected real numbers"),
        (np.full((2, 3), "1"), "expected real numbers"),
        (np.zeros((2, 3), object), "an array of object; expected real numbers"),
        (np.full((2, 3), np.nan), "returned nan among its numbers"),
        (np.full((2, 3), np.inf), "returned infinity among its numbers"),
    ],
)
def test_what_is_not_the_array_asked_for_is_told_so(answer, words):
    with pytest.raises(Mistake, match=words):
        as_array(answer, (2, 3), "f()")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "does it end with a return"),
        (True, "returned True; expected one number"),
        ("1", "returned '1'; expected one number"),
        (1j, "expected one number"),
        (np.ones(1), r"returned array\(\[1.0\]\); expected one number"),
        (float("nan"), "returned nan; expected a finite number"),
        (10**400, "returned inf; expected a finite number"),
    ],
)
def test_what_is_not_a_number_is_told_so(answer, words):
    with pytest.raises(Mistake, match=words):
        as_number(answer, "f()")


@pytest.mark.parametrize(
    "answer", [2, 2.0, np.array(2), np.array(2.0, np.float32), np.array(2.0, np.longdouble)]
)
def test_a_number_may_have_any_type_of_number(answer):
    assert as_number(plain(answer), "f()") == 2.0


def test_exact_answers_have_room_for_single_precision_and_no_more():
    right = np.array([3.0, 0.001])
    assert close(right.astype(np.float32), right)
    assert close(right * (1 + 0.9e-5), right)
    assert not close(right * (1 + 1.1e-5), right)
    assert not close(right * (1 - 1.1e-5), right)
    assert close(0.0, 0.0)
    assert not close(1e-300, 0.0)


def test_the_likeliest_cause_is_named():
    causes = {"that is half": 0.5, "that is twice": 2.0}
    expect_value(3.0, 3.0, "f()", causes)
    with pytest.raises(Mistake, match=r"^f\(\) is 2, which cannot be right: that is twice\.$"):
        expect_value(2.0, 3.0, "f()", causes)
    with pytest.raises(Mistake, match=r"^f\(\) is 4, which cannot be right\.$"):
        expect_value(4.0, 3.0, "f()", causes)


def test_of_two_causes_within_the_tolerance_the_nearer_is_named():
    with pytest.raises(Mistake, match=r"^It is 2.04: near\.$"):
        expect_ratio(2.04, 0.1, "It is {:.3g}", {"far": 1.95, "near": 2.05})


@pytest.mark.parametrize(("answer", "cause"), [(2.0, "that is twice"), (4.0, None)])
def test_a_mistake_has_its_cause_by_name(answer, cause):
    causes = {"that is half": 0.5, "that is twice": 2.0}
    with pytest.raises(Mistake) as mistake:
        expect_value(answer, 3.0, "f()", causes)
    assert mistake.value.cause == cause
    with pytest.raises(Mistake) as mistake:
        expect_ratio(answer, 0.1, "It is {:.3g}", causes)
    assert mistake.value.cause == cause


def test_a_mistake_keeps_its_cause_on_the_way_to_the_student():
    with pytest.raises(Mistake, match=r"^f: it is off\.$") as mistake, attempt(leave, "f"):
        raise Mistake("it is off.", "that is twice")
    assert mistake.value.cause == "that is twice"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.random.default_rng(0), "rng"),
        (np.zeros((2, 2)), "array([[0.0, 0.0], [0.0, 0.0]])"),
        (np.array([1 / 3, 2e-9 / 3, np.nan]), "array([0.333333, 6.66667e-10, nan])"),
        (np.array(2 / 3), "array(0.666667)"),
        (np.zeros((20, 2)), "an array of shape (20, 2)"),
        (np.zeros((0, 2)), "an array of shape (0, 2)"),
        ((3,), "(3,)"),
        ([np.zeros(20)], "[an array of shape (20,)]"),
        (list(range(99)), "a list of 99"),
        (0.5, "0.5"),
        (np.tanh, "tanh"),
        (object(), "a object"),
    ],
)
def test_messages_show_what_is_small_in_full(value, shown):
    assert describe(value) == shown


def test_a_call_is_shown_as_a_student_would_write_it():
    student = called(lambda *args, **options: 1.0)
    student((3, 4), np.random.default_rng(0), leak=0.5)
    assert student.call == "f((3, 4), rng, leak=0.5)"


CHANGES = pytest.mark.parametrize(
    "change",
    [
        lambda x, xs: x.sort(),
        lambda x, xs: xs[0].fill(0),
        lambda x, xs: xs.append(1),
        lambda x, xs: xs.reverse(),
        lambda x, xs: x.resize((1, 3), refcheck=False),
    ],
)


@CHANGES
def test_changing_an_array_of_the_caller_is_a_mistake(change):
    with pytest.raises(Mistake, match="changed what it was given"):
        called(change)(np.array([3.0, 1.0, 2.0]), [np.ones(2), 3])


@CHANGES
def test_an_answer_changes_copies_and_not_the_cases(change):
    x, xs = np.array([3.0, 1.0, 2.0]), [np.ones(2), 3]
    with pytest.raises(Mistake):
        called(change)(x, xs)
    called(change).refuses(ValueError, "never", x, xs)
    assert x.tolist() == [3, 1, 2]
    assert [xs[0].tolist(), *xs[1:]] == [[1, 1], 3]


def test_drawing_from_a_generator_is_no_change():
    called(lambda rng: rng.random())(np.random.default_rng(0))


def leave(rng):
    """Leave the generator as it is."""


def reset(rng):
    """Put the generator into a state that the function knows."""
    rng.bit_generator.state = np.random.default_rng(0).bit_generator.state


def test_a_function_that_resets_its_generator_does_not_change_the_cases():
    cases = []
    for function in (leave, reset):
        with attempt(function, "f", "secret") as (student, rng):
            student(student.rng)
            cases.append(rng.random())
    assert cases[0] == cases[1]


def test_a_function_that_knows_its_generator_does_not_know_the_cases():
    with attempt(leave, "f", "secret") as (student, rng):
        assert student.rng.random() != rng.random()


def test_a_function_goes_on_drawing_where_it_stopped():
    student = called(lambda rng: rng.random())
    rng = np.random.default_rng(0)
    assert [student(student.rng) for _ in range(2)] == [rng.random(), rng.random()]


def test_a_mistake_of_what_stands_in_for_a_function_comes_after_the_call():
    def stand_in(n):
        raise Mistake("ended its own process.")

    with pytest.raises(Mistake, match=r"^f\(3\) ended its own process\.$"):
        called(stand_in)(3)
    with pytest.raises(Mistake, match=r"^f\(3\) ended its own process\.$"):
        called(stand_in).refuses(ValueError, "n is odd", 3)


def test_an_error_in_the_function_is_told_with_the_call():
    with pytest.raises(Mistake, match=r"^f\(0\) raised ZeroDivisionError: division by zero\.$"):
        called(lambda n: 1 / n)(0)


def test_of_an_error_on_a_hidden_case_no_words_of_the_function_are_told():
    class Case37Error(ValueError):
        pass

    def tells(n):
        raise Case37Error(f"the case is {n}")

    for right in (lambda student: student(3), lambda s: s.refuses(TypeError, "n is odd", 3)):
        student = Student(tells, "f", None, is_hidden=True)
        try:
            right(student)
            said = student.accepts
        except Mistake as mistake:
            said = str(mistake)
        assert "f(3) raised ValueError" in said
        assert "Case37Error" not in said
        assert "the case is" not in said


def test_refusing_what_is_allowed_is_told_so():
    def refuse():
        raise ValueError

    with pytest.raises(Mistake, match=r"^f\(\) raised ValueError; nothing is wrong with these"):
        called(refuse)()


def test_an_answer_that_contains_itself_is_an_error_too():
    endless = []
    endless.append(endless)
    with pytest.raises(Mistake, match="raised RecursionError"):
        called(lambda: endless)()


def refuse(n):
    """Refuse everything."""
    raise ValueError


@pytest.mark.parametrize(
    ("f", "happened"),
    [
        (lambda n: n, r"returned 3"),
        (lambda n: ValueError(), "returned a ValueError instead of raising it"),
        (lambda n: 1 / 0, "raised ZeroDivisionError: division by zero"),
    ],
)
def test_refusing_is_expected_with_a_reason(f, happened):
    student = called(f)
    student.refuses(ValueError, "n is odd", 3)
    student.refuses(ValueError, "the first counts", 5)
    assert student.share == 0.75
    assert student.accepts == (
        "right for good input; it should also refuse bad input, because n is odd: "
        f"f(3) {happened}; expected a ValueError."
    )


def test_what_is_refused_as_it_should_be_costs_nothing():
    student = called(refuse)
    student.refuses(ValueError, "n is odd", 3)
    assert (student.share, student.accepts) == (1, "")


@pytest.mark.parametrize(
    "no_answer", [lambda: ..., lambda: (_ for _ in ()).throw(NotImplementedError)]
)
def test_no_answer_to_bad_input_alone_is_no_refusal(no_answer):
    student = called(lambda n: n if n else no_answer())
    student(1)
    student.refuses(ValueError, "n is 0", 0)
    assert "f(0) returned what stands for no answer; expected" in student.accepts
    assert student.share == 0.75


def judged_like(f, secret, right=3):
    """Return what an exercise's check returns that asks for both before it looks."""

    @exercise
    def check_f(student, rng):
        """Check ``f(n)``."""
        student.refuses(ValueError, "n is odd", 3)
        expect(student(4) == right, "is off")

    assert (check_f.__name__, check_f.__doc__) == ("check_f", "Check ``f(n)``.")
    return check_f(f, secret=secret)


def test_a_check_returns_the_share_of_the_points_to_graders_alone(capsys):
    def right(n):
        return refuse(n) if n % 2 else 3

    assert [judged_like(f, "s") for f in (right, lambda n: 3)] == [1, 0.75]
    assert [judged_like(f, None) for f in (right, lambda n: 3)] == [None, None]
    said = capsys.readouterr().out.splitlines()
    assert said[::2] == ["f: correct."] * 2
    assert all(line.startswith("f: right for good input; it should") for line in said[1::2])


@pytest.mark.parametrize("secret", [None, "s"])
def test_a_mistake_counts_more_than_what_is_not_refused_before_it(secret, capsys):
    with pytest.raises(Mistake, match=r"^f: is off$"):
        judged_like(lambda n: 4, secret)
    assert capsys.readouterr().out == ""


def uses_a_module(n):
    return initializers.zeros((n, n))


def uses_a_function_inside(n):
    return sum(zeros((size, size)) for size in [n])


def imports_it(n):
    from helpers.initializers import zeros as empty

    return empty((n, n))


def calls_what_uses_it(n):
    return uses_a_module(n)


@pytest.mark.parametrize(
    ("f", "named"),
    [
        (uses_a_module, "helpers.initializers"),
        (uses_a_function_inside, "helpers.initializers.zeros"),
        (imports_it, "helpers.initializers"),
        (calls_what_uses_it, "helpers.initializers"),
    ],
)
def test_what_the_course_has_ready_made_is_no_answer(f, named):
    words = f"raised RuntimeError: {named} is ready-made: it does not count as an answer"
    with pytest.raises(Mistake, match=re.escape(words)):
        called(f)(3)


def test_an_attribute_of_the_same_name_is_not_what_the_course_has():
    called(lambda n: np.zeros((n, n)))(3)
    called(np.zeros)(3)


def test_not_implemented_is_not_attempted(capsys):
    def todo():
        raise NotImplementedError

    with attempt(todo, "f") as (student, _):
        student()
    with attempt(todo, "f") as (student, _):
        student.refuses(ValueError, "never")
    assert capsys.readouterr().out == 2 * "f: not attempted yet.\n"


def test_an_error_of_the_check_itself_is_not_swallowed():
    with pytest.raises(ZeroDivisionError), attempt(len, "f"):
        1 / 0  # noqa: B018


def test_a_notebook_shows_the_words_alone():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    shell.run_cell("from helpers.checks import check_gain\ncheck_gain(lambda phi: None)")
    (words,) = shown
    assert words.startswith("gain(z -> z + ")
    assert "Traceback" not in words


def test_a_check_answers_to_no_generator_but_its_own(rng):
    """The same verdict each time, in the same words."""
    said = set()
    for _ in range(3):
        with pytest.raises(Mistake) as mistake:
            checks.check_he_normal(lambda shape, rng, leak=0.0: rng.standard_normal(shape))
        said.add(str(mistake.value))
    assert len(said) == 1


@pytest.mark.parametrize("distribution", [draws.NORMAL, draws.UNIFORM])
def test_moments_of_the_distributions_are_those_of_theory(distribution, rng):
    """Kurtosis, and the spread of the sample kurtosis over 2000 samples of 2000."""
    sample = {"normal": rng.standard_normal, "uniform": lambda size: rng.uniform(-1, 1, size)}
    squares = sample[distribution.name]((2000, 2000)) ** 2
    kurtosis = np.mean(squares**2, axis=1) / np.mean(squares, axis=1) ** 2
    error = np.sqrt(distribution.spread / 2000)
    assert abs(kurtosis.mean() - distribution.kurtosis) < 5 * error / np.sqrt(2000) + 10 / 2000
    assert abs(kurtosis.std() / error - 1) < 5 / np.sqrt(2 * 2000) + 0.05  # normal to 1/n


def test_the_tolerance_of_a_variance_is_six_standard_errors():
    """Of n draws with kurtosis k, the standard error is sqrt((k - 1) / n)."""
    assert draws.variance_error(draws.NORMAL, 200) == pytest.approx(6 * np.sqrt(2 / 200))
    assert draws.variance_error(draws.UNIFORM, 200) == pytest.approx(6 * np.sqrt(0.8 / 200))


def test_expecting_what_holds_says_nothing(capsys):
    expect(True, "not this")
    assert capsys.readouterr().out == ""


@pytest.fixture
def no_masters(tmp_path, monkeypatch):
    monkeypatch.setattr(solutions, "MASTERS", tmp_path / "assignments")


@pytest.fixture
def master(tmp_path, monkeypatch):
    """Put a master in the place of those of the course."""
    folder = tmp_path / "assignments"
    (folder / "05_he").mkdir(parents=True)
    (folder / "05_he" / "05_he.ipynb").write_text(
        '{"cells": [{"id": "title", "source": []}, {"id": "gain", "source": '
        '["def gain(phi):\\n", "    ### BEGIN SOLUTION\\n", "    return 1.0\\n", '
        '"    ### END SOLUTION"]}]}'
    )
    monkeypatch.setattr(solutions, "MASTERS", folder)


@pytest.mark.parametrize("answer", [lambda phi: 2.0, lambda phi: None, lambda: 1])
def test_a_model_solution_is_shown_to_those_who_have_tried(answer, master, capsys):
    answer.__name__ = "gain"
    checks.solution(answer)
    assert capsys.readouterr().out == "def gain(phi):\n    return 1.0\n"


def test_a_model_solution_is_not_shown_before(master, capsys):
    def gain(phi):
        return ...

    checks.solution(gain)
    said = capsys.readouterr().out
    assert said.startswith("gain: try it first.")
    assert "1.0" not in said


def test_a_graded_course_shows_no_model_solution(no_masters, capsys):
    def gain(phi):
        return 1.0

    checks.solution(gain)
    assert (
        capsys.readouterr().out == "gain: this copy of the course holds no model solutions.\n"
    )


@pytest.mark.parametrize("f", [np.tanh, 3, lambda: 1])
def test_there_is_a_solution_to_exercises_only(f):
    with pytest.raises(ValueError, match=r"name must be one of \['"):
        checks.solution(f)
