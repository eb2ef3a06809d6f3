"""A cursor may stand in the middle of a token: the prompt is taken back by one, and the answer begins with its text.

A model has never seen `t ` before `//=` where its vocabulary has ` //=`: asked to go on from there it writes something
else. The text that was taken back is what the first tokens must spell; it is no part of the answer (token healing,
Lundberg 2023, "The art of prompt design: prompt boundaries and token healing").
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

import torch

UNDECODED = "\ufffd"


class TokenBeginnings:
    """The tokens of a vocabulary by how their text begins."""

    def __init__(self, texts: Sequence[str], ends: frozenset[int]) -> None:
        self._texts = texts
        self._tokens: dict[str, list[int]] = {}
        for token, text in enumerate(texts):
            if text and token not in ends and UNDECODED not in text:
                self._tokens.setdefault(text, []).append(token)
        self._sorted = sorted(self._tokens)

    def beginning(self, text: str) -> list[int]:
        """Return the tokens that begin with `text`, and those that are the beginning of it."""
        found = [token for size in range(1, len(text)) for token in self._tokens.get(text[:size], ())]
        for at in range(bisect_left(self._sorted, text), len(self._sorted)):
            if not self._sorted[at].startswith(text):
                break
            found += self._tokens[self._sorted[at]]
        return found

    def rest(self, text: str, token: int) -> str:
        """Return what is still to be spelt of `text` once a token is taken."""
        return text[len(self._texts[token]) :]


def taken_back(ids: list[int], decode: Callable[[list[int]], str]) -> tuple[list[int], str]:
    """Return a prompt without its last token, and that token's text; all of it and nothing where it ends cleanly.

    A line's end is clean, and so is what cannot be taken back alone: part of a character, or the only token there is.
    """
    if len(ids) < 2:
        return ids, ""
    text = decode(ids[-1:])
    whole, before = decode(ids[-4:]), decode(ids[-4:-1])
    alone = text and UNDECODED not in whole and not text.endswith("\n") and before + text == whole
    return (ids[:-1], text) if alone else (ids, "")


def hold_to(scores: torch.Tensor, tokens: Sequence[int]) -> None:
    """Make all but some tokens impossible in one row of scores (vocabulary), in place."""
    kept = torch.tensor(tokens, device=scores.device)
    values = scores[kept]
    scores.fill_(-torch.inf)
    scores[kept] = values
