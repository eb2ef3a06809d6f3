"""What the licence of a finding asks for, and whether it is done in this tree."""

from dataclasses import dataclass, replace
from typing import Final

from attrib.answers import Action
from attrib.audits.credit_files import CreditFiles
from attrib.audits.findings import Duty, Finding
from attrib.licenses import license_ids
from attrib.notices.entries import LegalFiles, is_modified, texts_that_go_with
from attrib.obligations import Ask, Obligations, obligations_of
from index.origins.base import LegalKind

_SENTENCES: Final = {
    Ask.DISCLOSE_SOURCE: "offer the source code",
    Ask.SAME_LICENSE: "put what contains the code under the same licence",
    Ask.NETWORK_SOURCE: "offer the source code to those who use it over a network",
}
_HOLDERS_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Credit:
    """What tells whether duties are met: the credit files of the tree, and the legal files that sources ship."""

    tree: CreditFiles
    legal_files: LegalFiles


def with_duties(finding: Finding, credit: Credit) -> Finding:
    """Return a finding with what its licence asks for here.

    One that asks for nothing but credit is allowed once all of that is given. Common code and the tree's own ask for
    nothing.
    """
    match = finding.match
    asks = match.verdict.action.asks_for_credit or match.attributed or _is_blocked(finding)
    if match.common or finding.is_own or not asks:
        return finding
    obligations = _obligations(finding)
    duties = tuple(
        _duty(ask, finding, obligations, credit) for ask in Ask if _applies(ask, finding, obligations, credit)
    )
    return with_credit_given(replace(finding, duties=duties))


def with_credit_given(finding: Finding) -> Finding:
    """Return a finding with what its duties make of its outcome: allowed, once all that it asks for is credit given."""
    duties = finding.duties
    if finding.outcome.action is not Action.ATTRIBUTE or not duties or not all(duty.met_in for duty in duties):
        return finding
    obligations = _obligations(finding)
    # What a table does not know, or asks for in words only, nobody can see to be done.
    if obligations.unlisted or any(row.spell_out for row in obligations.rows):
        return finding
    places = ", ".join(dict.fromkeys(str(duty.met_in) for duty in duties))
    done = f"all that {obligations.expression} asks for is done: see {places}"
    return replace(finding, outcome=replace(finding.outcome, action=Action.ALLOW, reasons=(done,)))


def _obligations(finding: Finding) -> Obligations:
    choice = finding.match.verdict.choice
    return obligations_of(finding.match.origins[0].license if choice is None else choice.expression)


def _is_blocked(finding: Finding) -> bool:
    return finding.match.verdict.action is Action.BLOCK


def _applies(ask: Ask, finding: Finding, obligations: Obligations, credit: Credit) -> bool:
    if ask not in obligations.asks or ask is Ask.NO_ENDORSEMENT:
        return False
    if ask is Ask.INCLUDE_NOTICE:
        return bool(_shipped_notices(finding, credit))
    if ask is Ask.STATE_CHANGES:
        return is_modified(finding.match.kind)
    return True


def _duty(ask: Ask, finding: Finding, obligations: Obligations, credit: Credit) -> Duty:
    origin = finding.match.origins[0]
    tree = credit.tree
    match ask:
        case Ask.INCLUDE_COPYRIGHT:
            holders = "; ".join(origin.copyright[:_HOLDERS_NAMED]) or "the source states none, so name the source"
            met_in = finding.path if finding.match.attributed else None
            met_in = met_in or tree.naming(finding.path, origin.purl, origin.copyright)
            return Duty(ask, f"keep the copyright notice: {holders}", met_in)
        case Ask.INCLUDE_TEXT:
            ids = license_ids(obligations.expression)
            texts = [tree.holding(finding.path, license_id) for license_id in ids]
            met_in = ", ".join(dict.fromkeys(str(text) for text in texts)) if all(texts) else None
            return Duty(ask, f"keep the text of {' and '.join(ids)}", met_in)
        case Ask.INCLUDE_NOTICE:
            quoted = [tree.quoting(finding.path, text) for text in _shipped_notices(finding, credit)]
            return Duty(ask, "keep the source's NOTICE", quoted[0] if all(quoted) else None)
        case Ask.STATE_CHANGES:
            return Duty(ask, "say that the code was changed", tree.stating_changes(finding.path, origin.purl))
        case _:
            return Duty(ask, _SENTENCES[ask], None)


def _shipped_notices(finding: Finding, credit: Credit) -> list[str]:
    origin = finding.match.origins[0]
    legal = texts_that_go_with(credit.legal_files(origin.purl), origin.path, origin.copyright)
    return [file.text for file in legal if file.kind is LegalKind.NOTICE and file.text.strip()]
