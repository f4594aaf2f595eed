"""What decks and pages take from npm: exact versions, verified, and kept in ``build/``.

``libraries.toml`` beside this file lists them. npm fetches a package as one archive, from
wherever this machine is set to fetch from; nothing in it is run.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from functools import cache
from pathlib import Path

CACHE = Path(__file__).parents[1] / "build" / "libraries"
TABLE = Path(__file__).with_name("libraries.toml")


class LibraryError(Exception):
    """A library could not be had; the message says what to do."""


def library(name, *, kept=CACHE):
    """Return the folder that holds the files of a package, fetched if it is not there yet.

    Parameters
    ----------
    name : str
        As in ``libraries.toml``.
    kept : Path, optional
        Folder of all packages.

    Raises
    ------
    LibraryError
        If npm is missing, cannot fetch the package, or what it fetched has another checksum
        than the one in ``libraries.toml``. Nothing is kept then.
    """
    wanted = _table()[name]
    folder = kept / f"{name.replace('/', '_')}-{wanted['version']}"
    if not folder.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept) as scratch:
            archive = _fetch(f"{name}@{wanted['version']}", Path(scratch))
            _verify(archive, wanted["integrity"])
            unpacked = Path(scratch) / "unpacked"
            _unpack(archive, wanted["files"], unpacked)
            shutil.move(unpacked, folder)
    return folder


@cache
def _table():
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _fetch(package, folder):
    """Let npm put the archive of a package into a folder, and return its path."""
    npm = shutil.which("npm")
    if npm is None:
        raise LibraryError(
            f"npm is needed once, to fetch {package}, and was not found. It comes with "
            "Node.js: https://nodejs.org, or on Debian or Ubuntu: sudo apt install npm."
        )
    command = [npm, "pack", "--silent", "--ignore-scripts", package]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if run.returncode or not archives:
        said = (run.stderr or run.stdout).strip() or f"it ended with code {run.returncode}"
        raise LibraryError(
            f"npm could not fetch {package}. This needs the internet, once. npm says:\n{said}"
        )
    return archives[0]


def _verify(archive, integrity):
    algorithm, _, expected = integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, archive.read_bytes()).digest()).decode()
    if found != expected:
        raise LibraryError(
            f"{archive.name} is not the file that libraries.toml names: expected {integrity}, "
            f"got {algorithm}-{found}. It was not used."
        )


def _unpack(archive, names, folder):
    """Take some files of an archive into a folder."""
    with tarfile.open(archive) as tar:
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tar.extractfile(f"package/{name}").read())
