"""Tags in generated code: on whole lines, where a comment may stand, and nothing of the meaning changed."""

import ast

import pytest

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Attribution, CheckAnswer, IndexState, Verdict
from attrib.attribution import tagged_code
from attrib.snippet_tags import read_snippets, strip_snippets
from index.matches import MatchKind, SearchStatus, Span


def check_of(start_line: int, end_line: int, language: str | None = "Python") -> CheckAnswer:
    span = Span(start_line, end_line, 0, 1)
    origin = AttributedOrigin(
        "pkg:pypi/x@1", "x.py", "swh:1:cnt:0", span, 1.0, "MIT", "its header", "permissive", ("2020 Ada",), None
    )
    match = AttributedMatch(
        MatchKind.EXACT, span, 1.0, 80, 200.0, False, 1, (origin,), Verdict(Action.ATTRIBUTE, ("MIT asks",))
    )
    return CheckAnswer(
        "id", SearchStatus.MATCHED, Action.ATTRIBUTE, language, 80, 80, IndexState(1, 1, 1, "1"), (match,),
        Attribution(True, "notice", ("MIT",)), 1.0,
    )  # fmt: skip


BODY = "    a = values[0]\n    b = values[1]\n    return (\n        a + b\n    )\n"


@pytest.mark.parametrize(
    ("prompt", "text", "suffix"),
    [
        ("", "def f(values):\n" + BODY, None),
        ("def f(values):\n", BODY, None),
        ("def f(val", "ues):\n" + BODY, None),
        ('def f(values):\n    """What this does,', ' and why.\n\n    More.\n    """\n' + BODY, None),
        ("def f(values):\n", BODY.rstrip("\n"), None),
        ("def f(values):\n", BODY, "\n\ndef g():\n    pass\n"),
        ("def f(values):\n", "    a = values[0]\n    b = values[1]\n    return ", "(a + b)\n"),
    ],
    ids=["alone", "after a line", "in a line", "in a docstring", "no last newline", "before more", "in a statement"],
)
def test_tags_surround_the_reproduced_lines_and_change_nothing(prompt: str, text: str, suffix: str | None) -> None:
    tagged = tagged_code(text, check_of(1, text.count("\n") + (not text.endswith("\n"))), prompt, suffix)
    (snippet,) = read_snippets(prompt + tagged + (suffix or ""))
    assert (snippet.copyright, snippet.license_expression) == (("2020 Ada",), "MIT")
    assert "SPDX-SnippetBegin" in tagged
    assert "SPDX-SnippetEnd" in tagged
    before, after = prompt + text + (suffix or ""), prompt + tagged + (suffix or "")
    assert ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    assert strip_snippets(after).rstrip("\n") == before.rstrip("\n")
    assert "b = values[1]" in tagged.split("SnippetBegin")[1].split("SnippetEnd")[0]


def test_a_language_without_comments_is_left_as_it_is() -> None:
    assert tagged_code('{"a": 1}\n', check_of(1, 1, "JSON"), "", None) == '{"a": 1}\n'


def test_a_fragment_that_is_all_string_is_left_as_it_is() -> None:
    text = "and more\nof the same\n"
    assert tagged_code(text, check_of(1, 2), 'x = """some\n', '"""\n') == text
