"""Package URLs as names of sources: the name without its version, and which purls a pattern covers."""

import re

from packageurl import PackageURL

from index.errors import UnusablePattern

_CONTENT = re.compile(r"swh:1:cnt:[0-9a-f]{40}")
_ANY_SOURCE = re.compile(r"pkg:[A-Za-z][A-Za-z0-9.+-]*/[^\s*\x00-\x1f\x7f]*\*?")
_LONGEST = 512
_OPEN_ENDS = ("*", "/", "@")


def source_name(purl: str) -> str:
    """Return a purl without its version, qualifiers and subpath (purl specification, "Rules for each component")."""
    bare = purl.partition("#")[0].partition("?")[0]
    name, at, _ = bare.rpartition("@")
    return name if at and "/" in name else bare


def covers(pattern: str, purl: str) -> bool:
    """Tell whether a pattern names a purl.

    A pattern is a whole purl, one without its version, a namespace or type ending in `/` or `:`, or any prefix
    followed by `*`.
    """
    if pattern.endswith("*"):
        return purl.startswith(pattern[:-1])
    if not purl.startswith(pattern):
        return False
    return len(purl) == len(pattern) or pattern[-1:] in ("/", ":", "@") or purl[len(pattern)] in "@?#/"


def source_pattern(text: str) -> str:
    """Return a pattern as `covers` reads it, in the spelling that the purls in the catalogue have.

    `pkg:PyPI/My_Lib` becomes `pkg:pypi/my-lib` and `pkg:npm/@us/*` becomes `pkg:npm/%40us/*`, for no purl is spelt
    otherwise (purl specification, "Rules for each component"). Raises UnusablePattern, also for what would cover
    more than one type of package.
    """
    if len(text) <= _LONGEST and _ANY_SOURCE.fullmatch(text):
        stem = text.removesuffix("*")
        try:
            if text.endswith(_OPEN_ENDS):
                # An open end is no purl yet; a letter closes it for as long as it is read.
                return PackageURL.from_string(f"{stem}x").to_string()[:-1] + text[len(stem) :]
            return PackageURL.from_string(stem).to_string()
        except ValueError:
            pass
    raise UnusablePattern(
        f"{text[:_LONGEST]!r} names no source: give a purl such as pkg:pypi/flask, with or without its version, "
        "or a beginning that ends in *."
    )


def is_content(text: str) -> bool:
    """Tell whether a text is the SWHID of a content (SWHID specification v1.2, section 5)."""
    return _CONTENT.fullmatch(text) is not None
