"""Publishing an index, and following what was published: one machine writes, any number of others serve."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, insert, select, update

from index.catalogue_file import read_catalogue, write_catalogue
from index.errors import FollowsPublication, UnusablePublication
from index.lock import WriterLock, delete_leftovers
from index.lsh import IndexParams
from index.publication import LATEST, Part, Place, Publication, part_of
from index.segment_builder import sync_folder
from index.snapshots import of_one_moment
from index.tables import CatalogState, SegmentRow

FOLLOWED: Final = "followed.json"
"""Beside the segments of an index that was taken from a publication: from which, and what."""

# Called with how many bytes are through, and how many there are.
Transferred = Callable[[int, int], None]


def publish(folder: Path, engine: Engine, address: str, progress: Transferred | None = None) -> Publication:
    """Publish the index of a folder as it is now, and return what was published; segments that are there stay.

    Checks go on meanwhile, nothing else may write. Raises IndexBusy and UnusablePublication.
    """
    place = Place(address)
    tell: Transferred = progress or (lambda done, total: None)
    with WriterLock(folder), _scratch(folder) as scratch:
        written = scratch / "catalogue"
        # One snapshot of all tables: sources may be removed while it is read.
        with of_one_moment(engine).connect() as connection:
            state = connection.execute(select(CatalogState.revision, CatalogState.parameters)).first()
            if state is None:
                raise UnusablePublication(f"the index in {folder} never had anything in it: add sources first.")
            write_catalogue(connection, state.revision, dict(state.parameters), written)
            names = connection.scalars(select(SegmentRow.name).order_by(SegmentRow.id)).all()
        parts = [part_of("segments", folder / name) for name in names]
        catalogue = part_of("catalogues", written, "{sha256}.jsonl.zst")
        total = sum(part.bytes for part in (*parts, catalogue))
        done = 0
        for part, source in (*((part, folder / part.name) for part in parts), (catalogue, written)):
            if not place.has(part):
                place.put(part.path, source)
            done += part.bytes
            tell(done, total)
        publication = Publication(state.revision, dict(state.parameters), catalogue, tuple(parts))
        latest = scratch / LATEST
        latest.write_text(json.dumps(publication.as_json(), indent=1), encoding="utf-8")
        place.put(LATEST, latest)
    return publication


def pull(
    folder: Path, engine: Engine, params: IndexParams, address: str, progress: Transferred | None = None
) -> Publication | None:
    """Bring an index to the newest revision of a publication; None where it is that already.

    Segments are fetched first; then the catalogue is exchanged in one transaction, so every search is of one revision
    or of the other. Raises IndexBusy, IncompatibleParameters, and UnusablePublication, also where the index holds
    anything that is not of this publication.
    """
    place = Place(address)
    latest = place.latest()
    params.require_same(latest.parameters, address)
    tell: Transferred = progress or (lambda done, total: None)
    with WriterLock(folder), _scratch(folder) as scratch:
        with engine.connect() as connection:
            here = connection.scalar(select(CatalogState.revision)) or 0
        followed = _followed(folder)
        if not followed and here:
            raise UnusablePublication(
                f"the index in {folder} holds what was added here, and would lose it: follow into an empty one."
            )
        if followed and (here, followed["catalogue"]) == (latest.revision, latest.catalogue.sha256):
            # Whoever took it over may have been ended before this.
            delete_leftovers(folder, (part.name for part in latest.segments))
            return None
        if followed and here == latest.revision:
            raise UnusablePublication(
                f"{address}: another catalogue has the revision {here}: empty the index in {folder}, and follow anew."
            )
        missing = [part for part in latest.segments if not _is_here(folder / part.name, part)]
        total = sum(part.bytes for part in (*missing, latest.catalogue))
        done = 0

        def through(count: int) -> None:
            nonlocal done
            done += count
            tell(done, total)

        catalogue = scratch / "catalogue"
        place.fetch(latest.catalogue, catalogue, through)
        for part in missing:
            partial = scratch / part.name
            place.fetch(part, partial, through)
            partial.rename(folder / part.name)
        sync_folder(folder)
        # Before the exchange: if it ends in between, the two differ, and all of this is done again.
        note = {"address": address, "revision": latest.revision, "catalogue": latest.catalogue.sha256}
        written = scratch / FOLLOWED
        written.write_text(json.dumps(note), encoding="utf-8")
        written.rename(folder / FOLLOWED)
        _exchange(engine, latest, catalogue)
        delete_leftovers(folder, (part.name for part in latest.segments))
    return latest


def followed_address(folder: Path) -> str | None:
    """Return the address of the publication that the index of a folder was taken from; None where it is its own."""
    told = _followed(folder)
    return told["address"] if told else None


def _exchange(engine: Engine, publication: Publication, catalogue: Path) -> None:
    """Put a published catalogue in the place of the one there is, in one transaction."""
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        read_catalogue(connection, catalogue)
        values = {"revision": publication.revision, "parameters": publication.parameters}
        if not connection.execute(update(CatalogState).values(values)).rowcount:
            connection.execute(insert(CatalogState), {"id": 1, **values})


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a folder beside the segments; with the lock held, what an interrupted process left in it is nobody's."""
    scratch = folder / "transfer"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def require_own(folder: Path) -> None:
    """Hold that an index may be changed here; raises FollowsPublication where it is another's."""
    address = followed_address(folder)
    if address is not None:
        raise FollowsPublication(
            f"the index in {folder} follows {address}, and is changed where that is published: do it there."
        )


def _is_here(place: Path, part: Part) -> bool:
    return place.is_file() and place.stat().st_size == part.bytes


def _followed(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / FOLLOWED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return dict(told)
