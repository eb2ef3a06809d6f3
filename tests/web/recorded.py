"""A service that answers from recorded answers, for what the web alone decides: layout, escaping, refusals."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from attrib.answers import (
    Action,
    AttributedMatch,
    AttributedOrigin,
    Attribution,
    CheckAnswer,
    GenerateAnswer,
    GeneratedChoice,
    IndexState,
    Verdict,
)
from attrib.errors import NoSuchRecord
from attrib.licenses import Category
from attrib.model_loading import ModelState, ModelStatus
from attrib.overview import Overview
from attrib.readiness import Part
from attrib.record_search import DayCount, ListedPage, RecordCounts, RecordFilter
from attrib.records import Record, RecordKind
from generator.base import GenerationRequest
from index.collection import Collection
from index.entries import CatalogTotals, HeldFile, SourceSummary
from index.errors import UnknownSource
from index.matches import MatchKind, SearchStatus, Span
from index.origins.base import LegalFile, LegalKind
from index.ranking import MOST_ORIGINS

REFERENCE = b'''import os


def walk_up(path, name):
    """Find a file in a folder or in one above it."""
    current = os.path.abspath(path)
    while True:
        candidate = os.path.join(current, name)
        if os.path.exists(candidate):
            return candidate
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


def later():
    return 1
'''

CODE = b"""# mine
def find_up(start, name):
    current = os.path.abspath(start)
    while True:
        candidate = os.path.join(current, name)
        if os.path.exists(candidate):
            return candidate
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


print(find_up(".", "setup.cfg"))
"""

SWHID = "swh:1:cnt:" + "1" * 40


def origin(**changes: Any) -> AttributedOrigin:
    """Return an origin: lines 4 to 14 of the reference, with what a test changes of it."""
    facts: dict[str, Any] = {
        "purl": "pkg:pypi/upward@2.1.0",
        "path": "upward/walk.py",
        "swhid": SWHID,
        "reference": Span(4, 14, 12, 400),
        "similarity": 0.964,
        "license": "BSD-3-Clause",
        "license_evidence": "License-Expression in METADATA",
        "category": "permissive",
        "copyright": ("Copyright (c) 2014 The Upward Authors",),
        "url": "https://example.org/upward",
    }
    return AttributedOrigin(**(facts | changes))


def match(**changes: Any) -> AttributedMatch:
    """Return a match: lines 2 to 11 of the code, with what a test changes of it."""
    facts: dict[str, Any] = {
        "kind": MatchKind.NEAR,
        "output": Span(2, 11, 7, 330),
        "similarity": 0.964,
        "lexemes": 74,
        "information_bits": 412.3,
        "common": False,
        "sources": 2,
        "origins": (origin(), origin(purl="pkg:npm/%40upward/core@1.0.0", path="vendor/walk.py", similarity=0.9)),
        "verdict": Verdict(Action.ATTRIBUTE, ("BSD-3-Clause asks for its copyright notice and text",)),
    }
    return AttributedMatch(**(facts | changes))


def checked(*matches: AttributedMatch, **changes: Any) -> CheckAnswer:
    """Return the answer to a check with these matches."""
    facts: dict[str, Any] = {
        "id": "0198-check",
        "status": SearchStatus.MATCHED if matches else SearchStatus.CLEAN,
        "verdict": max((found.verdict.action for found in matches), key=lambda a: a.severity, default=Action.ALLOW),
        "language": "Python",
        "lexemes": 96,
        "matched_lexemes": 74 if matches else 0,
        "index": IndexState(61, 9_120, 20_300_000, "7"),
        "matches": matches,
        "attribution": Attribution(bool(matches), "Notice of upward 2.1.0\n\nCopyright (c) 2014\n", ("BSD-3-Clause",)),
        "elapsed_ms": 3.21,
    }
    return CheckAnswer(**(facts | changes))


class NoRecords:
    """Finds nothing."""

    def page(self, wanted: RecordFilter, limit: int, cursor: str | None) -> ListedPage:
        """Return no record."""
        return ListedPage((), None)

    def counts(self, wanted: RecordFilter) -> RecordCounts:
        """Return that there is none."""
        return RecordCounts(0, {}, {}, {})

    def licenses(self) -> list[tuple[str, int]]:
        """Return no licence."""
        return []


class RecordedService:
    """Answers every check and every generation with what it was given, and keeps the records in memory."""

    def __init__(self) -> None:
        self.check_answer = checked(match())
        self.choices: list[GeneratedChoice] = []
        self.model_name = "embedded"
        self.model_loaded = True
        self.written: bytes | None = None
        self.references = {SWHID: REFERENCE}
        self.summaries = [
            SourceSummary(
                f"pkg:pypi/source{number:03}@1.0",
                "https://example.org/",
                "MIT",
                "License-Expression in METADATA",
                ("Copyright (c) 2020 Somebody",),
                12 + number,
                34_000 + number,
                (("setup.py", "minified"),),
            )
            for number in range(120)
        ]
        self.asked: list[tuple[Any, ...]] = []
        self.error: Exception | None = None
        self.record_search = NoRecords()
        self._records: dict[str, Record] = {}

    def check(self, code: bytes, *, path: str | None, language: str | None, exclude: tuple[str, ...]) -> CheckAnswer:
        """Record the question and answer it."""
        self.asked.append((code, path, language, exclude))
        if self.error is not None:
            raise self.error
        request = {"path": path, "language": language, "exclude": list(exclude)}
        self._keep(self.check_answer.id, RecordKind.CHECK, request, self.check_answer.as_json(MOST_ORIGINS), code, None)
        return self.check_answer

    def generate(self, request: GenerationRequest, *, language: str | None, exclude: tuple[str, ...]) -> GenerateAnswer:
        """Record the question and answer it."""
        self.asked.append((request, language, exclude))
        if self.error is not None:
            raise self.error
        model = {"name": self.model_name, "parameters": 4_770_000}
        usage = {"prompt_tokens": 9, "completion_tokens": 120}
        answer = GenerateAnswer("0198-generation", model, tuple(self.choices), usage)
        asked = {"prompt": request.prompt, "suffix": request.suffix}
        self._keep(answer.id, RecordKind.GENERATION, asked, answer.as_json(MOST_ORIGINS), self.written, model)
        return answer

    def record(self, id: str) -> Record:
        """Return a kept record."""
        if id not in self._records:
            raise NoSuchRecord(f"no record {id!r} is stored")
        return self._records[id]

    def reference_text(self, swhid: str) -> bytes:
        """Return a reference file."""
        if swhid not in self.references:
            raise UnknownSource(f"{swhid} is in no source of the index.")
        return self.references[swhid]

    def sources(
        self,
        q: str | None,
        limit: int,
        cursor: str | None,
        collections: Sequence[Collection],
        ecosystem: str | None,
        category: Category | None,
    ) -> list[SourceSummary]:
        """Return sources by purl."""
        held = [source for source in self.summaries if source.collection in collections]
        return [source for source in held if (q or "") in source.purl and source.cursor > (cursor or "")][:limit]

    def source(self, purl: str, collections: Sequence[Collection]) -> SourceSummary:
        """Return one source."""
        for source in self.summaries:
            if source.purl == purl and source.collection in collections:
                return source
        raise UnknownSource(f"{purl} is not in the index: `attrib index list` shows what is.")

    def stats(self) -> CatalogTotals:
        """Return how much there is."""
        return CatalogTotals(len(self.summaries), 9_120, 20_300_000, 1, 1, 1, 7)

    def readiness(self) -> tuple[Part, ...]:
        """Say that all is well, or that the index is empty."""
        index = Part("index", bool(self.summaries), "revision 7" if self.summaries else "nothing is in it")
        return Part("database", True, "revision 0005"), index, Part("model", True, "loaded")

    def files(self, source: SourceSummary, limit: int, cursor: str | None) -> list[HeldFile]:
        """Return no file."""
        return []

    def file_licenses(self, source: SourceSummary) -> list[tuple[str, int]]:
        """Return the licence of the source."""
        return [(source.license_expression, source.files)]

    def legal_files(self, purl: str) -> tuple[LegalFile, ...]:
        """Return the licence file."""
        return (LegalFile("LICENSE", LegalKind.LICENSE, "Permission is granted."),)

    def overview(self) -> Overview:
        """Return how much there is."""
        return Overview(self.stats(), (), (), (), (), ())

    def found_by_day(self, since: date) -> list[DayCount]:
        """Return nothing."""
        return []

    def model_status(self) -> ModelStatus:
        """Return that nobody has asked for the model."""
        return ModelStatus(ModelState.NOT_LOADED, 1.0)

    def keep(self, record: Record) -> None:
        """Put a record in place of the one of its id."""
        self._records[record.id] = record

    def _keep(self, id: str, kind: RecordKind, request: Any, answer: Any, code: bytes | None, model: Any) -> None:
        moment = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
        self._records[id] = Record(id, kind, moment, "matched", "attribute", "7", model, request, answer, None, code)
