"""Manifests, in which a project says what package it is."""

import configparser
import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from packageurl import PackageURL

from attrib.audits.declared import ReadPurls
from attrib.audits.locks_other import go_module
from attrib.audits.maven import project_of, text_below
from index.origins.metadata import METADATA, PACKAGE_JSON, PKG_INFO, PYPROJECT, stated_in
from index.origins.naming import package_url

_GO_MODULE = re.compile(r"^module[ \t]+\"?(?P<module>[^\s\"]+)", re.MULTILINE)


def _pyproject(text: str) -> Iterator[str]:
    stated = tomllib.loads(text)
    poetry = stated.get("tool", {}).get("poetry", {})
    name = stated.get("project", {}).get("name") or poetry.get("name")
    if name:
        yield package_url("pypi", name, None)


def _setup_cfg(text: str) -> Iterator[str]:
    stated = configparser.RawConfigParser(strict=False)
    try:
        stated.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    name = stated.get("metadata", "name", fallback="")
    if re.fullmatch(r"[\w.-]+", name):
        yield package_url("pypi", name, None)


def distribution(text: str) -> Iterator[str]:
    """Yield what core metadata names, with its version."""
    stated = stated_in(METADATA, text)
    if stated.name:
        yield package_url("pypi", stated.name, stated.version)


def _package_json(text: str) -> Iterator[str]:
    name = json.loads(text).get("name")
    if name:
        yield package_url("npm", name, None)


def _cargo(text: str) -> Iterator[str]:
    name = tomllib.loads(text).get("package", {}).get("name")
    if name:
        yield package_url("cargo", name, None)


def _go_mod(text: str) -> Iterator[str]:
    for line in _GO_MODULE.finditer(text):
        yield go_module(line["module"])


def _pom(text: str) -> Iterator[str]:
    project = project_of(text)
    group, name = (
        text_below(project, "groupId") or text_below(project, "parent", "groupId"),
        text_below(project, "artifactId"),
    )
    if group and name:
        yield PackageURL("maven", group, name).to_string()


MANIFESTS: Mapping[str, ReadPurls] = {
    PYPROJECT: _pyproject,
    "setup.cfg": _setup_cfg,
    PKG_INFO: distribution,
    PACKAGE_JSON: _package_json,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    "pom.xml": _pom,
}
"""Readers by file name."""
