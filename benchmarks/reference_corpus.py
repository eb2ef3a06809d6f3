"""The reference that the quality benchmarks search, and code by other hands, both fetched from the registries once.

Run `python -m benchmarks.reference_corpus`, or leave it to `make bench-quality`. The index is built by the product's
own ingest in a home of its own; foreign code is only unpacked, whatever its licence, and never indexed.
Running it again fetches only what is missing.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import select

from attrib.bootstrap import open_index
from attrib.config import Config, load_config
from attrib.database import open_database
from attrib.ingest import ingest
from attrib.origin_specs import opened_origins
from attrib.policy import Policy
from benchmarks.corpus_lists import FOREIGN, REFERENCE
from index.errors import ReferenceIndexError, UnreadableOrigin
from index.languages import exclusion_reason, language_of
from index.origins.base import Origin, SourceFile
from index.reference_index import ReferenceIndex
from index.tables import ContentRow, FileRow, SourceRow

BENCH = Path(".bench").resolve()
FETCHED = BENCH / "fetched"
_DONE = ".complete"
_LONGEST_NAME = 250


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file of the corpus: where it stands, its language, and its SWHID where it is indexed."""

    purl: str
    path: str
    language: str
    license_expression: str
    swhid: str


def corpus_config(name: str = "quality") -> Config:
    """Return the settings of one of the benchmarks' own homes."""
    return load_config({"home": str(BENCH / name)}, {}, Path.cwd())


def built_reference(packages: Sequence[str] = REFERENCE, name: str = "quality") -> ReferenceIndex:
    """Open the reference, adding first what it lacks; what cannot be had is named and left out."""
    index = open_index(corpus_config(name))
    known = {source.purl for source in index.catalog.sources(None, None, 10_000)}
    known |= {refusal.purl for refusal in index.catalog.refusals() if not refusal.path}
    wanted = [purl for purl in packages if purl not in known]
    if not wanted:
        return index
    print(f"adding {len(wanted)} packages to the reference", file=sys.stderr)
    try:
        with opened_origins(wanted, purl=None, license=None, fetched=FETCHED) as origins:
            report = ingest(index, origins, Policy())
    except UnreadableOrigin as error:
        print(f"  left out: {error}", file=sys.stderr)
        return index
    for unreadable in report.unreadable:
        print(f"  left out: {unreadable.reason}", file=sys.stderr)
    for refusal in report.refused:
        if not refusal.path:
            print(f"  {refusal.purl} is refused: {refusal.reason}", file=sys.stderr)
    return index


def reference_files(name: str = "quality") -> list[CodeFile]:
    """Return the indexed files in a stable order."""
    query = (
        select(SourceRow.purl, FileRow.path, FileRow.license_expression, ContentRow.swhid)
        .join(SourceRow, SourceRow.id == FileRow.source_id)
        .join(ContentRow, ContentRow.id == FileRow.content_id)
        .order_by(SourceRow.purl, FileRow.path)
    )
    engine = open_database(corpus_config(name).database_url)
    with engine.connect() as connection:
        rows = [CodeFile(row.purl, row.path, _language(row.path), *row[2:]) for row in connection.execute(query)]
    engine.dispose()
    return [row for row in rows if row.language]


def foreign_files(packages: Sequence[str] = FOREIGN) -> list[tuple[CodeFile, Path]]:
    """Return the files of the foreign packages that indexing would not leave out, and where they are unpacked."""
    folders = {purl: BENCH / "foreign" / quote(purl, safe="@") for purl in packages}
    missing = [purl for purl, folder in folders.items() if not (folder / _DONE).exists()]
    with opened_origins(missing, purl=None, license=None, fetched=FETCHED) as origins:
        for purl, origin in zip(missing, origins, strict=True):
            try:
                _unpack(origin, folders[purl])
            except ReferenceIndexError as error:
                print(f"  left out: {error}", file=sys.stderr)
    found = []
    for purl, folder in folders.items():
        for place in sorted(folder.glob("*")):
            if place.name != _DONE:
                path = unquote(place.name)
                found.append((CodeFile(purl, path, _language(path), "", ""), place))
    return found


def _unpack(origin: Origin, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for package in origin.packages():
        for file in package.files():
            # A path becomes one flat name, so that nothing in it can lead out of the folder.
            name = quote(file.path, safe="")
            if isinstance(file, SourceFile) and len(name) < _LONGEST_NAME:
                content = file.read()
                if exclusion_reason(file.path, content) is None:
                    (folder / name).write_bytes(content)
    (folder / _DONE).touch()


def _language(path: str) -> str:
    language = language_of(path)
    return language.name if language else ""


def _table(files: Sequence[CodeFile]) -> Iterator[str]:
    languages = Counter(file.language for file in files)
    packages = {language: {file.purl for file in files if file.language == language} for language in languages}
    for language, count in languages.most_common():
        yield f"  {language:<18}{count:>7} files of {len(packages[language]):>3} packages"


def main() -> int:
    """Build what is missing and print what there is."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    totals = built_reference().totals()
    print(f"reference: {totals.sources} packages, {totals.files:,} files, {totals.lexemes:,} lexemes")
    print("\n".join(_table(reference_files())))
    foreign = [file for file, _ in foreign_files()]
    print(f"foreign: {len({file.purl for file in foreign})} packages, {len(foreign):,} files")
    print("\n".join(_table(foreign)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
