"""Where in a code a comment line may stand without changing what the code means, and whether the meaning was kept."""

import io
import re
import tokenize
from functools import lru_cache
from itertools import takewhile

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String, Token
from pygments.util import ClassNotFound

from index.comment_scan import comment_ranges
from index.languages import Language

_BETWEEN = r"(?:\s|<!--(?:(?!-->).)*+-->)*+"
_DOCTYPE = r"<!DOCTYPE\b[^>\[]*+(?:\[[^\]]*+\]\s*+)?+>"
# What must stay at the very beginning, as far as it is there: it is not read as what it is behind a comment.
_PROLOGUE = re.compile(
    rf"\s*<\?xml\b.*?\?>{_BETWEEN}(?:{_DOCTYPE})?|{_BETWEEN}{_DOCTYPE}",
    re.IGNORECASE | re.DOTALL,
)
_FIRST_LINE = re.compile(r"#!|#lang\b|\s*<\?php\b|@charset\b|[#;%/\"-].*-\*-")
_FIRST_LINES = {
    "Python": re.compile(r"[ \t\f]*#.*?coding[:=]|#!"),
    "Ruby": re.compile(r"#.*?coding[:=]|#!"),
    "Dockerfile": re.compile(r"#\s*(?:syntax|escape|check)\s*="),
}
# Behind such a line all is data.
_REST_IS_DATA = {
    "Ruby": re.compile(r"__END__\r?$"),
    "Perl": re.compile(r"__(?:END|DATA)__\b"),
    "PHP": re.compile(r"\s*__halt_compiler\b"),
}
# Lines between the two are a text.
_TEXT_BLOCKS = {"Make": (re.compile(r"\s*(?:override\s+|export\s+)?define\b"), re.compile(r"\s*endef\b"))}
_CONTINUED = {
    "Visual Basic": re.compile(r"(?:^|\s)_$"),
    "MATLAB": re.compile(r"\.\.\."),
    "PowerShell": re.compile(r"`$"),
    "Fortran": re.compile(r"&$"),
}
_BACKSLASH = re.compile(r"\\$")
# Code that is text outside its tags: a comment is only a comment at the outermost level.
_MARKUP = frozenset({"HTML", "Vue", "Svelte"})
# A text between tags is no place for a comment: where there may be tags, only the outermost level is safe.
_TAGS_WITHIN = frozenset({"JSX", "TSX"})
_CLOSING_TAG = re.compile(r"</[A-Za-z>]|/>")
_LEXERS = {
    "C#": "csharp",
    "F#": "fsharp",
    "shell": "bash",
    "JSX": "javascript",
    "TSX": "typescript",
    "Visual Basic": "vb.net",
    "Protocol Buffers": "protobuf",
    "CUDA": "cuda",
    "Assembly": "gas",
    "Svelte": "html",
}


# Generated code is asked about in its document, and once more when that is tagged.
@lru_cache(maxsize=4)
def safe_starts(code: str, language: Language) -> tuple[int, ...]:
    """Return the lines (1-based) before which a comment line may be put; the one behind the last is the end.

    Empty where there is no such place.
    """
    lines = code.split("\n")
    if len(lines) > 1 and not lines[-1].strip("\r"):
        lines.pop()
    end = len(lines) + 1
    first = _prologue_lines(code, lines, language) + 1
    if language.name in _MARKUP:
        return (first, end) if first < end else ()
    starts = _python_starts(code, end) if language.name == "Python" else None
    if starts is None:
        starts = _lexed_starts(code, language, end)
    unsafe = _unsafe_by_line(lines, language)
    return tuple(number for number in starts if number >= first and number not in unsafe)


def means_the_same(before: str, after: str, language: Language) -> bool:
    """Whether two texts are the same code apart from comments and space, as far as it can be read.

    Python is read by Python's own tokenizer; any other language by the index's scan of comments and by Pygments.
    """
    if language.name == "Python" and (tokens := _python_tokens(before)) is not None:
        return _meaning(_python_tokens(after)) == _meaning(tokens)
    if _without_comments(before, language) != _without_comments(after, language):
        return False
    lexer = _lexer(language)
    return lexer is None or _tokens(before, lexer) == _tokens(after, lexer)


def _prologue_lines(code: str, lines: list[str], language: Language) -> int:
    """Return how many lines have to stay where they are, before everything else."""
    prologue = _PROLOGUE.match(code) if language.block_comments and not language.line_comments else None
    count = code.count("\n", 0, prologue.end()) + 1 if prologue else 0
    if lines and _FIRST_LINE.match(lines[0]):
        count = max(count, 1)
    more = _FIRST_LINES.get(language.name)
    if more is None:
        return count
    if language.name == "Dockerfile":
        return max(count, len(list(takewhile(more.match, lines))))
    return max([count, *(number for number, line in enumerate(lines[:2], start=1) if more.match(line))])


def _unsafe_by_line(lines: list[str], language: Language) -> set[int]:
    """Return the lines that go on with the line before, or lie in a text or behind the end of the code."""
    continued = (_BACKSLASH, *((_CONTINUED[language.name],) if language.name in _CONTINUED else ()))
    opening, closing = _TEXT_BLOCKS.get(language.name, (None, None))
    data = _REST_IS_DATA.get(language.name)
    unsafe: set[int] = set()
    within = False
    for number, line in enumerate(lines, start=1):
        bare = line.rstrip("\r")
        if data is not None and data.match(bare):
            unsafe.update(range(number + 1, len(lines) + 2))
            break
        if any(mark.search(bare) for mark in continued):
            unsafe.add(number + 1)
        if within:
            unsafe.add(number)
        if opening is not None and closing is not None:
            within = (within or opening.match(bare) is not None) and closing.match(bare) is None
        if language.name == "Go" and bare.strip() == 'import "C"':
            # The comment right above it is code of its own.
            unsafe.add(number)
    return unsafe


@lru_cache(maxsize=2)
def _python_tokens(code: str) -> tuple[tokenize.TokenInfo, ...] | None:
    """Return the tokens of a code, which may end in the middle of a statement; None where they end before it does."""
    tokens: list[tokenize.TokenInfo] = []
    try:
        tokens.extend(tokenize.generate_tokens(io.StringIO(code).readline))
    except (SyntaxError, tokenize.TokenError):
        # Written code is often cut inside brackets: all that is there has been read by then.
        line, column = tokens[-1].end if tokens else (1, 0)
        if "".join(code.split("\n")[line - 1 :])[column:].strip():
            return None
    return tuple(tokens)


def _meaning(tokens: tuple[tokenize.TokenInfo, ...] | None) -> list[tuple[int, str]] | None:
    """Return what of the tokens is code: not where lines end without ending a statement, and no comments."""
    if tokens is None:
        return None
    return [
        (token.type, "" if token.type == tokenize.NEWLINE else token.string)
        for token in tokens
        if token.type not in (tokenize.NL, tokenize.COMMENT)
    ]


def _python_starts(code: str, end: int) -> list[int] | None:
    """Return the lines where a statement, a comment or a blank line begins; None where they cannot be told."""
    tokens = _python_tokens(code)
    if tokens is None:
        return None
    starts: list[int] = []
    within = False
    for token in tokens:
        if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER):
            continue
        if not within and (not starts or starts[-1] != token.start[0]):
            starts.append(token.start[0])
        if token.type == tokenize.NEWLINE:
            within = False
        elif token.type not in (tokenize.NL, tokenize.COMMENT):
            within = True
    return [*(number for number in starts if number < end), end]


def _lexed_starts(code: str, language: Language, end: int) -> list[int]:
    """Return the lines that begin outside strings, comments and markup, as Pygments sees them."""
    lexer = _lexer(language)
    if lexer is None:
        return list(range(1, end + 1)) if language.line_comments else [1, end]
    outermost = language.name in _TAGS_WITHIN or (
        language.name == "JavaScript" and _CLOSING_TAG.search(code) is not None
    )
    markup_around = language.name == "PHP" and "<?" in code
    unsafe = {1} if markup_around else set()
    depth, number = 0, 1
    kind: object = None
    for token, value in lexer.get_tokens(code):
        # A preprocessor line goes on only behind a backslash, which is seen elsewhere.
        multiline = (
            token in String
            or (token in Comment and token not in Comment.Preproc and token not in Comment.PreprocFile)
            or token in Token.Literal
        )
        for _ in range(value.count("\n")):
            number += 1
            if (
                (multiline and not value.endswith("\n"))
                or (multiline and kind is token and value == "\n")
                or (multiline and value.count("\n") > 1)
                or (markup_around and token is Token.Other)
                or (outermost and depth > 0)
            ):
                unsafe.add(number)
        if outermost and not multiline:
            depth += sum(value.count(bracket) for bracket in "([{") - sum(value.count(bracket) for bracket in ")]}")
        kind = token
    return [line for line in range(1, end + 1) if line not in unsafe]


def _lexer(language: Language) -> Lexer | None:
    """Return the lexer that sees every character of a code in that language; None where Pygments has none."""
    try:
        name = _LEXERS.get(language.name, language.name.lower())
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _tokens(code: str, lexer: Lexer) -> list[str]:
    kept = (
        value
        for token, value in lexer.get_tokens(code)
        if token not in Comment or token in Comment.Preproc or token in Comment.PreprocFile
    )
    return [bare for value in kept if (bare := "".join(value.split()))]


def _without_comments(code: str, language: Language) -> bytes:
    text = code.encode(errors="surrogatepass")
    kept, at = [], 0
    for start, end in comment_ranges(text, language):
        kept.append(text[at:start])
        at = end
    kept.append(text[at:])
    return b" ".join(b" ".join(kept).split())
