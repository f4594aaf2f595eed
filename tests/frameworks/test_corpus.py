"""What `inspect` says of the corpus is what was written down before, and its remedies help."""

import re

import pytest
import torch

from helpers.inspection import inspect
from tests.frameworks.corpus import CASES
from tests.frameworks.law import FOR_NOISE, drifts


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def seen(request):
    """Return a case, its model, and the report, all drawn from one seed."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, batch, loss = request.param.make()
        return request.param, model, inspect(model, batch, loss=loss)


def test_the_verdict_is_the_experts_and_following_it_does_no_harm(seen):
    case, model, report = seen
    text = str(report)
    assert report.fits is case.fits, text
    for words in case.says:
        assert re.search(words, text), text
    for words in case.never:
        assert not re.search(words, text), text
    assert bool(report.remedies) == (case.fits is False and case.law), text
    if report.remedies:
        fixed = report.fix(model)
        for before, after in zip(drifts(report), drifts(fixed.report), strict=True):
            assert after <= before + FOR_NOISE, f"{text}\n\n{fixed.report}"
