"""Both views of a text cut into windows and signed: what a segment stores of it, and what a query asks for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.lexer import Lexemes
from index.lsh import IndexParams, Keys, ViewParams, band_keys, distinct_runs
from index.minhash import Signatures, shingle_hashes, signatures, window_starts
from index.renaming import Tokens, canonical_shingles, tokens

Places = npt.NDArray[np.int64]

_RENAMED_SALT = 0x10000


@dataclass(frozen=True, slots=True)
class QueryKeys:
    """The distinct band keys of a query, those of the exact view first, as arrays of one length.

    A key is that of a run of windows: they begin at lexemes `firsts` to `lasts` (inclusive) and the last one ends
    before lexeme `ends`. The first `exact` keys are those of the exact view.
    """

    keys: Keys
    firsts: Places
    lasts: Places
    ends: Places
    exact: int

    def __len__(self) -> int:
        return len(self.keys)


def reference_keys(text: bytes, lexemes: Lexemes, params: IndexParams) -> tuple[Keys, Places]:
    """Return the band keys to store of a text, and the lexeme at which the first window of each run begins.

    Empty for a text that is too short to hold a window of the exact view.
    """
    exact = _exact_signatures(lexemes, params, params.exact.stride)
    if not len(exact):
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    shingles = len(lexemes) - params.exact.shingle + 1
    starts = window_starts(shingles, params.exact.window, params.exact.stride)
    keys, firsts, _ = distinct_runs(band_keys(exact, params.exact.bands, params.exact.rows))
    abstract = tokens(text, lexemes)
    renamed = _renamed_signatures(abstract, params, params.renamed.stride)
    if not len(renamed):
        return keys, starts[firsts]
    shingles = len(abstract) - params.renamed.shingle + 1
    token_starts = window_starts(shingles, params.renamed.window, params.renamed.stride)
    more, more_firsts, _ = distinct_runs(_renamed_keys(renamed, params.renamed))
    return (
        np.concatenate([keys, more]),
        np.concatenate([starts[firsts], abstract.lexemes[token_starts[more_firsts]].astype(np.int64)]),
    )


def query_keys(text: bytes, lexemes: Lexemes, params: IndexParams) -> QueryKeys:
    """Return the band keys to ask for: those of the windows at every position, in both views."""
    exact = _exact_signatures(lexemes, params, 1)
    keys, firsts, lengths = distinct_runs(band_keys(exact, params.exact.bands, params.exact.rows))
    first, last = firsts.astype(np.int64), (firsts + lengths - 1).astype(np.int64)
    found = QueryKeys(keys, first, last, last + params.exact.window_tokens, len(keys))
    abstract = tokens(text, lexemes)
    renamed = _renamed_signatures(abstract, params, 1)
    if not len(renamed):
        return found
    more, firsts, lengths = distinct_runs(_renamed_keys(renamed, params.renamed))
    at = abstract.lexemes.astype(np.int64)
    lasts = firsts + lengths - 1
    return QueryKeys(
        np.concatenate([keys, more]),
        np.concatenate([first, at[firsts]]),
        np.concatenate([last, at[lasts]]),
        np.concatenate([found.ends, at[lasts + params.renamed.window_tokens - 1] + 1]),
        len(keys),
    )


def _exact_signatures(lexemes: Lexemes, params: IndexParams, stride: int) -> Signatures:
    return signatures(shingle_hashes(lexemes.hashes, params.exact.shingle), params.exact, params.seed, stride)


def _renamed_signatures(abstract: Tokens, params: IndexParams, stride: int) -> Signatures:
    shingles = canonical_shingles(abstract.kinds, abstract.hashes, params.renamed.shingle)
    return signatures(shingles, params.renamed, params.seed, stride)


def _renamed_keys(signed: Signatures, view: ViewParams) -> Keys:
    return band_keys(signed, view.bands, view.rows, _RENAMED_SALT)
