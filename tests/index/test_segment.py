"""Segments: what is written is read back, and what is damaged is refused."""

from pathlib import Path

import numpy as np
import pytest

from index.errors import DamagedSegment, IncompatibleParameters
from index.lexer import lex
from index.lsh import PARAMETER_SETS, IndexParams
from index.postings import SegmentPostings
from index.segment import Segment
from index.segment_builder import SegmentBuilder
from index.segment_format import BLOCK_BYTES
from index.windows import reference_keys
from index.writer import content_swhid

PARAMS = IndexParams()


@pytest.fixture
def texts(site_packages: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((site_packages / "click").glob("*.py"))]


@pytest.fixture
def segment_path(tmp_path: Path, texts: list[bytes]) -> Path:
    builder = SegmentBuilder(PARAMS)
    for text in texts:
        builder.add(content_swhid(text), text, "Python")
    return tmp_path / builder.write(tmp_path)


def test_texts_languages_and_identities_come_back(segment_path: Path, texts: list[bytes]) -> None:
    segment = Segment(segment_path, PARAMS)
    kept = [text for text in texts if len(lex(text)) >= PARAMS.window_lexemes]
    assert segment.contents == len(kept) > 5
    for ordinal, text in enumerate(kept):
        assert segment.text(ordinal) == text
        assert segment.swhid(ordinal) == content_swhid(text)
        assert segment.language(ordinal) == "Python"


def test_the_swhid_is_gits_blob_id() -> None:
    assert content_swhid(b"hello\n") == "swh:1:cnt:ce013625030ba8dba906f756967f9e9ca394464a"


def test_any_part_of_a_text_lexes_as_the_whole_does(segment_path: Path) -> None:
    segment = Segment(segment_path, PARAMS)
    longest = int(np.argmax(segment.content_lexemes))
    text = segment.text(longest)
    whole = lex(text)
    for where in (range(0, 5), range(250, 260), range(511, 1025), range(len(whole) - 3, len(whole))):
        excerpt = segment.excerpt(longest, where, Segment.block)
        part, first = excerpt.lexemes, excerpt.first
        assert first <= where.start
        assert first + len(part) >= where.stop
        same = slice(first, first + len(part))
        assert (part.hashes == whole.hashes[same]).all()
        assert (part.starts + excerpt.offset == whole.starts[same]).all()
        assert (part.ends + excerpt.offset == whole.ends[same]).all()
        assert (part.lines == whole.lines[same]).all()
        assert excerpt.text == text[excerpt.offset : excerpt.offset + len(excerpt.text)]


def test_texts_longer_than_a_block_and_across_blocks_come_back(tmp_path: Path) -> None:
    texts = [
        b"".join(b"name_%d = value_%d * %d\n" % (i, i * n, n) for i in range(size))
        for n, size in ((1, 20), (2, 9000), (3, 30))
    ]
    assert len(texts[1]) > 3 * BLOCK_BYTES
    builder = SegmentBuilder(PARAMS)
    for text in texts:
        assert builder.add(content_swhid(text), text, "Python")
    segment = Segment(tmp_path / builder.write(tmp_path), PARAMS)
    assert [segment.text(ordinal) for ordinal in range(3)] == texts


def test_every_key_of_both_views_is_found_in_its_cell(segment_path: Path) -> None:
    segment = Segment(segment_path, PARAMS)
    postings = SegmentPostings([segment])
    for ordinal in range(segment.contents):
        text = segment.text(ordinal)
        stored = reference_keys(text, lex(text), PARAMS)
        found = postings.lookup(stored.keys, 1000)
        for number, first in enumerate(stored.firsts):
            cells = found.cells[found.asked == number]
            assert segment.first_cells[ordinal] + first // PARAMS.exact.stride in cells
            assert found.totals[number] == len(cells)


def test_of_a_key_that_stands_everywhere_a_spread_is_answered(segment_path: Path) -> None:
    segment = Segment(segment_path, PARAMS)
    text = segment.text(0)
    keys = reference_keys(text, lex(text), PARAMS).keys
    few = SegmentPostings([segment] * 40).lookup(keys, 8)
    assert (few.totals >= 40).all()
    assert len(few.asked) <= 2 * 8 * len(keys)
    assert len(set(few.segments.tolist())) >= 4
    assert few.segments.max() - few.segments.min() > 20


def test_unknown_keys_are_not_found(segment_path: Path) -> None:
    keys = np.random.default_rng(1).integers(0, 2**63, 2000, dtype=np.uint64)
    assert SegmentPostings([Segment(segment_path, PARAMS)]).lookup(keys, 10).totals.sum() < 5


def test_other_parameters_are_refused(segment_path: Path) -> None:
    with pytest.raises(IncompatibleParameters, match=r"exact\.stride is 8 there and 18 here"):
        Segment(segment_path, PARAMETER_SETS["compact"])


@pytest.mark.parametrize("cut", [0, 7, 60, 5000, -1])
def test_a_segment_cut_short_is_refused(segment_path: Path, cut: int) -> None:
    segment_path.write_bytes(segment_path.read_bytes()[: cut if cut >= 0 else -4096])
    with pytest.raises(DamagedSegment):
        Segment(segment_path, PARAMS)


def test_a_flipped_bit_is_noticed(segment_path: Path) -> None:
    data = bytearray(segment_path.read_bytes())
    data[len(data) // 2] ^= 1
    segment_path.write_bytes(bytes(data))
    assert Segment(segment_path, PARAMS).damaged_sections()


def test_a_missing_segment_says_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(DamagedSegment, match="missing: restore it"):
        Segment(tmp_path / "gone.segment", PARAMS)
