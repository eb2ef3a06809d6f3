"""Finds copyright statements: years and holders, as headers, licence files and notices write them."""

import re

_TAG = re.compile(r"SPDX-(?:File|Snippet)CopyrightText:\s*(?P<body>\S.*)")
_SIGN = r"(?:\(c\)|©|&copy;|\\u00a9|\(C\))"
_STATEMENT = re.compile(
    rf"(?:\bcopyrights?\b\s*:?\s*(?P<sign>(?:{_SIGN}\s*)*)(?:by\s+)?"
    rf"|(?<![\w(])(?P<alone>\(c\)(?=\s*\d{{4}})|©|&copy;)\s*(?:copyright\s+)?)(?P<body>.*)",
    re.IGNORECASE,
)
_YEARS_FIRST = re.compile(rf"^(?P<years>\d{{4}}[\d, –-]*)\s*{_SIGN}\s*(?P<holder>\w.*)", re.IGNORECASE)
_LEADERS = re.compile(
    r"^[\s#*/;%!|\"'<>{}\[`~+=-]*(?:--|dnl\b|rem\b|\.\.\s)?\s*(?=\w|©|\(c\)|&copy;|\\)", re.IGNORECASE
)
_TRAILERS = re.compile(r" ?(?:\*/|-->|\*\)|-\}|\"\"\"|''')\s*$")
_RIGHTS = re.compile(r"\ball rights?(?: reserved\b.*)?$", re.IGNORECASE)
_SENTENCE = re.compile(
    r"\s*(?:[.;]\s+|,\s+|\s-+\s)?(?:\b(?:licensed|released|distributed|published|redistribut\w+) (?:under"
    r"|by|in|and)\b|\bpermission\b|\bthis (?:file|software|program|library|code|work|source|project"
    r"|package|product)\b"
    r"|\bsee (?:the|license|licence|copying)\b|\bsubject to\b|\bportions\b|\bfor (?:a )?(?:full|more"
    r"|licen)|\buse of this\b|\beveryone is\b|\bSPDX-).*$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19[5-9]\d|20\d\d)\b")
_YEARS_ONLY = re.compile(r"^[\s\d,–-]*(?:present|now)?[\s,]*$", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[\[<{]\s*(?:yyyy|year|years|date|name|full ?name|copyright|author|owner|holder|organi[sz]ation"
    r"|company|first|one line|insert|your)|\byyyy\b|\bxxxx\b|\b20xx\b"
    r"|\bYEAR\b|%\(?[a-z]|\{\{|\$\{|^\W*name of\b|\bINSERT\b",
    re.IGNORECASE,
)
# After 'copyright' these begin prose, not a holder.
_PROSE = re.compile(
    r"^\W*(?:notices?|holders?|owners?|ownership|laws?|acts?|statements?|protection|protected|and|or|in|is"
    r"|are|was|to|of|on|for|this|that|these|those|info\w*|claims?"
    r"|interests?|year|infring\w*|disclaim\w*|licen[cs]\w*|registration|terms?|treat\w+|material|works?"
    r"|assign\w*|will|shall|may|must|can|with|without|under|from|as|at|patent"
    r"|trademark|line|lines|header|headers|section|text|status|issues?|rights?|permission|date|dates"
    r"|string|messages?|symbol|sign|file|files|field|attribution|comment|comments"
    r"|information|restrictions?|grants?|=|above|below|has|have|had|if|it|its|not|belongs?|remains?|does"
    r"|do|also|applies|appears?|be|should)(?!\w)",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"(?:,|\band|\bby|&|[-–])\s*$", re.IGNORECASE)
_ABBREVIATED = re.compile(
    r"(?:\b(?:inc|ltd|corp|co|jr|sr|al|gmbh|e\.v|s\.a|b\.v|etc|authors?\. [a-z])|\b[A-Z])\.$", re.IGNORECASE
)
_LICENCE_OWNER = re.compile(r"everyone is permitted to copy", re.IGNORECASE)
_HANGING = re.compile(r"^[\s#*/;%!|-]*\s{6,}\S")
_LONGEST = 400
_LONGEST_LINE = 600
_MOST_CONTINUED = 4


def copyright_statements(text: str) -> tuple[str, ...]:
    """Return the statements of a text in order, each once, such as '2014 Pallets'; holders without years too.

    Template placeholders, prose about copyright and the owners of a licence's own text are left out.
    """
    # Longer lines are data; on them, and only there, the patterns would take long.
    lines = [line[:_LONGEST_LINE] for line in text.splitlines()]
    found: dict[str, str] = {}
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        lowered = line.lower()
        if not ("copyright" in lowered or "©" in line or "(c)" in lowered or "&copy;" in lowered):
            continue
        bare = _bare(line)
        tag = _TAG.search(line)
        match = None if tag is not None else _STATEMENT.search(bare)
        while (
            match is not None
            and (further := _STATEMENT.search(bare, match.start("body"))) is not None
            and not _YEAR.match(match["body"].strip())
        ):
            match = further
        years_first = _YEARS_FIRST.match(bare)
        if years_first is not None:
            body = f"{years_first['years'].strip()} {years_first['holder']}"
        elif tag is not None:
            body, signed = tag["body"], True
            body = re.sub(rf"^(?:copyright\b\s*)?(?:{_SIGN}\s*)*", "", body, flags=re.IGNORECASE)
        elif match is not None:
            body, signed = match["body"], bool(match["sign"] or match["alone"])
            taken = 0
            while number < len(lines) and taken < _MOST_CONTINUED and _goes_on(body, line, lines[number]):
                body = f"{body.rstrip()} {_bare(lines[number])}"
                number, taken = number + 1, taken + 1
            if any(_LICENCE_OWNER.search(follower) for follower in (bare, *lines[number : number + 2])):
                continue
            if not _is_statement(body, signed, at_start=match.start() <= 24):
                continue
        else:
            continue
        statement = _trimmed(body)
        if statement and not _PLACEHOLDER.search(statement) and not _YEARS_ONLY.match(statement):
            found.setdefault(re.sub(r"\W+", " ", statement).strip().lower(), statement)
    return tuple(found.values())


def _bare(line: str) -> str:
    return _TRAILERS.sub("", " ".join(_LEADERS.sub("", line).split()))


def _goes_on(body: str, line: str, following: str) -> bool:
    """Whether a statement runs on in the next line: after a comma, 'and' or its years, or indented below it."""
    nearer = _bare(following)
    if not nearer or _STATEMENT.search(nearer) or _SENTENCE.match(nearer) or _RIGHTS.match(nearer.lstrip(",.;:*- ")):
        return False
    if (
        _HANGING.match(following)
        and _indent(following) >= _indent(line) + 8
        and _YEAR.search(body)
        and not body.rstrip().endswith(".")
    ):
        return len(nearer) <= 80
    if not (_CONTINUES.search(body) or _YEARS_ONLY.match(body)):
        return False
    return len(nearer) <= 140 and (
        nearer[0].isupper() or nearer[0].isdigit() or nearer[0] in "(<" or nearer.startswith(("and ", "the ", "by "))
    )


def _indent(line: str) -> int:
    return len(line) - len(_LEADERS.sub("", line))


def _is_statement(body: str, signed: bool, at_start: bool) -> bool:
    start = body.strip()
    if not start or _PROSE.match(start):
        return False
    if _YEAR.search(start[:80]):
        return True
    # Without a year it must look like a holder: signed, or a line of its own that begins with a name.
    first = start.lstrip("\"'<([")[:1]
    named = first.isupper() or start.lower().startswith("the ")
    return named and (signed or (at_start and len(start) <= 80 and "=" not in start and "(" not in start[:40]))


def _trimmed(body: str) -> str:
    statement = _TRAILERS.sub("", _RIGHTS.sub("", body))
    statement = _SENTENCE.sub("", statement)
    statement = " ".join(statement.split()).strip(" \t,;:*\"'`|#/-\\")
    statement = re.sub(r"(?<![,\s])[,\s]*(?:\b(?:and|are|is))?$", "", statement)
    statement = re.sub(rf"^(?:{_SIGN}\s*)+", "", statement, flags=re.IGNORECASE)
    if statement.endswith(".") and not _ABBREVIATED.search(statement):
        statement = statement[:-1].rstrip()
    return statement[:_LONGEST].rstrip()
