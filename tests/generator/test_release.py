"""What leaves a choice: whole characters, never a stop string."""

from hypothesis import given
from hypothesis import strategies as st

from generator.release import TextRelease


def decode(ids):
    """Every token is one byte, as in the worst case of a byte-level tokenizer."""
    return bytes(ids).decode("utf-8", errors="replace")


def pieces_of(text, stop=()):
    release = TextRelease(decode, stop)
    pieces = []
    for byte in text.encode():
        pieces.append(release.add(byte))
        if release.stopped:
            return pieces, True
    return [*pieces, release.finish()], False


@given(st.text(st.characters(exclude_characters="\ufffd", exclude_categories=["Cs"])))
def test_every_piece_is_whole_characters_and_nothing_is_lost(text):
    pieces, _ = pieces_of(text)
    assert "".join(pieces) == text


@given(st.text("abc", max_size=30), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3))
def test_text_ends_before_the_stop_string_that_is_complete_first(text, stop):
    pieces, stopped = pieces_of(text, stop)
    ends = [(text.find(s) + len(s), text.find(s)) for s in stop if s in text]
    first = min((end for end, _ in ends), default=None)
    expected = text if first is None else text[: min(start for end, start in ends if end == first)]
    assert stopped == bool(ends)
    assert "".join(pieces) == expected


def test_the_beginning_of_a_stop_string_is_held_back_until_it_is_none():
    release = TextRelease(decode, ("\n\n",))
    assert release.add(ord("a")) == "a"
    assert release.add(ord("\n")) == ""
    assert release.add(ord("b")) == "\nb"


def test_half_a_character_at_the_end_is_left_out():
    pieces, _ = pieces_of("é")
    release = TextRelease(decode)
    assert release.add("é".encode()[0]) == ""
    assert release.finish() == ""
    assert pieces == ["", "é", ""]
