"""Baselines: the findings of an earlier audit, which are known and do not fail a later one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attrib.answers import Action
from attrib.audits.findings import Finding
from attrib.audits.fingerprints import is_fingerprint, is_sketch
from attrib.errors import UnreadableInput
from index.purls import source_name

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding of an earlier audit, and the verdict that counted then; `source` is a purl without its version."""

    fingerprint: str
    sketch: str
    source: str
    path: str
    verdict: Action


def covers(known: KnownFinding, finding: Finding) -> bool:
    """Tell whether what was known is all there is to a finding: one that is judged more strictly now is news."""
    return finding.verdict.severity <= known.verdict.severity


def baseline_text(findings: Iterable[Finding]) -> str:
    """Return the baseline of an audit as JSON, the same for the same findings, ending in a newline."""
    known = sorted(
        (
            {
                "fingerprint": finding.fingerprint,
                "path": finding.path,
                "sketch": finding.sketch,
                "source": source_name(finding.match.origins[0].purl),
                "verdict": finding.verdict.value,
            }
            for finding in findings
            if not finding.match.common
        ),
        key=lambda one: (one["path"], one["fingerprint"]),
    )
    return json.dumps({"attrib_baseline": _FORMAT, "findings": known}, indent=1) + "\n"


def read_baseline(path: Path) -> tuple[KnownFinding, ...]:
    """Read a baseline, or the JSON report of an earlier audit.

    Raises UnreadableInput that says what is wrong, every finding by its place in the file.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{path}: is no JSON: give what --write-baseline or --format json wrote.") from error
    return known_findings(document, str(path))


def known_findings(document: Any, what: str) -> tuple[KnownFinding, ...]:
    """Return the findings of a baseline or of a report, common ones left out; `what` is what errors call it.

    Raises UnreadableInput as `read_baseline` does.
    """
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, list):
        raise UnreadableInput(f"{what}: has no list of findings: give what --write-baseline or --format json wrote.")
    if document.get("attrib_baseline", _FORMAT) != _FORMAT:
        raise UnreadableInput(f"{what}: was written by a newer version: write it anew with --write-baseline.")
    known: list[KnownFinding] = []
    mistakes: list[str] = []
    for number, one in enumerate(findings, start=1):
        try:
            if not one.get("common", False):
                known.append(_known(one))
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            mistakes.append(f"finding {number} cannot be read ({type(error).__name__}: {error})")
    if mistakes:
        raise UnreadableInput(f"{what}: {'; '.join(mistakes)}.")
    return tuple(known)


def _known(given: Mapping[str, Any]) -> KnownFinding:
    source = given["source"] if "source" in given else source_name(given["origins"][0]["purl"])
    known = KnownFinding(given["fingerprint"], given.get("sketch", ""), source, given["path"], Action(given["verdict"]))
    if not all(isinstance(text, str) for text in (known.fingerprint, known.sketch, known.source, known.path)):
        raise TypeError("its fields must be texts")
    if not is_fingerprint(known.fingerprint) or not is_sketch(known.sketch):
        raise ValueError("its fingerprint or sketch is none")
    return known
