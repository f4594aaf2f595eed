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

SCREENSHOTS = browser.ROOT / "build" / "screenshots"
HOSTILE = r"""Half of the units are *off*, not **dead**: $a < b$.

$\href{javascript:document.title='taken over'}{x} \class{full-credit}{x}$
$\rule{10000em}{10000em}$

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


FORMULAS = """() => {
    const shown = [...document.querySelectorAll('.MathJax')];
    const acts = '[href], [onclick], [class~="full-credit"]';
    const covered = [...document.querySelectorAll('.score, .full-credit, .comment')].filter(
        element => {
            element.scrollIntoView({block: 'center'});
            const {x, y, width, height} = element.getBoundingClientRect();
            return !element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        });
    return {
        formulas: shown.map(element => element.innerText.replace(/\\s+/g, '')),
        links: shown.filter(element => element.querySelector(acts)).length,
        covered: covered.map(element => element.id || element.className),
    }; }"""


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
        page, away = chromium.new_page(viewport={"width": 1280, "height": 900}), []
        page.route("**/*", lambda route: _only_here(route, server.address, away))
        page.goto(f"{server.address}/lab?token={server.token}")  # formgrader is opened there
        away.clear()
        page.goto(f"{server.address}/formgrader/submissions/{submission}/")
        page.wait_for_function("document.querySelector('input#check_gain')?.placeholder")
        page.wait_for_function("window.MathJax?.loaded")
        seen = {"text": page.inner_text("body"), "title": page.title(), "away": away}
        seen |= page.evaluate(FORMULAS)
        for name, value in (("#why", "2.5"), ("#why-comment", "What is missing: a test.")):
            with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
                page.locator(name).fill(value)
                page.locator(name).blur()
            assert saved.value.ok
        page.screenshot(path=SCREENSHOTS / "formgrader.png", full_page=True)
        page.close()
    return seen


def _only_here(route, address, away):
    """Let a request through to the server, and note all others, for which is no network."""
    if route.request.url.startswith(address):
        route.continue_()
    else:
        away.append(route.request.url)
        route.abort()


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


def test_formulas_are_typeset_without_a_network(marked):
    assert marked["away"] == []
    assert any(formula.startswith("a<b") for formula in marked["formulas"])


def test_a_formula_does_nothing_and_covers_nothing(marked):
    assert marked["links"] == 0
    assert marked["covered"] == []


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
