"""What people and tools do to code that they copy, one function each: pure, and repeatable by the generator given.

Each takes code, its language and a `Surroundings` of other people's code in that language, and returns the changed
code, or None where it has nothing to change there.
"""

import random
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pygments.token import Keyword, Name

from benchmarks.code_tokens import Token, rewritten, tokens_of
from index.lexer import lex

_WORDS = re.findall(
    r"\w+",
    "account batch buffer cache channel column cursor delta entry event field frame gauge handler header item job key "
    "layer limit list lookup marker message method module number object offset option order owner packet part phase "
    "pool queue range record region result route sample scope section shard signal slot source stage state step store "
    "stream table target task ticket token total trace unit value vector weight window worker zone",
)
_ONE_LINE_IN = 5
_WORD = re.compile(r"[A-Za-z]{2,}")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Code:
    """Code and its language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Statements of other people, in the same language where there is some."""

    statements: Sequence[str]


Treatment = Callable[[Code, Surroundings, random.Random], str | None]


def untouched(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Leave the code as it is."""
    return code.text


def reindented(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Take common indentation off, halve or double the rest, and put another one before it."""
    factor = drawn.choice((0.5, 2.0))
    ahead = " " * drawn.choice((2, 3, 6, 8))
    lines = textwrap.dedent(code.text.expandtabs(4)).split("\n")
    return "\n".join(
        ahead + " " * round((len(line) - len(line.lstrip())) * factor) + line.lstrip() if line.strip() else ""
        for line in lines
    )


def with_crlf(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """End lines as Windows does."""
    return code.text.replace("\n", "\r\n")


def statements_inserted(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Put another statement after one in five."""
    lines = logical_lines(code.text)
    if len(lines) < 2:
        return None
    places = set(drawn.sample(range(len(lines) - 1), max(1, (len(lines) - 1) // _ONE_LINE_IN)))
    written = []
    for number, line in enumerate(lines):
        written.append(line)
        if number in places:
            written.append(_indent(line) + drawn.choice(around.statements).strip() + "\n")
    return "".join(written)


def statements_removed(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Leave out one statement in five, the first and the last kept."""
    lines = logical_lines(code.text)
    if len(lines) < 4:
        return None
    gone = set(drawn.sample(range(1, len(lines) - 1), max(1, (len(lines) - 2) // _ONE_LINE_IN)))
    return "".join(line for number, line in enumerate(lines) if number not in gone)


def statements_reordered(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Swap neighbouring statements of equal indentation, one pair in five, the first and the last kept."""
    lines = logical_lines(code.text)
    pairs = [
        number
        for number in range(1, len(lines) - 2)
        if _indent(lines[number]) == _indent(lines[number + 1]) and lines[number].strip() != lines[number + 1].strip()
    ]
    if not pairs:
        return None
    for number in drawn.sample(pairs, max(1, len(pairs) // _ONE_LINE_IN)):
        lines[number], lines[number + 1] = lines[number + 1], lines[number]
    return "".join(lines)


def literals_changed(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Replace every number and every word of a text literal, the same by the same."""
    return _unless_same(code, rewritten(code.text, code.language, _OtherLiterals(drawn)))


def comments_stripped(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Remove comments and docstrings, and the lines that they leave empty."""
    marked = rewritten(code.text, code.language, lambda token: "\0" if token.is_comment else token.text)
    kept = [
        line.replace("\0", "").rstrip()
        for line in marked.split("\n")
        if "\0" not in line or line.replace("\0", "").strip()
    ]
    return _unless_same(code, "\n".join(kept))


def comments_reworded(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Replace two in three of the words in comments and docstrings."""

    def other(token: Token) -> str:
        if not token.is_comment:
            return token.text
        return _WORD.sub(lambda word: drawn.choice(_WORDS) if drawn.random() < 2 / 3 else word[0], token.text)

    return _unless_same(code, rewritten(code.text, code.language, other))


def lexemes_edited(share: float) -> Treatment:
    """Return the treatment that edits so many lexemes: three fifths replaced, a fifth dropped, a fifth added."""

    def edited(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
        data = code.text.encode()
        lexemes = lex(data)
        strange = [word for line in around.statements for word in re.findall(r"\w+|[^\w\s]", line)] or list(_WORDS)
        written = []
        at = 0
        for start, end in zip(lexemes.starts.tolist(), lexemes.ends.tolist(), strict=True):
            written.append(data[at:start].decode(errors="replace"))
            own = data[start:end].decode(errors="replace")
            if drawn.random() < share:
                own = drawn.choices((f" {(other := drawn.choice(strange))} ", "", f"{own} {other} "), (3, 1, 1))[0]
            written.append(own)
            at = end
        return "".join(written) + data[at:].decode(errors="replace")

    return edited


def renamed(share: float, literals: bool) -> Treatment:
    """Return the treatment that gives so many of the names other names, one to one, and literals other values."""

    def treated(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
        tokens = tokens_of(code.text, code.language)
        own = {token.text for token in tokens if token.is_name}
        names, values = _OtherNames(share, drawn), _OtherLiterals(drawn)

        def other(token: Token) -> str:
            # A lexer that takes a name for a type at times must not make it keep its name there.
            if token.text in own and (token.kind in Name or token.kind in Keyword):
                return names(token)
            return values(token) if literals else token.text

        return _unless_same(code, "".join(map(other, tokens)))

    return treated


def in_turn(*treatments: Treatment) -> Treatment:
    """Return one treatment out of several, each working on what the one before left; one must have an effect."""

    def combined(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
        text = code.text
        for treat in treatments:
            text = treat(Code(text, code.language), around, drawn) or text
        return _unless_same(code, text)

    return combined


def logical_lines(text: str) -> list[str]:
    """Return the statements of a text: lines, those joined between which a round or square bracket is open."""
    joined: list[str] = []
    depth = 0
    for line in text.splitlines(keepends=True):
        if depth > 0:
            joined[-1] += line
        else:
            joined.append(line)
            depth = 0
        depth += sum((character in "([") - (character in ")]") for character in line)
    return joined


class _OtherNames:
    """Names to other names, one to one; which ones are changed is drawn when they are first met."""

    def __init__(self, share: float, drawn: random.Random) -> None:
        self._share, self._drawn = share, drawn
        self._known: dict[str, str] = {}
        self._given: set[str] = set()

    def __call__(self, token: Token) -> str:
        return _IDENTIFIER.sub(lambda found: self._other(found[0]), token.text)

    def _other(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._new(name) if self._drawn.random() < self._share else name
        return self._known[name]

    def _new(self, name: str) -> str:
        while True:
            words = self._drawn.sample(_WORDS, 1 if len(name) < 5 else 2)
            if name.isupper() and len(name) > 1:
                new = "_".join(words).upper()
            elif "_" in name.strip("_"):
                new = "_".join(words)
            else:
                new = words[0] + "".join(word.title() for word in words[1:])
                new = new[0].upper() + new[1:] if name[0].isupper() else new
            if new in self._given:
                new += str(len(self._given))
            if new not in self._given and new != name:
                self._given.add(new)
                return new


class _OtherLiterals:
    """Numbers and the words of text literals to others, the same by the same."""

    def __init__(self, drawn: random.Random) -> None:
        self._drawn = drawn
        self._known: dict[str, str] = {}

    def __call__(self, token: Token) -> str:
        if token.is_number:
            return re.sub(r"\d+", lambda found: self._number(found[0]), token.text, count=1)
        if token.is_string:
            return _WORD.sub(lambda found: self._word(found[0]), token.text)
        return token.text

    def _number(self, digits: str) -> str:
        if digits not in self._known:
            self._known[digits] = str(self._drawn.randrange(10 ** len(digits), 10 ** (len(digits) + 1)))
        return self._known[digits]

    def _word(self, word: str) -> str:
        if word not in self._known:
            self._known[word] = self._drawn.choice(_WORDS)
        return self._known[word]


def _unless_same(code: Code, text: str) -> str | None:
    return None if text.split() == code.text.split() else text


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
