"""What each lexeme of an excerpt weighs: its information as code, or beside the code as a comment, or nothing."""

import numpy as np

from index.comments import in_comment
from index.excerpt import Excerpt
from index.imports import in_import
from index.information import Weights, weigh
from index.verify import Side, side


def weighed_side(excerpt: Excerpt, where: range, language: str, table: Weights) -> Side:
    """Return one side of an alignment, weighed inside a region; outside of it, and in imports, nothing weighs.

    A copied comment is strong evidence beside copied code and none without, so comments are weighed apart.
    """
    lexemes = excerpt.lexemes
    weights = np.zeros(len(lexemes), np.float32)
    comments = np.zeros(len(lexemes), np.float32)
    inside = weigh(table, lexemes.hashes[where.start : where.stop])
    said = in_comment(excerpt.text, lexemes, where.start, where.stop, language)
    told = in_import(excerpt.text, lexemes, where.start, where.stop, language)
    weights[where.start : where.stop] = np.where(said | told, np.float32(0.0), inside)
    comments[where.start : where.stop] = np.where(said, inside, np.float32(0.0))
    return side(lexemes.hashes, lexemes.lines, weights, comments)
