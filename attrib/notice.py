"""The third-party notice: everything that must be shipped with reproduced code, as plain text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from attrib.errors import UnknownLicense
from attrib.license_texts import canonical_text
from attrib.licenses import NOASSERTION, base_id, license_ids, resolve_choice
from attrib.obligations import Ask, obligations_of
from index.origins.base import LegalFile, LegalKind

_HEAVY = "=" * 78
_LIGHT = "-" * 78
_OPENING = """THIRD-PARTY NOTICES

This code reproduces parts of the works named below. Their licences ask that
what follows be kept with it."""
# The holders stand in the entry itself; the list's text only has room for them.
_PLACEHOLDER_LINE = re.compile(r"^copyright .*<.*>.*\n*", re.IGNORECASE | re.MULTILINE)
_UNKNOWN_OPENING = """WORKS WHOSE LICENCE IS NOT KNOWN

Nobody can say what these works ask for. Find out before the code is shipped."""


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """What was reproduced of one source: its licence, its copyright, its legal files as shipped, and which places.

    `places` are such as 'click/parser.py, lines 180-209'. `license_text_is_canonical` says that the licence files
    given are not the source's own but the SPDX list's.
    """

    purl: str
    license_expression: str
    copyright: tuple[str, ...] = ()
    legal: tuple[LegalFile, ...] = ()
    places: tuple[str, ...] = ()
    modified: bool = False
    license_text_is_canonical: bool = False


def notice(entries: Iterable[NoticeEntry]) -> str:
    """Return the notice for these entries: grouped by source, in the order of purls, each text once; '' for none."""
    merged = _merged(entries)
    if not merged:
        return ""
    known = [entry for entry in merged if not _is_unknown(entry)]
    unknown = [entry for entry in merged if _is_unknown(entry)]
    shown: dict[str, str] = {}
    parts = []
    if known:
        parts.append(_OPENING)
        parts += [_section(entry, shown) for entry in known]
    if unknown:
        parts.append(f"{_HEAVY}\n{_UNKNOWN_OPENING}" if known else _UNKNOWN_OPENING)
        parts += [_section(entry, shown) for entry in unknown]
    return "\n\n".join(parts) + "\n"


def _merged(entries: Iterable[NoticeEntry]) -> list[NoticeEntry]:
    groups: dict[tuple[str, str], list[NoticeEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.purl, entry.license_expression), []).append(entry)
    return [
        NoticeEntry(
            purl=purl,
            license_expression=expression,
            copyright=tuple(dict.fromkeys(line for entry in group for line in entry.copyright)),
            legal=tuple(
                sorted(
                    {file for entry in group for file in entry.legal},
                    key=lambda file: (file.path.count("/"), file.path, file.text),
                )
            ),
            places=tuple(sorted({place for entry in group for place in entry.places})),
            modified=any(entry.modified for entry in group),
            license_text_is_canonical=any(entry.license_text_is_canonical for entry in group),
        )
        for (purl, expression), group in sorted(groups.items())
    ]


def _is_unknown(entry: NoticeEntry) -> bool:
    if entry.license_expression == NOASSERTION:
        return True
    try:
        license_ids(entry.license_expression)
    except UnknownLicense:
        return True
    return False


def _section(entry: NoticeEntry, shown: dict[str, str]) -> str:
    obligations = obligations_of(entry.license_expression)
    lines = [_HEAVY, f"{_title(entry.purl)} ({entry.purl})", ""]
    if _is_unknown(entry):
        lines.append("Licence: not known")
    else:
        lines.append(f"Licence: {entry.license_expression}")
        said = resolve_choice(entry.license_expression).said
        if said is not None:
            lines.append(f"  {said}")
    if entry.places:
        lines.append("Reproduced here:")
        lines += [f"  {place}" for place in entry.places]
    if entry.modified:
        asked = " (the licence asks that this be said)" if Ask.STATE_CHANGES in obligations.asks else ""
        lines.append(f"Changes: the code was modified{asked}.")
    if entry.copyright:
        lines.append("Copyright:")
        lines += [f"  {_statement(line)}" for line in entry.copyright]
    section = "\n".join(lines)
    texts = _texts(entry, shown)
    return "\n\n".join((section, *texts))


def _title(purl: str) -> str:
    name, _, version = unquote(purl.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0].split("/", 1)[-1]).rpartition(
        "@"
    )
    return f"{name} {version}" if name else version


def _statement(line: str) -> str:
    begins = line.lower().startswith(("copyright", "©", "(c)", "portions"))
    return line if begins else f"Copyright {line}"


def _texts(entry: NoticeEntry, shown: dict[str, str]) -> list[str]:
    obligations = obligations_of(entry.license_expression)
    licenses = [file for file in entry.legal if file.kind is LegalKind.LICENSE]
    texts = []
    for file in entry.legal:
        if file.kind is LegalKind.LICENSE:
            whose = (
                "the SPDX list's text, for want of the source's own"
                if entry.license_text_is_canonical
                else "as the source ships it"
            )
            texts.append(_once(f"{_name(file)}, {whose}", file.text, entry, shown))
        elif file.kind is LegalKind.NOTICE:
            texts.append(_once(f"{_name(file)} of {_title(entry.purl)}", file.text, entry, shown))
    if not licenses and Ask.INCLUDE_TEXT in obligations.asks:
        for license_id in license_ids(obligations.expression):
            text = canonical_text(base_id(license_id))
            if text is not None:
                heading = f"{license_id}: the source ships no licence file, so this is the SPDX list's text"
                texts.append(_once(heading, _PLACEHOLDER_LINE.sub("", text), entry, shown))
    return texts


def _once(heading: str, text: str, entry: NoticeEntry, shown: dict[str, str]) -> str:
    """Return a text under its heading, or where it stands already: word for word the same text is shipped once."""
    body = text.strip("\n").rstrip()
    key = " ".join(body.split())
    first = shown.setdefault(key, entry.purl)
    if first != entry.purl:
        return f"{_LIGHT}\n{heading}\n{_LIGHT}\nWord for word the text given above for {first}."
    return f"{_LIGHT}\n{heading}\n{_LIGHT}\n{body}"


def _name(file: LegalFile) -> str:
    return file.path.rsplit("/", 1)[-1]
