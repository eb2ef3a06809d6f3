"""Verbatim runs that reach the end of a growing text: found by its newest windows, then followed lexeme by lexeme."""

from collections import Counter
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from index.candidates import content_number, placed
from index.excerpt import Excerpt
from index.lexer import Hashes
from index.lsh import band_keys
from index.minhash import shingle_hashes, signatures
from index.search import SearchedSegments

# How many lexemes may come in before their windows are looked up.
_EVERY = 32
_EVERY_WHILE_FOLLOWING = 64
_MOST_POSTINGS = 8
# A whole window in common has a key in common for each band.
_LEAST_VOTES = 3
_MOST_TRIES = 2
_AHEAD = 256
_AROUND = 40


@dataclass(slots=True)
class FollowedRun:
    """A run of lexemes, equal on both sides, that ends where the text does.

    `end` is the lexeme of `reference` that the next one of the text must equal, counted in the excerpt.
    """

    segment: int
    ordinal: int
    reference: Excerpt
    end: int
    length: int

    @property
    def diagonal_end(self) -> int:
        """The next lexeme's number in the whole reference text."""
        return self.reference.first + self.end


class Follower:
    """Follows the end of a growing text through the reference; reads each lexeme of the text once."""

    def __init__(self, searched: SearchedSegments, ignored: npt.NDArray[np.int64]) -> None:
        self._searched = searched
        self._ignored = ignored
        self._runs: list[FollowedRun] = []
        self._longest = 0
        self._followed = 0
        self._looked = 0
        self._asked: set[int] = set()
        self._votes: Counter[tuple[int, int, int]] = Counter()
        self.suspicious = False

    @property
    def runs(self) -> tuple[FollowedRun, ...]:
        """The runs that reach the end of the text as it was last told, longest first."""
        return tuple(sorted(self._runs, key=lambda run: -run.length))

    @property
    def longest(self) -> int:
        """The length of the longest run, in lexemes; 0 where there is none."""
        return self._longest

    def advance(self, lexemes: Hashes) -> None:
        """Take in the text so far, whose earlier lexemes are those of the last call."""
        if self._runs:
            news = lexemes[self._followed :].tolist()
            self._runs = [run for run in self._runs if goes_on(run, news, self._searched)]
        self._followed = len(lexemes)
        window = self._searched.params.exact.window_tokens
        every = _EVERY_WHILE_FOLLOWING if self._runs else _EVERY
        if len(lexemes) - self._looked >= every and len(lexemes) >= window:
            start = max(0, self._looked - window + 1)
            self._looked = len(lexemes)
            self._look_up(lexemes, start)
        self._longest = max((run.length for run in self._runs), default=0)

    def _look_up(self, lexemes: Hashes, start: int) -> None:
        view = self._searched.params.exact
        shingles = shingle_hashes(lexemes[start:], view.shingle)
        keys = band_keys(signatures(shingles, view, self._searched.params.seed, 1), view.bands, view.rows)
        new, first = np.unique(keys.ravel(), return_index=True)
        fresh = [at for at, key in enumerate(new.tolist()) if key not in self._asked]
        if not fresh:
            return
        self._asked.update(new[fresh].tolist())
        found = self._searched.postings.lookup(new[fresh], _MOST_POSTINGS)
        windows = start + first[fresh] // view.bands
        followed = {(run.segment, run.ordinal) for run in self._runs}
        touched: set[tuple[int, int, int]] = set()
        content, positions = placed(found, self._searched.segments, self._searched.params)
        diagonals = positions - windows[found.asked]
        for number, ordinal, around in zip(
            (content >> 32).tolist(), (content & 0xFFFFFFFF).tolist(), (diagonals // _AROUND).tolist(), strict=True
        ):
            place = (number, ordinal, around)
            self._votes[place] += 1
            # Some place of the reference is like the text so far: a look would see more than nothing.
            self.suspicious = self.suspicious or self._votes[place] >= _LEAST_VOTES
            if (number, ordinal) not in followed:
                touched.add(place)
        best = sorted(touched, key=lambda place: -self._votes[place])[:_MOST_TRIES]
        for number, ordinal, near in best:
            if self._votes[number, ordinal, near] >= _LEAST_VOTES:
                self._try(lexemes, number, ordinal, near * _AROUND + _AROUND // 2)

    def _try(self, lexemes: Hashes, number: int, ordinal: int, diagonal: int) -> None:
        if self._is_ignored(number, ordinal):
            return
        run = run_at_end(lexemes, number, ordinal, diagonal, self._searched)
        known = run is not None and any(
            (other.segment, other.ordinal, other.diagonal_end) == (number, ordinal, run.diagonal_end)
            for other in self._runs
        )
        if run is not None and run.length >= self._searched.params.window_lexemes and not known:
            self._runs.append(run)

    def _is_ignored(self, number: int, ordinal: int) -> bool:
        content = content_number(np.array([number], np.int64), np.array([ordinal], np.int64))
        return bool(np.isin(content, self._ignored)[0])


def run_at_end(
    lexemes: Hashes, number: int, ordinal: int, diagonal: int, searched: SearchedSegments
) -> FollowedRun | None:
    """Return the longest run that ends with the text, near a diagonal of one content; None beyond its end."""
    segment = searched.segments[number]
    size = int(segment.content_lexemes[ordinal])
    last = len(lexemes) - 1 + diagonal
    begin = max(0, last - _AHEAD)
    if begin >= size:
        return None
    excerpt = segment.excerpt(ordinal, range(begin, min(size, last + _AHEAD)), searched.read_block)
    offset = diagonal - excerpt.first
    length, best = _run_at_end(lexemes, excerpt.lexemes.hashes, offset - _AROUND, offset + _AROUND + 1)
    return FollowedRun(number, ordinal, excerpt, len(lexemes) + best, length)


def goes_on(run: FollowedRun, news: list[int], searched: SearchedSegments) -> bool:
    """Lead a run on through the next lexemes of the text; False where the reference has others."""
    for value in news:
        if run.end >= len(run.reference.lexemes):
            segment = searched.segments[run.segment]
            at = run.diagonal_end
            if at >= int(segment.content_lexemes[run.ordinal]):
                return False
            run.reference = segment.excerpt(run.ordinal, range(at, at + _AHEAD), searched.read_block)
            run.end = at - run.reference.first
        if run.reference.lexemes.hashes[run.end] != value:
            return False
        run.end += 1
        run.length += 1
    return True


@numba.njit(cache=True, nogil=True)
def _run_at_end(text: Hashes, reference: Hashes, lowest: int, highest: int) -> tuple[int, int]:
    """Return the longest run of equal lexemes that ends with the text, and its diagonal."""
    best, best_diagonal = 0, 0
    for diagonal in range(lowest, highest):
        at = len(text) - 1
        while at >= 0 and 0 <= at + diagonal < len(reference) and text[at] == reference[at + diagonal]:
            at -= 1
        if len(text) - 1 - at > best:
            best, best_diagonal = len(text) - 1 - at, diagonal
    return best, best_diagonal
