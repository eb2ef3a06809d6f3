"""How many checks are worked at at once, and how long one may take.

Threads that share an interpreter do not check faster together than one does alone: they take turns at it, and every
turn costs. So one is at work in a process, and the others wait in the order in which they came; what more cores are
for is more processes. A long text does not keep the short ones waiting: long ones have a place of their own.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from attrib.errors import CheckTimedOut, TooManyChecks

LONG_BYTES = 16_000
"""From this size on a text is long: it takes more than a tenth of a second."""
MOST_LONG_WAITING = 3
"""So many long checks may wait for the one that is at work; more would take every thread of a server."""

Answer = TypeVar("Answer")


class CheckGate:
    """Lets checks in, so many at once, each for so many seconds, waiting included.

    Without a number of seconds each may take as long as it likes, and as many long ones may wait as come.
    """

    def __init__(self, at_once: int = 1, seconds: float | None = None) -> None:
        self._short = _Places(at_once)
        self._long = _Places(1, None if seconds is None else MOST_LONG_WAITING)
        self._seconds = seconds

    def through(self, size: int, check: Callable[[], Answer]) -> Answer:
        """Do a check of a text of so many bytes when it is its turn, and return what comes of it in time.

        Raises TooManyChecks where its turn does not come, CheckTimedOut where the check itself takes too long, and
        what it raises.
        """
        deadline = _Deadline(self._seconds)
        places = self._long if size >= LONG_BYTES else self._short
        if not places.enter(deadline.left()):
            raise TooManyChecks("as many checks are at work as there is room for.")
        if places is self._long and self._seconds is not None:
            answer = self._watched(check, deadline)
        else:
            try:
                answer = check()
            finally:
                places.leave()
        if deadline.left() == 0:
            raise self._late()
        return answer

    def _watched(self, check: Callable[[], Answer], deadline: "_Deadline") -> Answer:
        """Wait for a long check only while there is time; one that is given up keeps its place until it ends."""
        outcome: Future[Answer] = Future()

        def run() -> None:
            try:
                outcome.set_result(check())
            except BaseException as error:
                outcome.set_exception(error)
            finally:
                self._long.leave()

        threading.Thread(target=run, name="long check", daemon=True).start()
        try:
            return outcome.result(deadline.left())
        except TimeoutError:
            if outcome.done():
                raise
            raise self._late() from None

    def _late(self) -> CheckTimedOut:
        return CheckTimedOut(
            f"the check was not done within {self._seconds:g} seconds, so nothing is known of the code."
        )


class _Deadline:
    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        """Return the seconds that are left, 0 at least; None where there is no end."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())


class _Places:
    """So many places, given to those who wait in the order in which they came; `most_waiting` None is no bound."""

    def __init__(self, number: int, most_waiting: int | None = None) -> None:
        self._lock = threading.Lock()
        self._free = number
        self._waiting: deque[threading.Lock] = deque()
        self._most_waiting = most_waiting

    def enter(self, seconds: float | None) -> bool:
        """Take a place, waiting for it so long; tell whether there was one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if self._most_waiting is not None and len(self._waiting) >= self._most_waiting:
                return False
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=-1 if seconds is None else seconds):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        # It was handed over at the very last moment.
        return True

    def leave(self) -> None:
        """Hand the place to whoever has waited longest, or leave it free."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
