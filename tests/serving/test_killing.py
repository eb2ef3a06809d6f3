"""A server that is killed in the middle of its work has stored everything that it answered."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from served import Served

from tests.web.recorded import CODE


def test_nothing_that_was_answered_is_lost(home: Path) -> None:
    answered: list[str] = []

    def ask_on(served: Served) -> None:
        while True:
            try:
                answered.append(served.send("/api/v1/check", {"code": CODE.decode()}).json["id"])
            except (OSError, HTTPException):
                return

    with ThreadPoolExecutor(8) as pool, Served(home, ["--workers", "2"]) as served:
        asking = [pool.submit(ask_on, served) for _ in range(8)]
        end = time.monotonic() + 30
        while len(answered) < 150 and time.monotonic() < end:
            time.sleep(0.01)
        os.killpg(served.process.pid, signal.SIGKILL)
        for one in asking:
            one.result(timeout=30)
    assert len(answered) >= 150
    with Served(home) as again:
        lost = [one for one in answered if again.ask("GET", f"/api/v1/records/{one}").status != 200]
    assert lost == []
