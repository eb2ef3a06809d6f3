import ast
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attrib.snippet_tags import Snippet, read_snippets, strip_snippets, tag_snippets, untaggable

DECORATORS = Path(click.__file__).with_name("decorators.py").read_text(encoding="utf-8")
TYPES = Path(click.__file__).with_name("types.py").read_text(encoding="utf-8")


def mit(start: int, end: int, *holders: str) -> Snippet:
    return Snippet(start, end, holders, "MIT")


def test_tags_stand_around_the_lines_in_the_languages_comments() -> None:
    assert tag_snippets("a = 1\nb = 2\nc = 3\n", "python", [mit(2, 2, "2014 Pallets", "2020 Ann")]) == (
        "a = 1\n# SPDX-SnippetBegin\n# SPDX-SnippetCopyrightText: 2014 Pallets\n# SPDX-SnippetCopyrightText: 2020 Ann\n"
        "# SPDX-License-Identifier: MIT\nb = 2\n# SPDX-SnippetEnd\nc = 3\n"
    )
    assert tag_snippets("a {\n b: c;\n}\n", "css", [mit(1, 3)]).startswith(
        "/* SPDX-SnippetBegin */\n/* SPDX-License-Identifier: MIT */\na {"
    )


ranges = st.lists(
    st.tuples(st.integers(1, 900), st.integers(0, 60), st.sampled_from(["MIT", "BSD-3-Clause"])),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([DECORATORS, TYPES]), ranges)
def test_tagged_python_means_the_same_reads_back_and_strips_back(code: str, where: list[tuple[int, int, str]]) -> None:
    tagged = tag_snippets(
        code, "python", [Snippet(start, start + more, ("2014 Pallets",), license) for start, more, license in where]
    )
    assert tagged != code
    assert ast.dump(ast.parse(tagged)) == ast.dump(ast.parse(code))
    assert strip_snippets(tagged) == code
    assert tag_snippets(tagged, "python", read_snippets(tagged)) == tagged
    assert tag_snippets(tagged, "python", []) == tagged
    lines = tagged.split("\n")
    for snippet in read_snippets(tagged):
        assert "SPDX-SnippetEnd" in lines[snippet.end_line]
        assert "SPDX-License-Identifier" in lines[snippet.start_line - 2]


@pytest.mark.parametrize(
    ("language", "code", "line", "around"),
    [
        ("python", 'x = """a\nb\nc"""\ny = 1\n', 2, 'x = """a\nb\nc"""'),
        ("python", "y = (1,\n 2)\nz = 1\n", 2, "y = (1,\n 2)"),
        ("python", "y = 1 + \\\n 2\nz = 1\n", 2, "y = 1 + \\\n 2"),
        ("c", "int a;\n/* x\n y */\nint b;\n", 3, "/* x\n y */"),
        ("c", "int a;\n#define F(x) \\\n  x\nint b;\n", 3, "#define F(x) \\\n  x"),
        ("javascript", "const a = `x\ny`;\nb();\n", 2, "const a = `x\ny`;"),
        (
            "jsx",
            "f();\nconst f = () => {\n  return <p>\n text</p>;\n}\n",
            4,
            "const f = () => {\n  return <p>\n text</p>;\n}",
        ),
        ("html", "<!DOCTYPE html>\n<p\n id=a>x</p>\n", 3, "<p\n id=a>x</p>"),
    ],
)
def test_ranges_are_widened_to_lines_where_a_comment_is_one(language: str, code: str, line: int, around: str) -> None:
    tagged = tag_snippets(code, language, [mit(line, line)])
    (snippet,) = read_snippets(tagged)
    assert "\n".join(tagged.split("\n")[snippet.start_line - 1 : snippet.end_line]) == around
    assert strip_snippets(tagged) == code


def test_overlapping_ranges_become_one_with_all_that_was_said() -> None:
    tagged = tag_snippets("a\nb\nc\nd\n", "ruby", [mit(1, 2, "A"), Snippet(2, 3, ("B",), "ISC")])
    assert read_snippets(tagged) == (Snippet(5, 7, ("A", "B"), "MIT AND ISC"),)


def test_tagging_tagged_code_keeps_what_is_there() -> None:
    tagged = tag_snippets("a = 1\nb = 2\n", "python", [mit(1, 1, "A")])
    again = tag_snippets(tagged, "python", [mit(4, 4, "A")])
    assert again == tagged
    both = tag_snippets(tagged, "python", [Snippet(6, 6, ("B",), "ISC")])
    assert [snippet.license_expression for snippet in read_snippets(both)] == ["MIT", "ISC"]


def test_shebang_and_coding_stay_first() -> None:
    code = "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\nx = 1\n"
    assert tag_snippets(code, "python", [mit(1, 3)]).startswith(code[: code.index("x")])


def test_line_ends_and_broken_code_are_kept() -> None:
    tagged = tag_snippets("def f(:\r\n  x = 1\r\n", "python", [mit(2, 2, "A")])
    assert tagged.count("\r\n") == tagged.count("\n")
    assert strip_snippets(tagged) == "def f(:\r\n  x = 1\r\n"
    assert strip_snippets(tag_snippets("x = 1", "python", [mit(1, 1)])) == "x = 1"


def test_a_statement_cannot_break_out_of_its_comment() -> None:
    tagged = tag_snippets("a { }\n", "css", [mit(1, 1, "x */ body { } /*\nevil")])
    assert tagged.count("*/") == 4
    assert "evil */" in tagged


@pytest.mark.parametrize(
    ("language", "reason"), [("json", "has no comments"), ("klingon", "not a language"), (None, "not known")]
)
def test_what_cannot_carry_tags_comes_back_unchanged_and_says_why(language: str | None, reason: str) -> None:
    assert tag_snippets('{"a": 1}', language, [mit(1, 1)]) == '{"a": 1}'
    assert reason in (untaggable(language) or "")
    assert untaggable("py") is None
