"""Tests of what is fetched from npm: verified, and never half there. None needs a network."""

import base64
import hashlib
import io
import stat
import tarfile
import tomllib

import pytest

from teaching import libraries
from teaching.libraries import LibraryError, library

FILES = {"dist/a.js": b"let a = 1;", "LICENSE": b"Do as you like."}


def archive():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, content in {**FILES, "unwanted.js": b"x"}.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return data.getvalue()


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Return a function that puts an npm on the path, and returns the list of its calls."""
    folder = tmp_path / "bin"
    folder.mkdir()
    calls = tmp_path / "calls"
    monkeypatch.setenv("PATH", str(folder))

    def install(script):
        program = folder / "npm"
        program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n{script}\n')
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        return calls

    return install


@pytest.fixture
def thing(tmp_path, monkeypatch):
    """List one library, and return its archive."""
    packed = tmp_path / "packed.tgz"
    packed.write_bytes(archive())
    checksum = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    wanted = {"version": "1.2.3", "integrity": f"sha512-{checksum}", "files": list(FILES)}
    monkeypatch.setattr(libraries, "_table", lambda: {"@some/thing": wanted})
    return packed


def test_a_library_is_fetched_once_and_only_what_is_wanted_of_it_is_kept(npm, thing, tmp_path):
    calls = npm(f"/bin/cp {thing} some-thing-1.2.3.tgz")
    folders = {library("@some/thing", kept=tmp_path / "kept") for _ in range(2)}
    (folder,) = folders
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    assert found | {"LICENSE": (folder / "LICENSE").read_bytes()} == FILES
    assert calls.read_text().splitlines() == [
        "pack --silent --ignore-scripts @some/thing@1.2.3"
    ], "and no script of it is run"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo a forgery > some-thing-1.2.3.tgz", "not the file that libraries.toml names"),
        ("echo no such host >&2; exit 1", "npm says:\nno such host"),
        ("exit 0", "npm says:\nit ended with code 0"),
    ],
    ids=["forged", "failed", "nothing"],
)
def test_a_library_that_cannot_be_had_leaves_nothing(npm, thing, tmp_path, script, message):
    npm(script)
    with pytest.raises(LibraryError, match=message):
        library("@some/thing", kept=tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.usefixtures("npm")
def test_without_npm_it_says_where_npm_comes_from(thing, tmp_path):
    with pytest.raises(LibraryError, match=r"npm is needed once, to fetch @some/thing@1\.2\.3"):
        library("@some/thing", kept=tmp_path / "kept")


def test_every_library_is_pinned_and_keeps_its_licence():
    for name, wanted in tomllib.loads(libraries.TABLE.read_text(encoding="utf-8")).items():
        assert set(wanted) == {"version", "integrity", "files"}, name
        assert len(base64.b64decode(wanted["integrity"].removeprefix("sha512-"))) == 64
        assert "LICENSE" in wanted["files"], name
