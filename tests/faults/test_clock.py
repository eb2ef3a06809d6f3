"""A clock that is set back or leaps ahead: nothing is deleted, opened or lost by it."""

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from attrib import records
from attrib.errors import KeyRefused
from attrib.expiry import Expiry
from attrib.keys import KeyStore
from attrib.records import RecordKind, RecordStore
from attrib.scopes import Scope
from benchmarks.fault_clock import set_by

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_clock_that_is_set_back_opens_no_key_that_was_revoked(engine: Engine) -> None:
    _, text = KeyStore(engine, lambda: NOW).create("ci", frozenset({Scope.CHECK}))
    KeyStore(engine, lambda: NOW).revoke("ci")
    with pytest.raises(KeyRefused, match="was revoked"):
        KeyStore(engine, lambda: NOW - timedelta(days=400)).admitted(text.text)


class Kept:
    """A service that counts how often it was told to delete what is old."""

    def __init__(self) -> None:
        self.expired = 0

    def expire_records(self, age: timedelta) -> int:
        self.expired += 1
        return 0


def test_a_leap_of_the_clock_deletes_nothing_until_it_has_lasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = Kept()
    expiry = Expiry(service, tmp_path, keep_days=30, every=0.05)  # type: ignore[arg-type]
    monkeypatch.setattr("attrib.expiry.time", set_by(timedelta(days=3650)))
    with caplog.at_level(logging.WARNING):
        expiry.start()
        until = time.monotonic() + 10
        while not service.expired and time.monotonic() < until:
            time.sleep(0.01)
        expiry.stop()
    assert "the clock has leapt" in caplog.text
    # It has kept its time since, so that it is the clock's own.
    assert service.expired


def test_records_from_before_and_after_a_leap_are_all_listed_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RecordStore(engine)
    saved: list[str] = []
    for days in (0, 30, -30, 0):
        monkeypatch.setattr(records, "time", set_by(timedelta(days=days)))
        record = store.save(
            RecordKind.CHECK, status="clean", verdict="allow", index_revision="1", request={}, answer={}
        )
        saved.append(record.id)
    listed, cursor = [], None
    while True:
        page = store.list(limit=1, cursor=cursor)
        listed += [one.id for one in page.records]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(listed) == sorted(saved)
    assert all(store.get(one).id == one for one in saved)


def test_a_server_whose_clock_is_right_goes_on_expiring(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = Kept()
    expiry = Expiry(service, tmp_path, keep_days=30, every=60)  # type: ignore[arg-type]
    expiry.start()
    until = time.monotonic() + 10
    while not service.expired and time.monotonic() < until:
        time.sleep(0.01)
    expiry.stop()
    assert service.expired == 1
    assert "leapt" not in caplog.text
