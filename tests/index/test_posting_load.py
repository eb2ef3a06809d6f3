"""Postings brought into a Redis: gone on with where it was interrupted, kept in step with the index, never half."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from attrib.config import Config
from index.errors import DamagedSegment, PostingsBusy, PostingsUnreachable, UnusableStore
from index.lexer import lex
from index.matches import SearchResult, SearchStatus
from index.posting_store import loading, lookup
from index.posting_store.connecting import addresses, without_secrets
from index.posting_store.fetching import Fetcher
from index.posting_store.inspecting import inspected
from index.posting_store.layout import SHELVES, Layout
from index.posting_store.ledger import CURSOR, LEDGER, UNFINISHED, HeldSegment, Ledger, generation_of
from index.posting_store.lookup import StoredPostings
from index.posting_store.planning import IndexedSegment, planned, without_gone
from index.reference_index import ReferenceIndex
from index.segment import Segment
from index.windows import query_keys
from tests.index.redis_servers import Server, one_server
from tests.index.upkeep import add, code

pytestmark = pytest.mark.services
TEXT_KEYS = np.random.default_rng(1).integers(0, 1 << 64, 300, dtype=np.uint64)
TEXTS = [code(number).encode() for number in (0, 1, 2, 99, 1000)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with one_server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def url(server: Server) -> str:
    """An empty store."""
    server.client.flushall()
    return f"redis://127.0.0.1:{server.port}"


@pytest.fixture
def local(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    opened = ReferenceIndex(config.index_folder, engine)
    for number in range(3):
        add(opened, tmp_path, f"s{number}", {"own.py": code(number), "shared.py": code(99)})
    return opened


@pytest.fixture
def reader(local: ReferenceIndex, url: str, monkeypatch: pytest.MonkeyPatch) -> ReferenceIndex:
    """The same index, its postings looked up in the store; what is missing there is looked for again at once."""
    monkeypatch.setattr(lookup, "_LOOK_AGAIN_SECONDS", 0.0)
    fetcher = Fetcher(url)
    return ReferenceIndex(
        local._folder, local._engine, open_postings=lambda segments: StoredPostings(fetcher, segments)
    )


def answers(index: ReferenceIndex) -> list[SearchResult]:
    return [index.search(text, "Python") for text in TEXTS]


def statuses(index: ReferenceIndex) -> set[SearchStatus]:
    return {found.status for found in answers(index)}


def ledger(server: Server) -> Ledger:
    stored = server.client.get(LEDGER)
    assert isinstance(stored, bytes)
    return Ledger.from_bytes(stored)


def interrupted_at(share: float) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done >= share * total:
            raise KeyboardInterrupt

    return progress


def test_an_empty_store_is_never_taken_for_clean(reader: ReferenceIndex, local: ReferenceIndex, url: str) -> None:
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    report = local.load_postings(url)
    assert (report.segments, report.loaded, report.passes) == (3, 3, 1)
    assert answers(reader) == answers(local)
    assert statuses(reader) == {SearchStatus.MATCHED, SearchStatus.CLEAN}
    again = local.load_postings(url)
    assert (again.segments, again.loaded, again.passes) == (3, 0, 0)


def test_what_was_added_is_incomplete_until_it_is_loaded_and_the_rest_stays(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, tmp_path: Path
) -> None:
    local.load_postings(url)
    add(local, tmp_path, "new", {"own.py": code(1000)})
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    # What is there is found all the same.
    assert reader.search(TEXTS[0], "Python").matches == local.search(TEXTS[0], "Python").matches
    assert local.load_postings(url).loaded == 1
    assert answers(reader) == answers(local)
    assert statuses(reader) == {SearchStatus.MATCHED}


def test_a_merge_is_followed_and_what_it_replaced_is_taken_out_when_told(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, server: Server
) -> None:
    local.load_postings(url)
    before = answers(local)
    local.merge()
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    report = local.load_postings(url)
    assert (report.loaded, report.superfluous, report.segments) == (1, 3, 4)
    assert answers(reader) == before
    old = StoredPostings(Fetcher(url), ())
    pruned = local.load_postings(url, prune=True)
    assert (pruned.pruned, pruned.superfluous, pruned.segments) == (3, 0, 1)
    assert answers(reader) == before
    assert old.lookup(TEXT_KEYS, 8).complete
    held = ledger(server)
    assert (held.leaving, len(held.segments)) == ((), 1)
    size = sum(len(server.client.get(key) or b"") for keys in held.layout.all_keys(100) for key in keys)
    alone = local.load_postings(url, rebuild=True)
    held = ledger(server)
    assert size == sum(len(server.client.get(key) or b"") for keys in held.layout.all_keys(100) for key in keys)
    assert alone.postings == held.postings


def test_who_serves_an_older_revision_is_incomplete_from_the_moment_it_is_pruned(
    reader: ReferenceIndex, local: ReferenceIndex, url: str
) -> None:
    local.load_postings(url)
    segments = local._current().searched.segments
    older = StoredPostings(Fetcher(url), segments)
    assert older.lookup(TEXT_KEYS, 8).complete
    local.merge()
    local.load_postings(url)
    assert older.lookup(TEXT_KEYS, 8).complete
    local.load_postings(url, prune=True)
    assert not older.lookup(TEXT_KEYS, 8).complete


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_an_interrupted_load_goes_on_where_it_was_and_shows_nothing_before(
    reader: ReferenceIndex,
    local: ReferenceIndex,
    url: str,
    share: float,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "_BUCKETS_AT_ONCE", 8)
    with pytest.raises(KeyboardInterrupt):
        local.load_postings(url, progress=interrupted_at(share))
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    begun: list[int] = []
    local.load_postings(url, progress=lambda done, total: begun.append(done))
    buckets = ledger(server).layout.buckets
    assert begun[0] >= share * buckets - 8
    assert answers(reader) == answers(local)
    assert server.client.get(UNFINISHED) is server.client.get(CURSOR) is None


def test_a_killed_load_leaves_a_store_that_the_next_one_finishes(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, tmp_path: Path, config: Config
) -> None:
    local.load_postings(url)
    for number in range(1000, 1003):
        add(local, tmp_path, f"n{number}", {"own.py": code(number)})
    program = f"""
import os, sys
from pathlib import Path
from attrib import database
from index.posting_store import loading
from index.reference_index import ReferenceIndex
loading._BUCKETS_AT_ONCE, loading._LOCK_SECONDS = 8, 1.0
index = ReferenceIndex(Path({str(local._folder)!r}), database.connect({config.database_url!r}))
index.load_postings({url!r}, progress=lambda done, total: os.kill(os.getpid(), 9) if done >= 8 else None)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -9
    with pytest.raises(PostingsBusy, match="another process"):
        local.load_postings(url)
    time.sleep(1.2)
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    local.load_postings(url)
    assert answers(reader) == answers(local)


def test_two_do_not_load_at_once(local: ReferenceIndex, url: str) -> None:
    refused: list[BaseException] = []

    def second(done: int, total: int) -> None:
        with pytest.raises(PostingsBusy) as caught:
            local.load_postings(url)
        refused.append(caught.value)

    local.load_postings(url, progress=second)
    assert refused
    assert local.load_postings(url).segments == 3


def test_an_index_that_outgrows_its_buckets_gets_others_and_the_old_ones_go(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, tmp_path: Path, server: Server
) -> None:
    local.load_postings(url)
    before = ledger(server).layout
    add(local, tmp_path, "large", {f"{number}.py": code(number, 60) for number in range(200, 600)})
    local.load_postings(url)
    after = ledger(server).layout
    assert after.bits > before.bits + 2
    assert server.client.dbsize() == after.buckets + SHELVES + 1
    assert answers(reader) == answers(local)


@pytest.mark.parametrize("loss", ["everything", "a bucket", "marks", "an older copy"])
def test_what_a_server_forgot_is_told_and_loaded_anew(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, loss: str, server: Server, tmp_path: Path
) -> None:
    local.load_postings(url)
    client = server.client
    older = {key: client.dump(key) for key in client.scan_iter()}  # type: ignore[union-attr]
    add(local, tmp_path, "new", {"own.py": code(1000)})
    local.load_postings(url)
    newest = server.client.get(LEDGER)
    assert statuses(reader) == {SearchStatus.MATCHED}
    layout = ledger(server).layout
    buckets = [key for keys in layout.all_keys(1000) for key in keys]
    if loss == "everything":
        server.client.flushall()
    elif loss == "a bucket":
        server.client.delete(*buckets)
    elif loss == "marks":
        server.client.delete(*(layout.mark_of(shelf) for shelf in range(SHELVES)))
    else:
        server.client.flushall()
        for key, value in older.items():
            client.restore(key, 0, value)  # type: ignore[arg-type]
        # The ledger itself stood on another node, which forgot nothing.
        server.client.set(LEDGER, newest)  # type: ignore[arg-type]
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    if loss == "a bucket":
        # Marks are looked at by a load, every bucket is not.
        local.load_postings(url, rebuild=True)
    else:
        local.load_postings(url)
    assert answers(reader) == answers(local)
    assert statuses(reader) == {SearchStatus.MATCHED}


def test_a_bucket_that_is_lost_is_not_taken_for_an_empty_one_by_the_next_load(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, server: Server, tmp_path: Path
) -> None:
    local.load_postings(url)
    layout = ledger(server).layout
    server.client.delete(*(key for keys in layout.all_keys(1000) for key in keys[1::2]))
    add(local, tmp_path, "new", {"own.py": code(1000)})
    local.load_postings(url)
    assert answers(reader) == answers(local)
    keys = query_keys(TEXTS[0], lex(TEXTS[0]), local.params).keys
    found, expected = (index.reading().searched.postings.lookup(keys, 32) for index in (reader, local))
    assert np.array_equal(found.cells, expected.cells)


def test_a_load_is_written_once_more_where_the_server_fell_over_meanwhile(
    reader: ReferenceIndex, local: ReferenceIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_BUCKETS_AT_ONCE", 8)
    with one_server(tmp_path) as falling:
        seen: list[int] = []

        def fall_over(done: int, total: int) -> None:
            seen.append(done)
            if len(seen) == 2:
                # It comes back without what it had acknowledged.
                falling.kill()
                falling.start()

        # Its lock is lost as well, so that another load might have come between: this one gives up.
        with pytest.raises(PostingsBusy, match="load again"):
            local.load_postings(f"redis://127.0.0.1:{falling.port}", progress=fall_over)
        report = local.load_postings(f"redis://127.0.0.1:{falling.port}")
        assert report.segments == 3
        fetcher = Fetcher(f"redis://127.0.0.1:{falling.port}")
        found = StoredPostings(fetcher, local._current().searched.segments).lookup(TEXT_KEYS, 8)
        assert found.complete


def test_a_full_store_refuses_in_one_sentence_and_shows_nothing(
    reader: ReferenceIndex, local: ReferenceIndex, url: str, server: Server
) -> None:
    used = server.client.info("memory")["used_memory"]
    server.client.config_set("maxmemory", used + 100_000)
    try:
        with pytest.raises(UnusableStore, match="does not take them"):
            local.load_postings(url)
    finally:
        server.client.config_set("maxmemory", 0)
    assert statuses(reader) == {SearchStatus.INCOMPLETE}
    local.load_postings(url)
    assert answers(reader) == answers(local)


def test_a_damaged_segment_is_not_loaded(local: ReferenceIndex, url: str, server: Server) -> None:
    (_, name) = local.catalog.segments()[1]
    path = local._folder / name
    content = bytearray(path.read_bytes())
    segment = Segment(path, local.params)
    # Within a section: what lies between two of them is nothing.
    content[segment._body + segment._sections["remainders"]["offset"]] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedSegment, match="is damaged"):
        local.load_postings(url)
    assert server.client.get(LEDGER) is None


def test_a_server_that_hangs_or_is_gone_costs_a_check_little_time(
    local: ReferenceIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "_LOOK_AGAIN_SECONDS", 0.0)
    with one_server(tmp_path) as hanging:
        url = f"redis://127.0.0.1:{hanging.port}"
        local.load_postings(url)
        fetcher = Fetcher(url)
        index = ReferenceIndex(
            local._folder, local._engine, open_postings=lambda segments: StoredPostings(fetcher, segments)
        )
        expected = answers(local)
        assert answers(index) == expected
        hanging.freeze()
        taken = []
        for text in TEXTS * 2:
            begun = time.monotonic()
            assert index.search(text, "Python").status is SearchStatus.INCOMPLETE
            taken.append(time.monotonic() - begun)
        assert max(taken) < 2.0
        # Who does not answer is not asked by every check.
        assert sorted(taken)[len(taken) // 2] < 0.2
        hanging.thaw()
        wait = time.monotonic() + 10
        while answers(index) != expected:
            assert time.monotonic() < wait
            time.sleep(0.2)
    assert statuses(index) == {SearchStatus.INCOMPLETE}
    fetcher.close()


def test_several_threads_share_the_connections(reader: ReferenceIndex, local: ReferenceIndex, url: str) -> None:
    local.load_postings(url)
    expected, wrong = answers(local), []

    def ask() -> None:
        wrong.extend(one for one in (answers(reader) for _ in range(10)) if one != expected)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_wrong_with_a_store_is_told(local: ReferenceIndex, url: str, server: Server, tmp_path: Path) -> None:
    with pytest.raises(UnusableStore, match="load-postings"):
        local.inspect_postings(url)
    local.load_postings(url)
    assert local.inspect_postings(url).whole
    add(local, tmp_path, "new", {"own.py": code(1000)})
    assert (local.inspect_postings(url).missing, local.inspect_postings(url).whole) == (1, False)
    server.client.delete(ledger(server).layout.mark_of(7))
    assert local.inspect_postings(url).forgotten == 1
    with pytest.raises(PostingsUnreachable, match="cannot be reached"):
        inspected("redis://:secret@127.0.0.1:1", ())


def test_an_address_may_name_several_nodes_and_is_shown_without_its_password() -> None:
    url = "rediss://me:pass@one:6379,two:6380/0?ssl_cert_reqs=none"
    assert addresses(url) == [
        "rediss://me:pass@one:6379/0?ssl_cert_reqs=none",
        "rediss://me:pass@two:6380/0?ssl_cert_reqs=none",
    ]
    assert without_secrets(url) == "rediss://one:6379,two:6380/0"


SIZES = {"a": IndexedSegment(30, 5000), "b": IndexedSegment(31, 6000)}


def test_a_plan_goes_on_with_what_was_begun_or_takes_it_back() -> None:
    first = planned(None, None, SIZES, rebuild=False)
    assert [one.number for one in first.segments.values()] == [0, 1]
    assert planned(None, first, SIZES, rebuild=False) is first
    more = {**SIZES, "c": IndexedSegment(30, 700)}
    adding = planned(first, None, more, rebuild=False)
    assert (adding.layout, adding.segments["c"].number) == (first.layout, 2)
    assert planned(first, adding, more, rebuild=False) is adding
    # Another segment came instead of c, whose number is not given again.
    other = planned(first, adding, {**SIZES, "d": IndexedSegment(30, 700)}, rebuild=False)
    assert (other.segments["d"].number, other.leaving) == (3, (2,))
    assert other.generation > adding.generation > first.generation
    anew = planned(first, adding, more, rebuild=True)
    assert anew.layout != first.layout
    assert set(anew.retired) == {first.layout}
    assert planned(first, anew, more, rebuild=True) is anew


def test_a_plan_takes_out_what_the_index_no_longer_has() -> None:
    first = planned(None, None, SIZES, rebuild=False)
    kept = without_gone(first, {"b": SIZES["b"]})
    assert (kept.leaving, list(kept.segments), kept.generation) == ((0,), ["b"], first.generation + 1)
    assert without_gone(first, SIZES) is first
    assert planned(kept, None, {"b": SIZES["b"]}, rebuild=False).leaving == (0,)


def test_a_ledger_is_read_as_it_was_written() -> None:
    whole = Ledger(Layout("l", 9), 4, 7, {"s": HeldSegment(1, 20, 300, 2)}, (5, 6), (Layout("old", 8),))
    assert Ledger.from_bytes(whole.as_bytes()) == whole
    assert replace(whole, leaving=()) != whole
    assert [generation_of(marked) for marked in (b"12", None, b"x")] == [12, -1, -1]
