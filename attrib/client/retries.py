"""When a request is sent again, and after how long."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 503})
AT_WORK = 409


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent in all, the first pause in seconds (doubled each time), and the longest one.

    A server that says how long to wait is obeyed; where that is longer than `longest`, its answer stands.
    """

    tries: int = 4
    first: float = 0.5
    longest: float = 60.0

    def pause(self, tried: int, status: int, headers: Mapping[str, str]) -> float | None:
        """Return the seconds to wait before the next try, None where there is none.

        A 409 is waited for where the server says how long: the first of these requests is still at work there.
        """
        told = retry_after(headers.get("Retry-After"), datetime.now(UTC))
        if tried >= self.tries or not (status in BUSY or (status == AT_WORK and told is not None)):
            return None
        pause = self.lost(tried) if told is None else told
        return None if pause is None or pause > self.longest else pause

    def lost(self, tried: int) -> float | None:
        """Return the seconds to wait after a connection was lost."""
        if tried >= self.tries:
            return None
        # Spread, so that many clients do not come back at the same moment.
        pause: float = min(self.longest, self.first * 2 ** (tried - 1)) * random.uniform(0.75, 1.25)  # noqa: S311
        return pause


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, section 10.2.3), None where it cannot be read."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
