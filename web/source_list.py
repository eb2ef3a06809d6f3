"""The list of sources, and the page of one: its files, licences and legal texts, and how often it was found."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from attrib.licenses import category_of
from attrib.record_search import RecordFilter
from attrib.service import Service
from index.languages import language_of
from web.list_options import counted, options
from web.list_requests import SourcePageRequest, SourcesRequest, given
from web.listing import source_of, sources_page
from web.wording import CATEGORIES, COLLECTIONS, VERDICTS

SHOWN_FILES = 100
LONGEST_LEGAL_TEXT = 30_000
"""Characters of a legal text that the page shows."""


def sources_view(service: Service, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page of the sources shows; raises Problem naming the fields that are wrong."""
    asked = SourcesRequest.from_form(given(fields))
    overview = service.overview()
    page = sources_page(asked)
    kept = given(fields)
    kept.pop("cursor", None)
    return {
        "asked": asked,
        "page": page,
        "totals": overview.totals,
        "filtered": bool(kept.keys() - {"limit"}),
        "categories": options(CATEGORIES, {category.value: count for category, count in overview.categories}),
        "ecosystems": counted(sorted(overview.ecosystems), asked.ecosystem),
        "collections": [(one.value, one.value, None) for one in overview.totals.collections],
        "category_of": category_of,
        "labels": CATEGORIES,
        "first": url_for("pages.sources", **kept) if asked.cursor else None,
        "next": url_for("pages.sources", **kept, cursor=page.cursor) if page.cursor else None,
    }


def source_view(service: Service, purl: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page of one source shows; raises UnknownSource, and Problem naming the fields that are wrong."""
    asked = SourcePageRequest.from_form(given(fields))
    source = source_of(purl, asked)
    files = service.files(source, SHOWN_FILES + 1, asked.cursor)
    shown = files[:SHOWN_FILES]
    here: dict[str, Any] = {"purl": source.purl, "collection": source.collection}
    return {
        "source": source,
        "category": CATEGORIES[category_of(source.license_expression)],
        "kept_as": COLLECTIONS[source.collection],
        "files": [(file, language_of(file.path)) for file in shown],
        "file_licenses": service.file_licenses(source),
        "legal": [(file, file.text[:LONGEST_LEGAL_TEXT]) for file in service.legal_files(source.purl)],
        "found": service.record_search.counts(RecordFilter(source=source.purl)),
        "verdicts": VERDICTS,
        "first": url_for("pages.source", **here) if asked.cursor else None,
        "next": url_for("pages.source", **here, cursor=shown[-1].path) if len(files) > SHOWN_FILES else None,
    }
