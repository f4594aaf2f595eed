"""Pages about marks in a real browser, when what students wrote is out to run there."""

import pytest

from teaching.browser import ROOT
from teaching.grading import pages
from teaching.rehearsal import opened
from tests.browser.accessibility import barriers
from tests.grading.test_pages import HOSTILE, exercise, marked, spoken_by, submission

SCREENSHOTS = ROOT / "build" / "screenshots"
HARMLESS = [
    submission("ada", [exercise(), exercise("why", points=None, by="nobody yet")], late=9000),
    submission("bob", [exercise(points=0.0, reason="It is 1/n.", cause="linear")]),
    submission("cyd", [exercise(points=0.0, status="timed out")], status="timed out"),
    *marked(0.0, 2.0, 4.0),
]
PAGES = {
    "feedback": lambda records: pages.feedback(records[0]),
    "report": lambda records: pages.report(records, [r["student"] for r in records]),
}
TRACKING = (
    '<img src="https://example.org/a.png"><link rel=stylesheet href="/a.css"><iframe src=/a>'
)
RAN = "() => document.title === 'mine' || !!document.querySelector('script, iframe, form, svg')"


@pytest.fixture(params=PAGES)
def saved(request, tmp_path):
    """Return a function that saves a page of submissions."""

    def save(records):
        path = tmp_path / f"grading_{request.param}.html"
        path.write_text(PAGES[request.param](records), encoding="utf-8")
        return path

    return save


def asked_for(page):
    """Load the page again, and return the addresses that it asks for beside its own."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_load_state("networkidle")
    return [url for url in asked if url != page.url and not url.startswith("data:")]


@pytest.mark.parametrize("without_policy", [False, True], ids=["policy", "escaping alone"])
def test_hostile_text_runs_nothing_and_asks_for_nothing(chromium, saved, without_policy):
    path = saved([spoken_by(text) for text in (" ".join([*HOSTILE, TRACKING]), TRACKING)])
    with opened(chromium, path, bypass_csp=without_policy) as page:
        dialogs = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        assert asked_for(page) == []
        for folded in page.locator("summary").all():
            folded.click()
        page.locator("h1").hover()
        assert not page.evaluate(RAN)
        assert dialogs == []
        assert page.problems == []


def test_the_policy_stops_what_escaping_would_let_through(chromium, saved):
    path = saved(HARMLESS)
    html = path.read_text(encoding="utf-8")
    path.write_text(html.replace("<main>", f"<main>{HOSTILE[0]}{TRACKING}"), encoding="utf-8")
    with opened(chromium, path) as page:
        assert page.title() != "mine"
        assert not [problem for problem in page.problems if "asks for" in problem]
        assert len([problem for problem in page.problems if "Security" in problem]) >= 4


@pytest.mark.parametrize(
    "records", [HARMLESS, [spoken_by("x" * 10_000)]], ids=["usual", "long"]
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_keeps_nobody_out(chromium, saved, theme, records):
    path = saved(records)
    with opened(chromium, path, size=(400, 800), color_scheme=theme, bypass_csp=True) as page:
        for folded in page.locator("summary").all():
            folded.click()
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize(("theme", "width"), [("light", 900), ("dark", 900), ("dark", 400)])
def test_a_page_follows_light_and_dark(chromium, saved, theme, width):
    """And leave a picture for a human eye to judge."""
    path = saved(HARMLESS)
    with opened(chromium, path, size=(width, 800), color_scheme=theme) as page:
        colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert colour == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[theme]
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        picture = SCREENSHOTS / f"{path.stem}_{theme}_{width}.png"
        page.screenshot(path=picture, full_page=True)
