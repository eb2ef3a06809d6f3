"""Snippets of code: so many lexemes cut from a file, at any lexeme or from statement to statement."""

import ast
import random
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.code_tokens import Token, shares, tokens_of
from benchmarks.reference_corpus import CodeFile
from index.lexer import last_line, lex

LENGTHS = (40, 65, 100, 200, 400)
_CUTS_TRIED = 8
_DRAWS_TRIED = 500
_FEWEST_FILES = 10
_MOST_OVER = 1.35
_MOST_COMMENT, _MOST_STRING, _MOST_NUMBER = 0.5, 0.6, 0.3
_MOST_IMPORTS = 0.3
_LEAST_VARIETY = 0.6
_SHORTEST_SHAPE = 2
_LARGEST_CUT_FILE = 300_000
_IMPORT = re.compile(
    r"\s*(?:import|from|package|using|use|export \S+ from|#\s*include|require|include)\b|.*\brequire\(|.*\} from ['\"]"
)
_STRINGS_AND_COMMENTS = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A range of a file, 1-based inclusive lines; `text` has LF line ends."""

    file: CodeFile
    start_line: int
    end_line: int
    text: str
    lexemes: int

    def overlaps(self, other: "Snippet") -> bool:
        """Tell whether both hold a line of one file; `other` is of the same file."""
        return self.start_line <= other.end_line and other.start_line <= self.end_line


# Reads one file's text; None where it is not UTF-8.
Read = Callable[[CodeFile], str | None]
Cut = Callable[[CodeFile, str, int, random.Random], Snippet | None]
# Tells of a text and its language why it is passed over, or None.
Passes = Callable[[str, str], str | None]


def at_any_lexeme(file: CodeFile, content: str, wanted: int, drawn: random.Random) -> Snippet | None:
    """Cut exactly so many lexemes, beginning at any of them."""
    data = content.encode()
    lexemes = lex(data)
    if len(lexemes) < wanted:
        return None
    start = drawn.randrange(len(lexemes) - wanted + 1)
    last = start + wanted - 1
    text = data[int(lexemes.starts[start]) : int(lexemes.ends[last])].decode(errors="replace")
    return Snippet(file, int(lexemes.lines[start]), last_line(data, lexemes, last), text, wanted)


def whole_statements(file: CodeFile, content: str, wanted: int, drawn: random.Random) -> Snippet | None:
    """Cut whole lines of at least so many lexemes and little more, brackets closed, nothing indented less."""
    lines = content.split("\n")
    for _ in range(_CUTS_TRIED):
        first = drawn.randrange(len(lines))
        if lines[first].strip() and not _within(file.language, "\n".join(lines[:first])):
            last = _statement_end(lines, first, wanted)
            if last is not None:
                text = "\n".join(lines[first : last + 1]) + "\n"
                if not _within(file.language, text) and (file.language != "Python" or _parses(text)):
                    return Snippet(file, first + 1, last + 1, text, _count(text))
    return None


class SnippetStream:
    """A long, repeatable supply of snippets: a language, then a package, a file and a place, each at random.

    A language of ten files or more is drawn by their square root: rare ones are heard, common ones lead. No two
    snippets overlap.
    `drawn` counts what was taken, and what was passed over by reason.
    """

    def __init__(
        self, files: Sequence[CodeFile], read: Read, cut: Cut, wanted: int, seed: int, passes: Passes | None = None
    ) -> None:
        self._files: dict[str, dict[str, list[CodeFile]]] = defaultdict(lambda: defaultdict(list))
        for file in files:
            self._files[file.language][file.purl].append(file)
        self._read, self._cut, self._wanted, self._passes = read, cut, wanted, passes
        self._drawn = random.Random(f"{seed} {wanted} {cut.__name__}")
        self._languages = sorted(
            name for name, packages in self._files.items() if sum(map(len, packages.values())) >= _FEWEST_FILES
        )
        self._shares = [sum(map(len, self._files[name].values())) ** 0.5 for name in self._languages]
        self._known: list[Snippet] = []
        self._taken: dict[CodeFile, list[Snippet]] = defaultdict(list)
        self.drawn: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Snippet]:
        """Yield snippets, the same ones to everybody who asks; ends only where the files seem to hold no more."""
        number = 0
        while True:
            while number >= len(self._known):
                snippet = self._next()
                if snippet is None:
                    return
                self._known.append(snippet)
            yield self._known[number]
            number += 1

    def _next(self) -> Snippet | None:
        for _ in range(_DRAWS_TRIED if self._languages else 0):
            packages = self._files[self._drawn.choices(self._languages, self._shares)[0]]
            file = self._drawn.choice(packages[self._drawn.choice(sorted(packages))])
            content = self._read(file)
            if content is None or len(content) > _LARGEST_CUT_FILE:
                continue
            snippet = self._cut(file, content, self._wanted, self._drawn)
            if snippet is None:
                continue
            if any(snippet.overlaps(other) for other in self._taken[file]):
                continue
            reason = self._passes(snippet.text, file.language) if self._passes else None
            self.drawn[reason or "taken"] += 1
            if reason is None:
                self._taken[file].append(snippet)
                return snippet
        return None


def passed_over(text: str, language: str) -> str | None:
    """Return why a cut is not the code that edits and renaming are measured on, None where it is.

    What is passed over here is what a person could not trace back either once it is edited or renamed; it is measured
    as it stands by cuts at any lexeme.
    """
    tokens = tokens_of(text, language)
    found = shares(tokens)
    lines = [line for line in text.split("\n") if line.strip()]
    for reason, share, most in (
        ("comments", found["comment"], _MOST_COMMENT),
        ("texts", found["string"], _MOST_STRING),
        ("numbers", found["number"], _MOST_NUMBER),
        ("imports", sum(bool(_IMPORT.match(line)) for line in lines) / max(len(lines), 1), _MOST_IMPORTS),
        ("monotonous", 1.0 - _variety(tokens), 1.0 - _LEAST_VARIETY),
    ):
        if share > most:
            return reason
    return None


def _variety(tokens: Sequence[Token]) -> float:
    """Return which share of the lines differ in shape: names, texts and numbers are alike there, comments left out."""
    shape = "".join(
        "\n" * token.text.count("\n")
        if token.is_comment
        else "n"
        if token.is_name
        else "s"
        if token.is_string
        else "0"
        if token.is_number
        else token.text
        for token in tokens
    )
    lines = ["".join(line.split()) for line in shape.split("\n")]
    telling = [line for line in lines if len(line) > _SHORTEST_SHAPE]
    return len(set(telling)) / len(telling) if telling else 1.0


def _statement_end(lines: list[str], first: int, wanted: int) -> int | None:
    """Return the last line of the shortest cut from `first` that closes its brackets; None where there is none."""
    indent = _indent(lines[first])
    depth = 0
    taken = 0
    for number in range(first, len(lines)):
        line = lines[number]
        if line.strip() and _indent(line) < indent:
            return None
        bare = _STRINGS_AND_COMMENTS.sub("", line)
        for character in bare:
            depth += (character in "([{") - (character in ")]}")
            if depth < 0:
                return None
        taken += _count(line)
        if taken > _MOST_OVER * wanted + 10:
            return None
        following = next((later for later in lines[number + 1 : number + 4] if later.strip()), "")
        ends_here = depth == 0 and line.strip() != "" and _indent(following) <= indent
        # Counted anew as a whole: equal punctuation that runs on over a line end is one lexeme.
        if taken >= wanted and ends_here and _count("\n".join(lines[first : number + 1])) >= wanted:
            return number
    return None


def _within(language: str, before: str) -> bool:
    """Tell whether what stands before leaves a block comment or a docstring open."""
    if language == "Python":
        return before.count('"""') % 2 == 1 or before.count("'''") % 2 == 1
    return before.rfind("/*") > before.rfind("*/") or before.rfind("<!--") > before.rfind("-->")


def _parses(text: str) -> bool:
    try:
        ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _count(text: str) -> int:
    return len(lex(text.encode()))
