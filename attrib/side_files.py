"""The file `FILE.license` beside a file that carries no tags of its own: copyright and licence of the whole of it.

See the REUSE specification 3.3, "Covered file formats and adjacent .license files".
"""

import re
from collections.abc import Iterable
from pathlib import Path

from attrib.snippet_tags import Snippet, both_licenses
from attrib.tag_comments import harmless

SIDE_FILE_SUFFIX = ".license"
_COPYRIGHT = "SPDX-FileCopyrightText:"
_LICENSE = "SPDX-License-Identifier:"
LARGEST_SIDE_FILE = 64 * 1024
_TAG = re.compile(rf"^\s*(?P<tag>{_COPYRIGHT}|{_LICENSE})(?P<value>.*)$", re.MULTILINE)


def side_file(snippets: Iterable[Snippet]) -> str:
    """Return the text of the side file for a file with these snippets; '' for none.

    A side file speaks for the whole file: copyright statements once each, licences joined by AND.
    """
    statements: dict[str, None] = {}
    expression = ""
    for snippet in sorted(snippets, key=lambda snippet: (snippet.start_line, snippet.end_line)):
        statements.update(dict.fromkeys(harmless(statement) for statement in snippet.copyright))
        expression = both_licenses(expression, snippet.license_expression)
    lines = [f"{_COPYRIGHT} {statement}" for statement in statements]
    if expression:
        lines += ["", f"{_LICENSE} {harmless(expression)}"] if lines else [f"{_LICENSE} {harmless(expression)}"]
    return "\n".join(lines) + "\n" if lines else ""


def read_side_file(text: str, lines: int) -> tuple[Snippet, ...]:
    """Return what a side file says of a file of that many lines: one snippet over the whole, or none."""
    statements: list[str] = []
    expression = ""
    for tag in _TAG.finditer(text):
        if tag["tag"] == _LICENSE:
            expression = both_licenses(expression, tag["value"].strip())
        else:
            statements.append(tag["value"].strip())
    return (Snippet(1, max(lines, 1), tuple(statements), expression),) if statements or expression else ()


def side_file_beside(place: Path) -> str:
    """Return the text of the side file of a file on disk; '' where there is none that can be read."""
    try:
        with place.with_name(place.name + SIDE_FILE_SUFFIX).open("rb") as file:
            return file.read(LARGEST_SIDE_FILE).decode(errors="replace")
    except OSError:
        return ""
