"""Say of each sentence under *What to remember* which claims hold it, and over which range.

``python -m teaching.remembered``, a part of ``make notebooks``, writes `docs/claims.md` of
`teaching/remembered.toml` and of what the lessons' saved outputs say.
"""

import re
import tomllib
from pathlib import Path

import nbformat

from course.copies import SOURCES

SENTENCES = Path(__file__).with_name("remembered.toml")
PAGE = Path(__file__).parents[1] / "docs" / "claims.md"
CLAIM = re.compile(r'^(\w+) = holds\(\s*"([^"]*)"', re.MULTILINE)
HEAD = """# What holds each sentence to remember

Every lesson ends with a few sentences. Here is each of them with the claims that hold it, the
range over which they were measured, and their cell in the lesson; and where the sentence ends.
A claim fails where it is not so: `make claims SEED=3` measures all on other random numbers.
"""


def claims(notebook):
    """Return from the name of each claim to its statement, its range, and its cell's name."""
    found = {}
    for cell in notebook.cells:
        for name, statement in CLAIM.findall(cell.source if cell.cell_type == "code" else ""):
            (words,) = (
                text
                for output in cell.outputs
                if (text := output.get("data", {}).get("text/plain", "")).startswith(statement)
            )
            _, _, measured = words.removeprefix(f"{statement}. ").split(". ")[0].partition(", ")
            found[name] = statement, measured, cell.id
    return found


def bullets(notebook):
    """Return the text of the bullets under *What to remember*, on one line."""
    (section,) = (c.source for c in notebook.cells if "## What to remember" in c.source)
    listed = section.partition("\n* ")[2].partition("\n\n")[0]
    return " ".join(listed.replace("\n* ", " ").split())


def _escaped(text):
    """Return text for a cell of a table, in which a bar would end it."""
    parts = enumerate(text.split("$"))  # every second one is mathematics
    return "$".join(part.replace("|", r"\vert " if i % 2 else r"\|") for i, part in parts)


def page():
    """Return the table of all lessons, as Markdown."""
    sentences = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))
    parts = [HEAD]
    for lesson, rows in sentences.items():
        notebook = nbformat.read(SOURCES / f"{lesson}.ipynb", as_version=4)
        made, title = claims(notebook), notebook.cells[0].source.splitlines()[0]
        parts.append(
            f"#{title}\n\n| sentence | claims, over which range | limits |\n|---|---|---|"
        )
        for row in rows:
            held = "; ".join(
                f"*{statement}*: {measured} (`{cell}`)"
                for statement, measured, cell in (made[name] for name in row["claims"])
            )
            cells = row["sentence"], held or "–", row["limits"]
            parts[-1] += f"\n| {' | '.join(map(_escaped, cells))} |"
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(PAGE.parents[1])}: written")
