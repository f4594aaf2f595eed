"""What keeps people with a disability out of a page, as axe-core sees it.

``python -m tests.browser.accessibility`` opens every deck and every page that ``make public``
has made, in light and dark, at a desk and on a phone, and prints a table: pages × findings.
"""

import sys
from collections import Counter
from typing import NamedTuple

from benchmarks.report import Report
from teaching import rehearsal, site, slides
from teaching.browser import browser
from teaching.libraries import library

IMPACTS = ("critical", "serious", "moderate", "minor")
# What of a page others have made, and cannot be mended here: a selector for each.
THEIRS = {
    "Furo": ".sidebar-drawer, .sidebar-toggle, .toc-drawer, .mobile-header, .back-to-top, "
    "article + footer, .content-icon-container",
    "Sphinx": ".citation-list",
    "MathJax": "mjx-container",
    "reveal.js": ".reveal > .controls",
}
FOUND = """async ([include, theirs]) => {
    const {violations} = await axe.run({include}, {resultTypes: ['violations']});
    return violations.flatMap(({id, impact, nodes}) => nodes.map(({html, target}) => {
        const at = document.querySelector(target[0]);
        const whose = Object.entries(theirs).find(([, part]) => at?.closest(part));
        return [impact, id, whose?.[0] ?? 'ours', html.slice(0, 200)];
    }));
}"""
THEME = """theme => {
    for (const part of [document.documentElement, document.body]) part.dataset.theme = theme;
}"""
PHONE = {"size": (390, 844), "has_touch": True, "is_mobile": True}


class Finding(NamedTuple):
    """A part of a page that somebody cannot use."""

    impact: str  # one of `IMPACTS`
    rule: str
    whose: str  # "ours", or a key of `THEIRS`
    html: str


def findings(page, within="html"):
    """Return all findings inside a selector, as a list of `Finding`."""
    page.add_script_tag(path=library("axe-core") / "axe.min.js")
    return [Finding(*found) for found in page.evaluate(FOUND, [within, THEIRS])]


def barriers(page, within="html"):
    """Return what is serious or critical of our own inside a selector, as a list of str."""
    return [
        f"{found.rule}: {found.html}"
        for found in findings(page, within)
        if found.impact in IMPACTS[:2] and found.whose == "ours"
    ]


def in_deck(chromium, path):
    """Yield the findings in each view of a deck: all its slides, its list, and on a phone."""
    with rehearsal.opened(chromium, path, query="?print-pdf") as page:
        rehearsal.wait_until_ready(page)
        for theme in ("light", "dark"):
            page.evaluate(THEME, theme)
            yield findings(page)
    with rehearsal.opened(chromium, path) as page:
        rehearsal.wait_until_ready(page)
        yield findings(page)
        page.keyboard.press("Escape")
        yield findings(page)
    with rehearsal.opened(chromium, path, **PHONE) as page:
        rehearsal.wait_until_ready(page)
        yield findings(page)


def in_page(chromium, path):
    """Yield the findings in each view of a page of the site."""
    with rehearsal.opened(chromium, path) as page:
        page.evaluate(site.TYPESET)
        for theme in ("light", "dark"):
            page.evaluate(THEME, theme)
            yield findings(page)
    with rehearsal.opened(chromium, path, **PHONE) as page:
        page.evaluate(site.TYPESET)
        yield findings(page)


def main():
    """Print the tables; return 1 if anything serious is ours."""
    report, whole = Report(), Counter()
    decks = sorted(slides.DECKS.glob("[0-9]*.html"))
    pages = [*site.pages_of(site.SITE), site.SITE / "404.html"]
    rows, head = [], ["page", *(f"{impact}, ours" for impact in IMPACTS), "theirs"]
    with browser() as chromium, report.part("Pages", len(decks) + len(pages)):
        for look, path in [*((in_deck, p) for p in decks), *((in_page, p) for p in pages)]:
            name = path.name if look is in_deck else str(path.relative_to(site.SITE))
            with report.attempt(name):
                found = {finding for view in look(chromium, path) for finding in view}
                ours = Counter(f.impact for f in found if f.whose == "ours")
                theirs = Counter(f.whose for f in found if f.whose != "ours")
                said = ", ".join(f"{whose} {n}" for whose, n in sorted(theirs.items()))
                rows.append([name, *(ours[impact] for impact in IMPACTS), said or 0])
                whole.update({f[:3] for f in found})
            report.step(name)
    report.table("Pages and what axe-core finds in them", head, rows)
    kinds = sorted([*kind, n] for kind, n in whole.items())
    report.table("Findings", ["impact", "rule", "whose", "pages"], kinds)
    return int(bool(report.failures) or any(row[1] or row[2] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
