"""Tags in every language of the table, around every range of lines: the code still means the same and reads back."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from language_samples import SAMPLES
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment
from pygments.util import ClassNotFound

from attrib.safe_lines import means_the_same
from attrib.snippet_tags import Snippet, read_snippets, strip_snippets, tag_snippets, untaggable
from index.languages import LANGUAGES, language_named

OTHER_NAMES = {
    "C#": "csharp",
    "F#": "fsharp",
    "shell": "bash",
    "JSX": "javascript",
    "TSX": "typescript",
    "Visual Basic": "vb.net",
    "Protocol Buffers": "protobuf",
    "Assembly": "nasm",
    "Svelte": "html",
}
# What the languages' own programs say of a file: (its name, the command). It must say the same of the tagged one.
PARSERS = {
    "JavaScript": ("a.js", ["node", "--check"]),
    "shell": ("a.sh", ["bash", "-n"]),
    "Perl": ("a.pl", ["perl", "-c"]),
    "C": ("a.c", ["gcc", "-fsyntax-only", "-Wall", "-Werror"]),
    "C++": ("a.cc", ["g++", "-fsyntax-only", "-Wall", "-Werror", "-Wno-unused-variable"]),
    "Rust": ("a.rs", ["rustc", "--crate-type", "lib", "--emit", "metadata", "-A", "warnings", "--out-dir", "."]),
    "Java": ("Add.java", ["javac", "-d", "."]),
    "Make": ("Makefile", ["make", "-pnf"]),
    "PHP": ("a.php", ["php", "-l"]),
    "Ruby": ("a.rb", ["ruby", "-c"]),
    "Lua": ("a.lua", ["luac", "-p"]),
}
# Dates, process ids and the number of a line differ from run to run.
CHANGING = re.compile(r"^#.*$|MAKE_RESTARTS.*$|\(from '.*', line \d+\)|, line \d+|:\d+:?|hash-table.*$", re.MULTILINE)


def tagged_everywhere(language: str) -> list[tuple[tuple[int, int], str]]:
    """Return (range, tagged code) for ranges that begin at every line and end some lines further down."""
    code = SAMPLES[language]
    count = code.count("\n")
    ranges = [(start, min(start + more, count)) for start in range(1, count + 1) for more in (0, 3, count)]
    return [
        (lines, tag_snippets(code, language, [Snippet(*lines, ("2014 Ada Example", "2020 Ben"), "MIT")]))
        for lines in dict.fromkeys(ranges)
    ]


def tokens_of(code: str, language: str) -> list[str] | None:
    try:
        lexer = get_lexer_by_name(OTHER_NAMES.get(language, language.lower()), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    values = [
        value
        for token, value in lexer.get_tokens(code)
        if token not in Comment or token in Comment.Preproc or token in Comment.PreprocFile
    ]
    return [value.strip() for value in values if value.strip()]


def test_every_language_that_has_comments_has_a_sample() -> None:
    assert set(SAMPLES) == {language.name for language in LANGUAGES if untaggable(language.name) is None}
    assert {language.name for language in LANGUAGES} - set(SAMPLES) == {"JSON"}


@pytest.mark.parametrize("language", SAMPLES)
def test_tags_around_any_range_keep_the_code_and_read_back(language: str) -> None:
    code = SAMPLES[language]
    known = language_named(language)
    assert known is not None
    tokens = tokens_of(code, language)
    tight = 0
    for (start, end), tagged in tagged_everywhere(language):
        assert tagged != code, (start, end)
        assert strip_snippets(tagged) == code, (start, end)
        assert tokens_of(tagged, language) == tokens, (start, end)
        assert means_the_same(code, tagged, known)
        assert tag_snippets(tagged, language, []) == tagged
        (snippet,) = read_snippets(tagged)
        assert (snippet.copyright, snippet.license_expression) == (("2014 Ada Example", "2020 Ben"), "MIT")
        tight += snippet.end_line - snippet.start_line < code.count("\n") - 2
        if language == "Python":
            assert ast.dump(ast.parse(tagged)) == ast.dump(ast.parse(code))
    # Markup is only tagged as a whole.
    assert tight or language in ("HTML", "Vue", "Svelte")


@pytest.mark.parametrize("language", PARSERS)
def test_the_languages_own_program_says_the_same_of_it(language: str, tmp_path: Path) -> None:
    name, command = PARSERS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    texts = list(dict.fromkeys(tagged for _, tagged in tagged_everywhere(language)))

    def said(text: str) -> tuple[int, str]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        run = subprocess.run([*command, name], cwd=tmp_path, capture_output=True, text=True, check=False)
        return run.returncode, CHANGING.sub("", run.stdout)

    code, printed = said(SAMPLES[language])
    assert (code == 0) or language == "Make"
    for text in texts[:: max(1, len(texts) // 12)]:
        assert said(text) == (code, printed)


def test_a_tagged_script_prints_the_same(tmp_path: Path) -> None:
    def printed(text: str) -> str:
        (tmp_path / "a.sh").write_text(text)
        return subprocess.run(["bash", "a.sh"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    expected = printed(SAMPLES["shell"])
    assert expected.startswith("# text\n")
    assert {printed(tagged) for _, tagged in tagged_everywhere("shell")} == {expected}


def test_prologues_stay_first() -> None:
    first = {
        "Python": 2,
        "JavaScript": 1,
        "Ruby": 1,
        "PHP": 1,
        "shell": 1,
        "HTML": 2,
        "CSS": 1,
        "Lua": 1,
        "Perl": 1,
        "Lisp": 1,
        "Dockerfile": 2,
    }
    for language, count in first.items():
        head = "".join(SAMPLES[language].splitlines(keepends=True)[:count])
        assert all(tagged.startswith(head) for _, tagged in tagged_everywhere(language)), language


def test_xml_prologues_and_byte_order_marks_stay_first() -> None:
    page = '<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE html [\n<!ENTITY a "b">\n]>\n<html/>\n'
    tagged = tag_snippets(page, "HTML", [Snippet(1, 6, ("A",), "MIT")])
    assert tagged.startswith(page[: page.index("<html/>")] + "<!-- SPDX-SnippetBegin -->")
    assert tag_snippets("\ufeffa = 1\n", "Python", [Snippet(1, 1, ("A",), "MIT")]).startswith("\ufeff# SPDX-")


def test_where_no_comment_can_stand_the_code_is_left_as_it_is() -> None:
    page = "<p>only markup</p>\n<p>no code</p>\n"
    assert tag_snippets('<?xml version="1.0"?><html/>', "HTML", [Snippet(1, 1, (), "MIT")]).count("SPDX") == 0
    assert tag_snippets(f"{page}<?= 1 ?>\n", "PHP", [Snippet(1, 3, (), "MIT")]) == f"{page}<?= 1 ?>\n"


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "*/ evil(); /*",
            "x --> <script>evil()</script> <!--",
            "*) evil (*",
            'odd " quote',
            "{| open",
            "-} evil {-",
            "ends in a backslash \\",
            "\\u000aevil();",
            "?> <b>evil</b> <?php",
            "coding: rot13",
            "coding=utf-7",
            "#> evil <#",
            "]] evil [[",
            "a\nevil()",
            "a\r\nb",
            "a\u2028evil()",
            "\u202eevil",
            "??/",
            "=# evil #=",
            "|# evil #|",
            "%} evil",
            "+/ x",
            "SPDX-SnippetEnd",
            "SPDX-License-Identifier: 0BSD",
            "$(shell evil)",
            "`evil`",
            "'; DROP TABLE a; --",
            "\x00",
            "--",
        ]
    ),
    st.text(max_size=40),
)


@given(st.sampled_from(sorted(SAMPLES)), HOSTILE, HOSTILE)
def test_no_statement_reaches_out_of_its_comment(language: str, one: str, other: str) -> None:
    code = SAMPLES[language]
    known = language_named(language)
    assert known is not None
    tagged = tag_snippets(code, language, [Snippet(4, 5, (one, other), "MIT")])
    assert means_the_same(code, tagged, known)
    assert strip_snippets(tagged) == code
    (snippet,) = read_snippets(tagged)
    assert snippet.license_expression == "MIT"
    assert tagged.count("\n") == code.count("\n") + 5
    assert not set("\0\u202e\u2028\\") & set("".join(tagged.split("SnippetBegin")[1].split("MIT")[0]))
    if language == "Python":
        assert ast.dump(ast.parse(tagged)) == ast.dump(ast.parse(code))
