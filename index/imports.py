"""Which lexemes stand in imports: they say what a program uses, not how it was written, and weigh nothing."""

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from index.lexer import Lexemes

# Every repetition that may cross lines is bounded, so that no text takes long.
_LINE = r"^[ \t]*"
_PYTHON = rf"{_LINE}(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^)]{{0,4000}}\)?|[^\n;]*\\\r?\n[^\n;]*|[^\n;]*)"
_SCRIPT = (
    rf"{_LINE}(?:import|export)\b[ \t]*(?:type\b)?[ \t]*"
    r"(?:\*|\{[^}]{0,4000}\}|[\w$]+(?:[ \t]*,[ \t]*\{[^}]{0,4000}\})?)?[^;\n(]*?(?:from[ \t]*)?[\"'][^\"'\n]*[\"'];?"
    rf"|{_LINE}(?:const|let|var)[ \t]+(?:[\w$]+|\{{[^}}]{{0,4000}}\}})[ \t]*=[ \t]*require[ \t]*\([^)\n]*\)[.\w]*;?"
)
_C = rf"{_LINE}#[ \t]*include\b[^\n]*|{_LINE}using[ \t]+(?:namespace[ \t]+)?[\w:]+;|{_LINE}#[ \t]*pragma[ \t]+once"
_JAVA = rf"{_LINE}(?:import|package)[ \t]+(?:static[ \t]+)?[\w.*{{}}, =>]+;?"
_PATTERNS = {
    "Python": _PYTHON,
    "JavaScript": _SCRIPT,
    "JSX": _SCRIPT,
    "TypeScript": _SCRIPT,
    "TSX": _SCRIPT,
    "Vue": _SCRIPT,
    "Svelte": _SCRIPT,
    "C": _C,
    "C++": _C,
    "CUDA": _C,
    "Objective-C": rf"{_LINE}#[ \t]*(?:include|import)\b[^\n]*|{_LINE}@import\b[^\n]*",
    "Java": _JAVA,
    "Kotlin": _JAVA,
    "Scala": _JAVA,
    "Groovy": _JAVA,
    "Swift": rf"{_LINE}(?:@testable[ \t]+)?import[ \t]+[^\n]*",
    "C#": rf"{_LINE}(?:global[ \t]+)?using[ \t]+(?:static[ \t]+)?[\w.]+(?:[ \t]*=[ \t]*[\w.<>]+)?;",
    "Go": rf"{_LINE}import[ \t]*(?:\([^)]{{0,4000}}\)?|[^\n]*)|{_LINE}package[ \t]+\w+",
    "Rust": rf"{_LINE}(?:pub(?:\(\w+\))?[ \t]+)?(?:use|extern[ \t]+crate|mod)[ \t]+[^;]{{0,4000}};",
    "Ruby": rf"{_LINE}(?:require|require_relative|autoload|load)\b[^\n]*",
    "PHP": rf"{_LINE}(?:use|namespace)[ \t]+[^;]{{0,400}};|{_LINE}(?:require|include)(?:_once)?\b[^;\n]*;",
    "Perl": rf"{_LINE}(?:use|no|require|package)[ \t]+[^;]{{0,400}};",
    "Lua": rf"{_LINE}local[ \t]+\w+[ \t]*=[ \t]*require\b[^\n]*",
    "Dart": rf"{_LINE}(?:import|export|part)[ \t]+[^;]{{0,400}};",
    "Haskell": rf"{_LINE}import[ \t]+[^\n(]*(?:\([^)]{{0,4000}}\))?",
}

# One of these stands in every import of a language whose pattern has it.
_MARKS = tuple(b"import include using use require package export namespace mod part pragma load no extern".split())


@cache
def _pattern(language: str) -> tuple[re.Pattern[bytes], tuple[bytes, ...]] | None:
    """Return what finds the imports of a language, and the marks without one of which there is none."""
    written = _PATTERNS.get(language, "").encode()
    return (re.compile(written, re.MULTILINE), tuple(mark for mark in _MARKS if mark in written)) if written else None


def in_import(text: bytes, lexemes: Lexemes, start: int, end: int, language: str) -> npt.NDArray[np.bool_]:
    """Return for the lexemes from `start` to `end` whether each lies in an import, shape (end - start,).

    Only the text of those lexemes is read; an import that began before them is not seen as one.
    """
    flags = np.zeros(end - start, np.bool_)
    known = _pattern(language)
    if known is None or start >= end:
        return flags
    pattern, marks = known
    first, stop = int(lexemes.starts[start]), int(lexemes.ends[end - 1])
    if not any(text.find(mark, first, stop) >= 0 for mark in marks):
        return flags
    for found in pattern.finditer(text, text.rfind(b"\n", max(0, first - 400), first) + 1, stop):
        low, high = np.searchsorted(lexemes.starts[start:end], found.span())
        flags[low:high] = True
    return flags
