"""Aligns one licence text with a stretch of a file, word by word, and tells whether what differs matters."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from attrib.license_templates import TURNING, Template, Templates
from attrib.licenses import HARMLESS, category_of

_LEAST_SIMILARITY = 0.88
_LEAST_ALIGNED = 0.90
# Where only names of parties and joints between them differ, more of a text may.
_LEAST_SIMILARITY_OF_TERMS = 0.84
_LEAST_ALIGNED_OF_TERMS = 0.80
_MOST_TERMS_MISSING = 0.06
_LONGEST_INSERTION = 14
_MOST_INSERTED = 48
# Different words strewn over a text are no addition to it; the same on every line are marks.
_MOST_GAPS, _WORDS_TO_A_GAP = 24, 8
_LONGEST_ADDITION, _MOST_ADDED = 120, 300
_LONGEST_DELETION = 60
_LONGEST_STATEMENT = 60
# What a word that tells licences apart weighs beside one that only names the parties.
_TELLING = 6


@dataclass(frozen=True, slots=True)
class Alignment:
    """A template and the words `start:stop` of a file it stands in.

    `score` grows with the words explained; `inserted` are the file's words between the template's (begin, end);
    `missing` is the longest run of the template's words, between its first and last, that the file leaves out.
    """

    template: Template
    start: int
    stop: int
    score: int
    similarity: float
    inserted: tuple[tuple[int, int], ...]
    missing: tuple[int, int] | None = None

    @property
    def length(self) -> int:
        """How many words of the file it takes up."""
        return self.stop - self.start


def align(
    table: Templates, template: Template, words: list[str], coded: NDArray[np.uint16], start: int, stop: int
) -> Alignment | None:
    """Return how a template stands in the words `start:stop`, or None where too much of either is left over."""
    region = coded[start:stop]
    length = len(template.words)
    if len(region) == length and np.array_equal(region, template.words):
        return Alignment(template, start, stop, length, 1.0, ())
    blocks = [op for op in LCSseq.opcodes(template.words.tolist(), region.tolist()) if op.tag == "equal"]
    aligned = sum(block.src_end - block.src_start for block in blocks)
    if not blocks or aligned < _LEAST_ALIGNED_OF_TERMS * length:
        return None
    inserted, missing = [], []
    stated = 0
    for before, after in pairwise(blocks):
        gap = start + before.dest_end, start + after.dest_start
        if gap[1] > gap[0]:
            inserted.append(gap)
            stated += gap[1] - gap[0] if states_copyright(words[gap[0] : gap[1]]) else 0
        if after.src_start > before.src_end:
            missing.append((before.src_end, after.src_start))
    first, last = blocks[0].dest_start, blocks[-1].dest_end
    covered = last - first - stated
    similarity = 2 * aligned / (length + covered)
    ends = ((0, blocks[0].src_start), (blocks[-1].src_end, length))
    left_out = _telling(table, template.words, (*missing, *ends))
    terms = left_out <= _MOST_TERMS_MISSING * int(table.telling[template.words].sum())
    if similarity < (_LEAST_SIMILARITY_OF_TERMS if terms else _LEAST_SIMILARITY):
        return None
    if aligned < _LEAST_ALIGNED * length and not terms:
        return None
    telling = left_out + _telling(table, coded, inserted)
    return Alignment(
        template,
        start + first,
        start + last,
        3 * aligned - length - covered - _TELLING * telling,
        similarity,
        tuple(inserted),
        max(missing, key=lambda gap: gap[1] - gap[0], default=None),
    )


def _telling(table: Templates, coded: NDArray[np.uint16], gaps: Iterable[tuple[int, int]]) -> int:
    return sum(int(table.telling[coded[begin:end]].sum()) for begin, end in gaps)


def alteration(found: Alignment, table: Templates, words: list[str]) -> str | None:
    """Say how a text differs from its template; None where the difference does not matter, such as a holder's name."""
    inserted = [(begin, end) for begin, end in found.inserted if not states_copyright(words[begin:end])]
    lengths = [end - begin for begin, end in inserted]
    if found.template.ids and category_of(found.template.ids[0]) in HARMLESS:
        turning = [(begin, end) for begin, end in inserted if _turns(words, begin, end)]
        longest = _LONGEST_INSERTION
        most = min(_MOST_INSERTED, max(longest, len(found.template.words) // 6))
    else:
        # Whatever is put into a licence that asks for more, it is not thought to ask for less.
        turning, longest, most = [], _LONGEST_ADDITION, _MOST_ADDED
    strewn = {tuple(words[begin:end]) for begin, end in inserted}
    many = len(strewn) > min(_MOST_GAPS, max(_LONGEST_INSERTION, len(found.template.words) // _WORDS_TO_A_GAP))
    if turning or (lengths and (max(lengths) > longest or sum(lengths) > most or many)):
        begin, end = max(turning or inserted, key=lambda gap: gap[1] - gap[0])
        return f"other words are put into it: '{_shown(words[begin:end])}'"
    if found.missing is not None and found.missing[1] - found.missing[0] > _LONGEST_DELETION:
        return f"words of it are missing: '{_shown(table.spelled(found.template.words[slice(*found.missing)]))}'"
    return None


def _turns(words: list[str], begin: int, end: int) -> bool:
    """Whether some words take away what the others give; 'without fee' gives more."""
    return any(
        words[place] in TURNING and not (words[place] == "fee" and words[place - 1] == "without")
        for place in range(begin, end)
    )


def states_copyright(words: list[str]) -> bool:
    """Whether words put into a text only say who holds the copyright, and since when."""
    return (
        "copyright" in words[:2]
        and len(words) <= _LONGEST_STATEMENT * words.count("copyright")
        and TURNING.isdisjoint(words)
        and any(word.isdigit() and len(word) == 4 for word in words)
    )


def _shown(words: list[str]) -> str:
    return " ".join(words[:12])
