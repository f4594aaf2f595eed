"""``make doctor`` prints one screen, with a remedy where something is off."""

import socket

import pytest

from course import doctor


def lines(said):
    """Return what was found and the remedy, by what was looked at."""
    found, name = {}, ""
    for line in said.splitlines():
        if line.startswith(" " * 15):
            found[name] = (found[name][0], line.strip().removeprefix("-> "))
        elif line:
            name, _, what = line[2:].partition(" ")
            found[name] = (what.strip(), "")
    return found


def test_before_anything_is_made(checkout):
    found = lines(checkout.make("doctor"))
    assert set(found) == set(doctor.LOOKS)
    assert found["Environment"] == (".venv: none yet", "`make lab` makes it")
    assert str(checkout.root) in found["Course"][0]
    assert not (checkout.root / ".venv").exists(), "it looks, and does nothing"


def test_when_all_is_well_it_has_nothing_to_mend(checkout):
    checkout.lab()
    found = lines(checkout.make("doctor"))
    assert found["Environment"] == (".venv", "")
    assert found["helpers"] == (str(checkout.root / "helpers" / "__init__.py"), "")
    assert found["Copies"] == ("my-notebooks/: 2 notebooks", "")


def test_a_helpers_py_beside_the_notebooks_is_found(checkout):
    checkout.lab()
    foreign = checkout.root / "my-notebooks" / "helpers.py"
    foreign.touch()
    what, remedy = lines(checkout.make("doctor"))["helpers"]
    assert what == str(foreign)
    assert f"move {foreign} away" in remedy


def test_a_moved_environment_is_called_so(checkout):
    checkout.lab()
    there = checkout.root.with_name("elsewhere")
    checkout.root.rename(there)
    checkout.root = there
    what, remedy = lines(checkout.make("doctor"))["Environment"]
    assert "another folder" in what
    assert remedy == "`make lab` makes it anew"


def test_no_network_and_odd_variables_are_named(checkout):
    odd = {"PYTHONPATH": "/odd", "MPLBACKEND": "nonsense", "PIP_USER": "1"}
    refused = {"PIP_NO_INDEX": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    found = lines(checkout.make("doctor", **odd, **refused))
    assert "No connection to 127.0.0.1" in found["Network"][1]
    assert "PYTHONPATH=/odd" in found["Variables"][0]
    assert "unset PYTHONPATH" in found["Variables"][1]


def test_a_port_that_is_taken_is_no_fault(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(doctor, "PORT", server.getsockname()[1])
        assert doctor._port() == (
            f"port {doctor.PORT} is taken: JupyterLab takes the next one",
            "",
        )


def test_a_look_that_fails_leaves_the_others(monkeypatch, capsys):
    def fails():
        raise RuntimeError("no such thing")

    monkeypatch.setattr(doctor, "LOOKS", {"One": fails, "Two": lambda: ("two", "mend it")})
    assert doctor.main() == 0
    assert lines(capsys.readouterr().out) == {
        "One": ("could not be looked at: RuntimeError: no such thing", ""),
        "Two": ("two", "mend it"),
    }


@pytest.mark.parametrize(("free", "off"), [(1e8, True), (1e11, False)])
def test_a_disk_without_room_for_an_environment_is_named(monkeypatch, tmp_path, free, off):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(doctor.environment, "HOME", tmp_path / "none")
    assert bool(doctor._course()[1]) is off
