"""Take the picture of a panel that README.md shows: ``make readme-picture``."""

import sys
import tempfile
from pathlib import Path

from teaching import browser

PICTURE = browser.ROOT / "docs" / "panel.png"
CELL = "from helpers import panels\npanels.symmetry_panel()"


def main():
    """Free the hidden units in the panel of lesson 2, in JupyterLab, and photograph it."""
    with (
        browser.browser() as chromium,
        tempfile.TemporaryDirectory() as folder,
        browser.jupyterlab(folder) as server,
    ):
        browser.write_notebook(Path(folder) / "panel.ipynb", CELL)
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        browser.open_notebook(page, server, "panel.ipynb")
        browser.run_all(page)
        (panel,) = browser.panels(page)
        panel.get_by_role("button", name="random").first.click()
        _, words = browser.settled_picture(panel, quiet=5)  # training takes a moment
        PICTURE.parent.mkdir(exist_ok=True)
        panel.scroll_into_view_if_needed()
        panel.screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(browser.ROOT)}: {words}")


if __name__ == "__main__":
    sys.exit(main())
