"""From what the index found to what must be said about it: licence, copyright, verdict, notice."""

from collections.abc import Callable, Iterable

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Attribution, Verdict, strictest
from attrib.licenses import category_of, license_ids
from attrib.notice import NoticeEntry, notice
from attrib.policy import Policy
from index.matches import Match, MatchOrigin
from index.origins.base import LegalFile

# Called with a purl; returns the legal files its source ships.
LegalFiles = Callable[[str], tuple[LegalFile, ...]]


def attribute(match: Match, policy: Policy) -> AttributedMatch:
    """Return a match with its verdict, which the best origin's licence decides."""
    best = match.origins[0]
    verdict = policy.judge(match.kind, match.common, match.information_bits, best.file.license_expression)
    disagreeing = _disagreement(match)
    if disagreeing:
        verdict = Verdict(verdict.action, (*verdict.reasons, disagreeing))
    return AttributedMatch(
        kind=match.kind,
        output=match.output,
        similarity=match.similarity,
        lexemes=match.lexemes,
        information_bits=match.information_bits,
        common=match.common,
        sources=match.sources,
        origins=tuple(_origin(origin) for origin in match.origins),
        verdict=verdict,
    )


def verdict_of(matches: Iterable[AttributedMatch]) -> Action:
    """Return the strictest verdict of the matches; allow when there are none."""
    return strictest([match.verdict.action for match in matches])


def attribution_of(matches: Iterable[AttributedMatch], legal_files: LegalFiles) -> Attribution:
    """Return the notice to ship with code that has these matches: one entry a best origin's source."""
    entries = notice_entries(matches, legal_files)
    licences = {license_id for entry in entries for license_id in _ids(entry.license_expression)}
    return Attribution(required=bool(entries), notice=notice(entries) if entries else "", spdx=tuple(sorted(licences)))


def notice_entries(matches: Iterable[AttributedMatch], legal_files: LegalFiles) -> list[NoticeEntry]:
    """Return what the notice must hold for matches whose verdict asks for anything."""
    return [
        _entry(match, match.origins[0], legal_files(match.origins[0].purl))
        for match in matches
        if match.verdict.action is not Action.ALLOW
    ]


def _entry(match: AttributedMatch, origin: AttributedOrigin, legal: tuple[LegalFile, ...]) -> NoticeEntry:
    raise AssertionError


def _origin(origin: MatchOrigin) -> AttributedOrigin:
    file = origin.file
    return AttributedOrigin(
        purl=file.purl,
        path=file.path,
        swhid=file.swhid,
        reference=origin.reference,
        similarity=origin.similarity,
        license=file.license_expression,
        license_evidence=file.license_evidence,
        category=category_of(file.license_expression).value,
        copyright=file.copyright,
        url=file.url,
    )


def _disagreement(match: Match) -> str | None:
    licences = list(dict.fromkeys(origin.file.license_expression for origin in match.origins))
    if len(licences) < 2:
        return None
    return f"the same code also stands under {', '.join(licences[1:])}"


def _ids(expression: str) -> tuple[str, ...]:
    return license_ids(expression)
