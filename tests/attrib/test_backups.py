"""Backups: of one moment however much is written meanwhile, brought back whole, and refused when they are not."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attrib.audits.store import AuditState
from attrib.backups import archive
from attrib.backups.archive import Manifest, unpack
from attrib.backups.making import back_up
from attrib.backups.restoring import restore
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config
from attrib.errors import AttribError, ConfigurationError, DatabaseError, UnreadableInput
from attrib.keys import KeyStore
from attrib.scopes import Scope
from attrib.service import Service
from tests.index.packing import MIT, code, zipped
from tests.services.postgres import programs

pytestmark = pytest.mark.databases("sqlite", "postgresql")

SOURCES = ("one", "two", "three")


@pytest.fixture(autouse=True)
def _programs_on_the_path(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend == "postgresql":
        # Debian keeps pg_dump beside the server's own programs.
        monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    """A service that has indexed, checked, audited and handed out a key."""
    with build_service(config) as service:
        for name in SOURCES:
            add(service, tmp_path, name)
            service.check(code(name).encode(), path=f"{name}.py")
        service.check(b"x = 1\n" * 30)
        KeyStore(service.record_search.engine).create("ci", frozenset({Scope.CHECK}))
        yield service


@pytest.fixture
def elsewhere(config: Config, tmp_path: Path, empty_database: Callable[[], str], backend: str) -> Config:
    """Settings of an empty data folder and an empty database."""
    home = tmp_path / "elsewhere"
    return replace(
        config,
        home=home,
        database_url=f"sqlite:///{home / 'attrib.db'}" if backend == "sqlite" else empty_database(),
    )


def add(service: Service, folder: Path, name: str) -> None:
    source = folder / name
    source.mkdir()
    (source / "LICENSE").write_text(MIT)
    (source / f"{name}.py").write_text(code(name))
    service.add([str(source)], purl=f"pkg:pypi/{name}@1", license="MIT")


def answers(service: Service) -> dict[str, Any]:
    """Everything that a service says, besides what it says of this moment."""
    checks = {name: service.check(code(name).encode()).as_json() for name in (*SOURCES, "elsewhere")}
    for check in checks.values():
        del check["id"], check["elapsed_ms"]
    return {"checks": checks, "totals": service.stats(), "keys": KeyStore(service.record_search.engine).list()}


def records(service: Service) -> dict[str, Any]:
    return {one.id: service.record(one.id) for one in service.records(limit=1000).records}


def test_what_is_brought_back_into_an_empty_folder_answers_as_before(
    service: Service, config: Config, elsewhere: Config, tmp_path: Path
) -> None:
    made = back_up(config, tmp_path / "backup")
    stored = records(service)
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    assert restore(elsewhere, tmp_path / "backup") == made
    with build_service(elsewhere) as brought_back:
        assert records(brought_back) == stored
        assert answers(brought_back) == answers(service)
        assert brought_back.verify().flaws == ()
    assert not list(elsewhere.home.glob("restore-*"))
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == ["backup"]


WRITING = """
import sys
from pathlib import Path
from attrib.bootstrap import build_service
from attrib.config import load_config
from tests.index.packing import code

home, url, folder = sys.argv[1:]
config = load_config({"home": home, "database_url": url}, {}, Path(folder))
with build_service(config) as service:
    for number in range(10_000):
        source = Path(folder) / f"more{number}"
        source.mkdir()
        (source / "a.py").write_text(code(f"more{number}"))
        service.add([str(source)], purl=f"pkg:pypi/more@{number}", license="MIT")
        print(service.check(code(f"more{number}").encode()).id, flush=True)
        if number % 4 == 3:
            service.merge()
"""


def test_a_backup_made_while_another_process_writes_is_of_one_moment(
    service: Service, config: Config, elsewhere: Config, tmp_path: Path
) -> None:
    (tmp_path / "more").mkdir()
    command = [sys.executable, "-c", WRITING, str(config.home), config.database_url, str(tmp_path / "more")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        before = [writing.stdout.readline().strip() for _ in range(3)]
        made = [back_up(config, tmp_path / f"backup{number}") for number in range(3)]
        after = writing.stdout.readline().strip()
        writing.kill()
    assert made[0].index_revision < made[2].index_revision
    assert after not in before
    stored = records(service)
    restore(elsewhere, tmp_path / "backup1")
    with build_service(elsewhere) as brought_back:
        found = records(brought_back)
        assert set(before) <= found.keys()
        assert {id: stored[id] for id in found} == found
        assert brought_back.verify().flaws == ()
        assert brought_back.stats().revision == made[1].index_revision
        for source in brought_back.sources(limit=1000):
            name, version = source.purl.removeprefix("pkg:pypi/").split("@")
            name += version if name == "more" else ""
            (match, *_) = brought_back.check(code(name).encode()).as_json()["matches"]
            assert match["origins"][0]["purl"] == source.purl


def test_an_audit_that_waits_waits_there_too(
    service: Service, config: Config, elsewhere: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.uploads, "start", lambda: None)
    waiting = service.uploads.submit(io.BytesIO(zipped({"a.py": code("one")})), "tree.zip")
    back_up(config, tmp_path / "backup")
    restore(elsewhere, tmp_path / "backup")
    with build_service(elsewhere) as brought_back:
        brought_back.uploads.start()
        while not (audit := brought_back.uploads.store.get(waiting.id)).state.is_final:
            pass
        assert audit.state is AuditState.DONE


def test_what_is_there_is_not_overwritten_unasked(service: Service, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("mine")
    with pytest.raises(FileExistsError, match="give --overwrite"):
        back_up(config, file)
    assert file.read_text() == "mine"
    back_up(config, file, overwrite=True)
    stored = records(service)
    with pytest.raises(ConfigurationError, match="would be overwritten: name an empty place"):
        restore(config, file)
    assert records(service) == stored


def test_what_is_overwritten_is_seen_by_whoever_has_it_open(service: Service, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    before = answers(service)["checks"]["one"]
    stored = records(service)
    back_up(config, file)
    service.remove("pkg:pypi/one@1")
    service.merge()
    later = service.check(code("one").encode()).id
    revision = service.stats().revision
    restore(config, file, overwrite=True)
    after = answers(service)["checks"]["one"]
    assert after["matches"] == before["matches"]
    assert service.stats().revision > revision
    assert later not in records(service)
    assert stored.items() <= records(service).items()
    assert service.verify().flaws == ()


@pytest.mark.databases("sqlite")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_backup_that_was_cut_or_altered_is_refused_or_is_what_it_was(
    data: st.DataObject, config: Config, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    if not whole.exists():
        with build_service(config) as service:
            add(service, tmp_path, "one")
        back_up(config, whole)
        unpack(whole, _emptied(tmp_path / "expected"))
    content = bytearray(whole.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "altered").write_bytes(content)
    try:
        unpack(tmp_path / "altered", _emptied(tmp_path / "unpacked"))
    except UnreadableInput:
        return
    assert _files(tmp_path / "unpacked") == _files(tmp_path / "expected")


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_refused_backup_changes_nothing(service: Service, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(config, file)
    file.write_bytes(file.read_bytes()[:20_000])
    stored, segments = records(service), sorted(config.index_folder.glob("*.segment"))
    with pytest.raises(UnreadableInput, match="was cut short"):
        restore(config, file, overwrite=True)
    assert (records(service), sorted(config.index_folder.glob("*.segment"))) == (stored, segments)
    assert not list(config.home.glob("restore-*"))


@pytest.mark.parametrize("name", ["../escaped", "/etc/attrib", "index/../../escaped", "index/.hidden", "notes.txt"])
def test_a_hostile_archive_leads_nowhere(config: Config, tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "backup", "w") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(UnreadableInput, match="is no backup of Attrib"):
        unpack(tmp_path / "backup", tmp_path)
    assert not (tmp_path.parent / "escaped").exists()


def test_a_backup_of_a_newer_version_or_of_the_other_kind_is_refused(
    service: Service, config: Config, elsewhere: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(config, tmp_path / "backup")
    other = "sqlite:////nowhere/attrib.db" if "postgresql" in config.database_url else "postgresql+psycopg://nowhere/a"
    with pytest.raises(AttribError, match="name one of its kind"):
        restore(replace(elsewhere, database_url=other), tmp_path / "backup", overwrite=True)

    def newer(file: Path, folder: Path) -> Manifest:
        return replace(archive.unpack(file, folder), revision="9999")

    monkeypatch.setattr("attrib.backups.restoring.unpack", newer)
    with pytest.raises(DatabaseError, match=r"revision 9999, so a newer version \(Attrib .*\) has written it"):
        restore(elsewhere, tmp_path / "backup")


@pytest.mark.databases("postgresql")
def test_without_postgresqls_programs_it_is_said_what_to_do(
    service: Service, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseError, match="pg_dump is not here: install the client programs of PostgreSQL, or copy"):
        back_up(config, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_the_commands_say_what_they_did(service: Service, config: Config, elsewhere: Config, tmp_path: Path) -> None:
    file = str(tmp_path / "backup")
    made = _run(config, "db", "backup", file, "--json")
    said = json.loads(made.stdout)
    assert (said["bytes"], said["index_revision"], len(said["segments"])) == (Path(file).stat().st_size, 3, 3)
    again = _run(config, "db", "backup", file)
    assert (again.exit_code, again.stderr) == (
        2,
        f"attrib: {file}: is there already: give --overwrite to replace it\n",
    )
    back = _run(elsewhere, "db", "restore", file)
    assert (back.exit_code, "revision 3 of the index in 3 segments" in back.stdout) == (0, True)


def _run(config: Config, *command: str) -> Any:
    return CliRunner().invoke(cli, ["--home", str(config.home), "--database-url", config.database_url, *command])
