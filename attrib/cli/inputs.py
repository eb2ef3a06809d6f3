"""Reads the code a command is given, from files or standard input."""

import codecs
import sys
from dataclasses import dataclass
from pathlib import Path

from attrib.errors import UnreadableInput

STANDARD_INPUT = "-"

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)


@dataclass(frozen=True, slots=True)
class CodeInput:
    """The code to look at, bytes, and the path it came from; None for standard input."""

    path: str | None
    code: bytes

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.path or "standard input"


def read_code(name: str, max_bytes: int) -> CodeInput:
    """Read a file, or standard input for "-", of at most `max_bytes`.

    UTF-16 and UTF-32 with a byte order mark become UTF-8; any other bytes stay as they are, valid UTF-8 or not.
    Raises UnreadableInput when it is absent, a folder, unreadable or too large.
    """
    shown = "standard input" if name == STANDARD_INPUT else name
    content = _read(name, max_bytes + 1)
    if len(content) > max_bytes:
        raise UnreadableInput(
            f"{shown} is larger than {max_bytes:,} bytes: raise max_code_bytes (ATTRIB_MAX_CODE_BYTES) to check it"
        )
    return CodeInput(None if name == STANDARD_INPUT else name, _as_utf8(content, shown))


def read_text(name: str, max_bytes: int) -> str:
    """Read a prompt from a file, or standard input for "-"; raises UnreadableInput also when it is not UTF-8."""
    given = read_code(name, max_bytes)
    try:
        return given.code.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{given.name} is not UTF-8 text (byte {error.start}): save it as UTF-8") from error


def _read(name: str, limit: int) -> bytes:
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(limit)
    path = Path(name)
    try:
        if path.is_dir():
            raise UnreadableInput(f"{name} is a folder: use `attrib audit {name}`")
        with path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError as error:
        raise UnreadableInput(f"{name} is not there") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name holds a zero byte"
        raise UnreadableInput(f"{name} cannot be read: {reason}") from error


def _as_utf8(content: bytes, shown: str) -> bytes:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = content.removeprefix(mark)
            if encoding == "utf-8":
                return text
            try:
                return text.decode(encoding).encode("utf-8")
            except UnicodeDecodeError as error:
                raise UnreadableInput(f"{shown} begins as {encoding} but is not: save it as UTF-8") from error
    return content
