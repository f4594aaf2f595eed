"""Decks in Firefox, from a file and with no network: every panel, by key and by mouse."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from teaching import browser, slides
from tests.browser.conftest import LESSONS

# The script that paints is one, and Chromium uses all panels: of the decks every third.
DECKS = LESSONS[::3]
DRIVER = Path(__file__).parent / "firefox"
KEPT = browser.ROOT / "build" / "firefox"


@pytest.fixture(scope="module")
def driver():
    """Return a folder in which npm has installed what drives Firefox, as the lock file says."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for path in DRIVER.iterdir():
        shutil.copy(path, KEPT)
    command = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    if not (KEPT / "node_modules").is_dir():
        subprocess.run(command, cwd=KEPT, check=True)
    return KEPT


@pytest.fixture(scope="module")
def used(made, driver):
    """Return what was found in each deck, by the name of its lesson."""
    pages = {path.stem: (slides.DECKS / f"{path.stem}.html").as_uri() for path in DECKS}
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    run = subprocess.run(
        ["node", "use_panels.mjs", firefox, *pages.values()],
        cwd=driver,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return dict(zip(pages, json.loads(run.stdout), strict=True))


@pytest.mark.parametrize("lesson", [path.stem for path in DECKS])
def test_every_value_of_the_main_slider_is_reached_by_key(used, lesson):
    assert used[lesson]["panels"]
    for panel in used[lesson]["panels"]:
        assert len(set(panel["words"])) == panel["values"], panel["name"]
        assert len(set(panel["pictures"])) > panel["values"] / 2, panel["name"]


@pytest.mark.parametrize("lesson", [path.stem for path in DECKS])
def test_every_button_changes_the_picture_and_reset_undoes_keys(used, lesson):
    for panel in used[lesson]["panels"]:
        assert "dead" not in panel
        assert panel["reset"] in panel["words"]


@pytest.mark.parametrize("lesson", [path.stem for path in DECKS])
def test_nothing_fails_and_nothing_is_fetched(used, lesson):
    assert used[lesson]["problems"] == []
    assert used[lesson]["outside"] == []
