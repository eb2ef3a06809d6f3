"""Lists of sources, cut into pages."""

from dataclasses import dataclass

from index.entries import SourceSummary
from web.answers import SourceJson
from web.current import current_service
from web.list_requests import SourcesRequest
from web.schemas import SourceRequest


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """Some sources in the order of their purls, and the cursor of the page after them; None at the end.

    What two collections hold of one source stands there twice.
    """

    sources: tuple[SourceSummary, ...]
    cursor: str | None


def sources_page(asked: SourcesRequest) -> SourcesPage:
    """Return the part of the sources that was asked for."""
    found = current_service().sources(
        asked.q, asked.limit + 1, asked.cursor, asked.collections, asked.ecosystem, asked.category
    )
    shown = tuple(found[: asked.limit])
    return SourcesPage(shown, shown[-1].cursor if len(found) > asked.limit else None)


def source_of(purl: str, asked: SourceRequest) -> SourceSummary:
    """Return one source of the index, as the first collection has it, or the one that was asked for."""
    return current_service().source(purl, asked.collections)


def source_json(source: SourceSummary) -> SourceJson:
    """Return a source as the API shows it."""
    return {
        "purl": source.purl,
        "collection": source.collection,
        "url": source.url,
        "license": source.license_expression,
        "license_evidence": source.license_evidence,
        "copyright": list(source.copyright),
        "files": source.files,
        "lexemes": source.lexemes,
        "added_at": source.added_at.isoformat(timespec="seconds") if source.added_at else None,
        "released": source.released.isoformat() if source.released else None,
        "left_out": [{"path": path, "reason": reason} for path, reason in source.left_out],
    }
