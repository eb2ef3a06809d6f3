"""Lock files of Node.js: npm, pnpm and both kinds of yarn.

Of pnpm's and yarn's only the keys and a line or two below each are wanted, which stand on lines of their own; so they
are read by line, which takes milliseconds where a reader of all of YAML takes seconds.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrib.audits.declared import ReadPurls
from index.origins.naming import package_url

_INSTALLED = "node_modules/"
_PNPM_PACKAGES = re.compile(r"^packages:[ \t]*\n(?P<keys>(?:(?:[ \t].*)?\n)*)", re.MULTILINE)
_PNPM_KEY = re.compile(r"^  ['\"]?/?(?P<name>(?:@[^/@\s]+/)?[^/@\s'\"]+)[@/](?P<version>\d[^\s'\"(_:]*)", re.MULTILINE)
_YARN_ENTRY = re.compile(r"^(?P<key>[^\s#].*):[ \t]*\n(?P<body>(?:[ \t]+.*\n?)*)", re.MULTILINE)
_YARN_VERSION = re.compile(r"^[ \t]+version:?[ \t]+\"?(?P<version>[^\s\"]+)", re.MULTILINE)
_YARN_RESOLUTION = re.compile(r"^[ \t]+resolution:[ \t]+\"(?P<name>@?[^@\"]+)@npm:", re.MULTILINE)
_YARN_NAME = re.compile(r"^\"?(?:[^,\"]*@npm:(?=@?[^@,\"]+@))?(?P<name>@?[^@,\"]+)@(?P<range>[^,\"]*)")
_NOT_FETCHED = ("workspace:", "link:", "portal:", "file:")


def _npm(text: str) -> Iterator[str]:
    lock = json.loads(text)
    for path, about in lock.get("packages", {}).items():
        if _INSTALLED in path and not about.get("link"):
            yield package_url("npm", about.get("name") or path.rpartition(_INSTALLED)[2], about.get("version"))
    if "packages" not in lock:
        yield from _nested(lock.get("dependencies", {}))


def _nested(dependencies: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the first version of npm's lock files names, packages inside packages."""
    for name, about in dependencies.items():
        yield package_url("npm", name, about.get("version"))
        yield from _nested(about.get("dependencies", {}))


def _pnpm(text: str) -> Iterator[str]:
    section = _PNPM_PACKAGES.search(text)
    for key in _PNPM_KEY.finditer(section["keys"]) if section else ():
        yield package_url("npm", key["name"], key["version"])


def _yarn(text: str) -> Iterator[str]:
    for entry in _YARN_ENTRY.finditer(text):
        asked, version = _YARN_NAME.match(entry["key"]), _YARN_VERSION.search(entry["body"])
        if asked is not None and version is not None and not asked["range"].startswith(_NOT_FETCHED):
            fetched = _YARN_RESOLUTION.search(entry["body"]) or asked
            yield package_url("npm", fetched["name"], version["version"])


NODE_LOCKS: Mapping[str, ReadPurls] = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
}
"""Readers by file name, as a glob."""
