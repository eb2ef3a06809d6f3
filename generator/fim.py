"""Fill-in-the-middle in the words of each family of models."""

import re
from dataclasses import dataclass, replace
from typing import Any, Protocol


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

    def render(self, prompt: str, suffix: str) -> str:
        """The whole as text, for a server that reads special tokens out of a prompt."""
        if self.middle is None:
            return f"{self.suffix}{suffix}{self.prefix}{prompt}"
        if self.prefix.startswith("▁"):
            # A sentencepiece token begins with the mark of the space that stands before it in a text.
            return f"{self.prefix[1:]} {prompt} {self.suffix[1:]}{suffix} {self.middle[1:]}"
        return f"{self.prefix}{prompt}{self.suffix}{suffix}{self.middle}"

    @property
    def marks(self) -> tuple[str, ...]:
        """Everything that a text must not hold, lest it be read as a mark."""
        return tuple(
            mark.lstrip("▁") for mark in (self.prefix, self.suffix, self.middle, *self.ends) if mark is not None
        )


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


_NAMES = (
    (re.compile(r"star-?coder", re.IGNORECASE), "starcoder"),
    (re.compile(r"santacoder", re.IGNORECASE), "santacoder"),
    (re.compile(r"code-?llama", re.IGNORECASE), "codellama"),
    (re.compile(r"deepseek.*coder", re.IGNORECASE), "deepseek-coder"),
    (re.compile(r"qwen.*coder", re.IGNORECASE), "qwen-coder"),
    (re.compile(r"codestral", re.IGNORECASE), "codestral"),
)


def family_of_name(name: str) -> FimTokens | None:
    """The family that a model's name, or the name of a family itself, speaks of; None for any other."""
    named = next((family for pattern, family in _NAMES if pattern.search(name)), name)
    return next((tokens for tokens in FAMILIES if tokens.family == named), None)


_TELLING_CHARACTERS = 24
_TELLING_LINES = 2


def suffix_start(suffix: str) -> str | None:
    """The beginning of a suffix that a middle has run into where it holds it: whole lines, too many to be chance.

    None for a suffix that is shorter than that.
    """
    start = suffix.lstrip("\r\n")
    end = lines = 0
    while end < len(start):
        line_end = start.find("\n", end)
        end = len(start) if line_end < 0 else line_end
        lines += bool(start[:end].rsplit("\n", 1)[-1].strip())
        if lines >= _TELLING_LINES and len("".join(start[:end].split())) >= _TELLING_CHARACTERS:
            return start[:end]
        end += 1
    return None
