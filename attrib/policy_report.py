"""A policy as data: what is in force, and what it makes of a licence; the command and the API show the same."""

from dataclasses import asdict
from datetime import date
from typing import Any

from attrib.answers import Verdict
from attrib.compatibility import compatibility
from attrib.licenses import Category, category_of
from attrib.obligations import Ask, obligations_of
from attrib.policy import DEFAULT_ACTIONS, Decision, KindRule, Policy
from attrib.policy_exceptions import Circumstances, PolicyException
from attrib.policy_json import KindRuleJson, PolicyExceptionJson, PolicyJson
from index.ranking import COMMON_SOURCES


def policy_json(policy: Policy, on: date) -> PolicyJson:
    """Return everything that is in force on a day, defaults included."""
    given = dict(policy.categories)
    thresholds = policy.thresholds
    return {
        "project_license": policy.project_license,
        "categories": {one: given.get(one, DEFAULT_ACTIONS[one]) for one in Category},
        "licenses": dict(policy.licenses),
        "kinds": [_kind_json(rule) for rule in policy.kinds],
        "thresholds": {
            "lexemes": thresholds.lexemes,
            "information_bits": thresholds.information_bits,
            "similarity": thresholds.similarity,
            "common_sources": thresholds.common_sources or COMMON_SOURCES,
        },
        "exceptions": [exception_json(exception, on) for exception in policy.exceptions],
    }


def exception_json(exception: PolicyException, on: date) -> PolicyExceptionJson:
    """Return an exception with how it stands on a day: it counts, ends soon, or has ended."""
    return {
        "line": exception.line,
        "license": exception.license,
        "source": exception.source,
        "path": exception.path,
        "swhid": exception.swhid,
        "action": exception.action,
        "owner": exception.owner,
        "reason": exception.reason,
        "expires": exception.expires.isoformat(),
        "state": "ended" if exception.ended(on) else "ends soon" if exception.ends_soon(on) else "counts",
    }


def explanation_json(policy: Policy, expression: str, where: Circumstances) -> dict[str, Any]:
    """Return what an expression in canonical form leads to there, decision by decision, and what it asks for."""
    chosen = policy.choice(expression, where).expression
    obligations = obligations_of(chosen)
    return verdict_json(policy.verdict_on(expression, where)) | {
        "license": expression,
        "category": category_of(expression).value,
        "chosen": chosen,
        "kind": None if where.kind is None else where.kind.value,
        "project_license": policy.project_license,
        "decisions": [_decision_json(policy, decision) for decision in policy.decisions(chosen, where)],
        "obligations": {
            "asks": [ask.value for ask in Ask if ask in obligations.asks],
            "sentences": list(obligations.sentences),
        },
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict under the names that a match has for it."""
    return {"verdict": verdict.action.value, "reasons": list(verdict.reasons)}


def _decision_json(policy: Policy, decision: Decision) -> dict[str, Any]:
    answer = None if policy.project_license is None else compatibility(decision.license, policy.project_license)
    return {
        "license": decision.license,
        "category": category_of(decision.license).value,
        "action": decision.action.value,
        "line": decision.line,
        "reasons": list(decision.reasons),
        "compatibility": None if answer is None else asdict(answer) | {"action": answer.action.value},
    }


def _kind_json(rule: KindRule) -> KindRuleJson:
    return {
        "kind": rule.kind,
        "category": rule.category,
        "action": rule.action,
        "at_least": rule.at_least,
        "at_most": rule.at_most,
    }
