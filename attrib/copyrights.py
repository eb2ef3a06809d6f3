"""Finds copyright statements: years and holders, as headers, licence files, notices and REUSE side files write them."""

import re
from dataclasses import dataclass

from attrib.copyright_wording import (
    CODE,
    CONTINUES,
    FIELD,
    FILLED_IN,
    JOINED_ON,
    LEFT_IN,
    LICENCE_OWNER,
    NAMED,
    PEOPLE,
    PLACEHOLDER,
    POINTED_AT,
    PROSE,
    RIGHTS,
    SENTENCE,
    SIGN,
    START,
    TAG,
    YEAR,
    YEARS_ONLY,
    bare,
    indent,
    plain,
    trimmed,
)

LONGEST = 400
"""No statement is longer, in characters."""

_LONGEST_LINE = 600
_MOST_CONTINUED = 8
# How many lines below a statement may say that it is the licence's own.
_OWNER_WITHIN = 5
_SAID = re.compile(r"copyright|©|\(c\)", re.IGNORECASE)
_ENUMERATED = re.compile(r"^\W*\(b\)", re.MULTILINE)
_CAPITAL = re.compile(r"[\"'<(\[]*[a-z]{0,4}[^\W\d_a-z]")
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"[\"']([^\"']+)[\"']")
_SIGNS_FIRST = re.compile(rf"^(?:copyright\b\s*)?(?:{SIGN}\s*)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A statement where it begins: the rest of its line, and what speaks for its being one."""

    body: str
    signed: bool
    alone: bool
    before: str
    above: str


def copyright_statements(text: str) -> tuple[str, ...]:
    """Return the statements of a text in order, each once, such as '2014 Pallets'; holders without years too.

    The words 'Copyright', '(c)' and 'All rights reserved' are left off; emails, addresses and references such as
    'see AUTHORS' stay. Template placeholders, prose about copyright, code and the owners of a licence's own text are
    left out, and so is a statement that another contains.
    """
    # Longer lines are data; on them, and only there, the patterns would take long.
    lines = [plain(line[:_LONGEST_LINE]) for line in text.splitlines()]
    enumerated = _ENUMERATED.search(text) is not None
    found: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if not _SAID.search(line):
            continue
        tag = TAG.search(line)
        if tag is not None:
            found += [trimmed(_SIGNS_FIRST.sub("", value), LONGEST) for value in _tagged(tag["body"])]
            continue
        if any(LICENCE_OWNER.search(below) for below in lines[number - 1 : number + _OWNER_WITHIN]):
            continue
        begun = _begun(bare(line), bare(lines[number - 2]) if number > 1 else "")
        for place, one in enumerate(begun):
            body = one.body
            if place == len(begun) - 1:
                body, number = _continued(body, line, lines, number)
            if _is_statement(body, one, enumerated):
                found.append(trimmed(body, LONGEST))
        if FIELD.match(line):
            while number < len(lines) and _further_holder(line, lines[number]):
                found.append(trimmed(bare(lines[number]), LONGEST))
                number += 1
    return _each_once([statement for statement in found if _says_who(statement)])


def _tagged(body: str) -> list[str]:
    """Return the values of an SPDX tag: one, or in REUSE.toml a quoted one or a list of them."""
    return _QUOTED.findall(body) if body[0] in "[\"'" else [body]


def _further_holder(field: str, following: str) -> bool:
    """Whether a line goes on with the `Copyright:` field of a debian/copyright: indented, with years or a name."""
    said = bare(following)
    return indent(following) > indent(field) and (YEAR.match(said) is not None or NAMED.match(said) is not None)


def _begun(said: str, above: str) -> list[_Begun]:
    """Return the statements that begin in a line, each with what follows it up to the next."""
    starts = list(START.finditer(said))
    begun: list[_Begun] = []
    if not starts:
        return begun
    years = said[: starts[0].start()].strip()
    years = years if YEAR.match(years) and YEARS_ONLY.match(years) else ""
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        body = LEFT_IN.sub("", said[start.end() : following.start() if following is not None else len(said)].strip())
        if following is not None and YEAR.match(body) and YEARS_ONLY.match(body):
            # '2012 (c) Ann Bee': the sign stands between the years and the holder.
            years = body
        elif body or following is None:
            signed = any(start[group] for group in ("sign", "closed", "alone"))
            before = said[: start.start()].rstrip()
            begun.append(
                _Begun(f"{years} {body}".strip(), signed, (start["alone"] or "").lower() == "(c)", before, above)
            )
            years = ""
    return begun


def _continued(body: str, line: str, lines: list[str], number: int) -> tuple[str, int]:
    """Return a statement with the lines it runs on in, and the number of the line after them."""
    last = number + _MOST_CONTINUED
    while number < min(last, len(lines)) and _goes_on(body, line, lines[number]):
        body = f"{body.rstrip()} {bare(lines[number])}".strip()
        number += 1
    return body, number


def _goes_on(body: str, line: str, following: str) -> bool:
    """Whether a statement runs on: after a comma, 'and', its years or an open bracket, or indented below it."""
    nearer = bare(following)
    if not nearer or len(nearer) > 140 or START.search(nearer) or SENTENCE.match(nearer):
        return False
    if RIGHTS.search(body) or SENTENCE.search(body) or RIGHTS.match(nearer.lstrip(",.;:*- ")):
        return False
    if _hangs(body, line, following, nearer):
        return True
    ended = body.rstrip().endswith(".")
    if JOINED_ON.match(nearer) and not ended:
        return True
    if not (CONTINUES.search(body) or YEARS_ONLY.match(body)):
        return False
    return nearer[0].isupper() or nearer[0].isdigit() or nearer[0] in "(<" or not body.rstrip().endswith((",", "-"))


def _hangs(body: str, line: str, following: str, nearer: str) -> bool:
    further = indent(following) - indent(line)
    if body.rstrip().endswith(".") or len(nearer) > 80 or FIELD.match(line):
        return False
    return (further >= 8 and YEAR.search(body) is not None) or (further >= 2 and "<" in body and "@" in nearer)


def _is_statement(body: str, begun: _Begun, enumerated: bool) -> bool:
    start = body.strip()
    if not start or PROSE.match(start):
        return False
    if not begun.signed and FILLED_IN.search(begun.before):
        return False
    if YEAR.search(start[:80]):
        return not (begun.alone and not YEAR.search(start[:12])) or bool(NAMED.match(trimmed(start, LONGEST)))
    if not begun.signed and POINTED_AT.search(begun.before or begun.above):
        return False
    if CODE.search(start):
        return False
    if begun.alone:
        holder = trimmed(start, LONGEST)
        return not enumerated and (NAMED.match(holder) is not None or PEOPLE.search(holder[:80]) is not None)
    # Without a year it must look like a holder: signed, or a line of its own that begins with a name.
    if begun.signed:
        return any(character.isupper() for character in start[:40]) or "://" in start or "@" in start
    named = PEOPLE.search(start) is not None or _CAPITAL.match(start) is not None or start.lower().startswith("the ")
    apart = len(begun.before) <= 30 or begun.before.endswith((",", ";", ":", ".", "-"))
    return named and "=" not in start and "(" not in start[:40] and apart


def _says_who(statement: str) -> bool:
    return bool(
        re.search(r"[^\W\d_]", statement) and not PLACEHOLDER.search(statement) and not YEARS_ONLY.match(statement)
    )


def _each_once(statements: list[str]) -> tuple[str, ...]:
    """Drop repetitions, and statements whose words stand together in another."""
    worded: dict[str, str] = {}
    for statement in statements:
        worded.setdefault(f" {' '.join(_WORD.findall(statement)).lower()} ", statement)
    return tuple(
        statement
        for words, statement in worded.items()
        if not any(words in other and words != other for other in worded)
    )
