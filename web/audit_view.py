"""Lays out the report of an audit, from its record: the findings as rows, and one file with its evidence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attrib.answers import Action, strictest
from attrib.audits.reviewing import Review, ReviewedFinding
from attrib.records import Record
from index.matches import MatchKind
from web.decision_requests import ReviewState
from web.errors import Problem
from web.results import CheckView, ReadReference, References, check_view
from web.review_view import selected
from web.wording import KINDS, VERDICTS, Wording


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as a row; `file` numbers its file through the searched ones, `match` its place on the file's page.

    `reviewed` is what was decided about it; None for what is common, or of a version that named no findings.
    """

    file: int
    match: int
    path: str
    told: Mapping[str, Any]
    kind: Wording
    verdict: Wording
    reviewed: ReviewedFinding | None

    @property
    def origin(self) -> Mapping[str, Any]:
        """The best origin."""
        best: Mapping[str, Any] = self.told["origins"][0]
        return best


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """Some findings, and the cursor of the page after them; `counts` are of all findings by verdict, common apart.

    `open` are those that somebody is to decide about, `decided` those that somebody has, `first` where a review begins;
    `since` are those whose decision is newer than the audit, and `verdict_now` what is left of them all.
    """

    rows: Sequence[FindingRow]
    shown: int
    counts: Mapping[str, int]
    common: int
    open: int
    decided: int
    since: int
    first: str | None
    verdict_now: Action
    cursor: int | None


def findings_page(
    record: Record,
    review: Review,
    verdict: Action | None,
    state: ReviewState | None,
    common: bool,
    limit: int,
    cursor: int,
) -> FindingsPage:
    """Return findings by path and line: those that count, or the common ones, of one verdict and state or of any."""
    told = record.answer["findings"]
    counts = Counter(one["verdict"] for one in told if not one["common"])
    numbers = {file["path"]: number for number, file in enumerate(record.answer["files"])}
    chosen = {one.then.fingerprint: one for one in selected(review, verdict, state) if one.then.fingerprint}
    rows = []
    for path, matches in _by_path(told).items():
        for place, match in enumerate(_as_shown(matches), start=1):
            reviewed = None if match["common"] else chosen.get(match.get("fingerprint", ""))
            wanted = reviewed is not None or (state is None and verdict in (None, match["verdict"]))
            if bool(match["common"]) is common and wanted:
                kind, asked = KINDS[MatchKind(match["kind"])], VERDICTS[Action(match["verdict"])]
                rows.append(FindingRow(numbers[path], place, path, match, kind, asked, reviewed))
    first = next((one for one in chosen.values() if one.is_open), next(iter(chosen.values()), None))
    return FindingsPage(
        rows=rows[cursor : cursor + limit],
        shown=len(rows),
        counts=counts,
        common=len(told) - sum(counts.values()),
        open=len(selected(review, None, ReviewState.OPEN)),
        decided=len(selected(review, None, ReviewState.DECIDED)),
        since=sum(one.is_changed for one in review.findings),
        first=None if first is None else first.then.fingerprint,
        verdict_now=strictest([one.now.verdict for one in review.findings]),
        cursor=cursor + limit if cursor + limit < len(rows) else None,
    )


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of an audit with its matches beside their references; `lines` of the view is None where it is not kept."""

    told: Mapping[str, Any]
    view: CheckView


def file_view(record: Record, number: int, code: bytes | None, read_reference: ReadReference) -> FileView:
    """Lay out one searched file; raises Problem `not-found` where there is none of that number."""
    files = record.answer["files"]
    if number >= len(files):
        raise Problem(
            "not-found", f"The audit {record.id} has {len(files):,} searched files, and none numbered {number}."
        )
    told = files[number]
    answer = {
        **told,
        "matches": _by_path(record.answer["findings"]).get(told["path"], []),
        "index": record.answer["index"],
    }
    text = None if code is None else code.decode("utf-8", "replace")
    return FileView(told, check_view(answer, text, References(read_reference)))


def _by_path(findings: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        found.setdefault(finding["path"], []).append(finding)
    return found


def _as_shown(matches: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the matches of a file in the order in which its page numbers them."""
    return sorted(matches, key=lambda match: bool(match["common"]))
