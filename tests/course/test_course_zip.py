"""What `make course-zip` packs for students."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)
LEAST = 12  # characters of a line that says something
# Lines that lessons or the package have too, since they teach them.
TAUGHT = {
    "W1, b1, W2, b2 = parameters",
    "dead = (activations == 0).all(axis=0)",
    "for fan_in, fan_out in pairwise(layer_sizes):",
    "return gradient",
    "return layers",
    "z = rng.standard_normal(shape)",
}


@pytest.fixture(scope="module")
def packed():
    """Return the files in the zip by their paths in the course, as bytes."""
    subprocess.run(["make", "course-zip"], cwd=ROOT, check=True, capture_output=True)
    with ZipFile(ROOT / "build" / "course.zip") as zipped:
        files = (name for name in zipped.namelist() if not name.endswith("/"))
        return {name.partition("/")[2]: zipped.read(name) for name in files}


def test_everything_is_there_that_the_package_and_its_readers_need(packed):
    project = tomllib.loads(packed["pyproject.toml"].decode())
    for package in project["tool"]["setuptools"]["packages"]:
        assert f"{package.replace('.', '/')}/__init__.py" in packed
    for pattern in ("notebooks/*.ipynb", "notebooks/exercises/*.ipynb", "course/*.py"):
        here = {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)}
        assert here <= set(packed)


def test_no_line_of_a_solution_is_there(packed):
    solutions = set()
    for path in (ROOT / "assignments").glob("*/*.ipynb"):
        for cell in json.loads(path.read_bytes())["cells"]:
            for solution in SOLUTION.findall("".join(cell["source"])):
                solutions |= {line.strip() for line in solution.splitlines()}
    solutions = {line for line in solutions if len(line) > LEAST} - TAUGHT
    assert len(solutions) > 100
    found = {
        (path, line) for path, data in packed.items() for line in solutions & _lines(path, data)
    }
    assert found == set()


def _lines(path, data):
    text = data.decode(errors="ignore")
    if path.endswith(".ipynb"):
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return {line.strip() for line in text.splitlines()}
