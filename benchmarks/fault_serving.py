"""What befalls a running server: a worker dies, clients vanish or dawdle, the database goes away and comes back."""

import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks.fault_index import add, made_code
from benchmarks.fault_rows import FaultRow
from benchmarks.served import Served, SlowModel
from web.server import THREADS

_WORDS = [f"value_{number} = {number}\n" for number in range(200)]
_CHECK = {"code": made_code(0), "language": "python"}
_GENERATE = {"prompt": "import os\n", "max_new_tokens": 400}
_UNLIMITED = {"ATTRIB_RATE_LIMIT": "off"}


def worker_killed(folder: Path, times: int) -> FaultRow:
    """Kill a worker in the middle of a generation; nothing half is recorded, and the other worker answers."""
    home = _home(folder)
    lost = wrong = unhealed = 0
    longest = 0.0
    with (
        SlowModel(_WORDS, pause=0.02) as model,
        Served(home, ["--workers", "2"], _UNLIMITED | {"ATTRIB_MODEL": model.name}) as served,
        ThreadPoolExecutor(2) as pool,
    ):
        for _ in range(times):
            before = _records(served)
            model.writing.clear()
            asked = pool.submit(_broken, served)
            model.writing.wait(30)
            victim = _busiest(served)
            os.kill(victim, signal.SIGKILL)
            begun = time.perf_counter()
            # A connection that waited at the dead worker breaks; the next one is answered.
            wrong += not _until(lambda: _answers(served), 30)
            longest = max(longest, time.perf_counter() - begun)
            broken = asked.result(timeout=60)
            checks = _records(served) - before
            wrong += not broken
            lost += not checks
            wrong += any(_kind(served, one) == "generation" for one in checks)
            unhealed += not _until(partial(_replaced, served, victim), 30)
    return FaultRow("a worker is killed in the middle of a generation", times, lost, wrong, unhealed, longest)


def clients_vanish(folder: Path, clients: int) -> FaultRow:
    """Have clients leave in the middle of their request or of their answer."""
    home = _home(folder)
    with (
        SlowModel(_WORDS, pause=0.005) as model,
        Served(home, (), _UNLIMITED | {"ATTRIB_MODEL": model.name}) as served,
    ):
        for number in range(clients):
            with closing(socket.create_connection(("127.0.0.1", served.port))) as connection:
                stream = b'{"prompt": "a", "stream": true, "max_new_tokens": 400}'
                body = stream if number % 2 else b"{"
                length = len(stream) if number % 2 else 900
                path = "generate" if number % 2 else "check"
                connection.sendall(_head(path, length) + body)
                time.sleep(0.02)
        begun = time.perf_counter()
        wrong = not _answers(served)
        seconds = time.perf_counter() - begun
        idle = _until(lambda: _in_flight(served) == 1, 60)
        return FaultRow("clients vanish", clients, 0, int(wrong), int(not idle), seconds)


def clients_dawdle(folder: Path, clients: int = 2 * THREADS) -> FaultRow:
    """Have more clients than there are threads send a byte a second, and others ask meanwhile."""
    home = _home(folder)
    with Served(home, (), _UNLIMITED) as served:
        dawdling = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(clients)]
        for number, one in enumerate(dawdling):
            head = _head("check", 100_000)
            # Half of them dawdle within the head already.
            one.sendall(head if number % 2 else head[:40])
        begun = time.perf_counter()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(_answers, served)
            while not asked.done() and time.perf_counter() - begun < 120:
                for one in dawdling:
                    with suppress(OSError):
                        one.send(b"x")
                time.sleep(1)
            wrong = not asked.result(timeout=1)
        seconds = time.perf_counter() - begun
        for one in dawdling:
            one.close()
        return FaultRow("clients send one byte a second", clients, 0, int(wrong), 0, seconds)


def database_away(folder: Path, times: int) -> FaultRow:
    """Move the database's files away while it is served, ask, and move them back."""
    home = _home(folder)
    away = folder / "away"
    away.mkdir()
    wrong = unhealed = 0
    longest = 0.0
    acknowledged: list[str] = []
    with Served(home, ["--workers", "2"], _UNLIMITED) as served:
        for _ in range(times):
            acknowledged += [served.send("/api/v1/check", _CHECK).json["id"] for _ in range(6)]
            files = sorted(home.glob("attrib.db*"))
            for one in files:
                one.rename(away / one.name)
            for _ in range(6):
                answer = served.send("/api/v1/check", _CHECK)
                # Refused, and not with words that say nothing.
                wrong += answer.status != 503 or (home / "attrib.db").exists()
            for one in away.iterdir():
                one.rename(home / one.name)
            begun = time.perf_counter()
            unhealed += not _until(lambda: _answers(served), 30)
            longest = max(longest, time.perf_counter() - begun)
        lost = sum(served.ask("GET", f"/api/v1/records/{one}").status != 200 for one in acknowledged)
    return FaultRow("the database's file is moved away and back", times, lost, wrong, unhealed, longest)


def _home(folder: Path) -> Path:
    home = folder / "home"
    add(home, 0)
    return home


def _head(route: str, length: int) -> bytes:
    return (
        f"POST /api/v1/{route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def _broken(served: Served) -> bool:
    """Ask for a generation and tell whether its connection broke."""
    try:
        served.send("/api/v1/generate", _GENERATE)
    except (OSError, HTTPException):
        return True
    return False


def _answers(served: Served) -> bool:
    """Tell whether a check is answered as it should be."""
    try:
        answer = served.send("/api/v1/check", _CHECK)
    except (OSError, HTTPException):
        return False
    return answer.status == 200 and answer.json["status"] == "matched"


def _records(served: Served) -> set[str]:
    return {one["id"] for one in served.ask("GET", "/api/v1/records?limit=100").json["records"]}


def _kind(served: Served, record_id: str) -> str:
    kind: Any = served.ask("GET", f"/api/v1/records/{record_id}").json["kind"]
    return str(kind)


def _in_flight(served: Served) -> int:
    for line in served.ask("GET", "/metrics").body.decode().splitlines():
        if line.startswith("attrib_http_requests_in_flight"):
            return int(float(line.split()[-1]))
    return 0


def _busiest(served: Served) -> int:
    """Return the worker that has a connection to the model server: it is the one that generates."""

    def sockets(pid: int) -> int:
        return sum(os.readlink(one).startswith("socket:") for one in Path(f"/proc/{pid}/fd").iterdir())

    return max(served.workers(), key=sockets)


def _replaced(served: Served, gone: int) -> bool:
    workers = served.workers()
    return len(workers) == 2 and gone not in workers


def _until(true: Callable[[], bool], seconds: float) -> bool:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if true():
            return True
        time.sleep(0.1)
    return False
