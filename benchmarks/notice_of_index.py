"""The notice for everything in an index: does each copyright line in it stand in its source, and is none lost?

Run `python -m benchmarks.notice_of_index` after `attrib index add installed` in the same ATTRIB_HOME (`make demo` has
one in `.demo`). It writes the notice that would have to be shipped if every indexed file of every source was
reproduced, and holds it, source by source, against what the source ships: its licence, NOTICE and AUTHORS files, the
first lines of its indexed files, and its metadata.

Both checks compare words, so that comment marks and line ends between them do not matter. The second one looks for
statements by a pattern of its own, not by the one the notice was made with: a line with "copyright", "(c)" or "©" and a
year, of which the year and the words behind it must be in the source's part of the notice. Exit status 1 where a line
stands nowhere, or one is lost.
"""

import argparse
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packageurl import PackageURL
from sqlalchemy import select
from sqlalchemy.orm import Session

from attrib.bootstrap import open_index
from attrib.config import load_config
from attrib.database import open_database
from attrib.license_scope import folder_of
from attrib.notices.document import NoticeDocument, Work, document_of, plain
from attrib.notices.entries import Place, Reproduction, entries_of
from attrib.notices.formats import FORMATS
from index.matches import ReferenceFile
from index.reference_index import ReferenceIndex
from index.tables import ContentRow

HEAD = 16 * 1024
WORDS_BEHIND_THE_YEAR = 2
STATED = re.compile(r"(?:copyright|\(c\)|©)[^\n]{0,40}?\b((?:19[5-9]|20[0-4])\d\b[^\n]*)", re.IGNORECASE)
SIGN = re.compile(r"copyright|\(c\)|©|&copy;|u00a9", re.IGNORECASE)
YEAR = re.compile(r"(?:19[5-9]|20[0-4])\d$")
# What a notice writes in another way than its source: signs of copyright, and words that only join.
UNWRITTEN = frozenset({"c", "copyright", "copyrights", "copy", "by", "all", "rights", "reserved", "and", "the"})
# A year as a template has it, not a statement.
SENTENCE_END = re.compile(r"(?<=\d)\.\s")
TEMPLATE = re.compile(r"\byyyy\b|<year>|\[year\]|<name|\[name|\{|%s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceTexts:
    """What one source ships: its legal files, the heads of its indexed files, its metadata.

    `apart` are the legal files of folders from which no file is indexed, such as bundled libraries: nothing of theirs
    can be reproduced from the index.
    """

    purl: str
    legal: tuple[str, ...]
    apart: tuple[str, ...]
    heads: tuple[str, ...]
    metadata: str

    def words(self) -> str:
        """Return all of it as words."""
        return f" {' '.join(words_of(text) for text in (*self.legal, *self.apart, *self.heads, self.metadata))} "


def main() -> int:
    """Print what was compared and what is wrong; 1 where anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the notice there, in its three formats")
    arguments = parser.parse_args()
    config = load_config({}, os.environ, Path.cwd())
    index = open_index(config)
    with Session(open_database(config.database_url)) as session:
        swhids = list(session.scalars(select(ContentRow.swhid)))
    files: dict[str, list[ReferenceFile]] = defaultdict(list)
    for holders in index.catalog.files_of(swhids).values():
        for file in holders:
            files[file.purl].append(file)
    document = whole_notice(index, files)
    counts: Counter[str] = Counter(sources=len(files), files=sum(map(len, files.values())), works=len(document.works))
    faults: list[str] = []
    works: dict[str, list[Work]] = defaultdict(list)
    for work in document.works:
        works[work.purl].append(work)
    bodies = {" ".join(text.body.split()) for work in document.works for text in work.texts}
    for purl in sorted(files):
        texts = texts_of(index, purl, files[purl])
        faults += unfounded(works[purl], texts, counts)
        faults += lost(bodies, works[purl], texts, counts)
    rendered = {name: form.render(document) for name, form in FORMATS.items()}
    if rendered != {name: form.render(whole_notice(index, files)) for name, form in FORMATS.items()}:
        faults.append("written twice, the notice is not the same")
    if arguments.write:
        arguments.write.mkdir(parents=True, exist_ok=True)
        for name, form in FORMATS.items():
            (arguments.write / form.file_name).write_bytes(rendered[name].encode())
    for name, count in counts.items():
        print(f"{count:>9,}  {name}")
    for name, text in rendered.items():
        print(f"{len(text.encode()):>9,}  bytes as {name}")
    print(f"{len(faults):>9,}  faults")
    print("\n".join(faults[:100]))
    return 1 if faults else 0


def whole_notice(index: ReferenceIndex, files: dict[str, list[ReferenceFile]]) -> NoticeDocument:
    """Return the notice for every file of every source."""
    reproductions = (
        Reproduction(purl, Place(file.path, 1, 1), file.license_expression, file.copyright)
        for purl, held in files.items()
        for file in held
    )
    return document_of(entries_of(reproductions, index.catalog.legal_files))


def texts_of(index: ReferenceIndex, purl: str, files: list[ReferenceFile]) -> SourceTexts:
    """Return what a source ships."""
    legal: dict[bool, list[str]] = {True: [], False: []}
    folders = {parent for file in files for parent in _folders_of(file.path)}
    for shipped in index.catalog.legal_files(purl):
        legal[not folders.isdisjoint(folder_of(shipped.path))].append(shipped.text)
    heads = (index.reference_text(file.swhid)[:HEAD].decode(errors="replace") for file in files)
    # In any other there is no statement, neither for the notice nor for the plain search.
    signed = tuple(head for head in heads if SIGN.search(head))
    parsed = PackageURL.from_string(purl)
    try:
        installed = distribution(parsed.name)
        metadata = installed.read_text("METADATA") or "" if installed.version == parsed.version else ""
    except PackageNotFoundError:
        metadata = ""
    return SourceTexts(purl, tuple(legal[True]), tuple(legal[False]), signed, metadata)


def _folders_of(path: str) -> Iterator[str]:
    """Yield the folders a file lies in, the outermost being '', and the name by which a licence may mean it alone."""
    yield ""
    parts = path.rsplit(".", 1)[0].split("/")
    yield from ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def unfounded(works: list[Work], texts: SourceTexts, counts: Counter[str]) -> Iterator[str]:
    """Yield the copyright lines of a source's notice that stand nowhere in it."""
    there = texts.words()
    for work in works:
        for statement in work.copyright:
            counts["copyright lines in the notice"] += 1
            words = words_of(statement)
            if words and f" {words} " not in there:
                yield f"{texts.purl}: stands nowhere in the source: {statement}"


def lost(bodies: set[str], works: list[Work], texts: SourceTexts, counts: Counter[str]) -> Iterator[str]:
    """Yield the statements of a source that its part of the notice lacks."""
    counts["legal files that speak for no indexed file"] += len(texts.apart)
    # A text that another source ships word for word stands under that one.
    shipped = [text for text in texts.legal if " ".join(plain(text).split()) in bodies]
    there = " ".join(f" {words_of(part)} " for part in (*shipped, *(line for work in works for line in work.copyright)))
    for kind, parts in (("legal files", texts.legal), ("heads of indexed files", texts.heads)):
        for statement in sorted({found for part in parts for found in statements_in(part)}):
            counts[f"copyright statements in {kind}, each once a source"] += 1
            if f" {statement} " not in there:
                yield f"{texts.purl}: lost from its {kind}: {statement}"


def statements_in(text: str) -> Iterator[str]:
    """Yield year and first words of the holder of every statement in a text, as words.

    Where a sentence ends with the year, the holder stands before it.
    """
    for line in plain(text).splitlines():
        found = STATED.search(line)
        if found is None or TEMPLATE.search(line):
            continue
        words = words_of(SENTENCE_END.split(found[1])[0]).split()
        years = next((number for number, word in enumerate(words) if not YEAR.match(word)), len(words))
        if years < len(words):
            yield " ".join(words[max(0, years - 1) : years + WORDS_BEHIND_THE_YEAR])
        elif holder := words_of(SIGN.sub(" ", line[found.start() : found.start(1)])).split():
            yield " ".join([*holder[-WORDS_BEHIND_THE_YEAR:], words[0]])


def words_of(text: str) -> str:
    """Return a text as words in small letters, without those that notices write in their own way."""
    return " ".join(word for word in re.findall(r"\w+", plain(text).lower()) if word not in UNWRITTEN)


if __name__ == "__main__":
    sys.exit(main())
