"""Does a server stay as it is? Mixed work for as long as you like, and its memory, files, threads and times over it.

    python -m benchmarks.soak [--minutes N]

`attrib serve` runs with two workers over a small index of its own and a model server that writes slowly. Checks,
generations (whole and streamed), audits of archives, and listed records are asked for side by side, while another
process adds, removes and merges sources. Status 1 where a request failed, a source that is there throughout was not
found, or memory, open files or threads grew.
"""

import argparse
import io
import json
import statistics
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from benchmarks.fault_index import add, made_code, opened, purl
from benchmarks.served import Answer, Served, SlowModel
from index.errors import IndexBusy

SAMPLE_SECONDS = 5.0
PAUSE_SECONDS = 0.1
"""Between the requests of a client: the aim is to see what grows, not how much goes through."""

MOST_MB_A_MINUTE = 2.0
MOST_GROWN = 8.0
"""Open files, or threads, over the whole run: what goes up and down by some from one moment to the next."""

_CODE = made_code(0)
_WORDS = ("import os\n", *(f"value_{number} = {number}\n" for number in range(20)))


@dataclass(frozen=True, slots=True)
class Sample:
    """What the workers hold at a moment, all together; memory is what is no file's, in MB."""

    minute: float
    memory_mb: float
    files: int
    threads: int


@dataclass(slots=True)
class Work:
    """What was asked for so far: how often, how long it took, and what failed."""

    seconds: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def done(self, kind: str, at: float, seconds: float, failure: str | None) -> None:
        """Note one."""
        with self.lock:
            self.seconds.setdefault(kind, []).append((at, seconds))
            if failure is not None:
                self.failed[f"{kind}: {failure}"] += 1


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args().minutes
    settings = {"ATTRIB_RATE_LIMIT": "off"}
    with tempfile.TemporaryDirectory() as folder, SlowModel(_WORDS, pause=0.02) as model:
        home = Path(folder) / "home"
        add(home, 0)
        with Served(home, ["--workers", "2"], settings | {"ATTRIB_MODEL": model.name}) as served:
            work, samples = _soak(served, home, minutes)
        with opened(home) as index:
            sound = not index.verify().flaws
    return _told(work, samples, minutes, sound)


def _soak(served: Served, home: Path, minutes: float) -> tuple[Work, list[Sample]]:
    begun = time.monotonic()
    end = begun + minutes * 60
    work = Work()
    asks: Sequence[tuple[str, Callable[[], str | None]]] = (
        ("check", lambda: _check(served)),
        ("check", lambda: _check(served)),
        ("generate", lambda: _generate(served, stream=False)),
        ("stream", lambda: _generate(served, stream=True)),
        ("audit", lambda: _audit(served)),
        ("records", lambda: _records(served)),
        ("ingest", lambda: _ingest(home)),
    )

    def go_on(kind: str, ask: Callable[[], str | None]) -> None:
        while time.monotonic() < end:
            at = time.monotonic()
            try:
                failure = ask()
            except (OSError, HTTPException) as error:
                failure = type(error).__name__
            work.done(kind, at - begun, time.monotonic() - at, failure)
            time.sleep(PAUSE_SECONDS)

    with ThreadPoolExecutor(len(asks)) as pool:
        going = [pool.submit(go_on, *one) for one in asks]
        samples = []
        while time.monotonic() < end:
            samples.append(_sample(served, (time.monotonic() - begun) / 60))
            time.sleep(SAMPLE_SECONDS)
        for one in going:
            one.result()
    return work, samples


def _sample(served: Served, minute: float) -> Sample:
    memory = files = threads = 0
    for pid in served.workers():
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            memory += int(line.split()[1]) if line.startswith("RssAnon:") else 0
            threads += int(line.split()[1]) if line.startswith("Threads:") else 0
        files += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Sample(minute, memory / 1024, files, threads)


def _check(served: Served) -> str | None:
    answer = served.send("/api/v1/check", {"code": _CODE, "language": "python"})
    if answer.status != 200:
        return _problem(answer)
    return None if answer.json["status"] == "matched" else f"wrongly {answer.json['status']}"


def _generate(served: Served, stream: bool) -> str | None:
    body = {"prompt": "import os\n", "max_new_tokens": 60, "stream": stream}
    answer = served.send("/api/v1/generate", body)
    if answer.status != 200:
        return _problem(answer)
    return None if not stream or b"event: done" in answer.body else "a stream without an end"


def _audit(served: Served) -> str | None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("copied.py", _CODE)
        archive.writestr("own.py", made_code(uuid.uuid4().int))
    mark = uuid.uuid4().hex
    part = f'--{mark}\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\n'
    body = part.encode() + packed.getvalue() + f"\r\n--{mark}--\r\n".encode()
    answer = served.ask("POST", "/api/v1/audits", body, Content_Type=f"multipart/form-data; boundary={mark}")
    if answer.status != 202:
        return _problem(answer)
    address = f"/api/v1/audits/{answer.json['id']}"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        asked = served.ask("GET", address)
        if asked.status != 200:
            return f"asked how far it is: {_problem(asked)}"
        if asked.json["state"] not in ("queued", "running"):
            return None if asked.json["state"] == "done" else str(asked.json["state"])
        time.sleep(PAUSE_SECONDS)
    return "not through within a minute"


def _records(served: Served) -> str | None:
    answer = served.ask("GET", "/api/v1/records?limit=20")
    return None if answer.status == 200 else _problem(answer)


def _problem(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200].decode('utf-8', 'replace')}"


def _ingest(home: Path) -> str | None:
    try:
        add(home, 1)
        with opened(home) as index:
            index.catalog.remove(purl(1))
            index.merge()
    except IndexBusy:
        return "busy"
    time.sleep(1)
    return None


def _told(work: Work, samples: Sequence[Sample], minutes: float, sound: bool) -> int:
    """Print what came of it, and return the status."""
    print(f"{'minute':>8}{'memory MB':>12}{'files':>8}{'threads':>9}")
    for sample in samples[:: max(1, len(samples) // 12)]:
        print(f"{sample.minute:>8.1f}{sample.memory_mb:>12.1f}{sample.files:>8}{sample.threads:>9}")
    print(f"\n{'asked':<10}{'times':>8}{'p50 ms, first half':>20}{'second half':>13}{'p99 ms':>10}")
    for kind, taken in sorted(work.seconds.items()):
        halves = [[s for at, s in taken if (at < minutes * 30) == first] or [0.0] for first in (True, False)]
        first, second = (statistics.median(half) * 1000 for half in halves)
        every = sorted(seconds for _, seconds in taken)
        print(f"{kind:<10}{len(taken):>8}{first:>20.1f}{second:>13.1f}{every[int(len(every) * 0.99)] * 1000:>10.1f}")
    settled = [sample for sample in samples if sample.minute > minutes / 3] or list(samples)
    slope = _slope(settled, lambda sample: sample.memory_mb)
    grown = _slope(settled, _files) * minutes, _slope(settled, _threads) * minutes
    print(f"\nfailed requests: {sum(work.failed.values())} {json.dumps(work.failed) if work.failed else ''}")
    print(
        f"behind the first third: memory {slope:+.2f} MB a minute, files {grown[0]:+.1f}, threads {grown[1]:+.1f} a run"
    )
    print(f"the index afterwards is {'whole' if sound else 'NOT whole'}")
    leaks = slope > MOST_MB_A_MINUTE or max(grown) > MOST_GROWN
    return 1 if work.failed or leaks or not sound else 0


def _files(sample: Sample) -> float:
    return sample.files


def _threads(sample: Sample) -> float:
    return sample.threads


def _slope(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    if len(samples) < 2:
        return 0.0
    return statistics.linear_regression([one.minute for one in samples], [of(one) for one in samples]).slope


if __name__ == "__main__":
    sys.exit(main())
