"""A JupyterLab and a browser for the tests, and the lessons opened in them."""

import shutil
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest

from teaching import browser, slides

LESSONS = sorted((browser.ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="session")
def chromium():
    try:
        with browser.browser() as started:
            yield started
    except FileNotFoundError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def made(chromium):
    """Make all decks and handouts, as `make handout` does: once for all that uses them."""
    assert slides.make(LESSONS, chromium, handouts=True) == 0


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Return a copy of the notebooks' folder, which tests may write into."""
    copy = tmp_path_factory.mktemp("course") / "notebooks"
    return shutil.copytree(browser.ROOT / "notebooks", copy)


@pytest.fixture(scope="session")
def server(folder):
    with browser.jupyterlab(folder) as started:
        yield started


@pytest.fixture(scope="session")
def lab(chromium, server):
    """Return a page for one notebook after another, which records errors and requests.

    To load JupyterLab takes longer than to run most lessons.
    """
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(60_000)
    page.errors, page.requests = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    yield page
    page.close()


@contextmanager
def notebook_run(lab, server, name, run=browser.run_to_panels):
    """Open a notebook, run it, and record what went wrong in the page and left the machine."""
    lab.errors.clear()
    browser.open_notebook(lab, server, name)
    ran = run(lab)
    yield SimpleNamespace(
        name=name, page=lab, ran=ran, errors=lab.errors, requests=lab.requests
    )
    browser.shut_kernel_down(lab)


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request, lab, server):
    """Return a lesson in JupyterLab, where its panels and questions have been run.

    What else it measures takes half a minute, and is run by nbval; the first lesson is short.
    """
    name = request.param.name
    run = browser.run_to_panels if name == LESSONS[0].name else browser.run_controls
    with notebook_run(lab, server, name, run) as opened:
        yield opened


@pytest.fixture
def run(lab, server, folder):
    """Return a function that writes a notebook with the given cells, opens and runs it."""
    with ExitStack() as stack:

        def write_and_run(*cells):
            browser.write_notebook(folder / "written_by_a_test.ipynb", *cells)
            return stack.enter_context(notebook_run(lab, server, "written_by_a_test.ipynb"))

        yield write_and_run
