"""What a lexeme is, and that every one knows where it stands."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexer import last_line, lex

LEXEME = re.compile(rb"[0-9A-Za-z_\x80-\xff]+|([^\x00-\x20\x7f0-9A-Za-z_\x80-\xff])(?:[\x00-\x20\x7f]*\1)*")


def texts(text: bytes) -> list[bytes]:
    lexemes = lex(text)
    return [text[start:end] for start, end in zip(lexemes.starts, lexemes.ends, strict=True)]


def test_words_and_single_punctuation_are_lexemes() -> None:
    assert texts(b"def f(x_1): return x_1 ** 2") == [
        b"def", b"f", b"(", b"x_1", b")", b":", b"return", b"x_1", b"**", b"2",
    ]  # fmt: skip


def test_equal_punctuation_counts_once_whatever_stands_between() -> None:
    assert len(lex(b"# ------------- - -\n")) == 2
    assert (lex(b"))").hashes == lex(b")\n  )").hashes).all()


def test_layout_and_line_ends_vanish() -> None:
    one = lex(b"if a:\n    b = 1\n    c = 2\n")
    other = lex(b"if a :\r\n\tb=1\r\n\tc   =   2\r\n")
    assert (one.hashes == other.hashes).all()
    assert (one.lines == other.lines).all()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_by_any_line_end(end: bytes) -> None:
    assert lex(end.join([b"a", b"b", b"", b"c"])).lines.tolist() == [1, 2, 4]


def test_a_byte_order_mark_is_no_lexeme() -> None:
    marked = lex(b"\xef\xbb\xbfdef f")
    assert len(marked) == 2
    assert marked.starts.tolist() == [3, 7]


def test_folded_punctuation_ends_on_its_own_line() -> None:
    text = b"f(\n  g(1\n)\n)\n"
    lexemes = lex(text)
    assert lexemes.lines[-1] == 3
    assert last_line(text, lexemes, len(lexemes) - 1) == 4


@given(st.binary(max_size=300))
def test_any_bytes_lex_as_the_definition_says(text: bytes) -> None:
    if text.startswith(b"\xef\xbb\xbf"):
        return
    assert texts(text) == [match.group(0) for match in LEXEME.finditer(text)]


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_cut_lexes_as_the_whole_does_but_at_its_ends(left: bytes, right: bytes) -> None:
    whole = lex(b"a " + left + b" b " + right).hashes.tolist()
    cut = lex(b" b " + right).hashes.tolist()
    assert whole[len(whole) - len(cut) + 1 :] == cut[1:]


def test_equal_lexemes_of_real_code_have_equal_hashes_and_others_do_not(site_packages: Path) -> None:
    text = (site_packages / "rich" / "console.py").read_bytes()
    lexemes = lex(text)
    seen: dict[bytes, int] = {}
    for start, end, value in zip(lexemes.starts, lexemes.ends, lexemes.hashes, strict=True):
        word = text[start:end]
        key = word[:1] if not re.match(rb"[0-9A-Za-z_\x80-\xff]", word) else word
        assert seen.setdefault(key, int(value)) == value
    assert len(set(seen.values())) == len(seen)
