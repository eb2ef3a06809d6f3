"""What a source says of single files' licences beside them: REUSE.toml, `FILE.license`, .reuse/dep5.

See the REUSE Specification, version 3.3. Copyright statements in these files are not read here.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.languages import language_of
from index.origins.base import DeclaredLicense, Precedence
from index.origins.dep5 import Dep5, read_dep5

REUSE_TOML = "REUSE.toml"
LARGEST_STATEMENT = 1024 * 1024
_DEP5 = ".reuse/dep5"
_BESIDE = ".license"
_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]+)")
_GLOB = re.compile(r"\\(.)|(\*\*)|(\*)|([^*\\]+|\\)", re.DOTALL)


def states_licenses(path: str) -> bool:
    """Whether a file says by its name that it holds statements about other files' licences."""
    name = path.rpartition("/")[2]
    if name == REUSE_TOML or path == _DEP5 or path.endswith("/" + _DEP5):
        return True
    return name.endswith(_BESIDE) and language_of(path.removesuffix(_BESIDE)) is not None


@dataclass(frozen=True, slots=True)
class _Annotation:
    patterns: tuple[re.Pattern[str], ...]
    precedence: Precedence
    license: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReuseStatements:
    """The statements of one source: annotations by the folder of their REUSE.toml, tags by the file they lie beside."""

    annotations: tuple[tuple[str, tuple[_Annotation, ...]], ...] = ()
    beside: Mapping[str, tuple[str, ...]] | None = None
    dep5: Dep5 | None = None

    def of(self, path: str) -> tuple[DeclaredLicense, ...]:
        """Return what is said of one file: an outer override, else `FILE.license`, else the closest annotation."""
        closest: tuple[str, _Annotation] | None = None
        for folder, annotations in self.annotations:
            if not path.startswith(folder):
                continue
            below = path.removeprefix(folder)
            found = next((one for one in reversed(annotations) if any(p.fullmatch(below) for p in one.patterns)), None)
            if found is None:
                continue
            closest = folder, found
            if found.precedence is Precedence.OVERRIDE:
                break
        if closest is None or closest[1].precedence is not Precedence.OVERRIDE:
            tags = (self.beside or {}).get(path, ())
            if tags:
                where = f"SPDX-License-Identifier in {path}{_BESIDE}"
                return (DeclaredLicense(where, _together(tags), precedence=Precedence.OVERRIDE),)
        if closest is not None:
            folder, annotation = closest
            where = f"SPDX-License-Identifier in {folder}{REUSE_TOML}"
            return (DeclaredLicense(where, _together(annotation.license), precedence=annotation.precedence),)
        return self.dep5.of(path) if self.dep5 else ()


def reuse_statements(texts: Mapping[str, str]) -> ReuseStatements:
    """Return the statements in the files of a source that hold some, given as text by path; broken ones say nothing."""
    annotations: list[tuple[str, tuple[_Annotation, ...]]] = []
    beside: dict[str, tuple[str, ...]] = {}
    dep5 = None
    for path, text in texts.items():
        folder, slash, name = path.rpartition("/")
        if name == REUSE_TOML:
            annotations.append((folder + slash, _annotations(text)))
        elif path == _DEP5:
            dep5 = read_dep5(text, f"License in {_DEP5}")
        elif path.endswith(_BESIDE) and (tags := tuple(tag.strip() for tag in _TAG.findall(text))):
            beside[path.removesuffix(_BESIDE)] = tags
    annotations.sort(key=lambda entry: entry[0].count("/"))
    return ReuseStatements(tuple(annotations), beside, dep5)


def _annotations(text: str) -> tuple[_Annotation, ...]:
    try:
        tables = tomllib.loads(text).get("annotations", [])
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    found = (_annotation(table) for table in tables if isinstance(table, dict)) if isinstance(tables, list) else ()
    return tuple(annotation for annotation in found if annotation is not None)


def _annotation(table: dict[str, Any]) -> _Annotation | None:
    license = _strings(table.get("SPDX-License-Identifier"))
    precedence = table.get("precedence", Precedence.CLOSEST)
    if not license or precedence not in list(Precedence):
        return None
    return _Annotation(tuple(_pattern(glob) for glob in _strings(table.get("path"))), Precedence(precedence), license)


def _pattern(glob: str) -> re.Pattern[str]:
    """Translate a path of REUSE.toml: `*` is anything but a slash, `**` anything, a backslash quotes the next."""
    parts = (
        ".*" if deep else "[^/]*" if shallow else re.escape(escaped or plain)
        for escaped, deep, shallow, plain in _GLOB.findall(glob)
    )
    return re.compile("".join(parts), re.DOTALL)


def _strings(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(one.strip() for one in listed if isinstance(one, str) and one.strip())


def _together(expressions: tuple[str, ...]) -> str:
    return expressions[0] if len(expressions) == 1 else " AND ".join(f"({one})" for one in expressions)
