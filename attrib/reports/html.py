"""The report as one file of HTML that loads nothing and runs nothing: filters, evidence side by side, charts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from attrib.answers import Action, AttributedOrigin
from attrib.audits.findings import Duty, Finding
from attrib.audits.report import AuditReport
from attrib.comparison import Range, Row, compare
from attrib.match_text import ALSO_SEEN, common_line, exchanged_names, likeness, lines, place
from attrib.notices.document import plain, plain_line
from attrib.reports.charts import bars
from attrib.reports.documents import TOOL, TOOL_VERSION, moment, root_name
from attrib.reports.memorisation import Line, Section, sections
from attrib.reports.wording import counting, decided, remarks
from index.matches import MatchKind

MOST_FINDINGS: Final = 2_000
MOST_ROWS: Final = 30_000
"""So many findings, and so many lines of evidence in all, does a browser still show at once."""
_MOST_ROWS_OF_ONE: Final = 300
_MOST_LISTED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of a line; `mark` is what is said of it: changed, renamed, or nothing."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of the evidence: ours on the left, theirs on the right, each in pieces; a missing side has no number."""

    state: str
    our_number: int | None
    ours: tuple[Piece, ...]
    their_number: int | None
    theirs: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding as the page shows it, all of it plain text."""

    number: int
    path: str
    lines: str
    verdict: str
    kind: str
    state: str
    likeness: str
    purl: str
    place: str
    license: str
    evidence: str
    copyright: tuple[str, ...]
    more: int
    names: str
    remarks: tuple[str, ...]
    duties: tuple[Duty, ...]
    decision: str | None
    rows: tuple[ShownRow, ...]
    rows_left: bool
    fingerprint: str


def render(report: AuditReport) -> str:
    """Return the page; of very many findings the strictest are shown, and of very much code the first lines."""
    findings = sorted(counting(report.findings), key=lambda finding: -finding.verdict.severity)
    common = [finding for finding in report.findings if finding.match.common]
    return _template().render(
        name=plain_line(root_name(report)),
        report=report,
        totals=report.totals(),
        moment=moment(report) if report.at else None,
        tool=f"{TOOL} {TOOL_VERSION}",
        findings=list(_shown(findings[:MOST_FINDINGS])),
        findings_left=max(len(findings) - MOST_FINDINGS, 0),
        failing=sum(map(report.fails, findings)),
        actions=[action.value for action in reversed(Action)],
        counts={action.value: sum(finding.verdict is action for finding in findings) for action in Action},
        kinds=[kind.value for kind in MatchKind],
        states=_STATES,
        memorisation=_memorisation(report),
        charts=(
            ("Findings by verdict", "Verdict", bars(finding.verdict.value for finding in findings)),
            ("Findings by licence", "Licence", bars(plain_line(_best(finding).license) for finding in findings)),
            ("Findings by source", "Source", bars(plain_line(_best(finding).purl) for finding in findings)),
            ("Files by what was found", "Status", bars(file.status.value for file in report.files)),
            ("Left out, by reason", "Reason", bars(plain_line(reason) for _, reason in report.left_out)),
        ),
        also_seen=ALSO_SEEN,
        common=[plain_line(f"{finding.path} {common_line(finding.match)}") for finding in common[:_MOST_LISTED]],
        common_left=max(len(common) - _MOST_LISTED, 0),
        left_out=[(plain_line(path), plain_line(reason)) for path, reason in report.left_out[:_MOST_LISTED]],
        left_out_left=max(len(report.left_out) - _MOST_LISTED, 0),
        notice=plain(report.notice).rstrip(),
    )


_STATES: Final = {"open": "open", "decided": "decided", "known": "known", "baseline": "in the baseline"}


def _memorisation(report: AuditReport) -> tuple[Section, ...]:
    """Return the sections on what a model reproduced, all of it plain text; none where no model wrote."""
    if report.memorisation is None:
        return ()
    return tuple(replace(one, rows=tuple(map(_plain, one.rows))) for one in sections(report.memorisation))


def _plain(row: Line) -> Line:
    return replace(row, what=plain_line(row.what), seen=plain_line(row.seen))


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("attrib.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("audit.html.j2")


def _best(finding: Finding) -> AttributedOrigin:
    return finding.match.origins[0]


def _shown(findings: list[Finding]) -> Iterator[ShownFinding]:
    room = MOST_ROWS
    for number, finding in enumerate(findings, start=1):
        rows = _rows(finding)
        kept = rows[: min(room, _MOST_ROWS_OF_ONE)]
        room -= len(kept)
        yield _finding(number, finding, kept, len(kept) < len(rows) or bool(finding.evidence and finding.evidence.cut))


def _finding(number: int, finding: Finding, rows: tuple[ShownRow, ...], rows_left: bool) -> ShownFinding:
    match, best = finding.match, finding.match.origins[0]
    return ShownFinding(
        number=number,
        path=plain_line(finding.path),
        lines=lines(match.output),
        verdict=finding.verdict.value,
        kind=match.kind.value,
        state=_state(finding),
        likeness=likeness(match),
        purl=plain_line(best.purl),
        place=plain_line(place(best)),
        license=plain_line(best.license),
        evidence=plain_line(best.license_evidence),
        copyright=tuple(map(plain_line, best.copyright)),
        more=len(match.origins) - 1,
        names=plain_line(exchanged_names(match)) if match.names else "",
        remarks=tuple(remarks(finding)),
        duties=finding.duties,
        decision=plain_line(decided(finding.decision)) if finding.decision else None,
        rows=rows,
        rows_left=rows_left,
        fingerprint=finding.fingerprint,
    )


def _state(finding: Finding) -> str:
    if finding.decision is not None:
        return "decided"
    if finding.provenance is not None:
        return "known"
    return "baseline" if finding.baseline else "open"


def _rows(finding: Finding) -> tuple[ShownRow, ...]:
    evidence = finding.evidence
    if evidence is None:
        return ()
    match = finding.match
    compared = compare(
        plain(evidence.ours).split("\n")[:_MOST_ROWS_OF_ONE],
        plain(evidence.theirs).split("\n")[:_MOST_ROWS_OF_ONE],
        left_start=match.output.start_line,
        right_start=match.origins[0].reference.start_line,
        names={ours: theirs for theirs, ours in match.names},
    )
    return tuple(map(_row, compared))


def _row(row: Row) -> ShownRow:
    ours = _pieces(row.left_text, row.left_changes, tuple((one.start, one.end) for one in row.left_names))
    theirs = _pieces(row.right_text, row.right_changes, tuple((one.start, one.end) for one in row.right_names))
    return ShownRow(row.state.value, row.left_number, ours, row.right_number, theirs)


def _pieces(text: str | None, changes: tuple[Range, ...], names: tuple[Range, ...]) -> tuple[Piece, ...]:
    if text is None:
        return ()
    marked = sorted([(*place, "changed") for place in changes] + [(*place, "renamed") for place in names])
    pieces, at = [], 0
    for begin, end, mark in marked:
        pieces += [Piece(text[at:begin], ""), Piece(text[begin:end], mark)]
        at = end
    return tuple(piece for piece in (*pieces, Piece(text[at:], "")) if piece.text)
