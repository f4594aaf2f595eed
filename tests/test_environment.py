"""Three lists of packages that must agree: for pip, for conda, and the exact versions."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
EVERYTHING = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")


def environment_text():
    return (ROOT / "environment.yml").read_text(encoding="utf-8")


BROUGHT_BY_CONDA = {"psycopg-binary"}  # with its psycopg
NAMES_IN_CONDA = {"playwright": "playwright-python"}  # conda's playwright is Node's
FRAMEWORKS = {"torch", "transformers", "keras", "jax", "tensorflow"}
NAMES_IN_PIP = {"PIL": "pillow", "sklearn": "scikit-learn"}  # of what is imported


def bounds(lines):
    """Return what each requirement asks for, by the package's normalised name.

    An extra, which comes later, may ask for a newer version.
    """
    requirements = [Requirement(line) for line in lines]
    assert not any(r.extras or r.url or r.marker for r in requirements)
    return {canonicalize_name(r.name): str(r.specifier) for r in requirements}


def pins():
    """Return the exact versions of each package, one for every marker that it has."""
    found = {}
    for line in CONSTRAINTS.splitlines():
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def test_conda_lists_the_packages_and_bounds_of_pip():
    environment = yaml.safe_load(environment_text())["dependencies"]
    packages = [entry for entry in environment if isinstance(entry, str) and entry != "pip"]
    extras = [line for name in ("lab", "test", "grade", "teach") for line in EXTRAS[name]]
    by_pip = {
        NAMES_IN_CONDA.get(name, name): bound
        for name, bound in bounds([*PROJECT["dependencies"], *extras]).items()
        if name not in BROUGHT_BY_CONDA
    }
    assert bounds(packages) == by_pip | {"python": PROJECT["requires-python"]}


def test_conda_leaves_dependencies_to_conda():
    """Pip adds the package itself and nothing else."""
    environment = yaml.safe_load(environment_text())
    (by_pip,) = (entry for entry in environment["dependencies"] if isinstance(entry, dict))
    assert by_pip == {"pip": ["--no-deps --editable ."]}
    assert environment["channels"] == ["conda-forge"]


def test_every_package_of_conda_says_what_it_is_for():
    lines = re.findall(r"^ +- (?!pip\b)(.*)$", environment_text(), flags=re.MULTILINE)
    assert lines
    assert [line for line in lines if not re.search(r" # \S", line)] == []


def imported(source):
    """Return the names of the packages that Python code imports."""
    nodes = list(ast.walk(ast.parse(source)))
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    names += [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


def test_without_extras_pip_installs_what_the_course_imports_and_no_more():
    """A hosted notebook has a Jupyter of its own. Frameworks need not be there."""
    sources = [path.read_text("utf-8") for path in ROOT.glob("helpers/**/*.py")]
    for path in ROOT.glob("notebooks/**/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        sources += [cell.source for cell in cells if cell.cell_type == "code"]
    packages = set().union(*map(imported, sources)) - {"helpers", *FRAMEWORKS}
    installed = {NAMES_IN_PIP.get(name, name) for name in packages}
    assert installed == set(bounds(PROJECT["dependencies"]))


@pytest.mark.parametrize("line", EVERYTHING)
def test_every_package_has_an_exact_version_within_its_bound(line):
    requirement = Requirement(line)
    exact = pins()[canonicalize_name(requirement.name)]
    for pin in exact:
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert requirement.specifier.contains(specifier.version, prereleases=True)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("line", EVERYTHING)
def test_one_exact_version_applies_to_each_python(line, python):
    machine = {"python_version": python, "python_full_version": f"{python}.9"}
    exact = pins()[canonicalize_name(Requirement(line).name)]
    assert sum(pin.marker is None or pin.marker.evaluate(machine) for pin in exact) == 1


def test_constraints_name_no_host():
    assert "://" not in CONSTRAINTS


def test_nbformat_is_imported_without_compiling_a_grammar():
    """See `constraint-dependencies` in pyproject.toml."""
    assert not {"rfc3987-syntax", "lark"} & set(pins())
