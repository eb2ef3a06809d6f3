"""Where in a code a comment line may stand without changing what the code means."""

import ast
import io
import re
import tokenize
import warnings

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String, Token
from pygments.util import ClassNotFound

from index.languages import Language

_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=]|^#!")
_PREAMBLE = re.compile(r"^\s*(?:#!|<\?php|<\?xml|<!DOCTYPE)", re.IGNORECASE)
# Code that is text outside its tags or braces: a comment is only a comment at the outermost level.
_MARKUP = frozenset({"HTML", "Vue", "Svelte"})
_BRACED = frozenset({"JSX", "TSX", "JavaScript", "TypeScript", "PHP"})
_LEXERS = {
    "C#": "csharp",
    "F#": "fsharp",
    "shell": "bash",
    "JSX": "javascript",
    "TSX": "typescript",
    "Visual Basic": "vb.net",
    "Protocol Buffers": "protobuf",
    "CUDA": "cuda",
}


def safe_starts(code: str, language: Language) -> list[int]:
    """Return the lines (1-based) before which a comment line may be put."""
    lines = code.split("\n")
    first = next((number for number, line in enumerate(lines[:2], start=1) if not _PREAMBLE.match(line)), len(lines))
    if language.name in _MARKUP:
        return [first]
    found = _python_starts(code) if language.name == "Python" else None
    if found is None:
        found = _lexed_starts(code, language)
    starts = [number for number in found if number >= first]
    if language.name == "Python" and starts:
        coding = [number for number, line in enumerate(lines[:2], start=1) if _CODING.match(line)]
        starts = [number for number in starts if not coding or number > coding[-1]]
    return starts or [first]


def _python_starts(code: str) -> list[int] | None:
    """Return the lines where a statement, a comment or a blank line begins; None where the code does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
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
    return starts


def _lexed_starts(code: str, language: Language) -> list[int]:
    """Return the lines that begin outside strings, comments and continued lines, as Pygments sees them."""
    lines = code.split("\n")
    unsafe = {number + 1 for number, line in enumerate(lines, start=1) if line.rstrip("\r").endswith("\\")}
    try:
        lexer = get_lexer_by_name(_LEXERS.get(language.name, language.name.lower()), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return (
            [number for number in range(1, len(lines) + 1) if number not in unsafe] if language.line_comments else [1]
        )
    depth, number = 0, 1
    kind: object = None
    for token, value in lexer.get_tokens(code):
        # A preprocessor line goes on only behind a backslash, which is seen above.
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
            ):
                unsafe.add(number)
            if language.name in _BRACED and depth > 0:
                unsafe.add(number)
        if language.name in _BRACED and not multiline:
            depth += sum(value.count(bracket) for bracket in "([{") - sum(value.count(bracket) for bracket in ")]}")
        kind = token
    return [number for number in range(1, len(lines) + 1) if number not in unsafe]
