"""Locality-sensitive hashing by bands: the parameters, what they guarantee, and the band keys.

Terms as in Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4: a signature of bands * rows minima
is cut into bands; two windows meet when all rows of at least one band agree, with probability 1 - (1 - j**r)**b at
Jaccard similarity j.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

import numba
import numpy as np
import numpy.typing as npt

from index.errors import IncompatibleParameters
from index.lexer import LEXER_VERSION
from index.renaming import RENAMING_VERSION

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ViewParams:
    """How one view of a text is cut and signed: shingles in tokens, windows and stride in shingles."""

    shingle: int
    window: int
    stride: int
    bands: int
    rows: int

    @property
    def permutations(self) -> int:
        """Number of minima in a signature."""
        return self.bands * self.rows

    @property
    def window_tokens(self) -> int:
        """Number of tokens that one window spans; a shorter text has none."""
        return self.window + self.shingle - 1

    @property
    def certain_tokens(self) -> int:
        """Length of the shortest verbatim run that is always found: window + stride + shingle - 2."""
        return self.window + self.stride + self.shingle - 2


@dataclass(frozen=True, slots=True)
class IndexParams:
    """How reference and query are cut and signed; saved in every segment and in the catalogue.

    `exact` looks at lexemes as they are, `renamed` at what is left of them when every name may be another.
    """

    exact: ViewParams = field(default_factory=lambda: ViewParams(shingle=3, window=30, stride=8, bands=6, rows=2))
    renamed: ViewParams = field(default_factory=lambda: ViewParams(shingle=8, window=30, stride=14, bands=4, rows=2))
    seed: int = 1
    lexer_version: int = LEXER_VERSION
    renaming_version: int = RENAMING_VERSION

    @property
    def window_lexemes(self) -> int:
        """Number of lexemes that a window of the exact view spans; a shorter text has none."""
        return self.exact.window_tokens

    @property
    def certain_lexemes(self) -> int:
        """Length of the shortest verbatim run that is always found."""
        return self.exact.certain_tokens

    def as_json(self) -> dict[str, int]:
        """Return the parameters by name, those of a view as `view.name`."""
        found: dict[str, int] = {}
        for own in fields(self):
            value = getattr(self, own.name)
            if isinstance(value, ViewParams):
                found |= {f"{own.name}.{part.name}": getattr(value, part.name) for part in fields(value)}
            else:
                found[own.name] = value
        return found

    def require_same(self, found: Mapping[str, int], where: str) -> None:
        """Raise IncompatibleParameters naming both values where `found` differs from these parameters."""
        wanted = self.as_json()
        differing = [
            f"{name} is {found.get(name, 'missing')} there and {wanted.get(name, 'unknown')} here"
            for name in sorted(wanted.keys() | found.keys())
            if wanted.get(name) != found.get(name)
        ]
        if differing:
            raise IncompatibleParameters(
                f"{where} was built with other parameters ({'; '.join(differing)}): "
                "set index_parameters to what it was built with, or build a new index."
            )


# What may be chosen when an index is made (`index_parameters`): certain from 39, 31 and 64 lexemes on.
PARAMETER_SETS: Mapping[str, IndexParams] = MappingProxyType(
    {
        "balanced": IndexParams(),
        "thorough": IndexParams(
            exact=ViewParams(shingle=3, window=24, stride=6, bands=8, rows=2),
            renamed=ViewParams(shingle=8, window=24, stride=6, bands=5, rows=2),
        ),
        "compact": IndexParams(
            exact=ViewParams(shingle=4, window=44, stride=18, bands=8, rows=2),
            renamed=ViewParams(shingle=8, window=40, stride=18, bands=3, rows=2),
        ),
    }
)


@numba.njit(cache=True, nogil=True)
def band_keys(signatures: npt.NDArray[np.uint32], bands: int, rows: int, salt: int = 0) -> Keys:
    """Return the 64-bit key of every band of every window, shape (windows, bands).

    `salt` keeps the keys of several views apart, so that one table can hold them all.
    """
    count = len(signatures)
    keys = np.empty((count, bands), np.uint64)
    for window in range(count):
        for band in range(bands):
            key = np.uint64(salt + band + 1) * np.uint64(0x9E3779B97F4A7C15)
            for row in range(rows):
                key = (key ^ np.uint64(signatures[window, band * rows + row])) * np.uint64(0xBF58476D1CE4E5B9)
                key ^= key >> np.uint64(29)
            key *= np.uint64(0x94D049BB133111EB)
            keys[window, band] = key ^ (key >> np.uint64(32))
    return keys


@numba.njit(cache=True, nogil=True)
def distinct_runs(keys: Keys) -> tuple[Keys, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return keys, first windows and lengths of the runs of equal keys in each band of neighbouring windows.

    Neighbouring windows share most of their minima, so a run is asked for, or stored, once.
    """
    windows, bands = keys.shape
    total = 0
    for band in range(bands):
        for window in range(windows):
            if window == 0 or keys[window, band] != keys[window - 1, band]:
                total += 1
    run_keys = np.empty(total, np.uint64)
    firsts = np.empty(total, np.int32)
    lengths = np.empty(total, np.int32)
    at = -1
    for band in range(bands):
        for window in range(windows):
            if window == 0 or keys[window, band] != keys[window - 1, band]:
                at += 1
                run_keys[at] = keys[window, band]
                firsts[at] = window
                lengths[at] = 0
            lengths[at] += 1
    return run_keys, firsts, lengths
