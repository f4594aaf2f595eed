"""Links between the pages of a folder: ``python -m tests.browser.links build/site``."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote


class Addresses(HTMLParser):
    """What a page links to, and what in it can be linked to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids = set(), {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        """Note an address, or a part that has a name."""
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag == "a" and ":" not in attributes.get("href", ":"):
            self.links.add(attributes["href"])


def broken(folder):
    """Return the links that lead to no file of a folder, or to no part of a page, as str."""
    folder = folder.resolve()
    pages = {
        path: Addresses(path) for path in folder.rglob("*.html") if path.name != "404.html"
    }
    found = []
    for path, page in pages.items():
        for link in page.links:
            name, _, part = unquote(link).partition("#")
            target = (path.parent / name).resolve() if name else path
            part = part.removeprefix("/")  # a slide of a deck
            inside = target.is_relative_to(folder) and target.is_file()
            if not inside or (target in pages and part not in pages[target].ids):
                found.append(f"{path.relative_to(folder).as_posix()}: {link}")
    return sorted(found)


if __name__ == "__main__":
    wrong = broken(Path(sys.argv[1]))
    print("\n".join(wrong) or "Every link leads somewhere.")
    sys.exit(bool(wrong))
