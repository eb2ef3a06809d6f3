"""Small sources of code that is not like any other, for the tests of upkeep."""

import random
from pathlib import Path

from attrib.ingest import ingest
from attrib.ingest_report import IngestReport
from attrib.policy import Policy
from index.collection import Collection
from index.matches import SearchResult
from index.origins.folder import FolderOrigin
from index.reference_index import ReferenceIndex

WORDS = (
    *("ledger", "parcel", "harbour", "meadow", "copper", "lantern", "thicket"),
    *("gravel", "walnut", "mirror", "saddle", "timber", "orchid", "beacon"),
)


def code(seed: int, statements: int = 30) -> str:
    """Return a function of that many lines, different for every seed."""
    chance = random.Random(seed)
    name = lambda: "_".join(chance.choices(WORDS, k=3)) + str(chance.randrange(100))  # noqa: E731
    lines = [f"    {name()} = {name()}[{name()}] {chance.choice('+-*/')} {name()}" for _ in range(statements)]
    return "\n".join([f"def {name()}(values):", *lines, ""])


def purl(name: str) -> str:
    return f"pkg:generic/{name}@1"


def add(
    index: ReferenceIndex,
    folder: Path,
    name: str,
    files: dict[str, str],
    license: str = "MIT",
    collection: Collection = Collection.PERMISSIVE,
) -> IngestReport:
    """Add a source whose files have these texts, under one licence where they do not say their own."""
    place = folder / name
    place.mkdir(exist_ok=True)
    for path, text in files.items():
        (place / path).parent.mkdir(exist_ok=True)
        (place / path).write_text(text)
    return ingest(index, [FolderOrigin(place, purl(name), license)], Policy(), collection=collection)


def origins(found: SearchResult) -> set[tuple[str, str]]:
    """Return purl and path of everything that was found."""
    return {(origin.file.purl, origin.file.path) for match in found.matches for origin in match.origins}
