"""The command line as a person or a script meets it: one document, one line, one status, never a traceback."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from attrib import database
from attrib.cli.main import cli

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own data folder and an empty working folder."""
    for variable in [name for name in os.environ if name.startswith("ATTRIB_")]:
        monkeypatch.delenv(variable)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


def in_a_process(script: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=ENVIRONMENT)


def assert_one_line(result: Result, *parts: str) -> None:
    """Hold that a command failed with status 2, nothing on stdout, and one line on stderr that says all the parts."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("attrib: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def test_help_and_version_need_nothing_heavy() -> None:
    heavy = ("torch", "numba", "numpy", "sqlalchemy", "flask")
    script = f"import sys, attrib.cli.main; print([name for name in {heavy} if name in sys.modules])"
    assert in_a_process(script).stdout.strip() == "[]"
    assert run("--version").stdout == "attrib 0.1.0\n"


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (("chekc",), ("No such command", "See `attrib --help`")),
        (("check", "--frobnicate"), ("No such option", "--frobnicate", "See `attrib check --help`")),
        (("check", "--fail-on", "sometimes"), ("sometimes", "never")),
        (("check", "--language", "pyton"), ("pyton", "did you mean Python")),
        (("generate",), ("give either PROMPT or --prompt-file",)),
        (("generate", "x", "--output", "f", "--n", "2"), ("--output writes one answer",)),
        (("generate", "x", "--prompt-file", "f"), ("give either PROMPT or --prompt-file",)),
        (("serve", "--port", "0"), ("--port",)),
        (("index", "add"), ("SPEC",)),
    ],
)
def test_wrong_use_is_one_line(args: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert_one_line(run(*args), *parts)


def test_wrong_settings_are_one_line_with_every_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("attrib.toml").write_text("retension = 1\n")
    monkeypatch.setenv("ATTRIB_DEVICE", "abacus")
    assert_one_line(run("db", "upgrade"), "did you mean 'retention'?", "ATTRIB_DEVICE")


def test_db_upgrade_makes_the_schema_and_then_finds_it(home: Path) -> None:
    first = json.loads(run("db", "upgrade", "--json").stdout)
    assert first["from"] is None
    again = json.loads(run("db", "upgrade", "--json").stdout)
    assert again == {"from": first["to"], "to": first["to"]}
    assert (home / "attrib.db").is_file()


def test_a_database_from_a_newer_version_is_one_line(home: Path) -> None:
    run("db", "upgrade")
    engine = database.connect(f"sqlite:///{home / 'attrib.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for args in (("db", "upgrade"), ("check",), ("index", "stats"), ("serve",)):
        assert_one_line(run(*args, stdin=b"x = 1\n"), "9999", "a newer version has written it", "install that version")


def test_serving_other_machines_must_be_asked_for() -> None:
    assert_one_line(
        run("serve", "--host", "0.0.0.0"), "there is no key to ask for", "attrib keys create", "--open-to-all"
    )


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_one_line(run("serve", "--port", str(port)), f"cannot listen on 127.0.0.1 port {port}")
