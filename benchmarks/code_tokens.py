"""What each piece of a code text is, in any language: names, literals, comments, told by Pygments' lexers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Name, Number, String
from pygments.util import ClassNotFound

# Languages in which most names are the programmer's own to choose.
NAMING_LANGUAGES = frozenset(
    ("Python", "JavaScript", "TypeScript", "Java", "C", "C++", "C#", "Go", "Rust", "Ruby", "PHP", "Kotlin", "Swift")
)
_NOT_OWN = (Name.Builtin, Name.Exception, Name.Namespace, Name.Tag, Name.Entity, Name.Decorator, Name.Function.Magic)
_NOT_OWN_WORDS = frozenset(("this", "self", "super", "cls"))
_LEXER_NAMES = {"shell": "bash", "Protocol Buffers": "protobuf", "Dockerfile": "docker", "Vue": "html"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text and its kind, as Pygments names kinds."""

    kind: Any
    text: str

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment or a docstring; preprocessor lines are none."""
        if self.kind in Comment.Preproc or self.kind in Comment.PreprocFile:
            return False
        return self.kind in String.Doc or self.kind in Comment

    @property
    def is_name(self) -> bool:
        """Whether it is a name that its author could have chosen otherwise."""
        return (
            self.kind in Name
            and not any(self.kind in kind for kind in _NOT_OWN)
            and self.text.lstrip("$@&") not in _NOT_OWN_WORDS
        )

    @property
    def is_string(self) -> bool:
        """Whether it is part of a text literal; docstrings and what stands interpolated are none."""
        return self.kind in String and not any(
            self.kind in kind for kind in (String.Doc, String.Interpol, String.Escape, String.Affix)
        )

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.kind in Number


def tokens_of(text: str, language: str) -> list[Token]:
    """Return the tokens of a text; joined they are the text again."""
    return [Token(kind, value) for kind, value in _lexer(language).get_tokens(text)]


def rewritten(text: str, language: str, rewrite: Callable[[Token], str]) -> str:
    """Return the text with every token put through `rewrite`."""
    return "".join(map(rewrite, tokens_of(text, language)))


def shares(tokens: Iterable[Token]) -> dict[str, float]:
    """Return which share of the visible characters stands in comments, text literals and numbers."""
    counted = {"comment": 0, "string": 0, "number": 0}
    visible = 0
    for token in tokens:
        size = len("".join(token.text.split()))
        visible += size
        for name, holds in (
            ("comment", token.is_comment),
            ("string", token.is_string),
            ("number", token.is_number),
        ):
            counted[name] += size * holds
    return {name: count / max(visible, 1) for name, count in counted.items()}


@cache
def _lexer(language: str) -> Lexer:
    options = {"stripnl": False, "ensurenl": False, "startinline": language == "PHP"}
    try:
        lexer: Lexer = get_lexer_by_name(_LEXER_NAMES.get(language, language.lower()), **options)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", **options)
    return lexer
