"""Training rows for the embedded model: a function after a header, or cut for fill-in-the-middle."""

import random
from dataclasses import dataclass

from tokenizers import Tokenizer

from generator.embedded.corpus import Function

END = "<|endoftext|>"
PREFIX, MIDDLE, SUFFIX = "<fim_prefix>", "<fim_middle>", "<fim_suffix>"


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids, and how much predicting each of them counts (0 leaves it out of the loss)."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of each kind of row and disturbance, and how much the parts of a fill-in-the-middle row count.

    `header` is the share after an unrelated header, `split` of prompts encoded in two parts, `inside` of rows that
    begin within the function, `indented` of methods as they stand in their class, `shifted` of batches at later
    positions, `near` of middles of which only the lines around them are shown, `line_rest` of middles that are the rest
    of a line from the cursor on.
    """

    fim: float = 0.5
    header: float = 0.6
    header_tokens: int = 80
    split: float = 0.4
    inside: float = 0.12
    indented: float = 0.2
    shifted: float = 0.2
    near: float = 0.0
    line_rest: float = 0.15
    suffix_first: bool = False
    suffix_weight: float = 0.5
    middle_weight: float = 3.0
    line_weight: float = 3.0
    end_weight: float = 3.0


def joined(*parts: Row) -> Row:
    """One row of several parts."""
    return Row([i for part in parts for i in part.ids], [weight for part in parts for weight in part.weights])


class RowMaker:
    """Turns functions into rows; every draw comes from the random generator it is given."""

    def __init__(self, tokenizer: Tokenizer, headers: str, mix: Mix, drawn: random.Random, positions: int) -> None:
        self.tokenizer = tokenizer
        self.headers = headers
        self.mix = mix
        self.drawn = drawn
        self.positions = positions

    def row(self, function: Function) -> Row:
        """One row of at most `positions` tokens; the header is masked, the end token always counts."""
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
        shown = Row(head + prefix.ids, [0.0] * len(head) + prefix.weights)
        later = Row(suffix, [self.mix.suffix_weight if at else 0.0 for at in range(len(suffix))])
        answer = Row([*middle, self._special(END)], self._middle_weights(middle))
        mark = {token: Row([self._special(token)], [0.0]) for token in (PREFIX, SUFFIX, MIDDLE)}
        if self.mix.suffix_first:
            return joined(mark[PREFIX], mark[SUFFIX], later, mark[MIDDLE], shown, answer)
        return joined(mark[PREFIX], shown, mark[SUFFIX], later, mark[MIDDLE], answer)

    def _middle_weights(self, middle: list[int]) -> list[float]:
        """Content is soon known, where to stop is not: the end, and lines that go on instead, may count more."""
        line_end = self._plain("\n")[0]
        befores = [None, *middle][: len(middle)]
        weights = [self.mix.line_weight if before == line_end else self.mix.middle_weight for before in befores]
        return [*weights, self.mix.end_weight]

    def _span(self, text: str) -> tuple[int, int]:
        """Where the middle begins and ends: whole lines, a line's rest, or any two characters."""
        rest = self.drawn.random() < self.mix.line_rest
        kind = self.drawn.random()
        starts = [0] + [i + 1 for i, character in enumerate(text) if character == "\n"] + [len(text)]
        first = self.drawn.randint(1, len(starts) - 2)
        last = min(len(starts) - 1, first + self.drawn.randint(1, 6))
        begin = self.drawn.randint(1, len(text) - 2)
        if rest:
            end = text.find("\n", begin)
            return begin, len(text) if end < 0 else end
        if kind < 0.6:
            return starts[first], starts[last]
        if kind < 0.76:
            return starts[first] - 1, starts[last] - (0 if last == len(starts) - 1 else 1)
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
