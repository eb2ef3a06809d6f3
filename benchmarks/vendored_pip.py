"""pip's own `_vendor` folder, whose truth everybody can look up: `vendor.txt` names the upstream packages and versions.

Run `python -m benchmarks.vendored_pip`. The upstreams alone are indexed, in a home of their own, and every Python file
of pip's wheel is searched. A file of `_vendor` must be said to come from its upstream, under that upstream's licence,
where the upstream may be indexed at all; every other file of pip must be left in peace. Every mistake is listed.
"""

import argparse
import re
import statistics
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reference_corpus import BENCH, built_reference, reference_files
from index.matches import Match, SearchResult
from index.purls import source_name
from index.reference_index import ReferenceIndex

PIP_VERSION = "26.3"
# What lies in each folder of `_vendor`, where it is not called as its package is, and what its own licence file says.
UPSTREAM_OF = {"pkg_resources": "setuptools"}
LICENSES = {
    "cachecontrol": "Apache-2.0",
    "certifi": "MPL-2.0",
    "distlib": "PSF-2.0",
    "distro": "Apache-2.0",
    "idna": "BSD-3-Clause",
    "msgpack": "Apache-2.0",
    "packaging": "Apache-2.0 OR BSD-2-Clause",
    "platformdirs": "MIT",
    "pygments": "BSD-2-Clause",
    "pyproject-hooks": "MIT",
    "requests": "Apache-2.0",
    "resolvelib": "ISC",
    "rich": "MIT",
    "setuptools": "MIT",
    "tomli": "MIT",
    "tomli-w": "MIT",
    "truststore": "MIT",
    "urllib3": "MIT",
}
# Files whose own head says another licence than their package's.
FILE_LICENSES = {
    "pip/_vendor/packaging/licenses/__init__.py": "MIT",
    "pip/_vendor/urllib3/util/ssl_match_hostname.py": "PSF-2.0",
}
# Files of pip itself that hold code of one of these packages, or from where that came from; looked at by hand.
REAL_COPIES = {
    "pip/_internal/locations/base.py": "change_root, borrowed from distutils as its docstring says",
    "pip/_internal/models/link.py": "the expression for project names, from the packaging specifications",
    "pip/_internal/network/auth.py": "the search of PATH, with its comment on bpo-35755, as in distutils",
    "pip/_internal/network/cache.py": "_get_cache_path, from CacheControl as its comment says",
    "pip/_internal/network/utils.py": "raise_for_status, from requests",
    "pip/_internal/utils/_jaraco_text.py": "functions of jaraco.text, which setuptools vendors too",
    "pip/_internal/utils/glibc.py": "glibc_version_string, as in packaging",
    "pip/_internal/utils/misc.py": "strtobool, from distutils",
}
_VENDOR = "pip/_vendor/"
_ENOUGH = 0.5
_PINNED = re.compile(r"^\s*([A-Za-z0-9._-]+)==([^\s#;]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Searched:
    """One file of pip: its upstream by truth ('' for pip's own), and what the search said.

    `indexed` tells whether the upstream's file is in the index and long enough to be searched for, `covered` which
    share of the file is in matches that raise a verdict, `seen` whether half of it is in matches of any kind.
    """

    path: str
    upstream: str
    indexed: bool
    found: str
    license_expression: str
    covered: float
    seen: bool
    sources: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The upstream that is to be named, '' where none is."""
        return self.upstream if self.indexed else ""

    @property
    def license_wanted(self) -> str:
        """The licence that is to be named with the upstream."""
        return FILE_LICENSES.get(self.path, LICENSES[self.upstream])

    @property
    def right(self) -> bool:
        """Whether what was named is so."""
        return self.found == self.upstream if self.upstream else self.path in REAL_COPIES

    @property
    def mistake(self) -> str | None:
        """What is wrong with the answer, in words."""
        if not self.found:
            apart = ", but reported apart as common or telling too little" if self.seen else ""
            return f"not named, {self.covered:.0%} of it is in matches{apart}" if self.expected else None
        if not self.right:
            return f"said to come from {self.found} ({self.covered:.0%}), not {self.upstream or 'anywhere'}"
        if self.upstream and self.license_expression != self.license_wanted:
            return f"licence {self.license_expression}, not {self.license_wanted}"
        return None


def main() -> int:
    """Print the table and every mistake."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    files = pip_files(BENCH / "vendored-pip")
    pinned = {_name(name): version for name, version in _PINNED.findall(files[_VENDOR + "vendor.txt"].decode())}
    index = built_reference([f"pkg:pypi/{name}@{version}" for name, version in pinned.items()], "vendored")
    print(f"pip {PIP_VERSION}: {len(pinned)} vendored packages, {index.totals().sources} of them indexed")
    known = {(_package(file.purl), file.path) for file in reference_files("vendored")}
    searched = [
        _searched(index, path, content, _upstream(path), known)
        for path, content in sorted(files.items())
        if path.endswith(".py")
    ]
    for line in _table(searched):
        print(line)
    print("every mistake:")
    for one in searched:
        if one.mistake:
            print(f"  {one.path}: {one.mistake}; origins {', '.join(one.sources) or 'none'}")
    return 0


def pip_files(folder: Path) -> dict[str, bytes]:
    """Return the files of pip's wheel, fetched once by pip itself."""
    wheel = folder / f"pip-{PIP_VERSION}-py3-none-any.whl"
    if not wheel.exists():
        fetch = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", *fetch, f"pip=={PIP_VERSION}"], check=True)
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def _upstream(path: str) -> str:
    """Return the package a file of `_vendor` comes from by its folder or module; '' for pip's own files."""
    module = path.removeprefix(_VENDOR).partition("/")[0].removesuffix(".py")
    return _name(UPSTREAM_OF.get(module, module)) if path.startswith(_VENDOR) and module != "__init__" else ""


def _searched(index: ReferenceIndex, path: str, content: bytes, upstream: str, known: set[tuple[str, str]]) -> Searched:
    result = index.search(content, "Python")
    telling = [match for match in result.matches if not match.common]
    best = max(telling, key=lambda match: match.lexemes, default=None)
    covered = _covered(result, telling)
    first = best.origins[0].file if best else None
    named = first is not None and (covered >= _ENOUGH or not upstream)
    within = "/" + path.removeprefix(_VENDOR)
    long_enough = result.lexemes >= index.params.certain_lexemes
    return Searched(
        path=path,
        upstream=upstream,
        indexed=long_enough and any(name == upstream and f"/{place}".endswith(within) for name, place in known),
        found=_package(first.purl) if first and named else "",
        license_expression=first.license_expression if first and named else "",
        covered=covered,
        seen=_covered(result, result.matches) >= _ENOUGH,
        sources=tuple(dict.fromkeys(_package(origin.file.purl) for origin in best.origins)) if best else (),
    )


def _covered(result: SearchResult, matches: Sequence[Match]) -> float:
    """Return which share of the text's lexemes equal reference code in these matches."""
    return min(1.0, sum(match.lexemes for match in matches) / max(result.lexemes, 1))


def _table(searched: Sequence[Searched]) -> Iterator[str]:
    groups: dict[str, list[Searched]] = defaultdict(list)
    for one in searched:
        groups[one.upstream].append(one)
    names = ("indexed", "recall", "seen", "precision", "licence", "covered")
    yield f"{'files of':<18}{'files':>6}{''.join(f'{name:>10}' for name in names)}"
    vendored = [one for one in searched if one.upstream]
    for name, group in (*sorted(groups.items()), ("all vendored", vendored)):
        yield _row(name or "pip itself", group)


def _row(name: str, group: Sequence[Searched]) -> str:
    wanted = [one for one in group if one.expected]
    named = [one for one in group if one.found]
    right = [one for one in named if one.right and one.upstream]
    covered = f"{statistics.median(one.covered for one in wanted):>10.1%}" if wanted else f"{'-':>10}"
    return (
        f"{name:<18}{len(group):>6}{len(wanted):>10}"
        f"{_share([one for one in wanted if one.found == one.expected], wanted):>10}"
        f"{_share([one for one in wanted if one.seen], wanted):>10}"
        f"{_share([one for one in named if one.right], named):>10}"
        f"{_share([one for one in right if one.license_expression == one.license_wanted], right):>10}{covered}"
    )


def _share(some: Sequence[Searched], of: Sequence[Searched]) -> str:
    return f"{len(some) / len(of):.1%}" if of else "-"


def _package(purl: str) -> str:
    return source_name(purl).rpartition("/")[2]


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
