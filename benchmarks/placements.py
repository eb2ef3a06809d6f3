"""Where copied code stands in what somebody hands in: alone, inside other code, or in two places."""

import random
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.treatments import Code, logical_lines

_INDENTED = "    "


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of the output that is copied: lines 1-based and inclusive, bytes half-open."""

    start_line: int
    end_line: int
    start_byte: int
    end_byte: int


@dataclass(frozen=True, slots=True)
class Output:
    """What is checked, and which of it is copied."""

    text: bytes
    pieces: tuple[Piece, ...]


# Puts treated code into other code of the same language; None where that cannot be done.
Placement = Callable[[Code, str, random.Random], Output | None]


def alone(code: Code, other: str, drawn: random.Random) -> Output | None:
    """Hand in nothing but the copy."""
    return _output([("copied", code.text)])


def inside(code: Code, other: str, drawn: random.Random) -> Output | None:
    """Put the copy between two lines of other code, at random."""
    lines = other.splitlines(keepends=True)
    place = drawn.randint(1, max(1, len(lines) - 1))
    return _output([("", "".join(lines[:place])), ("copied", code.text), ("", "".join(lines[place:]))])


def in_two_places(code: Code, other: str, drawn: random.Random) -> Output | None:
    """Split the copy between two statements near its middle and put other code between the halves."""
    lines = logical_lines(code.text)
    if len(lines) < 2:
        return None
    middle = len(lines) // 2
    return _output([("copied", "".join(lines[:middle])), ("", other), ("copied", "".join(lines[middle:]))])


def wrapped(code: Code, other: str, drawn: random.Random) -> Output | None:
    """Make the copy the body of a new function that prepares, tries and reports."""
    number = drawn.randrange(100, 1000)
    if code.language == "Python":
        head = f"def guarded_{number}(request, retries={number % 7}):\n    outcome = None\n    try:\n"
        tail = f'    except LookupError as problem:\n        report_{number}("gave up", problem)\n    return outcome\n'
    elif code.language == "Ruby":
        head = f"def guarded_{number}(request, retries = {number % 7})\n  outcome = nil\n  begin\n"
        tail = f'  rescue LookupError => problem\n    report_{number}("gave up", problem)\n  end\nend\n'
    elif code.language == "shell":
        head, tail = f"guarded_{number}() {{\n  local outcome={number}\n", f'  report_{number} "done"\n}}\n'
    else:
        head = f"function guarded_{number}(request, retries) {{\n    let outcome = {number};\n    try {{\n"
        tail = f'    }} catch (problem) {{\n        report_{number}("gave up", problem);\n    }}\n}}\n'
    body = textwrap.indent(textwrap.dedent(code.text), 2 * _INDENTED)
    return _output([("", head), ("copied", body), ("", tail)])


def _output(parts: list[tuple[str, str]]) -> Output | None:
    text = b""
    pieces = []
    for kind, part in parts:
        if text and not text.endswith(b"\n"):
            text += b"\n"
        data = part.encode()
        visible = data.strip()
        if kind and visible:
            begin = len(text) + data.index(visible)
            end = begin + len(visible)
            whole = text + data
            pieces.append(Piece(_line(whole, begin), _line(whole, end - 1), begin, end))
        text += data
    return Output(text, tuple(pieces)) if pieces else None


def _line(text: bytes, position: int) -> int:
    """Return the line of a byte; lines end with LF, CR or both."""
    before = text[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
