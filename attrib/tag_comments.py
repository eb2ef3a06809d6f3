"""Writes one line as a comment of a language, so that nothing in the line can end the comment or reach beyond it."""

import re
import unicodedata

from index.languages import Language

# `# coding: x` in a first line names the encoding of a Python or Ruby file, whatever else stands in that line.
_CODING = re.compile(r"coding(?=[:=])")
_SEMICOLON_LINE = re.compile(r"^[ \t]*;", re.MULTILINE)
# Languages in whose comments a string is read as one, so that an unpaired quote swallows the end of the comment.
_STRINGS_IN_COMMENTS = frozenset({"OCaml", "Coq"})


def comment_line(text: str, language: Language, code: str) -> str:
    """Return `text` as a comment of one line; `code` is what it is for, which tells the dialects of assembly apart."""
    flat = harmless(text)
    if language.line_comments:
        # In PHP `?>` ends the code itself, also inside a comment of one line.
        return f"{language.line_comments[0]} {flat.replace('?>', '? >')}"
    if ";" in language.dialect_comments and _SEMICOLON_LINE.search(code):
        return f"; {flat}"
    opening, closing = language.block_comments[0]
    if language.name in _STRINGS_IN_COMMENTS:
        flat = flat.replace('"', "''").replace("{|", "{ |")
    for mark in (closing, opening):
        flat = flat.replace(mark, f"{mark[0]} {mark[1:]}")
    if closing == "-->":
        flat = re.sub(r"-(?=-)", "- ", flat)
    return f"{opening} {flat} {closing}"


def harmless(text: str) -> str:
    """Return a text as one line without hidden characters and without backslashes.

    A backslash joins lines in C, Make and shell, and in Java `\\u000a` is the end of a line even in a comment.
    """
    line = " ".join(text.replace("\\", "/").split())
    shown = "".join(
        f"[U+{ord(character):04X}]" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character
        for character in line
    )
    return _CODING.sub("coding ", shown.replace("??/", "?? /"))
