"""Headers that name a licence without carrying it: what is said of the file, and what is said only in passing."""

import textwrap

import pytest

from attrib.detection import detect_file_license
from attrib.license_texts import canonical_text
from attrib.licenses import Category, category_of

MIT = canonical_text("MIT") or ""


def found(head: str, path: str = "a.py") -> str | None:
    comment = textwrap.indent(head, "# ", lambda line: True) if path.endswith(".py") else head
    finding = detect_file_license(path, comment.encode())
    return None if finding is None else finding.expression


@pytest.mark.parametrize(
    ("head", "expression"),
    [
        ("Licensed under the Academic Free License version 2.1", "AFL-2.1"),
        ("The contents of this file are subject to the Sun Public License Version 1.0", "SPL-1.0"),
        ("This file may be used under the terms of the Common Public License 1.0.", "CPL-1.0"),
        ("Express, MIT Licensed", "MIT"),
        ("A library, zlib licensed.", "Zlib"),
        ("Licensed under the terms of GPLv2+.", "GPL-2.0-or-later"),
        ("GPLv3", "GPL-3.0-only"),
        ("Distributed under the GNU Lesser GPL version 2.1 or later", "LGPL-2.1-or-later"),
        ("Permission to copy under the GNU Free Documentation License, Version 1.2 or later", "GFDL-1.2-or-later"),
        ("You may use it under the same terms as Perl itself.", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("Dual licensed under the MIT and GPL licenses.", "MIT OR GPL-1.0-or-later"),
        ("Licensed under CC0, the OpenSSL License, or the Apache License 2.0, at your option", None),
        (
            "Under the terms of the GNU General Public License version 2 or later. As a special exception, you may "
            "create a larger work that contains part or all of the Bison parser skeleton",
            "GPL-2.0-or-later WITH Bison-exception-2.2",
        ),
        ("Licensed under the Frobnicator Public License 2.0", "NOASSERTION"),
        ("Licensed under the Apache License, Version 2.0 with the following modification; you may not", "NOASSERTION"),
    ],
)
def test_a_named_licence_is_found(head: str, expression: str | None) -> None:
    answer = found(head)
    if expression is not None:
        assert answer == expression
    else:
        assert answer is not None
        assert answer.count("OR") >= 1


@pytest.mark.parametrize(
    "head",
    [
        "This license is approved by the OSI and FSF as GPL-compatible. Permission to use is granted.",
        "Free for commercial and non-commercial purposes. See the license.",
    ],
)
def test_what_is_said_in_passing_is_no_licence(head: str) -> None:
    assert found(head) is None


def test_a_triple_licence_is_a_choice() -> None:
    head = (
        "Version: MPL 1.1/GPL 2.0/LGPL 2.1\n\nThe contents of this file are subject to the Mozilla Public License "
        "Version 1.1 (the License).\n\nAlternatively, the contents of this file may be used under the terms of either "
        "the GNU General Public License Version 2 or later (the GPL), or the GNU Lesser General Public License Version "
        "2.1 or later (the LGPL), in which case the provisions of the GPL or the LGPL are applicable instead."
    )
    assert found(head) == "MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later"


def test_copyleft_beside_a_permissive_text_or_tag_is_never_permissive() -> None:
    gpl = "\nThis file is free software under the terms of the GNU General Public License version 3.\n"
    for head in (MIT + gpl, gpl + MIT, "SPDX-License-Identifier: MIT\n" + gpl):
        answer = found(head)
        assert answer is not None
        assert category_of(answer) not in (Category.PERMISSIVE, Category.PUBLIC_DOMAIN)


def test_a_text_offered_beside_a_copyleft_is_a_choice() -> None:
    head = MIT + "\nAlternatively, it may be used under the terms of the GNU General Public License version 2.\n"
    assert found(head) == "MIT OR GPL-2.0-only"


def test_comments_below_the_first_code_are_read_where_the_head_says_nothing() -> None:
    code = "(function(root) {\n  // A function.\n  /*\n" + textwrap.indent(MIT, "   * ") + "\n   */\n  f();\n})();\n"
    finding = detect_file_license("a.js", code.encode())
    assert finding is not None
    assert finding.expression == "MIT"
    assert "'; f(); //" not in finding.evidence


def test_a_finding_says_where_and_how_sure() -> None:
    tagged = detect_file_license("a.py", b"#!/usr/bin/env python\n\n# SPDX-License-Identifier: ISC\nx = 1\n")
    noticed = detect_file_license("a.py", b"# One.\n# Two.\n# Distributed under the terms of the ISC license.\n")
    text = detect_file_license("a.c", f"/* A file.\n\n{MIT}\n*/\n".encode())
    assert tagged is not None
    assert noticed is not None
    assert text is not None
    assert [(place.start_line, place.end_line) for place in tagged.places] == [(3, 3)]
    assert [(place.start_line, place.said) for place in noticed.places] == [(3, "the isc license")]
    assert text.places[0].start_line == 3
    assert tagged.confidence == 1.0
    assert 0 < noticed.confidence < text.confidence <= 1.0
