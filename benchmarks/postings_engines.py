"""What does it cost to keep the postings elsewhere: local segments, one Redis, a cluster, datasketch's Redis storage?

Run `python -m benchmarks.postings_engines`. The servers are started on loopback: no network lies between, and they
share the processors with the checks. A check is of 200 lexemes, half of them cut from the reference, half from
Python's standard library, one after another by one client. All engines must give the same answers, or the exit status
is 1. datasketch keeps a key and a name for every band of every window, so it gets a part of the reference, and signs
and looks up the same windows without any verification; the engines are measured over that part as well.

Last a primary of the cluster is killed under checks: how many were incomplete, wrong, and when all were whole again.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from sysconfig import get_path
from typing import Any

from datasketch import MinHash

from attrib.bootstrap import open_index
from attrib.config import LOCAL_POSTINGS, Config, load_config
from benchmarks.large_reference import NAME as LARGE
from benchmarks.large_reference import large_reference, reference_texts
from benchmarks.redis_servers import Cluster, Server, ServersMissing, cluster, one_server, wait_for
from benchmarks.reference_corpus import corpus_config
from benchmarks.speed import cuts
from benchmarks.window_peers import DatasketchWindows, windows_of
from index.entries import AdmittedFile, AdmittedSource
from index.lexer import lex
from index.lsh import IndexParams
from index.matches import SearchResult, SearchStatus
from index.reference_index import ReferenceIndex
from index.windows import query_keys
from index.writer import content_swhid

_LANGUAGE = "Python"
_PEER_CHECKS = 40
_MOST_POSTINGS = 32
# As docs/postings.md advises: what stands in a node is true whether or not the others agree who leads.
_ADVISED = ("--cluster-allow-reads-when-down", "yes", "--cluster-require-full-coverage", "no")


@dataclass(frozen=True, slots=True)
class Engine:
    """Where postings are kept: what `ATTRIB_POSTINGS` says, and the servers that hold them."""

    name: str
    postings: str
    servers: tuple[Server, ...]

    def memory(self) -> int:
        """Return the bytes that the servers use."""
        return sum(int(one.client.info("memory")["used_memory"]) for one in self.servers)


def main() -> int:
    """Print two tables and what a killed primary cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=600)
    parser.add_argument("--part-kilobytes", type=int, default=600, help="how much datasketch gets")
    parser.add_argument("--node-timeout-ms", type=int, default=5000, help="when the cluster takes a node for lost")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    large_reference()
    config = corpus_config(LARGE)
    chance = random.Random(arguments.seed)
    library = [place for place in sorted(Path(get_path("stdlib")).rglob("*.py")) if "site-packages" not in place.parts]
    others = cuts(
        [place.read_bytes() for place in library if place.stat().st_size > 3_000], arguments.checks // 2, chance
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            server = stack.enter_context(one_server(folder))
            nodes = stack.enter_context(cluster(folder, arguments.node_timeout_ms, _ADVISED))
        except ServersMissing as missing:
            print(missing, file=sys.stderr)
            return 2
        texts = reference_texts(open_index(config), 80_000_000, every=7)
        copies = cuts([text for text, _ in texts], arguments.checks // 2, chance)
        same = _table(config, [*copies, *others], server, nodes)
        _killed(open_index(replace(config, postings=nodes.url)), [*copies[:60], *others[:60]], nodes)
        for one in (server, *nodes.primaries()):
            one.client.flushall()
        part_texts = reference_texts(open_index(config), arguments.part_kilobytes * 1000, every=97)
        part = _built(folder, part_texts)
        part_copies = cuts([text for text, _ in part_texts] * 20, arguments.checks // 2, chance)
        same = _table(part, [*part_copies, *others], server, nodes) and same
        _datasketch(
            open_index(part).totals().lexemes,
            [text for text, _ in part_texts],
            [*part_copies[: _PEER_CHECKS // 2], *others[: _PEER_CHECKS // 2]],
            server,
        )
    print("every engine gave the same answers" if same else "the engines do NOT give the same answers")
    return 0 if same else 1


def _table(config: Config, texts: Sequence[bytes], server: Server, nodes: Cluster) -> bool:
    """Print a row for each engine; return whether all gave the same answers."""
    index = open_index(config)
    segments = index.reading().searched.segments
    postings = sum(len(segment.remainders) for segment in segments)
    lexemes = index.totals().lexemes
    print(f"{lexemes:,} lexemes, {postings:,} postings in {len(segments)} segments, {len(texts):,} checks")
    print(_HEAD)
    engines = (
        Engine("local segments", LOCAL_POSTINGS, ()),
        Engine("one Redis", f"redis://127.0.0.1:{server.port}", (server,)),
        Engine("cluster, 3 primaries", nodes.url, tuple(nodes.primaries())),
    )
    sizes: list[tuple[float, str]] = []
    for engine in engines:
        size, note = sum(segment.bytes_by_use()["postings"] for segment in segments), ""
        if engine.servers:
            empty = engine.memory()
            note = f"{index.load_postings(engine.postings).seconds:.1f} s to load"
            size = engine.memory() - empty
        sizes.append((size / postings, note))
    opened = [open_index(replace(config, postings=engine.postings)) for engine in engines]
    # Warm: every text is searched for once before any is timed.
    answers = [[one.search(text, _LANGUAGE) for text in texts] for one in opened]
    # One after the other for each text, so that all of them share in what else the machine does.
    seconds = [[_seconds(partial(one.search, text, _LANGUAGE)) for one in opened] for text in texts]
    lookups = _lookups(opened, texts)
    for place, (engine, (bytes_, note)) in enumerate(zip(engines, sizes, strict=True)):
        checks = [one[place] for one in seconds]
        _row(engine.name, lexemes, checks, [one[place] for one in lookups], bytes_, note)
    return all(found == answers[0] for found in answers) and _whole(answers)


_HEAD = (
    f"  {'engine':<24}{'lexemes':>12}{'checks/s':>10}{'p50 ms':>9}{'p99 ms':>9}"
    f"{'look-up p50':>13}{'p99':>8}{'bytes/posting':>15}"
)


def _whole(answers: Sequence[Sequence[SearchResult]]) -> bool:
    return not any(found.status is SearchStatus.INCOMPLETE for one in answers for found in one)


def _row(
    name: str, lexemes: int, checks: Sequence[float], lookups: Sequence[float], bytes_: float, note: str = ""
) -> None:
    def at(share: float, seconds: Sequence[float]) -> float:
        return sorted(seconds)[int(share * len(seconds))] * 1000

    shown = f"{at(0.5, lookups):>13.2f}{at(0.99, lookups):>8.2f}" if lookups else f"{'':>21}"
    rate = 1 / statistics.fmean(checks)
    times = f"{rate:>10,.0f}{at(0.5, checks):>9.2f}{at(0.99, checks):>9.2f}"
    print(f"  {name:<24}{lexemes:>12,}{times}{shown}{bytes_:>15.1f}  {note}", flush=True)


def _lookups(opened: Sequence[ReferenceIndex], texts: Sequence[bytes]) -> list[list[float]]:
    """Return how long the look-up of the keys of each text takes in each of some indexes."""
    stores = [index.reading().searched.postings for index in opened]
    asked = [query_keys(text, lex(text), opened[0].params).keys for text in texts]
    return [[_seconds(partial(store.lookup, keys, _MOST_POSTINGS)) for store in stores] for keys in asked]


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _built(folder: Path, texts: Sequence[tuple[bytes, str]]) -> Config:
    """Build an index of a part of the reference in a home of its own."""
    config = load_config({"home": folder / "part"}, {}, folder)
    with open_index(config).writer() as writer:
        files: list[AdmittedFile] = []
        for text, language in texts:
            swhid = content_swhid(text)
            if writer.missing([swhid]) and writer.add_content(swhid, text, language):
                files.append(AdmittedFile(f"file_{len(files)}", swhid, "MIT", "given", ()))
        name = "pkg:generic/part@1"
        writer.add_source(AdmittedSource(name, None, "MIT", "given", (), (), tuple(files), (), "part"))
    return config


class RedisWindows(DatasketchWindows):
    """datasketch's MinHashLSH over its storage in Redis, filled as its documentation advises."""

    name = "datasketch in Redis"

    def add(self, windows: Sequence[Sequence[bytes]]) -> None:
        """Sign windows of shingles and insert them, many in one round trip."""
        with self._lsh.insertion_session() as session:
            for signed in MinHash.bulk(windows, num_perm=self._view.permutations):
                session.insert(self._count, signed, check_duplication=False)
                self._count += 1


def _datasketch(lexemes: int, texts: Sequence[bytes], checks: Sequence[bytes], server: Server) -> None:
    server.client.flushall()
    params = IndexParams()
    storage: dict[str, Any] = {
        "type": "redis",
        "basename": b"windows",
        "redis": {"host": "127.0.0.1", "port": server.port},
    }
    peer = RedisWindows(params, storage)
    empty = int(server.client.info("memory")["used_memory"])
    windows = 0
    begun = time.perf_counter()
    for text in texts:
        cut = windows_of(text, params, whole_view=False)
        if cut:
            peer.add(cut)
            windows += len(cut)
    loading = time.perf_counter() - begun
    size = int(server.client.info("memory")["used_memory"]) - empty
    seconds = [_seconds(partial(_ask, peer, text, params)) for text in checks]
    postings = windows * params.exact.bands
    note = f"{loading:.1f} s to sign and load {windows:,} windows of {params.exact.bands} bands; no verification"
    _row(peer.name, lexemes, seconds, (), size / postings, note)


def _ask(peer: DatasketchWindows, text: bytes, params: IndexParams) -> int:
    return peer.query(windows_of(text, params, whole_view=True))


@dataclass(slots=True)
class _Asking:
    """Checks without a pause, and what came of them: when each ended, how long it took, whether it was whole."""

    ended: list[tuple[float, float, bool]] = field(default_factory=list)
    wrong: int = 0


@contextmanager
def _asking(index: ReferenceIndex, texts: Sequence[bytes], expected: Sequence[SearchResult]) -> Iterator[_Asking]:
    told, over = _Asking(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            for text, right in zip(texts, expected, strict=True):
                begun = time.monotonic()
                found = index.search(text, _LANGUAGE)
                whole = found.status is not SearchStatus.INCOMPLETE
                told.ended.append((time.monotonic(), time.monotonic() - begun, whole))
                told.wrong += whole and found != right

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join()


def _killed(index: ReferenceIndex, texts: Sequence[bytes], nodes: Cluster) -> None:
    """Kill a primary under checks, and say what came of it."""
    expected = [index.search(text, _LANGUAGE) for text in texts]
    primary = nodes.primaries()[0]
    with _asking(index, texts, expected) as told:
        time.sleep(2)
        at = time.monotonic()
        primary.kill()
        wait_for(nodes.is_ok, "another primary", 60)
        elected = time.monotonic() - at
        time.sleep(4)
    after = [one for one in told.ended if one[0] > at]
    incomplete = [ended - at for ended, _, whole in after if not whole]
    slowest = max(took for _, took, _ in after)
    span = f"{min(incomplete):.1f} to {max(incomplete):.1f} s after it" if incomplete else "never"
    print(
        f"a primary killed under checks: {len(after):,} checks since, {len(incomplete):,} of them incomplete ({span}), "
        f"{told.wrong} wrong; slowest {slowest * 1000:.0f} ms; another primary after {elected:.1f} s"
    )
    primary.start()
    wait_for(nodes.is_well, "the old primary as a replica", 120)


if __name__ == "__main__":
    sys.exit(main())
