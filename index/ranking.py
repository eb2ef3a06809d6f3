"""From verified passages to matches: one match a span of the output, its origins best first."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from index.excerpt import Excerpt
from index.kinship import unrelated_sources
from index.matches import Match, MatchKind, MatchOrigin, ReferenceFile
from index.origin_ranking import Place, ranked
from index.purls import source_name
from index.telling import tells_a_copy
from index.verify import Passage

COMMON_SOURCES = 6
# Of a content that stands in very many files, no more are of use to anybody, and every one of them is kept in a record.
MOST_ORIGINS = 1000
_SAME_SPAN = 0.8


@dataclass(frozen=True, slots=True)
class VerifiedPassage:
    """A passage with the files that hold its reference text."""

    passage: Passage
    files: tuple[ReferenceFile, ...]
    reference: Excerpt


def grouped_matches(found: Sequence[VerifiedPassage], query: Excerpt) -> tuple[Match, ...]:
    """Return the matches in the order of the text; passages of nearly the same span are origins of one match."""
    groups: list[list[VerifiedPassage]] = []
    for verified in sorted(found, key=lambda one: _rank(one.passage)):
        covering = next((group for group in groups if _covered(verified.passage, group[0].passage)), None)
        if covering is None:
            groups.append([verified])
        elif _length(verified.passage) >= _SAME_SPAN * _length(covering[0].passage) and not _hides(
            verified.passage, covering[0].passage
        ):
            covering.append(verified)
    groups.sort(key=lambda group: (group[0].passage.query_start, group[0].passage.query_end))
    return tuple(_match(group, query) for group in groups)


def _rank(passage: Passage) -> tuple[bool, bool, float, int]:
    """Return what passages are sorted by: first what tells, then what is not renamed, then how much it tells."""
    return not _tells(passage), passage.renamed, -passage.bits, -passage.equal


def _hides(passage: Passage, best: Passage) -> bool:
    """Tell whether a passage that tells nothing would stand before the renamed copy that covers it, as less changed."""
    return best.renamed and not _tells(passage)


def _tells(passage: Passage) -> bool:
    return passage.renamed or tells_a_copy(passage)


def _length(passage: Passage) -> int:
    return passage.query_end - passage.query_start


def _covered(inner: Passage, outer: Passage) -> bool:
    shared = min(inner.query_end, outer.query_end) - max(inner.query_start, outer.query_start)
    return shared >= _SAME_SPAN * _length(inner)


def _match(group: list[VerifiedPassage], query: Excerpt) -> Match:
    places = [(verified, file) for verified in group for file in verified.files]
    order = ranked([_place(verified.passage, file) for verified, file in places])
    # A file may hold the code more than once; the best of its passages stands for it.
    kept: dict[ReferenceFile, VerifiedPassage] = {}
    for number in order:
        verified, file = places[number]
        kept.setdefault(file, verified)
    first = places[order[0]][0]
    best = first.passage
    unrelated = unrelated_sources(list(kept))
    return Match(
        kind=_kind(best),
        output=query.span(best.query_start, best.query_end),
        similarity=best.similarity,
        lexemes=best.equal,
        information_bits=best.bits,
        common=unrelated >= COMMON_SOURCES or not _tells(best),
        sources=len({source_name(file.purl) for file in kept}),
        unrelated_sources=unrelated,
        origins=tuple(_origin(verified, file) for file, verified in islice(kept.items(), MOST_ORIGINS)),
        names=_names(best, query, first.reference),
    )


def _place(passage: Passage, file: ReferenceFile) -> Place:
    return Place(file, passage.equal, passage.similarity, passage.exact, passage.renamed)


def _origin(verified: VerifiedPassage, file: ReferenceFile) -> MatchOrigin:
    passage = verified.passage
    reference = verified.reference.span(passage.reference_start, passage.reference_end)
    return MatchOrigin(file, reference, passage.similarity, passage.equal, _kind(passage))


def _kind(passage: Passage) -> MatchKind:
    return MatchKind.RENAMED if passage.renamed else MatchKind.EXACT if passage.exact else MatchKind.NEAR


def _names(passage: Passage, query: Excerpt, reference: Excerpt) -> tuple[tuple[str, str], ...]:
    """Return the exchanged names as they are written, in the order in which the reference uses them first."""
    if not passage.names:
        return ()
    theirs = reference.words(passage.reference_start, passage.reference_end)
    ours = query.words(passage.query_start, passage.query_end)
    pairs = dict(passage.names)
    return tuple((word, ours[pairs[value]]) for value, word in theirs.items() if pairs.get(value) in ours)
