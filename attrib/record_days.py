"""What was found day by day, counted again at most every few seconds however often it is looked at."""

import threading
import time
from datetime import date

from attrib.record_search import DayCount, RecordSearch

SECONDS = 10.0


class RecentDays:
    """Remembers the last count for some seconds; safe to use from several threads."""

    def __init__(self, search: RecordSearch, seconds: float = SECONDS) -> None:
        self._search = search
        self._seconds = seconds
        self._counting = threading.Lock()
        self._counted: tuple[date, float, list[DayCount]] | None = None

    def since(self, day: date) -> list[DayCount]:
        """Return the counts of every day from this one on."""
        with self._counting:
            now = time.monotonic()
            if self._counted is None or self._counted[0] != day or now - self._counted[1] > self._seconds:
                self._counted = (day, now, self._search.by_day(day))
            return self._counted[2]
