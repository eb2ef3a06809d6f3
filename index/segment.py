"""One immutable segment file: band keys sorted for lookup, and the reference texts themselves.

Layout: magic, length and SHA-256 of the header, the header as JSON (parameters, counts, sections with offset, length
and CRC-32), then the sections, each aligned to 64 bytes so that it can be mapped and read in place.

A posting is 6 bytes: the directory holds the first bits of its key, `remainders` the next 16, `windows` the number of
its window in the segment. Further bits of the key are not kept; verification sorts out the few that meet by chance.
Lexemes are not stored: lexing a text again is faster than reading its lexemes would be. Where every 256th of them
begins is kept (`milestones`), so that only the part of a text that is aligned has to be lexed.
"""

import hashlib
import json
import mmap
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zstandard

from index.errors import DamagedSegment, UnknownFormat
from index.information import BUCKETS, Counts, count_into
from index.lexer import Lexemes, lex
from index.lsh import IndexParams, band_keys, distinct_runs
from index.minhash import signatures

FORMAT_VERSION: Final = 1
_MAGIC: Final = b"ATTRIBSG"
_ALIGN: Final = 64
_REMAINDER_BITS: Final = 16
_POSTINGS_PER_SLOT: Final = 8
_SECTIONS: Final = frozenset(
    (
        "directory",
        "remainders",
        "windows",
        "first_windows",
        "content_lexemes",
        "content_languages",
        "content_ids",
        "lexeme_counts",
        "milestones",
        "text_offsets",
        "texts",
    )
)
_POSTINGS: Final = frozenset(("directory", "remainders", "windows"))
_COMPRESSION_LEVEL: Final = 3
_MILESTONE_LEXEMES: Final = 256
_MEND: Final = "run `attrib index verify --mend`"


@dataclass(frozen=True, slots=True)
class ContentEntry:
    """What a finished segment holds of one content: SHA-1 git blob id, lexemes and bytes."""

    swhid: str
    ordinal: int
    lexemes: int
    bytes: int


class SegmentBuilder:
    """Collects contents in memory until they are written as one segment."""

    def __init__(self, params: IndexParams) -> None:
        self._params = params
        self._compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL)
        self._keys: list[npt.NDArray[np.uint64]] = []
        self._windows: list[npt.NDArray[np.uint32]] = []
        self._first_windows: list[int] = [0]
        self._texts: list[bytes] = []
        self._milestones: list[npt.NDArray[np.uint32]] = []
        self._languages: list[str] = []
        self._entries: list[ContentEntry] = []
        self._counts: Counts = np.zeros(BUCKETS, np.int64)
        self.source_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[ContentEntry, ...]:
        """What has been added, in order."""
        return tuple(self._entries)

    def add(self, swhid: str, text: bytes, language: str) -> ContentEntry | None:
        """Sign and keep one content; None when it is too short to hold a window."""
        lexemes = lex(text)
        signed = signatures(lexemes.hashes, self._params, self._params.stride)
        if not len(signed):
            return None
        keys, firsts, _ = distinct_runs(band_keys(signed, self._params.bands, self._params.rows))
        base = self._first_windows[-1]
        self._keys.append(keys)
        self._windows.append(firsts.astype(np.uint32) + np.uint32(base))
        self._first_windows.append(base + len(signed))
        self._texts.append(self._compressor.compress(text))
        at_milestones = slice(None, None, _MILESTONE_LEXEMES)
        self._milestones.append(
            np.column_stack([lexemes.starts[at_milestones], lexemes.lines[at_milestones]]).astype(np.uint32)
        )
        self._languages.append(language)
        count_into(self._counts, lexemes.hashes)
        self.source_bytes += len(text)
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
            offset += -(-len(data) // _ALIGN) * _ALIGN
        head = json.dumps(header, sort_keys=True).encode()
        digest = hashlib.sha256(head).digest()
        name = f"{digest.hex()[:32]}.segment"
        partial = folder / f"{name}.partial"
        with partial.open("wb") as file:
            preamble = _MAGIC + len(head).to_bytes(8, "little") + digest + head
            file.write(preamble)
            file.write(bytes(-len(preamble) % _ALIGN))
            for data in sections.values():
                file.write(data)
                file.write(bytes(-len(data) % _ALIGN))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(folder / name)
        sync_folder(folder)
        return name

    def _sections(self) -> dict[str, bytes]:
        keys = np.concatenate(self._keys) if self._keys else np.empty(0, np.uint64)
        windows = np.concatenate(self._windows) if self._windows else np.empty(0, np.uint32)
        window_bits = max(1, int(self._first_windows[-1]).bit_length())
        slot_bits = int(np.clip((len(keys) // _POSTINGS_PER_SLOT).bit_length(), 4, 64 - _REMAINDER_BITS - window_bits))
        # One packed word sorts several times faster than an argsort of keys.
        kept = slot_bits + _REMAINDER_BITS
        packed = (keys >> np.uint64(64 - kept) << np.uint64(window_bits)) | windows.astype(np.uint64)
        packed.sort()
        short_keys = packed >> np.uint64(window_bits)
        slots = short_keys >> np.uint64(_REMAINDER_BITS)
        directory = np.searchsorted(slots, np.arange((1 << slot_bits) + 1, dtype=np.uint64)).astype(np.uint32)
        languages = sorted(set(self._languages))
        text_offsets = np.concatenate([[0], np.cumsum([len(text) for text in self._texts])]).astype(np.uint64)
        return {
            "directory": directory.tobytes(),
            "remainders": (short_keys & np.uint64((1 << _REMAINDER_BITS) - 1)).astype(np.uint16).tobytes(),
            "windows": (packed & np.uint64((1 << window_bits) - 1)).astype(np.uint32).tobytes(),
            "first_windows": np.array(self._first_windows, np.uint32).tobytes(),
            "content_lexemes": np.array([entry.lexemes for entry in self._entries], np.uint32).tobytes(),
            "content_languages": np.array([languages.index(name) for name in self._languages], np.uint8).tobytes(),
            "content_ids": b"".join(bytes.fromhex(entry.swhid.rpartition(":")[2]) for entry in self._entries),
            "lexeme_counts": zstandard.compress(self._counts.tobytes(), 3),
            "milestones": np.concatenate(self._milestones or [np.empty((0, 2), np.uint32)]).tobytes(),
            "text_offsets": text_offsets.tobytes(),
            "texts": b"".join(self._texts),
        }


class Segment:
    """A segment mapped read-only; every array is a view of the file, nothing is copied."""

    def __init__(self, path: Path, params: IndexParams) -> None:
        """Open a segment, raising DamagedSegment or IncompatibleParameters before anything can be answered from it."""
        self.name = path.name
        self._path = path
        self._map, self._inode = _map(path)
        header, body = _header(self._map, path)
        params.require_same(header["parameters"], f"segment {path.name}")
        self._sections: dict[str, dict[str, int]] = header["sections"]
        self._body = body
        if self._sections.keys() != _SECTIONS:
            raise UnknownFormat(
                f"segment {path.name} lacks a section that this version reads: "
                "use the version of Attrib that wrote it, or build the index again."
            )
        end = max(section["offset"] + section["length"] for section in self._sections.values())
        if body + end > len(self._map):
            raise DamagedSegment(f"segment {path.name} is cut short: {_MEND}.")
        self.contents: int = header["contents"]
        self._languages: list[str] = header["languages"]
        self.directory = self._array("directory", np.uint32)
        self.remainders = self._array("remainders", np.uint16)
        self.windows = self._array("windows", np.uint32)
        self.first_windows = self._array("first_windows", np.uint32)
        self.content_lexemes = self._array("content_lexemes", np.uint32)
        self._content_languages = self._array("content_languages", np.uint8)
        self._text_offsets = self._array("text_offsets", np.uint64)
        self._milestones = self._array("milestones", np.uint32).reshape(-1, 2)
        counts = -(-self.content_lexemes.astype(np.int64) // _MILESTONE_LEXEMES)
        self._first_milestones = np.concatenate([[0], np.cumsum(counts)])

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
        return {"postings": postings, "texts": lengths["texts"], "rest": len(self._map) - postings - lengths["texts"]}

    def text(self, ordinal: int) -> bytes:
        """Return the reference text of one content, as it was added."""
        texts = self._sections["texts"]["offset"] + self._body
        begin, end = int(self._text_offsets[ordinal]), int(self._text_offsets[ordinal + 1])
        try:
            return zstandard.decompress(self._map[texts + begin : texts + end])
        except zstandard.ZstdError as error:
            raise DamagedSegment(f"segment {self.name} cannot give back text {ordinal}: {_MEND}.") from error

    def text_frame_bytes(self, ordinal: int) -> int:
        """Return how many bytes a text takes compressed."""
        return int(self._text_offsets[ordinal + 1] - self._text_offsets[ordinal])

    def lexemes(self, ordinal: int, text: bytes, where: range) -> tuple[Lexemes, int]:
        """Return the lexemes of a part of a text that holds at least the positions asked for, and where it begins."""
        milestones = self._milestones[self._first_milestones[ordinal] : self._first_milestones[ordinal + 1]]
        first = where.start // _MILESTONE_LEXEMES
        behind = -(-where.stop // _MILESTONE_LEXEMES)
        begin, line = (int(value) for value in milestones[first])
        end = int(milestones[behind][0]) if behind < len(milestones) else len(text)
        part = lex(text[begin:end])
        shifted = Lexemes(part.hashes, part.starts + begin, part.ends + begin, part.lines + (line - 1))
        return shifted, first * _MILESTONE_LEXEMES

    def language(self, ordinal: int) -> str:
        """Return the language name one content was added under; empty when unknown."""
        return self._languages[int(self._content_languages[ordinal])]

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
        return tuple(
            name for name, section in self._sections.items() if zlib.crc32(self._bytes(name)) != section["crc32"]
        )

    def _bytes(self, name: str) -> bytes:
        section = self._sections[name]
        begin = self._body + section["offset"]
        return self._map[begin : begin + section["length"]]

    def _array(self, name: str, dtype: type[np.generic]) -> npt.NDArray[Any]:
        section = self._sections[name]
        count = section["length"] // np.dtype(dtype).itemsize
        return np.frombuffer(self._map, dtype, count, self._body + section["offset"])


def sync_folder(folder: Path) -> None:
    """Make names that were created or renamed in a folder survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _map(path: Path) -> tuple[mmap.mmap, int]:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), os.fstat(file.fileno()).st_ino
    except FileNotFoundError as error:
        raise DamagedSegment(f"segment {path.name} is missing: restore it, or {_MEND}.") from error
    except ValueError as error:
        raise DamagedSegment(f"segment {path.name} is empty: {_MEND}.") from error


def _header(data: mmap.mmap, path: Path) -> tuple[dict[str, Any], int]:
    preamble = len(_MAGIC) + 8 + 32
    if data[: len(_MAGIC)] != _MAGIC:
        raise DamagedSegment(f"segment {path.name} does not begin as one: {_MEND}.")
    length = int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 8], "little")
    head = data[preamble : preamble + length]
    if hashlib.sha256(head).digest() != data[preamble - 32 : preamble]:
        raise DamagedSegment(f"the header of segment {path.name} is damaged: {_MEND}.")
    header: dict[str, Any] = json.loads(head)
    if header["format"] != FORMAT_VERSION:
        raise UnknownFormat(
            f"segment {path.name} has format {header['format']} and this version reads {FORMAT_VERSION}: "
            "use the version of Attrib that wrote it, or build the index again."
        )
    body = preamble + length
    return header, body + -body % _ALIGN
