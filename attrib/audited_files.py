"""Goes through the files of a tree and searches each for reference code."""

from collections.abc import Callable, Sequence

from attrib.attribution import attribute
from attrib.audit import AuditedFile, AuditProgress, Tree, read
from attrib.policy import Policy
from attrib.policy_exceptions import path_under_rules
from attrib.tagged_attribution import credited
from index.languages import language_of
from index.reference_index import ReferenceIndex

Found = Callable[[int, bytes], None]
"""Called with the number of a file that has findings, counted through the searched files from 0, and its content."""


def audited_files(
    tree: Tree,
    index: ReferenceIndex,
    policy: Policy,
    exclude: Sequence[str],
    progress: AuditProgress | None = None,
    found: Found | None = None,
) -> tuple[tuple[AuditedFile, ...], tuple[tuple[str, str], ...]]:
    """Return the files that were searched, and path and reason of what was left out; raises what reading raises."""
    audited: list[AuditedFile] = []
    left_out: list[tuple[str, str]] = []
    for number, file in enumerate(tree.files):
        if progress:
            progress(number, tree.count)
        content, reason = (b"", file.left_out) if file.left_out else read(file)
        if reason:
            left_out.append((file.path, reason))
            continue
        spoken = language_of(file.path, content)
        language = None if spoken is None else spoken.name
        result = index.search(content, language, exclude)
        ruled = path_under_rules(str(file.place), file.path, policy.folder)
        attributed = (attribute(match, policy, ruled) for match in result.matches)
        matches = credited(attributed, content, file.side_file()) if result.matches else ()
        if matches and found:
            found(len(audited), content)
        audited.append(AuditedFile(file.path, result.status, language, result.lexemes, result.matched_lexemes, matches))
    if progress:
        progress(tree.count, tree.count)
    return tuple(audited), tuple(left_out)
