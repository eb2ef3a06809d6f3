"""What stands in a bucket of a store: records, each the postings that one segment has there.

A record is the segment's number in the store and how many postings follow, both as LEB128, then the postings: the bits
of the key behind those of the bucket, big-endian, then three bytes of cell, little-endian. The order within a record
is the segment's own, so that a look-up answers what it would from the segments themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from index.lsh import Keys
from index.posting_store.layout import KEY_BITS, Layout, Numbers
from index.segment import Segment
from index.segment_format import REMAINDER_BITS

CELL_BYTES: Final = 3

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Found:
    """Postings that a look-up found: arrays of one length, as in `index.postings.Postings`; `whole` where all is well.

    `segments` are positions among the open segments.
    """

    asked: npt.NDArray[np.int32]
    segments: npt.NDArray[np.int32]
    cells: npt.NDArray[np.uint32]
    whole: bool


def key_bits(segment: Segment) -> int:
    """Return how many bits of a key a segment resolves."""
    return segment.slot_bits + REMAINDER_BITS


def packed(segments: Sequence[tuple[int, Segment]], layout: Layout, buckets: range) -> list[bytes]:
    """Return the records of numbered segments for each of some neighbouring buckets."""
    parts = [_part(segment, layout, buckets) for _, segment in segments]
    where = np.concatenate([part[0] for part in parts] or [np.empty(0, np.int64)])
    numbers = np.repeat(np.array([number for number, _ in segments], np.int64), [len(part[0]) for part in parts])
    suffixes = np.concatenate([part[1] for part in parts] or [np.empty(0, np.uint64)])
    cells = np.concatenate([part[2] for part in parts] or [np.empty(0, np.uint32)])
    order = np.argsort(where, kind="stable")
    data, ends = _records(
        where[order] - buckets.start, numbers[order], suffixes[order], cells[order], len(buckets), layout.suffix_bytes
    )
    whole = data.tobytes()
    return [whole[begin:end] for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)]


def without(values: Sequence[bytes], numbers: Sequence[int], layout: Layout) -> list[bytes]:
    """Return what remains of buckets when the records of some segments are taken out."""
    gone = np.array(sorted(numbers), np.int64)
    row = layout.suffix_bytes + CELL_BYTES
    return [_remaining(np.frombuffer(value, np.uint8), gone, row).tobytes() if value else value for value in values]


def look_up(
    keys: Keys, bucket_of: Numbers, values: Sequence[bytes], layout: Layout, positions: Numbers, resolved: Numbers
) -> Found:
    """Find keys in the buckets that hold them: `values[bucket_of[i]]` is that of key i.

    `positions` are, by number in the store, the places of the segments among the open ones, -1 for others;
    `resolved` the bits of a key that each of these knows.
    """
    ends = np.cumsum(np.array([len(value) for value in values], np.int64))
    data = np.frombuffer(b"".join(values), np.uint8)
    hits, whole = _found(keys, bucket_of, data, ends, positions, resolved, layout.bits, layout.suffix_bytes)
    return Found(hits[:, 0].astype(np.int32), hits[:, 1].astype(np.int32), hits[:, 2].astype(np.uint32), whole)


def _part(segment: Segment, layout: Layout, buckets: range) -> tuple[Numbers, Keys, npt.NDArray[np.uint32]]:
    """Return bucket, key suffix and cell of a segment's postings there; it may resolve less than a bucket's bits."""
    bits, known = layout.bits, key_bits(segment)
    shift = np.uint64(abs(known - bits))
    if known >= bits:
        first, last = buckets.start << (known - bits), (buckets.stop << (known - bits)) - 1
    else:
        first, last = buckets.start >> (bits - known), (buckets.stop - 1) >> (bits - known)
    first_slot, last_slot = first >> REMAINDER_BITS, last >> REMAINDER_BITS
    directory = segment.directory[first_slot : last_slot + 2].astype(np.int64)
    slots = np.repeat(np.arange(first_slot, last_slot + 1, dtype=np.uint64), np.diff(directory))
    here = slice(int(directory[0]), int(directory[-1]))
    keys = slots << np.uint64(REMAINDER_BITS) | segment.remainders[here]
    cells = segment.cells_low[here] | segment.cells_high[here].astype(np.uint32) << np.uint32(16)
    inside = (keys >= first) & (keys <= last)
    keys, cells = keys[inside], cells[inside]
    if known >= bits:
        suffixes = (keys & ((np.uint64(1) << shift) - np.uint64(1))) << np.uint64(KEY_BITS - known)
        return (keys >> shift).astype(np.int64), suffixes, cells
    # Whichever of these buckets is asked, the segment cannot tell them apart.
    copies = 1 << (bits - known)
    where = (np.repeat(keys.astype(np.int64), copies) << int(shift)) + np.tile(np.arange(copies), len(keys))
    cells = np.repeat(cells, copies)
    inside = (where >= buckets.start) & (where < buckets.stop)
    return where[inside], np.zeros(int(inside.sum()), np.uint64), cells[inside]


@numba.njit(cache=True, nogil=True)
def _put_leb128(data: Bytes, at: int, value: int) -> int:
    while value >= 0x80:
        data[at] = (value & 0x7F) | 0x80
        at += 1
        value >>= 7
    data[at] = value
    return at + 1


@numba.njit(cache=True, nogil=True)
def _leb128(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return a number and where it ends; -1 and the end of the data where it is no number."""
    value, shift = 0, 0
    while at < end and shift < 35:
        byte = int(data[at])
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return -1, end


@numba.njit(cache=True, nogil=True)
def _records(
    where: Numbers, numbers: Numbers, suffixes: Keys, cells: npt.NDArray[np.uint32], buckets: int, suffix_bytes: int
) -> tuple[Bytes, Numbers]:
    """Write records of sorted postings; return all buckets in a row, and where each ends."""
    data = np.empty(len(where) * (suffix_bytes + 3 + 2 * 5), np.uint8)
    ends = np.zeros(buckets, np.int64)
    at = 0
    begin = 0
    for bucket in range(buckets):
        while begin < len(where) and where[begin] == bucket:
            end = begin + 1
            while end < len(where) and where[end] == bucket and numbers[end] == numbers[begin]:
                end += 1
            at = _put_leb128(data, at, numbers[begin])
            at = _put_leb128(data, at, end - begin)
            for posting in range(begin, end):
                for byte in range(suffix_bytes - 1, -1, -1):
                    data[at] = (suffixes[posting] >> np.uint64(8 * byte)) & np.uint64(0xFF)
                    at += 1
                for byte in range(3):
                    data[at] = (cells[posting] >> np.uint32(8 * byte)) & np.uint32(0xFF)
                    at += 1
            begin = end
        ends[bucket] = at
    return data[:at], ends


@numba.njit(cache=True, nogil=True)
def _remaining(data: Bytes, gone: Numbers, row: int) -> Bytes:
    kept = np.empty(len(data), np.uint8)
    size, at = 0, 0
    while at < len(data):
        begin = at
        number, at = _leb128(data, at, len(data))
        count, at = _leb128(data, at, len(data))
        if number < 0 or count < 0:
            break
        end = min(len(data), at + count * row)
        place = np.searchsorted(gone, number)
        if place == len(gone) or gone[place] != number:
            kept[size : size + end - begin] = data[begin:end]
            size += end - begin
        at = end
    return kept[:size]


@numba.njit(cache=True, nogil=True)
def _found(
    keys: Keys,
    bucket_of: Numbers,
    data: Bytes,
    ends: Numbers,
    positions: Numbers,
    resolved: Numbers,
    bits: int,
    suffix_bytes: int,
) -> tuple[Numbers, bool]:
    """Return key, segment and cell of each hit, shape (hits, 3), and whether all records could be read."""
    row = suffix_bytes + 3
    hits = np.empty((256, 3), np.int64)
    size = 0
    whole = True
    for i in range(len(keys)):
        bucket = bucket_of[i]
        at = int(ends[bucket - 1]) if bucket else 0
        stop = int(ends[bucket])
        suffix = np.int64(keys[i] << np.uint64(bits) >> np.uint64(24 + bits))
        while at < stop:
            number, at = _leb128(data, at, stop)
            count, at = _leb128(data, at, stop)
            if number < 0 or count < 0 or at + count * row > stop:
                whole = False
                break
            end = at + count * row
            position = positions[number] if number < len(positions) else np.int64(-1)
            if position < 0:
                at = end
                continue
            unknown = max(0, 40 - max(bits, resolved[number]))
            wanted = suffix >> unknown
            for begin in range(at, end, row):
                value = np.int64(0)
                for byte in range(suffix_bytes):
                    value = value << 8 | np.int64(data[begin + byte])
                if value >> unknown != wanted:
                    continue
                if size == len(hits):
                    more = np.empty((2 * size, 3), np.int64)
                    more[:size] = hits
                    hits = more
                hits[size, 0], hits[size, 1] = i, position
                cell = begin + suffix_bytes
                hits[size, 2] = np.int64(data[cell]) | np.int64(data[cell + 1]) << 8 | np.int64(data[cell + 2]) << 16
                size += 1
            at = end
    return hits[:size], whole
