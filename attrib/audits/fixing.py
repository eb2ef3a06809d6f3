"""Gives the credit that a tree owes: tags around copied lines, the notices, the licence texts, as REUSE 3.3 has them.

Only what asks for credit and nothing else is touched. What is blocked or under review is left alone, unless somebody
has decided that it is to be attributed; what somebody has accepted as it is stays as it is.
"""

import difflib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attrib.answers import Action
from attrib.attribution import notice_entries, snippet_of, tag_language
from attrib.audits.credit_files import CreditFiles
from attrib.audits.duties import Credit
from attrib.audits.findings import Finding, Settled
from attrib.audits.report import AuditedFile, AuditReport
from attrib.errors import UnknownLicense
from attrib.license_texts import canonical_text
from attrib.licenses import base_id, license_ids
from attrib.notices.document import document_of
from attrib.notices.formats import FORMATS
from attrib.obligations import Ask
from attrib.side_files import SIDE_FILE_SUFFIX, read_side_file, side_file
from attrib.snippet_tags import Snippet, tag_snippets, untaggable
from index.writer import content_swhid

_NOTICES: Final = "THIRD-PARTY-NOTICES"
_BY_SUFFIX: Final = {"": "text", ".txt": "text", ".md": "markdown"}
_IN_NOTICES: Final = frozenset((Ask.INCLUDE_NOTICE, Ask.STATE_CHANGES))


@dataclass(frozen=True, slots=True)
class Change:
    """What a file is to hold, by its path below the root; `before` is None where it is new."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Fix:
    """The changes that give the credit, in the order of their paths, and sentences about what is left to a person."""

    changes: tuple[Change, ...]
    left: tuple[str, ...]


def is_mendable(finding: Finding) -> bool:
    """Tell whether credit is all that a finding asks for, or what somebody has decided to give."""
    match, decision = finding.match, finding.decision
    if match.common or finding.provenance is not None or not match.needs_credit:
        return False
    if decision is not None:
        return decision.settled is Settled.ATTRIBUTED
    return match.verdict.action is not Action.REVIEW


def fix_of(report: AuditReport, root: Path, credit: Credit) -> Fix:
    """Return what a tree lacks of the credit that it owes; nothing where it has all of it."""
    left: list[str] = []
    changes = [change for file in report.files if (change := _tagged(file, root, left))]
    mendable = [finding for finding in report.findings if is_mendable(finding)]
    changes += _notices(mendable, root, credit)
    changes += _licenses(mendable, root, left)
    changed = (change for change in changes if change.before != change.after)
    return Fix(tuple(sorted(changed, key=lambda change: change.path)), tuple(left))


def apply(fix: Fix, root: Path) -> None:
    """Write the changes, each file whole or not at all; raises OSError."""
    for change in fix.changes:
        place = root / change.path
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o777 if change.before is not None else 0o644
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".attrib-")
        try:
            with os.fdopen(handle, "wb") as target:
                target.write(change.after)
            Path(name).chmod(mode)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def diff(fix: Fix) -> str:
    """Return the changes as a unified diff; '' where there are none."""
    return "".join(line for change in fix.changes for line in _diff(change))


def _diff(change: Change) -> Iterator[str]:
    before = (change.before or b"").decode(errors="replace").splitlines(keepends=True)
    after = change.after.decode(errors="replace").splitlines(keepends=True)
    named = "/dev/null" if change.before is None else f"a/{change.path}"
    for line in difflib.unified_diff(before, after, named, f"b/{change.path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _tagged(file: AuditedFile, root: Path, left: list[str]) -> Change | None:
    """Return a file with tags around what it owes credit for, or its side file where it cannot carry tags."""
    wanted = [finding for finding in file.findings if is_mendable(finding) and not finding.match.attributed]
    if not wanted:
        return None
    content = _read(root / file.path)
    if content is None or (file.swhid and content_swhid(content) != file.swhid):
        left.append(f"{file.path}: is not as it was audited, so it is not tagged")
        return None
    snippets = [snippet_of(finding.match) for finding in wanted]
    language = tag_language(file.language, file.path, wanted[0].match.origins[0].path)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _beside(file.path, root, snippets)
    tagged = text if untaggable(language) else tag_snippets(text, language, snippets)
    return _beside(file.path, root, snippets) if tagged == text else Change(file.path, content, tagged.encode())


def _beside(path: str, root: Path, snippets: Sequence[Snippet]) -> Change:
    """Return the side file of a file with what it lacks added; what stands in it stays."""
    place = f"{path}{SIDE_FILE_SUFFIX}"
    before = _read(root / place)
    there = read_side_file((before or b"").decode(errors="replace"), 1)
    known = {statement for one in there for statement in one.copyright}
    licensed = {one.license_expression for one in there}
    missing = [
        Snippet(
            number,
            number,
            tuple(statement for statement in one.copyright if statement not in known),
            "" if one.license_expression in licensed else one.license_expression,
        )
        for number, one in enumerate(snippets, start=1)
    ]
    added = side_file(missing)
    kept = before or b""
    gap = b"\n" if added and kept and not kept.endswith(b"\n") else b""
    return Change(place, before, kept + gap + added.encode())


def _notices(mendable: Sequence[Finding], root: Path, credit: Credit) -> list[Change]:
    missing = [finding for finding in mendable if _unnoticed(finding, credit.tree)]
    if not missing:
        return []
    path, form = _notices_file(root)
    before = _read(root / path)
    document = document_of(notice_entries((finding.match for finding in missing), credit.legal_files))
    added = FORMATS[form].render(document).encode()
    after = added if not before else before.rstrip(b"\n") + b"\n\n" + added
    return [Change(path, before, after), _beside(path, root, [snippet_of(finding.match) for finding in missing])]


def _unnoticed(finding: Finding, tree: CreditFiles) -> bool:
    origin = finding.match.origins[0]
    if tree.naming(finding.path, origin.purl, origin.copyright) is None:
        return True
    return any(duty.met_in is None and duty.ask in _IN_NOTICES for duty in finding.duties)


def _notices_file(root: Path) -> tuple[str, str]:
    """Return the file that notices are added to, and the format it has."""
    for suffix, form in _BY_SUFFIX.items():
        if (root / f"{_NOTICES}{suffix}").is_file():
            return f"{_NOTICES}{suffix}", form
    return f"{_NOTICES}.txt", "text"


def _licenses(mendable: Iterable[Finding], root: Path, left: list[str]) -> Iterator[Change]:
    """Yield the texts of every licence that a tag names."""
    for license_id in sorted({name for finding in mendable for name in _named(finding.match.origins[0].license)}):
        path = f"LICENSES/{license_id}.txt"
        if (root / path).exists():
            continue
        text = canonical_text(license_id)
        if text is None:
            left.append(f"{path}: the text is not known here, so it has to be added by hand")
        else:
            yield Change(path, None, f"{text.rstrip()}\n".encode())


def _named(expression: str) -> tuple[str, ...]:
    """Return the licences and exceptions that an expression names."""
    try:
        ids = license_ids(expression)
    except UnknownLicense:
        return ()
    return tuple(part for one in ids for part in (base_id(one), one.partition(" WITH ")[2]) if part)


def _read(place: Path) -> bytes | None:
    if place.is_symlink() or not place.is_file():
        return None
    try:
        return place.read_bytes()
    except OSError:
        return None
