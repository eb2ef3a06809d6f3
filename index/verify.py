"""What two aligned sides really share, where it begins and ends, and what it tells.

LSH only proposes. Information decides, not length alone: see `index.information`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numba
import numpy as np

from index.alignment import Region, aligned_blocks
from index.chains import BITS, Bits, chained
from index.information import Weights
from index.lexer import Hashes, Positions

# What tells a copy without a long run scores more than twice that in an alignment.
LEAST_OF_A_COPY = 20.0


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an alignment: lexeme hashes, their lines and weights (0 for what says nothing).

    `shapes` are the hashes again, but that what counts on from one to the next looks the same. `bits` holds what all
    lexemes before each position weigh, `comment_bits` what the comments among them would, `telling` how many of them
    weigh anything, shape (n + 1,).
    """

    hashes: Hashes
    shapes: Hashes
    lines: Positions
    weights: Weights
    bits: Bits
    comment_bits: Bits
    telling: Positions


@dataclass(frozen=True, slots=True)
class Passage:
    """Code that stands on both sides, in lexeme positions (half-open).

    `bits` is the information of the equal lexemes as the reference reads them (an edit may open a comment, or take its
    end away): comments count for no more than the code beside them, and what repeats itself less (`index.chains`);
    `similarity` the share of equal lexemes in the longer side; `longest_run` the most equal lexemes in a row,
    those at ragged ends that the passage leaves out included. `renamed` passages hold the exchanged names, as hashes
    of the reference's and of the query's, and how many of them come more than once.
    """

    query_start: int
    query_end: int
    reference_start: int
    reference_end: int
    equal: int
    longest_run: int
    bits: float
    similarity: float
    renamed: bool = False
    names: tuple[tuple[int, int], ...] = ()
    tied_names: int = 0

    @property
    def exact(self) -> bool:
        """Whether every lexeme of both sides is equal."""
        whole = self.equal == self.query_end - self.query_start == self.reference_end - self.reference_start
        return whole and not self.renamed


def share_covered(found: Sequence[Passage], length: int) -> float:
    """Return the share of a text, `length` lexemes long, on which any of the passages lies."""
    covered = reach = 0
    for passage in sorted(found, key=lambda one: one.query_start):
        covered += max(0, passage.query_end - max(reach, passage.query_start))
        reach = max(reach, passage.query_end)
    return covered / length


def side(hashes: Hashes, shapes: Hashes, lines: Positions, weights: Weights, comments: Weights) -> Side:
    """Return one side with its running sums; `comments` is what the lexemes in comments weigh beside copied code."""
    bits, telling = _running(weights)
    comment_bits, _ = _running(comments)
    return Side(hashes, shapes, lines, weights, bits, comment_bits, telling)


def passages(query: Side, reference: Side, where: Region, least: float) -> Iterator[Passage]:
    """Yield the passages that a query and a reference share inside a region, each once.

    `least` is what the best alignment must score where there is no long run; see `LEAST_OF_A_COPY`.
    """
    blocks = aligned_blocks(query.hashes, reference.hashes, where, query.weights, reference.weights, least)
    chains = chained(
        blocks,
        query.hashes,
        query.lines,
        query.bits,
        query.telling,
        reference.hashes,
        reference.shapes,
        reference.lines,
        reference.bits,
        reference.comment_bits,
        reference.telling,
    )
    for row in chains.tolist():
        query_start, query_end, reference_start, reference_end, equal, longest_run = map(int, row[:6])
        yield Passage(
            query_start,
            query_end,
            reference_start,
            reference_end,
            equal,
            longest_run,
            row[BITS],
            equal / max(query_end - query_start, reference_end - reference_start),
        )


@numba.njit(cache=True, nogil=True)
def _running(weights: Weights) -> tuple[Bits, Positions]:
    bits = np.zeros(len(weights) + 1, np.float64)
    telling = np.zeros(len(weights) + 1, np.int32)
    for i in range(len(weights)):
        bits[i + 1] = bits[i] + weights[i]
        telling[i + 1] = telling[i] + (1 if weights[i] > 0 else 0)
    return bits, telling
