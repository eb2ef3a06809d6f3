"""What became of the reference code that was offered: added, unchanged, refused, left out, each with its reason."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from attrib.licenses import category_of
from index.collection import Collection
from index.entries import Refusal


@dataclass(frozen=True, slots=True)
class AddedSource:
    """A source that is in the index now."""

    purl: str
    license_expression: str
    license_evidence: str
    files: int
    lexemes: int
    collection: Collection = Collection.PERMISSIVE

    def as_json(self) -> dict[str, Any]:
        """Return the source as `attrib index add --json` shows it."""
        return {
            "purl": self.purl,
            "collection": self.collection,
            "license": self.license_expression,
            "license_evidence": self.license_evidence,
            "category": category_of(self.license_expression).value,
            "files": self.files,
            "lexemes": self.lexemes,
        }


@dataclass(frozen=True, slots=True)
class UnreadableSpec:
    """An origin that could not be read, as the person named it, and why."""

    spec: str
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of everything the origins offered; `left_out` counts files by reason.

    In `passed_over` are the sources all of whose code is for another collection.
    """

    added: tuple[AddedSource, ...]
    unchanged: tuple[str, ...]
    refused: tuple[Refusal, ...]
    left_out: tuple[tuple[str, int], ...]
    unreadable: tuple[UnreadableSpec, ...]
    bytes: int
    seconds: float
    passed_over: tuple[str, ...] = ()

    @property
    def lexemes(self) -> int:
        """Number of lexemes in the added sources."""
        return sum(source.lexemes for source in self.added)

    def as_json(self) -> dict[str, Any]:
        """Return the report as `attrib index add --json` shows it."""
        return {
            "added": [source.as_json() for source in self.added],
            "unchanged": list(self.unchanged),
            "refused": [
                {"purl": one.purl, "path": one.path or None, "collection": one.collection, "reason": one.reason}
                for one in self.refused
            ],
            "passed_over": list(self.passed_over),
            "left_out": dict(self.left_out),
            "unreadable": [{"spec": one.spec, "reason": one.reason} for one in self.unreadable],
            "lexemes": self.lexemes,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one package; `added` is None when it was there already, is refused whole or passed over."""

    added: AddedSource | None
    refused: tuple[Refusal, ...]
    left_out: Counter[str]
    bytes: int
    passed_over: bool = False


@dataclass(slots=True)
class Tally:
    """The report as it grows."""

    added: list[AddedSource] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    unreadable: list[UnreadableSpec] = field(default_factory=list)
    bytes: int = 0

    def note(self, purl: str, outcome: Outcome) -> None:
        """Count what became of one package."""
        self.bytes += outcome.bytes
        self.refused.extend(outcome.refused)
        self.left_out.update(outcome.left_out)
        if outcome.added is not None:
            self.added.append(outcome.added)
        elif outcome.passed_over:
            self.passed_over.append(purl)
        elif not outcome.refused:
            self.unchanged.append(purl)

    def report(self, seconds: float) -> IngestReport:
        """Return what is counted so far."""
        return IngestReport(
            added=tuple(self.added),
            unchanged=tuple(self.unchanged),
            refused=tuple(self.refused),
            left_out=tuple(self.left_out.most_common()),
            unreadable=tuple(self.unreadable),
            bytes=self.bytes,
            seconds=seconds,
            passed_over=tuple(self.passed_over),
        )
