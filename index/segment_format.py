"""What a segment file is made of: numbers that its writer and its reader share."""

from typing import Final

FORMAT_VERSION: Final = 3
# Before version 3 there were no nibbles.
READABLE_VERSIONS: Final = (2, FORMAT_VERSION)
MAGIC: Final = b"ATTRIBSG"
ALIGN: Final = 64
REMAINDER_BITS: Final = 16
CELL_BITS: Final = 24
MILESTONE_LEXEMES: Final = 256
BLOCK_BYTES: Final = 1 << 16
