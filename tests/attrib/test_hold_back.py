"""What may leave of a growing text: nothing of a blocked copy, and nothing attributed before its attribution."""

from hypothesis import given, settings
from hypothesis import strategies as st

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Verdict
from attrib.hold_back import HoldBack
from index.lexer import lex
from index.matches import MatchKind, Span

OWN = b"".join(b"value_%d = compute(%d)\n" % (i, i) for i in range(60))
COPIED = b"".join(b"stolen_%d.append(%d)\n" % (i, i) for i in range(30))


def search_for(action):
    """A search that finds whole lines of the copy once there are ten of them."""

    def search(text):
        at = [i for i, line in enumerate(text.split(b"\n")) if line.startswith(b"stolen") and line.endswith(b")")]
        if len(at) < 10:
            return ()
        lines = text.split(b"\n")
        start = sum(len(line) + 1 for line in lines[: at[0]])
        end = sum(len(line) + 1 for line in lines[: at[-1] + 1])
        span = Span(at[0] + 1, at[-1] + 1, start, end)
        origin = AttributedOrigin("pkg:pypi/x@1", "x.py", "swh:1:cnt:0", span, 1.0, "MIT", "", "permissive", (), None)
        verdict = Verdict(action, ())
        return (AttributedMatch(MatchKind.EXACT, span, 1.0, 60, 200.0, False, 1, (origin,), verdict),)

    return search


def fed(text, sizes, action, held=64):
    back = HoldBack(search_for(action), held)
    released, at = [], 0
    for size in sizes:
        released.append(back.feed(text[at : at + size].decode()))
        at += size
    released.append(back.feed(text[at:].decode()))
    return back, [one for one in released if one is not None]


SIZES = st.lists(st.integers(1, 200), max_size=60)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 60))
def test_nothing_of_a_blocked_copy_leaves(sizes, before):
    text = b"".join(OWN.splitlines(keepends=True)[:before]) + COPIED + OWN
    back, released = fed(text, sizes, Action.BLOCK)
    left = "".join(one.text for one in released)
    assert "stolen" not in left
    assert text.startswith(left.encode())
    assert back.finish(search_for(Action.BLOCK)(text), blocked=True) is None


@settings(max_examples=60, deadline=None)
@given(SIZES)
def test_an_attribution_comes_before_its_text_and_once(sizes):
    text = OWN + COPIED + OWN
    back, released = fed(text, sizes, Action.ATTRIBUTE)
    released.append(back.finish(search_for(Action.ATTRIBUTE)(text), blocked=False))
    assert "".join(one.text for one in released).encode() == text
    told = [number for number, one in enumerate(released) for _ in one.matches]
    first = next(number for number, one in enumerate(released) if "stolen" in one.text)
    assert len(told) == 1
    assert told[0] <= first
    (match,) = released[told[0]].matches
    assert match.output.start_line == 61
    assert text[match.output.start_byte :].startswith(b"stolen_0.")


def test_so_many_lexemes_are_held():
    back, released = fed(OWN, [40] * 40, Action.BLOCK, held=100)
    left = "".join(one.text for one in released)
    behind = len(lex(OWN)) - len(lex(left.encode()))
    assert 100 <= behind <= 100 + 24
    assert back.held_bytes + back.left_bytes == len(OWN)


@settings(max_examples=40, deadline=None)
@given(SIZES)
def test_what_may_yet_be_blocked_waits_though_it_says_too_little_so_far(sizes):
    # Told as saying too little until it has 28 lines, which is more than what is held back.
    blocked, unsaid = search_for(Action.BLOCK), search_for(Action.ALLOW)

    def search(text):
        return blocked(text) if text.count(b"stolen") >= 28 else unsaid(text)

    back = HoldBack(search, 64, lambda match: True)
    text, at, left = OWN + COPIED + OWN, 0, ""
    for size in [*sizes, len(text)]:
        released = back.feed(text[at : at + size].decode())
        left += released.text if released else ""
        at += size
    assert "stolen" not in left
    assert back.closed


def test_a_match_that_may_block_and_is_over_holds_nothing_back():
    back = HoldBack(search_for(Action.ALLOW), 64, lambda match: True)
    left = ""
    for line in (OWN + COPIED + OWN + OWN).splitlines(keepends=True):
        released = back.feed(line.decode())
        left += released.text if released else ""
    assert left.startswith((OWN + COPIED).decode())
