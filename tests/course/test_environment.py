"""What ``make lab`` does on odd machines: it works, or says in a sentence what to do."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import packaging
import pytest

from course import environment, lab, network, problems

REFUSED = "http://127.0.0.1:9/simple"


def test_it_opens_copies_in_a_folder_with_spaces_and_umlauts(checkout):
    said, arguments, variables = checkout.lab("LAB_ARGS=--no-browser --port=9999")
    assert f"--ServerApp.root_dir={checkout.root / 'my-notebooks'}" in arguments
    assert arguments[-2:] == ["--no-browser", "--port=9999"]
    assert variables["JUPYTER_CONFIG_PATH"] == str(checkout.root / ".jupyter")
    assert "numpy, 16.1MiB" in said, "progress"


def test_a_second_start_makes_nothing(checkout):
    checkout.lab()
    said, *_ = checkout.lab(UV_DOES="fail")
    assert "Making" not in said
    assert "Installing" not in said


def test_where_uv_fails_pip_does_it_whatever_pip_is_told_elsewhere(checkout):
    hostile = {"PIP_USER": "1", "PIP_TARGET": "/nowhere", "PYTHONPATH": "/nowhere"}
    said, *_ = checkout.lab(UV_DOES="fail", **hostile)
    assert "Installing JupyterLab" in said
    script = checkout.root / ".venv" / "bin" / "pip"
    assert str(checkout.root / ".venv" / "bin" / "python") in script.read_text()
    assert subprocess.run([script, "--version"], check=True, capture_output=True)


@pytest.mark.parametrize("act", [shutil.move, shutil.copytree])
def test_a_moved_or_copied_course_makes_its_environment_anew(checkout, act):
    checkout.lab()
    there = checkout.root.with_name("another name")
    act(checkout.root, there)
    checkout.root = there
    said, arguments, _ = checkout.lab()
    assert "made anew" in said
    assert f"--ServerApp.root_dir={there / 'my-notebooks'}" in arguments
    assert "made anew" not in checkout.lab()[0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_leaves_nothing_that_stops_the_next(checkout, number):
    said = checkout.stopped(number)
    assert ("Stopped. Nothing is half-made" in said) == (number == signal.SIGINT)
    assert "Traceback" not in said
    assert not (checkout.root / ".venv").exists()
    checkout.lab()
    assert not (checkout.root / ".venv.new").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    checkout.lab()
    python = checkout.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/opt/gone/python3.11")
    assert "its Python does not start" in checkout.lab()[0]


def test_an_environment_without_pip_is_made_anew(checkout):
    venv.create(checkout.root / ".venv", symlinks=True)
    assert "has no pip" in checkout.lab()[0]


def test_an_environment_that_works_is_kept_and_completed(checkout):
    checkout.lab()
    (checkout.root / ".venv" / "course.json").unlink()  # as other tools or older courses do it
    (checkout.root / ".venv" / "mine").touch()
    said, *_ = checkout.lab()
    assert "Installing" in said
    assert (checkout.root / ".venv" / "mine").exists()


def test_an_environment_behind_a_link_is_kept(checkout):
    """It lies on another disk, where it was made or to where it was moved."""
    checkout.lab()
    link, there = checkout.root / ".venv", checkout.path.parent / "elsewhere"
    link.rename(there)
    link.symlink_to(there)
    for _ in range(2):
        assert "Python environment" not in checkout.lab()[0]
        assert link.is_symlink()
        script = there / "bin" / "activate"
        script.write_text(script.read_text().replace(str(link), str(there)))


def test_a_changed_list_of_packages_is_installed_and_offline_the_older_one_will_do(checkout):
    checkout.lab()
    (checkout.root / "constraints.txt").write_text("# changed\n")
    offline = {"UV_DEFAULT_INDEX": REFUSED, "PIP_NO_INDEX": "", "PIP_INDEX_URL": REFUSED}
    assert "runs with the packages that it has" in checkout.lab(**offline)[0]
    assert "Installing" in checkout.lab()[0]
    assert "Installing" not in checkout.lab()[0]


def test_without_a_network_a_sentence_says_so_and_nothing_is_left(checkout):
    offline = {"UV_DEFAULT_INDEX": REFUSED, "PIP_NO_INDEX": "", "PIP_INDEX_URL": REFUSED}
    said = checkout.make("lab", status=1, **offline)
    assert "No connection to 127.0.0.1 (Connection refused)" in said
    assert "set https_proxy" in said
    assert "Traceback" not in said
    assert not (checkout.root / ".venv").exists()
    assert not (checkout.root / ".venv.new").exists()
    checkout.lab()


def test_a_dead_proxy_is_named_without_its_password(checkout):
    address = "http://course.invalid/simple"
    said = checkout.make(
        "lab",
        status=1,
        http_proxy="http://me:secret@127.0.0.1:9",
        UV_DEFAULT_INDEX=address,
        PIP_NO_INDEX="",
        PIP_INDEX_URL=address,
    )
    assert "through the proxy 127.0.0.1:9 (Connection refused)" in said
    assert "secret" not in said


def test_a_full_disk_is_called_so(checkout):
    checkout.lab()
    said = checkout.make("frameworks", status=1, UV_DOES="fill the disk")
    assert "The disk is full: the environment takes about a gigabyte" in said
    checkout.lab()


def test_the_error_that_pip_names_is_shown_and_all_that_it_says_is_kept(checkout):
    said = checkout.make("lab", status=1, UV_DOES="fail to install")
    assert "could not be installed. ERROR: No matching x\n" in said
    assert "install.log" in said
    assert "note: ..." in (checkout.root / "build" / "install.log").read_text()


STANDIN = """#!/bin/sh
echo {}
exit 1
"""


def test_only_an_older_python_is_named_with_its_version(checkout):
    for name in ("python3", "python", "python3.13", "python3.12", "python3.11"):
        checkout.command(name, STANDIN.format("3.10.12"))
    checkout.variables["PATH"] = str(checkout.path)
    for name in ("sh", "make", "git"):
        (checkout.path / name).symlink_to(shutil.which(name))
    said = checkout.make("lab", status=1)
    assert f"and found {checkout.path}/python3 (3.10.12)" in said
    assert "https://www.python.org/downloads/" in said


@pytest.mark.parametrize("name", ["python3.14", "python3.15"])
def test_a_newer_python_than_we_know_is_tried(checkout, name):
    """A stand-in of this name, which is the Python that runs the tests."""
    (checkout.path / "python3").rename(checkout.path / name)
    checkout.variables["PATH"] = str(checkout.path)
    for tool in ("sh", "make", "git"):
        (checkout.path / tool).symlink_to(shutil.which(tool))
    checkout.lab()


@pytest.mark.parametrize(
    ("script", "is_"),
    [
        (STANDIN.format("3.10.12"), "is Python 3.10.12"),
        ("#!/bin/sh\nexit 1\n", "does not start"),
    ],
)
def test_a_python_that_is_named_and_will_not_do_is_called_so(checkout, script, is_):
    checkout.command("old python", script)
    said = checkout.make("lab", f"PYTHON={checkout.path / 'old python'}", status=1)
    assert f"PYTHON={checkout.path / 'old python'} {is_}" in said


def test_an_unknown_backend_of_matplotlib_does_not_reach_the_kernels(checkout):
    assert checkout.lab(MPLBACKEND="nonsense")[2]["MPLBACKEND"] is None


def conda(checkout):
    """Return a stand-in of a conda environment in a folder with a space, by its prefix."""
    prefix = checkout.path / "my envs" / "env"
    venv.create(prefix, symlinks=True)
    (prefix / "conda-meta").mkdir()
    (packages,) = prefix.glob("lib/python*/site-packages")
    (packages / "weight_initialization_course-0.dist-info").mkdir()
    (packages / "packaging").symlink_to(Path(packaging.__file__).parent)
    (packages / "course.pth").write_text(str(checkout.root))
    return prefix


def test_conda_by_prefix_is_used_and_brought_up_to_date(checkout):
    """With a stand-in for the command, which notes what it is asked."""
    prefix = conda(checkout)
    asked = checkout.path / "asked"
    checkout.command("conda", f'#!/bin/sh\necho "$@" > "{asked}"\necho done by conda\n')
    variables = {
        "CONDA_PREFIX": str(prefix),
        "CONDA_DEFAULT_ENV": str(prefix),
        "CONDA_EXE": str(checkout.path / "conda"),
    }
    checkout.lab(**variables)
    assert not (checkout.root / ".venv").exists()
    assert not asked.exists()

    text = (checkout.root / "pyproject.toml").read_text()
    (checkout.root / "pyproject.toml").write_text(text.replace("lab = []", "lab = ['x>=2']"))
    said, *_ = checkout.lab(**variables)
    assert "x>=2" in said
    assert "done by conda" in said
    wanted = f"env update --prefix {prefix} --file {checkout.root / 'environment.yml'}\n"
    assert asked.read_text() == wanted

    said = checkout.make("lab", status=1, **variables | {"CONDA_EXE": ""})
    assert f'conda env update --prefix "{prefix}" --file' in said


def test_another_conda_environment_is_left_alone(checkout):
    checkout.lab(CONDA_PREFIX=str(checkout.path), CONDA_DEFAULT_ENV="base")
    assert (checkout.root / ".venv").exists()


@pytest.mark.parametrize(
    ("user", "arguments", "expected"),
    [
        (0, [], ["--allow-root", "--ServerApp.ip=127.0.0.1"]),
        (0, ["--ip=0.0.0.0"], ["--allow-root"]),
        (1000, [], []),
    ],
)
def test_root_gets_its_flag_and_the_address_of_this_machine(
    monkeypatch, capsys, user, arguments, expected
):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert lab._for_root(arguments) == expected
    assert ("You are root" in capsys.readouterr().out) == (user == 0)


@pytest.mark.parametrize("writable", [True, False])
def test_where_home_cannot_be_written_jupyter_writes_in_the_course(
    monkeypatch, writable, tmp_path
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: writable)
    variables = {"IPYTHONDIR": "mine"}
    lab.variables(variables)
    own = str(environment.ROOT / "build" / "home" / "jupyter_data_dir")
    assert variables.get("JUPYTER_DATA_DIR") == (None if writable else own)
    assert variables["IPYTHONDIR"] == "mine"


@pytest.mark.parametrize(
    "address", ["http://host:port/simple", "http://[bad/simple", "http://a b/simple", REFUSED]
)
def test_an_address_that_is_none_or_is_silent_is_named(address):
    assert f"No connection to {'127.0.0.1' if address == REFUSED else ''}" in (
        network.unreachable(address)
    )


def test_the_path_of_an_environment_is_found_as_a_shell_quotes_it(tmp_path, monkeypatch):
    """As newer Pythons write it."""
    new, home = tmp_path / "o'brien" / ".venv.new", tmp_path / "o'brien" / ".venv"
    (new / "bin").mkdir(parents=True)
    script = new / "bin" / "activate"
    script.write_text(f"VIRTUAL_ENV={shlex.quote(str(new))}\n")
    assert environment._was_made_at(new)
    monkeypatch.setattr(environment, "NEW", new)
    environment._write_into_scripts(home)
    new.rename(home)
    assert environment._was_made_at(home)
    assert ".venv.new" not in (home / "bin" / "activate").read_text()


def test_a_folder_that_cannot_be_written_is_named(monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(problems.Problem, match=r"cannot be written. Copy the course"):
        environment._check_folder()


@pytest.mark.parametrize(
    ("number", "said"),
    [(28, "The disk is full"), (30, "Copy the course"), (13, "Copy the course"), (5, "error")],
)
def test_an_error_of_the_system_is_put_in_words(number, said):
    words = problems.in_words(OSError(number, os.strerror(number), "/a/file"))
    assert said in words
    assert "(/a/file)" in words


def test_an_unknown_command_lists_those_that_there_are(checkout):
    done = subprocess.run(
        [sys.executable, "-m", "course", "fly"],
        cwd=checkout.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "There is no command 'fly'" in done.stderr
    assert "lab [ARGUMENTS]" in done.stderr
