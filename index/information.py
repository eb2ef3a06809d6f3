"""How much a lexeme tells: rare ones say where code comes from, punctuation and `self` say nothing.

A lexeme weighs -log2 of its share in the reference, less 6 bits, at least 0 and at most 10. Shares are counted in
2**18 buckets of the lexeme's hash, in every segment; a small reference is helped out by the shares of the commonest
lexemes of open source code (`benchmarks/lexeme_shares.py`), counted as if a million lexemes of it were indexed as well.
"""

import csv
from functools import cache
from importlib.resources import files

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Hashes, lex

BUCKETS = 1 << 18
FREE_BITS = 6.0
MOST_BITS = 10.0
PRIOR_LEXEMES = 1_000_000

Counts = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]


@numba.njit(cache=True, nogil=True)
def count_into(counts: Counts, hashes: Hashes) -> None:
    """Add each lexeme to the count of its bucket; `counts` has shape (BUCKETS,)."""
    for value in hashes:
        counts[value & (BUCKETS - 1)] += 1


@cache
def _prior_counts() -> Counts:
    counts = np.zeros(BUCKETS, np.int64)
    table = files("index").joinpath("lexeme_shares.csv").read_text(encoding="utf-8")
    for lexeme, share in csv.reader(table.splitlines()):
        for value in lex(lexeme.encode()).hashes:
            counts[int(value) & (BUCKETS - 1)] += round(float(share) * PRIOR_LEXEMES)
    return counts


def weights(counts: Counts) -> Weights:
    """Return the bits of each bucket for the counts of a whole reference, shape (BUCKETS,)."""
    total = int(counts.sum()) + PRIOR_LEXEMES
    shares = (counts + _prior_counts() + 0.5) / total
    return np.clip(-np.log2(shares) - FREE_BITS, 0.0, MOST_BITS).astype(np.float32)


def weigh(table: Weights, hashes: Hashes) -> Weights:
    """Return the bits of each lexeme by the bucket it falls into."""
    weighed: Weights = table[hashes & np.uint32(BUCKETS - 1)]
    return weighed
