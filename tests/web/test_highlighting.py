"""Coloured code: the same text, line for line, and never markup of its own."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.languages import LANGUAGES
from index.lexer import lex
from web.highlighting import Mark, coloured_lines, coloured_part, markup, split_lines
from web.visible import is_hidden, visible

CODE = st.text(st.sampled_from("ab \n\r\t<>&\"'#/*(){}=\\\u202e\u200b\x00\x1f\u2028é\ud800"), max_size=60) | st.text(
    max_size=60
)


class _Text(HTMLParser):
    """Collects the text of a piece of HTML and the names of its elements."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements = set()

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        assert {name for name, _ in attrs} <= {"class", "title"}


def _read(html):
    parser = _Text()
    parser.feed(str(html))
    parser.close()
    return parser


@settings(max_examples=200, deadline=None)
@given(CODE, st.sampled_from(["Python", "JavaScript", "C", "HTML", "PHP", "shell", None, "no such language"]))
def test_lines_join_to_the_text_whatever_the_language(code, language):
    assert ["".join(piece.text for piece in line) for line in coloured_lines(code, language)] == split_lines(code)


@settings(max_examples=200, deadline=None)
@given(CODE, st.lists(st.integers(0, 70), min_size=4, max_size=4, unique=True).map(sorted))
def test_a_marked_line_shows_the_text_and_nothing_but_spans(code, columns):
    marks = [Mark(columns[0], columns[1]), Mark(columns[2], columns[3], '"><b>\u202e')]
    for line, text in zip(coloured_lines(code, "Python"), split_lines(code), strict=True):
        read = _read(markup(line, marks))
        shown = "".join(f"U+{ord(character):04X}" if is_hidden(character) else character for character in text)
        assert read.text == shown
        assert read.elements <= {"span", "em"}


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \n\r{}"), max_size=80))
def test_lines_are_counted_as_the_index_counts_them(code):
    lexemes = lex(code.encode())
    lines = split_lines(code)
    for start, line in zip(lexemes.starts, lexemes.lines, strict=True):
        assert code[start] in lines[line - 1]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_language_of_the_index_has_colours(language):
    lines = coloured_lines('if x == "text" /* " */ then <b>1</b>\n', language.name)
    assert any(piece.kind for line in lines for piece in line), language.name


def test_characters_that_hide_or_reorder_are_named():
    shown = str(visible("a\u202eb\u200bc\x00d\te<"))
    assert re.findall(r"U\+[0-9A-F]{4}(?=</span>)", shown) == ["U+202E", "U+200B", "U+0000"]
    assert "RIGHT-TO-LEFT OVERRIDE" in shown
    assert "\u202e" not in shown
    assert "\t" in shown
    assert "&lt;" in shown


@pytest.mark.parametrize("text", ["<b>&\"'", "<b>\u202e&\"'", "é<b>&\"'"])
def test_markup_in_a_text_stays_text(text):
    shown = str(visible(text))
    assert "<b>" not in shown
    assert _read(shown).text == text.replace("\u202e", "U+202E")


def test_a_part_is_coloured_as_in_the_whole():
    lines = [
        "import os",
        "",
        "def one():",
        "    '''A text",
        "",
        "    with if in it.'''",
        "    return None",
        "",
        "x = 1",
    ]
    whole = coloured_lines("\n".join(lines), "Python")
    for start in range(1, len(lines) + 1):
        for end in range(start, len(lines) + 1):
            assert coloured_part(lines, start, end, "Python") == whole[start - 1 : end], (start, end)
