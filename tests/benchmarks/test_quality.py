"""What the quality benchmarks count is what happened: cuts, scores, peers, labels."""

import random
from itertools import islice

import pytest

from benchmarks.human_code import LABELS, read_labels
from benchmarks.peers import Membership, Peer, PeerFile, WholeFunctions, Winnowing, functions_in
from benchmarks.placements import Output, Piece
from benchmarks.reference_corpus import CodeFile
from benchmarks.scoring import row, score
from benchmarks.snippets import Snippet, SnippetStream, at_any_lexeme, passed_over, whole_statements
from index.lexer import lex
from index.matches import Match, MatchKind, MatchOrigin, ReferenceFile, SearchResult, SearchStatus, Span

FUNCTION = '''def spread(rows, least):
    """Spread rows over as many bins as they need."""
    bins = [[] for _ in range(least)]
    for place, row in enumerate(sorted(rows, key=len, reverse=True)):
        target = min(bins, key=lambda one: sum(map(len, one)))
        target.append(row)
        if place % 100 == 0:
            print("placed", place, "of", len(rows))
    return [sorted(one) for one in bins if one]
'''
CLASS = "class Holder:\n" + "".join(
    f"    def method_{number}(self, value):\n        kept = self.items[{number}].find(value, start={number})\n"
    f"        return kept if kept is not None else self.other_{number}(value)\n\n"
    for number in range(40)
)
FILE = CodeFile("pkg:pypi/spread@1", "spread.py", "Python", "MIT", "swh:1:cnt:1")
HELD = ReferenceFile("pkg:pypi/spread@1", "spread.py", "swh:1:cnt:1", "MIT", "", (), None, None)
ELSEWHERE = ReferenceFile("pkg:pypi/other@2", "x.py", "swh:1:cnt:2", "Apache-2.0", "", (), None, None)
SNIPPET = Snippet(FILE, 11, 20, "x\n" * 10, 100)
OUTPUT = Output(b"x" * 300, (Piece(5, 14, 100, 200),))


def match(start: int, end: int, lines: tuple[int, int], *files: ReferenceFile, common: bool = False) -> SearchResult:
    origins = tuple(MatchOrigin(file, Span(11, 20, 0, 9), 1.0, 90, MatchKind.NEAR) for file in files)
    found = Match(
        kind=MatchKind.NEAR,
        output=Span(*lines, start, end),
        similarity=1.0,
        lexemes=90,
        information_bits=200.0,
        common=common,
        sources=len(files),
        unrelated_sources=len(files),
        origins=origins,
    )
    return SearchResult(SearchStatus.MATCHED, 300, 90, (found,))


def test_a_match_that_covers_the_copy_is_found_with_origin_licence_and_lines() -> None:
    found = score(SNIPPET, [HELD], OUTPUT, match(100, 200, (5, 14), HELD, ELSEWHERE))
    assert (found.found, found.right_origin, found.right_license) == (True, True, True)
    assert (found.output_error, found.reference_error) == (0, 0)
    assert "100.0%  100.0%" in row([found])


def test_half_a_copy_is_the_least_that_counts() -> None:
    assert not score(SNIPPET, [HELD], OUTPUT, match(0, 149, (1, 9), HELD)).seen
    half = score(SNIPPET, [HELD], OUTPUT, match(0, 150, (1, 9), HELD))
    assert half.found
    assert half.output_error == 5


def test_a_common_match_is_seen_and_not_found_and_a_tie_is_no_right_origin() -> None:
    assert score(SNIPPET, [HELD], OUTPUT, match(100, 200, (5, 14), HELD, common=True)).seen
    assert not score(SNIPPET, [HELD], OUTPUT, match(100, 200, (5, 14), HELD, common=True)).found
    tied = score(SNIPPET, [HELD], OUTPUT, match(100, 200, (5, 14), ELSEWHERE, HELD))
    assert (tied.right_origin, tied.tied, tied.right_license) == (False, True, False)


def test_cuts_are_as_long_as_asked_for_and_stand_where_they_say() -> None:
    drawn = random.Random(1)
    lines = CLASS.split("\n")
    for wanted in (30, 90):
        exact = at_any_lexeme(FILE, CLASS, wanted, drawn)
        assert exact is not None
        assert len(lex(exact.text.encode())) == wanted
        whole = next(filter(None, (whole_statements(FILE, CLASS, wanted, drawn) for _ in range(20))))
        assert whole.lexemes >= wanted
        assert whole.text == "\n".join(lines[whole.start_line - 1 : whole.end_line]) + "\n"


def test_a_stream_gives_everybody_the_same_and_ends_where_nothing_is_left() -> None:
    files = [CodeFile("pkg:pypi/a@1", f"{number}.py", "Python", "", "") for number in range(10)]
    stream = SnippetStream(files, lambda file: CLASS, whole_statements, 65, seed=1, passes=passed_over)
    assert list(islice(stream, 5)) == list(islice(stream, 5))
    assert list(SnippetStream(files, lambda file: "x = 1\n", whole_statements, 65, seed=1)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (FUNCTION, None),
        ("import os\nimport sys\nfrom a import b\nx = f(y)\n", "imports"),
        ("# only\n# words\n# in here, no code at all\nx = 1\n", "comments"),
        ("".join(f"register(Class{number}, None, other)\n" for number in range(20)), "monotonous"),
        ("table = [1234567, 2345678, 3456789, 4567890]\n", "numbers"),
    ],
)
def test_what_could_not_be_traced_is_passed_over_for_its_reason(text: str, reason: str | None) -> None:
    assert passed_over(text, "Python") == reason


@pytest.mark.parametrize("make", [lambda: WholeFunctions(0.5), Winnowing, Membership])
def test_peers_find_a_function_they_learnt_and_not_another(make: type[Peer]) -> None:
    peer = make()
    peer.learn([PeerFile("swh:1:cnt:1", "import os\n\n\n" + FUNCTION, "Python")])
    assert peer.find(FUNCTION, "Python")
    assert not peer.find(CLASS, "Python")


def test_functions_end_with_their_bracket_or_their_indentation() -> None:
    script = "const a = 1;\nfunction f(x) {\n  if (x) {\n    return 1;\n  }\n}\n\nfunction g() {\n  return 2;\n}\n"
    assert next(iter(functions_in(script))) == "function f(x) {\n  if (x) {\n    return 1;\n  }\n}"
    assert list(functions_in(FUNCTION)) == [FUNCTION]


def test_every_label_is_known_and_has_its_reason() -> None:
    assert LABELS.exists()
    assert read_labels()
