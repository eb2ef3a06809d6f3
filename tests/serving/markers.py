"""A word that stands in everything a test sends, and the search for what is left of it."""

import base64
import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

MARKER = "zyzzyvaQxq"
"""Nothing else has it; names made of it are names in any language."""

GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def _forms() -> Iterator[bytes]:
    for word in (MARKER, MARKER.lower(), MARKER.upper()):
        yield word.encode()
        yield word.encode("utf-16-le")
        yield word.encode("utf-32-le")
        yield word.encode().hex().encode()
        yield "".join(f"\\u{ord(letter):04x}" for letter in word).encode()
        for before in range(3):
            # The letters in the middle are the same whatever stands before and behind.
            encoded = base64.b64encode(b"\0" * before + word.encode() + b"\0" * 3)
            yield encoded[4 : 4 + (len(word) - 3) // 3 * 4]


FORMS = re.compile(b"|".join(re.escape(form) for form in sorted(set(_forms()))))


def found_in(data: bytes) -> bool:
    """Whether the marker stands in some bytes, in any of the forms it may take, or in what they unpack to."""
    return any(FORMS.search(one) for one in _unpacked(data))


def found_below(folder: Path) -> list[str]:
    """Return the files below a folder, and the columns of databases among them, in which the marker stands."""
    # All are read before a database is opened: whoever closes it last takes its log away.
    read = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    found = [str(path.relative_to(folder)) for path, data in read.items() if found_in(data)]
    databases = (path for path, data in read.items() if data.startswith(b"SQLite format 3\0"))
    return found + [f"{path.name}: {place}" for path in databases for place in _columns(path)]


def _columns(path: Path) -> Iterator[str]:
    database = sqlite3.connect(path)
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        rows = database.execute(f'SELECT * FROM "{table}"')
        for row in rows:
            for (column, *_), value in zip(rows.description, row, strict=True):
                data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
                if found_in(data):
                    yield f"{table}.{column}"
    database.close()


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    try:
        if data.startswith(GZIP):
            yield gzip.decompress(data)
        elif data.startswith(ZSTANDARD):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data)
        elif data[:1] == b"\x78":
            yield zlib.decompress(data)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        return
