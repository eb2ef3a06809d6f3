"""The treatments of the quality benchmarks do to code what their names say, and nothing else."""

import random
import re
from collections.abc import Callable

import pytest

from benchmarks.code_tokens import tokens_of
from benchmarks.formatters import by_black
from benchmarks.placements import Output, Piece, alone, in_two_places, inside, wrapped
from benchmarks.treatments import (
    Code,
    Surroundings,
    comments_reworded,
    comments_stripped,
    lexemes_edited,
    literals_changed,
    logical_lines,
    reindented,
    renamed,
    statements_inserted,
    statements_removed,
    statements_reordered,
    with_crlf,
)
from index.lexer import lex

PYTHON = Code(
    '''    def window_of(self, rows, limit=12):
        """Say what the window holds."""
        # the first row is never counted
        total = 0
        for row in rows:
            total += self.weight(row, limit)
            label = "some name"
            if total > limit: break
        return (total,
                label, 3.5)
''',
    "Python",
)
SCRIPT = Code(
    """/* doc */
function pickAll(rows, limit) {
  const found = new Map(); // by name
  for (const row of rows) {
    found.set(row.name, row.size + 12);
  }
  return found.size > limit ? "too many" : `only ${limit}`;
}
""",
    "JavaScript",
)
AROUND = Surroundings(("emit(event);", "state = next_state()"))
OTHER = "one = 1\ntwo = 2\nthree = 3\nfour = 4\n"


def lexemes(text: str) -> list[int]:
    hashes: list[int] = lex(text.encode()).hashes.tolist()
    return hashes


def treated(treat: Callable[[Code, Surroundings, random.Random], str | None], code: Code, seed: int = 1) -> str:
    text = treat(code, AROUND, random.Random(seed))
    assert text is not None
    assert treat(code, AROUND, random.Random(seed)) == text
    return text


@pytest.mark.parametrize("code", [PYTHON, SCRIPT])
def test_another_layout_has_the_same_lexemes(code: Code) -> None:
    for treat in (reindented, with_crlf):
        text = treated(treat, code)
        assert text != code.text
        assert lexemes(text) == lexemes(code.text)


def test_statements_come_go_and_change_places() -> None:
    lines = logical_lines(PYTHON.text)
    assert lines[-1].endswith("label, 3.5)\n")
    more = logical_lines(treated(statements_inserted, PYTHON))
    assert [line for line in more if line in lines] == lines
    assert {line.strip() for line in more if line not in lines} <= set(AROUND.statements)
    fewer = logical_lines(treated(statements_removed, PYTHON))
    assert len(fewer) < len(lines)
    assert [line for line in lines if line in fewer] == fewer
    moved = logical_lines(treated(statements_reordered, PYTHON))
    assert moved != lines
    assert sorted(moved) == sorted(lines)


def test_literals_change_and_nothing_else_does() -> None:
    text = treated(literals_changed, PYTHON)
    assert "12" not in re.findall(r"\d+", text)
    assert "some name" not in text
    assert [token.text for token in tokens_of(text, "Python") if token.is_name or token.is_comment] == [
        token.text for token in tokens_of(PYTHON.text, "Python") if token.is_name or token.is_comment
    ]


@pytest.mark.parametrize("code", [PYTHON, SCRIPT])
def test_comments_go_or_are_worded_otherwise_and_the_code_stays(code: Code) -> None:
    own = "".join(token.text for token in tokens_of(code.text, code.language) if not token.is_comment)
    assert lexemes(treated(comments_stripped, code)) == lexemes(own)
    reworded = treated(comments_reworded, code, seed=3)
    assert reworded != code.text
    kept = "".join(token.text for token in tokens_of(reworded, code.language) if not token.is_comment)
    assert lexemes(kept) == lexemes(own)


@pytest.mark.parametrize("code", [PYTHON, SCRIPT])
def test_renaming_is_one_to_one_and_leaves_the_language_alone(code: Code) -> None:
    before = tokens_of(code.text, code.language)
    after = tokens_of(treated(renamed(1.0, literals=False), code), code.language)
    assert len(before) == len(after)
    map_of_names: dict[str, str] = {}
    for old, new in zip(before, after, strict=True):
        if old.is_name:
            assert map_of_names.setdefault(old.text, new.text) == new.text
            assert old.text != new.text
        else:
            assert old.text == new.text
    assert len(set(map_of_names.values())) == len(map_of_names)


def test_half_of_the_names_keep_theirs() -> None:
    code = Code("\n".join(f"first_{number} = second_{number}(third_{number})" for number in range(60)), "Python")
    text = treated(renamed(0.5, literals=False), code)
    kept = sum(old == new for old, new in zip(re.findall(r"\w+", code.text), re.findall(r"\w+", text), strict=True))
    assert 60 < kept < 120


def test_as_many_lexemes_are_edited_as_asked_for() -> None:
    code = Code("alpha beta gamma delta " * 500, "Python")
    text = treated(lexemes_edited(0.2), code)
    untouched = sum(word in ("alpha", "beta", "gamma", "delta") for word in text.split())
    # Replaced or dropped are four fifths of what is edited; the rest has something added.
    assert untouched == pytest.approx(2000 * (1 - 0.2 * 0.8), rel=0.03)


def test_black_changes_the_layout_only() -> None:
    text = treated(by_black, Code("def f(a,b):\n    return [a,b]\n", "Python"))
    assert text == "def f(a, b):\n    return [a, b]\n"
    assert by_black(Code("def f(:\n", "Python"), AROUND, random.Random(1)) is None


def at(output: Output, piece: Piece) -> str:
    text = output.text[piece.start_byte : piece.end_byte].decode()
    lines = output.text.decode().splitlines()[piece.start_line - 1 : piece.end_line]
    assert lexemes("\n".join(lines)) == lexemes(text)
    return text


@pytest.mark.parametrize("place", [alone, inside, wrapped])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_placed_copy_is_where_its_piece_says(
    place: Callable[[Code, str, random.Random], Output | None], ends: str
) -> None:
    code = Code(PYTHON.text.replace("\n", ends), "Python")
    output = place(code, OTHER, random.Random(2))
    assert output is not None
    (piece,) = output.pieces
    assert lexemes(at(output, piece)) == lexemes(code.text)


def test_a_copy_in_two_places_is_whole_in_its_pieces() -> None:
    output = in_two_places(PYTHON, OTHER, random.Random(2))
    assert output is not None
    first, second = (at(output, piece) for piece in output.pieces)
    assert lexemes(first + "\n" + second) == lexemes(PYTHON.text)
    assert OTHER in output.text.decode()
