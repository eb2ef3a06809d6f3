"""The words of copyright statements: how they begin and end, what stands around them, and what only resembles them."""

import re

SIGN = r"(?:\(c\)|©|\ufffd)"
"""The sign; where a text is in another encoding than was thought, nothing is left of it but a replacement."""

YEAR = re.compile(r"\b(?:19[5-9]\d|20\d\d)\b")
START = re.compile(
    r"\bcopyright\s*=\s*[\"'](?=\d{4})|"
    r"(?<![\w@./\\-])copyright(?:s|ed(?=\s+by\b))?(?![\w'(]|\s*\(s\))"
    rf"\s*:?\s*(?P<sign>(?:{SIGN}\s*)*)(?:by\b:?\s*)?"
    rf"|(?<![\w@./\\-])copyright(?P<closed>(?:{SIGN}\s*)+)(?:by\b:?\s*)?"
    rf"|(?<![\w(])(?P<alone>\(c\)|©)\s*(?:copyright\b\s*)?(?:{SIGN}\s*)*(?:by\b:?\s*)?",
    re.IGNORECASE,
)
TAG = re.compile(r"SPDX-(?:File|Snippet)CopyrightText[\"']?\s*[:=]\s*(?P<body>\S.*)")
FIELD = re.compile(r"^\s*Copyright:\s", re.IGNORECASE)
YEARS_ONLY = re.compile(r"^[\s\d,–+-]*(?:present|now)?[\s,]*$", re.IGNORECASE)

_SIGNS = re.compile(r"&(?:amp;)?(?:copy|#169|#xa9);|@copyright\{\}|\|copy\||\\u00a9|\\xa9|\\\(co", re.IGNORECASE)
_ENTITIES = re.compile(r"&(?:amp;)?(?:(?P<dash>[nm]dash|#8211)|(?P<space>nbsp|#160)|(?P<less>lt)|(?P<more>gt)|amp);")
_TAGS = re.compile(r"</?(?:a|b|br|code|div|em|font|i|li|p|small|span|strong|td)\b[^<>@]*>", re.IGNORECASE)
_MARKED = re.compile(r"[&@\\|<]")
_MEANT = {"dash": "–", "space": " ", "less": "<", "more": ">"}
_LEADERS = re.compile(
    r"^(?:%%Copyright:|@(?=copyright\b)|<!-+|<#|[\s#*/;%!|\"'>{}\[`~+=-]|\(\*|dnl\b|rem\b|\.\.\s)*(?=[\w©(&<[]|$)",
    re.IGNORECASE,
)
_TRAILERS = re.compile(r"(?: ?(?:\*/|-->|\*+\)|-\}|\"\"\"|'''|<br ?/?>|</?p>)| +(?:\*+|--+|#+|\|))\s*$")

# After 'copyright' these begin prose, not a holder.
PROSE = re.compile(
    r"^\W*(?:notices?|holders?|owners?|ownership|laws?|acts?|statements?|protection|protected|and|or|in|is"
    r"|are|was|to|of|on|for|this|that|these|those|info\w*|claims?"
    r"|interests?|year|infring\w*|disclaim\w*|licen[cs]\w*|registration|terms?|treat\w+|material|works?"
    r"|assign\w*|will|shall|may|must|can|with|without|under|from|as|at|patents?"
    r"|trademarks?|line|lines|header|headers|section|text|status|issues?|rights?|permission|date|dates"
    r"|string|messages?|symbol|sign|file|files|field|attribution|comment|comments|property|but|their|your|its"
    r"|information|restrictions?|grants?|=|above|below|has|have|had|if|it|not|belongs?|remains?|does"
    r"|none|public domain|faq|policy|do|also|applies|appears?"
    r"|be|should|you|all|any|no|each|every|such|when|where|which|who)"
    r"(?!\w)(?![.]\w)",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"[\[<{]\s*(?:yyyy|year|years|date|name|full ?name|copyright|author|owner|holder|organi[sz]ation"
    r"|company|first ?(?:and|last|name)\b(?!\.)|one line|insert|your|\$)|\byyyy\b|\bxxxx\b|\b20xx\b|\b19[xy][xy]\b"
    r"|\bYEAR\b|%\(?[a-z]|\{\{|\$[\w{]|^\W*(?:year )?name of\b|\bINSERT\b",
    re.IGNORECASE,
)
LEFT_IN = re.compile(r"^[\[<{](?:yyyy|years?|date)[\]>}]\s*(?=\d)", re.IGNORECASE)
# Who wrote the text of a licence has no part in the work that is under it.
LICENCE_OWNER = re.compile(r"everyone is permitted to copy", re.IGNORECASE)

RIGHTS = re.compile(r"(?:^|[\s,;:-]+)(?:all|some)\s+(?:rights?\b(?:\s+reserved\b.*)?)?$", re.IGNORECASE)
_RIGHTS_WITHIN = re.compile(r"[\s,;:-]*\ball rights?\s+reserved\b.*$", re.IGNORECASE)
_LISTED = r"authors|thanks|contributors|credits|acknowledg\w+|maintainers"
SENTENCE = re.compile(
    r"\s*(?:[.;:]\s+|,\s+|\s-+\s+|\()?(?:\b(?:(?:dual |dually )?licen[cs]ed|released|distributed|published"
    r"|redistribut\w+|available|placed) (?:under|by|in|and|as|on|via|MIT|the|to)\b|\bpermission (?:is|to|was)\b"
    r"|\bthis (?:file|software|program|library|code|work|source|project|package|product|is)\b"
    rf"|\bsee (?!the (?:{_LISTED})|(?:{_LISTED}))(?:(?:the|also|licen[cs]e|copying|https?)\b|['\"])"
    r"|\bsubject to (?:the|its)\b|\bportions\b|\bfor (?:a )?(?:full|more|licen|terms|details)|\buse of this\b"
    r"|(?<=[;.,] )written (?:for|by)\b|\band \w+-licen[cs]ed\b|(?<= - )(?:\w+ )?(?:MIT|BSD|Apache|L?GPL)\b"
    r"|(?<=- )licen[cs]e\b|\bredistribution (?:permitted|is)\b|\bas well\b"
    r"|\s\|\s|\beveryone is\b|\bSPDX-|\bwith (?:the following|the$|all rights)"
    r"|\b(?:and|but) (?:is|are|was|now|may|has|have|ownership|can|used|freely|all rights|(?:re)?distributed|licen[cs]ed"
    r"|released|available)\b"
    r"|\((?:the )?(?:MIT|BSD|Apache|L?GPL|MPL|ISC|zlib|CC0)(?:[^(),]*licen[cs]e[^()]*)?\)).*$",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\s*\\[nrt].*$")
_FULL_STOP = re.compile(r"(?<![.\s][A-Za-z])(?<=[a-z\d>)/'])\.\s+(?=[A-Z]\w*(?:\s|$))")
_ABBREVIATED = re.compile(
    r"(?:\b(?:inc|ltd|corp|co|jr|sr|al|gmbh|pte|pty|dept|univ|inst|st|dr|prof|e\.v|s\.a|b\.v|o\.o|sp|etc|no|vs"
    r"|authors?\. [a-z])|\b[A-Z])\.$",
    re.IGNORECASE,
)
CONTINUES = re.compile(
    r"(?:,|\band|\bby|&|[-–]|\b(?:of|the|for|through|de|et|en|und|von|y|and other|many|at)"
    r"|\((?:[^()]|\([^()]*\))*)\s*$",
    re.IGNORECASE,
)
JOINED_ON = re.compile(
    r"^(?:and\s|&\s|(?:Inc|Ltd|LLC|LLP|GmbH|Corp|Corporation|Foundation|Limited|Company|Incorporated|Laborator(?:y|ies)"
    rf"|University|Institute)\b|<[^<>\s]+@[^<>\s]+>|[(<]?see (?:the )?(?:{_LISTED})\b"
    r"|\((?!see|https?|\w\)|[a-z]{0,3}[):])(?-i:[A-Z]))",
    re.IGNORECASE,
)
CODE = re.compile(r"[{}]|__|=\"|\b\w+\(\w+(?:,|\))|\)\s*;|=>|->|::|\(\)|&&|\|\||==|\+=|\w\[\w|;\s*\w+\s*\(")
_NAME = r"(?:[A-ZÀ-ÞŁ][\w'’.-]*|de|van|von|der|den|la|da|di|z|o\.o\.)"
POINTED_AT = re.compile(r"\b(?:which|that|it|they) (?:is|are)(?: also)?\s*$", re.IGNORECASE)
FILLED_IN = re.compile(r"=[\"']$|%[sd]|\$\{?\w")
PEOPLE = re.compile(r"\b(?:authors|contributors|developers|maintainers|team)\b", re.IGNORECASE)
NAMED = re.compile(
    rf"^{_NAME}(?: {_NAME}){{1,5}}(?:,? (?:Inc|Ltd|LLC|GmbH|Corp)\b\.?)?(?:,? <[^<>\s]+>)?"
    r"(?:(?<=>)\s|,| and | & |[.;]?$)"
)


def plain(line: str) -> str:
    """Return a line with every way of writing the copyright sign made one, and the commonest of HTML read."""
    if not _MARKED.search(line):
        return line
    read = _ENTITIES.sub(lambda entity: _MEANT.get(entity.lastgroup or "", "&"), _SIGNS.sub("©", line))
    return _TAGS.sub(" ", read)


def bare(line: str) -> str:
    """Return what a line says, without the marks of a comment, a box or a list around it."""
    said = " ".join(_LEADERS.sub("", line).split())
    while (shorter := _TRAILERS.sub("", said)) != said:
        said = shorter
    return said


def indent(line: str) -> int:
    """Return how far from the margin a line's words begin, marks included."""
    return len(line) - len(_LEADERS.sub("", line))


def trimmed(body: str, longest: int) -> str:
    """Return years and holders without what follows them: rights, a sentence, a quotation mark, a full stop."""
    statement = body
    while True:
        before = statement
        statement = _TRAILERS.sub("", _RIGHTS_WITHIN.sub("", RIGHTS.sub("", statement)))
        statement = SENTENCE.sub("", LEFT_IN.sub("", statement))
        statement = _first_sentence(_ESCAPED.sub("", statement))
        statement = " ".join(statement.split()).strip(" \t,;:*\"'`|#-\\{").removesuffix("/*")
        statement = re.sub(r"[,\s]*(?:\b(?:and|are|is|copyright))?$", "", statement, flags=re.IGNORECASE)
        statement = re.sub(rf"^(?:{SIGN}\s*)+", "", statement, flags=re.IGNORECASE)
        statement = _closed(statement)
        if statement.endswith(".") and not _ABBREVIATED.search(statement):
            statement = statement[:-1].rstrip()
        statement = statement[:longest].rstrip()
        if statement == before:
            return statement


def _first_sentence(statement: str) -> str:
    for stop in _FULL_STOP.finditer(statement):
        if not _ABBREVIATED.search(statement[: stop.start() + 1]):
            return statement[: stop.start()]
    return statement


def _closed(statement: str) -> str:
    """Cut a bracket or quotation mark that is closed but was not opened, with what follows it."""
    for opening, closing in ("()", "<>", "[]", "{}"):
        depth = 0
        for place, character in enumerate(statement):
            depth += (character == opening) - (character == closing)
            if depth < 0:
                return statement[:place].rstrip()
    for quote in "\"'":
        if re.search(rf"\w[.]?{quote}\s*[,;)+\]#]", statement):
            return statement[: statement.rindex(quote)].rstrip()
    return statement
