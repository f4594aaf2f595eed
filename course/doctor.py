"""One screen about this machine: what the course finds, and what to mend.

Each look is a function that returns what was found and, where something is off, a remedy.
"""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import webbrowser

from course import copies, environment, lab, network
from course.problems import TYPED

PORT = 8888  # JupyterLab's first choice
NEEDED = 1e9  # bytes for an environment, while it is made
# Prints versions, and which `helpers` a notebook would import.
VERSIONS = """
import importlib.metadata as m, json, sys
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return "missing"
names = sys.argv[1:]
print(json.dumps([sys.version.split()[0], {n: version(n) for n in names}]))
"""
IMPORTANT = ("numpy", "matplotlib", "ipywidgets", "jupyterlab", "nbval", "nbgrader")
# In the folder of the copies and with all variables, as a kernel imports it.
HELPERS = "import helpers; print(helpers.__file__)"
FOR_LECTURERS = {
    "a Chromium": ("chromium", "chromium-browser", "google-chrome"),
    "npm": ("npm",),
    "bubblewrap": ("bwrap",),
}


def main():
    """Print what every look finds; return the exit status."""
    for name, look in LOOKS.items():
        try:
            found, remedy = look()
        except Exception as error:  # the others are still of use
            found, remedy = f"could not be looked at: {type(error).__name__}: {error}", ""
        print(f"{'!' if remedy else ' '} {name:12} {found}")
        if remedy:
            print(f"{'':15}-> {remedy}")
    return 0


def _python():
    return f"{platform.python_version()} ({sys.executable}), {platform.platform()}", ""


def _course():
    free = shutil.disk_usage(environment.ROOT).free
    found = f"{environment.ROOT}, {free / 1e9:.1f} GB free"
    if not os.access(environment.ROOT, os.W_OK):
        return f"{found}, cannot be written", "copy the course into a folder of your own"
    if free < NEEDED and not environment.HOME.exists():
        return found, f"make room: the environment takes about {NEEDED / 1e9:.0f} GB"
    return found, ""


def _environment():
    if prefix := environment.conda_prefix():
        return f"conda, {prefix}", ""
    if not os.path.lexists(environment.HOME):
        return ".venv: none yet", f"`{TYPED} lab` makes it"
    if why := environment.broken(environment.HOME):
        return f".venv: {why}", f"`{TYPED} lab` makes it anew"
    missing = [k for k in ("student", "developer") if not environment.is_ready(k)]
    if "student" in missing:
        return ".venv: not complete, or of an older course", f"`{TYPED} lab` completes it"
    return f".venv{'' if missing else ', with what tests the course'}", ""


def _python_of_environment():
    prefix = environment.conda_prefix()
    return environment.python_in(prefix or environment.HOME)


def _packages():
    said = environment.asked(_python_of_environment(), "-c", VERSIONS, *IMPORTANT)
    if said is None:
        return "none", ""
    python, versions = json.loads(said)
    return ", ".join([f"Python {python}", *(f"{n} {v}" for n, v in versions.items())]), ""


def _helpers():
    folder = copies.COPIES if copies.COPIES.is_dir() else copies.SOURCES
    try:
        done = subprocess.run(
            [_python_of_environment(), "-c", HELPERS],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return "no environment yet", ""
    if done.returncode:
        return done.stderr.strip().splitlines()[-1], f"`{TYPED} lab` mends the environment"
    found = done.stdout.strip()
    if found == str(environment.ROOT / "helpers" / "__init__.py"):
        return found, ""
    return found, f"another package of this name comes first: move {found} away"


def _copies():
    if not copies.COPIES.is_dir():
        return "my-notebooks/: none yet", ""
    count = sum(1 for _ in copies.COPIES.rglob("*.ipynb"))
    return f"my-notebooks/: {count} notebooks", ""


def _port():
    with socket.socket() as tried:
        if tried.connect_ex(("127.0.0.1", PORT)) == 0:
            return f"port {PORT} is taken: JupyterLab takes the next one", ""
    return f"port {PORT} is free", ""


def _browser():
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return (
            "none",
            f"open the address that `{TYPED} lab` prints, in a browser on this machine",
        )
    return getattr(found, "name", type(found).__name__), ""


def _network():
    address = network.index(sys.executable)
    if why := network.unreachable(address, certificates=True):
        return "none", why
    return f"{address or 'not asked: pip has settings of its own'} answers", ""


def _home():
    if lab.home_is_writable():
        return os.path.expanduser("~"), ""
    return f"{os.path.expanduser('~')} cannot be written: Jupyter's settings go to build/", ""


def _variables():
    names = (*environment.HOSTILE, "PIP_USER", "MPLBACKEND", "PYTHONSTARTUP")
    found = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    if any(name in os.environ for name in ("PYTHONHOME", "PYTHONPATH")):
        return ", ".join(found), "if an import goes wrong: unset PYTHONPATH PYTHONHOME"
    return ", ".join(found) or "none that matters", ""


def _for_lecturers():
    said = [
        f"{what}: {'found' if any(map(shutil.which, names)) else 'none'}"
        for what, names in FOR_LECTURERS.items()
    ]
    return ", ".join(said), ""


LOOKS = {
    "Python": _python,
    "Course": _course,
    "Environment": _environment,
    "Packages": _packages,
    "helpers": _helpers,
    "Copies": _copies,
    "Server": _port,
    "Browser": _browser,
    "Network": _network,
    "Home": _home,
    "Variables": _variables,
    "Lecturers": _for_lecturers,
}
