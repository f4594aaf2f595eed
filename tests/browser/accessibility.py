"""What keeps people with a disability out of a page, as axe-core sees it."""

from teaching.libraries import library

SERIOUS = """async include => {
    const {violations} = await axe.run({include}, {resultTypes: ['violations']});
    return violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
        .flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html.slice(0, 200)}`));
}"""


def barriers(page, within="html"):
    """Return the serious and critical findings inside a selector, as a list of str."""
    page.add_script_tag(path=library("axe-core") / "axe.min.js")
    return page.evaluate(SERIOUS, within)
