"""How many checks a second does a server answer, how long does each take, and does its memory grow?

Run `python -m benchmarks.load` after `attrib index add installed` in the same ATTRIB_HOME. `attrib serve` runs as a
process of its own and is asked from another one over loopback, by 1, 8 and 64 clients that each wait for their answer,
with one worker and with two. In the same run a Flask route that does nothing is asked in the same way under the same
gunicorn settings: what it takes longer to check is ours. Every check has 200 lexemes, half of them are copies, and
every record is stored before its answer leaves. The processor time that the workers took for a request is told as
well: other work on the machine makes it wait, but hardly dearer.
"""

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from benchmarks.check_latency import LEXEMES, texts_of
from benchmarks.load_client import Load

CLIENTS = (1, 8, 64)
WORKERS = (1, 2)
AIM_MS = 15.0
AIM_CLIENTS = 8
SAMPLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server, and where it is asked."""

    process: subprocess.Popen[bytes]
    address: str

    def memory_mb(self) -> float:
        """Return the memory of its workers that is no file's, in MB."""
        lines = (line for pid in self._workers() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024

    def processor_seconds(self) -> float:
        """Return the processor time that its workers have taken until now."""
        taken = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in self._workers())
        return sum(int(ticks) for one in taken for ticks in one) / os.sysconf("SC_CLK_TCK")

    def _workers(self) -> list[str]:
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()


def main() -> int:
    """Print the tables; status 1 when a request failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each cell is measured")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    parser.add_argument("--minutes", type=float, default=0.0, help="how long memory is watched under 8 clients")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / "bodies"
        bodies.write_bytes(b"\n".join(_bodies(arguments.seed)))
        errors = _speed(bodies, arguments.seconds, arguments.workers, arguments.clients)
        if arguments.minutes:
            errors += _memory(bodies, arguments.minutes)
    print(f"requests that failed: {errors}")
    return 1 if errors else 0


def _bodies(seed: int, count: int = 400) -> list[bytes]:
    generator = random.Random(seed)
    copies = texts_of(Path(get_path("purelib")), count // 2, generator)
    library = Path(get_path("stdlib"))
    others = texts_of(library / "test", count // 2, generator) or texts_of(library, count // 2, generator)
    texts = copies + others
    generator.shuffle(texts)
    return [json.dumps({"code": text.decode("utf-8", "replace"), "language": "Python"}).encode() for text in texts]


def _speed(bodies: Path, seconds: float, numbers_of_workers: Sequence[int], numbers_of_clients: Sequence[int]) -> int:
    print(f"checks of {LEXEMES} lexemes over HTTP on {os.cpu_count()} cores, the clients among them; times in ms")
    columns = ("workers", "clients", "asked", "a second", "p50", "p95", "p99", "processor", "p50 ratio", "p95 ratio")
    print("".join(f"{column:>11}" for column in columns))
    errors = 0
    for workers in numbers_of_workers:
        with _bare(workers) as bare, _attrib(workers) as attrib:
            for clients in numbers_of_clients:
                cells = [_load(server, clients, seconds, bodies) for server in (bare, attrib)]
                (nothing, _), (checks, _) = cells
                for name, (load, processor) in zip(("bare", "check"), cells, strict=True):
                    _row(workers, clients, name, load, processor, nothing)
                    errors += load.errors
                if clients == AIM_CLIENTS:
                    met = "met" if checks.p95 < AIM_MS else "missed"
                    print(f"{'':>11}aim of p95 under {AIM_MS:g} ms at {clients} clients: {met}")
    return errors


def _row(workers: int, clients: int, name: str, load: Load, processor: float, bare: Load) -> None:
    ratios = (load.p50 / bare.p50, load.p95 / bare.p95) if bare.p95 else (0.0, 0.0)
    times = "".join(f"{value:>11.2f}" for value in (load.p50, load.p95, load.p99, processor, *ratios))
    print(f"{workers:>11}{clients:>11}{name:>11}{load.per_second:>11.0f}{times}", flush=True)


def _memory(bodies: Path, minutes: float) -> int:
    """Ask for so long and print how the workers' memory went; the first fifth of the time is for filling caches."""
    with _attrib(1) as server:
        client = _client(server, AIM_CLIENTS, minutes * 60, bodies)
        samples: list[tuple[float, float]] = []
        begun = time.monotonic()
        while client.poll() is None:
            samples.append(((time.monotonic() - begun) / 60, server.memory_mb()))
            time.sleep(SAMPLE_SECONDS)
        load = _result(client)
    settled = [sample for sample in samples if sample[0] > minutes / 5]
    slope = statistics.linear_regression(*zip(*settled, strict=True)).slope
    first, last = settled[0][1], settled[-1][1]
    print(
        f"memory over {minutes:g} minutes and {load.requests:,} checks: {first:.1f} MB after a fifth of it, "
        f"{last:.1f} MB at the end, {slope:+.3f} MB a minute"
    )
    return load.errors


@contextmanager
def _attrib(workers: int) -> Iterator[Running]:
    port = _free_port()
    command = [sys.executable, "-m", "attrib", "serve", "--port", str(port), "--workers", str(workers)]
    with _started(command, f"http://127.0.0.1:{port}/api/v1/check") as running:
        yield running


@contextmanager
def _bare(workers: int) -> Iterator[Running]:
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.load_bare", str(port), str(workers)]
    with _started(command, f"http://127.0.0.1:{port}/") as running:
        yield running


@contextmanager
def _started(command: Sequence[str], address: str) -> Iterator[Running]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(address, timeout=5).close()
            except urllib.error.HTTPError:
                break  # GET is not allowed there, so somebody answers
            except OSError:
                time.sleep(0.1)
        yield Running(process, address)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _load(server: Running, clients: int, seconds: float, bodies: Path) -> tuple[Load, float]:
    """Return what came of a load, and the processor time in ms that the server took for one request of it."""
    before = server.processor_seconds()
    load = _result(_client(server, clients, seconds, bodies))
    return load, 1000 * (server.processor_seconds() - before) / max(1, load.sent)


def _client(server: Running, clients: int, seconds: float, bodies: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.load_client", server.address, str(clients), str(seconds), str(bodies)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _result(client: subprocess.Popen[bytes]) -> Load:
    said, _ = client.communicate()
    return Load(**json.loads(said))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
