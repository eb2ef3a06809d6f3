"""Recognises whole licence texts by their words: which, where in the file, and whether altered.

The SPDX texts come from the installed package `licenseid`. A text is cut to words; four words in a row are a
shingle; templates that share enough shingles with a stretch of the file are aligned with it word by word
(longest common subsequence), and the one that explains most of the stretch, least of what is not there, is named.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attrib.license_templates import (
    SHINGLE,
    Template,
    Templates,
    canonical_text,
    known_ids,
    lines_of_words,
    shingles_of,
    templates,
)
from attrib.text_alignment import Alignment, align, alteration

__all__ = ["TextMatch", "canonical_text", "known_ids", "match_texts"]

_LEAST_COVERAGE = 0.55
# A line of copyright with terms on it, as long as such a line may be, leaves so much of a text.
_LEAST_PROMISE = 0.25
_MOST_INSERTED = 48
_MOST_STRETCHES = 60
_LONGEST_TITLE = 10
# So many shingles are more than the disclaimers that licences have in common; so much of a text is most of it.
_LEAST_FRAGMENT, _LARGE_FRAGMENT, _SHARE_OF_FRAGMENT = 150, 500, 0.35


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


def match_texts(text: str) -> tuple[TextMatch, ...]:
    """Return the licence texts that stand in a text, in the order they stand there; empty where there is none."""
    table = templates()
    words, lines = lines_of_words(text)
    shared = _shared(table, table.coded(words))
    matches = _matches(table, words, lines, shared)
    if (shared.promising and not matches) or any(match.altered is not None for match in matches):
        # Re-wrapped, a copyright statement shares its lines with the terms: read them too, and look past statements.
        terms = len(words)
        words, lines = lines_of_words(text, statements=True)
        again = _matches(table, words, lines, _shared(table, table.coded(words))) if len(words) > terms else ()
        if again and all(match.altered is None for match in again):
            return again
    return matches


def _matches(table: Templates, words: list[str], lines: list[int], shared: "_Shared") -> tuple[TextMatch, ...]:
    candidates = sorted(
        _candidates(table, words, shared), key=lambda candidate: (-candidate.score, not candidate.template.ids)
    )
    taken: list[Alignment] = []
    for candidate in candidates:
        if all(
            min(candidate.stop, other.stop) - max(candidate.start, other.start) <= 0.2 * candidate.length
            for other in taken
        ):
            taken.append(candidate)
    matches: list[TextMatch] = []
    for candidate in sorted(taken, key=lambda candidate: candidate.start):
        begin, end = lines[_with_title(candidate, words, lines)] + 1, lines[candidate.stop - 1] + 1
        ids = candidate.template.ids
        before = matches[-1] if matches else None
        if ids:
            altered = alteration(candidate, table, words)
            matches.append(TextMatch(ids[0], ids[1:], begin, end, candidate.similarity, altered))
        elif before is not None:
            # An appendix says nothing by itself: it belongs to the licence above it.
            matches[-1] = replace(before, end_line=end)
    broken = _fragment(table, shared, taken, lines)
    if broken is not None:
        matches = sorted([*matches, broken], key=lambda match: match.start_line)
    return tuple(_with_incorporated(matches))


def _with_title(found: Alignment, words: list[str], lines: list[int]) -> int:
    """Return where the title of a text begins, a line of its own above the terms; where they begin without one."""
    first = found.start
    while first and words[first - 1] in found.template.title and found.start - first < _LONGEST_TITLE:
        first -= 1
    while first < found.start and first and lines[first] == lines[first - 1]:
        first += 1
    return first


def _with_incorporated(matches: list[TextMatch]) -> list[TextMatch]:
    """Return matches in which the LGPL, which incorporates the GPL's terms, takes in their text beside it."""
    kept: list[TextMatch] = []
    for match in matches:
        before = kept[-1] if kept else None
        if (
            before is not None
            and before.altered is match.altered is None
            and {before.license_id, match.license_id} == {"LGPL-3.0-only", "GPL-3.0-only"}
        ):
            lesser = before if before.license_id == "LGPL-3.0-only" else match
            kept[-1] = replace(lesser, start_line=before.start_line, end_line=match.end_line)
        else:
            kept.append(match)
    return kept


def _fragment(table: Templates, shared: "_Shared", taken: list[Alignment], lines: list[int]) -> TextMatch | None:
    """Return the text of which more than a passage, but not the whole, stands outside of what was recognised."""
    outside = np.ones(len(lines), np.bool_)
    for candidate in taken:
        outside[candidate.start : candidate.stop] = False
    owners = np.repeat(np.arange(len(table.templates)), np.diff(shared.limits))
    left = outside[shared.positions]
    counts = np.bincount(owners[left], minlength=len(table.templates))
    counts[counts < _least_fragments(table)] = 0
    number = int(np.argmax(counts))
    if not counts[number]:
        return None
    places = shared.positions[left & (owners == number)]
    license_id, *also = table.templates[number].ids
    return TextMatch(
        license_id,
        tuple(also),
        lines[int(places.min())] + 1,
        lines[int(places.max())] + 1,
        int(counts[number]) / table.templates[number].shingles,
        "only a part of its words stands there",
    )


def _least_fragments(table: Templates) -> NDArray[np.float64]:
    """Return of how many shingles a fragment of each template consists at least; an appendix has none."""
    least = np.maximum(_LEAST_FRAGMENT, np.minimum(_LARGE_FRAGMENT, _SHARE_OF_FRAGMENT * table.shingles))
    return np.where(table.named, least, np.inf)


@dataclass(frozen=True, slots=True)
class _Shared:
    """The shingles that a coded text has in common with templates, by template: where in the text, where there.

    Only those of templates that have enough of them there to be found.

    `limits[i]:limits[i + 1]` are those of template i. `promising` says whether a text with ids could be there.
    """

    coded: NDArray[np.uint16]
    positions: NDArray[np.int64]
    offsets: NDArray[np.int64]
    limits: NDArray[np.int64]
    promising: bool


def _shared(table: Templates, coded: NDArray[np.uint16]) -> _Shared:
    packed = shingles_of(coded)
    places = np.searchsorted(table.keys, packed)
    places[places == len(table.keys)] = 0
    known = np.flatnonzero(table.keys[places] == packed)
    begins = table.limits[places[known]]
    counts = table.limits[places[known] + 1] - begins
    rows = np.repeat(begins - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
    owners = table.owners[rows]
    held = np.bincount(owners, minlength=len(table.templates))
    enough = held >= np.minimum(_LEAST_COVERAGE * table.shingles, _least_fragments(table))
    kept = np.flatnonzero(enough[owners])
    kept = kept[np.argsort(owners[kept], kind="stable")]
    limits = np.concatenate(([0], np.cumsum(np.where(enough, held, 0))))
    promising = bool(np.any(table.named & (held >= _LEAST_PROMISE * table.shingles)))
    return _Shared(coded, np.repeat(known, counts)[kept], table.offsets[rows[kept]], limits, promising)


def _candidates(table: Templates, words: list[str], shared: _Shared) -> list[Alignment]:
    found: list[Alignment] = []
    enough = np.flatnonzero(np.diff(shared.limits) >= _LEAST_COVERAGE * table.shingles)
    for number in sorted(enough, key=lambda number: -len(table.templates[number].words)):
        template = table.templates[number]
        held = slice(shared.limits[number], shared.limits[number + 1])
        for start, stop in _stretches(shared.positions[held], shared.offsets[held], template):
            # No text can score more than its length: within a longer one that scores more it is not looked at.
            length = len(template.words)
            if any(other.start <= start and stop <= other.stop and other.score >= length for other in found):
                continue
            alignment = align(table, template, words, shared.coded, start, stop)
            if alignment is not None:
                found.append(alignment)
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
