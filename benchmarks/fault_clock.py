"""A clock that is wrong: what stands in for the module `time` where a leap of the wall clock is made."""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from attrib.config import load_config
from attrib.database import open_database
from attrib.errors import AttribError
from attrib.records import RecordKind, RecordStore
from benchmarks.fault_rows import FaultRow

_LEAPS = (0, 1, -1, 400, -400, 3650, 0)


@dataclass(frozen=True, slots=True)
class WrongClock:
    """Shows another time of day; what only counts seconds goes on as it is."""

    ahead: timedelta

    def time(self) -> float:
        """Return the seconds since 1970 that this clock shows."""
        return time.time() + self.ahead.total_seconds()

    def time_ns(self) -> int:
        """Return the same in nanoseconds."""
        return time.time_ns() + int(self.ahead.total_seconds()) * 10**9

    def monotonic(self) -> float:
        """Return seconds that no setting of a clock changes."""
        return time.monotonic()


def set_by(ahead: timedelta) -> WrongClock:
    """Return a clock that is so much ahead, or behind."""
    return WrongClock(ahead)


def leaping(folder: Path) -> FaultRow:
    """Store a record at each of several times of day, in no order, and look for all of them."""
    engine = open_database(load_config({"home": folder / "home"}, {}, folder).database_url)
    store = RecordStore(engine)
    saved: list[str] = []
    for days in _LEAPS:
        with patch("attrib.records.time", set_by(timedelta(days=days))):
            record = store.save(
                RecordKind.CHECK, status="clean", verdict="allow", index_revision="1", request={}, answer={}
            )
        saved.append(record.id)
    begun = time.perf_counter()
    listed = [one.id for one in store.list(limit=100).records]
    lost = sum(not _is_there(store, one) for one in saved)
    seconds = time.perf_counter() - begun
    engine.dispose()
    return FaultRow("the clock leaps", len(_LEAPS), lost, int(sorted(listed) != sorted(saved)), 0, seconds)


def _is_there(store: RecordStore, record_id: str) -> bool:
    try:
        return store.get(record_id).id == record_id
    except AttribError:
        return False
