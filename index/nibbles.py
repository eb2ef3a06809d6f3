"""Four bits of each lexeme, two lexemes in a byte: enough to tell that two places have little in common."""

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Hashes

Nibbles = npt.NDArray[np.uint8]

# Of all four bits of a hash these tell the commonest lexemes apart best.
_SHIFT = 14


def nibbles(hashes: Hashes) -> Nibbles:
    """Return the nibble of each lexeme, one in a byte."""
    return ((hashes >> np.uint32(_SHIFT)) & np.uint32(15)).astype(np.uint8)


def packed(hashes: Hashes) -> Nibbles:
    """Return the nibbles of the lexemes of one text, two in a byte, the first of them in the lower bits."""
    found = np.pad(nibbles(hashes), (0, len(hashes) % 2))
    return found[::2] | (found[1::2] << np.uint8(4))


@numba.njit(cache=True, nogil=True)
def nibble(found: Nibbles, first: int, lexeme: int) -> int:
    """Return one nibble of a text whose nibbles begin at byte `first`."""
    return (int(found[first + lexeme // 2]) >> (4 * (lexeme % 2))) & 15


def first_nibbles(lexemes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Return at which byte the nibbles of each text begin, for the numbers of their lexemes, one behind the other."""
    return np.concatenate([[0], np.cumsum((lexemes.astype(np.int64) + 1) // 2)])
