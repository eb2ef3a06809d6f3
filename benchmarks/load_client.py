"""Asks a server from many connections at once, and says how long each answer took.

A process of its own, so that it does not share the server's interpreter: `python -m benchmarks.load_client ADDRESS
CLIENTS SECONDS BODIES` sends the lines of the file BODIES in turn, each client the next when it has the answer to the
one before, and prints one JSON object.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

WARMING_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load; times are in milliseconds, `errors` counts all that is no whole answer with status 200.

    `sent` are the requests, `requests` those of them that count: not the first ones.
    """

    sent: int
    requests: int
    errors: int
    per_second: float
    p50: float
    p95: float
    p99: float


async def load(address: str, clients: int, seconds: float, bodies: list[bytes]) -> Load:
    """Ask for so many seconds, behind a second that does not count."""
    parts = urlsplit(address)
    assert parts.hostname, address
    assert parts.port, address
    head = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    requests = itertools.cycle([f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies])
    begin = time.perf_counter() + WARMING_SECONDS
    end = begin + seconds
    asked = [_ask(parts.hostname, parts.port, requests, end) for _ in range(clients)]
    sent = [answer for one in await asyncio.gather(*asked) for answer in one]
    answers = [(taken, status) for begun, taken, status in sent if begun >= begin]
    times = sorted(taken for taken, status in answers if status == 200)
    errors = len(answers) - len(times)
    if not times:
        return Load(len(sent), len(answers), errors, 0.0, 0.0, 0.0, 0.0)
    p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.95, 0.99))
    return Load(len(sent), len(answers), errors, len(times) / seconds, p50, p95, p99)


async def _ask(host: str, port: int, requests: Iterator[bytes], end: float) -> list[tuple[float, float, int]]:
    answers = []
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while (now := time.perf_counter()) < end:
        try:
            if connection is None:
                connection = await asyncio.open_connection(host, port)
            reader, writer = connection
            writer.write(next(requests))
            status, kept = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            status, kept = 0, False
        if not kept and connection is not None:
            connection[1].close()
            connection = None
        answers.append((now, time.perf_counter() - now, status))
    if connection is not None:
        connection[1].close()
    return answers


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Read one answer whole; return its status and whether the connection may be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split(b" ", 2)[1]), b"connection: close" not in head


if __name__ == "__main__":
    bodies = Path(sys.argv[4]).read_bytes().splitlines()
    result = asyncio.run(load(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), bodies))
    json.dump(asdict(result), sys.stdout)
