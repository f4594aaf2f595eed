"""The environment in which the course runs: found, made or mended, and never half-made.

It is the active environment of conda, if the course is installed in it; else it lies in
``.venv``. A new one is made in ``.venv.new`` and then renamed, so that an interrupted command
leaves the old one or none. What it holds is asked of its Python, not believed of a file: an
environment that was moved or copied, or whose Python is gone, is made anew.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from course import network
from course.problems import NO_SPACE, TYPED, Problem

ROOT = Path(__file__).resolve().parents[1]
NAME = "weight-initialization"  # of the conda environment
HOME, NEW, LOG = ROOT / ".venv", ROOT / ".venv.new", ROOT / "build" / "install.log"
RECORD = "course.json"  # in the environment: the lists of packages that it was made from
KINDS = {
    "student": "lab",
    "grading": "lab,grade",
    "developer": "lab,test,grade,teach",
    "frameworks": "lab,frameworks",
}
IMPLIED = {"grading": ("student",), "developer": ("student", "grading")}
SAID = {
    "student": "JupyterLab and what the lessons need",
    "grading": "what marks exercises",
    "developer": "what tests the course, and teaches with it",
    "frameworks": "PyTorch, Keras, JAX and transformers, of more than a gigabyte",
}
DISK = (
    "The disk is full: the environment takes about a gigabyte, in the course's folder and, "
    "while it is made, in that for temporary files. Make room, or set TMPDIR (on Windows, "
    "TEMP) to a folder on another disk, and try again. Nothing was lost."
)
# Variables that would send packages elsewhere, or take them from there.
HOSTILE = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "UV_SYSTEM_PYTHON")
# Prints the course's folder and whether JupyterLab is there; fails in a broken environment.
PROBE = """
from importlib.util import find_spec as find
import json
print(json.dumps([find("helpers") and find("helpers").origin, bool(find("jupyterlab"))]))
"""
# Prints which requirements are not met. `packaging` comes with JupyterLab.
UNMET = """
import sys
from importlib.metadata import PackageNotFoundError, version
try:
    from packaging.requirements import Requirement
except ImportError:
    sys.exit("packaging")
def met(line):
    wanted = Requirement(line)
    try:
        return wanted.specifier.contains(version(wanted.name), prereleases=True)
    except PackageNotFoundError:
        return False
print(*(line for line in sys.argv[1:] if not met(line)))
"""


def ready(kind):
    """Return the Python of an environment that has what a kind of reader needs.

    Parameters
    ----------
    kind : {"student", "grading", "developer", "frameworks"}

    Returns
    -------
    str

    Raises
    ------
    Problem
        If there is none and none can be made. What was there is left as it was.
    """
    if prefix := conda_prefix():
        return _ready_in_conda(prefix, kind)
    if is_ready(kind):
        return python_in(HOME)
    with alone("makes the environment"), _room_on_disk():
        LOG.unlink(missing_ok=True)
        if not is_ready(kind):  # another command may have made it meanwhile
            _check_folder()
            if why := broken(HOME):
                if os.path.lexists(HOME):
                    print(f"The environment in .venv is made anew: {why}.")
                _make()
            if not is_ready(kind):
                _add(kind)
    if not (_probed(HOME) or [None, False])[1]:  # what is noted is not there
        raise Problem(
            "The packages were installed, but not in .venv. Look for target, prefix or user in "
            f"what this prints: {python_in(HOME)} -m pip config list"
        )
    return python_in(HOME)


def run(python, arguments):
    """Become Python with these arguments; where that cannot be, return its exit status."""
    sys.stdout.flush()
    command = [python, *arguments]
    if os.name == "nt":  # there a process that is replaced seems to end
        with contextlib.suppress(KeyboardInterrupt):
            return subprocess.run(command, check=False).returncode
        return 130
    os.execv(python, command)


def python_in(folder):
    """Return the path of an environment's Python."""
    place = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(Path(folder, *place))


def broken(folder):
    """Return why an environment cannot be used or added to, or ''."""
    if not os.path.lexists(folder):
        return "there is none"
    found = asked(python_in(folder), "-m", "pip", "--version")
    if found is None:
        return "its Python does not start, or has no pip"
    helpers = (_probed(folder) or [None])[0]
    if helpers and Path(helpers).parent != ROOT / "helpers":
        return f"it belongs to the course in {Path(helpers).parents[1]}"
    if not _was_made_at(folder):
        return "it was made in another folder, whose path its scripts have"
    return ""


def asked(python, *arguments):
    """Return what Python prints, or None if it fails. It sees no variables and no folder."""
    try:
        return subprocess.run(
            [python, "-I", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def conda_prefix():
    """Return the folder of the active conda environment if it is the course's, or None."""
    prefix = os.environ.get("CONDA_PREFIX")
    if not prefix or not Path(prefix, "conda-meta").is_dir():
        return None
    libraries = "Lib/site-packages" if os.name == "nt" else "lib/python3.*/site-packages"
    installed = any(Path(prefix).glob(f"{libraries}/weight_initialization_course-*.dist-info"))
    return prefix if installed or os.environ.get("CONDA_DEFAULT_ENV") == NAME else None


def is_ready(kind):
    """Return whether ``.venv`` has all that a kind of reader needs, of the present lists."""
    found = _probed(HOME)
    return (
        found is not None
        and found == [str(ROOT / "helpers" / "__init__.py"), True]
        and _record(HOME).get(kind) == _list_of_packages()
        and _was_made_at(HOME)
    )


def _probed(folder):
    found = asked(python_in(folder), "-c", PROBE)
    return found and json.loads(found)


def _was_made_at(folder):
    try:
        script = Path(python_in(folder)).with_name("activate").read_bytes()
    except OSError:
        return True  # another tool made it, which needs none
    places = folder, folder.resolve()  # it may be a link, to another disk
    return any(path in script for place in places for path in _written(place))


def _written(folder):
    """Return how scripts write the path of a folder: as it is, or quoted for a shell."""
    return [os.fsencode(folder), os.fsencode(shlex.quote(str(folder))[1:-1])]


def _record(folder):
    try:
        return json.loads(Path(folder, RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _note(folder, kind):
    """Note that an environment has what a kind needs."""
    record = _record(folder) | {kind: _list_of_packages()}
    record |= dict.fromkeys(IMPLIED.get(kind, ()), record[kind])
    part = Path(folder, f"{RECORD}.part")
    part.write_text(json.dumps(record, indent=1), encoding="utf-8")
    os.replace(part, Path(folder, RECORD))


def _list_of_packages():
    """Return a fingerprint of what is asked for: another list is installed by itself."""
    lists = (ROOT / name for name in ("pyproject.toml", "constraints.txt"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in lists)).hexdigest()


@contextlib.contextmanager
def alone(does):
    """Wait until no other command does the same in this folder."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another command {does}: waiting for it ...", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(folder)


@contextlib.contextmanager
def _room_on_disk():
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise Problem(DISK) from None
        raise


def _check_folder():
    """Raise Problem unless files can be made here."""
    if not os.access(ROOT, os.W_OK):
        raise Problem(
            f"The folder {ROOT} cannot be written. Copy the course into a folder of your own, "
            "and type the command there."
        )


def _make():
    """Make an environment for a student beside ``.venv``, and put it in its place."""
    print("Making a Python environment in .venv (once, about a minute) ...", flush=True)
    remove(NEW)
    uv, base = shutil.which("uv"), getattr(sys, "_base_executable", sys.executable)
    try:
        if not (uv and _did([uv, "venv", "--quiet", "--seed", "--python", base, NEW])):
            remove(NEW)
            if not _did([base, "-m", "venv", NEW]):
                _explain_venv()
        _install(NEW, "student")
        _write_into_scripts(HOME)
        remove(HOME)
        NEW.rename(HOME)
    except BaseException:
        with contextlib.suppress(OSError):
            remove(NEW)
        raise


def _add(kind):
    """Install what a kind needs; offline, an older list of a student's will do."""
    try:
        _install(HOME, kind)
    except Problem as problem:
        if kind == "student" and (_probed(HOME) or [None, False])[1]:
            print(f"{problem}\nUntil then the course runs with the packages that it has.")
        else:
            raise


def _install(folder, kind):
    print(f"Installing {SAID[kind]} ...", flush=True)
    python, uv = python_in(folder), shutil.which("uv")
    what = ["-c", "constraints.txt", "-e", f".[{KINDS[kind]}]"]
    if uv and not network.unreachable(network.index(python, uv)):
        done = _did([uv, "pip", "install", "--python", python, *what], shown=_progress())
    else:
        done = False
    if not done:
        if why := network.unreachable(network.index(python)):
            raise Problem(why)
        quiet = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
        if not _did([python, "-m", "pip", "install", *quiet, *what], shown=_progress()):
            _explain_install(folder)
    _note(folder, kind)


def _did(command, shown=None):
    """Run a command, and return whether it ended well. All that it says goes into the log.

    `shown` makes of each line what is printed of it, or None.
    """
    LOG.parent.mkdir(exist_ok=True)
    variables = {k: v for k, v in os.environ.items() if k not in HOSTILE} | {"PIP_USER": "0"}
    with LOG.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"$ {' '.join(map(str, command))}\n")
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        with process:
            for line in process.stdout:
                log.write(line)
                if text := (shown(line) if shown else None):
                    print(text, flush=True)
    return process.returncode == 0


def _progress():
    """Return a function that says in short what a line of pip is about."""
    count = 0

    def short(line):
        nonlocal count
        if found := re.match(r"\s*(?:Downloading|Using cached) (\S+) \((.*)\)", line):
            count += 1
            return f"  {count:3}  {re.split(r'-[0-9]', found[1])[0]}, {found[2]}"
        return "  unpacking ..." if line.startswith("Installing collected") else None

    return short


def _said_last():
    """Return what the log ends with: the lines after the last command."""
    return LOG.read_text(encoding="utf-8", errors="replace").rpartition("\n$ ")[2]


def _explain_venv():
    said = _said_last()
    _explain_disk(said)
    if importlib.util.find_spec("ensurepip") is None:
        version = "{}.{}".format(*sys.version_info)
        raise Problem(
            f"{sys.executable} cannot make environments. On Debian or Ubuntu: sudo apt install "
            f"python3-venv, or python{version}-venv."
        )
    raise Problem(f"No environment could be made with {sys.executable}: {_last_line(said)}")


def _explain_install(folder):
    said = _said_last()
    _explain_disk(said)
    if why := network.unreachable(network.index(python_in(folder))):
        raise Problem(why)
    errors = re.findall("ERROR: .*", said)
    raise Problem(
        f"The packages could not be installed. {errors[-1] if errors else _last_line(said)}\n"
        f"All that was said is in {LOG}. `{TYPED} doctor` looks for the cause."
    )


def _explain_disk(said):
    if any(os.strerror(number) in said for number in NO_SPACE):
        raise Problem(DISK)


def _last_line(said):
    return (said.strip().splitlines() or ["it says nothing"])[-1].strip()


def _write_into_scripts(folder):
    """Write into the scripts of the new environment where it will lie."""
    for path in Path(python_in(NEW)).parent.iterdir():
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b"\0" in data:
                continue
            for old, new in zip(_written(NEW), _written(folder), strict=True):
                if old and old in data:
                    data = data.replace(old, new)
                    path.write_bytes(data)


def remove(path):
    """Remove a file, a link or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


def _ready_in_conda(prefix, kind):
    python = python_in(prefix) if os.name != "nt" else str(Path(prefix, "python.exe"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = KINDS[kind if kind == "frameworks" else "developer"].split(",")
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    wanted = [line for line in wanted if not line.startswith("psycopg-binary")]  # in conda's
    unmet = asked(python, "-c", UNMET, *wanted)
    helpers = (json.loads(asked(python, "-c", PROBE) or "[null]"))[0]
    if unmet is not None and not unmet.strip() and helpers == str(ROOT / "helpers/__init__.py"):
        return python
    if kind == "frameworks":
        print(f"Installing {SAID[kind]} ...", flush=True)
        install = [python, "-m", "pip", "install", "-e", ".[frameworks]"]
        if not _did(install, shown=_progress()):
            raise Problem(f"The frameworks could not be installed; see {LOG}.")
        return python
    conda = os.environ.get("CONDA_EXE") or os.environ.get("MAMBA_EXE")
    update = ["env", "update", "--prefix", prefix, "--file", str(ROOT / "environment.yml")]
    print(f"Bringing the conda environment up to date: {(unmet or 'the course').strip()} ...")
    if not conda or not _did([conda, *update], shown=str.rstrip):
        command = " ".join(f'"{word}"' if " " in word else word for word in ("conda", *update))
        raise Problem(f"The conda environment is not what the course needs now. Type {command}")
    return python
