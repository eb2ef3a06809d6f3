"""Tells by the shape of a text that no hand wrote it so: minified code, and tables of data."""

import re

_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|css|mjs|cjs)$", re.IGNORECASE)

_LEAST = 1024
_LONGEST_MEAN_LINE = 250
_DENSE_LINE = 70
_DENSE_SPACE = 0.05
_SHORT_NAMES = 0.35
_NAME = re.compile(rb"[A-Za-z_$][\w$]*+")
_LONG_LINE = 500
_EMBEDDED_DATA = re.compile(rb"[A-Za-z0-9+/=]{500,}+|\"[^\"\\\r\n]{400,}+\"|'[^'\\\r\n]{400,}+'")
_SENT_TO_BROWSERS = (".js", ".mjs", ".cjs", ".css", ".html", ".htm", ".xhtml")

_LEAST_TABLE = 4096
_SAMPLES = 4
_SAMPLE = 16 * 1024
_LEAST_DATA_BYTES = 0.12
_TABLE_SHARE = 0.93
_PIECE = re.compile(
    rb'(?P<data>"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"|\'[^\'\\\r\n]*+(?:\\.[^\'\\\r\n]*+)*+\'|\d[\w.]*+)|[A-Za-z_$][\w$]*+'
)


def is_minified(path: str, content: bytes) -> bool:
    """Hold where a text has hardly a blank, and stands in very long lines or in names of one letter.

    Only what is sent to browsers is known by its lines. Names such as `x.min.js` are believed. A bundle that can be
    read is not minified; pictures and source maps written as text inside it do not count.
    """
    if _MINIFIED_NAME.search(path):
        return True
    if len(content) < _LEAST or _mean_line(content) < _DENSE_LINE:
        return False
    lines = _lines(content)
    size = sum(map(len, lines))
    if size < _DENSE_LINE * len(lines):
        return False
    long = b"".join(line for line in lines if len(line) >= _LONG_LINE)
    if 2 * len(long) > size and _blanks(long) < _DENSE_SPACE * len(long):
        return path.lower().endswith(_SENT_TO_BROWSERS)
    return _blanks(content) < _DENSE_SPACE * size and _short_names(content) > _SHORT_NAMES


def has_long_lines(content: bytes) -> bool:
    """Hold where the mean line is longer than any hand writes it, data written as text not counted."""
    if len(content) < _LEAST or _mean_line(content) < _LONGEST_MEAN_LINE:
        return False
    lines = _lines(content)
    return sum(map(len, lines)) > _LONGEST_MEAN_LINE * len(lines)


def _lines(content: bytes) -> list[bytes]:
    return [line if len(line) < _LONG_LINE else _EMBEDDED_DATA.sub(b"", line) for line in content.splitlines()]


def _mean_line(content: bytes) -> float:
    return len(content) / ((content.count(b"\n") or content.count(b"\r")) + 1)


def _short_names(content: bytes) -> float:
    names = _NAME.findall(content[:_SAMPLE])
    return sum(len(name) == 1 for name in names) / max(len(names), 1)


def _blanks(content: bytes) -> int:
    return sum(content.count(blank) for blank in (b" ", b"\t", b"\n", b"\r"))


def is_table(content: bytes) -> bool:
    """Hold where 93 of 100 words of a longer text are numbers or quoted strings."""
    size = len(content)
    if size < _LEAST_TABLE or size - len(content.translate(None, b"0123456789\"',")) < _LEAST_DATA_BYTES * size:
        return False
    data = words = 0
    for sample in _samples(content):
        for piece in _PIECE.finditer(sample):
            words += 1
            data += piece.lastgroup is not None
    return data > _TABLE_SHARE * words


def _samples(content: bytes) -> list[bytes]:
    """Return the text, or four pieces of it from line to line where it is long."""
    if len(content) <= _SAMPLES * _SAMPLE:
        return [content]
    step = len(content) // _SAMPLES
    starts = [content.find(b"\n", step * number) + 1 for number in range(_SAMPLES)]
    return [content[start : start + _SAMPLE] for start in starts]
