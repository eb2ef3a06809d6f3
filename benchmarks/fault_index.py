"""A small real index that faults are made in: what it holds, and all that can be asked of it."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from attrib.config import load_config
from attrib.database import open_database
from attrib.errors import AttribError
from attrib.ingest import ingest
from attrib.policy import Policy
from index.errors import ReferenceIndexError
from index.origins.folder import FolderOrigin
from index.reference_index import ReferenceIndex

FILES = 3
_WORDS = ("ledger", "parcel", "harbour", "meadow", "copper", "lantern", "thicket", "gravel", "walnut", "mirror")
REFUSED = "refused"


def made_code(seed: int, statements: int = 30) -> str:
    """Return a function that is like no other."""
    chance = random.Random(seed)

    def name() -> str:
        return "_".join(chance.choices(_WORDS, k=3)) + str(chance.randrange(1000))

    lines = [f"    {name()} = {name()}[{name()}] {chance.choice('+-*/')} {name()}" for _ in range(statements)]
    return "\n".join([f"def {name()}(values):", *lines, ""])


def purl(number: int) -> str:
    """Return the name of a source."""
    return f"pkg:generic/s{number}@1"


@contextmanager
def opened(home: Path) -> Iterator[ReferenceIndex]:
    """Open the index of a data folder, and let go of its database in the end."""
    config = load_config({"home": home}, {}, home.parent)
    engine = open_database(config.database_url)
    try:
        yield ReferenceIndex(config.index_folder, engine)
    finally:
        engine.dispose()


def add(home: Path, *numbers: int) -> None:
    """Add sources, one after another."""
    with opened(home) as index:
        for number in numbers:
            place = home.parent / f"{home.name}-source{number}"
            place.mkdir(exist_ok=True)
            for file in range(FILES):
                (place / f"{file}.py").write_text(made_code(10 * number + file), encoding="utf-8")
            ingest(index, [FolderOrigin(place, purl(number), "MIT")], Policy())


def answers(home: Path, numbers: range) -> list[str]:
    """Return what is said of a file of each source, whole and in part, and REFUSED where nothing is."""
    seeds = [10 * number + file for number in numbers for file in range(FILES)]
    try:
        with opened(home) as index:
            return [_said(index, seed) for seed in seeds]
    except AttribError:
        return [REFUSED] * len(seeds)


def _said(index: ReferenceIndex, seed: int) -> str:
    text = made_code(seed)
    try:
        found = [index.search(one.encode(), "Python") for one in (text, text[len(text) // 3 :])]
    except ReferenceIndexError:
        return REFUSED
    places = [sorted({one.file.purl for match in result.matches for one in match.origins}) for result in found]
    return f"{[result.status.value for result in found]} {places}"


def whole(home: Path) -> bool:
    """Tell whether nothing is wrong with an index and its folder."""
    with opened(home) as index:
        return not index.verify().flaws


@dataclass(frozen=True, slots=True)
class Template:
    """A data folder to begin from, copied for every try."""

    folder: Path

    def copy(self, name: str) -> Path:
        """Return a copy with everything that lies beside it."""
        target = self.folder.parent / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.folder, target)
        return target / "home"


def template(folder: Path, make: Callable[[Path], None]) -> Template:
    """Make a data folder in a folder of its own, once."""
    (folder / "template").mkdir(parents=True)
    make(folder / "template" / "home")
    return Template(folder / "template")
