"""`attrib records`: lists, shows, deletes and expires what was stored."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attrib.ages import age_of
from attrib.cli.main import cli
from attrib.config import Config
from attrib.records import RecordKind, RecordStore
from tests.attrib.test_records import save

ORIGIN = {"purl": "pkg:pypi/click@8.5.1", "license": "BSD-3-Clause", "path": "click/parser.py"}


@pytest.fixture
def stored(engine: object, config: Config) -> list[str]:
    """Two records: a check that matched, and a generation from long ago."""
    store = RecordStore(engine)  # type: ignore[arg-type]
    check = save(store, verdict="attribute", status="matched", answer={"matches": [{"origins": [ORIGIN]}]}).id
    old = save(store, kind=RecordKind.GENERATION, model={"name": "embedded"}, code=None).id
    database = sqlite3.connect(config.home / "attrib.db")
    database.execute("UPDATE records SET created_at = '2020-02-03 04:05:06.000000' WHERE id = ?", (old,))
    database.commit()
    database.close()
    return [check, old]


def run(config: Config, *arguments: str, **settings: str) -> Result:
    environment = {f"ATTRIB_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(cli, ["--home", str(config.home), "records", *arguments], env=environment)


def test_records_are_listed_and_found(config: Config, stored: list[str]) -> None:
    shown = run(config, "list").stdout.splitlines()
    assert [line.split()[0] for line in shown] == stored[::-1]
    assert shown[0].split()[1:] == ["2020-02-03", "04:05:06", "generation", "allow", "clean"]
    found = json.loads(run(config, "list", "pypi/click", "--json").stdout)["records"]
    assert [record["id"] for record in found] == stored[:1]
    assert len(run(config, "list", "--limit", "1").stdout.splitlines()) == 1
    assert run(config, "list", "nothing like it").stdout == "no such record\n"


def test_one_is_shown_with_what_it_found(config: Config, stored: list[str]) -> None:
    shown = run(config, "show", stored[0]).stdout
    assert "pkg:pypi/click@8.5.1 click/parser.py (BSD-3-Clause)" in shown
    assert "kept, 6 bytes" in shown
    assert json.loads(run(config, "show", stored[0], "--json").stdout)["code"] == "x = 1\n"


def test_one_is_deleted_and_told_of(config: Config, stored: list[str]) -> None:
    assert run(config, "delete", stored[0]).stdout == "1 record deleted\n"
    again = run(config, "delete", stored[0])
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "was deleted on" in again.stderr
    assert [line.split()[0] for line in run(config, "list").stdout.splitlines()] == stored[1:]


def test_old_ones_expire_by_the_option_or_the_setting(config: Config, stored: list[str]) -> None:
    assert "give --older-than" in run(config, "expire").stderr
    assert json.loads(run(config, "expire", "--older-than", "600w", "--json").stdout) == {"deleted": 0}
    assert run(config, "expire", keep_days="90").stdout == "1 record deleted\n"
    assert [line.split()[0] for line in run(config, "list").stdout.splitlines()] == stored[:1]


@pytest.mark.parametrize("text", ["", "90", "d", "-3d", "1.5d", "90 days", "9999999d"])
def test_what_is_no_age_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hours, days or weeks"):
        age_of(text)
    assert run(Config(tmp_path, "sqlite://"), "expire", "--older-than", text).exit_code == 2
