"""A cursor in the middle of a token: taken back by one, spelt again, no part of the answer."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from generator.base import GenerationRequest
from generator.healing import TokenBeginnings, hold_to, taken_back
from generator.local import LocalGenerator

TEXTS = ["", "a", "ab", "abc", " ab", "b", "\n", "x\ufffd", "abc"]


def test_tokens_that_may_spell_a_beginning():
    beginnings = TokenBeginnings(TEXTS, frozenset({0}))
    assert sorted(beginnings.beginning("ab")) == [1, 2, 3, 8]
    assert beginnings.beginning("zz") == []
    assert beginnings.rest("abc", 2) == "c"
    assert beginnings.rest("ab", 3) == ""


@given(st.text(alphabet="abc \n", max_size=8))
def test_what_is_taken_back_is_the_end_of_the_prompt(text):
    ids = [{"a": 1, "b": 5, "c": 3}.get(character, 6) for character in text]
    decode = lambda tokens: "".join(TEXTS[token] for token in tokens)  # noqa: E731
    kept, begin = taken_back(ids, decode)
    assert decode(kept) + begin == decode(ids)
    assert begin == "" or not begin.endswith("\n")


def test_all_others_are_impossible():
    scores = torch.tensor([3.0, 1.0, 2.0])
    hold_to(scores, [1, 2])
    assert scores.tolist() == [-torch.inf, 1.0, 2.0]


def test_a_middle_that_begins_within_a_token_is_spelt_as_the_whole_is(embedded: LocalGenerator):
    whole = "def double(value):\n    return value * 2\n"
    cut = whole.index("urn value")
    request = GenerationRequest(whole[:cut], suffix="\n", max_new_tokens=12)
    (completion,) = embedded.complete(request)
    assert completion.text.startswith("urn")
