"""Runs an audit: searches every file of a tree, and makes findings of what is found."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from attrib.answers import AttributedMatch
from attrib.attribution import attribute
from attrib.audits.evidence import EvidenceReader
from attrib.audits.findings import Finding
from attrib.audits.fingerprints import fingerprint
from attrib.audits.report import AuditedFile
from attrib.audits.tree import AuditProgress, Tree, TreeFile, read
from attrib.policy import Policy
from attrib.policy_exceptions import path_under_rules
from attrib.tagged_attribution import credited
from index.languages import language_of
from index.reference_index import ReferenceIndex
from index.writer import content_swhid

Found = Callable[[int, bytes], None]
"""Called with the number of a file that has findings, counted through the searched files from 0, and its content."""


@dataclass(frozen=True, slots=True)
class AuditTools:
    """What an audit works with; `excluded` are patterns of sources that are not reported."""

    index: ReferenceIndex
    policy: Policy
    excluded: tuple[str, ...]
    evidence: EvidenceReader


def audit_files(
    tree: Tree, tools: AuditTools, progress: AuditProgress | None = None, found: Found | None = None
) -> tuple[tuple[AuditedFile, ...], tuple[tuple[str, str], ...]]:
    """Return the searched files of a tree, and those that are left out with the reason, each in the tree's order.

    Raises what reading the tree raises.
    """
    tell: Callable[[int, int], None] = progress or (lambda done, total: None)
    audited: list[AuditedFile] = []
    left_out: list[tuple[str, str]] = []
    for number, file in enumerate(tree.files):
        tell(number, tree.count)
        content, reason = (b"", file.left_out) if file.left_out else read(file)
        if reason:
            left_out.append((file.path, reason))
            continue
        one = _audited(file, content, tools)
        if one.findings and found:
            found(len(audited), content)
        audited.append(one)
    tell(tree.count, tree.count)
    return tuple(audited), tuple(left_out)


def _audited(file: TreeFile, content: bytes, tools: AuditTools) -> AuditedFile:
    language = language_of(file.path, content)
    name = language.name if language else None
    result = tools.index.search(content, name, tools.excluded)
    ruled = path_under_rules(str(file.place), file.path, tools.policy.folder)
    attributed = (attribute(match, tools.policy, ruled) for match in result.matches)
    matches = credited(attributed, content, file.side_file()) if result.matches else ()
    findings = tuple(_finding(file, match, content, tools.evidence) for match in matches)
    return AuditedFile(
        path=file.path,
        status=result.status,
        language=name,
        lexemes=result.lexemes,
        matched_lexemes=result.matched_lexemes,
        findings=findings,
        swhid=content_swhid(content),
        # SPDX 2.3 names every file by its SHA-1; nothing is guarded by it.
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _finding(file: TreeFile, match: AttributedMatch, content: bytes, evidence: EvidenceReader) -> Finding:
    found = fingerprint(match, content)
    return Finding(
        path=file.path,
        match=match,
        outcome=match.verdict,
        fingerprint=found.name,
        sketch=found.sketch,
        evidence=evidence.read(match, content),
    )
