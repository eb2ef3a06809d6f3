"""Finds out which decisions and which old findings the findings of an audit are: the same code, moved or edited."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Generic, Protocol, TypeVar

from attrib.audits.findings import Finding
from attrib.audits.fingerprints import known_share, minima, unnumbered
from index.purls import source_name

# Of the code so much must have been there: an edit keeps it, other code from the same source does not reach it. In a
# file of another name it is more, for projects have code that is much alike (`python -m benchmarks.decisions_hold`).
LEAST_SHARE: Final = 0.5
LEAST_SHARE_ELSEWHERE: Final = 0.7


class Known(Protocol):
    """Something that was known of a finding: what it was called and what it was like."""

    @property
    def fingerprint(self) -> str:
        """Its name then."""

    @property
    def sketch(self) -> str:
        """Its sketch then; empty where only the name is known."""

    @property
    def source(self) -> str:
        """The purl of its best origin without the version; empty where it is not known."""

    @property
    def path(self) -> str:
        """Where it stood; empty where it is not known."""


Precedent = TypeVar("Precedent", bound=Known)


@dataclass(frozen=True, slots=True)
class Fitted(Generic[Precedent]):
    """What each finding was known as, in the order of the findings; and what fits none, or several equally well."""

    known: tuple[Precedent | None, ...]
    unused: tuple[Precedent, ...]
    ambiguous: tuple[Precedent, ...]


@dataclass(frozen=True, slots=True)
class _Pair(Generic[Precedent]):
    precedent: Precedent
    number: int
    rank: tuple[bool, bool, bool, float]


def fitted(
    findings: Sequence[Finding], precedents: Iterable[Precedent], alike: Callable[[Precedent, Precedent], bool]
) -> Fitted[Precedent]:
    """Return which precedent each finding has: each is used once, by the finding that is most like it.

    Where equal copies stand in files that it does not know, nobody can say which it meant: it is used for none, unless
    there are as many `alike` ones as copies. As long as its own file has code of that source that it may be about, it
    is not used elsewhere. A finding that an edit has split keeps it in all of its parts.
    """
    known: list[Precedent | None] = [None] * len(findings)
    all_precedents = tuple(precedents)
    pairs = sorted(_pairs(findings, all_precedents), key=lambda pair: (*(-part for part in pair.rank), pair.number))
    by_precedent: dict[int, list[_Pair[Precedent]]] = defaultdict(list)
    for pair in pairs:
        by_precedent[id(pair.precedent)].append(pair)
    there: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, finding in enumerate(findings):
        there[finding.path, source_name(finding.match.origins[0].purl)].append(number)
    used: set[int] = set()
    ambiguous: dict[int, Precedent] = {}
    for pair in pairs:
        precedent = pair.precedent
        if known[pair.number] is not None or id(precedent) in used or id(precedent) in ambiguous:
            continue
        fits = {other.number for other in by_precedent[id(precedent)]}
        own = there.get((precedent.path, precedent.source), ())
        if pair.number not in own and any(known[number] is None or number in fits for number in own):
            continue
        equals = [
            other for other in by_precedent[id(precedent)] if other.rank == pair.rank and known[other.number] is None
        ]
        if len(equals) > 1 and len(equals) > _as_good(precedent, all_precedents, used, alike):
            ambiguous[id(precedent)] = precedent
            continue
        known[pair.number] = precedent
        used.add(id(precedent))
    _share_among_parts(findings, known, pairs)
    unused = tuple(one for one in all_precedents if id(one) not in used and id(one) not in ambiguous)
    return Fitted(tuple(known), unused, tuple(ambiguous.values()))


def _pairs(findings: Sequence[Finding], precedents: Iterable[Precedent]) -> Iterable[_Pair[Precedent]]:
    by_hash: dict[tuple[str, int], list[int]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, finding in enumerate(findings):
        by_name[unnumbered(finding.fingerprint)].append(number)
        for value in minima(finding.sketch):
            by_hash[source_name(finding.match.origins[0].purl), value].append(number)
    for precedent in precedents:
        name = unnumbered(precedent.fingerprint)
        shared = {number for value in minima(precedent.sketch) for number in by_hash[precedent.source, value]}
        for number in sorted(shared) if precedent.sketch and precedent.source else by_name[name]:
            finding = findings[number]
            same = unnumbered(finding.fingerprint) == name
            share = known_share(finding.sketch, precedent.sketch) if precedent.sketch else float(same)
            here = _place(finding.path, precedent.path)
            if share >= (LEAST_SHARE if any(here) else LEAST_SHARE_ELSEWHERE):
                # Shares of code that was edited are estimates: close ones are equal.
                yield _Pair(precedent, number, (*here, same, round(share, 1)))


def _place(now: str, then: str) -> tuple[bool, bool]:
    # An audit of a part of the tree has shorter paths.
    same = now == then or (bool(then) and (now.endswith(f"/{then}") or then.endswith(f"/{now}")))
    return same, PurePosixPath(now).name == PurePosixPath(then).name


def _as_good(
    precedent: Precedent,
    precedents: Sequence[Precedent],
    used: set[int],
    alike: Callable[[Precedent, Precedent], bool],
) -> int:
    """Count the precedents of equal copies that say the same and are still to be used, this one too."""
    name = unnumbered(precedent.fingerprint)
    return sum(
        id(other) not in used and unnumbered(other.fingerprint) == name and alike(precedent, other)
        for other in precedents
    )


def _share_among_parts(
    findings: Sequence[Finding], known: list[Precedent | None], pairs: Iterable[_Pair[Precedent]]
) -> None:
    for pair in pairs:
        if known[pair.number] is not None or findings[pair.number].path != pair.precedent.path:
            continue
        parts = [number for number, one in enumerate(known) if one is pair.precedent]
        part = findings[pair.number]
        if parts and all(
            known_share(part.sketch, findings[other].sketch) < LEAST_SHARE and findings[other].path == part.path
            for other in parts
        ):
            known[pair.number] = pair.precedent
