"""Nobody gets less than deserved unless a person is told to look; see `realistic`."""

from collections import Counter

import pytest

from teaching.grading.sandbox import Limits, Sandbox
from tests.grading.realistic import CASES, graded
from tests.grading.test_run import Here

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what nbgrader uses

# Where a person has to say what is deserved.
IN_DOUBT = {
    "the final one and a draft",
    "only a PDF",
    "only a text document",
    "only a picture",
    "half a file",
    "a link to it",
    "pandas and math in a cell of one's own",
    "numba in the answer",
    "a module of one's own",
}
PARAMETERS = [pytest.param(case.name, id=case.name) for case in CASES]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Return what each case was given, by name."""
    with pytest.MonkeyPatch.context() as patch, Sandbox(Limits(cell=3.0)) as sandbox:
        patch.setenv("COURSE_SECRET", "s3cret")
        made = graded(CASES, Here(sandbox), tmp_path_factory.mktemp("course"))
    return {one.case.name: one for one in made}


def test_each_has_a_name_of_its_own():
    assert [name for name, n in Counter(case.name for case in CASES).items() if n > 1] == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_nobody_has_less_without_a_look(name, given):
    assert given[name].look or not given[name].is_less


@pytest.mark.parametrize("name", PARAMETERS)
def test_nobody_has_more(name, given):
    assert not given[name].is_more


def test_few_are_in_doubt(given):
    unlike = {name for name, one in given.items() if one.marks != one.case.marks}
    assert unlike == IN_DOUBT
