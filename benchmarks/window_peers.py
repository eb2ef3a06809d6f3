"""MinHash libraries over the same windows of both views: what they need to sign and to hold what Attrib signs.

Each gets its lexemes from a tokenizer in Python, as its users write one, and the shingles of the renamed view from
Attrib for nothing.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from datasketch import MinHash, MinHashLSH

from index.lexer import lex
from index.lsh import IndexParams, ViewParams
from index.minhash import window_starts
from index.renaming import canonical_shingles, tokens

_LEXEMES = re.compile(rb"[A-Za-z0-9_\x80-\xff]+|([^\sA-Za-z0-9_\x80-\xff])(?:\s*\1)*")


class WindowPeer(Protocol):
    """A library that signs windows, keeps their signatures and looks one up."""

    name: str

    def add(self, windows: Sequence[Sequence[bytes]]) -> None:
        """Sign windows of shingles and insert them."""
        ...

    def query(self, windows: Sequence[Sequence[bytes]]) -> int:
        """Sign windows, look each up, and return how many were found."""
        ...


class DatasketchWindows:
    """datasketch's MinHash, in bulk, and its MinHashLSH."""

    name = "datasketch"

    def __init__(self, params: IndexParams, storage: dict[str, Any] | None = None) -> None:
        """Keep the windows in memory, or in a storage as `MinHashLSH` is told of it."""
        self._view = params.exact
        self._lsh = MinHashLSH(
            num_perm=self._view.permutations, params=(self._view.bands, self._view.rows), storage_config=storage
        )
        self._count = 0

    def add(self, windows: Sequence[Sequence[bytes]]) -> None:
        """Sign windows of shingles and insert them."""
        for signed in MinHash.bulk(windows, num_perm=self._view.permutations):
            self._lsh.insert(self._count, signed, check_duplication=False)
            self._count += 1

    def query(self, windows: Sequence[Sequence[bytes]]) -> int:
        """Sign windows, look each up, and return how many were found."""
        return sum(bool(self._lsh.query(one)) for one in MinHash.bulk(windows, num_perm=self._view.permutations))


class RensaWindows:
    """rensa's RMinHash and RMinHashLSH."""

    name = "rensa"

    def __init__(self, params: IndexParams) -> None:
        from rensa import RMinHash, RMinHashLSH

        self._view = params.exact
        self._hash = RMinHash
        self._lsh = RMinHashLSH(threshold=0.5, num_perm=self._view.permutations, num_bands=self._view.bands)
        self._count = 0

    def add(self, windows: Sequence[Sequence[bytes]]) -> None:
        """Sign windows of shingles and insert them."""
        for signed in self._signed(windows):
            self._lsh.insert(self._count, signed)
            self._count += 1

    def query(self, windows: Sequence[Sequence[bytes]]) -> int:
        """Sign windows, look each up, and return how many were found."""
        return sum(bool(self._lsh.query(signed)) for signed in self._signed(windows))

    def _signed(self, windows: Sequence[Sequence[bytes]]) -> Sequence[object]:
        found: Sequence[object] = self._hash.from_token_sets(windows, num_perm=self._view.permutations, seed=1)
        return found


def windows_of(text: bytes, params: IndexParams, whole_view: bool) -> list[list[bytes]]:
    """Return the windows of both views as a user of those libraries makes them; at every position for a query."""
    words = [found.group() for found in _LEXEMES.finditer(text)]
    size = params.exact.shingle
    shingles = [b" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]
    abstract = tokens(text, lex(text))
    renamed = canonical_shingles(abstract.kinds, abstract.hashes, params.renamed.shingle)
    ours = [value.tobytes() for value in renamed]
    return _cut(shingles, params.exact, whole_view) + _cut(ours, params.renamed, whole_view)


def _cut(shingles: list[bytes], view: ViewParams, whole_view: bool) -> list[list[bytes]]:
    starts: npt.NDArray[np.int64] = window_starts(len(shingles), view.window, 1 if whole_view else view.stride)
    return [shingles[start : start + view.window] for start in starts.tolist()]
