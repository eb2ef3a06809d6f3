"""One immutable segment file: band keys sorted for lookup, and the reference texts themselves.

Layout: magic, length and SHA-256 of the header, the header as JSON (parameters, counts, sections with offset, length
and CRC-32), then the sections, each aligned to 64 bytes so that it can be mapped and read in place.

A posting is 5 bytes: the directory holds the first bits of its key, `remainders` the next 16, `cells_low` and
`cells_high` the number of its cell: a stride of lexemes of one content, counted through the segment. Further bits of
the key are not kept; verification sorts out the few that meet by chance. The texts are one stream, cut into blocks
that are compressed each. Lexemes are not stored: lexing a text again is faster than reading its lexemes would be.
Where every 256th of them begins is kept (`milestones`), so that only the part of a text that is aligned is read. Four
bits of each lexeme are kept as well (`nibbles`): they tell most places where nothing was copied without any reading.
"""

import hashlib
import json
import mmap
import os
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zstandard

from index.collection import Collection
from index.errors import DamagedSegment, UnknownFormat
from index.excerpt import Excerpt
from index.information import Counts
from index.lexer import Lexemes, lex
from index.lsh import IndexParams
from index.nibbles import first_nibbles
from index.segment_format import (
    ALIGN,
    BLOCK_BYTES,
    FORMAT_VERSION,
    MAGIC,
    MILESTONE_LEXEMES,
    READABLE_VERSIONS,
)

_SECTIONS: Final = frozenset(
    (
        "directory",
        "remainders",
        "cells_low",
        "cells_high",
        "first_cells",
        "content_lexemes",
        "content_languages",
        "content_ids",
        "lexeme_counts",
        "milestones",
        "nibbles",
        "text_offsets",
        "block_offsets",
        "blocks",
    )
)
_decompressors = threading.local()

# Gives back one block of a segment's texts: `Segment.block`, or a cache of it.
ReadBlock = Callable[["Segment", int], bytes]

_POSTINGS: Final = frozenset(("directory", "remainders", "cells_low", "cells_high"))
# What segments of an older version may lack.
_ADDED: Final = frozenset(("nibbles",))
# Small, and one wrong bit in them hides whole contents. Blocks are checked as they are read, the rest by `verify`.
_TABLES: Final = _SECTIONS - _POSTINGS - {"blocks", "nibbles"}
_MEND: Final = "run `attrib index verify --mend`"


@dataclass(frozen=True, slots=True)
class ContentEntry:
    """What a finished segment holds of one content: SHA-1 git blob id, lexemes and bytes."""

    swhid: str
    ordinal: int
    lexemes: int
    bytes: int


class Segment:
    """A segment mapped read-only; every array is a view of the file, nothing is copied."""

    def __init__(self, path: Path, params: IndexParams, mending: bool = False) -> None:
        """Open a segment, raising DamagedSegment or IncompatibleParameters before anything can be answered from it.

        With `mending`, damage inside it is left for whoever mends it to find.
        """
        self.name = path.name
        self._path = path
        self._map, self._inode = _map(path)
        header, body = _header(self._map, path)
        params.require_same(header["parameters"], f"segment {path.name}")
        self._sections: dict[str, dict[str, int]] = header["sections"]
        self._body = body
        if self._sections.keys() | _ADDED != _SECTIONS:
            raise UnknownFormat(
                f"segment {path.name} lacks a section that this version reads: "
                "use the version of Attrib that wrote it, or build the index again."
            )
        end = max(section["offset"] + section["length"] for section in self._sections.values())
        if body + end > len(self._map):
            raise DamagedSegment(f"segment {path.name} is cut short: {_MEND}.")
        if not mending and (damaged := self._damaged(_TABLES)):
            raise DamagedSegment(f"segment {path.name} has a wrong checksum of {' and '.join(damaged)}: {_MEND}.")
        self.contents: int = header["contents"]
        # Segments from before there were collections say nothing of them.
        self.collection = Collection(header.get("collection", Collection.PERMISSIVE))
        self._languages: list[str] = header["languages"]
        self.directory = self._array("directory", np.uint32)
        self.remainders = self._array("remainders", np.uint16)
        self.cells_low = self._array("cells_low", np.uint16)
        self.cells_high = self._array("cells_high", np.uint8)
        self.first_cells = self._array("first_cells", np.uint32)
        self.content_lexemes = self._array("content_lexemes", np.uint32)
        self._content_languages = self._array("content_languages", np.uint8)
        self._text_offsets = self._array("text_offsets", np.uint64)
        self._block_offsets = self._array("block_offsets", np.uint64)
        self._milestones = self._array("milestones", np.uint32).reshape(-1, 2)
        counts = -(-self.content_lexemes.astype(np.int64) // MILESTONE_LEXEMES)
        self._first_milestones = np.concatenate([[0], np.cumsum(counts)])
        self.nibbles = self._array("nibbles", np.uint8) if "nibbles" in self._sections else None
        self.first_nibbles = first_nibbles(self.content_lexemes)

    @property
    def slot_bits(self) -> int:
        """Number of key bits that the directory resolves."""
        return (len(self.directory) - 1).bit_length() - 1

    def is_at(self, path: Path) -> bool:
        """Tell whether the file at a path is the one that is mapped, not another that has taken its place."""
        try:
            return path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    def bytes_by_use(self) -> dict[str, int]:
        """Return how the bytes of the file divide: postings, reference texts, and the rest."""
        lengths = {name: section["length"] for name, section in self._sections.items()}
        postings = sum(lengths[name] for name in _POSTINGS)
        return {"postings": postings, "texts": lengths["blocks"], "rest": len(self._map) - postings - lengths["blocks"]}

    def block(self, number: int) -> bytes:
        """Return one block of the stream of texts; raises DamagedSegment."""
        blocks = self._sections["blocks"]["offset"] + self._body
        begin, end = int(self._block_offsets[number]), int(self._block_offsets[number + 1])
        try:
            return _decompressor().decompress(self._map[blocks + begin : blocks + end], max_output_size=BLOCK_BYTES)
        except zstandard.ZstdError as error:
            raise DamagedSegment(
                f"segment {self.name} cannot give back block {number} of its texts: {_MEND}."
            ) from error

    def text(self, ordinal: int) -> bytes:
        """Return the reference text of one content, as it was added; raises DamagedSegment."""
        return self._part(ordinal, 0, self.text_bytes(ordinal), Segment.block)

    def text_bytes(self, ordinal: int) -> int:
        """Return how many bytes a text has."""
        return int(self._text_offsets[ordinal + 1]) - int(self._text_offsets[ordinal])

    def excerpt(self, ordinal: int, where: range, read_block: ReadBlock) -> Excerpt:
        """Return a part of a text that holds at least the lexemes asked for; raises DamagedSegment."""
        milestones = self._milestones[self._first_milestones[ordinal] : self._first_milestones[ordinal + 1]]
        first = min(where.start // MILESTONE_LEXEMES, len(milestones) - 1)
        behind = -(-where.stop // MILESTONE_LEXEMES)
        begin, line = (int(value) for value in milestones[first])
        end = int(milestones[behind][0]) if behind < len(milestones) else self.text_bytes(ordinal)
        text = self._part(ordinal, begin, end, read_block)
        part = lex(text)
        lexemes = Lexemes(part.hashes, part.starts, part.ends, part.lines + np.int32(line - 1))
        return Excerpt(text, lexemes, first * MILESTONE_LEXEMES, begin)

    def language(self, ordinal: int) -> str:
        """Return the language name one content was added under; empty when unknown."""
        return self._languages[int(self._content_languages[ordinal])]

    def by_language(self, left_out: Sequence[int]) -> dict[str, tuple[int, int]]:
        """Return how many contents, and lexemes in them, each language has; `left_out` are ordinals not counted."""
        held = np.ones(len(self.content_lexemes), np.bool_)
        held[np.array(left_out, np.int64)] = False
        spoken, lexemes = self._content_languages[held], self.content_lexemes[held]
        contents = np.bincount(spoken, minlength=len(self._languages)).tolist()
        counted = np.bincount(spoken, weights=lexemes, minlength=len(self._languages)).tolist()
        return {name: (contents[n], int(counted[n])) for n, name in enumerate(self._languages) if contents[n]}

    def lexeme_counts(self) -> Counts:
        """Return how often the lexemes of each bucket occur in this segment, shape (BUCKETS,)."""
        try:
            return np.frombuffer(zstandard.decompress(self._bytes("lexeme_counts")), np.int64)
        except zstandard.ZstdError as error:
            raise DamagedSegment(f"segment {self.name} cannot give back its counts: {_MEND}.") from error

    def swhid(self, ordinal: int) -> str:
        """Return the SWHID of one content."""
        ids = self._bytes("content_ids")
        return f"swh:1:cnt:{ids[20 * ordinal : 20 * ordinal + 20].hex()}"

    def damaged_sections(self) -> tuple[str, ...]:
        """Read the whole file and return the names of sections whose checksum is wrong."""
        return self._damaged(_SECTIONS)

    def _part(self, ordinal: int, begin: int, end: int, read_block: ReadBlock) -> bytes:
        start = int(self._text_offsets[ordinal])
        begin, end = start + begin, start + end
        size = BLOCK_BYTES
        first = begin // size
        parts = [read_block(self, number) for number in range(first, -(-end // size))]
        stream = parts[0] if len(parts) == 1 else b"".join(parts)
        return stream[begin - first * size : end - first * size]

    def _damaged(self, names: frozenset[str]) -> tuple[str, ...]:
        return tuple(
            name
            for name, section in self._sections.items()
            if name in names and zlib.crc32(self._bytes(name)) != section["crc32"]
        )

    def _bytes(self, name: str) -> bytes:
        section = self._sections[name]
        begin = self._body + section["offset"]
        return self._map[begin : begin + section["length"]]

    def _array(self, name: str, dtype: type[np.generic]) -> npt.NDArray[Any]:
        section = self._sections[name]
        count = section["length"] // np.dtype(dtype).itemsize
        return np.frombuffer(self._map, dtype, count, self._body + section["offset"])


def _map(path: Path) -> tuple[mmap.mmap, int]:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), os.fstat(file.fileno()).st_ino
    except FileNotFoundError as error:
        raise DamagedSegment(f"segment {path.name} is missing: restore it, or {_MEND}.") from error
    except ValueError as error:
        raise DamagedSegment(f"segment {path.name} is empty: {_MEND}.") from error


def _header(data: mmap.mmap, path: Path) -> tuple[dict[str, Any], int]:
    preamble = len(MAGIC) + 8 + 32
    if data[: len(MAGIC)] != MAGIC:
        raise DamagedSegment(f"segment {path.name} does not begin as one: {_MEND}.")
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 8], "little")
    head = data[preamble : preamble + length]
    if hashlib.sha256(head).digest() != data[preamble - 32 : preamble]:
        raise DamagedSegment(f"the header of segment {path.name} is damaged: {_MEND}.")
    header: dict[str, Any] = json.loads(head)
    if header["format"] not in READABLE_VERSIONS:
        raise UnknownFormat(
            f"segment {path.name} has format {header['format']} and this version reads {FORMAT_VERSION}: "
            "use the version of Attrib that wrote it, or build the index again."
        )
    body = preamble + length
    return header, body + -body % ALIGN


def _decompressor() -> zstandard.ZstdDecompressor:
    """Return this thread's decompressor: making one costs as much as a block, and none may be shared."""
    found: zstandard.ZstdDecompressor | None = getattr(_decompressors, "own", None)
    if found is None:
        found = _decompressors.own = zstandard.ZstdDecompressor()
    return found
