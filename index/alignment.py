"""Alignment of a proposed passage with its reference: the equal blocks of the two, in order.

Long runs on one diagonal are fixed first; between them rapidfuzz finds the longest common subsequence
(Hyyrö's bit-parallel algorithm). A longest common subsequence alone is not enough: in a table of numbers there are
many, most of them scattered. Where no long run bounds a part, the heaviest local alignment is taken.
"""

from dataclasses import dataclass

import numba
import numpy as np
from rapidfuzz.distance import LCSseq

from index.candidates import Candidate
from index.information import Weights
from index.lexer import Hashes
from index.local_alignment import Blocks, local_blocks

MARGIN = 64
_ANCHOR = 16
_TILE = 1500
_TILE_SLACK = 300
_MOST_CELLS = 4_000_000
_NO_BLOCKS: Blocks = np.empty((0, 3), np.int64)


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
        range(max(0, candidate.query_start - MARGIN), min(query_length, candidate.query_end + MARGIN)),
        range(max(0, candidate.reference_start - MARGIN), min(reference_length, candidate.reference_end + MARGIN)),
        range(candidate.lowest_diagonal - MARGIN, candidate.highest_diagonal + MARGIN + 1),
    )


def anchors(query: Hashes, reference: Hashes, where: Region) -> Blocks:
    """Return the long equal runs of a region: the longest, then the longest left and right of it, and so on."""
    return _anchors(
        query,
        reference,
        where.query.start,
        where.query.stop,
        where.reference.start,
        where.reference.stop,
        where.diagonals.start,
        where.diagonals.stop,
    )


def aligned_blocks(
    query: Hashes, reference: Hashes, where: Region, gains: Weights, reference_gains: Weights, least: float
) -> Blocks:
    """Return the equal blocks of a region in order, neighbouring ones joined.

    `gains` and `reference_gains` are what an equal lexeme is worth, by position: they decide between alignments where
    no long run does. There are no blocks where there is no long run, and the heaviest alignment scores less than
    `least`.
    """
    fixed = anchors(query, reference, where)
    if len(fixed):
        least = 0.0
    rows: list[Blocks] = []
    at, reference_at = where.query.start, where.reference.start
    for number, (start, reference_start, length) in enumerate(fixed.tolist()):
        before = Region(range(at, start), range(reference_at, reference_start), where.diagonals)
        rows.append(
            _between(query, reference, before)
            if number
            else _open(query, reference, before, gains, reference_gains, least)
        )
        rows.append(fixed[number : number + 1])
        at, reference_at = start + length, reference_start + length
    rest = Region(range(at, where.query.stop), range(reference_at, where.reference.stop), where.diagonals)
    rows.append(_open(query, reference, rest, gains, reference_gains, least))
    return _joined(np.concatenate(rows))


def _open(
    query: Hashes, reference: Hashes, where: Region, gains: Weights, reference_gains: Weights, least: float
) -> Blocks:
    """Return the blocks of a region that no anchor bounds on one side or both."""
    if not where.query or not where.reference:
        return _NO_BLOCKS
    if len(where.query) * min(len(where.diagonals), len(where.reference)) > _MOST_CELLS:
        return _between(query, reference, where)
    return local_blocks(
        query,
        reference,
        where.query.start,
        where.query.stop,
        where.reference.start,
        where.reference.stop,
        where.diagonals.start,
        where.diagonals.stop,
        gains,
        reference_gains,
        least,
    )


@numba.njit(cache=True, nogil=True)
def _anchors(
    query: Hashes,
    reference: Hashes,
    query_start: int,
    query_stop: int,
    reference_start: int,
    reference_stop: int,
    lowest: int,
    highest: int,
) -> Blocks:
    pending = [(query_start, query_stop, reference_start, reference_stop)]
    found = np.empty(((query_stop - query_start) // _ANCHOR + 1, 3), np.int64)
    size = 0
    while pending:
        low, high, reference_low, reference_high = pending.pop()
        best_at, best_diagonal, best = 0, 0, _ANCHOR - 1
        for diagonal in range(max(lowest, reference_low - high), min(highest, reference_high - low)):
            first = max(low, reference_low - diagonal)
            last = min(high, reference_high - diagonal)
            # A longer run than the best one covers one of the positions that are `best` apart: look only there.
            position = first + best
            while position < last:
                if query[position] != reference[position + diagonal]:
                    position += best + 1
                    continue
                begin = position
                while begin > first and query[begin - 1] == reference[begin - 1 + diagonal]:
                    begin -= 1
                end = position + 1
                while end < last and query[end] == reference[end + diagonal]:
                    end += 1
                if end - begin > best:
                    best_at, best_diagonal, best = begin, diagonal, end - begin
                position = end + best
        if best >= _ANCHOR:
            found[size, 0], found[size, 1], found[size, 2] = best_at, best_at + best_diagonal, best
            size += 1
            end = best_at + best
            if best_at - low >= _ANCHOR:
                pending.append((low, best_at, reference_low, best_at + best_diagonal))
            if high - end >= _ANCHOR:
                pending.append((end, high, end + best_diagonal, reference_high))
    found = found[:size]
    return found[np.argsort(found[:, 0])]


def _between(query: Hashes, reference: Hashes, where: Region) -> Blocks:
    """Return the longest common subsequence of a region, in tiles where it is long."""
    if not where.query or not where.reference:
        return _NO_BLOCKS
    blocks: list[tuple[int, int, int]] = []
    start, stop = where.query.start, where.query.stop
    reference_start = expected = where.reference.start
    tiled = stop - start > _TILE
    for tile in range(start, stop, _TILE):
        tile_stop = min(tile + _TILE, stop)
        low = max(reference_start, expected - _TILE_SLACK) if tiled else reference_start
        high = min(where.reference.stop, expected + _TILE + 2 * _TILE_SLACK) if tiled else where.reference.stop
        found = LCSseq.editops(query[tile:tile_stop].tolist(), reference[low:high].tolist()).as_matching_blocks()
        matched = [(tile + block.a, low + block.b, block.size) for block in found if block.size]
        if matched:
            last, last_reference, length = matched[-1]
            reference_start = last_reference + length
            expected = reference_start + tile_stop - (last + length)
        else:
            expected += tile_stop - tile
        blocks += matched
    return np.array(blocks, np.int64).reshape(-1, 3)


@numba.njit(cache=True, nogil=True)
def _joined(blocks: Blocks) -> Blocks:
    joined = np.empty_like(blocks)
    size = 0
    for row in range(len(blocks)):
        query, reference, length = blocks[row, 0], blocks[row, 1], blocks[row, 2]
        if (
            size
            and query == joined[size - 1, 0] + joined[size - 1, 2]
            and reference == joined[size - 1, 1] + joined[size - 1, 2]
        ):
            joined[size - 1, 2] += length
        else:
            joined[size, 0], joined[size, 1], joined[size, 2] = query, reference, length
            size += 1
    return joined[:size]
