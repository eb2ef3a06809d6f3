"""Collects contents in memory until they are written, durably, as one segment."""

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zstandard

from index.collection import Collection
from index.information import BUCKETS, Counts, count_into
from index.lexer import lex
from index.lsh import IndexParams
from index.nibbles import packed
from index.posting_builder import PostingBuilder
from index.segment import ContentEntry
from index.segment_format import ALIGN, BLOCK_BYTES, CELL_BITS, FORMAT_VERSION, MAGIC, MILESTONE_LEXEMES
from index.windows import reference_keys

_COMPRESSION_LEVEL: Final = 3
_MOST_CELLS: Final = (1 << CELL_BITS) - 1


class SegmentBuilder:
    """Signs contents of one collection and keeps them until `write`; `full` says when it is time."""

    def __init__(self, params: IndexParams, collection: Collection = Collection.PERMISSIVE) -> None:
        self.collection = collection
        self._params = params
        self._compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL, write_checksum=True)
        self._postings = PostingBuilder()
        self._first_cells: list[int] = [0]
        self._blocks: list[bytes] = []
        self._unfinished = bytearray()
        self._text_offsets: list[int] = [0]
        self._milestones: list[npt.NDArray[np.uint32]] = []
        self._nibbles: list[npt.NDArray[np.uint8]] = []
        self._languages: list[str] = []
        self._entries: list[ContentEntry] = []
        self._counts: Counts = np.zeros(BUCKETS, np.int64)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[ContentEntry, ...]:
        """What has been added, in order."""
        return tuple(self._entries)

    @property
    def source_bytes(self) -> int:
        """How many bytes of text have been added."""
        return self._text_offsets[-1]

    def full(self, target_bytes: int) -> bool:
        """Tell whether the segment has reached a size in bytes of text, or as many cells as it can number."""
        return self.source_bytes >= target_bytes or self._first_cells[-1] > _MOST_CELLS // 2

    def add(self, swhid: str, text: bytes, language: str) -> ContentEntry | None:
        """Sign and keep one content; None when it is too short to hold a window, or too long to be numbered."""
        lexemes = lex(text)
        stride = self._params.exact.stride
        base = self._first_cells[-1]
        cells = -(-len(lexemes) // stride)
        found = reference_keys(text, lexemes, self._params)
        if not len(found) or base + cells > _MOST_CELLS:
            return None
        self._postings.add(found, base, stride)
        self._first_cells.append(base + cells)
        self._keep_text(text)
        at_milestones = slice(None, None, MILESTONE_LEXEMES)
        self._milestones.append(
            np.column_stack([lexemes.starts[at_milestones], lexemes.lines[at_milestones]]).astype(np.uint32)
        )
        self._nibbles.append(packed(lexemes.hashes))
        self._languages.append(language)
        count_into(self._counts, lexemes.hashes)
        entry = ContentEntry(swhid, len(self._entries), len(lexemes), len(text))
        self._entries.append(entry)
        return entry

    def write(self, folder: Path) -> str:
        """Write the segment durably into `folder` and return its name; it is whole there or not there at all."""
        sections = self._sections()
        header: dict[str, Any] = {
            "format": FORMAT_VERSION,
            "parameters": self._params.as_json(),
            "collection": self.collection,
            "contents": len(self._entries),
            "lexemes": sum(entry.lexemes for entry in self._entries),
            "languages": sorted(set(self._languages)),
            "sections": {},
        }
        offset = 0
        for name, data in sections.items():
            header["sections"][name] = {"offset": offset, "length": len(data), "crc32": zlib.crc32(data)}
            offset += -(-len(data) // ALIGN) * ALIGN
        head = json.dumps(header, sort_keys=True).encode()
        digest = hashlib.sha256(head).digest()
        name = f"{digest.hex()[:32]}.segment"
        partial = folder / f"{name}.partial"
        try:
            with partial.open("wb") as file:
                preamble = MAGIC + len(head).to_bytes(8, "little") + digest + head
                file.write(preamble)
                file.write(bytes(-len(preamble) % ALIGN))
                for data in sections.values():
                    file.write(data)
                    file.write(bytes(-len(data) % ALIGN))
                file.flush()
                os.fsync(file.fileno())
            partial.rename(folder / name)
        except OSError:
            # A disk that is full must not be kept full by what did not fit.
            partial.unlink(missing_ok=True)
            raise
        sync_folder(folder)
        return name

    def _keep_text(self, text: bytes) -> None:
        self._text_offsets.append(self._text_offsets[-1] + len(text))
        self._unfinished += text
        while len(self._unfinished) >= BLOCK_BYTES:
            self._blocks.append(self._compressor.compress(bytes(self._unfinished[:BLOCK_BYTES])))
            del self._unfinished[:BLOCK_BYTES]

    def _sections(self) -> dict[str, memoryview]:
        if self._unfinished:
            self._blocks.append(self._compressor.compress(bytes(self._unfinished)))
            self._unfinished.clear()
        languages = sorted(set(self._languages))
        arrays: dict[str, npt.NDArray[Any]] = {
            **self._postings.sections(),
            "first_cells": np.array(self._first_cells, np.uint32),
            "content_lexemes": np.array([entry.lexemes for entry in self._entries], np.uint32),
            "content_languages": np.array([languages.index(name) for name in self._languages], np.uint8),
            "milestones": _joined(self._milestones, np.uint32),
            "nibbles": _joined(self._nibbles, np.uint8),
            "text_offsets": np.array(self._text_offsets, np.uint64),
            "block_offsets": np.cumsum([0, *(len(block) for block in self._blocks)]).astype(np.uint64),
        }
        texts = {
            "content_ids": b"".join(bytes.fromhex(entry.swhid.rpartition(":")[2]) for entry in self._entries),
            "lexeme_counts": zstandard.compress(self._counts.tobytes(), 3),
            "blocks": b"".join(self._blocks),
        }
        flat = {name: array.ravel().view(np.uint8).data for name, array in arrays.items()}
        return {**flat, **{name: memoryview(text) for name, text in texts.items()}}


def _joined(arrays: list[npt.NDArray[Any]], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)


def sync_folder(folder: Path) -> None:
    """Make names that were created or renamed in a folder survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
