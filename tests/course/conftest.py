"""A small course in a folder of its own, with stand-ins for uv, pip's index and JupyterLab."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "weight-initialization-course"
version = "0"
dependencies = []

[project.optional-dependencies]
lab = []
test = []
grade = []
teach = []
frameworks = []
"""
# What setuptools would do, which is on the network: a wheel that says where the course lies.
BACKEND = """
import os, zipfile

NAME = "weight_initialization_course"
EXTRAS = ("lab", "test", "grade", "teach", "frameworks")

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = f"{NAME}-0.dist-info"
    files = {
        f"{NAME}.pth": os.getcwd(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: 0\\n"
        + "".join(f"Provides-Extra: {e}\\n" for e in EXTRAS),
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\\n" for name in [*files, f"{info}/RECORD"])
    name = f"{NAME}-0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
JUPYTERLAB = """
import json, os, sys
names = ("JUPYTER_CONFIG_PATH", "JUPYTER_DATA_DIR", "MPLBACKEND", "OPENBLAS_NUM_THREADS")
print("JUPYTERLAB", json.dumps([sys.argv[1:], {name: os.environ.get(name) for name in names}]))
"""
# uv makes environments and installs; UV_DOES tells it to fail, to fill the disk or to wait.
# The pip in them has settings, and can fail as on a full disk.
PIP = """
import os, sys
does = os.environ.get("UV_DOES", "")
if "install" in sys.argv and does == "fill the disk":
    sys.exit("ERROR: Could not install: [Errno 28] No space left on device")
if "install" in sys.argv and does == "fail to install":
    print("error: subprocess failed", "  ERROR: No matching x", "  note: ...", sep=chr(10))
    sys.exit(1)
for name in ("no-index", "index-url"):
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        print(f":env:.{name}={value!r}")
"""
UV = f"""#!{sys.executable}
PIP = {PIP!r}
import os, pathlib, sys, time, venv
does, said, python = os.environ.get("UV_DOES", ""), sys.argv[1:], sys.argv[-1]
if does == "fail" or (does in ("fill the disk", "fail to install") and said[0] == "pip"):
    sys.exit("error: no")
if said[0] == "venv":
    venv.create(said[-1], symlinks=True)
    folder = pathlib.Path(said[-1])
else:
    if does == "wait":
        pathlib.Path("waiting").touch()
        time.sleep(600)
    folder = pathlib.Path(said[said.index("--python") + 1]).parents[1]
(packages,) = folder.glob("lib/python*/site-packages")
(packages / "pip.py").write_text(PIP)
if said[0] == "pip":
    (packages / "course.pth").write_text(os.getcwd())
    print("Downloading numpy (16.1MiB)")
"""


class Checkout:
    """A course in a folder, and what is typed there."""

    def __init__(self, root, path):
        self.root, self.path = root, path
        self.variables = {
            "PATH": f"{path}{os.pathsep}/usr/bin:/bin",
            "HOME": str(path),
            "PIP_NO_INDEX": "1",  # nothing is fetched
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_DEFAULT_INDEX": "file:///nowhere",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }

    def command(self, name, script):
        """Put a command on the path."""
        file = self.path / name
        file.write_text(script)
        file.chmod(0o755)

    def make(self, *arguments, status=0, **variables):
        """Type ``make`` with arguments; return what was printed."""
        done = subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == (status != 0), done.stdout + done.stderr
        return done.stdout + done.stderr

    def lab(self, *arguments, **variables):
        """Type ``make lab``; return what was printed, JupyterLab's arguments and variables."""
        said = self.make("lab", *arguments, **variables)
        (line,) = (line for line in said.splitlines() if line.startswith("JUPYTERLAB "))
        return said, *json.loads(line.removeprefix("JUPYTERLAB "))

    def stopped(self, number):
        """Type ``make lab``, and send it a signal while packages are installed.

        Return what was printed.
        """
        process = subprocess.Popen(
            ["make", "lab"],
            cwd=self.root,
            env=self.variables | {"UV_DOES": "wait"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Whoever runs the tests in the background may have it ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        while not (self.root / "waiting").exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, number)
        said, _ = process.communicate(timeout=120)
        (self.root / "waiting").unlink()
        return said


def notebook(*sources, outputs=()):
    """Return the bytes of a notebook of code cells."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{i}",
            "metadata": {},
            "outputs": list(outputs),
            "source": source.splitlines(keepends=True),
        }
        for i, source in enumerate(sources)
    ]
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1).encode()


@pytest.fixture
def checkout(tmp_path):
    """Return a small course in a folder whose name has spaces, an umlaut and an apostrophe."""
    root, path = tmp_path / "Übung mit Gewichten" / "o'briens kurs", tmp_path / "path"
    path.mkdir()
    for name in ("course", ".jupyter"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", root)
    files = {
        "pyproject.toml": PYPROJECT,
        "constraints.txt": "",
        "backend.py": BACKEND,
        "helpers/__init__.py": "",
        "jupyterlab/__init__.py": "",
        "jupyterlab/__main__.py": JUPYTERLAB,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    (root / "notebooks" / "exercises").mkdir(parents=True)
    for name in ("00_start_here", "exercises/01_one_step"):
        (root / "notebooks" / f"{name}.ipynb").write_bytes(notebook("1 + 1"))
    made = Checkout(root, path)
    made.command("python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    made.command("uv", UV)
    return made
