"""Write the picture of a panel that README.md shows: ``make readme-picture``."""

from pathlib import Path

from helpers.panels import symmetry_panel

PICTURE = Path(__file__).parents[1] / "docs" / "panel.png"


def main():
    """Free the hidden units of the panel of lesson 2 and save what it shows."""
    panel = symmetry_panel()
    png, words = panel.frame({**panel.settings, "output_weights": "random", "step": 400})
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(png)
    print(f"{PICTURE.relative_to(Path.cwd())}: {words}")


if __name__ == "__main__":
    main()
