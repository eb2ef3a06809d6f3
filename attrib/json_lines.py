"""Files of one JSON object a line, read line by line and never held whole, however hostile they are."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import IO, Any, Final, cast

from attrib.errors import UnreadableInput

_GZIP: Final = b"\x1f\x8b"


class BadLine(Exception):
    """What is wrong with one line."""


def unzipped(content: IO[bytes]) -> IO[bytes]:
    """Return what a seekable file holds, which gzip may have packed; that is told by its content."""
    packed = content.read(len(_GZIP)) == _GZIP
    content.seek(0)
    return cast(IO[bytes], gzip.GzipFile(fileobj=content)) if packed else content


def numbered_lines(content: IO[bytes], name: str, longest: int) -> Iterator[tuple[int, bytes]]:
    """Yield every line that is not blank with its number from 1, of those that are too long one byte more than allowed.

    Raises UnreadableInput where the file cannot be read on.
    """
    number = 0
    try:
        content.seek(0)
        while line := content.readline(longest + 1):
            number += 1
            rest = line
            while len(rest) > longest and not rest.endswith(b"\n"):
                rest = content.readline(longest + 1)
            if not line.isspace():
                yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableInput(f"{name} cannot be read behind line {number}: {error}") from error


def json_object(line: bytes, longest: int) -> dict[str, Any]:
    """Return the object of a line; raises BadLine where it is none."""
    if len(line) > longest:
        raise BadLine(f"it is longer than {longest:,} bytes")
    try:
        given = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise BadLine("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine("it is not JSON") from None
    if not isinstance(given, dict):
        raise BadLine("it is no JSON object")
    return given


def _refuse(constant: str) -> None:
    raise ValueError(constant)
