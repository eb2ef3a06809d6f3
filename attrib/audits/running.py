"""Runs an audit: searches every file of a tree on several threads, and makes findings of what is found, in order."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from attrib.answers import AttributedMatch
from attrib.attribution import attribute
from attrib.audits.cache import NO_CACHE, KnownFile, NoCache
from attrib.audits.evidence import EvidenceReader
from attrib.audits.findings import Finding, Provenance
from attrib.audits.fingerprints import fingerprint
from attrib.audits.git_work_tree import names_content
from attrib.audits.report import AuditedFile
from attrib.audits.standing import NOTHING_SAID, Standings, outcome
from attrib.audits.tree import AuditProgress, Tree, TreeFile, read
from attrib.policy import Policy
from attrib.policy_exceptions import path_under_rules
from attrib.tagged_attribution import credited
from index.languages import language_of
from index.matches import SearchResult
from index.reference_index import ReferenceIndex
from index.writer import content_swhid

UNCHANGED = "not changed since the revision"
_SHA1 = 40
# So many files are read ahead of the searches: enough for every thread to have work, and no more in memory.
_AHEAD = 4
_MOST_BYTES_AHEAD = 64 * 1024 * 1024

Found = Callable[[int, bytes], None]
"""Called with the number of a file that has findings, counted through the searched files from 0, and its content."""


@dataclass(frozen=True, slots=True)
class AuditTools:
    """What an audit works with; `excluded` are patterns of sources that are not reported, `jobs` threads that search.

    `standings` is what the tree says of its own code, `cache` what earlier audits remember.
    """

    index: ReferenceIndex
    policy: Policy
    excluded: tuple[str, ...]
    evidence: EvidenceReader
    standings: Standings = NOTHING_SAID
    cache: NoCache = NO_CACHE
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file that was looked at: what it holds, and its answer, which may still be on its way.

    `content` is empty where the file is known not to have changed and nothing is found in it.
    """

    file: TreeFile
    known: KnownFile
    content: bytes
    side_file: str
    answer: "Future[SearchResult] | SearchResult | None"


def audit_files(
    tree: Tree, tools: AuditTools, progress: AuditProgress | None = None, found: Found | None = None
) -> tuple[tuple[AuditedFile, ...], tuple[tuple[str, str], ...]]:
    """Return the searched files of a tree, and those that are left out with the reason, each in the tree's order.

    Raises what reading the tree raises. What was searched until then is remembered, so an audit that was interrupted
    goes on where it ended.
    """
    tell: Callable[[int, int], None] = progress or (lambda done, total: None)
    audited: list[AuditedFile] = []
    left_out: list[tuple[str, str]] = []
    for number, looked in enumerate(_searched(tree, tools)):
        tell(number, tree.count)
        if looked.answer is None:
            left_out.append((looked.file.path, looked.known.left_out or ""))
            continue
        one = _audited(looked, _result(looked, tools.cache), tools)
        if one.findings and found:
            found(len(audited), looked.content)
        audited.append(one)
    tell(tree.count, tree.count)
    return tuple(audited), tuple(left_out)


def _searched(tree: Tree, tools: AuditTools) -> Iterator[_Looked]:
    """Yield every file of a tree in order, while the next few are searched."""
    waiting: deque[_Looked] = deque()
    size = 0
    pool = ThreadPoolExecutor(tools.jobs, thread_name_prefix="audit")
    try:
        for file in tree.files:
            looked = _look(file, tools, pool)
            waiting.append(looked)
            size += len(looked.content)
            while len(waiting) > _AHEAD * tools.jobs or (size > _MOST_BYTES_AHEAD and waiting):
                done = waiting.popleft()
                size -= len(done.content)
                yield done
        yield from waiting
    finally:
        pool.shutdown(cancel_futures=True)


def _look(file: TreeFile, tools: AuditTools, pool: ThreadPoolExecutor) -> _Looked:
    if file.left_out:
        return _passed(file, file.left_out)
    known, content = tools.cache.file(file.place, file.stamp) if file.stamp else None, b""
    if known is None:
        known, content = _read(file, tools.cache)
    result = tools.cache.result(known.swhid, known.language)
    if not content and known.left_out is None and (result is None or result.matches):
        # What is found in it is shown from what stands there now.
        known, content = _read(file, tools.cache)
        result = tools.cache.result(known.swhid, known.language)
    if known.left_out is not None:
        return _passed(file, known.left_out)
    if file.before is not None and _is_before(file.before, known.swhid, content):
        return _passed(file, UNCHANGED)
    side_file = file.side_file() if content else ""
    searching = result or pool.submit(tools.index.search, content, known.language or None, tools.excluded)
    return _Looked(file, known, content, side_file, searching)


def _read(file: TreeFile, cache: NoCache) -> tuple[KnownFile, bytes]:
    """Read a file and return what it holds, with its bytes."""
    content, reason = read(file)
    language = language_of(file.path, content) if file.language is None else None
    known = KnownFile(
        swhid=content_swhid(content),
        # SPDX 2.3 names every file by its SHA-1; nothing is guarded by it.
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        language=file.language or (language.name if language else ""),
        left_out=reason,
    )
    if file.stamp is not None and (content or reason is None):
        cache.keep_file(file.place, file.stamp, known)
    return known, content


def _passed(file: TreeFile, reason: str) -> _Looked:
    return _Looked(file, KnownFile("", "", "", "", reason), b"", "", None)


def _is_before(before: str, swhid: str, content: bytes) -> bool:
    """Tell whether a content is the one that git called `before`; its SHA-1 name is the end of the SWHID."""
    return swhid.endswith(f":{before}") or (len(before) > _SHA1 and names_content(before, content))


def _result(looked: _Looked, cache: NoCache) -> SearchResult:
    if not isinstance(looked.answer, Future):
        assert looked.answer is not None
        return looked.answer
    result = looked.answer.result()
    cache.keep_result(looked.known.swhid, looked.known.language, result)
    return result


def _audited(looked: _Looked, result: SearchResult, tools: AuditTools) -> AuditedFile:
    file, known, content = looked.file, looked.known, looked.content
    ruled = path_under_rules(str(file.place), file.path, tools.policy.folder)
    placed = [tools.standings.placed(file.path, match) for match in result.matches]
    attributed = (attribute(match, tools.policy, ruled) for match, _ in placed)
    matches = credited(attributed, content, looked.side_file) if placed else ()
    findings = tuple(
        _finding(looked, match, provenance, tools.evidence)
        for match, (_, provenance) in zip(matches, placed, strict=True)
    )
    return AuditedFile(
        path=file.path,
        status=result.status,
        language=known.language or None,
        lexemes=result.lexemes,
        matched_lexemes=result.matched_lexemes,
        findings=findings,
        swhid=known.swhid,
        sha1=known.sha1,
        sha256=known.sha256,
    )


def _finding(
    looked: _Looked, match: AttributedMatch, provenance: Provenance | None, evidence: EvidenceReader
) -> Finding:
    found = fingerprint(match, looked.content)
    return Finding(
        path=looked.file.path,
        match=match,
        outcome=outcome(match.verdict, provenance),
        fingerprint=found.name,
        provenance=provenance,
        sketch=found.sketch,
        evidence=evidence.read(match, looked.content),
    )
