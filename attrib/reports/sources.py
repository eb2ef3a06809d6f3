"""The sources that code of a tree was copied from, with what was found of each: the packages of an SBOM."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from packageurl import PackageURL

from attrib.audits.findings import Finding
from attrib.notices.document import plain_line
from attrib.reports.licensing import SpdxExpression, declared
from attrib.reports.wording import counting

_SUPPLIERS: Final = MappingProxyType(
    {
        "cargo": "The Rust community's crate registry",
        "deb": "Debian",
        "golang": "The Go module mirror",
        "maven": "Maven Central",
        "npm": "The npm registry",
        "pypi": "The Python Package Index",
    }
)


@dataclass(frozen=True, slots=True)
class CopiedSource:
    """One version of a source, and the findings whose best origin it is, in the report's order."""

    purl: str
    name: str
    version: str | None
    supplier: str | None
    findings: tuple[Finding, ...]

    @property
    def declared(self) -> SpdxExpression:
        """What the files that were copied from state as their licence."""
        return declared(finding.match.origins[0] for finding in self.findings)

    @property
    def copyright(self) -> tuple[str, ...]:
        """Every copyright statement of the files that were copied from, each once."""
        statements = (line for finding in self.findings for line in finding.match.origins[0].copyright)
        return tuple(dict.fromkeys(plain_line(line) for line in statements))


def copied_sources(findings: Iterable[Finding]) -> list[CopiedSource]:
    """Return the sources of the findings that tell of a copy, in the order of purls."""
    groups: dict[str, list[Finding]] = {}
    for finding in counting(findings):
        groups.setdefault(finding.match.origins[0].purl, []).append(finding)
    return [_source(purl, found) for purl, found in sorted(groups.items())]


def _source(purl: str, found: list[Finding]) -> CopiedSource:
    try:
        read = PackageURL.from_string(purl)
    except ValueError:
        return CopiedSource(purl, plain_line(purl), None, None, tuple(found))
    name = f"{read.namespace}/{read.name}" if read.namespace else read.name
    return CopiedSource(purl, plain_line(name), read.version, _SUPPLIERS.get(read.type), tuple(found))
