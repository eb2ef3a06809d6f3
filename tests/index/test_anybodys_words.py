"""What everybody has alike weighs nothing: lists in order, counting, licences and filler in strings, prologues."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.enumerations import counted_on, in_order
from index.excerpt import whole
from index.information import BUCKETS
from index.known_texts import known_words
from index.lexer import Lexemes, lex
from index.prologues import in_prologue
from index.weighing import weighed_side

MIT = """
"<p>Permission is hereby granted, free of charge, to any person obtaining a copy\\n" +
" of Weasel and associated documentation files\\n" +
"""
PROLOGUE = """
page = "<?xml version=\\"1.0\\"?>" +
    "<!DOCTYPE html PUBLIC \\"-//W3C//DTD XHTML 1.0 Strict//EN\\" " +
    "\\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\\"><body>";
"""


def _words(code: str, flags: np.ndarray) -> str:
    lexemes = lex(code.encode())
    return " ".join(
        code.encode()[lexemes.starts[at] : lexemes.ends[at]].decode() for at in range(len(lexemes)) if flags[at]
    )


def _data(code: str) -> tuple[np.ndarray, Lexemes]:
    return np.frombuffer(code.encode(), np.uint8), lex(code.encode())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "x = ['abs', 'acos', 'add_one', 'addtwo', 'bar', 'call', 'cat', 'dig', 'zoo', 'any']",
            "abs acos add_one addtwo bar call cat dig zoo",
        ),
        ("Abort, Accept, Bind, close, Connect, Dial, exit, Fork;", "Abort Accept Bind close Connect Dial exit Fork"),
        ("x = ['abs', 'acos', 'bar', 'call', 'cat', 'dig', 'zoo']", ""),
        ("f(zoo, abs, yes, bar, cat, ant, dig, add, elk, act)", ""),
        ("key, key, key, key, key, key, key, key, key, key", ""),
        ("a bit can do every fine good hint in just kinder lines", ""),
    ],
)
def test_what_is_a_list_in_order(code: str, expected: str) -> None:
    data, lexemes = _data(code)
    assert _words(code, in_order(data, lexemes.starts, lexemes.ends)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("case 'a': case 'b': case 'c': case 'd': case 'x':", "c d"),
        ("#define ONE 11\n#define TWO 12\n#define OFF 13\n#define SIX 16\n", "13"),
        ("x[0] = y[3]; x[9] = y[7];", ""),
        ("0x11, 0x12, 0x13, 1.5", ""),
        ("99999999999999999997 99999999999999999998 99999999999999999999", ""),
    ],
)
def test_what_counts_on(code: str, expected: str) -> None:
    data, lexemes = _data(code)
    assert _words(code, counted_on(data, lexemes.starts, lexemes.ends)) == expected


def test_a_licence_in_a_string_is_known_but_what_stands_in_it_is_not() -> None:
    lexemes = lex(MIT.encode())
    said = _words(MIT, known_words(MIT.encode(), lexemes.hashes, lexemes.starts, lexemes.ends))
    assert said.startswith("Permission is hereby granted free of charge to any person obtaining copy of")
    assert said.endswith("and associated documentation files")
    assert "Weasel" not in said


def test_filler_is_known_and_other_prose_is_not() -> None:
    for code, known in (("dolor sit amet, consectetur adipiscing", True), ("the file is read to its very end", False)):
        lexemes = lex(code.encode())
        assert known_words(code.encode(), lexemes.hashes, lexemes.starts, lexemes.ends).any() == known


def test_a_prologue_is_one_in_a_string_too() -> None:
    lexemes = lex(PROLOGUE.encode())
    said = _words(PROLOGUE, in_prologue(PROLOGUE.encode(), lexemes, 0, len(lexemes)))
    assert said.startswith("< ? xml version")
    assert "xhtml1" in said
    assert "page" not in said
    assert "body" not in said


def test_none_of_it_weighs_anything() -> None:
    code = PROLOGUE + MIT + "x = ['abs', 'acos', 'bar', 'call', 'cat', 'dig', 'eat', 'zoo'], weasel"
    side = weighed_side(whole(code.encode()), range(len(lex(code.encode()))), "Java", np.full(BUCKETS, 8, np.float32))
    heavy = _words(code, side.weights > 1)
    assert heavy == "page body Weasel weasel"


@given(st.binary(max_size=300))
def test_any_bytes_have_flags_of_their_shape(text: bytes) -> None:
    lexemes = lex(text)
    data = np.frombuffer(text, np.uint8)
    for flags in (
        in_order(data, lexemes.starts, lexemes.ends),
        counted_on(data, lexemes.starts, lexemes.ends),
        known_words(text, lexemes.hashes, lexemes.starts, lexemes.ends),
        in_prologue(text, lexemes, 0, len(lexemes)),
    ):
        assert len(flags) == len(lexemes)


@pytest.mark.parametrize("piece", ["<html ", "<!DOCTYPE ", "<?xml", "<", "a,"])
def test_hostile_text_takes_no_longer_than_any_other(piece: str) -> None:
    text = (piece * (500_000 // len(piece))).encode()
    lexemes = lex(text)
    begun = time.perf_counter()
    in_prologue(text, lexemes, 0, len(lexemes))
    assert time.perf_counter() - begun < 5
