"""Deletes records that are too old while a server runs, in one of its processes at a time."""

import fcntl
import logging
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import IO

from attrib.logs import FIELDS
from attrib.service import Service

EVERY_SECONDS = 3_600.0
LEAP_SECONDS = 300.0
"""So much the clock may gain or lose between two looks; beyond it, what is old is not known until the next look."""

log = logging.getLogger(__name__)


class Expiry:
    """Expires records once at its start and then once an hour, on a thread of its own.

    The first process that takes the lock in the data folder does so until it ends; then another takes it over. A clock
    that leaps, by a mistake that is soon mended, deletes nothing.
    """

    def __init__(self, service: Service, home: Path, keep_days: int, every: float = EVERY_SECONDS) -> None:
        self._service = service
        self._place = home / "expiry.lock"
        self._age = timedelta(days=keep_days)
        self._every = every
        self._lock: IO[bytes] | None = None
        self._stopped = threading.Event()
        self._set_at = _clock_set_at()

    def start(self) -> None:
        """Begin; where nothing expires, nothing is begun."""
        if self._age:
            threading.Thread(target=self._run, name="expiry", daemon=True).start()

    def stop(self) -> None:
        """Expire no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                if self._ours() and self._clock_is_steady():
                    deleted = self._service.expire_records(self._age)
                    log.info("records expired", extra={FIELDS: {"deleted": deleted}})
            except Exception:
                # The next time may go better; what was deleted until then is deleted.
                log.exception("records could not be expired")
            self._stopped.wait(self._every)

    def _clock_is_steady(self) -> bool:
        before, self._set_at = self._set_at, _clock_set_at()
        if abs(self._set_at - before) <= LEAP_SECONDS:
            return True
        log.warning("the clock has leapt: no records are expired until it has kept its time for %.0f s", self._every)
        return False

    def _ours(self) -> bool:
        if self._lock is None:
            file = self._place.open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            self._lock = file
        return True


def _clock_set_at() -> float:
    """Return what the clock showed, in seconds, when the machine's count of seconds began; it changes as it is set."""
    return time.time() - time.monotonic()
