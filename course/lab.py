"""JupyterLab on the reader's copies, on the lessons themselves, or on the assignments."""

import os
from pathlib import Path

from course import copies, environment
from course.problems import TYPED

FIRST = "00_start_here.ipynb"
# Variables for where Jupyter, IPython and Matplotlib write, if they cannot write at home.
AT_HOME = (
    *("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"),
    *("IPYTHONDIR", "MPLCONFIGDIR"),
)


def open_copies(arguments):
    """Open the reader's copies; `arguments` are JupyterLab's own."""
    python = environment.ready("student")
    return _open(python, copies.refresh(), FIRST, arguments)


def make_copies():
    """Make the environment and the copies, for another program than JupyterLab to open."""
    python, folder = environment.ready("student"), copies.refresh()
    print(f"The notebooks are in {folder}\nTheir Python, or kernel, is {python}")
    return 0


def open_lessons(arguments):
    """Open the lessons themselves, for whoever changes the course."""
    python = environment.ready("student")
    copies.mark_as_edited()
    print(f"These are the lessons themselves. `{TYPED} lab` opens a reader's copies.")
    return _open(python, copies.SOURCES, FIRST, arguments)


def open_assignments(arguments):
    """Open the masters of the exercises, with nbgrader's tools."""
    return _open(environment.ready("grading"), environment.ROOT, "assignments", arguments)


def _open(python, folder, first, arguments):
    """Start JupyterLab, and return its exit status, if ever."""
    variables(os.environ)
    root = _for_root(arguments)
    print("Opening the course in JupyterLab. Stop it with Ctrl-C, twice.", flush=True)
    server = (f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{first}")
    return environment.run(python, ["-m", "jupyterlab", *server, *root, *arguments])


def variables(environ):
    """Set the variables that a server of the course has, in place."""
    environ["JUPYTER_CONFIG_PATH"] = str(environment.ROOT / ".jupyter")
    # A second BLAS thread competes with the browser, and could change the last digit.
    environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    environ.setdefault("MKL_NUM_THREADS", "1")
    environ.pop("MPLBACKEND", None)  # an unknown one stops Matplotlib; the kernel sets its own
    if not home_is_writable():
        own = environment.ROOT / "build" / "home"
        print(f"Your home folder cannot be written: Jupyter keeps its settings in {own}.")
        for name in AT_HOME:
            environ.setdefault(name, str(own / name.lower()))


def home_is_writable():
    """Return whether Jupyter can make its folders at home."""
    home = Path(os.path.expanduser("~"))
    folders = (home / name for name in (".jupyter", ".ipython", ".local/share/jupyter"))
    return all(os.access(_nearest(folder), os.W_OK) for folder in folders)


def _nearest(folder):
    """Return the folder itself, or the nearest above it that exists."""
    return next(f for f in (folder, *folder.parents) if f.exists())


def _for_root(arguments):
    """Return what lets JupyterLab run as root, in a container: on this machine alone."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    given = [argument.partition("=")[0] for argument in arguments]
    own_address = any(name in ("--ip", "--ServerApp.ip") for name in given)
    address = [] if own_address else ["--ServerApp.ip=127.0.0.1"]
    print(
        "You are root, so JupyterLab is given --allow-root."
        + ("" if own_address else " Only a browser on this machine can open it.")
    )
    return ["--allow-root", *address]
