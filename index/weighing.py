"""What each lexeme of an excerpt weighs: its information as code, or beside the code as a comment, or nothing."""

import numba
import numpy as np
import numpy.typing as npt

from index.comments import in_comment
from index.excerpt import Excerpt
from index.imports import in_import
from index.information import Weights, weigh
from index.lexer import Positions
from index.verify import Side, side

MOST_BITS_OF_PLAIN = np.float32(1.0)


def weighed_side(excerpt: Excerpt, where: range, language: str, table: Weights) -> Side:
    """Return one side of an alignment, weighed inside a region; outside of it, and in imports, nothing weighs.

    A copied comment is strong evidence beside copied code and none without, so comments are weighed apart.
    """
    lexemes = excerpt.lexemes
    plain = _plain(np.frombuffer(excerpt.text, np.uint8), lexemes.starts, lexemes.ends, where.start, where.stop)
    weights = np.zeros(len(lexemes), np.float32)
    comments = np.zeros(len(lexemes), np.float32)
    inside = weigh(table, lexemes.hashes[where.start : where.stop])
    inside = np.where(plain, np.minimum(inside, MOST_BITS_OF_PLAIN), inside)
    said = in_comment(excerpt.text, lexemes, where.start, where.stop, language)
    told = in_import(excerpt.text, lexemes, where.start, where.stop, language)
    weights[where.start : where.stop] = np.where(said | told, np.float32(0.0), inside)
    comments[where.start : where.stop] = np.where(said, inside, np.float32(0.0))
    return side(lexemes.hashes, lexemes.lines, weights, comments)


@numba.njit(cache=True, nogil=True)
def _plain(
    text: npt.NDArray[np.uint8], starts: Positions, ends: Positions, first: int, stop: int
) -> npt.NDArray[np.bool_]:
    """Tell which lexemes are numbers or single letters: rare ones too stand in order in tables that nobody copied."""
    plain = np.zeros(stop - first, np.bool_)
    for i in range(first, stop):
        plain[i - first] = ends[i] - starts[i] == 1 or 48 <= text[starts[i]] <= 57
    return plain
