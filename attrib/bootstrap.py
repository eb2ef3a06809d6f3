"""The composition root: settings become a service with its real parts."""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Engine

from attrib.access import Access
from attrib.audits.history import DecisionHistory
from attrib.check_gate import CheckGate
from attrib.claims import ClaimStore
from attrib.config import LOCAL_POSTINGS, Config
from attrib.database import open_database
from attrib.observing import Observer
from attrib.records import RecordStore
from attrib.service import Service
from generator.base import CodeGenerator
from generator.opening import open_generator
from index.lsh import PARAMETER_SETS
from index.posting_store.fetching import Fetcher
from index.posting_store.lookup import StoredPostings
from index.postings import PostingStore, SegmentPostings
from index.reference_index import ReferenceIndex
from index.segment import Segment


def build_service(config: Config, observer: Observer | None = None, gate: CheckGate | None = None) -> Service:
    """Open the database, the index and the records; the model is loaded when it is first asked for.

    `observer` is told of every check and generation. `gate` lets checks in; without one each may take as long as it
    likes. Raises DatabaseError, and what opening an index raises.
    """
    engine = open_database(config.database_url)
    try:
        index = _index(config, engine)
    except BaseException:
        engine.dispose()
        raise

    def opened_generator() -> CodeGenerator:
        return open_generator(config.model, config.device, config.dtype, config.model_key)

    return Service(
        config=config,
        index=index,
        records=RecordStore(engine, config.retention),
        policy=config.policy,
        open_generator=opened_generator,
        close=engine.dispose,
        claims=ClaimStore(engine),
        observer=observer,
        history=DecisionHistory(engine),
        gate=gate,
    )


def open_access(config: Config, always: bool) -> Access:
    """Open the keys and the sessions; with `always` a key is asked for even where none was made.

    Raises DatabaseError.
    """
    return Access(open_database(config.database_url), always)


def open_index(config: Config) -> ReferenceIndex:
    """Open the index alone; raises DatabaseError, and what opening an index raises."""
    return _index(config, open_database(config.database_url))


def _index(config: Config, engine: Engine) -> ReferenceIndex:
    parameters = PARAMETER_SETS[config.index_parameters]
    return ReferenceIndex(config.index_folder, engine, parameters, config.collections, open_postings(config.postings))


def open_postings(postings: str) -> Callable[[Sequence[Segment]], PostingStore]:
    """Return what looks postings up where the setting says; servers are connected to with the first search."""
    if postings == LOCAL_POSTINGS:
        return SegmentPostings
    return partial(StoredPostings, Fetcher(postings))
