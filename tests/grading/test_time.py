"""Marks do not depend on how busy the machine is: limits are of processor time."""

import time

import pytest

from teaching.grading import walls
from teaching.grading.judge import judge
from teaching.grading.sandbox import Budget, Ended, Limits, Sandbox, named_error
from teaching.grading.usage import usage
from tests.grading.busy import busy
from tests.grading.hostile.submission import answering
from tests.grading.test_judge import RIGHT, handed_in, points, small

BURNS = """
import time

def burn(seconds):
    start = time.process_time()
    while time.process_time() < start + seconds:
        pass
    return True
"""
# Beside six loops, a seventh has less than a third of two processors: it takes three times as
# long on the clock as it computes, and more than the limit.
SHORT, LIMIT = 0.5, 0.9


def test_on_a_busy_machine_an_answer_has_the_same_time(sandbox):
    with busy(), sandbox.session(call=LIMIT) as session:
        session.run(BURNS)
        start = time.monotonic()
        assert session.value("burn")(SHORT)
        assert time.monotonic() - start > SHORT


@pytest.mark.parametrize("loops", [0, 6])
def test_what_computes_too_long_is_ended_on_any_machine(sandbox, loops):
    with busy(loops), sandbox.session(call=SHORT) as session:
        session.run(BURNS)
        with pytest.raises(Ended, match=r"did not end within 0\.5 seconds"):
            session.value("burn")(10.0)


def test_what_waits_for_nothing_is_ended_by_the_clock(sandbox):
    ended = pytest.raises(Ended, match=r"did not end within 0\.5 seconds")
    with sandbox.session(cell=SHORT) as session, ended:
        session.run("import time; time.sleep(10**6)")


def test_time_is_that_of_all_processes_and_threads(sandbox):
    code = "import os, threading\n" + BURNS
    code += "threading.Thread(target=burn, args=(0.3,)).start()\nif os.fork() == 0: burn(0.3)"
    with sandbox.session() as session:
        before, _ = session.usage()
        session.run(code)
        deadline = time.monotonic() + 60
        while session.usage()[1] and time.monotonic() < deadline:
            time.sleep(0.05)
        # Each of both is counted in ticks of a hundredth.
        assert 0.56 < session.usage()[0] - before < 1.0


def test_where_processes_cannot_be_seen_the_clock_counts():
    first, _ = usage(None)
    time.sleep(0.01)
    assert usage(None)[0] >= first + 0.01


def test_sessions_share_a_budget(sandbox):
    budget = Budget(LIMIT)
    with sandbox.session(budget) as first:
        first.run(BURNS + "\nburn(0.5)")
    with sandbox.session(budget) as second, pytest.raises(Ended) as ended:
        second.run(BURNS + "\nburn(0.8)")
    assert (
        str(ended.value) == "did not end within 0.9 seconds, with all that it was asked before."
    )
    assert budget.left < 0.05


def test_a_submission_has_one_budget_however_often_it_is_started_again(exams):
    """Each endless loop ends a start; without a budget there would be many."""
    data = answering(
        above=dict.fromkeys(("he_normal", "gain", "dead_fraction"), "while 1: pass")
    )
    with Sandbox(Limits(cell=0.5, submission=0.8)) as sandbox:
        result = judge(exams["05_he"], data, sandbox)
    assert result["status"] == "timed out"
    assert "with all that it was asked before" in result["note"]


def test_an_answer_may_call_a_formula_for_each_of_many_numbers(exams):
    """Each call of our process instead would take the time of a thousand."""
    code = """
    def gain(phi):
        z = np.linspace(-10, 10, 20_001)
        bell = np.exp(-z**2 / 2)
        total = sum(b * phi(x) ** 2 for x, b in zip(z.tolist(), bell.tolist()))
        if total == 0:
            raise ValueError("a signal that is 0")
        return float(np.sqrt(bell.sum() / total))
    """
    with Sandbox(Limits(call=1.0)) as sandbox:
        result = judge(exams["05_he"], answering(gain=code), sandbox)
    assert result["marks"]["check_gain"]["points"] == 3.0


def test_a_type_with_a_million_bases_takes_no_time():
    error = named_error([["A"] * 2_000_000, "words"])
    assert type(error).__name__ == "A"


def test_a_busy_machine_is_not_taken_for_a_missing_wall(sandbox, monkeypatch):
    """Where even patience runs out, it says that it could not be tested."""
    monkeypatch.setattr(walls, "TRIES", 2)
    with pytest.raises(walls.Refused, match=r"cannot be tested, perhaps since .* busy"):
        walls._prove_ends(sandbox, "while True: pass", "out of memory", cell=0.2)


def test_the_walls_are_proved_on_a_busy_machine(sandbox):
    with busy():
        walls.prove(sandbox)


def test_right_answers_have_all_points_on_a_busy_machine(sandbox):
    exam = small()
    with busy():
        assert points(judge(exam, handed_in(exam, RIGHT), sandbox)) == [4, 2, None]
