"""The files for CI are YAML that those systems read, and what they run exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from attrib.cli.main import cli

ROOT = Path(__file__).parent.parent
FILES = (ROOT / "docs" / "ci" / "github-action.yml", ROOT / "docs" / "ci" / "gitlab-ci.yml")
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def commands(value: Any) -> Iterator[str]:
    """Yield every command line of `attrib` anywhere in a document."""
    if isinstance(value, dict):
        for part in value.values():
            yield from commands(part)
    elif isinstance(value, list):
        for part in value:
            yield from commands(part)
    elif isinstance(value, str):
        yield from (line for line in value.splitlines() if line.startswith("attrib "))


def understood(line: str) -> None:
    """Hold that a command line is one that Attrib takes."""
    command: click.Command = cli
    context = click.Context(cli, info_name="attrib")
    rest = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.make_context(context.info_name, rest, parent=context.parent)


@pytest.mark.parametrize("file", [*FILES, HOOKS], ids=lambda file: file.name)
def test_every_command_in_them_is_understood(file: Path) -> None:
    lines = list(commands(yaml.safe_load(file.read_text(encoding="utf-8"))))
    assert any(line.startswith("attrib audit ") for line in lines)
    for line in lines:
        understood(line)


def test_the_action_has_jobs_of_steps_that_use_or_run() -> None:
    action = yaml.safe_load(FILES[0].read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert set(action) == {"name", True, "permissions", "jobs"}
    for job in action["jobs"].values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert "uses" not in step or re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", step["uses"])


def test_the_snippet_has_jobs_with_scripts() -> None:
    snippet = yaml.safe_load(FILES[1].read_text(encoding="utf-8"))
    assert set(snippet) == {"attrib", "attrib-baseline"}
    assert all(job["script"] for job in snippet.values())


def test_the_hook_says_what_pre_commit_needs() -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert hook["pass_filenames"] is False
