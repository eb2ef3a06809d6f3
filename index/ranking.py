"""From verified passages to matches: one match a span of the output, its origins best first."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.excerpt import Excerpt
from index.matches import Match, MatchKind, MatchOrigin, ReferenceFile
from index.purls import source_name
from index.verify import Passage

COMMON_SOURCES = 6
LOW_INFORMATION_BITS = 100.0
_SAME_SPAN = 0.8
_OF_EQUAL_RANK = 0.95
_VENDORED = frozenset(
    ("_vendor", "vendor", "vendored", "third_party", "thirdparty", "external", "extern", "node_modules", "bundled")
)


@dataclass(frozen=True, slots=True)
class VerifiedPassage:
    """A passage with the files that hold its reference text."""

    passage: Passage
    files: tuple[ReferenceFile, ...]
    reference: Excerpt


def grouped_matches(found: Sequence[VerifiedPassage], query: Excerpt) -> tuple[Match, ...]:
    """Return the matches in the order of the text; passages of nearly the same span are origins of one match."""
    groups: list[list[VerifiedPassage]] = []
    for verified in sorted(found, key=lambda one: (one.passage.renamed, -one.passage.bits, -one.passage.equal)):
        covering = next((group for group in groups if _covered(verified.passage, group[0].passage)), None)
        if covering is None:
            groups.append([verified])
        elif _length(verified.passage) >= _SAME_SPAN * _length(covering[0].passage):
            covering.append(verified)
    groups.sort(key=lambda group: (group[0].passage.query_start, group[0].passage.query_end))
    return tuple(_match(group, query) for group in groups)


def _length(passage: Passage) -> int:
    return passage.query_end - passage.query_start


def _covered(inner: Passage, outer: Passage) -> bool:
    shared = min(inner.query_end, outer.query_end) - max(inner.query_start, outer.query_start)
    return shared >= _SAME_SPAN * _length(inner)


def _match(group: list[VerifiedPassage], query: Excerpt) -> Match:
    most = max(verified.passage.equal for verified in group)
    closest = max(verified.passage.similarity for verified in group)
    ranked = sorted(
        ((verified, file) for verified in group for file in verified.files),
        key=lambda pair: _rank(pair[0].passage, pair[1], most, closest),
    )
    origins: dict[tuple[str, str], MatchOrigin] = {}
    for verified, file in ranked:
        passage = verified.passage
        reference = verified.reference.span(passage.reference_start, passage.reference_end)
        origins.setdefault((file.purl, file.path), MatchOrigin(file, reference, passage.similarity, passage.equal))
    first = ranked[0][0]
    best = first.passage
    sources = len({source_name(origin.file.purl) for origin in origins.values()})
    return Match(
        kind=MatchKind.RENAMED if best.renamed else MatchKind.EXACT if best.exact else MatchKind.NEAR,
        output=query.span(best.query_start, best.query_end),
        similarity=best.similarity,
        lexemes=best.equal,
        information_bits=best.bits,
        common=sources >= COMMON_SOURCES or best.bits < LOW_INFORMATION_BITS,
        sources=sources,
        origins=tuple(origins.values()),
        names=_names(best, query, first.reference),
    )


def _names(passage: Passage, query: Excerpt, reference: Excerpt) -> tuple[tuple[str, str], ...]:
    """Return the exchanged names as they are written, in the order in which the reference uses them first."""
    if not passage.names:
        return ()
    theirs = reference.words(passage.reference_start, passage.reference_end)
    ours = query.words(passage.query_start, passage.query_end)
    pairs = dict(passage.names)
    return tuple((word, ours[pairs[value]]) for value, word in theirs.items() if pairs.get(value) in ours)


def _rank(
    passage: Passage, file: ReferenceFile, most: int, closest: float
) -> tuple[bool, bool, bool, bool, bool, int, str, str]:
    """Longest and closest first, then upstream before vendored, then the path that names its own package."""
    folders = file.path.lower().split("/")[:-1]
    name = source_name(file.purl).rpartition("/")[2].lower().replace("-", "_")
    return (
        passage.renamed,
        passage.equal < _OF_EQUAL_RANK * most or passage.similarity < _OF_EQUAL_RANK * closest,
        any(folder in _VENDORED for folder in folders),
        name not in file.path.lower().replace("-", "_"),
        not passage.exact,
        -passage.equal,
        file.purl,
        file.path,
    )
