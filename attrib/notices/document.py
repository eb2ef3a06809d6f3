"""A notice as data: works in order, each with its licence, its copyright and every text it needs, each text once."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

from attrib.errors import UnknownLicense
from attrib.license_texts import canonical_text, match_texts
from attrib.licenses import NOASSERTION, base_id, license_ids, resolve_choice
from attrib.notices.entries import NoticeEntry, Place
from attrib.obligations import Ask, Obligations, obligations_of
from index.origins.base import LegalFile, LegalKind

TITLE = "Third-party notices"
OPENING = "This code reproduces parts of the works named below. Their licences ask that what follows be kept with it."
UNKNOWN_TITLE = "Works whose licence is not known"
UNKNOWN_OPENING = "Nobody can say what these works ask for. Find out before the code is shipped."
# The holders stand in the work itself; the list's text only has room for them.
_PLACEHOLDER_LINE = re.compile(r"^copyright .*<.*>.*\n*", re.IGNORECASE | re.MULTILINE)
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_KIND_ORDER = (LegalKind.LICENSE, LegalKind.NOTICE, LegalKind.AUTHORS)


@dataclass(frozen=True, slots=True)
class ShippedText:
    """A text under its heading; where the same stood before, `body` is empty and `given_for` is that work's number."""

    heading: str
    body: str
    given_for: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What is said of one work; `license` is None where it is not known, `choice` and `changes` where nothing is said.

    `number` counts the works of a notice from 1. All is plain text without hidden characters; only the bodies of texts
    have several lines.
    """

    number: int
    purl: str
    title: str
    license: str | None
    choice: str | None
    places: tuple[str, ...]
    changes: str | None
    copyright: tuple[str, ...]
    texts: tuple[ShippedText, ...]


@dataclass(frozen=True, slots=True)
class NoticeDocument:
    """A whole notice: the works whose licence is known, and those whose is not, both in the order of purls."""

    known: tuple[Work, ...]
    unknown: tuple[Work, ...]

    @property
    def works(self) -> tuple[Work, ...]:
        """Every work, in the order they are written."""
        return self.known + self.unknown

    def giver(self, text: ShippedText) -> Work | None:
        """Return the work under which a text stands that is not repeated; None where it stands in its own place."""
        return None if text.given_for is None else self.works[text.given_for - 1]


def document_of(entries: Iterable[NoticeEntry]) -> NoticeDocument:
    """Put a notice together: one work for each source and licence, whatever the order of the entries."""
    merged = sorted(_merged(entries), key=_is_unknown)
    shown: dict[str, int] = {}
    works = tuple(_work(number, entry, shown) for number, entry in enumerate(merged, start=1))
    known = sum(work.license is not None for work in works)
    return NoticeDocument(works[:known], works[known:])


def plain(text: str) -> str:
    """Return a text as it can be written anywhere: LF line ends, hidden characters by their code, no BOM.

    A form feed, with which GNU's texts turn a page, becomes the blank line that it stands for.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    hidden = {
        ord(character): f"[U+{ord(character):04X}]"
        for character in set(lines) - {"\n", "\t"}
        if unicodedata.category(character) in _HIDDEN
    }
    return lines.translate(hidden) if hidden else lines


def plain_line(text: str) -> str:
    """Return a text as `plain` does, on one line."""
    return plain(" ".join(text.split()))


def _merged(entries: Iterable[NoticeEntry]) -> list[NoticeEntry]:
    groups: dict[tuple[str, str, str], list[NoticeEntry]] = {}
    for entry in entries:
        chosen = "" if entry.choice is None else entry.choice.expression
        groups.setdefault((entry.purl, entry.license_expression, chosen), []).append(entry)
    return [
        NoticeEntry(
            purl=purl,
            license_expression=expression,
            copyright=_statements(group),
            legal=tuple(
                sorted(
                    {file for entry in group for file in entry.legal},
                    key=lambda file: (_KIND_ORDER.index(file.kind), file.path.count("/"), file.path, file.text),
                )
            ),
            places=tuple(sorted({place for entry in group for place in entry.places})),
            choice=group[0].choice,
        )
        for (purl, expression, _), group in sorted(groups.items(), key=lambda item: item[0])
    ]


def _statements(group: list[NoticeEntry]) -> tuple[str, ...]:
    """Return every statement once, in the order in which each file has them, files in the order of their places."""
    ordered = sorted(group, key=lambda entry: (entry.places, entry.copyright))
    return tuple(dict.fromkeys(plain_line(line) for entry in ordered for line in entry.copyright))


def _is_unknown(entry: NoticeEntry) -> bool:
    if entry.license_expression == NOASSERTION:
        return True
    try:
        license_ids(entry.license_expression)
    except UnknownLicense:
        return True
    return False


def _work(number: int, entry: NoticeEntry, shown: dict[str, int]) -> Work:
    unknown = _is_unknown(entry)
    choice = entry.choice or (None if unknown else resolve_choice(entry.license_expression))
    obligations = obligations_of(entry.license_expression if choice is None else choice.expression)
    return Work(
        number=number,
        purl=plain_line(entry.purl),
        title=_title(entry.purl),
        license=None if unknown else plain_line(entry.license_expression),
        choice=None if choice is None or choice.said is None else plain_line(choice.said),
        places=tuple(_said(place) for place in entry.places),
        changes=_changes(entry.places, Ask.STATE_CHANGES in obligations.asks),
        copyright=tuple(_statement(line) for line in entry.copyright),
        texts=tuple(_once(_texts(entry, obligations), number, shown)),
    )


def _title(purl: str) -> str:
    bare = unquote(purl.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0].split("/", 1)[-1])
    name, _, version = bare.rpartition("@")
    return plain_line(f"{name} {version}" if name else version)


def _said(place: Place) -> str:
    lines = (
        f"line {place.start_line}"
        if place.start_line == place.end_line
        else (f"lines {place.start_line}-{place.end_line}")
    )
    return f"{plain_line(place.path)}, {lines}{' (changed here)' if place.modified else ''}"


def _changes(places: tuple[Place, ...], asked: bool) -> str | None:
    changed = sum(place.modified for place in places)
    if not changed:
        return "none were found: it stands here as in the source" if asked and places else None
    what = "the code was modified" if changed == len(places) else "the places that are marked so were modified"
    return what + (" (the licence asks that this be said)" if asked else "")


def _statement(line: str) -> str:
    begins = line.lower().startswith(("copyright", "©", "(c)", "portions"))
    return line if begins else f"Copyright {line}"


def _texts(entry: NoticeEntry, obligations: Obligations) -> list[ShippedText]:
    texts = [ShippedText(_heading(file, entry.purl), file.text) for file in entry.legal]
    if Ask.INCLUDE_TEXT not in obligations.asks:
        return texts
    licenses = [file for file in entry.legal if file.kind is LegalKind.LICENSE]
    why = "no licence file that the source ships holds it" if licenses else "the source ships no licence file"
    for license_id in license_ids(obligations.expression):
        if any(_holds(file.text, base_id(license_id)) for file in licenses):
            continue
        canonical = canonical_text(base_id(license_id))
        if canonical is not None:
            heading = f"{license_id}: {why}, so this is the SPDX list's text"
            texts.append(ShippedText(heading, _PLACEHOLDER_LINE.sub("", canonical)))
    return texts


def _heading(file: LegalFile, purl: str) -> str:
    name = plain_line(file.path.rsplit("/", 1)[-1])
    return f"{name}, as the source ships it" if file.kind is LegalKind.LICENSE else f"{name} of {_title(purl)}"


@lru_cache(maxsize=4096)
def _holds(text: str, license_id: str) -> bool:
    """Whether a licence file holds that licence's text; one in which no text is recognised is trusted to."""
    found = match_texts(text)
    return not found or any(license_id in (match.license_id, *match.also) for match in found)


# A few licences stand in most notices.
@lru_cache(maxsize=1024)
def _shown(text: str) -> tuple[str, str]:
    """Return a text as it is shown, and its words, by which it is known again."""
    body = plain(text).strip("\n").rstrip()
    return body, " ".join(body.split())


def _once(texts: list[ShippedText], number: int, shown: dict[str, int]) -> Iterator[ShippedText]:
    """Yield each text with its body, or with where it stands already: word for word the same text is shipped once."""
    own: set[str] = set()
    for text in texts:
        body, words = _shown(text.body)
        if words in own:
            continue
        own.add(words)
        first = shown.setdefault(words, number)
        yield replace(text, body=body) if first == number else replace(text, body="", given_for=first)
