"""Results that take a framework, or minutes, to find: kept for readers who have neither.

Each file here was written by a command of this project: `lesson_8.json` and `lesson_9.json` by
``make notebooks`` where the frameworks are installed, `training_step.json` by
``python -m benchmarks.frameworks --record``, `coordinate_check.json` by
``python -m teaching.coordinate_check``.
"""

import json
import os
from importlib.util import find_spec
from pathlib import Path

from helpers.validation import check_callable, check_choice

FOLDER = Path(__file__).parent
LESSON = "lesson_8"
# The modules of which one is missing where a framework is. Keras needs one of the others, in
# the lesson JAX.
FRAMEWORKS = {
    "PyTorch": ("torch",),
    "JAX": ("jax", "jaxlib"),
    "Keras": ("keras", "jax", "torch", "tensorflow"),
    "transformers": ("transformers", "torch"),
}


def recorded(name):
    """Return what the file called `name` holds: plain data."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def origin(framework):
    """Say whether what a framework gives is measured here, or was recorded.

    Parameters
    ----------
    framework : {"PyTorch", "JAX", "Keras"}

    Returns
    -------
    str
        A sentence without its full stop.
    """
    modules = FRAMEWORKS[check_choice("framework", framework, FRAMEWORKS)]
    if all(find_spec(module) for module in modules[:2]):
        return f"{framework}: measured when these outputs were made"
    return f"{framework} is not installed here: what it gave when the course was made is shown"


def measured_with(framework, function, *, record=LESSON):
    """Return what `function` measures, or measured when the course was made.

    With the environment variable COURSE_RECORD=1 what it measures is recorded.

    Parameters
    ----------
    framework : {"PyTorch", "JAX", "Keras", "transformers"}
        What `function` needs.
    function : callable
        Without arguments; imports the framework itself, and returns plain data: numbers, text,
        arrays, lists, and dicts with text as keys. It is recorded under its name.
    record : str
        The name of the file, "lesson_9" in lesson 9.

    Returns
    -------
    The data; where the framework cannot be imported, those recorded. `origin` says which.

    Raises
    ------
    TypeError, ValueError, AttributeError
        If an argument is not one of those described, or what is measured is not plain data.
    ImportError
        If the framework is missing and nothing is recorded under the function's name, or if
        something else is missing.
    """
    check_choice("framework", framework, FRAMEWORKS)
    name = check_callable("function", function).__name__
    try:
        found = function()
    except ModuleNotFoundError as error:
        records = recorded(record)
        if error.name not in FRAMEWORKS[framework] or name not in records:
            raise
        return records[name]
    # As a reader without the framework gets it; arrays become lists.
    found = json.loads(json.dumps(found, default=lambda array: array.tolist()))
    if os.environ.get("COURSE_RECORD") == "1":
        _record(record, name, found)
    return found


def _record(record, name, data):
    path = FOLDER / f"{record}.json"
    records = recorded(record) if path.exists() else {}
    part = path.with_suffix(".part")
    text = json.dumps(records | {name: data}, indent=1, sort_keys=True)
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)  # an interrupted run leaves the old file whole
