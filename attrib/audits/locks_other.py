"""Lock files of Rust, Go and Java: Cargo.lock, go.mod and go.sum, pom.xml and Gradle's lock file."""

import re
import tomllib
from collections.abc import Iterator, Mapping

from packageurl import PackageURL

from attrib.audits.declared import ReadPurls
from attrib.audits.maven import project_of, text_below
from index.origins.naming import package_url

_GO_SUM = re.compile(r"^(?P<module>\S+) (?P<version>v[^\s/]+) h1:", re.MULTILINE)
_GO_REQUIRE = re.compile(
    r"^(?:require[ \t]+|[ \t]+)(?P<module>[\w.-]+\.[\w-]+/\S+)[ \t]+(?P<version>v\S+)", re.MULTILINE
)
_GO_VENDORED = re.compile(r"^# (?P<module>\S+) (?P<version>v\S+)", re.MULTILINE)
_GRADLE = re.compile(r"^(?P<group>[\w.-]+):(?P<name>[\w.-]+):(?P<version>[^=\s]+)=", re.MULTILINE)


def go_module(path: str, version: str | None = None) -> str:
    """Return the purl of a Go module (purl specification, "golang": all in lower case)."""
    namespace, _, name = path.lower().rpartition("/")
    return PackageURL(type="golang", namespace=namespace or None, name=name, version=version).to_string()


def vendored_go_modules(text: str) -> Iterator[str]:
    """Yield what Go's `vendor/modules.txt` names."""
    for module in _GO_VENDORED.finditer(text):
        yield go_module(module["module"], module["version"])


def _cargo(text: str) -> Iterator[str]:
    for package in tomllib.loads(text).get("package", ()):
        # What has no source is a member of the workspace itself.
        if package.get("source"):
            yield package_url("cargo", package["name"], package.get("version"))


def _go_sum(text: str) -> Iterator[str]:
    for line in _GO_SUM.finditer(text):
        yield go_module(line["module"], line["version"])


def _go_mod(text: str) -> Iterator[str]:
    for line in _GO_REQUIRE.finditer(text):
        yield go_module(line["module"], line["version"])


def _pom(text: str) -> Iterator[str]:
    for dependency in project_of(text).iter("dependency"):
        group, name = text_below(dependency, "groupId"), text_below(dependency, "artifactId")
        if group and name:
            yield PackageURL("maven", group, name, text_below(dependency, "version")).to_string()


def _gradle(text: str) -> Iterator[str]:
    for line in _GRADLE.finditer(text):
        yield PackageURL("maven", line["group"], line["name"], line["version"]).to_string()


OTHER_LOCKS: Mapping[str, ReadPurls] = {
    "Cargo.lock": _cargo,
    "go.sum": _go_sum,
    "go.mod": _go_mod,
    "pom.xml": _pom,
    "gradle.lockfile": _gradle,
}
"""Readers by file name, as a glob."""
