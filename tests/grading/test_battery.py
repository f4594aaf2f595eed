"""Whatever is handed in gets the marks that it deserves, and changes nothing else."""

import socket
import time
from collections import Counter
from pathlib import Path

import pytest

from teaching.grading.judge import judge
from teaching.grading.sandbox import Sandbox
from tests.grading.battery import (
    PATIENT,
    SUBMISSIONS,
    assignment,
    descendants,
    faults,
    listening,
    outcomes,
    said,
)
from tests.grading.hostile.submission import PORTS

CASES = [pytest.param(case, id=case.name) for case in SUBMISSIONS]
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(10**6)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def battery():
    """Return what came out of each submission, and how often a listener was called."""
    made, calls = outcomes(SUBMISSIONS)
    return {case.name: outcome for case, outcome in zip(SUBMISSIONS, made, strict=True)}, calls


@pytest.fixture(scope="module")
def outcome_of(battery):
    """Return what came out of each submission, by name."""
    return battery[0]


def those(outcome_of, is_so):
    """Return the names of the submissions of whose outcome this is so."""
    return [name for name, outcome in outcome_of.items() if is_so(outcome)]


def test_each_submission_has_a_name_of_its_own():
    assert [
        name for name, n in Counter(case.name for case in SUBMISSIONS).items() if n > 1
    ] == []


def test_none_ends_the_batch(outcome_of):
    assert those(outcome_of, lambda outcome: outcome.raised) == []


@pytest.mark.parametrize("case", CASES)
def test_it_gets_the_marks_that_it_deserves(case, outcome_of):
    assert outcome_of[case.name].points() == case.marks


@pytest.mark.parametrize("case", CASES)
def test_it_is_said_what_happened(case, outcome_of):
    assert outcome_of[case.name].result["status"] in case.statuses


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].phrase])
def test_the_reason_is_said(case, outcome_of):
    assert case.phrase in said(outcome_of[case.name].result)


def test_the_next_one_gets_the_same_as_without_it(outcome_of):
    assert those(outcome_of, lambda outcome: not outcome.neighbour) == []


def test_nothing_is_found_that_is_hidden_from_students(outcome_of):
    assert those(outcome_of, lambda outcome: outcome.leaked) == []


def test_no_process_is_left(outcome_of):
    assert those(outcome_of, lambda outcome: outcome.running) == []


def test_no_file_is_left_outside(outcome_of):
    assert those(outcome_of, lambda outcome: outcome.written) == []


def test_results_are_clean_text_within_limits(outcome_of):
    assert those(outcome_of, lambda outcome: faults(outcome.result)) == []


def test_nobody_calls_this_machine(battery):
    _, calls = battery
    assert calls == 0


def test_one_who_is_not_behind_walls_would_be_heard():
    with listening() as calls, socket.socket() as one:
        heard = [one.connect_ex(("127.0.0.1", port)) for port in PORTS]
        assert 0 in heard
        assert calls() == 1


@pytest.mark.parametrize("case", [case for case in CASES if "many children" in case.id])
def test_memory_is_counted_over_all_processes(case):
    with Sandbox(PATIENT) as sandbox:
        result = judge(assignment("a secret"), case.data, sandbox)
    assert result["status"] == "out of memory"


def test_a_daemon_ends_with_the_walls():
    with Sandbox(PATIENT) as sandbox:
        idle = descendants(sandbox._process.pid)
        with sandbox.session() as session:
            session.run(DAEMON)
            started = set(descendants(sandbox._process.pid)) - set(idle)
            assert len(started) >= 3  # a supervisor, a worker and the daemon
    assert not still_running(started)


def still_running(pids):
    """Return which of these processes there are, if they do not end at once."""
    for _ in range(100):
        left = {pid for pid in pids if Path(f"/proc/{pid}").exists()}
        if not left:
            break
        time.sleep(0.05)
    return left
