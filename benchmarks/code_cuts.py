"""Functions cut from real files, and what people do to them: the inputs of the quality benchmarks."""

import ast
import io
import random
import re
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CutFunction:
    """A function as it stands in a file; lines are 1-based and inclusive, decorators included."""

    path: str
    start_line: int
    end_line: int
    text: str


def functions_of(path: str, content: str, least_lines: int) -> Iterator[CutFunction]:
    """Yield the functions and methods of a Python file that have at least so many lines."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return
    # Not splitlines(): Python's own idea of a line does not end at a form feed.
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", content)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if node.end_lineno - start + 1 >= least_lines:
                yield CutFunction(path, start, node.end_lineno, "".join(lines[start - 1 : node.end_lineno]))


def sample_functions(
    files: list[tuple[str, Path]], count: int, least_lines: int, generator: random.Random
) -> list[CutFunction]:
    """Return `count` functions from as many different files, chosen at random."""
    chosen: list[CutFunction] = []
    order = list(files)
    generator.shuffle(order)
    for path, place in order:
        try:
            content = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        functions = list(functions_of(path, content, least_lines))
        if functions:
            chosen.append(generator.choice(functions))
            if len(chosen) == count:
                break
    return chosen


def as_it_stands(text: str) -> str:
    """Return the text itself."""
    return text


def reindented(text: str) -> str:
    """Return the text dedented, then indented by three spaces where it had four, in a block of its own."""
    flat = textwrap.dedent(text)
    return "".join(
        "  " + "   " * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ") for line in flat.splitlines(True)
    )


def with_crlf(text: str) -> str:
    """Return the text with CRLF line ends."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def without_comments(text: str) -> str:
    """Return Python code without its comments, docstrings kept; as it stands where it cannot be tokenised."""
    flat = textwrap.dedent(text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(flat).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return text
    lines = flat.splitlines(keepends=True)
    for token in reversed(tokens):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            line = lines[row - 1]
            rest = line[:column].rstrip()
            lines[row - 1] = rest + "\n" if rest else ""
    return "".join(lines)
