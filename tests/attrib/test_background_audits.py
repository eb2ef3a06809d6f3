"""Audits in the background: archives wait, run, end, are cancelled, survive a stop, and a dead process is told."""

import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import update

from attrib.audits import store as audit_store
from attrib.audits.archive import archive_tree
from attrib.audits.store import Audit, AuditRow, AuditState
from attrib.audits.stored import stored_audit
from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from attrib.errors import AuditQueueFull, NoSuchRecord, UnreadableInput
from attrib.reports import json, text
from attrib.service import Service
from tests.index.packing import MIT, code, tarball, zipped
from tests.services.stored import everything_stored

pytestmark = pytest.mark.databases("sqlite", "postgresql")

COPY = code("walk")


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    limits = {"audit_queue": 3, "max_archive_bytes": 200_000}
    return load_config({"home": tmp_path / "home", "database_url": database_url, **limits}, {}, tmp_path)


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    folder = tmp_path / "walker"
    folder.mkdir()
    (folder / "LICENSE").write_text(MIT)
    (folder / "walk.py").write_text(COPY)
    with build_service(config) as service:
        service.add([str(folder)], purl="pkg:pypi/walker@1.0", license="MIT")
        yield service


def ended(service: Service, audit_id: str) -> Audit:
    until = time.monotonic() + 30
    while not (audit := service.uploads.store.get(audit_id)).state.is_final:
        assert time.monotonic() < until, audit
        time.sleep(0.02)
    return audit


def archives(config: Config) -> list[str]:
    return sorted(path.name for path in config.audits_folder.glob("*"))


def gone(config: Config) -> bool:
    until = time.monotonic() + 5
    while archives(config) and time.monotonic() < until:
        time.sleep(0.02)
    return not archives(config)


FILES = {"mine-1.0/walk.py": COPY, "mine-1.0/own.py": "x = 1\n", "mine-1.0/node_modules/a/b.js": "var a;\n",
         "mine-1.0/notes.md": "# Notes\n"}  # fmt: skip


@pytest.mark.parametrize("packed", [zipped(FILES), tarball(FILES), tarball(FILES, "w:xz"),
                                    zstandard.compress(tarball(FILES, "w"))])  # fmt: skip
def test_an_archive_is_audited_like_the_folder_it_was_made_of(
    service: Service, config: Config, tmp_path: Path, packed: bytes
) -> None:
    audit = ended(service, service.uploads.submit(io.BytesIO(packed), "mine.zip").id)
    assert (audit.state, audit.verdict, audit.reason) == (AuditState.DONE, "attribute", None)
    report = stored_audit(service.record(audit.id))
    for path, content in FILES.items():
        place = tmp_path / "mine" / path.removeprefix("mine-1.0/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    folder = service.audit(tmp_path / "mine")
    assert sorted((file.path, file.status) for file in report.files) == [
        (file.path, file.status) for file in folder.files
    ]
    assert sorted(report.left_out) == sorted(folder.left_out)
    assert [finding.as_json() for finding in report.findings] == [finding.as_json() for finding in folder.findings]
    assert audit.totals == folder.totals()
    assert (audit.files_done, audit.files) == (4, 4)
    assert gone(config)


def test_a_stored_report_is_written_as_it_was_at_first(service: Service, tmp_path: Path) -> None:
    renamed = COPY.replace("walk", "stroll").replace("values", "steps")
    for name, content in {"walk.py": COPY, "renamed.py": renamed, "own.py": "x = 1\n", "a.md": "# a\n"}.items():
        (tmp_path / "tree").mkdir(exist_ok=True)
        (tmp_path / "tree" / name).write_text(content)
    report = service.audit(tmp_path / "tree")
    assert {finding.match.kind.value for finding in report.findings} == {"exact", "renamed"}
    again = stored_audit(service.record(report.id))
    assert json.render(again).replace(str(round(again.seconds, 3)), "") == json.render(report).replace(
        str(round(report.seconds, 3)), ""
    )
    assert text.render(again).splitlines()[2:] == text.render(report).splitlines()[2:]


def test_files_with_findings_are_kept_as_they_were_sent(service: Service) -> None:
    sent = b"\xff # not utf-8\r\n" + COPY.encode()
    audit = ended(service, service.uploads.submit(io.BytesIO(zipped({"a.py": "x = 1\n", "b.py": sent})), "z").id)
    files = stored_audit(service.record(audit.id)).files
    assert [(file.path, bool(file.findings)) for file in files] == [("a.py", False), ("b.py", True)]
    assert service.uploads.store.text(audit.id, 0) is None
    assert service.uploads.store.text(audit.id, 1) == sent


def test_with_hashes_no_file_is_kept(service: Service, config: Config) -> None:
    hashes = replace(config, retention="hashes")
    marker = b"# zyzzyva_marker\n"
    with build_service(hashes) as private:
        audit = ended(private, private.uploads.submit(io.BytesIO(zipped({"b.py": marker + COPY.encode()})), "z").id)
        assert stored_audit(private.record(audit.id)).findings
        assert private.uploads.store.text(audit.id, 0) is None
        assert gone(hashes)
        stored = everything_stored(private.record_search.engine, config.home)
    assert audit.id.encode() in stored
    assert b"zyzzyva" not in stored


def _escaping() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("fine.py", "../../escaped.py"):
            archive.addfile(tarfile.TarInfo(name))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (_escaping(), "would lie outside it"),
        (zipped({"ok.py": "x = 1\n", **{f"{n}.py": b"\0" * 2_000_000 for n in range(80)}}), "unpacks to more than"),
    ],
)
def test_a_hostile_archive_fails_with_the_reason(service: Service, config: Config, packed: bytes, reason: str) -> None:
    audit = ended(service, service.uploads.submit(io.BytesIO(packed), "evil.tgz").id)
    assert audit.state is AuditState.FAILED
    assert "evil.tgz" in str(audit.reason)
    assert reason in str(audit.reason)
    with pytest.raises(NoSuchRecord):
        service.record(audit.id)
    assert gone(config)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"print('no archive')\n" * 99, "no archive"),
        (b"", "empty file"),
        (zipped({}), "no files"),
        (os.urandom(300_000), "at most 200,000"),
    ],
)
def test_what_is_no_archive_or_too_large_is_refused_at_once(
    service: Service, config: Config, sent: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableInput, match=reason):
        service.uploads.submit(io.BytesIO(sent), "a.zip")
    assert archives(config) == []
    assert service.uploads.store.page().audits == ()


class Held:
    """Keeps the audits of a service from going on until they may, and tells when one has begun."""

    def __init__(self, service: Service) -> None:
        self.begun = threading.Event()
        self.may_go_on = threading.Event()
        run = service.uploads._run

        def held(tree, **options):  # type: ignore[no-untyped-def]
            self.begun.set()
            while not self.may_go_on.wait(0.02):
                options["progress"](0, tree.count)
            return run(tree, **options)

        service.uploads._run = held  # type: ignore[assignment]


def submit(service: Service) -> Audit:
    return service.uploads.submit(io.BytesIO(zipped({"walk.py": COPY})), "walk.zip")


def test_audits_run_one_after_another_and_the_queue_is_bounded(service: Service, config: Config) -> None:
    held = Held(service)
    first = submit(service)
    assert held.begun.wait(10)
    waiting = [submit(service) for _ in range(3)]
    with pytest.raises(AuditQueueFull, match="3 audits wait already"):
        submit(service)
    states = {audit.id: audit.state for audit in service.uploads.store.page().audits}
    assert states == {first.id: "running", **{audit.id: "queued" for audit in waiting}}
    held.may_go_on.set()
    done = [ended(service, audit.id) for audit in (first, *waiting)]
    assert {audit.state for audit in done} == {AuditState.DONE}
    begun = [audit.started_at for audit in done if audit.started_at]
    assert begun == sorted(begun)
    assert gone(config)


def test_a_running_and_a_waiting_audit_are_cancelled(service: Service, config: Config) -> None:
    held = Held(service)
    running = submit(service)
    assert held.begun.wait(10)
    waiting = submit(service)
    assert service.uploads.cancel(waiting.id).state is AuditState.CANCELLED
    assert service.uploads.cancel(running.id).cancelling
    assert ended(service, running.id).state is AuditState.CANCELLED
    assert gone(config)
    with pytest.raises(NoSuchRecord):
        service.record(running.id)
    assert service.uploads.cancel(running.id).state is AuditState.CANCELLED
    with pytest.raises(NoSuchRecord):
        service.uploads.cancel("nothing")


def test_a_stop_puts_what_runs_back_and_the_next_process_finishes_it(service: Service, config: Config) -> None:
    held = Held(service)
    audit = submit(service)
    assert held.begun.wait(10)
    service.uploads.stop()
    assert service.uploads.store.get(audit.id).state is AuditState.QUEUED
    with build_service(config) as following:
        following.uploads.start()
        assert ended(following, audit.id).state is AuditState.DONE


KILLED = """
import io, sys
from pathlib import Path
from attrib.bootstrap import build_service
from attrib.config import load_config

given = {"home": Path(sys.argv[1]), "database_url": sys.argv[3]}
service = build_service(load_config(given, {}, Path(sys.argv[1])))
run = service.uploads._run
def held(tree, **options):
    print(options["record_id"], flush=True)
    while True:
        options["progress"](0, tree.count)
service.uploads._run = held
service.uploads.submit(io.BytesIO(Path(sys.argv[2]).read_bytes()), "walk.zip")
sys.stdin.read()
"""


def test_an_audit_whose_process_died_is_told_as_interrupted(
    service: Service, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "walk.zip"
    packed.write_bytes(zipped({"walk.py": COPY}))
    arguments = [str(config.home), str(packed), config.database_url]
    child = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    audit_id = child.stdout.readline().decode().strip()
    store = service.uploads.store
    assert store.get(audit_id).state is AuditState.RUNNING
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    assert store.get(audit_id).state is AuditState.RUNNING
    monkeypatch.setattr(audit_store, "SILENCE", timedelta(seconds=0.5))
    time.sleep(0.6)
    assert store.get(audit_id).state is AuditState.INTERRUPTED
    assert len(archives(config)) == 1
    service.uploads.start()
    assert gone(config)
    monkeypatch.undo()
    assert store.get(audit_id).state is AuditState.INTERRUPTED


def test_signs_of_life_keep_a_long_audit_running(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(service)
    audit = submit(service)
    assert held.begun.wait(10)
    store = service.uploads.store
    before = datetime.now(UTC) - timedelta(minutes=5)
    with service.record_search.engine.begin() as connection:
        connection.execute(update(AuditRow).values(beat_at=before))
    wait_until(lambda: store.get(audit.id).state is AuditState.RUNNING)
    held.may_go_on.set()
    assert ended(service, audit.id).state is AuditState.DONE


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_what_nobody_expected_fails_without_a_word_of_the_code(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    code_sent = "zyzzyva".upper()

    def broken(tree, **options):  # type: ignore[no-untyped-def]
        raise RuntimeError(code_sent)

    service.uploads._run = broken  # type: ignore[assignment]
    audit = ended(service, submit(service).id)
    assert audit.state is AuditState.FAILED
    assert code_sent not in str(audit.reason) + caplog.text
    assert "test_background_audits.py" in caplog.text


def test_globs_are_held_against_the_path_in_the_archive(tmp_path: Path) -> None:
    packed = tmp_path / "mine.zip"
    packed.write_bytes(zipped({"mine-1/vendor/a.py": "x = 1\n"}))
    (file,) = archive_tree(packed, "mine.zip").files
    from attrib.policy_exceptions import path_under_rules

    assert path_under_rules(str(file.place), file.path, Path.cwd()) == "vendor/a.py"


def test_with_its_record_an_audit_is_forgotten_and_its_name_is_gone_from_the_disk(
    service: Service, config: Config
) -> None:
    kept = ended(service, service.uploads.submit(io.BytesIO(zipped(FILES)), "kept.zip").id)
    audit = ended(service, service.uploads.submit(io.BytesIO(zipped(FILES)), "secret-customer.zip").id)
    assert b"secret-customer" in everything_stored(service.record_search.engine, config.home)
    service.delete_record(audit.id)
    assert [one.id for one in service.uploads.store.page().audits] == [kept.id]
    assert b"secret-customer" not in everything_stored(service.record_search.engine, config.home)


def test_audits_without_a_record_expire_with_the_records(service: Service, config: Config) -> None:
    failed = ended(service, service.uploads.submit(io.BytesIO(_escaping()), "secret-customer.tgz").id)
    assert failed.state is AuditState.FAILED
    assert service.expire_records(timedelta(days=1)) == 0
    assert service.uploads.store.get(failed.id) == failed
    assert service.expire_records(timedelta()) == 0
    assert service.uploads.store.page().audits == ()
    assert b"secret-customer" not in everything_stored(service.record_search.engine, config.home)
