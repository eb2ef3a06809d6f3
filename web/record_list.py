"""The list of records: what was asked for, what there is, and the addresses of its pages."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from attrib.records import RecordKind
from attrib.service import Service
from web.list_options import counted, options
from web.list_requests import RecordsRequest, given
from web.wording import RECORD_KINDS, STATUSES, VERDICTS


def records_view(service: Service, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page of the records shows; raises Problem naming the fields that are wrong."""
    asked = RecordsRequest.from_form(given(fields))
    search = service.record_search
    page = search.page(asked.filter, asked.limit, asked.cursor)
    counts = search.counts(asked.filter)
    kept = given(fields)
    kept.pop("cursor", None)
    return {
        "asked": asked,
        "page": page,
        "counts": counts,
        "filtered": bool(kept.keys() - {"limit"}),
        "kinds": options(RECORD_KINDS, counts.kinds),
        "statuses": options(STATUSES, counts.statuses),
        "verdicts": options(VERDICTS, counts.verdicts),
        "licenses": counted(search.licenses(), asked.license),
        "labels": {"kind": RECORD_KINDS, "status": STATUSES, "verdict": VERDICTS},
        "address": _address,
        "first": url_for("pages.records", **kept) if asked.cursor else None,
        "next": url_for("pages.records", **kept, cursor=page.cursor) if page.cursor else None,
    }


def _address(kind: RecordKind, id: str) -> str:
    return url_for("audit_pages.audit" if kind is RecordKind.AUDIT else "pages.record", id=id)
