"""The test of the walls: it passes where all stand, and names the one that is missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from teaching.grading import sandbox as sandbox_module
from teaching.grading import walls
from teaching.grading.sandbox import Limits, Refused, Sandbox


def test_all_walls_stand(sandbox):
    walls.prove(sandbox)


# What is taken out of `inside.py`, and the wall that is then missing.
INSIDE = {
    'private(HOME, limits["disk"])': "files",
    'private("/dev/shm", limits["disk"])': "files",
    'checked(libc.mount(b"tmpfs", b"/proc"': "processes",
    'checked(libc.capset(header, nothing), "capabilities")': "user",
    'refuse_calls(b64decode(limits["calls"]))': "network: there are sockets",
    '(resource.RLIMIT_AS, limits["memory"]),': "limits",
    '(resource.RLIMIT_CPU, limits["cpu"]),': "limits",
    '(resource.RLIMIT_NPROC, limits["processes"]),': "limits",
    '(resource.RLIMIT_FSIZE, limits["disk"]),': "limits",
    '(resource.RLIMIT_NOFILE, limits["files"]),': "limits",
    'elif memory_in_use(memory) > memory:\n            why = "memory"': "out of memory",
}


@pytest.mark.parametrize(("line", "wall"), INSIDE.items())
def test_a_wall_that_is_not_built_is_named(line, wall, tmp_path, monkeypatch):
    for name in sandbox_module.INSIDE:
        shutil.copy(sandbox_module.HERE / name, tmp_path)
    path = tmp_path / "inside.py"
    source = path.read_text(encoding="utf-8")
    assert source.count(line) == 1
    without = re.sub(rf".*{re.escape(line)}.*\n", "", source)
    path.write_text(without, encoding="utf-8")
    monkeypatch.setattr(sandbox_module, "HERE", tmp_path)
    with Sandbox() as broken, pytest.raises(Refused, match=f"a wall is missing.*{wall}"):
        walls.prove(broken)


# What is put in place of a part of bubblewrap's command, and the wall that is then missing.
SEEN = "/seen"  # not where the course is, which may be below /tmp
OUTSIDE = {
    ("--clearenv",): ((), "environment"),
    ("--remount-ro", "/"): (("--ro-bind", str(walls.ROOT), SEEN, "--remount-ro", "/"), "files"),
    ("--remount-ro", "/dev"): (("--chmod", "0777", "/dev"), "files"),
}


@pytest.mark.parametrize("part", OUTSIDE, ids=" ".join)
def test_a_hole_in_the_outer_walls_is_named(part, monkeypatch):
    instead, wall = OUTSIDE[part]
    monkeypatch.setattr(walls, "ROOT", Path(SEEN))
    monkeypatch.setenv("COURSE_SECRET", "s3cret")
    command = sandbox_module.behind_walls()
    at = next(i for i in range(len(command)) if tuple(command[i : i + len(part)]) == part)
    command[at : at + len(part)] = instead
    monkeypatch.setattr(sandbox_module, "behind_walls", lambda: command)
    with Sandbox() as broken, pytest.raises(Refused, match=f"a wall is missing, {wall}"):
        walls.prove(broken)


def test_without_any_walls_the_first_is_named():
    with (
        Sandbox(Limits(walls=False)) as broken,
        pytest.raises(Refused, match=r"network: .*answers"),
    ):
        walls.prove(broken)


PROVED = "from teaching.grading import sandbox, walls; walls.prove(sandbox.Sandbox())"


def test_an_environment_behind_a_link_is_found(tmp_path):
    (tmp_path / "env").symlink_to(sys.prefix)
    python = tmp_path / "env" / "bin" / "python"
    variables = os.environ | {"PYTHONPATH": str(walls.ROOT)}
    subprocess.run([python, "-c", PROVED], env=variables, check=True, cwd=tmp_path)


def test_a_python_behind_a_link_is_found(tmp_path, monkeypatch):
    """An environment is made of such a one by `uv`, for example."""
    (tmp_path / "base").symlink_to(sys.base_prefix)
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "base"))
    python = tmp_path / "base" / "bin" / Path(sys.executable).resolve().name
    subprocess.run([*sandbox_module.behind_walls(), python, "-c", "import json"], check=True)


def test_missing_bubblewrap_is_named_with_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused, match=r"bubblewrap is missing.*sudo apt install bubblewrap"):
        Sandbox()


def test_missing_libseccomp_is_named_with_how_to_install_it(monkeypatch):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(sandbox_module.ctypes, "CDLL", missing)
    with pytest.raises(Refused, match=r"libseccomp is missing.*sudo apt install libseccomp2"):
        Sandbox()


def test_another_system_is_refused(monkeypatch):
    monkeypatch.setattr(sandbox_module.sys, "platform", "darwin")
    with pytest.raises(Refused, match="this is darwin"):
        sandbox_module.find_bubblewrap()


def test_what_bubblewrap_complains_of_is_said(monkeypatch):
    command = [*sandbox_module.behind_walls(), "--no-such-option"]
    monkeypatch.setattr(sandbox_module, "behind_walls", lambda: command)
    with pytest.raises(Refused, match=r"could not build its walls.*no-such-option"):
        Sandbox()
