"""Which tokens would continue a text that must not come next: they are masked, everything else stays open."""

import re
from collections.abc import Iterable, Sequence

import torch

_FIRST_WORD = re.compile(r"\w+|\W")
_LONGEST_WORD = 64


class TokenTexts:
    """The tokens of a vocabulary by the word they begin with; `ends` are never barred, nor is white space."""

    def __init__(self, texts: Sequence[str], ends: frozenset[int]) -> None:
        self._beginning: dict[str, list[int]] = {}
        self._whole: dict[str, list[int]] = {}
        for token, text in enumerate(texts):
            bare = text.lstrip()
            # Bytes that are no character yet say nothing of what they will be.
            if token in ends or not bare or "\ufffd" in bare:
                continue
            word = _first_word(bare)
            self._beginning.setdefault(word, []).append(token)
            if word == bare:
                self._whole.setdefault(bare, []).append(token)

    def continuing(self, text: str) -> list[int]:
        """Return the tokens that begin with the first word of `text`, or are the beginning of that word."""
        word = _first_word(text.lstrip())
        parts = [token for size in range(1, len(word)) for token in self._whole.get(word[:size], ())]
        return [*self._beginning.get(word, ()), *parts]


def _first_word(text: str) -> str:
    found = _FIRST_WORD.match(text)
    return found[0][:_LONGEST_WORD] if found else ""


def bar(logits: torch.Tensor, texts: TokenTexts, barred: Iterable[str]) -> None:
    """Make the tokens that continue any of the barred texts impossible in one row of scores (vocabulary), in place."""
    tokens = [token for text in barred for token in texts.continuing(text)]
    if tokens:
        logits[torch.tensor(tokens, device=logits.device)] = -torch.inf
