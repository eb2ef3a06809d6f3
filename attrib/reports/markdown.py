"""A summary in Markdown (GFM) for a pull request: what counts first, and never longer than a comment may be."""

from collections.abc import Mapping
from typing import Any, Final

from attrib.answers import Action
from attrib.audits.findings import Finding
from attrib.audits.report import AuditReport
from attrib.counts import plural
from attrib.match_text import likeness, place
from attrib.notices.document import plain_line
from attrib.notices.markdown import escaped
from attrib.reports.documents import root_name
from attrib.reports.memorisation import code_reproduced, share_with_match
from attrib.reports.wording import counting, incomplete_line, remarks

MOST_CHARACTERS: Final = 60_000
"""A comment on GitHub has at most 65,536 characters."""

_SIGNS: Final = {Action.BLOCK: "⛔", Action.REVIEW: "🔍", Action.ATTRIBUTE: "📝", Action.ALLOW: "✅"}
_HEAD: Final = "| | where | copied from | licence | |\n|---|---|---|---|---|"


def render(report: AuditReport) -> str:
    """Return the summary: the verdict, the counts, then a row for each finding, the strictest first."""
    findings = sorted(counting(report.findings), key=lambda finding: -finding.verdict.severity)
    failing = sum(map(report.fails, findings))
    totals = report.totals()
    told = [
        f"## {_SIGNS[report.verdict]} Attrib: {report.verdict.value}",
        f"{totals['files']:,} files of {_code(root_name(report))} were compared with {report.index.files:,} files of "
        f"{report.index.sources:,} sources: {_counts(findings)}."
        + (f" **{failing:,} of them make{'s' if failing == 1 else ''} the audit fail.**" if failing else ""),
    ]
    if report.memorisation is not None:
        told.append(_memorisation(report.memorisation))
    if report.attribution.required:
        told.append(f"Notices are needed for {', '.join(map(_code, report.attribution.spdx))}.")
    if report.incomplete:
        told.append(f"**{incomplete_line(report)}**")
    left_out = sum(totals["left_out"].values())
    if left_out:
        told.append(f"{left_out:,} files and folders were left out.")
    text = "\n\n".join(told) + "\n"
    return text + _table(findings, MOST_CHARACTERS - len(text)) if findings else text


def _memorisation(memorisation: Mapping[str, Any]) -> str:
    withheld = memorisation["generations"]["withheld"]
    told = [share_with_match(memorisation), code_reproduced(memorisation)]
    told += [f"{plural(withheld, 'generation')} {'was' if withheld == 1 else 'were'} withheld"] if withheld else []
    return " ".join(f"{sentence}." for sentence in told)


def _counts(findings: list[Finding]) -> str:
    counts = ((action, sum(finding.verdict is action for finding in findings)) for action in reversed(Action))
    return ", ".join(f"{count:,} {action.value}" for action, count in counts if count) or "no copied code was found"


def _table(findings: list[Finding], room: int) -> str:
    rows = [f"\n{_HEAD}"]
    left = room - len(_HEAD) - 200
    for number, finding in enumerate(findings):
        row = _row(finding)
        left -= len(row) + 1
        if left < 0:
            rows.append(f"\nand {len(findings) - number:,} more, none of them stricter: see the whole report.")
            break
        rows.append(row)
    return "\n".join(rows) + "\n"


def _row(finding: Finding) -> str:
    span, best = finding.match.output, finding.match.origins[0]
    where = f"{finding.path}:{span.start_line}-{span.end_line}"
    said = "<br>".join(_text(_short(remark)) for remark in remarks(finding))
    source = f"{_code(best.purl)}<br>{_code(place(best))}, {likeness(finding.match)}"
    return (
        f"| {_SIGNS[finding.verdict]} {finding.verdict.value} | {_code(where)} | {source} "
        f"| {_code(best.license)} | {said} |"
    )


def _short(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(line: str) -> str:
    """Return a line as it stands; nobody is mentioned by it, for an @ inside an element of its own calls nobody."""
    return escaped(plain_line(line)).replace("\\@", "<span>@</span>")


def _code(line: str) -> str:
    """Return a line as code in a table, in which nothing is read as markup or as a mention."""
    text = _short(plain_line(line))
    ticks = "`"
    while ticks in text:
        ticks += "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}".replace("|", "\\|") if text else ""
