"""Wherever postings are kept, a look-up answers the same: one suite for segments, a Redis and a cluster of them."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attrib import database
from index.collection import Collection
from index.posting_store.buckets import key_bits, look_up, packed, without
from index.posting_store.fetching import Fetcher
from index.posting_store.layout import KEY_BITS, SHELVES, Layout
from index.posting_store.loading import load
from index.posting_store.lookup import StoredPostings
from index.postings import Postings, PostingStore, SegmentPostings
from index.reference_index import ReferenceIndex
from index.segment import Segment
from tests.index.redis_servers import cluster, one_server
from tests.index.upkeep import add, code

KINDS = (
    "segments",
    pytest.param("one server", marks=pytest.mark.services),
    pytest.param("cluster", marks=pytest.mark.services),
)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, index: ReferenceIndex) -> ReferenceIndex:
    """Segments of very different sizes, in two collections: packages as installed, and small sources."""
    folder = tmp_path_factory.mktemp("stores")
    engine = database.open_database(f"sqlite:///{folder / 'attrib.db'}")
    built = ReferenceIndex(folder / "index", engine)
    texts = [segment.text(ordinal) for segment in index._current().searched.segments for ordinal in range(60)]
    sources = {f"big{n}": {f"{at}.py": text.decode() for at, text in enumerate(texts[n::3])} for n in range(3)}
    for name, files in sources.items():
        add(built, folder, name, files)
    for number in range(3):
        # One function over and over: keys that stand in many places.
        add(
            built,
            folder,
            f"small{number}",
            {"own.py": code(number), **{f"{n}.py": code(99) + f"x = {1000 * number + n}\n" for n in range(90)}},
        )
    add(built, folder, "secret", {"own.py": code(7)}, "GPL-3.0-only", Collection.RESTRICTED)
    return built


@pytest.fixture(scope="module", params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the postings are kept; nothing for the segments themselves."""
    if request.param == "segments":
        yield ""
        return
    folder = tmp_path_factory.mktemp("servers")
    if request.param == "one server":
        with one_server(folder) as server:
            yield f"redis://127.0.0.1:{server.port}"
        return
    with cluster(folder) as nodes:
        yield nodes.url


@pytest.fixture(scope="module")
def segments(reference: ReferenceIndex) -> Sequence[Segment]:
    return reference._current().searched.segments


@pytest.fixture(scope="module")
def store(url: str, segments: Sequence[Segment]) -> Iterator[PostingStore]:
    if not url:
        yield SegmentPostings(segments)
        return
    load(url, segments)
    fetcher = Fetcher(url)
    yield StoredPostings(fetcher, segments)
    fetcher.close()


def keys_in(segment: Segment) -> np.ndarray:
    """Return the key of every posting of a segment, as far as the segment knows it."""
    slots = np.repeat(
        np.arange(len(segment.directory) - 1, dtype=np.uint64), np.diff(segment.directory.astype(np.int64))
    )
    return (slots << np.uint64(16) | segment.remainders) << np.uint64(64 - key_bits(segment))


def told(found: Postings) -> list[tuple[int, int, int]]:
    return list(zip(found.asked.tolist(), found.segments.tolist(), found.cells.tolist(), strict=True))


def test_every_posting_is_found_under_its_key(store: PostingStore, segments: Sequence[Segment]) -> None:
    for number, segment in enumerate(segments):
        keys = keys_in(segment)
        some = np.arange(0, len(keys), max(1, len(keys) // 300))
        found = store.lookup(keys[some], 10_000)
        cells = segment.cells_low[some].astype(int) | segment.cells_high[some].astype(int) << 16
        assert set(zip(range(len(some)), [number] * len(some), cells.tolist(), strict=True)) <= set(told(found))
        assert found.totals.sum() == len(found.asked)
        assert found.complete


def test_of_a_key_that_stands_in_many_places_some_are_told_from_all_over(
    store: PostingStore, segments: Sequence[Segment]
) -> None:
    common = keys_in(segments[3])
    values, counts = np.unique(common, return_counts=True)
    key = values[np.argmax(counts)][None]
    (total,) = store.lookup(key, 10_000).totals
    found = store.lookup(key, 8)
    assert found.totals.tolist() == [total]
    assert total > 100
    assert 8 <= len(found.cells) <= 16
    assert set(found.segments.tolist()) == {3, 4, 5}


def test_what_is_nowhere_is_not_found_and_nothing_is_asked_for_nothing(store: PostingStore) -> None:
    nothing = store.lookup(np.array([], np.uint64), 8)
    assert (len(nothing.totals), len(nothing.asked), nothing.complete) == (0, 0, True)
    known = store.lookup(np.arange(1, 400, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15), 8)
    assert known.totals.sum() == len(known.asked) < 40
    assert known.complete


@settings(max_examples=40)
@given(
    keys=st.lists(st.tuples(st.integers(0, 6), st.floats(0, 1)), max_size=60),
    stray=st.lists(st.integers(0, 2**64 - 1), max_size=60),
    at_most=st.integers(1, 40),
)
def test_answers_are_those_of_the_segments_array_for_array(
    store: PostingStore, segments: Sequence[Segment], keys: list[tuple[int, float]], stray: list[int], at_most: int
) -> None:
    held = [keys_in(segments[number]) for number in range(len(segments))]
    asked = np.array(
        [int(held[number][int(share * (len(held[number]) - 1))]) for number, share in keys] + stray, np.uint64
    )
    found, expected = store.lookup(asked, at_most), SegmentPostings(segments).lookup(asked, at_most)
    for name in ("totals", "asked", "segments", "cells"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert found.complete


def test_whole_answers_are_those_of_the_segments(
    reference: ReferenceIndex, url: str, store: PostingStore, index: ReferenceIndex
) -> None:
    fetcher = Fetcher(url)

    def opened(*collections: Collection) -> ReferenceIndex:
        postings = (lambda segments: StoredPostings(fetcher, segments)) if url else SegmentPostings
        return ReferenceIndex(reference._folder, reference._engine, collections=collections, open_postings=postings)

    segment = index._current().searched.segments[0]
    texts = [segment.text(ordinal) for ordinal in range(0, 120, 3)]
    texts += [code(number).encode() for number in (0, 1, 7, 99, 1000)] + [texts[1].replace(b"self", b"this"), b"x = 1"]
    for collections in (tuple(Collection), (Collection.PERMISSIVE,)):
        local = ReferenceIndex(reference._folder, reference._engine, collections=collections)
        elsewhere = opened(*collections)
        for text in texts:
            assert elsewhere.search(text, "Python") == local.search(text, "Python")
    assert elsewhere.search(texts[0], "Python").matches
    assert not elsewhere.search(code(7).encode(), "Python").matches
    fetcher.close()


@settings(max_examples=40)
@given(bits=st.integers(4, 36), seed=st.integers(0, 1000))
def test_buckets_of_any_size_hold_what_the_segments_do(segments: Sequence[Segment], bits: int, seed: int) -> None:
    """Also where a bucket's bits are more than a segment resolves, as those of a small one in a large index are."""
    layout = Layout("test", bits)
    chance = np.random.default_rng(seed)
    keys = np.array([chance.choice(keys_in(segment)) for segment in segments], np.uint64)
    # What a segment does not know of a key may be anything.
    keys |= chance.integers(0, 1 << 24, len(keys), dtype=np.uint64)
    keys = np.concatenate([keys, keys | np.uint64(1 << 43)])
    numbers = [5, 300, 2, 70_000, 1, 9, 4]
    values, bucket_of = [], []
    for bucket in layout.buckets_of(keys).tolist():
        bucket_of.append(len(values))
        values += packed(list(zip(numbers, segments, strict=True)), layout, range(bucket, bucket + 1))
    positions, resolved = np.full(70_001, -1), np.zeros(70_001, np.int64)
    positions[numbers], resolved[numbers] = range(7), [key_bits(segment) for segment in segments]
    found = look_up(keys, np.array(bucket_of), values, layout, positions, resolved)
    expected = SegmentPostings(segments).lookup(keys, 1 << 40)
    assert found.whole
    assert sorted(zip(found.asked.tolist(), found.segments.tolist(), found.cells.tolist(), strict=True)) == sorted(
        told(expected)
    )


def test_records_are_taken_out_one_by_one_and_a_broken_one_is_told(segments: Sequence[Segment]) -> None:
    layout = Layout("test", 4)
    numbered = list(zip((1, 200, 3), segments[3:6], strict=True))
    whole = packed(numbered, layout, range(16))
    kept = without(whole, [200], layout)
    assert kept == packed([numbered[0], numbered[2]], layout, range(16))
    assert without(whole, [1, 3, 200], layout) == [b""] * 16
    positions, resolved = np.full(201, -1), np.full(201, KEY_BITS)
    positions[[1, 200, 3]] = range(3)
    keys = keys_in(segments[3])[:1]
    bucket = int(layout.buckets_of(keys)[0])
    broken = look_up(keys, np.array([0]), [whole[bucket][:-1]], layout, positions, resolved)
    assert not broken.whole


def test_neighbouring_ranges_of_buckets_come_to_the_whole(segments: Sequence[Segment]) -> None:
    layout = Layout("test", 9)
    numbered = list(enumerate(segments))
    parts = [packed(numbered, layout, range(start, min(start + 100, 512))) for start in range(0, 512, 100)]
    assert [value for part in parts for value in part] == packed(numbered, layout, range(512))


@given(st.integers(4, 36), st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_a_bucket_stands_on_one_shelf_that_its_name_says(bits: int, keys: list[int]) -> None:
    layout = Layout("name", bits)
    buckets = layout.buckets_of(np.array(keys, np.uint64))
    for shelf, name in zip(layout.shelves_of(buckets).tolist(), layout.keys_of(buckets), strict=True):
        assert 0 <= shelf < SHELVES
        assert name.startswith(b"attrib:{%03x}" % shelf)
        assert layout.mark_of(shelf).startswith(b"attrib:{%03x}" % shelf)


def test_the_size_of_buckets_follows_that_of_the_index() -> None:
    for postings in (0, 10, 10_000, 10**7, 10**9, 10**12):
        layout = Layout.for_postings(postings)
        assert layout.fits(postings)
        assert postings < 10_000 or 64 <= postings / layout.buckets <= 128 or layout.bits == 36
    assert not Layout.for_postings(10**6).fits(10**7)
    assert Layout.for_postings(10**6).fits(2 * 10**6)
