"""From tokens to text that may leave: whole characters only, and never a stop string or the beginning of one."""

from collections.abc import Callable, Sequence

UNDECODED = "\ufffd"
_TELLING_WORDS = 2


class TextRelease:
    """Text of one choice while it grows.

    `decode` turns token ids into text; it is given a short tail of the ids, never the whole, so the cost per token
    does not grow with the text. `context` is the end of the prompt's ids: some tokenizers write the first token of
    a text without its leading space. The first `skipped` characters are no part of the text, and no more are
    `closing`, line ends that what follows begins with, where they come last.
    """

    def __init__(
        self,
        decode: Callable[[Sequence[int]], str],
        stop: Sequence[str] = (),
        context: Sequence[int] = (),
        skipped: int = 0,
        closing: str = "",
    ) -> None:
        self._decode = decode
        self._stop = tuple(stop)
        self._ids: list[int] = list(context)
        self._start = 0
        self._read = len(self._ids)
        self._held = ""
        self.stopped = False
        self.fresh = ""
        self._skipped = skipped
        self._closing = closing

    def add(self, token: int) -> str:
        """The text that may leave now that this token is known; `stopped` turns true once a stop string is whole.

        `fresh` is the text that this token made known, whether it may leave or not.
        """
        self._ids.append(token)
        decoded = self._decoded()
        self.fresh = decoded[self._skipped :]
        self._skipped = max(0, self._skipped - len(decoded))
        self._held += self.fresh
        return self._released()

    def finish(self) -> str:
        """What was still held back; bytes that never became a character are left out.

        Whole lines that begin a stop string of several lines have run into it, and are left out as well.
        """
        held, self._held = self._held, ""
        held = held[: len(held) - self._closing_at_end(held)]
        return "" if any(_ran_into(held, stop) for stop in self._stop) else held

    def _decoded(self) -> str:
        known = self._decode(self._ids[self._start : self._read])
        grown = self._decode(self._ids[self._start :])
        if len(grown) <= len(known) or grown.endswith(UNDECODED):
            return ""
        self._start, self._read = self._read, len(self._ids)
        return grown[len(known) :]

    def _released(self) -> str:
        found = [at for at in (self._held.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            released, self._held = self._held[: min(found)], ""
            return released[: len(released) - self._closing_at_end(released)]
        keep = max([self._closing_at_end(self._held), *(self._overlap(stop) for stop in self._stop)])
        cut = len(self._held) - keep
        released, self._held = self._held[:cut], self._held[cut:]
        return released

    def _closing_at_end(self, text: str) -> int:
        """How many of the last characters are line ends that stand in what follows."""
        return min(len(text) - len(text.rstrip("\n")), len(self._closing))

    def _overlap(self, stop: str) -> int:
        """How many of the last characters are the beginning of a stop string."""
        longest = min(len(stop) - 1, len(self._held))
        return next((size for size in range(longest, 0, -1) if self._held.endswith(stop[:size])), 0)


def _ran_into(held: str, stop: str) -> bool:
    """Whether a text is the first line or lines of a stop string, and not only a word or two."""
    whole_lines = held.endswith("\n") or stop[len(held) :].startswith("\n")
    return "\n" in stop.strip() and stop.startswith(held) and whole_lines and len(held.split()) >= _TELLING_WORDS
