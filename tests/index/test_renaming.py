"""The renamed view: the same for all consistent renamings, another for every other change."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.keywords import KEYWORDS
from index.lexer import lex
from index.renaming import KEYWORD, MARK, NAME, NUMBER, STRING, canonical_shingles, tokens

SHINGLE = 8


def shingles(text: bytes) -> np.ndarray:
    found = tokens(text, lex(text))
    return canonical_shingles(found.kinds, found.hashes, SHINGLE)


def renamed(text: str, seed: int) -> str:
    """Return code with every name exchanged for another, one for one, and every number for any number."""
    generator = random.Random(seed)
    names: dict[str, str] = {}

    def other(word: re.Match[str]) -> str:
        if word[0] in KEYWORDS:
            return word[0]
        if word[0][0].isdigit():
            return str(generator.randrange(1000))
        return names.setdefault(word[0], f"n{len(names)}_{generator.randrange(100)}")

    return re.sub(r"\w+", other, text)


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("total = total + 12", [NAME, MARK, NAME, MARK, NUMBER]),
        ("if x: return None  # why not", [KEYWORD, NAME, MARK, KEYWORD, KEYWORD]),
        ("call(a); // say (so)", [NAME, MARK, NAME, MARK, MARK]),
        ("call(a); /* say\n (so) */ b", [NAME, MARK, NAME, MARK, MARK, NAME]),
        ('get("a, b (c)", d)', [NAME, MARK, STRING, MARK, NAME, MARK]),
        ("get('it\\'s, so', d)", [NAME, MARK, STRING, MARK, NAME, MARK]),
        ('open("http://a.b/c") // x', [NAME, MARK, STRING, MARK]),
        ('say("", x)', [NAME, MARK, STRING, MARK, NAME, MARK]),
        ('say("a" "b", x)', [NAME, MARK, STRING, MARK, NAME, MARK]),
        ("char *s = 'x';", [KEYWORD, MARK, NAME, MARK, STRING, MARK]),
        ("fn f<'a>(x: &'a str)", [KEYWORD, NAME, MARK, STRING, NAME, KEYWORD, MARK]),
        ("the quick brown fox (jumps)", [NAME, MARK, NAME, MARK]),
    ],
)
def test_tokens_keep_structure_and_drop_what_may_be_renamed(code: str, kinds: list[int]) -> None:
    assert tokens(code.encode(), lex(code.encode())).kinds.tolist() == kinds


@given(st.integers(0, 10_000), st.sampled_from(["core.py", "decorators.py", "parser.py", "utils.py"]))
@settings(max_examples=25, deadline=None)
def test_a_consistent_renaming_changes_no_shingle(site_packages: Path, seed: int, name: str) -> None:
    text = (site_packages / "click" / name).read_text()
    # Words inside strings and comments are literals; the rule is about code.
    code = re.sub(r'""".*?"""|"[^"\n]*"|#[^\n]*', "", text, flags=re.DOTALL)
    assert (shingles(code.encode()) == shingles(renamed(code, seed).encode())).all()


def test_an_inconsistent_renaming_changes_shingles() -> None:
    code = b"total = total + item.price * item.count if item else total\n" * 2
    assert (shingles(code) != shingles(code.replace(b"item.count", b"thing.count"))).any()


def test_names_and_their_lexemes_belong_together() -> None:
    text = b"# a comment\nalpha = beta(gamma)  # more\n"
    lexemes = lex(text)
    found = tokens(text, lexemes)
    words = [text[lexemes.starts[at] : lexemes.ends[at]] for at in found.lexemes]
    assert words == [b"alpha", b"=", b"beta", b"(", b"gamma", b")"]


@given(st.binary(max_size=400))
def test_any_bytes_have_tokens(text: bytes) -> None:
    lexemes = lex(text)
    found = tokens(text, lexemes)
    assert len(found) <= len(lexemes)
    assert (np.diff(found.lexemes) > 0).all()
    assert set(found.kinds.tolist()) <= {NAME, NUMBER, STRING, KEYWORD, MARK}
