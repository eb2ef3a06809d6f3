"""Which files of a source speak of its licence, told by their names."""

import re

from index.origins.base import LegalFile, LegalKind
from index.origins.reuse import states_licenses

LARGEST_LEGAL_FILE = 4 * 1024 * 1024

_SUFFIX = r"(?:[._-](?:md|rst|txt|html|text|adoc|org))?"
_LICENSE = re.compile(
    r"^(?:(?:un)?licen[cs]es?|copying(?:v?\d|[._-]?lesser)?|copyright|(?:[\w.+-]+[._-])(?:licen[cs]es?)"
    r"|licen[cs]es?[._-][\w.+-]+|copying[._-][\w.+-]+)"
    rf"{_SUFFIX}$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^(?:notices?|(?:third[ ._-]?party|3rd[ ._-]?party)[\w._-]*|[\w.-]*[._-]third[ ._-]?party"
    rf"|notice[._-][\w.-]+){_SUFFIX}$",
    re.IGNORECASE,
)
_AUTHORS = re.compile(rf"^(?:authors?|contributors|credits|maintainers){_SUFFIX}$", re.IGNORECASE)
_NOT_TEXT = (
    ".py",
    ".pyc",
    ".pyi",
    ".js",
    ".ts",
    ".json",
    ".so",
    ".h",
    ".c",
    ".cpp",
    ".png",
    ".svg",
    ".toml",
    ".yml",
    ".yaml",
    ".about",
    ".spdx",
)


def legal_kind(path: str) -> LegalKind | None:
    """Return what a file is for by its name: a licence, a notice, a list of authors, or None for anything else."""
    name = path[path.rfind("/") + 1 :]
    if states_licenses(path):
        return None
    if name.lower().endswith(_NOT_TEXT):
        return None
    if _NOTICE.match(name):
        return LegalKind.NOTICE
    if _LICENSE.match(name):
        return LegalKind.LICENSE
    if _AUTHORS.match(name):
        return LegalKind.AUTHORS
    return None


def tree_legal_kind(path: str) -> LegalKind | None:
    """Return what a file of a source tree is for: as `legal_kind`, or a text in REUSE's folder LICENSES at its top."""
    kind = legal_kind(path)
    folders = path.split("/")[:-1]
    if kind is None and path.endswith(".txt") and len(folders) <= 2 and folders[-1:] == ["LICENSES"]:
        return LegalKind.LICENSE
    return kind


def legal_file(path: str, kind: LegalKind, content: bytes) -> LegalFile:
    """Return a legal file with its bytes read as text: UTF-8, or Latin-1 where it is not, which every byte can be."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return LegalFile(path=path, kind=kind, text=text.replace("\r\n", "\n").replace("\0", ""))
