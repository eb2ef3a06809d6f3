"""Where the line runs between a copy and code that people write alike: passages as they were measured."""

import pytest

from index.telling import tells_a_copy, tells_a_renamed_copy, tells_a_renamed_whole
from index.verify import Passage


def _passage(bits: float, equal: int, run: int, similarity: float, tied: int = 0, renamed: bool = False) -> Passage:
    length = round(equal / similarity)
    return Passage(0, length, 0, length, equal, run, bits, equal / length, renamed=renamed, tied_names=tied)


@pytest.mark.parametrize(
    ("what", "bits", "equal", "run", "similarity"),
    [
        ("a function to the letter", 104, 45, 45, 1.0),
        ("a fifth of 100 lexemes edited, plain words", 90, 89, 27, 0.89),
        ("a fifth of 100 lexemes edited, very plain words", 57, 96, 14, 0.84),
        ("a fifth of 100 lexemes edited, telling words", 185, 70, 16, 0.86),
        ("200 lexemes and much put between them", 401, 132, 20, 0.60),
        ("a long run inside other code", 200, 60, 33, 0.40),
    ],
)
def test_a_copy_is_told(what: str, bits: float, equal: int, run: int, similarity: float) -> None:
    assert tells_a_copy(_passage(bits, equal, run, similarity)), what


@pytest.mark.parametrize(
    ("what", "bits", "equal", "run", "similarity"),
    [
        ("wrappers around va_start", 116, 61, 11, 0.69),
        ("the constructor of a Fabric component", 182, 58, 31, 0.89),
        ("constants that count on", 164, 61, 3, 0.68),
        ("other pages in the same frame", 38, 403, 12, 0.79),
        ("a getter of five lines", 70, 40, 30, 0.95),
        ("assertions that stand in every test, with others between", 61, 79, 13, 0.78),
    ],
)
def test_an_idiom_is_not(what: str, bits: float, equal: int, run: int, similarity: float) -> None:
    assert not tells_a_copy(_passage(bits, equal, run, similarity)), what


@pytest.mark.parametrize(
    ("what", "bits", "equal", "run", "similarity", "tied", "votes", "copied"),
    [
        ("100 lexemes with other names", 159, 66, 66, 1.0, 1, 13.8, True),
        ("long, and no name comes back", 118, 84, 84, 1.0, 0, 28.4, True),
        ("structure that repeats itself, in few places", 89, 76, 76, 1.0, 2, 24.0, True),
        ("setters and getters that were edited as well", 150, 90, 31, 0.80, 4, 2.5, False),
        ("the loop that copies all properties", 133, 59, 25, 0.87, 2, 5.9, False),
        ("helpers that a compiler wrote, no name comes back", 118, 49, 49, 1.0, 0, 18.0, False),
        ("a licence in a docstring", 144, 65, 52, 0.97, 0, 19.4, False),
    ],
)
def test_other_names_and_the_same_structure(
    what: str, bits: float, equal: int, run: int, similarity: float, tied: int, votes: float, copied: bool
) -> None:
    assert tells_a_renamed_copy(_passage(bits, equal, run, similarity, tied, renamed=True), votes) is copied, what


@pytest.mark.parametrize(
    ("what", "bits", "equal", "similarity", "tied", "votes", "beside", "copied"),
    [
        ("half of the text is in strings, which are the same", 135, 58, 0.84, 4, 6.9, 158, True),
        ("a declaration and its comment", 90, 33, 0.87, 4, 4.6, 130, True),
        ("methods that hand on to another object", 108, 62, 0.93, 5, 3.3, 30, False),
        ("imports of one package", 119, 137, 0.80, 21, 2.4, 0, False),
        ("what a compiler writes ahead of a module", 74, 107, 0.99, 1, 1.1, 38, False),
    ],
)
def test_both_views_of_a_whole_text_add_up(
    what: str, bits: float, equal: int, similarity: float, tied: int, votes: float, beside: float, copied: bool
) -> None:
    renamed = _passage(bits, equal, 30, similarity, tied, renamed=True)
    exact = [_passage(beside, 30, 10, 0.9)] if beside else []
    length = renamed.query_end
    assert not tells_a_renamed_copy(renamed, votes)
    assert tells_a_renamed_whole(renamed, votes, exact, length) is copied, what
    assert not tells_a_renamed_whole(renamed, votes, exact, 2 * length), f"{what}, and as much again of other code"
