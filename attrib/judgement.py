"""A match's verdict: how much it weighs, what its best origin's licence leads to, whether other origins disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Final

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Verdict, strictest
from attrib.policy import Policy, Thresholds
from attrib.policy_exceptions import Circumstances
from index.matches import ReferenceFile
from index.ranking import COMMON_SOURCES
from index.vendoring import copies, vendored_in

NOT_JUDGED: Final = Verdict(Action.REVIEW, ())
_LICENCES_NAMED: Final = 3


def judged(match: AttributedMatch, policy: Policy, path: str | None, on: date) -> AttributedMatch:
    """Return a match with the verdict that a policy comes to on a day; the one it had does not matter.

    A match that weighs too little, or stands everywhere, is reported as common and allowed. Otherwise the best
    origin's licence decides, and an equally good origin that may not be passed over makes it at least a review.
    """
    light = _too_light(match, policy.thresholds)
    if light is not None:
        return replace(match, common=True, verdict=Verdict(Action.ALLOW, (light,)))
    best = match.origins[0]
    verdict = policy.verdict_on(best.license, _circumstances(match, best, path, on))
    return replace(match, common=False, verdict=_with_disagreement(verdict, match, policy, path, on))


def _too_light(match: AttributedMatch, least: Thresholds) -> str | None:
    """Say why a match raises no verdict, or None where it does."""
    common_sources = COMMON_SOURCES if least.common_sources is None else least.common_sources
    if match.unrelated_sources >= common_sources:
        return f"stands in {match.unrelated_sources:,} unrelated sources, so it is common"
    if match.too_little:
        where = "in 1 source" if match.sources == 1 else f"in {match.sources:,} sources"
        return f"says too little to tell a copy ({int(match.information_bits)} bits, {where})"
    if match.lexemes < least.lexemes:
        return f"has {match.lexemes:,} lexemes, and the policy counts matches from {least.lexemes:,} on"
    if match.information_bits < least.information_bits:
        bits = f"{least.information_bits:g}"
        return f"has {int(match.information_bits)} bits of information, and the policy counts matches from {bits} on"
    if match.similarity < least.similarity:
        return f"is {int(match.similarity * 100)}% alike, and the policy counts matches from {least.similarity:.0%} on"
    return None


def _with_disagreement(verdict: Verdict, match: AttributedMatch, policy: Policy, path: str | None, on: date) -> Verdict:
    others = [origin for origin in match.origins[1:] if origin.as_good and origin.license != match.origins[0].license]
    if not others:
        return verdict
    reasons = [*verdict.reasons, _elsewhere(others)]
    raising: set[str] = set()
    for origin in _candidates(match.origins[0], others):
        if origin.license in raising:
            continue
        there = policy.verdict_on(origin.license, _circumstances(match, origin, path, on)).action
        if there.severity >= Action.REVIEW.severity and there.severity > verdict.action.severity:
            raising.add(origin.license)
            does = "blocks" if there is Action.BLOCK else "sends to review"
            reasons.append(
                f"it may as well come from {origin.purl} under {origin.license}, which the policy {does}: "
                "a person has to find out which of them was first"
            )
    action = strictest([verdict.action, Action.REVIEW]) if raising else verdict.action
    return replace(verdict, action=action, reasons=tuple(reasons))


def _elsewhere(others: Sequence[AttributedOrigin]) -> str:
    """Say which sources have the same code under other licences."""
    first: dict[str, str] = {}
    for origin in others:
        first.setdefault(origin.license, origin.purl)
    named = [f"{license} in {purl}" for license, purl in islice(first.items(), _LICENCES_NAMED)]
    more = len(first) - len(named)
    if more:
        named.append(f"{more} more {'licence' if more == 1 else 'licences'} elsewhere")
    return f"the same code also stands under {', '.join(named)}"


def _candidates(best: AttributedOrigin, others: Sequence[AttributedOrigin]) -> Iterator[AttributedOrigin]:
    """Yield, once for each licence and source, an origin that the code may have come from instead of the best.

    What lies in a vendor folder, says by its path that it is a copy, or came out later was taken from elsewhere.
    """
    told_as_copies = copies(_file(origin) for origin in (best, *others))
    seen: set[tuple[str, str]] = set()
    for origin in others:
        later = best.released is not None and origin.released is not None and origin.released > best.released
        if later or vendored_in(origin.path) or _file(origin) in told_as_copies:
            continue
        if (origin.license, origin.purl) not in seen:
            seen.add((origin.license, origin.purl))
            yield origin


def _file(origin: AttributedOrigin) -> ReferenceFile:
    return ReferenceFile(
        origin.purl,
        origin.path,
        origin.swhid,
        origin.license,
        origin.license_evidence,
        origin.copyright,
        origin.url,
        origin.released,
    )


def _circumstances(match: AttributedMatch, origin: AttributedOrigin, path: str | None, on: date) -> Circumstances:
    return Circumstances(match.kind, origin.purl, origin.swhid, path, on)
