"""Files that are not what they were: bits flipped, cut short, or the catalogue of one day with another's segments."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.fault_index import REFUSED, Template, add, answers, opened, purl, template, whole
from benchmarks.fault_rows import FaultRow
from index.segment import Segment

_SOURCES = range(3)
_CUTS = (0.0, 0.001, 0.02, 0.3, 0.6, 0.9, 0.999)


def flipped_bits(folder: Path, each: int) -> FaultRow:
    """Flip one bit at some places of every section of a segment, of its header, and of what precedes it."""
    start = template(folder, lambda home: add(home, *_SOURCES))
    with opened(start.folder / "home") as index:
        path = _segment(start.folder / "home")
        segment = Segment(path, index.params)
        places = {name: (segment._body + one["offset"], one["length"]) for name, one in segment._sections.items()}
    places["head"] = (0, segment._body)
    chance = random.Random(1)
    # Behind a header and behind each section stand bytes that only fill up.
    positions = [begin + chance.randrange(length) for begin, length in places.values() for _ in range(each)]
    return _damaging("a bit of a segment is flipped", start, [_flip(at, chance.randrange(8)) for at in positions])


def cut_short(folder: Path) -> FaultRow:
    """Cut a segment off at some lengths."""
    start = template(folder, lambda home: add(home, *_SOURCES))
    return _damaging("a segment is cut short", start, [_cut(share) for share in _CUTS])


def other_days(folder: Path) -> FaultRow:
    """Put the catalogue of one revision beside the segments of another, both ways, and put it right again."""
    start = template(folder, lambda home: add(home, *_SOURCES))
    old = start.copy("old")
    new = start.copy("new")
    with opened(new) as index:
        index.catalog.remove(purl(1))
        index.merge()
    wrong = unhealed = tried = 0
    longest = 0.0
    for catalogue, segments in ((old, new), (new, old)):
        tried += 1
        home = start.copy("try")
        true = answers(catalogue, _SOURCES)
        shutil.rmtree(home)
        shutil.copytree(catalogue, home)
        _exchange(segments, home)
        said = answers(home, _SOURCES)
        wrong += sum(one not in (REFUSED, right) for one, right in zip(said, true, strict=True))
        begun = time.perf_counter()
        _exchange(catalogue, home)
        longest = max(longest, time.perf_counter() - begun)
        unhealed += not (answers(home, _SOURCES) == true and whole(home))
    return FaultRow("catalogue and segments are of different revisions", tried, 0, wrong, unhealed, longest)


def _exchange(source: Path, home: Path) -> None:
    shutil.rmtree(home / "index")
    shutil.copytree(source / "index", home / "index")


def _damaging(name: str, start: Template, harms: list[Callable[[bytes], bytes]]) -> FaultRow:
    home = start.copy("undisturbed")
    true = answers(home, _SOURCES)
    wrong = unhealed = 0
    longest = 0.0
    for harm, mended in zip(harms, _every(len(harms), 8), strict=True):
        home = start.copy("try")
        path = _segment(home)
        path.write_bytes(harm(path.read_bytes()))
        said = answers(home, _SOURCES)
        wrong += sum(one not in (REFUSED, right) for one, right in zip(said, true, strict=True))
        if mended:
            begun = time.perf_counter()
            with opened(home) as index:
                index.verify(mend=True)
            add(home, *_SOURCES)
            longest = max(longest, time.perf_counter() - begun)
            unhealed += not (answers(home, _SOURCES) == true and whole(home))
    return FaultRow(name, len(harms), 0, wrong, unhealed, longest)


def _every(count: int, nth: int) -> Iterator[bool]:
    """Yield for each of so many whether it is one that is mended, too: mending takes far longer than asking."""
    return (number % nth == 0 for number in range(count))


def _segment(home: Path) -> Path:
    return min((home / "index").glob("*.segment"))


def _flip(at: int, bit: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def _cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]
