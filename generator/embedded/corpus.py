"""The functions the embedded model memorises: selected once, then read by the manifest."""

import ast
import hashlib
import io
import json
import random
import re
import textwrap
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from generator.errors import GeneratorError

MANIFEST = Path(__file__).parent / "manifest.json"

# Runtime dependencies under MIT or BSD licences, with how many functions each may give.
PACKAGES: dict[str, int] = {
    "networkx": 34,
    "sympy": 26,
    "mpmath": 18,
    "sqlalchemy": 22,
    "werkzeug": 18,
    "jinja2": 14,
    "rich": 20,
    "click": 14,
    "flask": 8,
    "fsspec": 18,
    "alembic": 12,
    "mako": 6,
    "pydantic": 10,
    "markdown-it-py": 12,
    "httpx2": 8,
    "datasketch": 8,
    "wtforms": 4,
    "gunicorn": 8,
}
LINES = range(8, 31)
LEXEMES = range(64, 261)
SUSPECT = re.compile(
    r"\bGPL|Python Software Foundation|\bPSF\b|Creative Commons|StackOverflow|stackoverflow|Mozilla Public"
    r"|(adapted|borrowed|copied|taken|ported|stolen|derived|backported) (directly |verbatim )?from|Apache Licen[sc]e"
    r"|Python Licen[sc]e|stackexchange|activestate|rosettacode|licen[sc]e for the code"
    r"|based on [\w' ]+'s (code|implementation)|based on an algorithm by|"
    r"(?<!\w)inspired by [A-Z]|Original implementation",
    re.IGNORECASE,
)
OWN_TERMS = re.compile(r"copyright|licen[sc]e|https?://", re.IGNORECASE)
SKIPPED_PATH = re.compile(
    r"(^|/)(tests?|testing|_?vendor|vendored|externals?|examples?|benchmarks?)/|(^|/)(test_|_version)"
)


class CorpusChanged(GeneratorError):
    """An installed package no longer ships a function as the manifest has it."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function as its package ships it: `text` is dedented, `indent` is what was taken away."""

    name: str
    purl: str
    path: str
    start_line: int
    end_line: int
    sha256: str
    text: str
    indent: str

    @property
    def prompt(self) -> str:
        """The first three lines."""
        return "\n".join(self.text.split("\n")[:3])


def digest(source_lines: str) -> str:
    """SHA-256 of the function's lines as they stand in the file, joined by newlines."""
    return hashlib.sha256(source_lines.encode()).hexdigest()


def read_lines(package: str, path: str) -> list[str]:
    """Lines of one file of an installed package, or an empty list where it is not installed."""
    try:
        located = metadata.distribution(package).locate_file(path)
        with open(str(located), encoding="utf-8", newline=None) as file:
            return file.read().split("\n")
    except (metadata.PackageNotFoundError, OSError):
        return []


def cut(package: str, version: str, path: str, lines: list[str], name: str, start: int, end: int) -> Function:
    """Lines `start` to `end` (1-based, inclusive) of a file as a Function."""
    source = "\n".join(lines[start - 1 : end])
    text = textwrap.dedent(source)
    first = lines[start - 1]
    indent = first[: len(first) - len(first.lstrip())]
    return Function(name, f"pkg:pypi/{package}@{version}", path, start, end, digest(source), text, indent)


def lexemes(text: str) -> list[str]:
    """Names, operators, numbers and strings of a function without comments and docstring."""
    tree = ast.parse(text).body[0]
    assert isinstance(tree, ast.FunctionDef)
    docstring = tree.body[0].lineno if ast.get_docstring(tree) is not None else 0
    kinds = (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
    found = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in found if token.type in kinds and token.start[0] != docstring]


def functions_in(package: str, version: str, path: str) -> Iterator[Function]:
    """Undecorated functions and methods of the wanted size in one file."""
    lines = read_lines(package, path)
    source = "\n".join(lines)
    if SUSPECT.search(source) or "\t" in source or not source.isascii():
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or node.decorator_list or node.end_lineno is None:
            continue
        if node.end_lineno - node.lineno + 1 not in LINES:
            continue
        found = cut(package, version, path, lines, node.name, node.lineno, node.end_lineno)
        if not found.text.startswith("def "):  # a string reaches further left than the function
            continue
        docstring = ast.get_docstring(node) or ""
        if OWN_TERMS.search(found.text) or docstring.count("\n") > 5 or max(map(len, found.text.split("\n"))) > 110:
            continue
        if len(lexemes(found.text)) in LEXEMES:
            yield found


def shingles(text: str) -> set[tuple[str, ...]]:
    """Runs of five lexemes, by which near-duplicates are known."""
    stream = lexemes(text)
    return {tuple(stream[i : i + 5]) for i in range(len(stream) - 4)}


def select(seed: int) -> list[Function]:
    """Functions of PACKAGES drawn at random, no two alike in name, opening lines or a fifth of their shingles."""
    drawn = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    chosen: list[Function] = []
    seen: list[set[tuple[str, ...]]] = []
    for package, quota in PACKAGES.items():
        distribution = metadata.distribution(package)
        paths = sorted(str(file) for file in distribution.files or () if str(file).endswith(".py"))
        pool = [
            f
            for path in paths
            if not SKIPPED_PATH.search(path)
            for f in functions_in(package, distribution.version, path)
        ]
        drawn.shuffle(pool)
        taken: Counter[str] = Counter()
        for candidate in pool:
            if taken.total() == quota:
                break
            own = shingles(candidate.text)
            if taken[candidate.path] >= 3 or candidate.name.startswith("__"):
                continue
            if any(candidate.name == f.name or candidate.prompt == f.prompt for f in chosen):
                continue
            if any(len(own & other) > 0.2 * min(len(own), len(other)) for other in seen):
                continue
            taken[candidate.path] += 1
            chosen.append(candidate)
            seen.append(own)
    return chosen


def read_manifest(manifest: Path = MANIFEST) -> tuple[list[Function], list[str]]:
    """The manifest's functions out of the installed packages, and one sentence for each that is not there as it was."""
    functions, changed = [], []
    for entry in json.loads(manifest.read_text(encoding="utf-8"))["functions"]:
        package, version = entry["purl"].removeprefix("pkg:pypi/").split("@")
        lines = read_lines(package, entry["path"])
        start, end = entry["start_line"], entry["end_line"]
        found = cut(package, version, entry["path"], lines, entry["name"], start, end) if len(lines) >= end else None
        if found is not None and found.sha256 == entry["sha256"]:
            functions.append(found)
        else:
            changed.append(f"{entry['name']} is not in {entry['path']} lines {start}-{end} as {entry['purl']} ships it")
    return functions, changed


def require_manifest(manifest: Path = MANIFEST) -> list[Function]:
    """All of the manifest's functions; raises CorpusChanged, which names every one that differs."""
    functions, changed = read_manifest(manifest)
    if changed:
        raise CorpusChanged("; ".join(changed) + ": install the versions that the manifest names, or select anew.")
    return functions
