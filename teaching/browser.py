"""JupyterLab in a real browser: started, driven and stopped.

The browser tests and the benchmarks stand on these functions.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import TimeoutError, sync_playwright

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The browser is to show this page and nothing else: no first steps, no updates.
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"adaptive-theme": False},
}
PATIENCE = 90  # seconds: many times what a busy machine needs to open a notebook
RUNNING = 900  # seconds for all cells of a notebook
KERNEL_IDLE = """() => {
    const panel = window.jupyterapp?.shell.currentWidget, session = panel?.sessionContext;
    return !!(session?.isReady && panel.context.isReady
              && session.session?.kernel?.status === 'idle'); }"""
# What a script answers, or an error where it takes too long.
WITHIN = """limit => Promise.race([(%s)(), new Promise((_, reject) => setTimeout(
    () => reject(new Error(`no answer within ${limit / 1000} s`)), limit))])"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
RUN_TO_PANELS = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const sources = notebook.widgets.map(cell => cell.model.sharedModel.getSource());
    const last = sources.findLastIndex(source => /^(panels\\.|check\\()/.test(source));
    if (last < 0) return window.jupyterapp.commands.execute('notebook:run-all-cells');
    notebook.activeCellIndex = last + 1;
    return window.jupyterapp.commands.execute('notebook:run-all-above'); }"""
RUN_CONTROLS = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const code = notebook.widgets.filter(cell => cell.model.type === 'code');
    let ran = true;
    for (const cell of code) {
        const source = cell.model.sharedModel.getSource();
        if (cell !== code[0] && !/^(ask\\(|panels\\.)/.test(source)) continue;
        notebook.activeCellIndex = notebook.widgets.indexOf(cell);
        notebook.deselectAll();
        ran &&= await window.jupyterapp.commands.execute('notebook:run-cell');
    }
    return ran; }"""
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
# Disposed of, the notebook before does not ask whether it is to be saved.
TURN_TO = """path => {
    const {shell, commands} = window.jupyterapp;
    shell.currentWidget.dispose();
    return commands.execute('docmanager:open', {path}).then(() => {}); }"""
# A panel's picture, looked at from within the page: its source would else go from process to
# process with every look.
SHOWN = """panel => {
    const pictures = [...panel.querySelectorAll('img, canvas')];
    const shown = pictures.find(picture => picture.getClientRects().length);
    if (!shown || shown.matches('img')) return shown && [shown.src, shown.alt];
    const {width, height} = shown, ctx = shown.getContext('2d');
    let sum = 0;  // of all pixels, each in its place
    for (const pixel of new Uint32Array(ctx.getImageData(0, 0, width, height).data.buffer))
        sum = (Math.imul(sum, 31) + pixel) | 0;
    return [`canvas ${sum}`, shown.getAttribute('aria-label')]; }"""
SETTLED = f"""async (panel, [quiet, limit]) => {{
    const look = {SHOWN}, start = performance.now();
    let shown = look(panel), since = start;
    while (performance.now() < Math.min(start + limit, since + quiet)) {{
        await new Promise(resolve => setTimeout(resolve, 30));
        const now = look(panel);
        if (now?.[0] === shown?.[0] && now?.[1] === shown?.[1]) continue;
        [shown, since] = [now, performance.now()];
    }}
    return shown; }}"""
CHANGED = f"""([panel, source, words]) => {{
    const now = ({SHOWN})(panel);
    return now && now[0] !== source && now[1] !== words; }}"""


class Server(NamedTuple):
    """A running JupyterLab."""

    address: str
    token: str


def find_browser():
    """Return the path of a Chromium.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError(
        f"No browser found: install Chromium, so that one of {', '.join(BROWSERS)} is on the "
        "path (Debian or Ubuntu: sudo apt install chromium)."
    )


@contextmanager
def browser():
    """Start a Chromium without a window, and close it at the end.

    Yields
    ------
    playwright.sync_api.Browser

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    path = find_browser()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def jupyterlab(folder, *, config=ROOT / ".jupyter", notebook=False):
    """Start JupyterLab on a folder, with nobody's settings but the project's, and stop it.

    Parameters
    ----------
    folder : Path
        Of the notebooks. JupyterLab writes into it.
    config : Path, optional
        Folder of the server's configuration.
    notebook : bool
        Whether to start Jupyter Notebook instead.

    Yields
    ------
    Server

    Raises
    ------
    RuntimeError
        If it does not start; the message shows its log.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        own = Path(own)
        for name, values in SETTINGS.items():
            path = own / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        server = Server(f"http://127.0.0.1:{_free_port()}", os.urandom(16).hex())
        module, app = (
            ("notebook", "JupyterNotebookApp") if notebook else ("jupyterlab", "LabApp")
        )
        command = [
            *(sys.executable, "-m", module, "--no-browser", "--allow-root"),
            f"--ServerApp.port={urlsplit(server.address).port}",
            *("--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
            f"--IdentityProvider.token={server.token}",
            f"--ServerApp.root_dir={folder}",
            f"--{app}.expose_app_in_browser=True",
        ]
        log = own / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, env=_environment(own, config), stdout=output, stderr=output
            )
        try:
            _wait_for_answer(server, process, log)
            yield server
        finally:
            process.terminate()  # it ends its kernels too
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(own, config):
    """Return an environment in which Jupyter keeps everything in the folder `own`."""
    return os.environ | {
        "JUPYTER_CONFIG_PATH": str(config),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
        "OPENBLAS_NUM_THREADS": "1",
    }


def _wait_for_answer(server, process, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            address = f"{server.address}/api?token={server.token}"
            urllib.request.urlopen(address, timeout=PATIENCE).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Jupyter did not start:\n{log.read_text(errors='replace')}")


def write_notebook(path, *cells, go_on=False):
    """Write a notebook with these code cells at `path`; it may go on after one that raises."""
    metadata = {"tags": ["raises-exception"]} if go_on else {}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell, metadata=metadata) for cell in cells]
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def open_notebook(page, server, name):
    """Open the notebook `name` of a server's folder in JupyterLab and start its kernel.

    A JupyterLab that is on the page already, which takes long to load, shows it in place of the
    notebook before; what was not saved there is lost.
    """
    if page.url.startswith(f"{server.address}/lab"):
        page.evaluate(TURN_TO, name)
    else:
        page.goto(f"{server.address}/lab/tree/{name}?reset&token={server.token}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=1000 * PATIENCE)
    wait_until_idle(page)


def run_all(page):
    """Run all cells of the open notebook, and return whether none of them raised."""
    ran = page.evaluate(WITHIN % RUN_ALL, 1000 * RUNNING)  # answers when the last cell is done
    wait_until_idle(page)
    return ran


def run_to_panels(page):
    """Run the open notebook down to its last panel or check, or all of it if it has none.

    Returns
    -------
    bool
        Whether no cell raised.
    """
    ran = page.evaluate(WITHIN % RUN_TO_PANELS, 1000 * RUNNING)
    wait_until_idle(page)
    return ran


def run_controls(page):
    """Run the cells of the open lesson that show a panel or a question, after its imports.

    Returns
    -------
    bool
        Whether no cell raised.
    """
    ran = page.evaluate(WITHIN % RUN_CONTROLS, 1000 * RUNNING)
    wait_until_idle(page)
    return ran


def wait_until_idle(page):
    """Wait until the open notebook's kernel has nothing to do."""
    page.wait_for_function(KERNEL_IDLE, timeout=1000 * PATIENCE)


def shut_kernel_down(page):
    """End the open notebook's kernel."""
    page.evaluate(WITHIN % SHUT_DOWN, 1000 * PATIENCE)


def outside(requests):
    """Return those of the requested addresses that are on another machine."""
    local = {"127.0.0.1", "localhost", None}  # None: data and blobs
    return [url for url in requests if urlsplit(url).hostname not in local]


# A panel (helpers.panels) in the open notebook: how to find it, move it and read it.


def panels(page):
    """Return locators of the panels on a page, in order."""
    return page.locator(".widget-vbox:has(> .widget-gridbox)").all()


def picture(panel):
    """Return the shown picture of a panel as ``(source, description)``."""
    return panel.evaluate(SHOWN)


def settled_picture(panel, quiet=0.4):
    """Return the `picture` of a panel when it has stayed the same for `quiet` seconds."""
    panel.locator(":is(img, canvas):visible").first.wait_for()
    return panel.evaluate(SETTLED, [1000 * quiet, 1000 * PATIENCE])


def another_picture(panel, before, patience):
    """Return whether both parts of a panel's `picture` change within `patience` seconds."""
    try:
        panel.page.wait_for_function(
            CHANGED, arg=[panel.element_handle(), *before], polling=20, timeout=1000 * patience
        )
    except TimeoutError:
        return False
    return True


class Slider:
    """A slider of a panel.

    It is read by its text content: what is scrolled away has no inner text in JupyterLab.

    Parameters
    ----------
    locator : playwright.sync_api.Locator
        Of the whole control, with its label and readout.
    """

    def __init__(self, locator):
        self._page = locator.page
        self._track = locator.locator(".noUi-target")
        self._handle = locator.locator(".noUi-handle")
        self._readout = locator.locator(".widget-readout")
        self.name = locator.locator("label").text_content()

    @property
    def value(self):
        """What the readout says."""
        return self._readout.text_content().replace("\N{MINUS SIGN}", "-")

    @property
    def place(self):
        """Its lowest, present and highest position."""
        return [
            float(self._handle.get_attribute(f"aria-value{p}")) for p in ("min", "now", "max")
        ]

    def press(self, key):
        """Press a key on the handle."""
        self._handle.focus()
        self._page.keyboard.press(key)

    def write(self, value):
        """Type a value into the readout."""
        self._readout.fill(value)
        self._readout.press("Enter")

    def click(self, fraction):
        """Click on the track, at a fraction of its length."""
        self._page.mouse.click(*self._points()(fraction))

    def drag(self, fractions, steps):
        """Drag the handle over fractions of the track, in `steps` quick moves each."""
        self._handle.hover()  # waits until it stands still
        point = self._points()
        self._page.mouse.down()
        for fraction in fractions:
            self._page.mouse.move(*point(fraction), steps=steps)
        self._page.mouse.up()

    def _points(self):
        """Return a function from a fraction of the track to its place on the page."""
        box = self._track.bounding_box()
        return lambda f: (box["x"] + f * box["width"], box["y"] + box["height"] / 2)
