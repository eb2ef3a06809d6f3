"""How code that matches a source may stand in a tree: as the tree's own, as vendored, as that of a dependency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from attrib.answers import Action, Verdict
from attrib.audits.declared import Declared, known_name
from attrib.audits.documents import dependencies, own_packages, vendored
from attrib.audits.findings import Provenance, Standing
from index.matches import Match, MatchKind, MatchOrigin
from index.origin_ranking import as_good
from index.purls import covers
from index.source_names import names_of, plain
from index.vendoring import vendored_in, vendored_name

SETTINGS = "the settings"


@dataclass(frozen=True, slots=True)
class Standings:
    """What a tree says of the code in it: the packages it is, those it vendors, those it depends on by their names."""

    own: tuple[Declared, ...] = ()
    vendored: tuple[Declared, ...] = ()
    dependencies: Mapping[str, Declared] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Mapping[str, str], own: Iterable[str] = ()) -> "Standings":
        """Return what documents say, and what is said to be one's own besides: forks, and earlier names."""
        declared = dependencies(documents)
        return cls(
            (*own_packages(documents), *(Declared(purl, SETTINGS) for purl in own)),
            vendored(documents),
            {known_name(one.purl): one for one in reversed(declared)},
        )

    def placed(self, path: str, match: Match) -> tuple[Match, Provenance | None]:
        """Return a match with the origin first that the tree itself names for the file, and the provenance it has then.

        Only origins that are as good as the best one are looked at; None where the tree names none of them.
        """
        best = match.origins[0]
        own = self._own(best)
        if own is not None:
            return match, Provenance(Standing.OWN, own.purl, own.declared_in)
        for provenance in (self._vendored, self._dependency):
            for origin in match.origins:
                if _as_good(origin, best) and (found := provenance(path, origin.file.purl)) is not None:
                    others = tuple(one for one in match.origins if one is not origin)
                    return replace(match, origins=(origin, *others)), found
        return match, None

    def _own(self, origin: MatchOrigin) -> Declared | None:
        """Return the own package that an origin is a release of, or that its path says it is a copy of."""
        inside = vendored_name(origin.file.path)
        for one in self.own:
            same = known_name(one.purl) == known_name(origin.file.purl) or covers(one.purl, origin.file.purl)
            if same or (inside is not None and inside in names_of(one.purl)):
                return one
        return None

    def _vendored(self, path: str, purl: str) -> Provenance | None:
        folder = vendored_in(path)
        if folder is None:
            return None
        name = known_name(purl)
        for one in self.vendored:
            if known_name(one.purl) == name and path.startswith(vendored_in(one.declared_in) or "\0"):
                return Provenance(Standing.VENDORED, purl, one.declared_in)
        called = vendored_name(path) or plain(path.rpartition("/")[2].partition(".")[0])
        return Provenance(Standing.VENDORED, purl, folder + "/") if called in names_of(purl) else None

    def _dependency(self, path: str, purl: str) -> Provenance | None:
        declared = self.dependencies.get(known_name(purl))
        return None if declared is None else Provenance(Standing.DEPENDENCY, declared.purl, declared.declared_in)


NOTHING_SAID = Standings()


def outcome(verdict: Verdict, provenance: Provenance | None) -> Verdict:
    """Return what a verdict comes to where the tree itself says what the code is.

    Then it is no undeclared copy, so nothing is asked for but its notice. What a policy wants reviewed or blocked is so
    by its licence, which a declaration does not change.
    """
    if provenance is None or verdict.action is Action.ALLOW:
        return verdict
    said = f"{_SAID[provenance.standing]} {provenance.purl} ({provenance.declared_in})"
    if provenance.standing is Standing.OWN or verdict.action is Action.ATTRIBUTE:
        duty = (
            () if provenance.standing is Standing.OWN else (f"its notice is still to be shipped: {verdict.reasons[0]}",)
        )
        return replace(verdict, action=Action.ALLOW, reasons=(said, *duty))
    return replace(verdict, reasons=(*verdict.reasons, f"{said}, which does not change its licence"))


_SAID = {
    Standing.OWN: "the project's own:",
    Standing.VENDORED: "vendored here:",
    Standing.DEPENDENCY: "a declared dependency:",
}


def _as_good(origin: MatchOrigin, best: MatchOrigin) -> bool:
    renamed = (origin.kind is MatchKind.RENAMED) == (best.kind is MatchKind.RENAMED)
    return renamed and as_good(origin.lexemes, origin.similarity, best.lexemes, best.similarity)
