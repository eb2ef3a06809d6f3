"""Screening: what is dropped before it is read, or aligned, was no copy; what may be one never is."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.alignment import Region
from index.candidates import content_number
from index.clusters import Clusters
from index.excerpt import whole
from index.key_filter import KeyFilter
from index.lexer import lex
from index.lsh import IndexParams
from index.nibbles import nibble, nibbles, packed
from index.reference_index import ReferenceIndex
from index.screening import Screen
from index.segment import Segment
from index.segment_builder import SegmentBuilder
from index.segment_format import ALIGN, BLOCK_BYTES, MAGIC
from index.windows import query_keys
from index.writer import content_swhid
from tests.index.upkeep import add, code

PARAMS = IndexParams()
RUN = PARAMS.certain_lexemes


@pytest.fixture(scope="module")
def texts(site_packages: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((site_packages / "click").glob("*.py"))]


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory, texts: list[bytes]) -> Segment:
    folder = tmp_path_factory.mktemp("segment")
    builder = SegmentBuilder(PARAMS)
    for text in texts:
        builder.add(content_swhid(text), text, "Python")
    return Segment(folder / builder.write(folder), PARAMS)


def cluster(ordinal: int, query: range, reference: range) -> Clusters:
    diagonal = reference.start - query.start
    number = content_number(np.array([0]), np.array([ordinal]))[0]
    return np.array([[number, query.start, query.stop, reference.start, reference.stop, diagonal, diagonal, 1.0, 1.0]])


@given(st.lists(st.integers(0, 2**32 - 1), max_size=300))
def test_packed_nibbles_are_those_of_the_lexemes(hashes: list[int]) -> None:
    lexemes = np.array(hashes, np.uint32)
    kept = packed(lexemes)
    assert len(kept) == (len(hashes) + 1) // 2
    assert [nibble(kept, 0, at) for at in range(len(hashes))] == nibbles(lexemes).tolist()


@given(data=st.data())
def test_a_certain_run_passes_whatever_stands_around_it(data: st.DataObject, segment: Segment) -> None:
    """Nothing weighs anything here: the run passes by its length alone, by nibbles and by lexemes."""
    ordinal = data.draw(st.integers(0, segment.contents - 1).filter(lambda n: segment.content_lexemes[n] > RUN))
    reference = lex(segment.text(ordinal)).hashes
    start = data.draw(st.integers(0, len(reference) - RUN))
    before, behind = (np.arange(data.draw(st.integers(0, 200)), dtype=np.uint32) for _ in range(2))
    query = np.concatenate([before, reference[start : start + RUN], behind])
    screen = Screen(query, np.zeros(len(query), np.float32), PARAMS.window_lexemes)
    at, there = range(len(before), len(before) + RUN), range(start, start + RUN)
    assert screen.worth_reading(cluster(ordinal, at, there), [segment]).tolist() == [True]
    assert screen.is_worth_aligning(reference, Region(at, there, range(start - len(before), start - len(before) + 1)))


def test_an_edited_copy_passes_and_other_code_does_not(segment: Segment, texts: list[bytes]) -> None:
    reference = lex(segment.text(1)).hashes[:160]
    edited = reference.copy()
    edited[::6] = 7
    other = lex(texts[2]).hashes[:160]
    whole_of_it = range(160)
    for query, passes in ((edited, True), (other, False)):
        screen = Screen(query, np.full(160, 3, np.float32), PARAMS.window_lexemes)
        assert screen.is_worth_aligning(reference, Region(whole_of_it, whole_of_it, range(1))) is passes
        assert screen.worth_reading(cluster(1, range(64, 96), range(64, 96)), [segment]).tolist() == [passes]


def test_a_filter_passes_every_key_that_stands_somewhere_and_few_others(segment: Segment, texts: list[bytes]) -> None:
    filtering = KeyFilter.of([segment])
    for text in texts:
        keys = query_keys(text, whole(text).lexemes, PARAMS).keys
        begins = keys >> np.uint64(48 - segment.slot_bits)
        slots = np.repeat(np.arange(len(segment.directory) - 1), np.diff(segment.directory.astype(np.int64)))
        known = (slots.astype(np.uint64) << np.uint64(16)) | segment.remainders
        assert set(np.flatnonzero(np.isin(begins, known))) <= set(filtering.possible(keys).tolist())
    chance = np.random.default_rng(1).integers(0, 2**64, 10_000, np.uint64)
    assert len(filtering.possible(chance)) < 2_500


def test_a_segment_of_the_version_before_is_read_and_all_of_it_passes(tmp_path: Path, texts: list[bytes]) -> None:
    text = min(texts, key=lambda one: abs(len(one) - BLOCK_BYTES // 5))
    builder = SegmentBuilder(PARAMS)
    builder.add(content_swhid(text), text, "Python")
    path = tmp_path / builder.write(tmp_path)
    _as_before(path)
    old = Segment(path, PARAMS)
    assert len(text) < 1 << 14
    assert old.text(0) == text
    screen = Screen(lex(b"nothing " * 100).hashes, np.zeros(100, np.float32), PARAMS.window_lexemes)
    assert screen.worth_reading(cluster(0, range(40), range(40)), [old]).tolist() == [True]


def test_a_merge_writes_a_segment_of_the_version_before_anew(index_of_one: ReferenceIndex, tmp_path: Path) -> None:
    add(index_of_one, tmp_path, "old", {"a.py": code(1)})
    ((_, name),) = index_of_one.catalog.segments()
    place = index_of_one._folder / name
    _as_before(place)
    assert Segment(place, PARAMS).nibbles is None
    found = index_of_one.search(code(1).encode(), "Python").matches
    index_of_one.merge()
    ((_, newer),) = index_of_one.catalog.segments()
    assert Segment(index_of_one._folder / newer, PARAMS).nibbles is not None
    assert index_of_one.search(code(1).encode(), "Python").matches == found
    assert index_of_one.merge().segments_before == 1


def _as_before(path: Path) -> None:
    """Make a segment one of the version before."""
    data, preamble = path.read_bytes(), len(MAGIC) + 40
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 8], "little")
    body = data[preamble + length + -(preamble + length) % ALIGN :]
    header = json.loads(data[preamble : preamble + length])
    header["format"] = 2
    del header["sections"]["nibbles"]
    head = json.dumps(header).encode()
    start = MAGIC + len(head).to_bytes(8, "little") + hashlib.sha256(head).digest() + head
    path.write_bytes(start + bytes(-len(start) % ALIGN) + body)
