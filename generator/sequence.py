"""One choice of a request while it is written: its tokens, its text, and when it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from generator.base import FinishReason, GenerationRequest, Guide, Piece, TokenLogprob
from generator.release import TextRelease
from generator.sampling import Draw


@dataclass(slots=True)
class Written:
    """A choice; `seen` are its tokens, prompt included, and `limit` is how many new ones it may have.

    `begin` is what its next tokens must spell.
    """

    number: int
    request: GenerationRequest
    seen: list[int]
    limit: int
    release: TextRelease
    drawn: torch.Generator | None
    guide: Guide | None = None
    begin: str = ""
    taken: int = 0
    done: bool = False
    barred: Sequence[str] = ()
    _unsent: int = 0
    _steered: int = 0
    _logprobs: list[TokenLogprob] = field(default_factory=list)

    @property
    def position(self) -> int:
        """Where the last token stands, which the model has not read yet."""
        return len(self.seen) - 1

    @property
    def draw(self) -> Draw:
        """How the next token is drawn."""
        return Draw(self.request, self.drawn, self.seen)

    def take(self, token: int, ends: frozenset[int], steered: bool, logprob: TokenLogprob | None) -> Iterator[Piece]:
        """Take one token and hand on the text that it frees."""
        self.seen.append(token)
        self.taken += 1
        self._unsent += 1
        self._steered += steered
        if logprob is not None:
            self._logprobs.append(logprob)
        if token in ends:
            yield self.piece(self.release.finish(), "stop")
            return
        text = self.release.add(token)
        if self.release.stopped:
            yield self.piece(text, "stop")
        elif self.taken == self.limit:
            yield self.piece(text + self.release.finish(), "length")
        elif text:
            yield self.piece(text)
        if self.guide is not None and not self.done:
            self.barred = self.guide.barred(self.number, self.release.fresh)

    def end(self, reason: FinishReason) -> Piece:
        """End the choice from outside, with the text that was still held back."""
        return self.piece(self.release.finish(), reason)

    def piece(self, text: str, reason: FinishReason | None = None) -> Piece:
        """Return the next piece, with what was counted since the last one."""
        self.done = self.done or reason is not None
        piece = Piece(self.number, text, reason, self._unsent, self._steered, tuple(self._logprobs))
        self._unsent = self._steered = 0
        self._logprobs.clear()
        return piece
