"""How do building, searching, memory and disk grow with the reference?

Run `make bench-growth`. The index grows in stages to 500 million lexemes: real code of `benchmarks.large_reference` as
far as it goes, then the same files with other words (`benchmarks.synthetic_code`). At each stage a fresh process opens
the index and checks 200 texts of 200 lexemes, half of them copies; its memory is what it holds of its own (anonymous
memory: what is mapped belongs to the page cache), less that of a process that checks against the first stage.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from attrib.bootstrap import open_index
from benchmarks.large_reference import large_reference, reference_texts
from benchmarks.reference_corpus import BENCH, corpus_config
from benchmarks.speed import cuts
from benchmarks.synthetic_code import rewritten
from index.entries import AdmittedFile, AdmittedSource
from index.merge import many_small
from index.reference_index import ReferenceIndex
from index.writer import content_swhid

_NAME = "growth"
_STAGES = (1, 4, 16, 64, 128, 256, 500)
_FILES_A_SOURCE = 400
_CHECKS = 200


@dataclass(slots=True)
class Material:
    """Texts one after another: the real ones, then the same ones rewritten, round after round."""

    texts: list[tuple[bytes, str]]

    def endless(self) -> Iterator[tuple[bytes, str, bool]]:
        """Yield text, language, and whether it is real."""
        yield from ((text, language, True) for text, language in self.texts)
        seed = 0
        while True:
            seed += 1
            yield from ((rewritten(text, seed), language, False) for text, language in self.texts)


@dataclass(slots=True)
class _Grown:
    """What was added, and how long it took."""

    bytes: int = 0
    real_bytes: int = 0
    seconds: float = 0.0

    @property
    def speed(self) -> float:
        """Megabytes a second."""
        return self.bytes / 1e6 / self.seconds


def main() -> int:
    """Print a row a stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, default=500, help="where to stop")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if arguments.measure:
        print(json.dumps(_measured()))
        return 0
    shutil.rmtree(BENCH / _NAME, ignore_errors=True)
    material = Material(reference_texts(large_reference(), 10**12))
    random.Random(1).shuffle(material.texts)
    index = open_index(corpus_config(_NAME))
    stream = material.endless()
    print(
        f"{'lexemes':>13}{'of it real':>11}{'segments':>9}{'build':>8}{'merge':>8}{'disk/source':>12}{'postings':>9}"
        f"{'texts':>7}{'catalogue':>10}{'median':>8}{'p99':>8}{'memory':>9}"
    )
    print(f"{'':>13}{'':>11}{'':>9}{'MB/s':>8}{'s':>8}{'':>12}{'':>9}{'':>7}{'':>10}{'ms':>8}{'ms':>8}{'MB':>9}")
    base = 0.0
    all_bytes, real_bytes = 0, 0
    for millions in (stage for stage in _STAGES if stage <= arguments.millions):
        grown = _grown(index, stream, millions * 1_000_000)
        all_bytes, real_bytes = all_bytes + grown.bytes, real_bytes + grown.real_bytes
        begun = time.perf_counter()
        index.merge(many_small)
        merged = time.perf_counter() - begun
        found = _measured_apart()
        base = base or found["memory"]
        source = found["source_bytes"]
        shares = [found[use] / source for use in ("postings", "texts", "catalogue")]
        real = real_bytes / all_bytes
        print(
            f"{found['lexemes']:>13,}{real:>11.0%}{found['segments']:>9}{grown.speed:>8.1f}{merged:>8.1f}"
            f"{found['disk'] / source:>12.3f}{shares[0]:>9.3f}{shares[1]:>7.3f}{shares[2]:>10.3f}"
            f"{found['median']:>8.2f}{found['p99']:>8.2f}{(found['memory'] - base) / 1e6:>9.0f}",
            flush=True,
        )
    return 0


def _grown(index: ReferenceIndex, stream: Iterator[tuple[bytes, str, bool]], lexemes: int) -> _Grown:
    """Add sources until the index has so many lexemes; only the adding itself is timed, its end on disk included."""
    known = index.totals().lexemes
    grown = _Grown()
    with index.writer() as writer:
        while known < lexemes:
            batch = [next(stream) for _ in range(_FILES_A_SOURCE)]
            begun = time.perf_counter()
            swhids = [content_swhid(text) for text, _, _ in batch]
            missing = writer.missing(swhids)
            files = []
            for number, ((text, language, _), swhid) in enumerate(zip(batch, swhids, strict=True)):
                if swhid in missing and writer.add_content(swhid, text, language):
                    missing.discard(swhid)
                    files.append(AdmittedFile(f"file_{number}", swhid, "MIT", "given", ()))
            name = f"pkg:generic/growth-{time.time_ns()}@1"
            known += writer.add_source(AdmittedSource(name, None, "MIT", "given", (), (), tuple(files), (), name))
            grown.seconds += time.perf_counter() - begun
            grown.bytes += sum(len(text) for text, _, _ in batch)
            grown.real_bytes += sum(len(text) for text, _, real in batch if real)
        begun = time.perf_counter()
        writer.commit()
        grown.seconds += time.perf_counter() - begun
    return grown


def _measured_apart() -> dict[str, float]:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", "--measure"], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _measured() -> dict[str, float]:
    config = corpus_config(_NAME)
    index = open_index(config)
    totals = index.totals()
    statistics = index.statistics()
    copies = cuts([text for text, _ in reference_texts(index, 4_000_000, every=3)], _CHECKS // 2, random.Random(2))
    library = [place for place in sorted(Path(get_path("stdlib")).rglob("*.py")) if "site-packages" not in place.parts]
    random.Random(3).shuffle(library)
    others = cuts([place.read_bytes() for place in library[:400]], _CHECKS // 2, random.Random(2))
    for text in (*copies, *others):
        index.search(text, "Python")
    times = []
    for text in (*copies, *others):
        begun = time.perf_counter()
        index.search(text, "Python")
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    catalogue = sum(place.stat().st_size for place in config.home.glob("attrib.db*"))
    return {
        "lexemes": totals.lexemes,
        "segments": totals.segments,
        "source_bytes": totals.source_bytes,
        "disk": totals.segment_bytes + catalogue,
        "catalogue": catalogue,
        "postings": statistics.disk["postings"],
        "texts": statistics.disk["texts"],
        "median": times[len(times) // 2],
        "p99": times[int(len(times) * 0.99)],
        "memory": _anonymous_memory(),
    }


def _anonymous_memory() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
