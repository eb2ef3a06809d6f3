"""From text to token ids: plain prompts, and fill-in-the-middle in the words of the model's own family."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

from generator.errors import FillInMiddleUnsupported


class Tokenizer(Protocol):
    """What is needed of a `transformers` tokenizer."""

    bos_token_id: int | None
    eos_token_id: int | None
    init_kwargs: dict[str, Any]

    def encode(self, text: str, *, add_special_tokens: bool = True, split_special_tokens: bool = False) -> list[int]:
        """Token ids of a text."""
        ...

    def get_vocab(self) -> dict[str, int]:
        """Every token and its id."""
        ...


@dataclass(frozen=True, slots=True)
class FimTokens:
    """How one family marks prefix, suffix and middle; `ends` close a middle besides the usual end token.

    Without a `middle` token the suffix comes first and the prefix last, as Codestral has it. `suffix_first` is the
    same order for a family that has one: prefix and suffix mark, suffix, middle mark, prefix (StarCoder learnt both).
    """

    family: str
    prefix: str
    suffix: str
    middle: str | None
    ends: tuple[str, ...] = ()
    suffix_first: bool = False


# Sources: the model cards of each family and, for the order, the FIM paper (Bavarian et al. 2022, PSM and SPM).
FAMILIES = (
    FimTokens("starcoder", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", ("<fim_pad>", "<file_sep>", "<filename>")),
    FimTokens("santacoder", "<fim-prefix>", "<fim-suffix>", "<fim-middle>", ("<fim-pad>",)),
    FimTokens("codellama", "▁<PRE>", "▁<SUF>", "▁<MID>", ("▁<EOT>",)),
    FimTokens("deepseek-coder", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    FimTokens(
        "qwen-coder",
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        ("<|endoftext|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
    ),
    FimTokens("codestral", "[PREFIX]", "[SUFFIX]", None),
)


def fim_tokens(tokenizer: Tokenizer) -> FimTokens | None:
    """The family whose tokens stand in the vocabulary, or None.

    A tokenizer_config.json that says `"fim_order": "spm"`, as the embedded model's does, asks for the suffix first.
    """
    vocabulary = tokenizer.get_vocab()
    for family in FAMILIES:
        if all(token in vocabulary for token in (family.prefix, family.suffix, family.middle) if token is not None):
            return replace(family, suffix_first=tokenizer.init_kwargs.get("fim_order") == "spm")
    return None


def encode_plain(tokenizer: Tokenizer, text: str) -> list[int]:
    """Text as text: what looks like a special token is spelt out, so nobody can end or reshape a prompt from inside."""
    return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)


def encode_prompt(tokenizer: Tokenizer, prompt: str, suffix: str | None = None) -> list[int]:
    """Token ids the model reads: a start token where the family has one, never an empty list.

    Raises FillInMiddleUnsupported where a suffix is given and the tokenizer has no tokens for it.
    """
    start = [number for number in tokenizer.encode("")[:1] if number == tokenizer.bos_token_id]
    if suffix is not None:
        return start + _encode_middle(tokenizer, prompt, suffix)
    ids = start + encode_plain(tokenizer, prompt)
    if not ids and tokenizer.eos_token_id is not None:
        return [tokenizer.eos_token_id]  # one text has ended, another begins
    return ids


def _encode_middle(tokenizer: Tokenizer, prompt: str, suffix: str) -> list[int]:
    family = fim_tokens(tokenizer)
    if family is None:
        raise FillInMiddleUnsupported(
            "This model cannot fill in the middle, its tokenizer has no tokens for it: "
            "leave the suffix out, or choose a model such as bigcode/starcoderbase-7b."
        )
    vocabulary = tokenizer.get_vocab()
    before, after = encode_plain(tokenizer, prompt), encode_plain(tokenizer, suffix)
    if family.middle is None:
        return [vocabulary[family.suffix], *after, vocabulary[family.prefix], *before]
    if family.suffix_first:
        return [vocabulary[family.prefix], vocabulary[family.suffix], *after, vocabulary[family.middle], *before]
    return [vocabulary[family.prefix], *before, vocabulary[family.suffix], *after, vocabulary[family.middle]]
