"""What a language looks like: its files, its comments, and how it writes strings.

A string form is a regular expression over bytes. Each begins with a literal byte, so that a search skips to it, and
none goes back over what it has read (possessive quantifiers), so that any text is scanned in linear time. A string
that is not closed runs to the end of its line, or to the end of the text where its form has several lines.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """One form of string: the mark it opens with, and a pattern of all of it."""

    mark: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """Code of another language inside: patterns of what opens and closes it, and that language's name."""

    opening: str
    closing: str
    language: str


@dataclass(frozen=True, slots=True)
class Language:
    """A programming language: its name, the files it lives in, its comments and its strings.

    `extensions` carry their dot and are lower case; `filenames` are exact names; `interpreters` stand in the `#!` line.
    `line_comments` are marks; with `spaced` they count only at the start of a line or after white space or one of
    `;()|&`. `block_comments` are pairs of opening and closing marks, and `nested` says whether they hold each other.
    `pod` says that a line `=word` opens a comment and a line `=end` or `=cut` ends it; `brackets` that behind the mark
    of a line comment `[==[` opens one that ends at `]==]`.
    `lookalikes` are texts that hold a comment or string mark and are none.
    `dialect_comments` are line comments of some dialects: read, never written.
    """

    name: str
    extensions: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    line_comments: tuple[str, ...] = ()
    block_comments: tuple[tuple[str, str], ...] = ()
    strings: tuple[Quote, ...] = ()
    nested: bool = False
    spaced: bool = False
    pod: bool = False
    brackets: bool = False
    lookalikes: tuple[str, ...] = ()
    dialect_comments: tuple[str, ...] = ()
    embedded: tuple[Embedded, ...] = ()


_NOT_BEHIND_A_WORD = r"(?<!\w')"


def _line(mark: str, before: str = "") -> Quote:
    return Quote(mark, rf"{mark}{before}[^{mark}\\\r\n]*+(?:\\(?:\r\n|[\s\S])[^{mark}\\\r\n]*+)*+{mark}?")


def _text(mark: str, before: str = "") -> Quote:
    return Quote(mark, rf"{mark}{before}[^{mark}\\]*+(?:\\[\s\S][^{mark}\\]*+)*+{mark}?")


def _triple(mark: str) -> Quote:
    return Quote(
        mark * 3,
        rf"{mark}{mark}{mark}[^{mark}\\]*+(?:(?:\\[\s\S]|{mark}(?!{mark}{mark}))[^{mark}\\]*+)*+(?:{mark * 3})?",
    )


DOUBLE = _line('"')
SINGLE = _line("'", _NOT_BEHIND_A_WORD)
"""Never behind a letter, so that the apostrophe of a word in running text opens nothing."""
PYTHON_SINGLE = _line("'", r"(?:(?<!\w')|(?<=[rRbBuUfFtT]')(?<!\w\w')|(?<=[rRbBfFtT]{2}')(?<!\w\w\w'))")
"""Behind no word but a prefix; a raw string too steps over an escaped mark, so prefixes change nothing else."""

TEXT_DOUBLE = _text('"')
TEXT_SINGLE = _text("'", _NOT_BEHIND_A_WORD)
TRIPLE_DOUBLE = _triple('"')
TRIPLE_SINGLE = _triple("'")
RAW_TRIPLE = Quote('"""', r'"""[^"]*+(?:"(?!"")[^"]*+)*+(?:"{3,})?')

RAW_LINE_DOUBLE = Quote('"', r'"[^"\r\n]*+"?')
RAW_LINE_SINGLE = Quote("'", rf"'{_NOT_BEHIND_A_WORD}[^'\r\n]*+'?")
RAW_TEXT_DOUBLE = Quote('"', r'"[^"]*+"?')
RAW_TEXT_SINGLE = Quote("'", r"'[^']*+'?")
BACKQUOTES = Quote("`", r"`[^`]*+`?")
COMMAND = _text("`")

CHARACTER = Quote("'", r"'(?:\\[^\r\n][^'\r\n]{0,8}|[^'\\\r\n\x80-\xff]|[\x80-\xff]{2,4})'")
"""One character or escape between apostrophes: anything else (a lifetime, `1'000`, a type variable) is no string."""

TEMPLATE = Quote(
    "`",
    r"`(?:[^`\\$]++|\\[\s\S]|\$(?!\{)|\$\{(?:[^{}`]++|`(?:[^`\\]++|\\[\s\S])*+`|\{[^{}`]*+\})*+\}?)*+`?",
)
"""A template of JavaScript; one more template or object may stand in each `${}`."""

REGEX = Quote(
    "/",
    r"/(?:(?<![^\n]/)|(?<=[(,=\[!&|?{};~\t]/)|(?<=[(,=:\[!&|?{};~ ] /)|(?<=return /)|(?<=if /)|(?<=unless /))"
    r"(?![*/\s>])[^/\\\[\r\n]*+(?:(?:\\[^\r\n]|\[(?:[^\]\\\r\n]++|\\[^\r\n])*+\]?)[^/\\\[\r\n]*+)*+/?",
)
"""A regular expression between slashes, where a division cannot stand."""

CPP_RAW = Quote('R"', r'"(?<=R")(?P<cpp>[^()\\\s"]{0,16})\([^)]*+(?:\)(?!(?P=cpp)")[^)]*+)*+(?:\)(?P=cpp)")?')
CSHARP_VERBATIM = Quote('@"', r'"(?:(?<=@")|(?<=@\$"))[^"]*+(?:""[^"]*+)*+"?')
RUST_RAW = Quote('r"', r'"(?:(?<=\Wr")|(?<=\Wbr"))[^"]*+"?')
RUST_HASHED = Quote('r#"', r'#(?<=r#)(?P<rust>#*+)"[^"]*+(?:"(?!#(?P=rust))[^"]*+)*+(?:"#(?P=rust))?')
SWIFT_HASHED = Quote('#"', r'#(?P<swift>#*+)"[^"]*+(?:"(?!#(?P=swift))[^"]*+)*+(?:"#(?P=swift))?')
SQL_SINGLE = Quote("'", r"'[^'\\]*+(?:\\(?:'(?=\w))?+[^'\\]*+)*+'?")
"""A doubled mark reads as two strings; `\\'` goes on only before a word, as MySQL writes it and a path does not end."""

DOLLAR_SINGLE = Quote("$'", r"'(?<=\$')[^'\\]*+(?:\\[\s\S][^'\\]*+)*+'?")


def _heredoc(opening: str, group: str, closing: str) -> Quote:
    """Return text that ends before the line of the word that it began with; `group` tells two forms apart."""
    word = rf"(?P<{group}_quote>['\"]?)(?P<{group}>[A-Za-z_]\w*)(?P={group}_quote)"
    return Quote(opening, rf"{opening}{word}{closing}[^\n]*+(?:\n(?![ \t]*+(?P={group})\b)[^\n]*+)*+")


SHELL_HEREDOC = _heredoc(r"<<(?<![\w<(]<<)-?[ \t]*+\\?", "here", r"(?=[\s;|&>)])")
RUBY_HEREDOC = _heredoc(r"<<(?<!<<<)(?:[-~]|(?=['\"]?[A-Z]))", "here", "")
PHP_HEREDOC = _heredoc(r"<<<[ \t]*+", "here", r"[ \t]*+(?=\r?\n)")
LUA_BRACKETS = Quote("[[", r"\[(?P<lua>=*+)\[[^\]]*+(?:\](?!(?P=lua)\])[^\]]*+)*+(?:\](?P=lua)\])?")
PERCENT = Quote(
    "%q",
    r"%(?:[qQwWiIrx]\([^()]*+\)|[qQwWiIrx]\[[^\[\]]*+\]|[qQwWiIrx]\{[^{}]*+\}|[qQwWiIrx](?P<percent>[|!])[^|!\r\n]*+(?P=percent))",
)
"""Ruby's `%w[]` and its like, in one pair of brackets."""

HERE_STRING = Quote(
    '@"', r"""@(?:"[ \t]*\r?\n[^"]*+(?:"(?!@)[^"]*+)*+(?:"@)?|'[ \t]*\r?\n[^']*+(?:'(?!@)[^']*+)*+(?:'@)?)"""
)
BACKTICK_DOUBLE = Quote('"', r'"[^"`]*+(?:`[\s\S][^"`]*+)*+"?')
ZIG_LINES = Quote("\\\\", r"\\\\[^\r\n]*+")
