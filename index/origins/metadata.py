"""What metadata says of a package's name, licence, authors and home: core metadata, pyproject.toml, package.json."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses
from importlib.metadata import PackageMetadata
from typing import Any

from index.origins.base import DeclaredLicense

PKG_INFO = "PKG-INFO"
METADATA = "METADATA"
PYPROJECT = "pyproject.toml"
PACKAGE_JSON = "package.json"

# Both answer to `get_all`: a file that was parsed, and an installed distribution's.
Headers = Message | PackageMetadata

_HOME_LABELS = ("source", "source code", "repository", "github", "homepage", "home")


@dataclass(frozen=True, slots=True)
class Stated:
    """What metadata states; None and empty where it says nothing."""

    name: str | None = None
    version: str | None = None
    declared: tuple[DeclaredLicense, ...] = ()
    authors: tuple[str, ...] = ()
    url: str | None = None


def stated_in(name: str, text: str) -> Stated:
    """Return what one metadata file states; `name` is its file name, broken content states nothing."""
    if name == PYPROJECT:
        return _pyproject(text)
    if name == PACKAGE_JSON:
        return _package_json(text)
    return core_metadata(HeaderParser().parsestr(text), name)


def together(statements: Iterable[Stated]) -> Stated:
    """Return what several metadata files state together; the first that names something wins."""
    every = list(statements)
    return Stated(
        name=next((one.name for one in every if one.name), None),
        version=next((one.version for one in every if one.version), None),
        declared=tuple(dict.fromkeys(declared for one in every for declared in one.declared)),
        authors=tuple(dict.fromkeys(author for one in every for author in one.authors)),
        url=next((one.url for one in every if one.url), None),
    )


def core_metadata(headers: Headers, where: str) -> Stated:
    """Return what Python core metadata states (core metadata 2.4, PEP 639); `where` is PKG-INFO or METADATA."""
    declared = [
        DeclaredLicense(f"{field} in {where}", value)
        for field in ("License-Expression", "License")
        for value in fields(headers, field)
    ]
    declared += [
        DeclaredLicense(f"Classifier in {where}", value)
        for value in fields(headers, "Classifier")
        if value.startswith("License ::")
    ]
    authors = fields(headers, "Author")
    authors += [name or address for name, address in getaddresses(fields(headers, "Author-email")) if name or address]
    return Stated(
        name=next(iter(fields(headers, "Name")), None),
        version=next(iter(fields(headers, "Version")), None),
        declared=tuple(declared),
        authors=tuple(dict.fromkeys(authors)),
        url=_home(headers),
    )


def fields(headers: Headers, field: str) -> list[str]:
    """Return the values of a field of core metadata, without those that say nothing."""
    return [str(value).strip() for value in headers.get_all(field) or [] if str(value).strip() not in ("", "UNKNOWN")]


def _home(headers: Headers) -> str | None:
    links = {}
    for value in fields(headers, "Project-URL"):
        label, _, address = value.partition(",")
        links[label.strip().lower()] = address.strip()
    for label in _HOME_LABELS:
        if label in links:
            return links[label]
    return next(iter(fields(headers, "Home-page")), None)


def _pyproject(text: str) -> Stated:
    try:
        project = tomllib.loads(text).get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return Stated()
    if not isinstance(project, dict):
        return Stated()
    license = project.get("license")
    value = license.get("text") if isinstance(license, dict) else license
    declared = [DeclaredLicense("license in pyproject.toml", value)] if isinstance(value, str) and value.strip() else []
    for classifier in _list(project.get("classifiers")):
        if isinstance(classifier, str) and classifier.startswith("License ::"):
            declared.append(DeclaredLicense("classifier in pyproject.toml", classifier))
    return Stated(
        name=_string(project.get("name")),
        version=_string(project.get("version")),
        declared=tuple(declared),
        authors=_names(project.get("authors")),
    )


def _package_json(text: str) -> Stated:
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return Stated()
    if not isinstance(package, dict):
        return Stated()
    declared = []
    for value in (package.get("license"), *_list(package.get("licenses"))):
        value = value.get("type") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            declared.append(DeclaredLicense("license in package.json", value.strip()))
    repository = package.get("repository")
    return Stated(
        name=_string(package.get("name")),
        version=_string(package.get("version")),
        declared=tuple(declared),
        authors=_names([package.get("author")]),
        url=_string(package.get("homepage"))
        or _string(repository.get("url") if isinstance(repository, dict) else repository),
    )


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(people: Any) -> tuple[str, ...]:
    names = [
        person.get("name") or person.get("email") if isinstance(person, dict) else person for person in _list(people)
    ]
    return tuple(name for name in names if isinstance(name, str) and name.strip())
