"""Reference code from an npm registry: the tarball of a release; nothing is installed or run."""

import base64
import binascii
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from packageurl import PackageURL

from index.errors import UnreadableOrigin
from index.origins.base import SourcePackage
from index.origins.fetching import Checksum, Fetcher, shown
from index.origins.metadata import PACKAGE_JSON, Stated, stated_in
from index.origins.packed import members_of
from index.origins.tree import survey

_NAME = re.compile(r"(?:@[a-z0-9~._-]+/)?[A-Za-z0-9~._-]+")
_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:\+[\w.-]+)?")
_PREFIX = re.compile(r"\d+(?:\.\d+)?")
_SHORT_FORM = "application/vnd.npm.install-v1+json, application/json; q=0.8"
_LONG_FORM = "application/json"
_SECONDS_FOR_NPM = 30


class NpmOrigin:
    """One release of a package; `version` is exact, a major or major.minor number, or None for the latest."""

    fetches: ClassVar[bool] = True

    def __init__(self, name: str, version: str | None, fetcher: Fetcher, registry: str | None = None) -> None:
        """`registry` is asked of npm's own settings where None."""
        self._package = name
        self._version = version
        self._fetcher = fetcher
        self._registry = registry

    @property
    def name(self) -> str:
        """The package URL that was asked for."""
        return _purl(self._package, self._version)

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the release as one package.

        Raises UnreadableOrigin where there is no such release, it cannot be fetched, its checksum is missing or
        another, or its tarball is hostile or damaged.
        """
        if not _NAME.fullmatch(self._package) or self._package in (".", ".."):
            raise UnreadableOrigin(
                f"{self.name} names no npm package: write it as pkg:npm/name or pkg:npm/%40scope/name."
            )
        registry = (self._registry or configured_registry(self._package)).rstrip("/")
        url = f"{registry}/{quote(self._package, safe='@')}"
        document = self._document(url)
        version, release = self._release(document, url)
        dist = release.get("dist")
        dist = dist if isinstance(dist, dict) else {}
        checksum = _checksum(dist)
        if checksum is None or not isinstance(dist.get("tarball"), str):
            raise UnreadableOrigin(f"{self.name}: the registry gives no tarball with a checksum for {version}.")
        purl = _purl(self._package, version)
        file = self._fetcher.file(dist["tarball"], checksum, purl)
        tree = survey(members_of(file.open, purl), purl)
        stated = stated_in(PACKAGE_JSON, tree.metadata[PACKAGE_JSON]) if PACKAGE_JSON in tree.metadata else Stated()
        yield SourcePackage(
            purl=purl,
            url=stated.url,
            declared=stated.declared,
            authors=stated.authors,
            legal=tree.legal,
            files=tree.files,
            released=self._released(document, url, version),
        )

    def _document(self, url: str) -> Any:
        response = self._fetcher.get(url, {"Accept": _SHORT_FORM})
        if response.status_code != 200:
            raise UnreadableOrigin(
                f"{self.name}: {shown(url)} answers {response.status_code} {response.reason_phrase}: check the name, "
                "and the registry that npm is set to."
            )
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise _no_registry(url) from error

    def _release(self, document: Any, url: str) -> tuple[str, Mapping[str, Any]]:
        try:
            versions = {str(version): dict(release) for version, release in document["versions"].items()}
            latest = document.get("dist-tags", {}).get("latest")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _no_registry(url) from error
        chosen = _chosen(self._version, list(versions), latest)
        if chosen is None:
            raise UnreadableOrigin(
                f"{self.name}: there is no such release; give an exact version, a major or major.minor number such as "
                "@5 or @5.1, or none for the latest."
            )
        return chosen, versions[chosen]

    def _released(self, document: Any, url: str, version: str) -> date | None:
        """Return the day a version came out; the short form of a registry's answer may leave it to the long one."""
        if "time" not in document:
            try:
                document = json.loads(self._fetcher.get(url, {"Accept": _LONG_FORM}).content)
            except (UnreadableOrigin, ValueError, RecursionError):
                return None
        try:
            return datetime.fromisoformat(document["time"][version]).astimezone(UTC).date()
        except (ValueError, LookupError, TypeError, OverflowError):
            return None


def _no_registry(url: str) -> UnreadableOrigin:
    return UnreadableOrigin(f"{shown(url)} is no npm registry's answer: check the registry npm is set to.")


def _chosen(wanted: str | None, versions: list[str], latest: Any) -> str | None:
    """Return the version that is meant; a prefix means the newest release below it, never a pre-release."""
    if wanted is None:
        return latest if latest in versions else _newest(versions)
    if wanted in versions:
        return wanted
    if _PREFIX.fullmatch(wanted):
        return _newest([version for version in versions if version.startswith(wanted + ".")])
    return None


def _newest(versions: list[str]) -> str | None:
    releases = [(tuple(map(int, found.groups())), found[0]) for one in versions if (found := _RELEASE.fullmatch(one))]
    return max(releases, default=(None, None))[1]


def _checksum(dist: Mapping[str, Any]) -> Checksum | None:
    """Read Subresource Integrity (W3C), strongest first; releases older than it have a SHA-1 alone, as npm accepts."""
    integrity = dist.get("integrity")
    stated = dict(part.split("-", 1) for part in str(integrity or "").split() if "-" in part)
    for algorithm in ("sha512", "sha384", "sha256"):
        if algorithm in stated:
            try:
                return Checksum(algorithm, base64.b64decode(stated[algorithm].split("?")[0], validate=True).hex())
            except binascii.Error:
                return None
    shasum = dist.get("shasum")
    return (
        Checksum("sha1", shasum.lower())
        if isinstance(shasum, str) and re.fullmatch(r"[0-9a-fA-F]{40}", shasum)
        else None
    )


def _purl(package: str, version: str | None) -> str:
    scope, _, name = package.rpartition("/")
    return PackageURL(type="npm", namespace=scope or None, name=name, version=version).to_string()


def configured_registry(package: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the registry npm is set to for a package, from npm_config_registry, npm itself, or ~/.npmrc.

    Raises UnreadableOrigin where none of them says.
    """
    environment = os.environ if environment is None else environment
    scope = package.partition("/")[0] if package.startswith("@") else None
    keys = [f"{scope}:registry", "registry"] if scope else ["registry"]
    for key in keys:
        for found in (_of_environment(key, environment), _of_npm(key), _of_file(key, environment)):
            if found and found.startswith(("http://", "https://")):
                return found
    raise UnreadableOrigin("no npm registry is known: install npm, or set npm_config_registry to a registry's address.")


def _of_environment(key: str, environment: Mapping[str, str]) -> str | None:
    return environment.get(f"npm_config_{key}") or environment.get(f"NPM_CONFIG_{key.upper()}")


def _of_npm(key: str) -> str | None:
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            [npm, "config", "get", key], capture_output=True, text=True, timeout=_SECONDS_FOR_NPM, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _of_file(key: str, environment: Mapping[str, str]) -> str | None:
    try:
        text = (Path(environment.get("HOME", "~")).expanduser() / ".npmrc").read_text("utf-8", "replace")
    except OSError:
        return None
    lines = [line.partition("=") for line in text.splitlines()]
    return next((value.strip() for name, equals, value in lines if equals and name.strip() == key), None)
