"""The import rule of the package, as a test. Change it here first."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "helpers"
CORE = {
    *("gaussian", "validation", "activations", "initializers"),
    *("network", "propagation", "training", "datasets"),
    *("residual", "starts", "language"),
}
# What each module, or each module of a subpackage, may import from the package, at its top
# level or inside a function. A subpackage may import itself.
MAY_IMPORT = {
    "__init__": set(),
    "gaussian": set(),
    "validation": set(),
    "activations": {"gaussian", "validation"},
    "initializers": {"validation"},
    "network": {"activations", "initializers", "validation"},
    "propagation": {"activations", "gaussian", "network", "validation"},
    "training": {"network", "validation"},
    "residual": {"activations", "validation"},
    "starts": {"initializers", "residual", "validation"},
    "language": {"network", "residual", "validation"},
    "datasets": {"validation"},
    "words": set(),
    "figures": {"words"},
    "panels": CORE | {"figures", "words"},
    "inspection": CORE | {"figures", "panels", "words"},
    "recorded": {"validation"},
    "frameworks": {"activations", "datasets", "initializers", "network"},
    "quiz": {"validation"},
    "checks": CORE,
    "claims": {"figures", "validation", "words"},
}
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imported_names(nodes):
    """Yield the full dotted names that the import statements among `nodes` ask for."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parsed(module):
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def test_every_module_is_in_the_table():
    assert {module.partition(".")[0] for module in MODULES} <= set(MAY_IMPORT)


def test_the_core_is_complete():
    assert set(MODULES) >= CORE


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_from_the_package_what_the_table_allows(module):
    top = module.partition(".")[0]
    names = [name.split(".") for name in imported_names(ast.walk(parsed(module)))]
    assert {name[1] for name in names if name[0] == "helpers"} <= MAY_IMPORT[top] | (
        {top} if "." in module else set()
    )


@pytest.mark.parametrize("module", sorted(CORE))
def test_the_core_needs_numpy_alone(module):
    """Only inside a function may it import anything else."""
    packages = {name.split(".")[0] for name in imported_names(parsed(module).body)}
    assert packages <= {"numpy", "helpers"} | sys.stdlib_module_names


@pytest.mark.parametrize(
    "path", sorted((PACKAGE.parent / "course").glob("*.py")), ids=lambda path: path.stem
)
def test_what_makes_the_environment_needs_no_package(path):
    names = imported_names(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    assert {name.split(".")[0] for name in names} <= {"course"} | sys.stdlib_module_names


@pytest.mark.parametrize("module", sorted(CORE))
def test_importing_the_core_loads_no_large_package(module):
    large = {"matplotlib", "ipywidgets", "IPython", "scipy", "sklearn"}
    code = f"import helpers.{module}, sys; print({large} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"
