"""Released packages that carry others' code, as trees to audit: what lies where is told by their own lists.

Fetched once by pip and npm into `.bench`. Of every tree there are two: `known`, as it is released, and `unknown`, in
which the vendor folder has a name that says nothing and the lists are gone.
"""

import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reference_corpus import BENCH
from benchmarks.vendored_pip import FILE_LICENSES, LICENSES, REAL_COPIES, UPSTREAM_OF, pip_files

_FETCHED = BENCH / "vendored-trees"
_PINNED = re.compile(r"^\s*([A-Za-z0-9._-]+)==([^\s#;]+)", re.MULTILINE)
_DIST_INFO = re.compile(r"([^/]+)-([^/-]+)\.dist-info/")
_ELSEWHERE = "parts"
# Of npm's bundle so many packages, the first by name: each is fetched from the registry.
_NPM_PACKAGES = 25
# What the packages' own licence files say, for those that pip does not vendor.
_MORE_LICENSES = {
    "autocommand": "LGPL-3.0-only",
    "backports-tarfile": "MIT",
    "fastjsonschema": "BSD-3-Clause",
    "importlib-metadata": "Apache-2.0",
    "jaraco-context": "MIT",
    "jaraco-functools": "MIT",
    "jaraco-text": "MIT",
    "lark": "MIT",
    "more-itertools": "MIT",
    "wheel": "MIT",
    "zipp": "MIT",
}
# Files of packaging that say so in their head.
_FILE_LICENSES = {"packaging/licenses/__init__.py": "MIT", **FILE_LICENSES}


@dataclass(frozen=True, slots=True)
class VendoredTree:
    """A released tree: its files by path, the folder `vendor` with others' code, and the packages in there.

    `upstreams` are purls by plain name, `licenses` what each is under, `real_copies` own files that hold others' code.
    """

    name: str
    home: str
    vendor: str
    files: Mapping[str, bytes]
    upstreams: Mapping[str, str]
    licenses: Mapping[str, str]
    real_copies: frozenset[str] = frozenset()

    def upstream(self, path: str) -> str:
        """Return the plain name of the package that a file comes from; '' for the tree's own."""
        if not path.startswith(self.vendor):
            return ""
        parts = path.removeprefix(self.vendor).split("/")
        parts[-1] = parts[-1].rpartition(".")[0] or parts[-1]
        for depth in (1, 2):
            name = plain("-".join(parts[:depth]))
            name = plain(UPSTREAM_OF.get(name, UPSTREAM_OF.get(parts[0], name))) if depth == 1 else name
            if name in self.upstreams:
                return name
        return ""

    def license(self, path: str) -> str:
        """Return what licence a vendored file is under by its package, or by its own head."""
        below = path.removeprefix(self.vendor)
        return _FILE_LICENSES.get(path) or _FILE_LICENSES.get(below) or self.licenses[self.upstream(path)]

    def written(self, known: bool) -> Path:
        """Write the tree and return where it is."""
        folder = _FETCHED / f"{self.name}-{'known' if known else 'unknown'}"
        for path, content in self.files.items():
            place = self.place(path, known)
            if place:
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        return folder

    def place(self, path: str, known: bool) -> str:
        """Return where a file lies in the written tree; '' where it is left out there.

        An audit passes `node_modules` over as installed, so a bundle in it stands in another vendor folder.
        """
        if not path.startswith(self.vendor):
            return path
        below = path.removeprefix(self.vendor)
        if known:
            return self.vendor.replace("node_modules/", "third_party/") + below
        return "" if "dist-info/" in below or below.endswith("vendor.txt") else f"{_ELSEWHERE}/{below}"


def plain(name: str) -> str:
    """Return a package's name as indexes spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def trees() -> Mapping[str, Callable[[], VendoredTree]]:
    """Return what fetches each tree, by its name."""
    return {"pip": _pip, "setuptools": _setuptools, "poetry-core": _poetry_core, "npm": _npm}


def _pip() -> VendoredTree:
    files = pip_files(BENCH / "vendored-pip")
    vendor = "pip/_vendor/"
    return _of_python("pip", "vendored", vendor, files, _listed(files[vendor + "vendor.txt"]), frozenset(REAL_COPIES))


def _setuptools() -> VendoredTree:
    files = _wheel("setuptools", "82.0.0")
    vendor = "setuptools/_vendor/"
    names = (_DIST_INFO.match(path.removeprefix(vendor)) for path in files if path.startswith(vendor))
    return _of_python(
        "setuptools", "vendored-setuptools", vendor, files, {plain(one[1]): one[2] for one in names if one}
    )


def _poetry_core() -> VendoredTree:
    files = _wheel("poetry-core", "2.1.3")
    vendor = "poetry/core/_vendor/"
    return _of_python("poetry-core", "vendored-poetry", vendor, files, _listed(files[vendor + "vendor.txt"]))


def _of_python(
    name: str,
    home: str,
    vendor: str,
    files: Mapping[str, bytes],
    versions: Mapping[str, str],
    real_copies: frozenset[str] = frozenset(),
) -> VendoredTree:
    upstreams = {package: f"pkg:pypi/{package}@{version}" for package, version in versions.items()}
    return VendoredTree(name, home, vendor, files, upstreams, {**LICENSES, **_MORE_LICENSES}, real_copies)


def _npm() -> VendoredTree:
    files = _npm_files("10.9.0")
    vendor = "node_modules/"
    upstreams: dict[str, str] = {}
    licenses: dict[str, str] = {}
    for path in sorted(files):
        below = path.removeprefix(vendor)
        if path.startswith(vendor) and below.count("/") == 1 and below.endswith("/package.json"):
            package = json.loads(files[path])
            if len(upstreams) < _NPM_PACKAGES:
                upstreams[plain(package["name"])] = f"pkg:npm/{package['name']}@{package['version']}"
                licenses[plain(package["name"])] = package["license"]
    kept = {
        path: content
        for path, content in files.items()
        if not path.startswith(vendor) or plain(path.removeprefix(vendor).split("/")[0]) in upstreams
    }
    return VendoredTree("npm", "vendored-npm", vendor, kept, upstreams, licenses)


def _listed(text: bytes) -> dict[str, str]:
    return {plain(name): version for name, version in _PINNED.findall(text.decode())}


def _wheel(name: str, version: str) -> dict[str, bytes]:
    wheel = _FETCHED / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    if not wheel.exists():
        fetch = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(_FETCHED)]
        subprocess.run([sys.executable, "-m", "pip", *fetch, f"{name}=={version}"], check=True)
    with zipfile.ZipFile(wheel) as archive:
        return {path: archive.read(path) for path in archive.namelist() if not path.endswith("/")}


def _npm_files(version: str) -> dict[str, bytes]:
    tarball = _FETCHED / f"npm-{version}.tgz"
    if not tarball.exists():
        _FETCHED.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", f"npm@{version}"], cwd=_FETCHED, check=True)
    files = {}
    with tarfile.open(fileobj=io.BytesIO(tarball.read_bytes())) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name.removeprefix("package/")] = content.read()
    return files
