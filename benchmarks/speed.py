"""How fast is the index built and searched, on one core, beside MinHash libraries over the same windows?

Run `make bench-speed`. The reference is `benchmarks.large_reference`. Building is from bytes in memory to a segment
that is durable, entered in the catalogue and searchable, in both views; the peers sign and insert the same windows of a
part of the same texts, in memory, and keep nothing. A check is of 200 lexemes: half are cut from the reference, half
from Python's standard library, which is not indexed. An audit searches whole files: those of the standard library.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from sysconfig import get_path

from attrib.database import open_database
from benchmarks.large_reference import large_reference, reference_texts
from benchmarks.window_peers import DatasketchWindows, RensaWindows, WindowPeer, windows_of
from index.entries import AdmittedFile, AdmittedSource
from index.languages import exclusion_reason
from index.lexer import lex
from index.lsh import IndexParams
from index.reference_index import ReferenceIndex
from index.writer import content_swhid

Clock = Callable[[], float]

_LEXEMES = 200
_PEER_BYTES = 1_500_000
_PEER_CHECKS = 40


def main() -> int:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=60, help="how much is built")
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--files", type=int, default=200, help="how many whole files are searched")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--processor-time", action="store_true", help="count that: for a machine that others use as well"
    )
    arguments = parser.parse_args()
    clock = time.process_time if arguments.processor_time else time.perf_counter
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    index = large_reference()
    texts = reference_texts(index, arguments.megabytes * 1_000_000, every=5)
    peers = _peers()
    _building(texts, peers, clock)
    _checking(index, arguments.checks, random.Random(arguments.seed), peers, clock)
    _whole_files(index, arguments.files, clock)
    return 0


def _peers() -> list[WindowPeer]:
    peers: list[WindowPeer] = [DatasketchWindows(IndexParams())]
    try:
        peers.append(RensaWindows(IndexParams()))
    except ModuleNotFoundError:
        print("rensa is not installed, and left out: pip install rensa", file=sys.stderr)
    return peers


def _building(texts: Sequence[tuple[bytes, str]], peers: Sequence[WindowPeer], clock: Clock) -> None:
    size = sum(len(text) for text, _ in texts)
    build(texts[:20])
    speeds = {"Attrib": statistics.median(size / 1e6 / _seconds(lambda: build(texts), clock) for _ in range(3))}
    part: list[bytes] = []
    for text, _ in texts:
        if sum(map(len, part)) < _PEER_BYTES:
            part.append(text)
    for peer in peers:
        speeds[peer.name] = sum(map(len, part)) / 1e6 / _seconds(lambda peer=peer: _add(peer, part), clock)  # type: ignore[misc]
    print(f"building, one core: {len(texts):,} files, {size / 1e6:.1f} MB (peers: {sum(map(len, part)) / 1e6:.1f} MB)")
    for name, speed in speeds.items():
        ratio = "" if name == "Attrib" else f"   Attrib is {speeds['Attrib'] / speed:.0f} times as fast"
        print(f"  {name:<12}{speed:>8.2f} MB/s{ratio}")


def _checking(
    index: ReferenceIndex, checks: int, generator: random.Random, peers: Sequence[WindowPeer], clock: Clock
) -> None:
    copies = cuts([text for text, _ in reference_texts(index, 80_000_000, every=7)], checks // 2, generator)
    others = cuts([text for text in _library() if len(text) > 3_000], checks // 2, generator)
    # Warm files: every text is searched once before any is timed.
    for text in (*copies, *others):
        index.search(text, "Python")
    totals = index.totals()
    print(f"checking {_LEXEMES} lexemes against {totals.lexemes:,} lexemes in {totals.segments} segments, one core")
    print(f"  {'':<38}{'median ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'checks/s':>10}")
    mixed = [text for pair in zip(copies, others, strict=True) for text in pair]
    for name, texts in (
        ("Attrib, code of the reference", copies),
        ("Attrib, other code", others),
        ("Attrib, both", mixed),
    ):
        _row(name, [_seconds(lambda text=text: index.search(text, "Python"), clock) for text in texts])  # type: ignore[misc]
    params = IndexParams()
    for peer in peers:
        _row(
            f"{peer.name}, tokenizer, signing, look-up",
            [
                _seconds(lambda peer=peer, text=text: peer.query(windows_of(text, params, whole_view=True)), clock)  # type: ignore[misc]
                for text in mixed[:_PEER_CHECKS]
            ],
        )


def _whole_files(index: ReferenceIndex, count: int, clock: Clock) -> None:
    library = _library()
    texts = library[:: max(1, len(library) // count)]
    # What is remembered of the reference fills up as it does in an audit; only compilation comes before.
    index.search(texts[0], "Python")
    taken = [_seconds(lambda text=text: index.search(text, "Python"), clock) for text in texts]  # type: ignore[misc]
    size = sum(map(len, texts)) / 1e6
    median, most = 1000 * statistics.median(taken), 1000 * max(taken)
    print(f"searching {len(texts)} whole files of the standard library, {size:.1f} MB, one core")
    print(f"  {size / sum(taken):.2f} MB/s, median {median:.1f} ms, at most {most:.0f} ms")


def _library() -> list[bytes]:
    """Return the standard library's files that are code."""
    places = [place for place in sorted(Path(get_path("stdlib")).rglob("*.py")) if "site-packages" not in place.parts]
    texts = [(place, place.read_bytes()) for place in places]
    return [text for place, text in texts if exclusion_reason(str(place), text) is None]


def _row(name: str, seconds: Sequence[float]) -> None:
    ordered = sorted(one * 1000 for one in seconds)
    shares = [ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99)]
    print(
        f"  {name:<38}"
        + "".join(f"{value:>10.2f}" for value in shares)
        + f"{1000 * len(ordered) / sum(ordered):>10.0f}"
    )


def build(texts: Sequence[tuple[bytes, str]]) -> None:
    """Build an index of texts in a folder of its own, and look whether it can be searched."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/attrib.db")
        index = ReferenceIndex(Path(folder, "index"), engine)
        with index.writer() as writer:
            swhids = [content_swhid(text) for text, _ in texts]
            missing = writer.missing(swhids)
            files = []
            for number, ((text, language), swhid) in enumerate(zip(texts, swhids, strict=True)):
                if swhid in missing and writer.add_content(swhid, text, language):
                    missing.discard(swhid)
                    files.append(AdmittedFile(f"file_{number}", swhid, "MIT", "given", ()))
            writer.add_source(
                AdmittedSource("pkg:generic/speed@1", None, "MIT", "given", (), (), tuple(files), (), "speed")
            )
        if not index.search(texts[0][0][:4000]).matches:
            raise RuntimeError("what was built cannot be searched")
        engine.dispose()


def _add(peer: WindowPeer, texts: Sequence[bytes]) -> None:
    params = IndexParams()
    for text in texts:
        windows = windows_of(text, params, whole_view=False)
        if windows:
            peer.add(windows)


def cuts(texts: Sequence[bytes], count: int, generator: random.Random, length: int = _LEXEMES) -> list[bytes]:
    """Return texts of exactly so many lexemes, each cut at random from another file."""
    found: list[bytes] = []
    order = list(texts)
    generator.shuffle(order)
    for text in order:
        lexemes = lex(text)
        if len(lexemes) > length:
            start = generator.randrange(len(lexemes) - length)
            found.append(text[int(lexemes.starts[start]) : int(lexemes.ends[start + length - 1])])
            if len(found) == count:
                break
    return found


def _seconds(run: Callable[[], object], clock: Clock) -> float:
    begun = clock()
    run()
    return clock() - begun


if __name__ == "__main__":
    sys.exit(main())
