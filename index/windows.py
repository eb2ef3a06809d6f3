"""Both views of a text cut into windows and signed: what a segment stores of it, and what a query asks for.

Some windows have no band key that tells them from many others: in tables and boilerplate all of them are crowded. Such
a window is stored under its verbatim key too, the hash of all its lexemes, and asked for by it, so that a verbatim run
is found with certainty however common its parts are.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Hashes, Lexemes
from index.lsh import IndexParams, Keys, ViewParams, band_keys, distinct_runs
from index.minhash import Signatures, shingle_hashes, signatures, window_starts
from index.renaming import Tokens, canonical_shingles, tokens

Places = npt.NDArray[np.int64]

# A key that stands in more places of a segment than that is crowded.
CROWDED_POSTINGS = 8
_RENAMED_SALT = 0x10000


@dataclass(frozen=True, slots=True)
class ReferenceKeys:
    """What a segment stores of one text.

    `keys` of both views, and the lexemes `firsts` at which the first window of each run begins. The windows of the
    exact view begin at `starts`; `bands` are their keys, shape (windows, bands), `verbatim` their verbatim keys.
    """

    keys: Keys
    firsts: Places
    starts: Places
    bands: Keys
    verbatim: Keys

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class QueryKeys:
    """The distinct keys of a query, as arrays of one length.

    A key is that of a run of windows: they begin at lexemes `firsts` to `lasts` (inclusive) and the last one ends
    before lexeme `ends`. `exact` tells the keys of the exact view from those of the renamed one.
    """

    keys: Keys
    firsts: Places
    lasts: Places
    ends: Places
    exact: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    def joined(self, others: "QueryKeys") -> "QueryKeys":
        """Return these keys and then others of the same query."""
        return QueryKeys(
            np.concatenate([self.keys, others.keys]),
            np.concatenate([self.firsts, others.firsts]),
            np.concatenate([self.lasts, others.lasts]),
            np.concatenate([self.ends, others.ends]),
            np.concatenate([self.exact, others.exact]),
        )


def reference_keys(text: bytes, lexemes: Lexemes, params: IndexParams) -> ReferenceKeys:
    """Return what is stored of a text; empty for one that is too short to hold a window of the exact view."""
    exact = params.exact
    bands = band_keys(_exact_signatures(lexemes, params, exact.stride), exact.bands, exact.rows)
    starts = window_starts(len(lexemes) - exact.shingle + 1, exact.window, exact.stride)
    verbatim = verbatim_keys(lexemes.hashes, exact.window_tokens, starts)
    keys, firsts, _ = distinct_runs(bands)
    found = ReferenceKeys(keys, starts[firsts], starts, bands, verbatim)
    if not len(starts):
        return found
    abstract = tokens(text, lexemes)
    renamed = _renamed_signatures(abstract, params, params.renamed.stride)
    if not len(renamed):
        return found
    shingles = len(abstract) - params.renamed.shingle + 1
    token_starts = window_starts(shingles, params.renamed.window, params.renamed.stride)
    more, more_firsts, _ = distinct_runs(_renamed_keys(renamed, params.renamed))
    return ReferenceKeys(
        np.concatenate([keys, more]),
        np.concatenate([found.firsts, abstract.lexemes[token_starts[more_firsts]].astype(np.int64)]),
        starts,
        bands,
        verbatim,
    )


def holds_window(lexemes: int, params: IndexParams) -> bool:
    """Tell whether a text of so many lexemes is long enough to be searched for: `reference_keys` of it has some."""
    exact = params.exact
    return len(window_starts(lexemes - exact.shingle + 1, exact.window, exact.stride)) > 0


@numba.njit(cache=True, nogil=True)
def verbatim_keys(lexemes: Hashes, length: int, starts: Places) -> Keys:
    """Return the key of the `length` lexemes from each start, equal where all of them are equal, in order."""
    keys = np.empty(len(starts), np.uint64)
    for i in range(len(starts)):
        key = np.uint64(0x2545F4914F6CDD1D)
        for position in range(starts[i], starts[i] + length):
            key = (key ^ np.uint64(lexemes[position])) * np.uint64(0xBF58476D1CE4E5B9)
            key ^= key >> np.uint64(31)
        keys[i] = key * np.uint64(0x94D049BB133111EB)
    return keys


def crowded_windows(query: QueryKeys, totals: Places, lexemes: Hashes, params: IndexParams) -> QueryKeys:
    """Return the verbatim keys of the query's windows of which every band key stands in many places."""
    windows = max(0, len(lexemes) - params.exact.window_tokens + 1)
    starts = np.flatnonzero(_rarest(query.firsts, query.lasts, totals, query.exact, windows) > CROWDED_POSTINGS)
    keys = verbatim_keys(lexemes, params.exact.window_tokens, starts)
    return QueryKeys(keys, starts, starts, starts + params.exact.window_tokens, np.ones(len(keys), np.bool_))


@numba.njit(cache=True, nogil=True)
def _rarest(firsts: Places, lasts: Places, totals: Places, exact: npt.NDArray[np.bool_], windows: int) -> Places:
    """Return how often the rarest band key of each window stands in the reference."""
    rarest = np.full(windows, np.iinfo(np.int64).max, np.int64)
    for key in range(len(exact)):
        if exact[key]:
            for window in range(firsts[key], lasts[key] + 1):
                rarest[window] = min(rarest[window], totals[key])
    return rarest


def query_keys(text: bytes, lexemes: Lexemes, params: IndexParams) -> QueryKeys:
    """Return the band keys to ask for: those of the windows at every position, in both views."""
    exact = _exact_signatures(lexemes, params, 1)
    keys, firsts, lengths = distinct_runs(band_keys(exact, params.exact.bands, params.exact.rows))
    first, last = firsts.astype(np.int64), (firsts + lengths - 1).astype(np.int64)
    found = QueryKeys(keys, first, last, last + params.exact.window_tokens, np.ones(len(keys), np.bool_))
    abstract = tokens(text, lexemes)
    renamed = _renamed_signatures(abstract, params, 1)
    if not len(renamed):
        return found
    more, firsts, lengths = distinct_runs(_renamed_keys(renamed, params.renamed))
    at = abstract.lexemes.astype(np.int64)
    lasts = firsts + lengths - 1
    ends = at[lasts + params.renamed.window_tokens - 1] + 1
    return found.joined(QueryKeys(more, at[firsts], at[lasts], ends, np.zeros(len(more), np.bool_)))


def _exact_signatures(lexemes: Lexemes, params: IndexParams, stride: int) -> Signatures:
    return signatures(shingle_hashes(lexemes.hashes, params.exact.shingle), params.exact, params.seed, stride)


def _renamed_signatures(abstract: Tokens, params: IndexParams, stride: int) -> Signatures:
    shingles = canonical_shingles(abstract.kinds, abstract.hashes, params.renamed.shingle)
    return signatures(shingles, params.renamed, params.seed, stride)


def _renamed_keys(signed: Signatures, view: ViewParams) -> Keys:
    return band_keys(signed, view.bands, view.rows, _RENAMED_SALT)
