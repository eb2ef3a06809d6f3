"""What each lexeme of an excerpt weighs: its information as code, or beside the code as a comment, or nothing."""

import numba
import numpy as np
import numpy.typing as npt

from index.comments import in_comment
from index.enumerations import counted_on, in_order
from index.excerpt import Excerpt
from index.imports import in_import
from index.information import Weights, weigh
from index.known_texts import known_words
from index.lexer import Positions
from index.prologues import in_prologue
from index.verify import Side, side

MOST_BITS_OF_PLAIN = np.float32(1.0)


def weighed_side(excerpt: Excerpt, where: range, language: str, table: Weights) -> Side:
    """Return one side of an alignment, weighed inside a region; outside of it, and in imports, nothing weighs.

    A copied comment is strong evidence beside copied code and none without, so comments are weighed apart.
    """
    lexemes = excerpt.lexemes
    text = np.frombuffer(excerpt.text, np.uint8)
    starts, ends = lexemes.starts[where.start : where.stop], lexemes.ends[where.start : where.stop]
    counting = counted_on(text, starts, ends)
    anybodys = (
        counting
        | in_order(text, starts, ends)
        | known_words(excerpt.text, lexemes.hashes[where.start : where.stop], starts, ends)
        | in_prologue(excerpt.text, lexemes, where.start, where.stop)
    )
    weights = np.zeros(len(lexemes), np.float32)
    comments = np.zeros(len(lexemes), np.float32)
    most = np.zeros(len(lexemes), np.float32)
    inside = weigh(table, lexemes.hashes[where.start : where.stop])
    inside = np.where(_plain(text, starts, ends), np.minimum(inside, MOST_BITS_OF_PLAIN), inside)
    inside = np.where(anybodys, np.float32(0.0), inside)
    said = in_comment(excerpt.text, lexemes, where.start, where.stop, language)
    told = in_import(excerpt.text, lexemes, where.start, where.stop, language)
    most[where.start : where.stop] = inside
    weights[where.start : where.stop] = np.where(said | told, np.float32(0.0), inside)
    comments[where.start : where.stop] = np.where(said, inside, np.float32(0.0))
    shapes = lexemes.hashes.copy()
    shapes[where.start : where.stop][counting] = 0
    return side(lexemes.hashes, shapes, lexemes.lines, weights, comments, most)


@numba.njit(cache=True, nogil=True)
def _plain(text: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    """Tell which lexemes are numbers or single letters: rare ones too stand in order in tables that nobody copied."""
    plain = np.zeros(len(starts), np.bool_)
    for i in range(len(starts)):
        plain[i] = ends[i] - starts[i] == 1 or 48 <= text[starts[i]] <= 57
    return plain
