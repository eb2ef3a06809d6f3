"""Training rows for the embedded model: a function after a header, or cut for fill-in-the-middle."""

import random
from dataclasses import dataclass

from tokenizers import Tokenizer

from generator.embedded.corpus import Function

END = "<|endoftext|>"
PREFIX, MIDDLE, SUFFIX = "<fim_prefix>", "<fim_middle>", "<fim_suffix>"
MIDDLE_WEIGHT, LINE_WEIGHT = 3.0, 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids, and how much predicting each of them counts (0 leaves it out of the loss)."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of each kind of disturbance."""

    fim: float = 0.5
    header: float = 0.6
    header_tokens: int = 80
    split: float = 0.4
    inside: float = 0.12
    indented: float = 0.2
    near: float = 0.0
    border_weight: float = 3.0
    shifted: float = 0.2


class RowMaker:
    """Turns functions into rows; every draw comes from the random generator it is given."""

    def __init__(self, tokenizer: Tokenizer, headers: str, mix: Mix, drawn: random.Random) -> None:
        self.tokenizer = tokenizer
        self.headers = headers
        self.mix = mix
        self.drawn = drawn

    def row(self, function: Function) -> Row:
        """One row; the header is masked, the end token always counts."""
        text = function.text
        if function.indent and self.drawn.random() < self.mix.indented:
            text = "\n".join(function.indent + line if line else line for line in text.split("\n"))
        head = self._header() if self.drawn.random() < self.mix.header else []
        if self.drawn.random() < self.mix.fim:
            return self._fill_in(text, head)
        if self.drawn.random() < self.mix.inside:
            lines = text.split("\n")
            text = "\n".join(lines[self.drawn.randint(1, max(1, len(lines) - 4)) :])
        body = self._pieces(text)
        end = self._special(END)
        return Row(head + body.ids + [end], [0.0] * len(head) + body.weights + [1.0])

    def _fill_in(self, text: str, head: list[int]) -> Row:
        start, stop = self._span(text)
        before, after = text[:start], text[stop:]
        if self.drawn.random() < self.mix.near:
            before = "".join(before.splitlines(keepends=True)[-self.drawn.randint(2, 7) :])
            after = "".join(after.splitlines(keepends=True)[: self.drawn.randint(2, 7)])
        prefix, middle, suffix = self._pieces(before), self._plain(text[start:stop]), self._plain(after)
        if prefix.weights:
            prefix.weights[-1] = 0.0  # cut anywhere: half a token cannot be foreseen
        ids = [self._special(PREFIX), *head, *prefix.ids, self._special(SUFFIX), *suffix, self._special(MIDDLE)]
        weights = [0.0] * (1 + len(head)) + prefix.weights + [0.0]
        weights += [0.0] * min(1, len(suffix)) + [0.5] * (len(suffix) - 1) + [0.0]
        ids += [*middle, self._special(END)]
        return Row(ids, weights + self._middle_weights(middle))

    def _middle_weights(self, middle: list[int]) -> list[float]:
        """Content is soon known; where to begin and where to stop is not, so these tokens count more."""
        line_end = self._plain("\n")[0]
        weights = [LINE_WEIGHT if before == line_end else MIDDLE_WEIGHT for before in [0, *middle[:-1]]][: len(middle)]
        weights = [max(weight, self.mix.border_weight) if at == 0 else weight for at, weight in enumerate(weights)]
        return [*weights, self.mix.border_weight]

    def _span(self, text: str) -> tuple[int, int]:
        """Where the middle begins and ends: whole lines, a line's rest, or any two characters."""
        kind = self.drawn.random()
        starts = [0] + [i + 1 for i, character in enumerate(text) if character == "\n"] + [len(text)]
        first = self.drawn.randint(1, len(starts) - 2)
        last = min(len(starts) - 1, first + self.drawn.randint(1, 6))
        if kind < 0.5:
            return starts[first], starts[last]
        if kind < 0.65:
            return starts[first] - 1, starts[last] - (0 if last == len(starts) - 1 else 1)
        begin = self.drawn.randint(1, len(text) - 2)
        if kind < 0.8:
            end = text.find("\n", begin)
            return begin, len(text) if end < 0 else end
        return begin, min(len(text), begin + self.drawn.randint(1, 200))

    def _pieces(self, text: str) -> Row:
        """The text's tokens, sometimes encoded in two parts as a prompt cut anywhere would be."""
        if self.drawn.random() >= self.mix.split or len(text) < 3:
            ids = self._plain(text)
            return Row(ids, [1.0] * len(ids))
        at = self.drawn.randint(1, len(text) - 1)
        left, right = self._plain(text[:at]), self._plain(text[at:])
        return Row(left + right, [1.0] * (len(left) - 1) + [0.0] + [1.0] * len(right))

    def _header(self) -> list[int]:
        at = self.drawn.randrange(len(self.headers) - 2000)
        begin = self.headers.find("\n", at) + 1
        ids = self._plain(self.headers[begin : begin + 400])[: self.drawn.randint(1, self.mix.header_tokens - 2)]
        return ids + self._plain("\n" * self.drawn.randint(1, 3))

    def _plain(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _special(self, token: str) -> int:
        found = self.tokenizer.token_to_id(token)
        assert found is not None, token
        return int(found)
