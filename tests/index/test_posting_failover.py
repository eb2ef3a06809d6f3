"""A real cluster of six nodes under checks: primaries are lost, and nothing with them; nothing is clean meanwhile."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from attrib import database
from index.matches import SearchResult, SearchStatus
from index.posting_store import loading
from index.posting_store.fetching import Fetcher
from index.posting_store.ledger import LEDGER_SLOT
from index.posting_store.lookup import StoredPostings
from index.reference_index import ReferenceIndex
from tests.index.redis_servers import Cluster, Server, cluster, wait_for
from tests.index.upkeep import add, code

pytestmark = pytest.mark.services

TEXTS = [code(number).encode() for number in (*range(12), 99, 1000)]
# What a check may take while nodes are being lost.
MOST_SECONDS = 2.5


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def nodes(running: Cluster) -> Iterator[Cluster]:
    """The cluster, all six standing; whoever a test has killed comes back when it is over."""
    yield running
    for one in running.servers:
        if not one.answers():
            one.start()
    wait_for(running.is_well, "the cluster to be whole again")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> ReferenceIndex:
    folder = tmp_path_factory.mktemp("index")
    engine: Engine = database.open_database(f"sqlite:///{folder / 'attrib.db'}")
    opened = ReferenceIndex(folder / "segments", engine)
    for number in range(12):
        add(opened, folder, f"s{number}", {"own.py": code(number), "shared.py": code(99)})
    return opened


@pytest.fixture
def reader(local: ReferenceIndex, nodes: Cluster) -> Iterator[ReferenceIndex]:
    """The index with its postings in the cluster, as a serving process has it."""
    local.load_postings(nodes.url)
    fetcher = Fetcher(nodes.url)
    index = ReferenceIndex(
        local._folder, local._engine, open_postings=lambda segments: StoredPostings(fetcher, segments)
    )
    expected = answers(local)
    # On a busy machine the first connection may take longer than a check waits.
    wait_for(lambda: answers(index) == expected, f"whole answers: {fetcher.reason}", 10)
    yield index
    fetcher.close()


def answers(index: ReferenceIndex) -> list[SearchResult]:
    return [index.search(text, "Python") for text in TEXTS]


class Checks:
    """What came of the checks that were asked for without a pause."""

    def __init__(self, index: ReferenceIndex, expected: list[SearchResult]) -> None:
        self.statuses: list[SearchStatus] = []
        self.wrong: list[SearchResult] = []
        self.slowest = 0.0
        self._index = index
        self._expected = expected
        self._over = threading.Event()

    @contextmanager
    def going_on(self) -> Iterator["Checks"]:
        threads = [threading.Thread(target=self._ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        while not self._over.is_set():
            for text, expected in zip(TEXTS, self._expected, strict=True):
                begun = time.monotonic()
                found = self._index.search(text, "Python")
                self.slowest = max(self.slowest, time.monotonic() - begun)
                self.statuses.append(found.status)
                whole = found.status is not SearchStatus.INCOMPLETE
                if whole and found != expected:
                    self.wrong.append(found)


def test_a_lookup_is_one_round_trip_to_each_node(reader: ReferenceIndex, nodes: Cluster) -> None:
    postings = reader.reading().searched.postings
    keys = np.random.default_rng(3).integers(0, 1 << 64, 200, dtype=np.uint64)
    clients = [one.client for one in nodes.primaries()]

    def reads() -> list[int]:
        return [client.info("stats")["total_reads_processed"] for client in clients]

    postings.lookup(keys, 32)
    before = reads()
    for _ in range(50):
        assert postings.lookup(keys, 32).complete
    # Beside the look-ups stand a question for these numbers, and what replicas tell their primaries each second.
    assert all(50 < after - count < 65 for after, count in zip(reads(), before, strict=True))


@pytest.mark.parametrize("advised", [True, False])
def test_a_killed_primary_costs_no_answer_and_its_replica_takes_over(
    reader: ReferenceIndex, local: ReferenceIndex, nodes: Cluster, advised: bool
) -> None:
    expected = answers(local)
    for one in nodes.servers:
        # As docs/postings.md advises, and as it is by default.
        one.client.config_set("cluster-allow-reads-when-down", "yes" if advised else "no")
    primary = nodes.primaries()[0]
    with Checks(reader, expected).going_on() as checks:
        wait_for(lambda: len(checks.statuses) > 50, "checks")
        primary.kill()
        wait_for(nodes.is_ok, "another primary")
        count = len(checks.statuses)
        wait_for(lambda: len(checks.statuses) > count + 100, "checks")
    assert not checks.wrong
    assert checks.slowest < MOST_SECONDS
    # The replica answers from the moment that its primary does not. By default the whole cluster stands still while it
    # elects another one.
    assert SearchStatus.INCOMPLETE not in (checks.statuses if advised else checks.statuses[-50:])
    assert answers(reader) == expected
    primary.start()
    wait_for(nodes.is_well, "the old primary as a replica")
    assert answers(reader) == expected


@pytest.mark.parametrize("with_ledger", [False, True])
def test_where_part_of_the_index_is_gone_nothing_is_clean_until_it_is_loaded_again(
    reader: ReferenceIndex, local: ReferenceIndex, nodes: Cluster, with_ledger: bool
) -> None:
    expected = answers(local)
    primary = next(
        one for one in nodes.primaries() if bool(one.cluster("COUNTKEYSINSLOT", str(LEDGER_SLOT))) == with_ledger
    )
    both = (primary, nodes.replica_of(primary))
    with Checks(reader, expected).going_on() as checks:
        for one in both:
            one.kill()
        time.sleep(4)
    assert not checks.wrong
    assert SearchStatus.INCOMPLETE in checks.statuses
    assert checks.slowest < MOST_SECONDS
    clean_code = TEXTS.index(code(1000).encode())
    assert expected[clean_code].status is SearchStatus.CLEAN
    assert reader.search(TEXTS[clean_code], "Python").status is SearchStatus.INCOMPLETE
    # They come back, and have kept nothing.
    for one in both:
        one.start()
    wait_for(nodes.is_well, "the cluster")
    assert {found.status for found in answers(reader)} == {SearchStatus.INCOMPLETE}
    if not with_ledger:
        assert local.inspect_postings(nodes.url).forgotten > 0
    local.load_postings(nodes.url)
    wait_for(lambda: answers(reader) == expected, "whole answers", 5)


def test_a_primary_that_hangs_is_passed_by(reader: ReferenceIndex, local: ReferenceIndex, nodes: Cluster) -> None:
    expected = answers(local)
    primary = nodes.primaries()[0]
    with Checks(reader, expected).going_on() as checks:
        primary.freeze()
        try:
            wait_for(lambda: nodes.is_ok(without=primary), "another primary")
            count = len(checks.statuses)
            wait_for(lambda: len(checks.statuses) > count + 100, "checks")
        finally:
            primary.thaw()
        wait_for(nodes.is_well, "the old primary as a replica")
        wait_for(lambda: SearchStatus.INCOMPLETE not in checks.statuses[-100:], "whole answers", 5)
    assert not checks.wrong
    assert checks.slowest < MOST_SECONDS


def test_a_load_lives_through_a_killed_primary(
    local: ReferenceIndex, nodes: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_BUCKETS_AT_ONCE", 4)
    killed: list[Server] = []

    def kill_one(done: int, total: int) -> None:
        if not killed and done >= total // 2:
            killed.append(nodes.primaries()[1])
            killed[0].kill()

    report = local.load_postings(nodes.url, rebuild=True, progress=kill_one)
    # Another server stood at the end than at the beginning, so all was written once more.
    assert report.passes == 2
    fetcher = Fetcher(nodes.url)
    index = ReferenceIndex(
        local._folder, local._engine, open_postings=lambda segments: StoredPostings(fetcher, segments)
    )
    assert answers(index) == answers(local)
    fetcher.close()


def test_slots_that_move_to_another_node_are_followed(
    reader: ReferenceIndex, local: ReferenceIndex, nodes: Cluster
) -> None:
    expected = answers(local)
    giver, taker = nodes.primaries()[:2]
    with Checks(reader, expected).going_on() as checks:
        nodes.move_slots(giver, taker, 300)
    assert not checks.wrong
    assert checks.slowest < MOST_SECONDS
    assert answers(reader) == expected


def test_a_cluster_is_found_through_whichever_node_stands(
    reader: ReferenceIndex, local: ReferenceIndex, nodes: Cluster
) -> None:
    nodes.servers[0].kill()
    wait_for(nodes.is_ok, "three primaries")
    fetcher = Fetcher(nodes.url)
    late = ReferenceIndex(
        local._folder, local._engine, open_postings=lambda segments: StoredPostings(fetcher, segments)
    )
    assert answers(late) == answers(local)
    fetcher.close()
