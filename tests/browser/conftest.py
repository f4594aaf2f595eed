"""A JupyterLab and a browser for the tests, and the lessons opened in them."""

import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from teaching import browser

LESSONS = sorted((browser.ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="session")
def chromium():
    try:
        with browser.browser() as started:
            yield started
    except FileNotFoundError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Return a copy of the notebooks' folder, which tests may write into."""
    copy = tmp_path_factory.mktemp("course") / "notebooks"
    return shutil.copytree(browser.ROOT / "notebooks", copy)


@pytest.fixture(scope="session")
def server(folder):
    with browser.jupyterlab(folder) as started:
        yield started


@contextmanager
def notebook_run(chromium, server, name):
    """Open a notebook, run it, and record what went wrong in the page and left the machine."""
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(20_000)
    errors, requests = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    browser.open_notebook(page, server, name)
    ran = browser.run_to_panels(page)
    yield SimpleNamespace(name=name, page=page, ran=ran, errors=errors, requests=requests)
    browser.shut_kernel_down(page)
    page.close()


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request, chromium, server):
    """Return a lesson that has been run in JupyterLab."""
    with notebook_run(chromium, server, request.param.name) as opened:
        yield opened


@pytest.fixture
def run(chromium, server, folder):
    """Return a function that writes a notebook with the given cells, opens and runs it."""
    opened = []

    def write_and_run(*cells):
        browser.write_notebook(folder / "written_by_a_test.ipynb", *cells)
        opened.append(notebook_run(chromium, server, "written_by_a_test.ipynb"))
        return opened[-1].__enter__()

    yield write_and_run
    for notebook in opened:
        notebook.__exit__(None, None, None)
