"""Copies that somebody worked on: the search still sees them, and says of which kind they are."""

import re
from pathlib import Path

import pytest

from index.matches import MatchKind
from index.reference_index import ReferenceIndex
from tests.index.upkeep import WORDS, add, code

HEADER = """# This module keeps the books of the harbour: what came in, what went out, and who was on watch.
# Every keeper signs a page before the lantern is lit, and nobody may sign for another one, whatever the weather is.
# Pages that were lost in the flood are written anew from memory, with the name of the one who remembers them.

"""


@pytest.fixture
def index(index_of_one: ReferenceIndex, tmp_path: Path) -> ReferenceIndex:
    add(index_of_one, tmp_path, "harbour", {"books.py": HEADER + code(5), "watch.js": code(6).replace("#", "//")})
    return index_of_one


def test_an_edit_that_opens_a_comment_hides_nothing_behind_it(index: ReferenceIndex) -> None:
    lines = code(6).splitlines(keepends=True)
    edited = "".join([*lines[:2], "    /* was faster\n", *lines[2:]])
    (match,) = index.search(edited.encode(), "JavaScript").matches
    assert not match.common
    assert match.kind is MatchKind.NEAR
    assert match.information_bits > 300


def test_a_comment_that_was_kept_does_not_hide_the_renamed_code_below_it(index: ReferenceIndex) -> None:
    other = {word: f"{word[::-1]}s" for word in WORDS}
    renamed = HEADER + re.sub("|".join(WORDS), lambda found: other[found[0]], code(5))
    matches = index.search(renamed.encode(), "Python").matches
    (told,) = [match for match in matches if not match.common]
    assert told.kind is MatchKind.RENAMED
    assert told.output.end_line == renamed.count("\n")
    assert len(told.names) > 50
