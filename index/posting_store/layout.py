"""How a store divides the postings: buckets of keys that begin alike, on shelves that lie on its nodes.

The first bits of a band key number its bucket, and the first of these bits the shelf it stands on. All that is on a
shelf has one hash tag, so that it lies in one slot of a cluster (Redis Cluster specification, "Hash tags").
"""

import binascii
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from index.lsh import Keys

SHELF_BITS: Final = 12
SHELVES: Final = 1 << SHELF_BITS
# Of a key so many bits are known where a segment resolves the most of them.
KEY_BITS: Final = 40
# A key of the store itself costs as much as some twelve postings, and a bucket is read whole.
POSTINGS_PER_BUCKET: Final = 64
_MOST_BITS: Final = 36
SLOTS: Final = 1 << 14

Numbers = npt.NDArray[np.int64]


def slot_of(tag: bytes) -> int:
    """Return the slot of a cluster that keys with a hash tag lie in."""
    return binascii.crc_hqx(tag, 0) % SLOTS


SHELF_SLOTS: Final = np.array([slot_of(b"%03x" % shelf) for shelf in range(SHELVES)], np.int64)


@dataclass(frozen=True, slots=True)
class Layout:
    """One division of the keys; `name` keeps it apart from others in the same store, `bits` number a bucket."""

    name: str
    bits: int

    @classmethod
    def for_postings(cls, postings: int) -> Self:
        """Return a layout, with a name of its own, whose buckets hold POSTINGS_PER_BUCKET or up to twice as many."""
        return cls(secrets.token_hex(4), _bits(postings))

    def fits(self, postings: int) -> bool:
        """Tell whether buckets are at most some four times as large as they should be, or as small."""
        return abs(self.bits - _bits(postings)) <= 2

    @property
    def buckets(self) -> int:
        """How many there are."""
        return 1 << self.bits

    @property
    def suffix_bytes(self) -> int:
        """Bytes that hold the bits of a key behind those that number its bucket."""
        return -(-(KEY_BITS - self.bits) // 8)

    def buckets_of(self, keys: Keys) -> Numbers:
        """Return the bucket of each key."""
        return (keys >> np.uint64(64 - self.bits)).astype(np.int64)

    def shelves_of(self, buckets: Numbers) -> Numbers:
        """Return the shelf of each bucket."""
        return buckets >> max(0, self.bits - SHELF_BITS) << max(0, SHELF_BITS - self.bits)

    def slots_of(self, buckets: Numbers) -> Numbers:
        """Return the slot of a cluster that each bucket lies in."""
        return SHELF_SLOTS[self.shelves_of(buckets)]

    def keys_of(self, buckets: Numbers) -> list[bytes]:
        """Return the name of each bucket in the store."""
        shelves = self.shelves_of(buckets)
        name = self.name
        return [
            b"attrib:{%03x}%s:%x" % (shelf, name.encode(), bucket)
            for shelf, bucket in zip(shelves.tolist(), buckets.tolist(), strict=True)
        ]

    def all_keys(self, at_once: int) -> Iterator[list[bytes]]:
        """Yield the names of all buckets, so many at once."""
        for start in range(0, self.buckets, at_once):
            yield self.keys_of(np.arange(start, min(start + at_once, self.buckets)))

    def mark_beside(self, bucket: int) -> bytes:
        """Return the name of the mark on the shelf of a bucket."""
        return self.mark_of(int(self.shelves_of(np.array(bucket))))

    def mark_of(self, shelf: int) -> bytes:
        """Return the name of what says which generation of the store a shelf holds."""
        return b"attrib:{%03x}%s:mark" % (shelf, self.name.encode())


def _bits(postings: int) -> int:
    return min(_MOST_BITS, max(4, (postings // POSTINGS_PER_BUCKET).bit_length() - 1))
