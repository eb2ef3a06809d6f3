"""REUSE snippet tags: marks, in comments of the code's own language, where reproduced code begins and ends.

See the REUSE specification 3.3, "In-line snippet comments", and SPDX 2.3, annex H.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from attrib.errors import UnknownLicense
from attrib.licenses import canonical
from attrib.safe_lines import means_the_same, safe_starts
from attrib.tag_comments import comment_line
from index.languages import Language, language_named

_BEGIN = "SPDX-SnippetBegin"
_END = "SPDX-SnippetEnd"
_COPYRIGHT = "SPDX-SnippetCopyrightText:"
_LICENSE = "SPDX-License-Identifier:"
_CLOSING = re.compile(r"\s*(?:\*/|-->|\*\)|-\}|\]\]|#>|=#)\s*$")
_MARK = re.compile(rf"^\W*(?P<tag>{_BEGIN}|{_END}|{_COPYRIGHT}|{_LICENSE})(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A range of lines (1-based, inclusive) that reproduces other people's code, its copyright and its licence."""

    start_line: int
    end_line: int
    copyright: tuple[str, ...]
    license_expression: str


def untaggable(language: str | None) -> str | None:
    """Say why code in that language cannot carry tags; None where it can."""
    if language is None:
        return "the language is not known, so neither is what a comment looks like"
    known = language_named(language)
    if known is None:
        return f"{language} is not a language we know, so neither is what a comment looks like"
    if not known.line_comments and not known.block_comments:
        return f"{known.name} has no comments"
    return None


def tag_snippets(code: str, language: str | None, snippets: Iterable[Snippet]) -> str:
    """Return the code with REUSE snippet tags around each range, widened to lines where a comment may stand.

    Lines are those of the code as given. Ranges that overlap, also with tags already there, become one. Tagging what
    `read_snippets` reads changes nothing. The code comes back unchanged where `untaggable(language)` has a reason, and
    where no place was found at which tags keep its meaning: that wants a side file.
    """
    known = None if language is None or untaggable(language) is not None else language_named(language)
    if known is None:
        return code
    mark, body = ("\ufeff", code[1:]) if code.startswith("\ufeff") else ("", code)
    lines = body.split("\n")
    there, tag_lines = _parsed(lines)
    wanted = [snippet for snippet in (*snippets, *there) if snippet.end_line >= snippet.start_line]
    if not wanted:
        return code
    kept = [number for number in range(len(lines)) if number not in tag_lines]
    bare = [lines[number] for number in kept]
    count = len(bare) - 1 if len(bare) > 1 and not bare[-1].strip("\r") else len(bare)
    if not count or not any(line.strip() for line in bare):
        return code
    text = "\n".join(bare)
    starts = safe_starts(text, known)
    moved = [_moved(snippet, kept, count) for snippet in wanted]
    # Where the lexer was wrong about a line, the tags go around the whole.
    for chosen in (moved, [Snippet(1, count, each.copyright, each.license_expression) for each in moved]):
        placed = [widened for snippet in chosen if (widened := _widened(snippet, starts))]
        tagged = "\n".join(_with_tags(bare, _merged(placed), known))
        if placed and means_the_same(text, tagged, known):
            return mark + tagged
    return code


def read_snippets(code: str) -> tuple[Snippet, ...]:
    """Return the tagged snippets of a code in order; lines are those of the code between the tags."""
    return tuple(_parsed(code.split("\n"))[0])


def strip_snippets(code: str) -> str:
    """Return the code without its snippet tags."""
    lines = code.split("\n")
    tag_lines = _parsed(lines)[1]
    return "\n".join(line for number, line in enumerate(lines) if number not in tag_lines)


def _parsed(lines: list[str]) -> tuple[list[Snippet], set[int]]:
    """Return the complete snippets and the numbers (0-based) of the lines that are nothing but their tags."""
    snippets: list[Snippet] = []
    tag_lines: set[int] = set()
    begin: int | None = None
    copyright: list[str] = []
    license = ""
    header: list[int] = []
    for number, line in enumerate(lines):
        mark = _MARK.match(line)
        if mark is None:
            continue
        value = _CLOSING.sub("", mark["value"].rstrip("\r")).strip()
        if mark["tag"] == _BEGIN and begin is None:
            begin, copyright, license, header = number, [], "", [number]
        elif begin is None:
            continue
        elif mark["tag"] == _END:
            snippets.append(Snippet(header[-1] + 2, number, tuple(copyright), license))
            tag_lines.update((*header, number))
            begin = None
        elif header[-1] == number - 1 and mark["tag"] == _COPYRIGHT:
            copyright.append(value)
            header.append(number)
        elif header[-1] == number - 1 and mark["tag"] == _LICENSE:
            license = value
            header.append(number)
    return snippets, tag_lines


def _moved(snippet: Snippet, kept: list[int], count: int) -> Snippet:
    """Return a snippet in the lines that are left when the tags are taken out."""
    inside = [place + 1 for place, number in enumerate(kept) if snippet.start_line <= number + 1 <= snippet.end_line]
    start, end = (inside[0], inside[-1]) if inside else (snippet.start_line, snippet.start_line)
    start, end = min(start, count), min(end, count)
    return Snippet(start, max(start, end), snippet.copyright, snippet.license_expression)


def _widened(snippet: Snippet, starts: Sequence[int]) -> Snippet | None:
    """Return a snippet from safe line to safe line, as far as there are any; None where nothing lies between."""
    if not starts:
        return None
    start = max((line for line in starts if line <= snippet.start_line), default=starts[0])
    end = min((line for line in starts if line > snippet.end_line), default=starts[-1]) - 1
    if end < start:
        end = min((line for line in starts if line > start), default=start) - 1
    return Snippet(start, end, snippet.copyright, snippet.license_expression) if end >= start else None


def _merged(snippets: list[Snippet]) -> list[Snippet]:
    merged: list[Snippet] = []
    for snippet in sorted(snippets, key=lambda snippet: (snippet.start_line, -snippet.end_line)):
        if merged and snippet.start_line <= merged[-1].end_line:
            last = merged[-1]
            merged[-1] = Snippet(
                last.start_line,
                max(last.end_line, snippet.end_line),
                tuple(dict.fromkeys((*last.copyright, *snippet.copyright))),
                both_licenses(last.license_expression, snippet.license_expression),
            )
        else:
            merged.append(snippet)
    return merged


def both_licenses(one: str, other: str) -> str:
    """Return the expression that holds both licences; either may be empty. What is no expression is joined as it is."""
    if one == other or not other:
        return one
    if not one:
        return other
    try:
        return canonical(f"({one}) AND ({other})").expression
    except UnknownLicense:
        return " AND ".join(dict.fromkeys((*one.split(" AND "), *other.split(" AND "))))


def _with_tags(lines: list[str], snippets: list[Snippet], language: Language) -> list[str]:
    code = "\n".join(lines)
    ending = "\r" if lines[0].endswith("\r") else ""
    begins = {snippet.start_line: snippet for snippet in snippets}
    ends = {snippet.end_line: snippet for snippet in snippets}
    tagged: list[str] = []
    for number, line in enumerate(lines, start=1):
        if number in begins:
            snippet = begins[number]
            indent = "" if language.name == "Make" else line[: len(line) - len(line.lstrip(" \t"))]
            marks = [_BEGIN, *(f"{_COPYRIGHT} {statement}" for statement in snippet.copyright)]
            if snippet.license_expression:
                marks.append(f"{_LICENSE} {snippet.license_expression}")
            tagged += [indent + comment_line(mark, language, code) + ending for mark in marks]
        tagged.append(line)
        if number in ends:
            begin_line = lines[ends[number].start_line - 1]
            indent = "" if language.name == "Make" else begin_line[: len(begin_line) - len(begin_line.lstrip(" \t"))]
            last = number == len(lines)
            if last and ending and not line.endswith("\r"):
                tagged[-1] += ending
            tagged.append(indent + comment_line(_END, language, code) + ("" if last else ending))
    return tagged
