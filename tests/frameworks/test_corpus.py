"""What `inspect` says of the corpus is what was written down before, and its remedies help."""

import re

import numpy as np
import pytest
import torch

from helpers.inspection import inspect
from tests.frameworks.corpus import CASES, misses
from tests.frameworks.law import FOR_NOISE, drifts
from tests.frameworks.reports import REPORTS
from tests.frameworks.states import left_as_it_was
from tests.frameworks.strangers import FIRST, SECOND, THIRD

ALL = [*CASES, *FIRST, *SECOND, *THIRD]


@pytest.fixture(params=ALL, ids=lambda case: case.name)
def seen(request):
    """Return a case, its model, and the report, all drawn from one seed."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, batch, loss = request.param.make()
        if isinstance(model, torch.nn.Module):
            for parameter in model.parameters():
                parameter.grad = torch.full_like(parameter, 7.0)
        with left_as_it_was(model):
            report = inspect(model, batch, loss=loss)
        yield request.param, model, report


def test_the_verdict_is_the_experts_and_following_it_does_no_harm(seen):
    case, model, report = seen
    text = str(report)
    assert not misses(case, report), text
    assert bool(report.remedies) == (case.fits is False and case.law), text
    if report.remedies:
        fixed = report.fix(model)
        for before, after in zip(drifts(report), drifts(fixed.report), strict=True):
            assert after <= before + FOR_NOISE, f"{text}\n\n{fixed.report}"
        follow_as_printed(model, report)


def follow_as_printed(model, report):
    """Type all remedies, and expect of each parameter what `fix` makes of it.

    What is drawn is drawn anew: its mean square then has a relative standard deviation of
    sqrt(2 / n) for n normal numbers, in each of the two.
    """
    front, places = report._front, report._places
    typed, applied = front.copied(model), front.copied(model)
    names = {"model": typed, "nn": torch.nn}
    if front.__name__.endswith("keras"):
        names["keras"] = front.keras
    for call in dict.fromkeys(
        c for row in report.rows for c in re.split("; ", row.remedy) if c
    ):
        exec(call, names)
    for i, remedy in enumerate(report.remedies):
        front.apply(applied, remedy, (0, i), places)
    drawn = {r.path.partition("[")[0] for r in report.remedies if r.action == "normal"}
    for (name, a), (_, b) in zip(numbers(typed), numbers(applied), strict=True):
        if name in drawn:
            sizes = np.mean(a**2), np.mean(b**2)
            assert abs(np.log(sizes[0] / sizes[1])) < 5 * np.sqrt(4 / a.size) + 1e-6, name
        else:  # remedies are printed with three digits
            np.testing.assert_allclose(a, b, rtol=1e-2, err_msg=name)


def numbers(model):
    """Return names and numbers of all parameters."""
    if isinstance(model, torch.nn.Module):
        return [(n, p.detach().double().numpy()) for n, p in model.named_parameters()]
    return [(v.path, np.array(v.numpy(), np.float64)) for v in model.variables]


def test_every_public_report_is_a_case():
    names = {case.name for case in ALL}
    assert {report.case for report in REPORTS} <= names


def test_names_of_cases_are_told_apart():
    names = [case.name for case in ALL]
    assert len(set(names)) == len(names)
