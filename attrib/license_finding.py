"""What was found out about a licence: which, where it says so, in what words, and how sure that is."""

from dataclasses import dataclass

from attrib.licenses import NOASSERTION, Category, canonical, category_of, resolve_choice

# How sure a kind of evidence is, between 0 and 1. A licence text is as sure as it is like the known one.
TAGGED = 1.0
CONFIRMED = 1.0
STATED = 0.95
NOTICED = 0.9
MADE_EXACT = 0.85
UNCONFIRMED = 0.8
UNSETTLED = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where something about a licence stands: a path within the source, its lines (1-based, inclusive), its words.

    An empty path is the file that was asked about; no lines mean all of it, or a field of metadata.
    """

    path: str
    start_line: int | None = None
    end_line: int | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class LicenseFinding:
    """A licence with what speaks for it.

    `expression` is canonical SPDX, NOASSERTION where nobody can say. `evidence` says where it was found;
    `reason` says why it could not be settled, or what else was noticed (None: all is clear).
    `candidates` are the ids an ambiguous name may mean. `choice` says which branch of an OR is taken.
    `confidence` is 0 to 1, 0 where unsettled; `places` are where the evidence stands, as far as it has a place.
    """

    expression: str
    category: Category
    evidence: str
    reason: str | None = None
    candidates: tuple[str, ...] = ()
    choice: str | None = None
    confidence: float = UNSETTLED
    places: tuple[Place, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether there is an answer at all."""
        return self.expression != NOASSERTION


def settled(
    expression: str,
    evidence: str,
    reason: str | None = None,
    confidence: float = STATED,
    places: tuple[Place, ...] = (),
) -> LicenseFinding:
    """Return the finding of an expression; raises UnknownLicense where it is none."""
    whole = canonical(expression).expression
    return LicenseFinding(
        expression=whole,
        category=category_of(whole),
        evidence=evidence,
        reason=reason,
        choice=resolve_choice(whole).said,
        confidence=confidence,
        places=places,
    )


def unsettled(
    evidence: str, reason: str, candidates: tuple[str, ...] = (), places: tuple[Place, ...] = ()
) -> LicenseFinding:
    """Return the finding that nobody can say, with the reason."""
    return LicenseFinding(NOASSERTION, Category.UNKNOWN, evidence, reason, candidates, places=places)
