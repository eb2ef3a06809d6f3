"""Packages that must be refused as permissive, whole or file by file, and ones that must not be, from the registries.

Run `python -m benchmarks.refused_packages`. Each is fetched once by the product's own origins, and judged by its own
detection and default policy. A row is wrong where another answer is given than a person reads in the source.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from attrib.license_finding import LicenseFinding
from attrib.origin_specs import opened_origins
from attrib.policy import Policy
from attrib.source_licenses import SourceLicenses
from benchmarks.reference_corpus import FETCHED
from index.errors import UnreadableOrigin
from index.languages import exclusion_reason
from index.origins.base import SkippedFile, SourcePackage

_HEAD_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """What a person reads: the package's licence, whether it is admitted, and the licences of files that differ."""

    purl: str
    license_expression: str
    admitted: bool
    files: tuple[tuple[str, str], ...] = ()


EXPECTED = (
    Expected("pkg:pypi/pylint", "GPL-2.0-or-later", False),
    Expected("pkg:pypi/ansible-core", "GPL-3.0-or-later", False),
    Expected("pkg:pypi/mutagen", "GPL-2.0-or-later", False),
    Expected("pkg:pypi/unidecode", "GPL-2.0-or-later", False),
    Expected("pkg:pypi/paramiko", "LGPL-2.1-only", False),
    Expected("pkg:pypi/psycopg2", "LGPL-3.0-or-later", False),
    Expected("pkg:pypi/chardet@5.2.0", "LGPL-2.1-or-later", False),
    Expected("pkg:pypi/chardet@7.7.0", "0BSD", True),
    Expected("pkg:pypi/pathspec", "MPL-2.0", False),
    Expected("pkg:pypi/tqdm", "MPL-2.0 AND MIT", False),
    Expected("pkg:pypi/orjson", "MPL-2.0 AND (Apache-2.0 OR MIT)", False),
    Expected(
        "pkg:deb/debian/coreutils",
        "GPL-3.0-or-later",
        False,
        (("lib/getdelim.c", "LGPL-2.1-or-later"), ("lib/fts.c", "BSD-3-Clause AND GPL-3.0-or-later")),
    ),
    Expected("pkg:deb/debian/busybox", "GPL-2.0-only", False),
    Expected("pkg:deb/debian/dash", "BSD-3-Clause", True, (("src/mksignames.c", "GPL-2.0-or-later"),)),
    Expected("pkg:deb/debian/zlib", "Zlib", True),
    Expected("pkg:pypi/packaging", "Apache-2.0 OR BSD-2-Clause", True),
    Expected("pkg:pypi/cryptography", "Apache-2.0 OR BSD-3-Clause", True),
    Expected("pkg:npm/jszip", "MIT OR GPL-3.0-or-later", True),
    Expected("pkg:pypi/pexpect", "ISC", True),
    Expected("pkg:deb/debian/yaml-cpp", "MIT", True),
    Expected("pkg:deb/debian/lua-lpeg", "MIT", True),
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the product says: of the package, of the files that differ, and how many files of which licence it has."""

    purl: str
    package: LicenseFinding
    files: tuple[tuple[str, LicenseFinding], ...]
    licenses: Counter[tuple[str, bool]]


def judged(package: SourcePackage, expected: Expected, policy: Policy) -> Answered:
    """Judge a package and every file of it that would be indexed."""
    licenses = SourceLicenses(package)
    named = []
    counted: Counter[tuple[str, bool]] = Counter()
    for file in package.files():
        if isinstance(file, SkippedFile):
            continue
        content = file.read()
        if exclusion_reason(file.path, content) is not None:
            continue
        finding = licenses.of(file.path, content[:_HEAD_BYTES], file.declared)
        counted[finding.expression, policy.admits(finding.expression)] += 1
        named += [(pattern, finding) for pattern, _ in expected.files if fnmatch(file.path, f"*{pattern}")]
    return Answered(package.purl, licenses.package, tuple(named), counted)


def mistakes(expected: Expected, answered: Answered, policy: Policy) -> list[str]:
    """Return what is wrong with an answer, a sentence each."""
    found = []
    if answered.package.expression != expected.license_expression:
        found.append(f"expected {expected.license_expression}: {answered.package.reason}")
    if policy.admits(answered.package.expression) is not expected.admitted:
        found.append(f"must be {'admitted' if expected.admitted else 'refused'}")
    for pattern, license_expression in expected.files:
        answers = [finding for path, finding in answered.files if path == pattern]
        if not answers:
            found.append(f"{pattern} is not there")
        found += [
            f"{pattern} is {license_expression}, not {finding.expression}"
            for finding in answers
            if finding.expression != license_expression
        ]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where an answer is wrong or a package cannot be had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="WORD", help="only the packages whose purl holds this")
    chosen = parser.parse_args(arguments)
    wrong = 0
    policy = Policy()
    for expected in EXPECTED:
        if chosen.only and chosen.only not in expected.purl:
            continue
        try:
            with opened_origins([expected.purl], purl=None, license=None, fetched=FETCHED) as origins:
                answers = [judged(package, expected, policy) for origin in origins for package in origin.packages()]
        except UnreadableOrigin as error:
            print(f"NOT HAD  {expected.purl}: {error}")
            wrong += 1
            continue
        for answered in answers:
            wrong += _show(expected, answered, mistakes(expected, answered, policy), policy)
    print(f"{wrong} wrong")
    return 1 if wrong else 0


def _show(expected: Expected, answered: Answered, wrong: list[str], policy: Policy) -> bool:
    finding = answered.package
    verdict = "admitted" if policy.admits(finding.expression) else "refused"
    print(f"{'WRONG' if wrong else 'right'}  {answered.purl}  {verdict}  {finding.expression}  ({finding.evidence})")
    for said in filter(None, (finding.choice, *wrong)):
        print(f"         {said}")
    counted = answered.licenses.items()
    refused = Counter({license: count for (license, admitted), count in counted if not admitted})
    files = f"{sum(answered.licenses.values())} files, {refused.total()} of them not permissive by themselves"
    most = ", ".join(f"{license} {count}" for license, count in refused.most_common(5))
    print(f"         {files}{': ' if most else ''}{most}")
    for pattern, one in answered.files:
        print(f"         {pattern}: {one.expression} ({one.evidence})")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
