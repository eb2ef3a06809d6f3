"""The start page: what the index holds, what was found over time, and whether the model is there yet."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import url_for

from attrib.overview import Overview
from attrib.record_search import DayCount
from attrib.service import Service
from web.charts import Bar, Columns, bars, columns
from web.filters import purl_name
from web.wording import VERDICTS, WITHOUT_VERDICT

DAYS = 28
SHOWN_BARS = 8
NOTHING_FOUND = "clean"
TONES = (NOTHING_FOUND, *(action.value for action in VERDICTS))
TONE_LABELS = {NOTHING_FOUND: WITHOUT_VERDICT, **{action.value: told.label for action, told in VERDICTS.items()}}


def start_view(service: Service) -> dict[str, Any]:
    """Return what the start page shows."""
    today = datetime.now(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    overview = service.overview()
    return {
        "totals": overview.totals,
        "model": service.model_status(),
        "charts": _held(overview),
        "found": _found(service.found_by_day(first), first, today),
        "tone_labels": {
            NOTHING_FOUND: WITHOUT_VERDICT,
            **{action.value: told.label for action, told in VERDICTS.items()},
        },
    }


def _held(overview: Overview) -> dict[str, tuple[Bar, ...]]:
    whole = overview.totals.lexemes
    licenses = [
        (one.expression, one.lexemes, url_for("pages.license", expression=one.expression)) for one in overview.licenses
    ]
    languages = [(one.language or "not known", one.lexemes, None) for one in overview.languages]
    sources = [
        (purl_name(one.purl), one.lexemes, url_for("pages.source", purl=one.purl, collection=one.collection))
        for one in overview.sources
    ]
    return {
        "license": bars(licenses, SHOWN_BARS, "other licences", whole),
        # A content that several sources hold is in one language once.
        "language": bars(languages, SHOWN_BARS, "other languages"),
        "source": bars(sources, SHOWN_BARS, "other sources", whole),
    }


def _found(counted: list[DayCount], first: date, today: date) -> Columns:
    counts: dict[tuple[date, str], int] = {}
    for one in counted:
        tone = one.verdict if one.status in ("matched", "incomplete") else NOTHING_FOUND
        counts[one.day, tone] = counts.get((one.day, tone), 0) + one.records
    return columns(counts, TONES, first, today)
