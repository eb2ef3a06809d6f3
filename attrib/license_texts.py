"""Recognises whole licence texts by their words: which, where in the file, and whether altered.

The SPDX texts come from the installed package `licenseid`. A text is cut to words; four words in a row are a
shingle; templates that share enough shingles with a stretch of the file are aligned with it word by word
(longest common subsequence), and the one that explains most of the stretch, least of what is not there, is named.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from attrib.license_templates import (
    SHINGLE,
    UNKNOWN_WORD,
    Template,
    Templates,
    canonical_text,
    known_ids,
    lines_of_words,
    shingles_of,
    templates,
)

__all__ = ["TextMatch", "canonical_text", "known_ids", "match_texts"]

_LEAST_COVERAGE = 0.55
_LEAST_SIMILARITY = 0.88
_LEAST_ALIGNED = 0.90
_LONGEST_INSERTION = 14
_MOST_INSERTED = 48
_LONGEST_STATEMENT = 60
_MOST_STRETCHES = 60

# Words that turn a permission into another one when they are put into a known text.
_TURNING = frozenset(
    [
        "noncommercial",
        "commercial",
        "commercially",
        "evil",
        "military",
        "advertising",
        "prohibited",
        "forbidden",
        "except",
        "unless",
        "nuclear",
        "weapons",
        "academic",
        "educational",
        "evaluation",
        "internal",
        "sell",
        "sale",
        "fee",
        "royalty",
        "must",
        "publish",
        "disclose",
        "terminate",
    ]
)


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A licence text found in a file: lines are 1-based and inclusive, similarity is 0 to 1.

    `also` are other ids with the very same words (GPL-2.0-only and GPL-2.0-or-later);
    `altered` says what was put in where the text is not the licence as it is known.
    """

    license_id: str
    also: tuple[str, ...]
    start_line: int
    end_line: int
    similarity: float
    altered: str | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    template: Template
    start: int
    stop: int
    net: int
    similarity: float
    inserted: tuple[tuple[int, int], ...]


def match_texts(text: str) -> tuple[TextMatch, ...]:
    """Return the licence texts that stand in a text, in the order they stand there; empty where there is none."""
    words, lines = lines_of_words(text)
    table = templates()
    coded = np.array([table.vocabulary.get(word, UNKNOWN_WORD) for word in words], np.uint16)
    candidates = sorted(_candidates(table, coded), key=lambda candidate: (-candidate.net, not candidate.template.ids))
    taken: list[_Candidate] = []
    for candidate in candidates:
        length = candidate.stop - candidate.start
        if all(min(candidate.stop, other.stop) - max(candidate.start, other.start) <= 0.2 * length for other in taken):
            taken.append(candidate)
    named = {identifier for candidate in taken for identifier in candidate.template.ids}
    if "LGPL-3.0-only" in named:
        # It incorporates the GPL's terms, so that its text beside it says nothing more.
        taken = [candidate for candidate in taken if "GPL-3.0-only" not in candidate.template.ids]
    return tuple(
        TextMatch(
            license_id=candidate.template.ids[0],
            also=candidate.template.ids[1:],
            start_line=lines[candidate.start] + 1,
            end_line=lines[candidate.stop - 1] + 1,
            similarity=candidate.similarity,
            altered=_alteration(candidate, words),
        )
        for candidate in sorted(taken, key=lambda candidate: candidate.start)
        if candidate.template.ids
    )


def _candidates(table: Templates, coded: NDArray[np.uint16]) -> list[_Candidate]:
    packed = shingles_of(coded)
    if not len(packed):
        return []
    places = np.searchsorted(table.keys, packed)
    places[places == len(table.keys)] = 0
    known = np.flatnonzero(table.keys[places] == packed)
    begins = table.limits[places[known]]
    counts = table.limits[places[known] + 1] - begins
    rows = np.repeat(begins - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
    positions = np.repeat(known, counts)
    order = np.argsort(table.owners[rows], kind="stable")
    rows, positions = rows[order], positions[order]
    limits = np.searchsorted(table.owners[rows], np.arange(len(table.templates) + 1))
    found: list[_Candidate] = []
    for number in np.flatnonzero(
        np.diff(limits) >= _LEAST_COVERAGE * np.array([template.shingles for template in table.templates])
    ):
        template = table.templates[number]
        held = slice(limits[number], limits[number + 1])
        for start, stop in _stretches(positions[held], table.offsets[rows[held]], template):
            candidate = _align(template, coded, start, stop)
            if candidate is not None:
                found.append(candidate)
    return found


def _stretches(positions: NDArray[np.int64], offsets: NDArray[np.int64], template: Template) -> list[tuple[int, int]]:
    """Return the stretches where enough of a template's shingles stand in a row, on neighbouring diagonals."""
    order = np.argsort(positions - offsets, kind="stable")
    positions, diagonals = positions[order], (positions - offsets)[order]
    width = min(_MOST_INSERTED + 16, max(len(template.words) // 2, 4))
    stretches: list[tuple[int, int]] = []
    while len(positions) >= _LEAST_COVERAGE * template.shingles and len(stretches) < _MOST_STRETCHES:
        upto = np.searchsorted(diagonals, diagonals + width, side="right")
        held = upto - np.arange(len(diagonals))
        best = int(np.argmax(held))
        if held[best] < _LEAST_COVERAGE * template.shingles:
            break
        there = slice(best, int(upto[best]))
        stretches.append((int(positions[there].min()), int(positions[there].max()) + SHINGLE))
        positions, diagonals = np.delete(positions, there), np.delete(diagonals, there)
    return stretches


def _align(template: Template, coded: NDArray[np.uint16], start: int, stop: int) -> _Candidate | None:
    region = coded[start:stop]
    length = len(template.words)
    if len(region) == length and np.array_equal(region, template.words):
        return _Candidate(template, start, stop, length, 1.0, ())
    blocks = [op for op in LCSseq.opcodes(template.words.tolist(), region.tolist()) if op.tag == "equal"]
    aligned = sum(block.src_end - block.src_start for block in blocks)
    if not blocks or aligned < _LEAST_ALIGNED * length:
        return None
    first, last = blocks[0].dest_start, blocks[-1].dest_end
    covered = last - first
    similarity = 2 * aligned / (length + covered)
    if similarity < _LEAST_SIMILARITY:
        return None
    inserted = tuple(
        (start + before.dest_end, start + after.dest_start)
        for before, after in pairwise(blocks)
        if after.dest_start > before.dest_end
    )
    return _Candidate(template, start + first, start + last, 3 * aligned - length - covered, similarity, inserted)


def _alteration(candidate: _Candidate, words: list[str]) -> str | None:
    """Say how a text differs from its template; None where the difference does not matter, such as a holder's name."""
    inserted = [(begin, end) for begin, end in candidate.inserted if not _states_copyright(words[begin:end])]
    lengths = [end - begin for begin, end in inserted]
    turning = [(begin, end) for begin, end in inserted if _TURNING & set(words[begin:end])]
    if turning or (lengths and (max(lengths) > _LONGEST_INSERTION or sum(lengths) > _MOST_INSERTED)):
        begin, end = max(turning or inserted, key=lambda gap: gap[1] - gap[0])
        return f"other words are put into it: '{' '.join(words[begin : min(end, begin + 12)])}'"
    return None


def _states_copyright(words: list[str]) -> bool:
    return (
        len(words) <= _LONGEST_STATEMENT
        and "copyright" in words[:2]
        and any(word.isdigit() and len(word) == 4 for word in words)
    )
