"""Reads a machine-readable debian/copyright: which licence it gives to which files.

See "Machine-readable debian/copyright file", version 1.0 (DEP-5): a pattern stands for whole paths, its `*` crosses
folders, and the last paragraph that matches a file is the one that counts.
"""

import re
from dataclasses import dataclass

from debian_inspector.copyright import (
    CopyrightFilesParagraph,
    CopyrightLicenseParagraph,
    DebianCopyright,
    is_machine_readable_copyright,
)

from index.origins.base import DeclaredLicense

WHERE = "License in debian/copyright"
_ESCAPE = re.compile(r"\\([*?\\])|([*?])|([^*?\\]+|\\)")


@dataclass(frozen=True, slots=True)
class _Stanza:
    patterns: tuple[re.Pattern[str], ...]
    everything: bool
    license: tuple[DeclaredLicense, ...]


@dataclass(frozen=True, slots=True)
class Dep5:
    """The licences of a source package's files, as Debian has looked them up."""

    stanzas: tuple[_Stanza, ...]

    def of_everything(self) -> tuple[DeclaredLicense, ...]:
        """Return what is said of all files that nothing else is said of."""
        general = [stanza for stanza in self.stanzas if stanza.everything]
        return general[-1].license if general else ()

    def of(self, path: str) -> tuple[DeclaredLicense, ...]:
        """Return what is said of one file: the name of its licence, with its text where there is one."""
        for stanza in reversed(self.stanzas):
            if any(pattern.fullmatch(path) for pattern in stanza.patterns):
                return stanza.license
        return ()


def read_dep5(text: str, where: str = WHERE) -> Dep5 | None:
    """Return what a debian/copyright says, or None where it is free text; `where` is what its field is called."""
    if not is_machine_readable_copyright(text.lstrip("\ufeff \n")):
        return None
    try:
        paragraphs = DebianCopyright.from_text(text).paragraphs
    except Exception:  # the parser raises plain exceptions for malformed fields
        return None
    texts = {
        paragraph.license.name: paragraph.license.text
        for paragraph in paragraphs
        if isinstance(paragraph, CopyrightLicenseParagraph) and paragraph.license.name and paragraph.license.text
    }
    return Dep5(
        tuple(
            _stanza(paragraph, texts, where)
            for paragraph in paragraphs
            if isinstance(paragraph, CopyrightFilesParagraph) and paragraph.files.values
        )
    )


def _stanza(paragraph: CopyrightFilesParagraph, texts: dict[str, str], where: str) -> _Stanza:
    name = (paragraph.license.name or "").strip()
    text = paragraph.license.text or texts.get(name, "")
    return _Stanza(
        patterns=tuple(_pattern(glob) for glob in paragraph.files.values),
        everything="*" in paragraph.files.values,
        license=(DeclaredLicense(where, name or "not named", text),),
    )


def _pattern(glob: str) -> re.Pattern[str]:
    parts = (
        re.escape(escaped or plain) if escaped or plain else ".*" if wild == "*" else "."
        for escaped, wild, plain in _ESCAPE.findall(glob.removeprefix("./"))
    )
    return re.compile("".join(parts), re.DOTALL)
