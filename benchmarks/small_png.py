"""Writes a picture of a page as a PNG of few colours, as small as it gets without a tool of its own."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256


def small_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return pixels (height, width, 3) as a PNG with a palette (PNG specification, sections 5 and 11).

    The commonest colours stand as they are, each of the others as the one of them that is nearest.
    """
    height, width, _ = pixels.shape
    colours, places, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(-counts)[:_COLOURS]]
    nearest = np.array([_nearest(palette, colour) for colour in colours], np.uint8)
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = nearest[places].reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = {b"IHDR": header, b"PLTE": palette.tobytes(), b"IDAT": zlib.compress(lines.tobytes(), 9), b"IEND": b""}
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in parts.items())


def _nearest(palette: npt.NDArray[np.uint8], colour: npt.NDArray[np.uint8]) -> int:
    return int(np.abs(palette.astype(np.int32) - colour).sum(axis=1).argmin())


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
