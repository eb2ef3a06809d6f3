"""The words of credit that a finding asks for, as SBOMs carry them beside a snippet."""

from attrib.audits.findings import Finding
from attrib.match_text import place
from attrib.notices.document import plain_line


def attribution_texts(finding: Finding) -> list[str]:
    """Return the credit in one text, or nothing where none is needed; the licence's own text is in the notice."""
    if not (finding.verdict.asks_for_credit or finding.match.needs_credit):
        return []
    best = finding.match.origins[0]
    holders = [plain_line(line) for line in best.copyright] or ["no copyright is stated there"]
    return ["\n".join((plain_line(f"From {best.purl} {place(best)}, under {best.license}"), *holders))]
