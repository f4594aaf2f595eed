"""A class of students, who hand in right, wrong and unfinished answers."""

import ast
import json
from importlib import import_module
from pathlib import Path

from tests.answers.judge import MASTERS

ASSIGNMENT = "05_he"
EXERCISES = ("he_normal", "gain", "dead_fraction")
EXPORT = "{student}/{assignment}.ipynb"


def sources(exercise):
    """Return the source of each known answer to an exercise, by name; the right ones first."""
    module = import_module(f"tests.answers.{exercise}")
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    statements = [
        node for node in tree.body[1:] if "tests" not in ast.unparse(node).split(".")[0]
    ]
    for node in statements:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
    return {
        answer.name: _needed(answer.name, statements) + f"\n\n{exercise} = {answer.name}"
        for answer in module.ANSWERS
    }


def _needed(name, statements):
    """Return the source of a function, and of all that it uses."""
    defined, names = set(), {name}
    while names - defined:
        defined |= names
        for node in statements:
            if _binds(node) & names:
                names = names | {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return "\n\n".join(ast.unparse(node) for node in statements if _binds(node) & names)


def _binds(node):
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    return {n.id for t in getattr(node, "targets", ()) for n in ast.walk(t) if hasattr(n, "id")}


def handed_in(number, assignment=ASSIGNMENT, exercises=EXERCISES):
    """Return a student's notebook, as bytes; a tenth of all has not begun with an exercise."""
    (path,) = (path for path in MASTERS if path.stem == assignment)
    copy = path.parents[2] / "notebooks" / "exercises" / path.name
    notebook = json.loads(copy.read_bytes())
    for index, exercise in enumerate(exercises):
        answers = list(sources(exercise).values())
        for cell in notebook["cells"]:
            if cell["id"] == exercise and (number + 3 * index) % 10:
                cell["source"] = answers[(7 * number + index) % len(answers)]
            if cell["id"] == "why":
                cell["source"] = f"I think that is half right. {number}"
    return json.dumps(notebook).encode()


def a_class(folder, size):
    """Write what `size` students hand in into a folder for each, as nbgrader collects it."""
    for number in range(size):
        path = Path(folder) / f"student{number:03}" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(handed_in(number))
