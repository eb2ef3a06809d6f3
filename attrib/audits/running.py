"""Runs an audit: searches every file of a tree, and makes findings of what is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attrib.answers import AttributedMatch
from attrib.attribution import attribute
from attrib.audits.findings import Finding
from attrib.audits.fingerprints import fingerprint
from attrib.audits.report import AuditedFile
from attrib.audits.tree import AuditProgress, TreeFile, read
from attrib.policy import Policy
from attrib.policy_exceptions import path_under_rules
from attrib.side_files import side_file_beside
from attrib.tagged_attribution import credited
from index.languages import language_of
from index.reference_index import ReferenceIndex


@dataclass(frozen=True, slots=True)
class AuditTools:
    """What an audit works with; `excluded` are patterns of sources that are not reported."""

    index: ReferenceIndex
    policy: Policy
    excluded: tuple[str, ...]


def audit_files(
    tree: Sequence[TreeFile], tools: AuditTools, progress: AuditProgress | None = None
) -> tuple[tuple[AuditedFile, ...], tuple[tuple[str, str], ...]]:
    """Return the searched files of a tree, and those that are left out with the reason, each in the tree's order."""
    tell: Callable[[int, int], None] = progress or (lambda done, total: None)
    audited: list[AuditedFile] = []
    left_out: list[tuple[str, str]] = []
    for number, file in enumerate(tree):
        tell(number, len(tree))
        content, reason = (b"", file.left_out) if file.left_out else read(file)
        if reason:
            left_out.append((file.path, reason))
        else:
            audited.append(_audited(file, content, tools))
    tell(len(tree), len(tree))
    return tuple(audited), tuple(left_out)


def _audited(file: TreeFile, content: bytes, tools: AuditTools) -> AuditedFile:
    language = language_of(file.path, content)
    name = language.name if language else None
    result = tools.index.search(content, name, tools.excluded)
    ruled = path_under_rules(str(file.place), file.path, tools.policy.folder)
    attributed = (attribute(match, tools.policy, ruled) for match in result.matches)
    matches = credited(attributed, content, side_file_beside(file.place)) if result.matches else ()
    findings = tuple(_finding(file, match, content) for match in matches)
    return AuditedFile(file.path, result.status, name, result.lexemes, result.matched_lexemes, findings)


def _finding(file: TreeFile, match: AttributedMatch, content: bytes) -> Finding:
    found = fingerprint(match, content)
    return Finding(file.path, match, match.verdict, found.name, sketch=found.sketch)
