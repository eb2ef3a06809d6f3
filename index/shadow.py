"""Follows an output lexeme by lexeme and knows which texts would carry a verbatim run on: for steering away from it.

Where `LiveSearch` looks now and then, this looks at every lexeme, the unfinished last one included, so that a run is
known before it is longer than the certain length.
"""

from collections.abc import Callable, Iterable

import numpy as np

from index.candidates import content_number
from index.following import FollowedRun, goes_on, run_at_end
from index.lexer import GrowingLexemes, Hashes, lex
from index.lsh import band_keys
from index.matches import ReferenceFile
from index.minhash import shingle_hashes, signatures
from index.reference_index import ReferenceIndex

_MOST_POSTINGS = 64
_MOST_TRIES = 6
_AHEAD = 64
# So much of the reference is told as what must not come next: longer than any token.
_TOLD_BYTES = 256


class Shadow:
    """The runs at the end of one output that stand in files which `concerns` somebody; `exclude` as in a search."""

    def __init__(
        self, index: ReferenceIndex, concerns: Callable[[ReferenceFile], bool], exclude: Iterable[str] = ()
    ) -> None:
        self._reading = index.reading(tuple(exclude))
        self._searched = self._reading.searched
        self._concerns = concerns
        self._text = bytearray()
        self._lexemes = GrowingLexemes()
        self._followed = 0
        self._looked = 0
        self._newest = (0, 0)
        self._runs: list[FollowedRun] = []
        self._concerning: dict[tuple[int, int], bool] = {}

    def feed(self, piece: bytes) -> tuple[bytes, ...]:
        """Take the next piece of the output; return the texts that would carry on a run of at least a window.

        A text begins where the output ends, white space aside.
        """
        self._text += piece
        self._lexemes.feed(piece)
        known = self._lexemes.hashes
        if self._runs:
            news = known[self._followed :].tolist()
            self._runs = [run for run in self._runs if goes_on(run, news, self._searched)]
        self._followed = len(known)
        ends = self._lexemes.known.ends
        pending = bytes(self._text[int(ends[-1]) if len(ends) else 0 :])
        unfinished = lex(pending).hashes[:1]
        seen = np.concatenate([known, unfinished])
        newest = (len(known), int(unfinished[0]) if len(unfinished) else 0)
        if newest != self._newest:
            self._newest = newest
            self._look(seen, len(unfinished))
        going = [(run, text) for run in self._runs if (text := self._continuation(run, pending))]
        # What stands as well where it concerns nobody is nothing to be steered away from.
        free = max((run.length for run, _ in going if not self._concerned(run.segment, run.ordinal)), default=0)
        return tuple(dict.fromkeys(text for run, text in going if run.length > free))

    def _look(self, seen: Hashes, unfinished: int) -> None:
        """Look up the windows that end with the lexemes that came in since the last look."""
        view = self._searched.params.exact
        window = view.window_tokens
        if len(seen) < window:
            return
        start = max(0, min(self._looked, len(seen) - 1) - window + 1)
        # The last lexeme may still grow into another one: then its window is looked at again.
        self._looked = len(seen) - unfinished
        shingles = shingle_hashes(seen[start:], view.shingle)
        keys = band_keys(signatures(shingles, view, self._searched.params.seed, 1), view.bands, view.rows)
        new, first = np.unique(keys.ravel(), return_index=True)
        found = self._searched.postings.lookup(new, _MOST_POSTINGS)
        windows = start + first // view.bands
        votes: dict[tuple[int, int, int], int] = {}
        for asked, number, cell in zip(
            found.asked.tolist(), found.segments.tolist(), found.cells.tolist(), strict=True
        ):
            segment = self._searched.segments[number]
            ordinal = int(np.searchsorted(segment.first_cells, cell, side="right")) - 1
            diagonal = (cell - int(segment.first_cells[ordinal])) * view.stride - int(windows[asked])
            votes[number, ordinal, diagonal] = votes.get((number, ordinal, diagonal), 0) + 1
        followed: set[tuple[int, int]] = {(run.segment, run.ordinal) for run in self._runs}
        tries = 0
        for number, ordinal, diagonal in sorted(votes, key=lambda place: -votes[place]):
            # Code that repeats itself votes for several diagonals of one file, of which one goes on.
            if (number, ordinal) in followed:
                continue
            if tries == _MOST_TRIES:
                break
            tries += 1
            # Followed from before the lexeme that may still grow.
            run = run_at_end(seen[: self._looked], number, ordinal, diagonal, self._searched)
            if run is not None and run.length >= window - unfinished:
                self._runs.append(run)
                followed.add((number, ordinal))

    def _concerned(self, number: int, ordinal: int) -> bool:
        place = (number, ordinal)
        if place not in self._concerning:
            content = content_number(np.array([number], np.int64), np.array([ordinal], np.int64))
            ignored = bool(np.isin(content, self._reading.ignored)[0])
            (files,) = self._reading.files_of([place])
            self._concerning[place] = not ignored and bool(files) and all(self._concerns(file) for file in files)
        return self._concerning[place]

    def _continuation(self, run: FollowedRun, pending: bytes) -> bytes:
        """Return what would carry a run on, or nothing where the unfinished lexeme has left it already."""
        segment = self._searched.segments[run.segment]
        at, size = run.diagonal_end, int(segment.content_lexemes[run.ordinal])
        if at >= size:
            return b""
        reference = run.reference
        if at + 2 >= reference.first + len(reference.lexemes):
            reference = segment.excerpt(run.ordinal, range(at, min(size, at + _AHEAD)), self._searched.read_block)
        coming = reference.text[int(reference.lexemes.starts[at - reference.first]) :]
        written = pending.strip()
        rest = coming[len(written) :]
        ended = written and pending[-1:].isspace() and (rest[:1].isalnum() or rest[:1] == b"_")
        return rest[:_TOLD_BYTES] if coming.startswith(written) and not ended else b""
