"""What each lexeme of an excerpt weighs: its information as code, or beside the code as a comment, or nothing."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class MostWeights:
    """What the lexemes of a region weigh at most, whatever the language: were none of them comment or import.

    `counting` tells which of them go on counting. Both are counted from the region's start.
    """

    where: range
    bits: Weights
    counting: Flags


def most_weights(excerpt: Excerpt, where: range, table: Weights) -> MostWeights:
    """Return what the lexemes of a region weigh at most; what everybody has alike weighs nothing."""
    text = np.frombuffer(excerpt.text, np.uint8)
    inside = slice(where.start, where.stop)
    lexemes = excerpt.lexemes
    hashes, starts, ends = lexemes.hashes[inside], lexemes.starts[inside], lexemes.ends[inside]
    counting = counted_on(text, starts, ends)
    anybodys = in_order(text, starts, ends)
    anybodys |= counting
    anybodys |= known_words(excerpt.text, hashes, starts, ends)
    anybodys |= in_prologue(excerpt.text, lexemes, where.start, where.stop)
    bits = weigh(table, hashes)
    _take_off(text, starts, ends, anybodys, bits)
    return MostWeights(where, bits, counting)


def weighed_side(excerpt: Excerpt, where: range, language: str, table: Weights) -> Side:
    """Return one side of an alignment, weighed inside a region; outside of it, and in imports, nothing weighs."""
    return read_as(language, excerpt, most_weights(excerpt, where, table))


def read_as(language: str, excerpt: Excerpt, most: MostWeights) -> Side:
    """Return a side of which it is known what its lexemes weigh at most, read as code of a language.

    A copied comment is strong evidence beside copied code and none without, so comments are weighed apart.
    """
    lexemes, where = excerpt.lexemes, most.where
    inside = slice(where.start, where.stop)
    said = in_comment(excerpt.text, lexemes, where.start, where.stop, language)
    told = in_import(excerpt.text, lexemes, where.start, where.stop, language)
    weights, comments = (np.zeros(len(lexemes), np.float32) for _ in range(2))
    weights[inside] = np.where(said | told, np.float32(0), most.bits)
    comments[inside] = np.where(said, most.bits, np.float32(0))
    shapes = lexemes.hashes.copy()
    shapes[inside][most.counting] = 0
    return side(lexemes.hashes, shapes, lexemes.lines, weights, comments)


@numba.njit(cache=True, nogil=True)
def _take_off(text: npt.NDArray[np.uint8], starts: Positions, ends: Positions, anybodys: Flags, bits: Weights) -> None:
    """Let what is anybody's weigh nothing, and numbers and single letters little.

    Of these rare ones, too, stand in order in tables that nobody copied.
    """
    for i in range(len(starts)):
        if anybodys[i]:
            bits[i] = 0.0
        elif ends[i] - starts[i] == 1 or 48 <= text[starts[i]] <= 57:
            bits[i] = min(bits[i], MOST_BITS_OF_PLAIN)
