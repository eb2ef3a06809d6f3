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

Flags = npt.NDArray[np.bool_]


def weighed_side(excerpt: Excerpt, where: range, language: str, table: Weights) -> Side:
    """Return one side of an alignment, weighed inside a region; outside of it, and in imports, nothing weighs.

    A copied comment is strong evidence beside copied code and none without, so comments are weighed apart.
    """
    lexemes = excerpt.lexemes
    text = np.frombuffer(excerpt.text, np.uint8)
    inside = slice(where.start, where.stop)
    hashes, starts, ends = lexemes.hashes[inside], lexemes.starts[inside], lexemes.ends[inside]
    counting = counted_on(text, starts, ends)
    anybodys = in_order(text, starts, ends)
    anybodys |= counting
    anybodys |= known_words(excerpt.text, hashes, starts, ends)
    anybodys |= in_prologue(excerpt.text, lexemes, where.start, where.stop)
    said = in_comment(excerpt.text, lexemes, where.start, where.stop, language)
    told = in_import(excerpt.text, lexemes, where.start, where.stop, language)
    weights, comments, most = (np.zeros(len(lexemes), np.float32) for _ in range(3))
    shapes = lexemes.hashes.copy()
    shapes[inside][counting] = 0
    _weigh(
        text,
        starts,
        ends,
        weigh(table, hashes),
        anybodys,
        said,
        told,
        weights[inside],
        comments[inside],
        most[inside],
    )
    return side(lexemes.hashes, shapes, lexemes.lines, weights, comments, most)


@numba.njit(cache=True, nogil=True)
def _weigh(
    text: npt.NDArray[np.uint8],
    starts: Positions,
    ends: Positions,
    table: Weights,
    anybodys: Flags,
    said: Flags,
    told: Flags,
    weights: Weights,
    comments: Weights,
    most: Weights,
) -> None:
    """Write what each lexeme weighs as code, in a comment, and at most.

    Of numbers and single letters rare ones, too, stand in order in tables that nobody copied.
    """
    for i in range(len(starts)):
        if anybodys[i]:
            continue
        most[i] = table[i]
        if ends[i] - starts[i] == 1 or 48 <= text[starts[i]] <= 57:
            most[i] = min(most[i], MOST_BITS_OF_PLAIN)
        if said[i]:
            comments[i] = most[i]
        elif not told[i]:
            weights[i] = most[i]
