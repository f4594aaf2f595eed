"""Decks in Firefox, from a file and with no network: every panel, and how one is presented.

A finger there is one of WebDriver BiDi: Firefox makes touch events of it.
"""

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
def drive(driver):
    """Return a function that runs a script with Firefox, and returns what it prints."""

    def run(script, *pages):
        firefox = shutil.which("firefox-esr") or shutil.which("firefox")
        run = subprocess.run(
            ["node", script, firefox, *pages],
            cwd=driver,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return run


@pytest.fixture(scope="module")
def used(made, drive):
    """Return what was found in each deck, by the name of its lesson."""
    pages = {path.stem: (slides.DECKS / f"{path.stem}.html").as_uri() for path in DECKS}
    return dict(zip(pages, drive("use_panels.mjs", *pages.values()), strict=True))


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


@pytest.fixture(scope="module")
def presented(made, drive):
    return drive("present.mjs", (slides.DECKS / "00_start_here.html").as_uri())


def test_after_a_jump_no_slide_is_skipped(presented):
    assert presented["jump"]["landed"] == 1
    assert sorted({*presented["jump"]["seen"]} - {1}) == [2, 3, 4]


def test_tab_reaches_only_what_is_seen(presented):
    assert set(presented["focus"]) == {"the slide", "around it"}


def test_a_finger_moves_a_slider_or_turns_the_slide(presented):
    touched = presented["touch"]
    assert {"touchstart", "touchmove", "pointerdown touch"} <= {*touched["events"]}
    assert touched["after"] != touched["before"]
    assert touched["there"] == touched["here"]
    assert touched["swiped"] == 2


def test_a_key_brings_the_deck_back_to_how_it_was_opened(presented):
    reset = presented["reset"]
    assert reset["before"] == reset["after"] != reset["moved"]
    assert (reset["open"], reset["hands"]) == (0, "")


def test_the_speaker_view_shows_what_the_hall_sees(presented):
    assert presented["mirror"]["before"] != presented["mirror"]["wanted"]
    assert presented["mirror"]["notes"] > 0


def test_presenting_fails_nowhere_and_fetches_nothing(presented):
    assert presented["problems"] == presented["outside"] == []
