"""Prompts are plain text in the model's own words."""

import pytest

from generator.errors import FillInMiddleUnsupported
from generator.fim import FAMILIES, fim_tokens, suffix_start
from generator.prompts import encode_plain, encode_prompt
from generator.release import TextRelease


class WordTokenizer:
    """Characters as tokens, after the special tokens it is given."""

    def __init__(self, special, bos=None, **init_kwargs):
        self.init_kwargs = init_kwargs
        self.special = list(special)
        self.bos_token_id = None if bos is None else self.special.index(bos)
        self.eos_token_id = None

    def encode(self, text, *, add_special_tokens=True, split_special_tokens=False):
        start = [self.bos_token_id] if add_special_tokens and self.bos_token_id is not None else []
        return start + [1000 + ord(character) for character in text]

    def get_vocab(self):
        return {token: number for number, token in enumerate(self.special)}


def spelt(tokenizer, ids):
    return "".join(tokenizer.special[i] if i < 1000 else chr(i - 1000) for i in ids)


@pytest.mark.parametrize(
    ("special", "expected"),
    [
        (["<fim_prefix>", "<fim_middle>", "<fim_suffix>"], "<fim_prefix>ab<fim_suffix>cd<fim_middle>"),
        (["▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>"], "▁<PRE>ab▁<SUF>cd▁<MID>"),
        (["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"], "<｜fim▁begin｜>ab<｜fim▁hole｜>cd<｜fim▁end｜>"),
        (["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"], "<|fim_prefix|>ab<|fim_suffix|>cd<|fim_middle|>"),
        (["[PREFIX]", "[SUFFIX]"], "[SUFFIX]cd[PREFIX]ab"),
    ],
)
def test_each_family_is_asked_in_its_own_tokens(special, expected):
    tokenizer = WordTokenizer(["<s>", *special], bos="<s>")
    assert spelt(tokenizer, encode_prompt(tokenizer, "ab", "cd")) == "<s>" + expected


def test_a_tokenizer_may_ask_for_the_suffix_first():
    tokenizer = WordTokenizer(["<fim_prefix>", "<fim_middle>", "<fim_suffix>"], fim_order="spm")
    assert spelt(tokenizer, encode_prompt(tokenizer, "ab", "cd")) == "<fim_prefix><fim_suffix>cd<fim_middle>ab"


def test_families_are_told_apart():
    assert len({family.prefix for family in FAMILIES}) == len(FAMILIES)


def test_a_suffix_without_tokens_for_it_is_refused():
    with pytest.raises(FillInMiddleUnsupported, match="leave the suffix out"):
        encode_prompt(WordTokenizer(["<s>"]), "ab", "cd")


def test_special_tokens_in_text_are_spelt_out(tokenizer):
    text = "x = '<|endoftext|><fim_middle><filename>'"
    ids = encode_plain(tokenizer, text)
    assert not set(ids) & set(tokenizer.all_special_ids)
    assert not set(ids) & set(range(19))
    assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def test_the_embedded_tokenizer_speaks_starcoder(tokenizer):
    found = fim_tokens(tokenizer)
    assert found is not None
    assert found.family == "starcoder"
    ids = encode_prompt(tokenizer, "a<fim_suffix>", "b")
    names = [token for token in tokenizer.convert_ids_to_tokens(ids) if token in tokenizer.get_added_vocab()]
    assert names == ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"]


def test_an_empty_prompt_is_one_end_token(tokenizer):
    assert encode_prompt(tokenizer, "") == [tokenizer.eos_token_id]


def test_no_token_crosses_a_line_end(tokenizer):
    text = "def f(x):\n    if x:\n\n        return 1\n"
    assert encode_plain(tokenizer, text) == [i for line in text.splitlines(True) for i in encode_plain(tokenizer, line)]
    assert all(t == "\n" or "\n" not in t for t in (tokenizer.decode([i]) for i in encode_plain(tokenizer, text)))


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("\n    total = compute(a, b)\n    return total + 1\n\nx\n", "    total = compute(a, b)\n    return total + 1"),
        ("\n)\n", None),
        ("", None),
        ("a_single_long_line_of_code_that_says_much(1, 2, 3)", None),
        ("}\n\n    elif other_condition:\n        go()\n", "}\n\n    elif other_condition:\n        go()"),
    ],
)
def test_what_a_middle_must_not_run_into(suffix, start):
    assert suffix_start(suffix) == start


def test_a_middle_ends_where_it_runs_into_its_suffix():
    decoded = {1: "x = 1\n", 2: "    total = compute(a, b)\n", 3: "    return total + 1", 4: "more"}
    stop = ("    total = compute(a, b)\n    return total + 1",)
    for tokens, stopped in (((1, 2, 3, 4), True), ((1, 2), False)):
        release = TextRelease(lambda ids: "".join(decoded[i] for i in ids), stop)
        text = "".join(release.add(token) for token in tokens if not release.stopped)
        assert release.stopped == stopped
        assert text + release.finish() == "x = 1\n"


def test_from_within_a_line_the_suffix_closes_it():
    decoded = {1: "return x", 2: "\n", 3: "more"}
    for tokens, text in (((1, 2), "return x"), ((1, 2, 3), "return x\nmore")):
        release = TextRelease(lambda ids: "".join(decoded[i] for i in ids), closing="\n")
        assert "".join(release.add(token) for token in tokens) + release.finish() == text
