"""Which lexemes stand in what a page or a document begins with: the same in all of them, in files and in strings."""

import re

import numpy as np
import numpy.typing as npt

from index.lexer import Lexemes

# Bounded, so that no text takes long; a prologue in a string may be put together over some lines.
_PROLOGUE = re.compile(rb"<(?:\?xml\b|!DOCTYPE\b|html\b|meta\b)[^>]{0,400}>", re.IGNORECASE)
_MARKS = (b"<?xml", b"<!DOCTYPE", b"<!doctype", b"<html", b"<meta", b"<HTML", b"<META")


def in_prologue(text: bytes, lexemes: Lexemes, start: int, end: int) -> npt.NDArray[np.bool_]:
    """Return for the lexemes from `start` to `end` whether each lies in a prologue, shape (end - start,)."""
    flags = np.zeros(end - start, np.bool_)
    if start >= end:
        return flags
    first, stop = int(lexemes.starts[start]), int(lexemes.ends[end - 1])
    if text.find(b"<", first, stop) < 0 or not any(text.find(mark, first, stop) >= 0 for mark in _MARKS):
        return flags
    for found in _PROLOGUE.finditer(text, first, stop):
        low, high = np.searchsorted(lexemes.starts[start:end], found.span())
        flags[low:high] = True
    return flags
