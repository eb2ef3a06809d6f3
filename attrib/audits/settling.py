"""Settles the findings of an audit: what is done about each in the tree, what was decided, what was there before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from attrib.audits.baselines import KnownFinding, covers
from attrib.audits.decisions import alike, decided
from attrib.audits.duties import Credit, with_duties
from attrib.audits.findings import Decision, Finding, Settled
from attrib.audits.fingerprints import numbered
from attrib.audits.precedents import fitted
from attrib.audits.report import AuditedFile


@dataclass(frozen=True, slots=True)
class Precedents:
    """What is known of a tree's findings: decisions, the baseline; `notes` are what a person must be told of them.

    `project` is what the database keeps the decisions under; None where the tree is none.
    """

    decisions: tuple[Decision, ...] = ()
    baseline: tuple[KnownFinding, ...] = ()
    notes: tuple[str, ...] = ()
    project: str | None = None


NOTHING_KNOWN = Precedents()


@dataclass(frozen=True, slots=True)
class SettledFiles:
    """The files of an audit with their findings settled, and what a person must be told."""

    files: tuple[AuditedFile, ...]
    notes: tuple[str, ...]


def settled(
    files: Sequence[AuditedFile], credit: Credit, precedents: Precedents, on: date, *, whole: bool = True
) -> SettledFiles:
    """Return the files of an audit with each finding's duties, decision and outcome on a day, names told apart.

    Where they are not the `whole` tree, decisions may well be about the others, and nothing is told of that.
    """
    legal_files = lru_cache(maxsize=None)(credit.legal_files)
    credit = Credit(credit.tree, legal_files)
    findings = [finding for file in files for finding in file.findings]
    names = numbered(finding.fingerprint for finding in findings)
    findings = [
        with_duties(replace(finding, fingerprint=name), credit) for finding, name in zip(findings, names, strict=True)
    ]
    by_decision = fitted(findings, precedents.decisions, alike)
    findings = [
        finding if decision is None else decided(finding, decision, on)
        for finding, decision in zip(findings, by_decision.known, strict=True)
    ]
    by_baseline = fitted(findings, precedents.baseline, lambda one, other: one.verdict == other.verdict)
    findings = [
        replace(finding, baseline=known is not None and covers(known, finding))
        for finding, known in zip(findings, by_baseline.known, strict=True)
    ]
    notes = (
        *precedents.notes,
        *(f"{_what(one)} fits several equal copies, and none of them: decide anew" for one in by_decision.ambiguous),
        # That what was to be rewritten is gone is what was wanted.
        *(
            f"{_what(one)} fits nothing here any more"
            for one in by_decision.unused
            if whole and one.settled is not Settled.REWRITTEN
        ),
    )
    remaining = iter(findings)
    return SettledFiles(tuple(_with(file, remaining) for file in files), notes)


def _with(file: AuditedFile, findings: Iterator[Finding]) -> AuditedFile:
    return replace(file, findings=tuple(next(findings) for _ in file.findings))


def _what(decision: Decision) -> str:
    where = f" for {decision.path}" if decision.path else ""
    return f"the decision {decision.fingerprint}{where} ({decision.settled.value}, {decision.by})"
