"""The files in deploy: they are well-formed, run what there is to run, and as the documentation says."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from configparser import RawConfigParser
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from attrib.cli.main import cli
from attrib.config import Config

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
UNIT = (DEPLOY / "attrib.service").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
SETTINGS = {f"ATTRIB_{setting.name.upper()}" for setting in fields(Config)}
INSTRUCTIONS = {
    *("ARG", "FROM", "ENV", "WORKDIR", "RUN", "COPY", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"),
    *("ENTRYPOINT", "CMD"),
}


def _instructions() -> list[tuple[str, str]]:
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines() if line.strip()]


def _argument(instruction: str) -> str:
    return [rest for name, rest in _instructions() if name == instruction][-1]


def _unit(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def _understood(words: Sequence[str]) -> click.Context:
    """Read the arguments of `attrib` as it would; raises where it would refuse them."""
    command: click.Command = cli
    context = click.Context(cli, info_name="attrib")
    rest = list(words)
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    return command.make_context(context.info_name, rest, parent=context.parent)


def test_the_image_is_built_of_instructions_and_files_that_there_are() -> None:
    assert {name for name, _ in _instructions()} == INSTRUCTIONS
    for copied in (shlex.split(rest) for name, rest in _instructions() if name == "COPY" and "--from" not in rest):
        assert [source for source in copied[:-1] if not (ROOT / source).exists()] == []
    kept = set(re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    sent = {
        source for name, rest in _instructions() if name == "COPY" and "--from" not in rest for source in rest.split()
    }
    assert kept == sent - {"./"}


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    assert re.search(r"^ARG PYTHON=\d+\.\d+\.\d+-", DOCKERFILE, re.MULTILINE)
    assert all(rest.startswith("python:${PYTHON}") for name, rest in _instructions() if name == "FROM")
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
    assert installs
    assert all("--constraint constraints.txt" in line for line in installs)
    assert int(_argument("USER").partition(":")[0]) > 0
    assert "/healthz" in _argument("HEALTHCHECK")
    assert all(
        re.search(r":\d+\.\d+", service["image"]) for service in COMPOSE["services"].values() if _foreign(service)
    )


def _foreign(service: dict[str, Any]) -> bool:
    return "build" not in service


def test_what_is_started_is_understood_and_waits_long_enough_when_stopped() -> None:
    assert json.loads(_argument("ENTRYPOINT")) == ["attrib"]
    served = [
        json.loads(_argument("CMD")),
        COMPOSE["services"]["attrib"]["command"],
        shlex.split(_unit("ExecStart")[0])[1:],
    ]
    ports = [_understood(words).params["port"] for words in served]
    assert {str(port) for port in ports} == {_argument("EXPOSE")}
    _understood(COMPOSE["services"]["migrate"]["command"])
    longest = Config(Path(), "sqlite://").stop_seconds
    assert int(_unit("TimeoutStopSec")[0]) > longest
    assert int(COMPOSE["services"]["attrib"]["stop_grace_period"].removesuffix("s")) > longest


def test_nothing_is_published_beyond_this_machine_unasked() -> None:
    assert "--open-to-all" not in DOCKERFILE
    assert "--open-to-all" not in UNIT
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_only_settings_that_exist_are_set() -> None:
    for text in (DOCKERFILE, UNIT, (DEPLOY / "compose.yaml").read_text(encoding="utf-8")):
        named = set(re.findall(r"\bATTRIB_[A-Z_]+", text))
        assert named
        assert named <= SETTINGS


def test_the_unit_is_read_by_systemd(tmp_path: Path) -> None:
    RawConfigParser(strict=False).read_string(UNIT)
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    # The program is not installed at that place here.
    (tmp_path / "attrib.service").write_text(
        UNIT.replace("/opt/attrib/bin/attrib", shutil.which("true") or ""), "utf-8"
    )
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "attrib.service")]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "attrib.service"])
def test_the_documentation_says_how_each_is_used_as_it_does_itself(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    own = re.findall(r"^# ((?:DATABASE_PASSWORD=\S+ )?(?:docker|cp) .*?)(?: \.\.\.| && .*)?$", text, re.MULTILINE)
    assert own
    assert [command for command in own if command not in OPERATING] == []
