"""The files that GitHub reads are of the form that it expects."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCHEMAS = {
    "github-workflows": sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    "github-issue-forms": [
        path
        for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
        if path.name != "config.yml"
    ],
    "github-issue-config": [ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"],
    "dependabot": [ROOT / ".github" / "dependabot.yml"],
    "citation-file-format": [ROOT / "CITATION.cff"],
}
COMMAND = (sys.executable, "-m", "check_jsonschema", "--builtin-schema")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def check(schema, *paths):
    return subprocess.run(
        [*COMMAND, f"vendor.{schema}", *paths],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_file_is_of_its_schema(schema):
    assert SCHEMAS[schema]
    done = check(schema, *SCHEMAS[schema])
    assert done.returncode == 0, done.stdout


def test_a_file_of_another_form_is_refused(tmp_path):
    path = tmp_path / "workflow.yml"
    path.write_text("on: push\njobs: {test: {runs-on: ubuntu-latest, stepz: []}}\n")
    assert check("github-workflows", path).returncode != 0


def commands():
    """Return what the workflows type."""
    for path in SCHEMAS["github-workflows"]:
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
        for job in jobs.values():
            yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("make ")])
def test_workflows_call_commands_that_there_are(command):
    assert re.search(rf"^{command.split()[1]}:", MAKEFILE, re.MULTILINE)


def test_a_codespace_makes_the_readers_copies():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert settings["postCreateCommand"] == "make copies"
