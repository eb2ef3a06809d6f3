"""What others would find of the same snippets, each over a reference it can hold; whatever it names counts as found.

datasketch: MinHash LSH over whole functions, as near-duplicate tools for training data use it. Winnowing: fingerprints
over code whose names and literals are made alike, as plagiarism tools use it (Schleimer, Wilkerson, Aiken, SIGMOD 2003,
section 3), with copydetect's defaults. Exact membership: does any run of 50 characters stand in the reference (Marone
and Van Durme, Data Portraits, 2023, there with a Bloom filter; here without its false positives).
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from datasketch import MinHash, MinHashLSH

from benchmarks.code_tokens import tokens_of
from index.lexer import lex
from index.minhash import shingle_hashes

_PERMUTATIONS = 128
_SHINGLE = 3
_FEWEST_LINES = 3
_NOISE, _GUARANTEE = 25, 30
_FINGERPRINTS_SHARED = 1 / 3
_MEMBER_CHARACTERS = 50
_OPENS = re.compile(
    r"^\s*(?:[\w@*<>\[\],.:&?!$\s]+\(.*|(?:async |export |pub |private |public )*(?:def|fn|func|fun|function)\b.*)$"
)
_CONTROL = re.compile(r"^\s*(?:\}\s*)?(?:if|elif|else|for|foreach|while|until|switch|match|with|try|catch|return|do)\b")
_CLOSES = re.compile(r"^\s*(?:\}|end\b|\)|\])")


@dataclass(frozen=True, slots=True)
class PeerFile:
    """A reference file as peers get it."""

    swhid: str
    text: str
    language: str


class Peer(Protocol):
    """Another way to look code up."""

    name: str

    def learn(self, files: Sequence[PeerFile]) -> None:
        """Take in the reference."""
        ...

    def find(self, text: str, language: str) -> set[str]:
        """Return the files it names for a text."""
        ...


class WholeFunctions:
    """MinHash LSH over functions, at a Jaccard threshold; a text is asked about whole and function by function."""

    def __init__(self, threshold: float) -> None:
        self.name = f"datasketch {threshold}"
        self._lsh = MinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS)

    def learn(self, files: Sequence[PeerFile]) -> None:
        """Sign every function of every file."""
        with self._lsh.insertion_session() as session:
            for file in files:
                for number, function in enumerate(functions_in(file.text)):
                    signed = _signed(function)
                    if signed is not None:
                        session.insert((file.swhid, number), signed, check_duplication=False)

    def find(self, text: str, language: str) -> set[str]:
        """Return the files with a function that the bands propose."""
        found: set[str] = set()
        for asked in {text, *functions_in(text)}:
            signed = _signed(asked)
            if signed is not None:
                found.update(swhid for swhid, _ in self._lsh.query(signed))
        return found


class Winnowing:
    """Winnowed fingerprints of code with names and literals made alike; a third of a text's must stand in one file."""

    name = "winnowing"

    def __init__(self) -> None:
        self._files: dict[int, set[str]] = defaultdict(set)

    def learn(self, files: Sequence[PeerFile]) -> None:
        """Fingerprint every file."""
        for file in files:
            for fingerprint in _fingerprints(file.text, file.language):
                self._files[fingerprint].add(file.swhid)

    def find(self, text: str, language: str) -> set[str]:
        """Return the files that hold a third of the text's fingerprints or more."""
        wanted = _fingerprints(text, language)
        counted: Counter[str] = Counter()
        for fingerprint in wanted:
            counted.update(self._files.get(fingerprint, ()))
        return {swhid for swhid, count in counted.items() if count >= max(1.0, _FINGERPRINTS_SHARED * len(wanted))}


class Membership:
    """Does any run of 50 characters of a text stand in the reference?"""

    name = "50 characters"

    def __init__(self) -> None:
        self._known: npt.NDArray[np.uint64] = np.empty(0, np.uint64)

    def learn(self, files: Sequence[PeerFile]) -> None:
        """Hash every run of every file."""
        self._known = np.unique(np.concatenate([_runs(file.text) for file in files]))

    def find(self, text: str, language: str) -> set[str]:
        """Return a mark where any run is known: membership names no file."""
        runs = _runs(text)
        places = np.minimum(np.searchsorted(self._known, runs), len(self._known) - 1)
        return {"somewhere"} if len(runs) and bool((self._known[places] == runs).any()) else set()


def all_peers() -> list[Peer]:
    """Return every peer, empty."""
    return [WholeFunctions(0.7), WholeFunctions(0.5), Winnowing(), Membership()]


def functions_in(text: str) -> Iterator[str]:
    """Yield the functions of a well laid out text of any language, told by their first line and indentation."""
    lines = text.expandtabs(4).split("\n")
    indents = [len(line) - len(line.lstrip()) if line.strip() else -1 for line in lines]
    for first, line in enumerate(lines):
        if indents[first] < 0 or not _OPENS.match(line) or _CONTROL.match(line) or line.rstrip().endswith(";"):
            continue
        last = first + 1
        while last < len(lines) and (indents[last] < 0 or indents[last] > indents[first]):
            last += 1
        if last < len(lines) and indents[last] == indents[first] and _CLOSES.match(lines[last]):
            last += 1
        if last - first >= _FEWEST_LINES:
            yield "\n".join(lines[first:last])


def _signed(text: str) -> MinHash | None:
    shingles = np.unique(shingle_hashes(lex(text.encode()).hashes, _SHINGLE))
    if not len(shingles):
        return None
    signed = MinHash(num_perm=_PERMUTATIONS, hashfunc=int)
    signed.update_batch(shingles.tolist())
    return signed


def _fingerprints(text: str, language: str) -> set[int]:
    """Return the winnowed fingerprints of a text: the least hash of every window, rightmost where several are."""
    plain = "".join(_alike(text, language)).encode()
    hashes = np.array([zlib.crc32(plain[at : at + _NOISE]) for at in range(len(plain) - _NOISE + 1)], np.int64)
    window = _GUARANTEE - _NOISE + 1
    if not len(hashes):
        return set()
    if len(hashes) < window:
        return {int(hashes.min())}
    windows = np.lib.stride_tricks.sliding_window_view(hashes, window)
    return set(windows.min(axis=1).tolist())


def _alike(text: str, language: str) -> Iterable[str]:
    for token in tokens_of(text, language):
        if token.is_comment:
            continue
        yield "V" if token.is_name else "S" if token.is_string else "".join(token.text.split())


def _runs(text: str) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of every run of 50 bytes, by a rolling polynomial; LF line ends."""
    data = np.frombuffer(text.replace("\r\n", "\n").encode(), np.uint8).astype(np.uint64)
    count = len(data) - _MEMBER_CHARACTERS + 1
    if count < 1:
        return np.empty(0, np.uint64)
    multiplier = np.uint64(0x9E3779B97F4A7C15)
    hashes = np.zeros(count, np.uint64)
    for ahead in range(_MEMBER_CHARACTERS):
        hashes = hashes * multiplier + data[ahead : ahead + count] + np.uint64(1)
    return hashes ^ (hashes >> np.uint64(29))
