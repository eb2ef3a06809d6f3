"""What two aligned sides really share, where it begins and ends, and what it tells.

LSH only proposes. Equal blocks are chained while what they share outweighs what lies between them, and information
decides, not length alone: see `index.information`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.alignment import Block, Region, aligned_blocks
from index.information import Weights
from index.lexer import Hashes, Positions

_LONGEST_GAP = 40
_RAGGED_LEXEMES = 8
_GAIN_OF_A_LEXEME = 0.5
# What 40 lexemes in a row score though they carry no information: less is never reported.
_LEAST_SCORE = 20.0
_COST_OF_A_LEXEME = 0.2


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an alignment: lexeme hashes, their lines, and their weights (0 for comments)."""

    hashes: Hashes
    lines: Positions
    weights: Weights


@dataclass(frozen=True, slots=True)
class Passage:
    """Code that stands on both sides, in lexeme positions (half-open).

    `bits` is the information of the equal lexemes; `weighted_similarity` their share of the heavier side's bits;
    `similarity` the share of equal lexemes in the longer side; `longest_run` the most equal lexemes in a row,
    those at ragged ends that the passage leaves out included.
    """

    query_start: int
    query_end: int
    reference_start: int
    reference_end: int
    equal: int
    longest_run: int
    bits: float
    weighted_similarity: float
    similarity: float

    @property
    def exact(self) -> bool:
        """Whether every lexeme of both sides is equal."""
        return self.equal == self.query_end - self.query_start == self.reference_end - self.reference_start


def passages(query: Side, reference: Side, where: Region) -> Iterator[Passage]:
    """Yield the passages that a query and a reference share inside a region, each once."""
    blocks = aligned_blocks(query.hashes, reference.hashes, where)
    query_bits = _running_bits(query.weights, where.query)
    reference_bits = _running_bits(reference.weights, where.reference)
    for best in _heaviest_chains(blocks, *_gains_and_costs(blocks, query, reference, query_bits, reference_bits)):
        whole = _grown(best, query.hashes, reference.hashes)
        trimmed = _without_ragged_ends(whole, query.lines, reference.lines)
        if trimmed:
            # The run counts as it was before its ends were tidied: what is certain to be found must be reported.
            longest_run = max(block.length for block in whole)
            yield _passage(trimmed, longest_run, query_bits, reference_bits)


def _running_bits(weights: Weights, where: range) -> npt.NDArray[np.float64]:
    """Return the bits before each position, shape (n + 1,), counted from the beginning of a region."""
    bits = np.zeros(len(weights) + 1)
    np.cumsum(weights[where.start : where.stop], out=bits[where.start + 1 : where.stop + 1])
    bits[where.stop + 1 :] = bits[where.stop]
    return bits


def _grown(chain: list[Block], query: Hashes, reference: Hashes) -> list[Block]:
    """Lengthen both ends while the sides agree: an alignment may have put the last lexemes elsewhere as well."""
    first, last = chain[0], chain[-1]
    ahead = 0
    while (
        min(first.query, first.reference) > ahead
        and query[first.query - ahead - 1] == reference[first.reference - ahead - 1]
    ):
        ahead += 1
    chain = [Block(first.query - ahead, first.reference - ahead, first.length + ahead), *chain[1:]]
    last = chain[-1]
    query_end, reference_end = last.query + last.length, last.reference + last.length
    behind = 0
    while (
        query_end + behind < len(query)
        and reference_end + behind < len(reference)
        and query[query_end + behind] == reference[reference_end + behind]
    ):
        behind += 1
    return [*chain[:-1], Block(last.query, last.reference, last.length + behind)]


def _gains_and_costs(
    blocks: list[Block],
    query: Side,
    reference: Side,
    query_bits: npt.NDArray[np.float64],
    reference_bits: npt.NDArray[np.float64],
) -> tuple[list[float], list[float]]:
    """Return what each block adds, and what the gap before it takes away: everything, where the gap is too long."""
    at = np.array([(block.query, block.reference, block.length) for block in blocks], np.int64).reshape(-1, 3)
    gains = query_bits[at[:, 0] + at[:, 2]] - query_bits[at[:, 0]] + _GAIN_OF_A_LEXEME * at[:, 2]
    costs = np.zeros(len(blocks))
    for side, bits, column in ((query, query_bits, 0), (reference, reference_bits, 1)):
        begins, ends = at[:-1, column] + at[:-1, 2], at[1:, column]
        telling = np.concatenate([[0], np.cumsum(side.weights > 0)])
        cost = bits[ends] - bits[begins] + _COST_OF_A_LEXEME * (ends - begins)
        cost[telling[ends] - telling[begins] > _LONGEST_GAP] = np.inf
        costs[1:] = np.maximum(costs[1:], cost)
    return gains.tolist(), costs.tolist()


def _heaviest_chains(blocks: list[Block], gains: list[float], costs: list[float]) -> Iterator[list[Block]]:
    """Yield the run of blocks whose gains outweigh the gaps between them most, then those left and right of it."""
    best_score, best_begin, best_end = 0.0, 0, 0
    score, begin = 0.0, 0
    for number, gain in enumerate(gains):
        score -= costs[number] if number else 0.0
        if score <= 0.0:
            score, begin = 0.0, number
        score += gain
        if score > best_score:
            best_score, best_begin, best_end = score, begin, number + 1
    if best_score < _LEAST_SCORE:
        return
    yield blocks[best_begin:best_end]
    yield from _heaviest_chains(blocks[:best_begin], gains[:best_begin], costs[:best_begin])
    yield from _heaviest_chains(blocks[best_end:], gains[best_end:], costs[best_end:])


def _without_ragged_ends(chain: list[Block], query_lines: Positions, reference_lines: Positions) -> list[Block]:
    """Drop the few lexemes that happen to agree on the line before or after the passage."""
    first, last = chain[0], chain[-1]
    ahead = _ragged_start(first.query, first.length, query_lines) or _ragged_start(
        first.reference, first.length, reference_lines
    )
    if ahead:
        chain = [Block(first.query + ahead, first.reference + ahead, first.length - ahead), *chain[1:]]
        last = chain[-1]
    behind = _ragged_end(last.query + last.length, last.length, query_lines) or _ragged_end(
        last.reference + last.length, last.length, reference_lines
    )
    if behind:
        chain = [*chain[:-1], Block(last.query, last.reference, last.length - behind)]
    return chain if all(block.length > 0 for block in chain) else []


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


def _ragged_end(end: int, length: int, lines: Positions) -> int:
    line = lines[end - 1]
    on_line = 0
    while on_line < length and lines[end - 1 - on_line] == line:
        on_line += 1
    after = 0
    while end + after < len(lines) and lines[end + after] == line:
        after += 1
    return on_line if after >= on_line and on_line < min(length, _RAGGED_LEXEMES) else 0


def _passage(
    chain: list[Block],
    longest_run: int,
    query_bits: npt.NDArray[np.float64],
    reference_bits: npt.NDArray[np.float64],
) -> Passage:
    first, last = chain[0], chain[-1]
    query_start, query_end = first.query, last.query + last.length
    reference_start, reference_end = first.reference, last.reference + last.length
    equal = sum(block.length for block in chain)
    query_equal = sum(float(query_bits[b.query + b.length] - query_bits[b.query]) for b in chain)
    reference_equal = sum(float(reference_bits[b.reference + b.length] - reference_bits[b.reference]) for b in chain)
    # A comment weighs nothing on its own side; where the languages differ the lighter reading counts.
    bits = min(query_equal, reference_equal)
    heavier = max(
        float(query_bits[query_end] - query_bits[query_start]),
        float(reference_bits[reference_end] - reference_bits[reference_start]),
    )
    return Passage(
        query_start,
        query_end,
        reference_start,
        reference_end,
        equal,
        longest_run,
        bits,
        bits / heavier if heavier else 0.0,
        equal / max(query_end - query_start, reference_end - reference_start),
    )
