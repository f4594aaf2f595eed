"""A short answer marked in formgrader, as a TA does it, and the feedback that comes of it."""

import json
import shutil

import pytest
from nbgrader.api import Gradebook

from teaching import browser
from teaching.grading import run
from teaching.grading.judge import judge
from teaching.grading.sandbox import Limits
from tests.browser.conftest import chromium  # noqa: F401 (a fixture)
from tests.grading.students import ASSIGNMENT, handed_in

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what nbgrader uses

# Formgrader fetches it from the internet, and waits for it.
MATHJAX = "window.MathJax = {Hub: {Config() {}, Startup: {signal: {Interest() {}}}}}"
SCREENSHOTS = browser.ROOT / "build" / "screenshots"
HOSTILE = """Half of the units are *off*, not **dead**: $a < b$.

<script>document.title = "taken over"</script>
<img src="x" onerror="document.title = 'taken over'">
"""


def notebook_with(answer):
    """Return a student's notebook with this short answer."""
    notebook = json.loads(handed_in(1))
    for cell in notebook["cells"]:
        if cell["id"] == "why":
            cell["source"] = answer
    return json.dumps(notebook).encode()


class Here:
    """Judges in this process."""

    limits = Limits()

    def __init__(self, sandbox):
        self._sandbox = sandbox

    def judge(self, tasks):
        """Yield the results."""
        return ((key, judge(exam, data, self._sandbox)) for key, exam, data in tasks)


@pytest.fixture(scope="module")
def course(tmp_path_factory, sandbox):
    """Return a course in which one student's work is graded."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(
        browser.ROOT / "assignments" / ASSIGNMENT, folder / "assignments" / ASSIGNMENT
    )
    shutil.copy(browser.ROOT / "nbgrader_config.py", folder)
    (folder / "handed_in" / "jdoe").mkdir(parents=True)
    (folder / "handed_in" / "jdoe" / "05_he.ipynb").write_bytes(notebook_with(HOSTILE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SECRET", "s3cret")
        patch.setenv("PYTHONPATH", str(browser.ROOT))  # of what the configuration imports
        made = run.load_course(folder)
        run.grade(made, folder / "handed_in", Here(sandbox))
        yield made


@pytest.fixture(scope="module")
def marked(course, chromium):  # noqa: F811 (the fixture)
    """Return what formgrader showed of the submission before it was marked there."""
    with Gradebook(course.directory.db_url) as book:
        submission = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "jdoe").id
    with browser.jupyterlab(course.directory.root) as server:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.route("**/*", lambda route: _only_here(route, server.address))
        page.goto(
            f"{server.address}/lab?token={server.token}"
        )  # formgrader is opened from there
        page.goto(f"{server.address}/formgrader/submissions/{submission}/")
        page.wait_for_function("document.querySelector('input#check_gain')?.placeholder")
        seen = {"text": page.inner_text("body"), "title": page.title()}
        for name, value in (("#why", "2.5"), ("#why-comment", "What is missing: a test.")):
            with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
                page.locator(name).fill(value)
                page.locator(name).blur()
            assert saved.value.ok
        page.screenshot(path=SCREENSHOTS / "formgrader.png", full_page=True)
        page.close()
    return seen


def _only_here(route, address):
    """Let a request through to the server, and answer those for MathJax, which it lacks."""
    if route.request.url.startswith(address):
        route.continue_()
    else:
        route.fulfill(content_type="text/javascript", body=MATHJAX)


def test_the_marker_sees_code_reasons_and_the_marking_scheme(marked):
    for shown in (
        "he_normal = fan_out",
        "3 marks",
        "5.4 In your own words",
        "0 of 4. he_normal(",
    ):
        assert shown in marked["text"]


def test_no_script_of_a_student_runs(marked):
    assert "taken over" not in marked["title"]


def test_the_mark_reaches_the_feedback(marked, course, chromium):  # noqa: F811 (the fixture)
    (record,) = run.write_pages(course, [ASSIGNMENT])
    why = record["exercises"][-1]
    assert (why["points"], why["by"], why["comment"]) == (
        2.5,
        "hand",
        "What is missing: a test.",
    )
    path = course.grading / "feedback" / "jdoe" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = chromium.new_page(viewport={"width": 900, "height": 900})
    page.goto(path.as_uri())
    page.screenshot(path=SCREENSHOTS / "feedback.png", full_page=True)
    text = page.inner_text("body")
    page.goto((course.grading / f"report_{ASSIGNMENT}.html").as_uri())
    page.screenshot(path=SCREENSHOTS / "report.png", full_page=True)
    page.close()
    assert "What is missing: a test." in text
    assert "HIDDEN" not in text
    assert "3 marks. One for each" not in text
