"""A policy tried out: its exceptions looked through, and stored answers judged anew."""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from attrib.answers import AttributedMatch
from attrib.audits.tree import SKIPPED_FOLDERS
from attrib.errors import UnknownLicense
from attrib.judgement import judged
from attrib.licenses import base_id, license_ids
from attrib.policy import Policy
from attrib.policy_exceptions import PolicyException, fits_glob
from attrib.service import Service
from attrib.stored_matches import StoredMatch
from attrib.tagged_attribution import with_stored_credit
from index.errors import UnknownSource
from index.purls import covers

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A stored match with its verdict then and now."""

    path: str | None
    then: AttributedMatch
    now: AttributedMatch

    @property
    def changed(self) -> bool:
        """Whether the verdict is another one."""
        return self.then.verdict.action is not self.now.verdict.action

    def as_json(self) -> dict[str, Any]:
        """Return where the match stands, what it is a copy of, and both verdicts."""
        best = self.now.origins[0]
        return {
            "path": self.path,
            "kind": self.now.kind.value,
            "start_line": self.now.output.start_line,
            "end_line": self.now.output.end_line,
            "purl": best.purl,
            "license": best.license,
            "stored": self.then.verdict.action.value,
            "now": self.now.verdict.action.value,
            "reasons": list(self.now.verdict.reasons),
        }


def rejudged(stored: Iterable[StoredMatch], policy: Policy, on: date) -> list[Rejudged]:
    """Judge stored matches by a policy, on the day it is asked for and not on that they were found."""
    anew = ((one, judged(one.match, policy, one.path_under_rules, on)) for one in stored)
    return [Rejudged(one.path, one.match, with_stored_credit(match, one.match)) for one, match in anew]


@dataclass(frozen=True, slots=True)
class KnownCode:
    """What an exception can be for: purls and licences in the index, and those of the exceptions' contents it holds.

    None for what is not known, as where nothing is indexed.
    """

    purls: Collection[str] | None
    licenses: Collection[str] | None
    swhids: Collection[str] | None


NOTHING_KNOWN: Final = KnownCode(None, None, None)


def known_code(service: Service, exceptions: Sequence[PolicyException]) -> KnownCode:
    """Return what the index knows of what these exceptions name."""
    if not exceptions or not service.stats().sources:
        return NOTHING_KNOWN
    purls: list[str] = []
    cursor = None
    while page := service.sources(None, _PAGE, cursor):
        purls += [source.purl for source in page]
        cursor = page[-1].cursor
    named = {exception.swhid for exception in exceptions if exception.swhid is not None}
    licenses = {counted.license for counted in service.statistics().licenses}
    return KnownCode(purls, licenses, {swhid for swhid in named if _holds(service, swhid)})


def covers_nothing(exception: PolicyException, known: KnownCode, folder: Path | None) -> str | None:
    """Say what of an exception fits nothing that is known, or None where everything may fit something."""
    if exception.source is not None and known.purls is not None:
        pattern = exception.source
        if not any(covers(pattern, purl) for purl in known.purls):
            return f"no source in the index is {pattern}"
    if exception.license is not None and known.licenses is not None:
        named = {name for expression in known.licenses for name in _names(expression)}
        if exception.license not in named:
            return f"no code in the index is under {exception.license}"
    if exception.swhid is not None and known.swhids is not None and exception.swhid not in known.swhids:
        return f"the index does not hold {exception.swhid}"
    if exception.path is not None and folder is not None and not _any_file(exception.path, folder):
        return f"no file below the settings fits {exception.path}"
    return None


def _holds(service: Service, swhid: str) -> bool:
    try:
        service.reference_text(swhid)
    except UnknownSource:
        return False
    return True


def _names(expression: str) -> set[str]:
    try:
        named = license_ids(expression)
    except UnknownLicense:
        return set()
    return {*named, *(base_id(name) for name in named)}


def _any_file(glob: str, folder: Path) -> bool:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        below = os.path.relpath(here, folder).replace(os.sep, "/")
        if any(fits_glob(glob, name if below == "." else f"{below}/{name}") for name in names):
            return True
    return False
