"""Notebooks that were handed in as something else: a Python file, or a page in HTML.

Names of cells are lost in both. `submissions.with_names` finds them again by what cells say.
"""

import ast
import re

from bs4 import BeautifulSoup

MARK = re.compile(r"^# ?(?:In ?\[.*\]:|%%.*|<codecell>|<markdowncell>) *$", re.M)
HTML_CELLS = ".jp-CodeCell, .jp-MarkdownCell, .code_cell, .text_cell"
HTML_CODE = ".jp-InputArea-editor pre, .input_area pre"
HTML_TEXT = ".jp-MarkdownOutput, .text_cell_render"


def from_python(words):
    """Return the cells of a Python file, each as (kind, source); none if it is no program.

    Each function is a cell, and so is each other statement, so that nothing that somebody
    added keeps an answer from being found. Comments and loose strings are text.
    """
    cells = []
    for part in MARK.split(words):
        try:
            cells += _parsed(part)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if not MARK.search(words):
                return []
            cells.append(("code", part.strip()))  # it says itself what is wrong with it
    is_program = MARK.search(words) or any(source.startswith("def ") for _, source in cells)
    return [cell for cell in cells if cell[1]] if is_program else []


def _parsed(part):
    """Yield the statements of a part, and the comments between them."""
    lines, end = part.splitlines(), 0
    for node in ast.parse(part).body:
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) - 1
        yield from _comments(lines[end:start])
        end = max(end, node.end_lineno)
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text and isinstance(node.value.value, str):
            yield "markdown", node.value.value.strip()
        else:
            yield "code", "\n".join(lines[start:end]).strip()
    yield from _comments(lines[end:])


def _comments(lines):
    """Yield the comments in lines; an empty line ends one."""
    text = "\n".join(line.strip() for line in lines)
    for run in re.split(r"\n\s*\n", text):
        words = [re.sub(r"^# ?", "", line) for line in run.splitlines() if line.startswith("#")]
        yield "markdown", "\n".join(words).strip()


def from_html(words):
    """Return the cells of a page that shows a notebook, each as (kind, source)."""
    cells = []
    try:
        found = BeautifulSoup(words, "html.parser").select(HTML_CELLS)
    except RecursionError:  # nested as no notebook is
        return []
    for cell in found:
        for link in cell.select(".anchor-link"):
            link.decompose()
        for kind, shown in (("code", HTML_CODE), ("markdown", HTML_TEXT)):
            if found := cell.select_one(shown):
                cells.append((kind, found.get_text().strip()))
    return cells
