"""Lock files of Python: requirements with pins, Poetry, uv, PDM, pylock.toml (PEP 751), Pipfile.lock."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from attrib.audits.declared import ReadPurls
from index.origins.naming import package_url

_REQUIREMENT = re.compile(
    r"^[ \t]*(?P<name>[A-Za-z0-9][\w.-]*)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:===?[ \t]*(?P<version>[^\s;#,\\]+))?"
    r"[ \t]*(?:$|[;#<>!~@\\,])",
    re.MULTILINE,
)


def requirements(text: str) -> Iterator[str]:
    """Yield what a requirements file names, with the version where it is pinned (pip, "Requirements File Format")."""
    for line in _REQUIREMENT.finditer(text):
        yield package_url("pypi", line["name"], line["version"])


def _packages(text: str) -> Iterator[str]:
    lock = tomllib.loads(text)
    for package in (*lock.get("package", ()), *lock.get("packages", ())):
        source = package.get("source", {})
        # uv and PDM list the project itself, too.
        if not {"virtual", "editable"} & {*source} and package.get("path") != ".":
            yield package_url("pypi", package["name"], package.get("version"))


def _pipfile(text: str) -> Iterator[str]:
    lock = json.loads(text)
    for section in ("default", "develop"):
        for name, about in lock.get(section, {}).items():
            yield package_url("pypi", name, about.get("version", "").removeprefix("==") or None)


PYTHON_LOCKS: Mapping[str, ReadPurls] = {
    "requirements*.txt": requirements,
    "constraints*.txt": requirements,
    "poetry.lock": _packages,
    "uv.lock": _packages,
    "pdm.lock": _packages,
    "pylock.toml": _packages,
    "pylock.*.toml": _packages,
    "Pipfile.lock": _pipfile,
}
"""Readers by file name, as a glob."""
