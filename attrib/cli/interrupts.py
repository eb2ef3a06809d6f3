"""An interrupt as a wish to end well: what is at work stops, and what is done is kept whole."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Give an event that the first interrupt or termination sets while the block runs; a second one acts as usual."""
    wish = threading.Event()

    def interrupted(number: int, frame: FrameType | None) -> None:
        wish.set()
        restore()

    def restore() -> None:
        for one, usual in before.items():
            signal.signal(one, usual)

    before = {one: signal.signal(one, interrupted) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wish
    finally:
        restore()
