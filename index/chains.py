"""Equal blocks chained while what they share outweighs what lies between them."""

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Hashes, Positions
from index.local_alignment import Blocks

_LONGEST_GAP = 40
_RAGGED_LEXEMES = 8
_GAIN_OF_A_LEXEME = 0.5
# What 24 lexemes in a row score though they carry no information: less is never reported.
_LEAST_SCORE = 12.0
_COST_OF_A_LEXEME = 0.2
_SHARE_OF_A_COMMENT = 0.5
_SHINGLE = 3
BITS = 6

Bits = npt.NDArray[np.float64]
# Rows: query start and end, reference start and end, equal, longest run, bits (see `index.verify.Passage`).
Rows = npt.NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def _shingle(lexemes: Hashes, at: int) -> np.uint64:
    value = np.uint64(0)
    for step in range(_SHINGLE):
        value = (value ^ np.uint64(lexemes[at + step])) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
    return value


@numba.njit(cache=True, nogil=True)
def chained(
    blocks: Blocks,
    query: Hashes,
    query_lines: Positions,
    query_bits: Bits,
    query_telling: Positions,
    reference: Hashes,
    reference_shapes: Hashes,
    reference_lines: Positions,
    reference_bits: Bits,
    reference_comment_bits: Bits,
    reference_telling: Positions,
) -> Rows:
    """Return the heaviest chains of blocks as rows, grown and tidied at their ends."""
    count = len(blocks)
    gains, costs = np.zeros(count), np.zeros(count)
    for row in range(count):
        start, reference_start, length = blocks[row]
        gains[row] = (
            reference_bits[reference_start + length] - reference_bits[reference_start] + _GAIN_OF_A_LEXEME * length
        )
        if row:
            end = blocks[row - 1, 0] + blocks[row - 1, 2]
            reference_end = blocks[row - 1, 1] + blocks[row - 1, 2]
            costs[row] = max(
                _gap_cost(query_bits, query_telling, end, start),
                _gap_cost(reference_bits, reference_telling, reference_end, reference_start),
            )
    rows = np.empty((count, BITS + 1), np.float64)
    size = 0
    pending = [(0, count)]
    while pending:
        low, high = pending.pop()
        begin, end, score = _heaviest(gains, costs, low, high)
        if score < _LEAST_SCORE:
            continue
        pending.append((low, begin))
        pending.append((end, high))
        chain = blocks[begin:end].copy()
        _grow(chain, query, reference)
        # The run counts as it is before its ends are tidied: what is certain to be found must be reported.
        longest_run = chain[:, 2].max()
        _tidy_ends(chain, query_lines, reference_lines)
        if chain[:, 2].min() <= 0:
            continue
        rows[size] = _measured(chain, longest_run, reference_bits, reference_comment_bits)
        rows[size, BITS] *= _variety(reference_shapes, chain)
        size += 1
    return rows[:size]


@numba.njit(cache=True, nogil=True)
def _gap_cost(bits: Bits, telling: Positions, begin: int, end: int) -> float:
    """Return what a gap takes away: everything, where too much that tells lies in it."""
    if telling[end] - telling[begin] > _LONGEST_GAP:
        return np.inf
    return float(0.5 * (bits[end] - bits[begin]) + _COST_OF_A_LEXEME * (end - begin))


@numba.njit(cache=True, nogil=True)
def _heaviest(
    gains: npt.NDArray[np.float64], costs: npt.NDArray[np.float64], low: int, high: int
) -> tuple[int, int, float]:
    """Return the run of blocks whose gains outweigh the gaps between them most, and by how much."""
    best_score, best_begin, best_end = 0.0, low, low
    score, begin = 0.0, low
    for number in range(low, high):
        if number > low:
            score -= costs[number]
        if score <= 0.0:
            score, begin = 0.0, number
        score += gains[number]
        if score > best_score:
            best_score, best_begin, best_end = score, begin, number + 1
    return best_begin, best_end, best_score


@numba.njit(cache=True, nogil=True)
def _grow(chain: Blocks, query: Hashes, reference: Hashes) -> None:
    """Lengthen both ends while the sides agree: an alignment may have put the last lexemes elsewhere as well."""
    while chain[0, 0] > 0 and chain[0, 1] > 0 and query[chain[0, 0] - 1] == reference[chain[0, 1] - 1]:
        chain[0, 0] -= 1
        chain[0, 1] -= 1
        chain[0, 2] += 1
    last = len(chain) - 1
    end, reference_end = chain[last, 0] + chain[last, 2], chain[last, 1] + chain[last, 2]
    while end < len(query) and reference_end < len(reference) and query[end] == reference[reference_end]:
        chain[last, 2] += 1
        end += 1
        reference_end += 1


@numba.njit(cache=True, nogil=True)
def _tidy_ends(chain: Blocks, query_lines: Positions, reference_lines: Positions) -> None:
    """Drop the few lexemes that happen to agree on the line before or after the passage."""
    ahead = _ragged_start(chain[0, 0], chain[0, 2], query_lines)
    if not ahead:
        ahead = _ragged_start(chain[0, 1], chain[0, 2], reference_lines)
    chain[0, 0] += ahead
    chain[0, 1] += ahead
    chain[0, 2] -= ahead
    last = len(chain) - 1
    length = chain[last, 2]
    behind = _ragged_end(chain[last, 0] + length, length, query_lines)
    if not behind:
        behind = _ragged_end(chain[last, 1] + length, length, reference_lines)
    chain[last, 2] -= behind


@numba.njit(cache=True, nogil=True)
def _ragged_start(position: int, length: int, lines: Positions) -> int:
    """Return how many lexemes to drop from a block that begins inside a line: 0, or less than the block's length."""
    line = lines[position]
    on_line = 0
    while on_line < length and lines[position + on_line] == line:
        on_line += 1
    before = 0
    while position - before > 0 and lines[position - before - 1] == line:
        before += 1
    return on_line if before >= on_line and on_line < min(length, _RAGGED_LEXEMES) else 0


@numba.njit(cache=True, nogil=True)
def _ragged_end(end: int, length: int, lines: Positions) -> int:
    if length <= 0:
        return 0
    line = lines[end - 1]
    on_line = 0
    while on_line < length and lines[end - 1 - on_line] == line:
        on_line += 1
    after = 0
    while end + after < len(lines) and lines[end + after] == line:
        after += 1
    return on_line if after >= on_line and on_line < min(length, _RAGGED_LEXEMES) else 0


@numba.njit(cache=True, nogil=True)
def _variety(shapes: Hashes, chain: Blocks) -> float:
    """Return the share of the equal shingles that do not repeat each other: markup and tables have few."""
    count = 0
    shingles = np.empty(chain[:, 2].sum(), np.uint64)
    for row in range(len(chain)):
        for at in range(chain[row, 1], chain[row, 1] + chain[row, 2] - _SHINGLE + 1):
            shingles[count] = _shingle(shapes, at)
            count += 1
    if not count:
        return 1.0
    distinct = 1
    ordered = np.sort(shingles[:count])
    for i in range(1, count):
        if ordered[i] != ordered[i - 1]:
            distinct += 1
    return distinct / count


@numba.njit(cache=True, nogil=True)
def _measured(chain: Blocks, longest_run: int, bits: Bits, comment_bits: Bits) -> npt.NDArray[np.float64]:
    last = len(chain) - 1
    start, end = chain[0, 0], chain[last, 0] + chain[last, 2]
    reference_start, reference_end = chain[0, 1], chain[last, 1] + chain[last, 2]
    equal = 0
    code, said = 0.0, 0.0
    for row in range(len(chain)):
        _, at, length = chain[row]
        equal += length
        code += bits[at + length] - bits[at]
        said += comment_bits[at + length] - comment_bits[at]
    told = code + min(code, said * _SHARE_OF_A_COMMENT)
    return np.array([start, end, reference_start, reference_end, equal, longest_run, told], np.float64)
