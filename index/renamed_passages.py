"""Passages that are equal but for their names: the map of names is learnt first, then the code is aligned as usual.

What they tell is counted apart from the exact view, for every name differs: structure that does not repeat itself, and
names that are exchanged one for one. Idioms share a little of both, so what is equal counts less where less is equal.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt

from index.alignment import Region, aligned_blocks
from index.excerpt import Excerpt
from index.information import Weights
from index.lexer import Hashes
from index.local_alignment import Blocks
from index.renaming import KEYWORD, NAME, NUMBER, STRING, Kinds, Tokens, canonical_shingles, tokens
from index.verify import LEAST_OF_A_COPY, Passage, Side, passages, side

BITS_OF_A_TOKEN = 2.4
BITS_OF_A_TIED_NAME = 6.0
# How much tokens weigh while a passage's ends are sought: a name that comes back where it should says most.
_BITS_OF_A_NAME = 2.0
_BITS_OF_A_NEW_NAME = 0.5
_BITS_OF_A_KEYWORD = 1.0
_BITS_OF_A_MARK = 0.25
_RECENT = 64
_MARGIN = 64
# Of 1,215 renamed copies found, none had fewer tokens in shingles left whole, and those of few votes a larger share.
_LEAST_IN_SHINGLES = 32
# Of 1,134 others, none had fewer tokens in aligned shingles and names that agree, added up.
_LEAST_ALIGNED_AND_AGREEING = 36
_SEEN = (1 << 14) - 1
_NAME_SALT = np.uint32(0x5BD1E995)


@dataclass(frozen=True)
class RenamedSide:
    """One side in the renamed view: an excerpt, its tokens and their shingles."""

    excerpt: Excerpt
    shingle: int

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens of the excerpt."""
        return tokens(self.excerpt.text, self.excerpt.lexemes)

    @cached_property
    def shingles(self) -> Hashes:
        """The canonical shingles of the tokens."""
        return canonical_shingles(self.tokens.kinds, self.tokens.hashes, self.shingle)

    def token_range(self, lexemes: range) -> range:
        """Return the tokens that stand for lexemes of a range."""
        low, high = np.searchsorted(self.tokens.lexemes, (lexemes.start, lexemes.stop))
        return range(int(low), int(high))


def can_be_renamed(query: RenamedSide, reference: Excerpt, where: Region, least_share: float) -> bool:
    """Tell whether the reference has enough of the query's structure, and such a share of it; cheaper than to align."""
    theirs = tokens(reference.text, reference.lexemes)
    low, high = np.searchsorted(theirs.lexemes, (where.reference.start, where.reference.stop))
    ours = query.token_range(where.query)
    held = _in_shared_shingles(
        query.shingles[ours.start : max(ours.start, ours.stop - query.shingle + 1)],
        canonical_shingles(theirs.kinds[low:high], theirs.hashes[low:high], query.shingle),
        query.shingle,
    )
    return held >= max(_LEAST_IN_SHINGLES, least_share * len(ours))


@numba.njit(cache=True, nogil=True)
def _in_shared_shingles(query: Hashes, reference: Hashes, shingle: int) -> int:
    """Return how many tokens of the query lie in shingles that the reference has."""
    seen = np.zeros(_SEEN + 1, np.bool_)
    for value in reference:
        seen[value & np.uint32(_SEEN)] = True
    count, done = 0, 0
    for i in range(len(query)):
        if seen[query[i] & np.uint32(_SEEN)]:
            count += i + shingle - max(i, done)
            done = i + shingle
    return count


def renamed_passages(
    query: RenamedSide, reference: RenamedSide, where: Region, weights: Callable[[], tuple[Weights, Weights]]
) -> Iterator[Passage]:
    """Yield the passages of a region that are equal once names are exchanged, in lexeme positions of both excerpts.

    `weights` gives what the lexemes of both weigh in the exact view; it is called where there is structure enough.
    """
    query_range, reference_range = query.token_range(where.query), reference.token_range(where.reference)
    if not query_range or not reference_range:
        return
    diagonals = (reference_range.start - query_range.start, reference_range.stop - query_range.stop)
    inside = Region(query_range, reference_range, range(min(diagonals) - _MARGIN, max(diagonals) + _MARGIN + 1))
    names = _names(query, reference, inside)
    if not len(names):
        return
    exact, reference_exact = weights()
    kept = np.sort((names & np.uint64(0xFFFFFFFF))[names >> np.uint64(32) == (names & np.uint64(0xFFFFFFFF))])
    translated = _translated(query.tokens.hashes, query.tokens.kinds, names)
    ours = _side(query, translated, exact, kept, query_range)
    theirs = _side(reference, reference.tokens.hashes, reference_exact, kept, reference_range)
    for passage in passages(ours, theirs, inside, LEAST_OF_A_COPY):
        yield _in_lexemes(passage, query, reference, names)


def _names(query: RenamedSide, reference: RenamedSide, where: Region) -> npt.NDArray[np.uint64]:
    """Return the one-to-one map of names that most of the aligned tokens agree on, as query << 32 | reference.

    It is empty where the names that agree, and all tokens aligned with them, are too few for a copy.
    """
    most = query.shingle - 1
    shingles = Region(
        range(where.query.start, max(where.query.start, where.query.stop - most)),
        range(where.reference.start, max(where.reference.start, where.reference.stop - most)),
        where.diagonals,
    )
    gains, reference_gains = (np.ones(len(one.shingles), np.float32) for one in (query, reference))
    blocks = aligned_blocks(query.shingles, reference.shingles, shingles, gains, reference_gains, least=0.0)
    pairs, aligned = _paired_names(
        blocks, query.shingle, query.tokens.kinds, query.tokens.hashes, reference.tokens.hashes
    )
    found, counts = np.unique(pairs, return_counts=True)
    chosen: list[int] = []
    agreeing = 0
    ours: set[int] = set()
    theirs: set[int] = set()
    order = np.argsort(-counts, kind="stable")
    for pair, count in zip(found[order].tolist(), counts[order].tolist(), strict=True):
        if pair >> 32 not in ours and pair & 0xFFFFFFFF not in theirs:
            ours.add(pair >> 32)
            theirs.add(pair & 0xFFFFFFFF)
            chosen.append(pair)
            agreeing += count
    if aligned + agreeing < _LEAST_ALIGNED_AND_AGREEING:
        chosen.clear()
    return np.sort(np.array(chosen, np.uint64))


@numba.njit(cache=True, nogil=True)
def _paired_names(
    blocks: Blocks, shingle: int, kinds: Kinds, query: Hashes, reference: Hashes
) -> tuple[npt.NDArray[np.uint64], int]:
    """Return the names of aligned tokens, as query << 32 | reference, and how many tokens of all kinds are aligned."""
    size, aligned = 0, 0
    pairs = np.empty(blocks[:, 2].sum() + len(blocks) * shingle, np.uint64)
    done = -1
    for row in range(len(blocks)):
        for step in range(blocks[row, 2] + shingle - 1):
            at, reference_at = blocks[row, 0] + step, blocks[row, 1] + step
            # Shingles overlap: a token is paired by the first one that holds it.
            if at > done:
                done = at
                aligned += 1
                if kinds[at] == NAME:
                    pairs[size] = (np.uint64(query[at]) << np.uint64(32)) | np.uint64(reference[reference_at])
                    size += 1
    return pairs[:size], aligned


@numba.njit(cache=True, nogil=True)
def _translated(hashes: Hashes, kinds: Kinds, names: npt.NDArray[np.uint64]) -> Hashes:
    """Return the query's tokens with its names replaced by the reference's; a name outside the map matches nothing."""
    result = hashes.copy()
    for i in range(len(hashes)):
        if kinds[i] == NAME:
            at = np.searchsorted(names, np.uint64(hashes[i]) << np.uint64(32))
            if at < len(names) and names[at] >> np.uint64(32) == np.uint64(hashes[i]):
                result[i] = np.uint32(names[at] & np.uint64(0xFFFFFFFF))
            else:
                result[i] = ~hashes[i]
    return result


def _side(one: RenamedSide, hashes: Hashes, exact: Weights, kept: npt.NDArray[np.uint64], where: range) -> Side:
    found = one.tokens
    weights = _weights(found.kinds, hashes, exact[found.lexemes], kept, where.start, where.stop)
    literal = (found.kinds == NUMBER) | (found.kinds == STRING)
    comparable = np.where(literal, found.kinds, np.where(found.kinds == NAME, hashes ^ _NAME_SALT, hashes))
    lines = one.excerpt.lexemes.lines[found.lexemes]
    comparable = comparable.astype(np.uint32)
    return side(comparable, comparable, lines, weights, np.zeros_like(weights))


@numba.njit(cache=True, nogil=True)
def _weights(
    kinds: Kinds, hashes: Hashes, exact: Weights, kept: npt.NDArray[np.uint64], start: int, stop: int
) -> Weights:
    weights = np.zeros(len(kinds), np.float32)
    for i in range(start, stop):
        if kinds[i] == NAME:
            weights[i] = _BITS_OF_A_NEW_NAME
            for back in range(1, min(_RECENT, i) + 1):
                if hashes[i - back] == hashes[i] and kinds[i - back] == NAME:
                    weights[i] = _BITS_OF_A_NAME
                    break
            at = np.searchsorted(kept, np.uint64(hashes[i]))
            if at < len(kept) and kept[at] == np.uint64(hashes[i]):
                weights[i] = max(weights[i], exact[i])
        else:
            weights[i] = _BITS_OF_A_KEYWORD if kinds[i] == KEYWORD else _BITS_OF_A_MARK
    return weights


def _in_lexemes(passage: Passage, query: RenamedSide, reference: RenamedSide, names: npt.NDArray[np.uint64]) -> Passage:
    inside = slice(passage.query_start, passage.query_end)
    used = Counter(query.tokens.hashes[inside][query.tokens.kinds[inside] == NAME].tolist())
    pairs = ((pair & 0xFFFFFFFF, pair >> 32) for pair in names.tolist() if pair >> 32 in used)
    exchanged = tuple((theirs, ours) for theirs, ours in pairs if theirs != ours)
    # A name that comes once goes with any other; one that comes back where it should is evidence.
    tied = sum(used[ours] > 1 for _, ours in exchanged)
    fresh = BITS_OF_A_TOKEN * passage.equal * _variety(reference, passage)
    return Passage(
        query_start=int(query.tokens.lexemes[passage.query_start]),
        query_end=int(query.tokens.lexemes[passage.query_end - 1]) + 1,
        reference_start=int(reference.tokens.lexemes[passage.reference_start]),
        reference_end=int(reference.tokens.lexemes[passage.reference_end - 1]) + 1,
        equal=passage.equal,
        longest_run=passage.longest_run,
        bits=(fresh + BITS_OF_A_TIED_NAME * tied) * passage.similarity,
        similarity=passage.similarity,
        renamed=True,
        names=exchanged,
        tied_names=tied,
    )


def _variety(reference: RenamedSide, passage: Passage) -> float:
    """Return the share of a passage's shingles that are not repetitions of each other."""
    shingles = reference.shingles[passage.reference_start : passage.reference_end - reference.shingle + 1]
    return len(np.unique(shingles)) / len(shingles) if len(shingles) else 0.0
