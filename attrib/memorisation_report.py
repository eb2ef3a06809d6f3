"""The memorisation report as data: the figures that a model's owner publishes, the same from the same results."""

from math import sqrt
from typing import Any

from attrib.memorisation import COMMON, KINDS, SHARES, Memorisation
from index.matches import SearchStatus

_DEVIATIONS = 1.96


def memorisation_json(told: Memorisation) -> dict[str, Any]:
    """Return the report; sources, licences and runs with the most lexemes come first."""
    return {
        "model": told.model,
        "index": told.index,
        "index_revisions": sorted(told.revisions),
        "run": told.run,
        "settings": {name: value for name, value in told.settings.items() if name not in told.varying},
        "varying_settings": sorted(told.varying),
        "prompts": {
            "total": told.prompts,
            "answered": told.prompts - told.failed,
            "failed": told.failed,
            "errors": dict(sorted(told.errors.items())),
            "with_match": {name: told.prompts_with[name] for name in ("all", "some", "none")},
            "by_share_reproduced": [{"up_to": upper, "prompts": told.shares[upper]} for upper in SHARES],
        },
        "generations": {
            "total": told.generations,
            "with_match": told.matched,
            "share": _ratio(told.matched, told.generations),
            "share_95": interval(told.matched, told.generations),
            "by_closest_match": {kind.value: told.outcomes[kind.value] for kind in KINDS},
            "common_only": told.outcomes[COMMON],
            "clean": told.outcomes[SearchStatus.CLEAN],
            "too_short": told.outcomes[SearchStatus.TOO_SHORT],
            "not_code": told.outcomes[SearchStatus.NOT_CODE],
            "incomplete": told.outcomes[SearchStatus.INCOMPLETE],
            "withheld": told.withheld,
            "steered": told.steered_generations,
            "tried_again": told.tried_again,
            "by_verdict": {action.value: told.verdicts[action] for action in sorted(told.verdicts)},
        },
        "tokens": {"generated": told.tokens, "steered": told.steered_tokens},
        "lexemes": {
            "generated": told.lexemes,
            "reproduced": told.reproduced,
            "share": _ratio(told.reproduced, told.lexemes),
        },
        "sources": _sources_json(told),
        "licenses": _licenses_json(told),
        "longest_runs": [run.as_json() for run in told.longest_runs],
    }


def interval(found: int, total: int) -> list[float] | None:
    """Return the 95% confidence interval of a share (Wilson 1927, score interval), to four places; None of none."""
    if not total:
        return None
    share, square = found / total, _DEVIATIONS**2
    centre = share + square / (2 * total)
    spread = _DEVIATIONS * sqrt(share * (1 - share) / total + square / (4 * total**2))
    return [round(max(0.0, min(1.0, (centre + side * spread) / (1 + square / total))), 4) for side in (-1, 1)]


def _sources_json(told: Memorisation) -> list[dict[str, Any]]:
    ranked = sorted(told.sources.items(), key=lambda item: (-item[1].lexemes, item[0]))
    return [
        {
            "purl": purl,
            "license": license,
            "category": tally.category,
            "verdict": tally.verdict.value,
            "generations": tally.generations,
            "matches": tally.matches,
            "lexemes": tally.lexemes,
            "longest_run": tally.longest_run,
            "example": None if tally.example is None else tally.example.as_json(),
        }
        for (purl, license), tally in ranked
    ]


def _licenses_json(told: Memorisation) -> list[dict[str, Any]]:
    ranked = sorted(told.by_license.items(), key=lambda item: (-item[1]["lexemes"], *item[0]))
    return [
        {"license": license, "verdict": verdict.value, "generations": count["generations"], "lexemes": count["lexemes"]}
        for (license, verdict), count in ranked
    ]


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
