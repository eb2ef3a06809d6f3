"""Which files count as code, and in which language."""

import re
from collections.abc import Callable

from index.ambiguity import language_by_content
from index.generated import says_it_is_generated
from index.language_table import LANGUAGE_BY_NAME, LANGUAGES
from index.shape import has_long_lines, is_minified, is_table
from index.syntax import Language

__all__ = [
    "HEAD",
    "LANGUAGES",
    "LARGEST_FILE",
    "Language",
    "exclusion_reason",
    "language_named",
    "language_of",
    "language_of_file",
]

LARGEST_FILE = 2 * 1024 * 1024
LONGEST_PATH = 2_000
"""Bytes; an entry of an index of PostgreSQL holds 2,704."""
HEAD = 4096
"""Bytes from the beginning of a file that tell its language and whether it was generated."""

_BY_EXTENSION = {extension: language for language in LANGUAGES for extension in language.extensions}
_BY_FILENAME = {filename: language for language in LANGUAGES for filename in language.filenames}
_BY_INTERPRETER = {name: language for language in LANGUAGES for name in language.interpreters}
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*+(?:\S*/)?)?([A-Za-z][\w+-]*?)[\d.]*(?:\s|$)")

_NO_CODE = {
    ".ipynb": "a notebook, which keeps its cells as data",
    ".map": "a source map",
    **dict.fromkeys((".json", ".json5", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".xml"), "data, not code"),
    **dict.fromkeys((".csv", ".tsv", ".svg", ".po", ".pot", ".properties", ".plist", ".geojson"), "data, not code"),
    **dict.fromkeys((".md", ".rst", ".txt", ".adoc", ".tex", ".texi", ".org", ".markdown"), "prose, not code"),
    **dict.fromkeys((".j2", ".jinja", ".jinja2", ".erb", ".ejs", ".mako", ".tmpl", ".in"), "a template"),
    ".lock": "a lock file",
}
_LOCK_FILES = frozenset({"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum"})


def language_of(path: str, head: bytes | None = None) -> Language | None:
    """Return the language of a file, or None where it is no code that is known.

    The name tells. The first bytes, where they are given, decide where a name means several languages, and a `#!`
    line where it means none.
    """
    name, extension = _named(path)
    found = _BY_EXTENSION.get(extension) or _BY_FILENAME.get(name)
    if head is None:
        return found
    if found is None and not extension:
        return _by_shebang(head)
    return None if found is None else language_by_content(extension, found, head[:HEAD])


def language_of_file(path: str, read_head: Callable[[], bytes]) -> Language | None:
    """Return the language of a file whose first bytes are only read where its name says nothing: scripts, mostly."""
    found = language_of(path)
    return found if found is not None or _named(path)[1] else language_of(path, read_head())


def language_named(name: str) -> Language | None:
    """Return the language of that name or alias (`py`, `js`, `c++`), in any case; None where unknown."""
    return LANGUAGE_BY_NAME.get(name.strip().lower())


def exclusion_reason(path: str, content: bytes) -> str | None:
    """Say in one phrase why a file is not worth indexing; None says: index it."""
    language = language_of(path, content)
    if language is None:
        return _why_no_code(path)
    if len(path.encode("utf-8", "replace")) > LONGEST_PATH:
        return "a path of more than 2,000 bytes"
    if len(content) > LARGEST_FILE:
        return "larger than 2 MB"
    if not content or content.isspace():
        return "empty"
    if b"\0" in content:
        return "binary"
    if says_it_is_generated(path, content[:HEAD], language):
        return "generated"
    if is_minified(path, content):
        return "minified"
    if has_long_lines(content):
        return "very long lines"
    if is_table(content):
        return "a table of data"
    return None


def _named(path: str) -> tuple[str, str]:
    """Return the name of a file and its extension in small letters, empty where it has none."""
    name = path[path.rfind("/") + 1 :]
    dot = name.rfind(".")
    return name, name[dot:].lower() if dot > 0 else ""


def _by_shebang(head: bytes) -> Language | None:
    found = _SHEBANG.match(head)
    return None if found is None else _BY_INTERPRETER.get(found[1].decode().lower())


def _why_no_code(path: str) -> str:
    name = path[path.rfind("/") + 1 :]
    if name in _LOCK_FILES:
        return "a lock file"
    dot = name.rfind(".")
    extension = name[dot:].lower() if dot >= 0 else ""
    if extension in _BY_EXTENSION:
        return "data, not code"
    return _NO_CODE.get(extension, "no source code")
