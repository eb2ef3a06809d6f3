"""Alignment of a proposed passage with its reference: the equal blocks of the two, in order.

Long runs on one diagonal are fixed first; between them rapidfuzz finds the longest common subsequence of the lexemes
(Hyyrö's bit-parallel algorithm).
"""

from dataclasses import dataclass

import numba
from rapidfuzz.distance import LCSseq

from index.candidates import Candidate
from index.lexer import Hashes

_MARGIN = 64
_ANCHOR_LEXEMES = 16
_TILE = 1500
_TILE_SLACK = 300


@dataclass(frozen=True, slots=True)
class Block:
    """A run of equal lexemes: where it begins on both sides, and how long it is."""

    query: int
    reference: int
    length: int


@dataclass(frozen=True, slots=True)
class Region:
    """The positions of both sides that are aligned with each other, and the diagonals on which they may agree."""

    query: range
    reference: range
    diagonals: range

    def counted_from(self, first: int) -> "Region":
        """Return the same region where the reference's positions are counted from `first`."""
        return Region(
            self.query,
            range(self.reference.start - first, self.reference.stop - first),
            range(self.diagonals.start - first, self.diagonals.stop - first),
        )


def region(candidate: Candidate, query_length: int, reference_length: int) -> Region:
    """Return what is to be aligned for a candidate, with a margin around its hits."""
    return Region(
        range(max(0, candidate.query_start - _MARGIN), min(query_length, candidate.query_end + _MARGIN)),
        range(max(0, candidate.reference_start - _MARGIN), min(reference_length, candidate.reference_end + _MARGIN)),
        range(candidate.lowest_diagonal - _MARGIN, candidate.highest_diagonal + _MARGIN + 1),
    )


def aligned_blocks(query: Hashes, reference: Hashes, where: Region) -> list[Block]:
    """Return the equal blocks of a region in order, neighbouring ones joined."""
    return _joined(_aligned(query, reference, where))


def _aligned(query: Hashes, reference: Hashes, where: Region) -> list[Block]:
    """Return equal blocks in order: long runs on one diagonal first, then what is between them.

    A longest common subsequence alone is not enough: in a table of numbers there are many, most of them scattered.
    """
    at, diagonal, length = _longest_run(
        query,
        reference,
        (where.query.start, where.query.stop),
        (where.reference.start, where.reference.stop),
        (where.diagonals.start, where.diagonals.stop),
    )
    if length < _ANCHOR_LEXEMES:
        return _subsequence_blocks(query, reference, where)
    before = Region(range(where.query.start, at), range(where.reference.start, at + diagonal), where.diagonals)
    after = Region(
        range(at + length, where.query.stop), range(at + diagonal + length, where.reference.stop), where.diagonals
    )
    return [
        *_aligned(query, reference, before),
        Block(at, at + diagonal, length),
        *_aligned(query, reference, after),
    ]


@numba.njit(cache=True, nogil=True)
def _longest_run(
    query: Hashes,
    reference: Hashes,
    query_range: tuple[int, int],
    reference_range: tuple[int, int],
    diagonals: tuple[int, int],
) -> tuple[int, int, int]:
    """Return query position, diagonal and length of the longest run of equal lexemes on any of the diagonals."""
    best_at, best_diagonal, best = 0, 0, 0
    for diagonal in range(diagonals[0], diagonals[1]):
        first = max(query_range[0], reference_range[0] - diagonal)
        last = min(query_range[1], reference_range[1] - diagonal)
        if last - first <= best:
            continue
        length = 0
        for position in range(first, last):
            if query[position] == reference[position + diagonal]:
                length += 1
                if length > best:
                    best_at, best_diagonal, best = position + 1 - length, diagonal, length
            else:
                length = 0
    return best_at, best_diagonal, best


def _subsequence_blocks(query: Hashes, reference: Hashes, where: Region) -> list[Block]:
    query_range, reference_range = where.query, where.reference
    if not query_range or not reference_range:
        return []
    blocks: list[Block] = []
    next_reference = reference_range.start
    expected = reference_range.start
    for start in range(query_range.start, query_range.stop, _TILE):
        stop = min(start + _TILE, query_range.stop)
        whole = stop == query_range.stop and start == query_range.start
        low = max(next_reference, expected - _TILE_SLACK)
        high = reference_range.stop if whole else min(reference_range.stop, expected + _TILE + 2 * _TILE_SLACK)
        found = [
            Block(start + block.a, low + block.b, block.size)
            for block in LCSseq.editops(query[start:stop].tolist(), reference[low:high].tolist()).as_matching_blocks()
            if block.size
        ]
        if found:
            last = found[-1]
            next_reference = last.reference + last.length
            expected = next_reference + stop - (last.query + last.length)
        else:
            expected += stop - start
        blocks.extend(found)
    return blocks


def _joined(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and block.query == last.query + last.length and block.reference == last.reference + last.length:
            joined[-1] = Block(last.query, last.reference, last.length + block.length)
        else:
            joined.append(block)
    return joined
