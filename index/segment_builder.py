"""Collects contents in memory until they are written, durably, as one segment."""

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt
import zstandard

from index.information import BUCKETS, Counts, count_into
from index.lexer import lex
from index.lsh import IndexParams
from index.segment import (
    ALIGN,
    BLOCK_BYTES,
    CELL_BITS,
    FORMAT_VERSION,
    MAGIC,
    MILESTONE_LEXEMES,
    REMAINDER_BITS,
    ContentEntry,
)
from index.windows import CROWDED_POSTINGS, reference_keys

_POSTINGS_PER_SLOT: Final = 16
_COMPRESSION_LEVEL: Final = 3
# No search reads more, and a window all of whose keys are crowded has its verbatim key.
_MOST_POSTINGS_OF_A_KEY: Final = 64
_COUNTED_BITS: Final = 24
_MOST_CELLS: Final = (1 << CELL_BITS) - 1


class SegmentBuilder:
    """Signs contents and keeps them until `write`; `full` says when it is time."""

    def __init__(self, params: IndexParams) -> None:
        self._params = params
        self._compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL)
        self._keys: list[npt.NDArray[np.uint64]] = []
        self._cells: list[npt.NDArray[np.uint32]] = []
        self._bands: list[npt.NDArray[np.uint32]] = []
        self._verbatim: list[npt.NDArray[np.uint64]] = []
        self._window_cells: list[npt.NDArray[np.uint32]] = []
        self._first_cells: list[int] = [0]
        self._blocks: list[bytes] = []
        self._unfinished = bytearray()
        self._text_offsets: list[int] = [0]
        self._milestones: list[npt.NDArray[np.uint32]] = []
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
        self._keys.append(found.keys)
        self._cells.append((found.firsts // stride + base).astype(np.uint32))
        self._bands.append((found.bands >> np.uint64(64 - _COUNTED_BITS)).astype(np.uint32))
        self._verbatim.append(found.verbatim)
        self._window_cells.append((found.starts // stride + base).astype(np.uint32))
        self._first_cells.append(base + cells)
        self._keep_text(text)
        at_milestones = slice(None, None, MILESTONE_LEXEMES)
        self._milestones.append(
            np.column_stack([lexemes.starts[at_milestones], lexemes.lines[at_milestones]]).astype(np.uint32)
        )
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
        sync_folder(folder)
        return name

    def _keep_text(self, text: bytes) -> None:
        self._text_offsets.append(self._text_offsets[-1] + len(text))
        self._unfinished += text
        while len(self._unfinished) >= BLOCK_BYTES:
            self._blocks.append(self._compressor.compress(bytes(self._unfinished[:BLOCK_BYTES])))
            del self._unfinished[:BLOCK_BYTES]

    def _postings(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """Return all keys and their cells, those of crowded windows with their verbatim keys."""
        keys, cells = _joined(self._keys, np.uint64), _joined(self._cells, np.uint32)
        crowded = _crowded(keys, np.concatenate(self._bands)) if self._bands else np.empty(0, np.bool_)
        return (
            np.concatenate([keys, _joined(self._verbatim, np.uint64)[crowded]]),
            np.concatenate([cells, _joined(self._window_cells, np.uint32)[crowded]]),
        )

    def _sections(self) -> dict[str, bytes]:
        if self._unfinished:
            self._blocks.append(self._compressor.compress(bytes(self._unfinished)))
            self._unfinished.clear()
        languages = sorted(set(self._languages))
        return {
            **_posting_sections(*self._postings()),
            "first_cells": np.array(self._first_cells, np.uint32).tobytes(),
            "content_lexemes": np.array([entry.lexemes for entry in self._entries], np.uint32).tobytes(),
            "content_languages": np.array([languages.index(name) for name in self._languages], np.uint8).tobytes(),
            "content_ids": b"".join(bytes.fromhex(entry.swhid.rpartition(":")[2]) for entry in self._entries),
            "lexeme_counts": zstandard.compress(self._counts.tobytes(), 3),
            "milestones": _joined(self._milestones, np.uint32).tobytes(),
            "text_offsets": np.array(self._text_offsets, np.uint64).tobytes(),
            "block_offsets": np.cumsum([0, *(len(block) for block in self._blocks)]).astype(np.uint64).tobytes(),
            "blocks": b"".join(self._blocks),
        }


def _posting_sections(keys: npt.NDArray[np.uint64], cells: npt.NDArray[np.uint32]) -> dict[str, bytes]:
    """Return the sorted postings: one packed word each sorts several times faster than an argsort of keys."""
    slot_bits = int(np.clip((len(keys) // _POSTINGS_PER_SLOT).bit_length(), 4, 64 - REMAINDER_BITS - CELL_BITS))
    kept = slot_bits + REMAINDER_BITS
    packed = (keys >> np.uint64(64 - kept) << np.uint64(CELL_BITS)) | cells
    packed.sort()
    packed = packed[_kept_postings(packed)]
    short_keys = packed >> np.uint64(CELL_BITS)
    slots = (short_keys >> np.uint64(REMAINDER_BITS)).astype(np.int64)
    directory = np.zeros((1 << slot_bits) + 1, np.uint32)
    np.cumsum(np.bincount(slots, minlength=1 << slot_bits), out=directory[1:])
    cells = (packed & np.uint64((1 << CELL_BITS) - 1)).astype(np.uint32)
    return {
        "directory": directory.tobytes(),
        "remainders": short_keys.astype(np.uint16).tobytes(),
        "cells_low": cells.astype(np.uint16).tobytes(),
        "cells_high": (cells >> np.uint32(16)).astype(np.uint8).tobytes(),
    }


@numba.njit(cache=True)
def _crowded(keys: npt.NDArray[np.uint64], bands: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Tell which windows have no band key that is rare in this segment; keys are counted by their first bits."""
    counts = np.zeros(1 << _COUNTED_BITS, np.uint8)
    for key in keys:
        bucket = key >> np.uint64(64 - _COUNTED_BITS)
        if counts[bucket] <= CROWDED_POSTINGS:
            counts[bucket] += 1
    crowded = np.ones(len(bands), np.bool_)
    for window in range(len(bands)):
        for band in range(bands.shape[1]):
            if counts[bands[window, band]] <= CROWDED_POSTINGS:
                crowded[window] = False
                break
    return crowded


@numba.njit(cache=True)
def _kept_postings(packed: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Tell which sorted postings are stored: each once, and of a key that stands everywhere some from everywhere."""
    kept = np.zeros(len(packed), np.bool_)
    begin = 0
    while begin < len(packed):
        end = begin + 1
        while end < len(packed) and packed[end] >> np.uint64(CELL_BITS) == packed[begin] >> np.uint64(CELL_BITS):
            end += 1
        step = max(1, (end - begin) // _MOST_POSTINGS_OF_A_KEY)
        for posting in range(begin, end, step):
            kept[posting] = posting == begin or packed[posting] != packed[posting - 1]
        begin = end
    return kept


def _joined(arrays: list[npt.NDArray[Any]], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)


def sync_folder(folder: Path) -> None:
    """Make names that were created or renamed in a folder survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
