"""Fingerprints of findings, by which decisions are found again after the code has moved or was laid out anew.

A fingerprint has a name and a sketch. The name is what people and other tools write down: it stays while the code
stays. The sketch are the smallest hashes of the code's runs of words, from which the share of code that two findings
have in common is told (Broder 1997, "On the resemblance and containment of documents", bottom-k sketches): by it a
decision is found again where an edit took the one run on which the name rests.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from attrib.answers import AttributedMatch
from index.lexer import Hashes, lex
from index.minhash import shingle_hashes
from index.purls import source_name

# A longer run tells code apart, shorter ones outlive more edits.
_NAMING_RUN = 8
_RUN = 4
_MINIMA = 24
_FEWEST_WORDS = 16
_ORDINAL = "-"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What names a finding, and by which it is found again once the name no longer fits; `sketch` is base64."""

    name: str
    sketch: str


def fingerprint(match: AttributedMatch, text: bytes) -> Fingerprint:
    """Return what names a finding: its best origin's source, whatever its version, and the code that matches.

    Layout, punctuation that formatters add or take away, the file's name and where in it the match stands have no part
    in it; `text` is the whole file.
    """
    words = _words(text[match.output.start_byte : match.output.end_byte])
    least = next(iter(_minima(words, _NAMING_RUN)[:1].tolist()), 0)
    named = f"2\0{source_name(match.origins[0].purl)}\0{least}"
    name = hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()[:32]
    return Fingerprint(name, base64.urlsafe_b64encode(_minima(words, _RUN).astype(">u4").tobytes()).decode())


def placed_fingerprint(match: AttributedMatch) -> Fingerprint:
    """Return what names a finding whose code is not there: the lines of its best origin; it has no sketch."""
    best = match.origins[0]
    lines = f"{best.reference.start_line}-{best.reference.end_line}"
    named = f"2\0{source_name(best.purl)}\0{best.path}\0{lines}"
    return Fingerprint(hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()[:32], "")


def numbered(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of which none is there twice: the second of several equal ones ends in `-2`, and so on."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name}{_ORDINAL}{seen[name]}")
    return tuple(told)


def unnumbered(name: str) -> str:
    """Return a name without what tells equal copies apart."""
    return name.partition(_ORDINAL)[0]


def is_fingerprint(name: str) -> bool:
    """Tell whether a text is a name as findings have them."""
    bare, dash, number = name.partition(_ORDINAL)
    hexadecimal = len(bare) == 32 and set(bare) <= set("0123456789abcdef")
    return hexadecimal and (not dash or (number.isdecimal() and int(number) > 1))


def is_sketch(text: str) -> bool:
    """Tell whether a text can be read as a sketch."""
    return not text or len(_read(text)) > 0


def minima(sketch: str) -> tuple[int, ...]:
    """Return the hashes that a sketch keeps, ascending; none for what is no sketch."""
    return tuple(_read(sketch).tolist())


def known_share(now: str, then: str) -> float:
    """Return which share, 0 to 1, of the code of one sketch stood in the code of another, as far as both tell.

    Only hashes as small as both keep are compared. Code that lost a part is still known wholly; code that grew is known
    by as much as was there.
    """
    ours, theirs = _read(now), _read(then)
    if not len(ours) or not len(theirs):
        return 0.0
    # A sketch that is not full holds every run there is, so nothing beyond its last one is unknown.
    compared = ours if len(theirs) < _MINIMA else ours[ours <= theirs[-1]]
    return float(np.isin(compared, theirs).mean()) if len(compared) else 0.0


def _words(code: bytes) -> Hashes:
    """Return the hashes of the words of a code in order; of all of its lexemes where there are few words."""
    lexemes = lex(code)
    words = lexemes.hashes[_IS_WORD[np.frombuffer(code, np.uint8)[lexemes.starts]]]
    return words if len(words) >= _FEWEST_WORDS else lexemes.hashes


def _minima(words: Hashes, run: int) -> Hashes:
    """Return the smallest different hashes of the runs of so many words, ascending."""
    if not len(words):
        return words
    # Mixed once more: the runs' own hashes are not even enough for the smallest to be drawn at random.
    runs = shingle_hashes(words, min(run, len(words))) * np.uint32(0x9E3779B1)
    runs ^= runs >> np.uint32(15)
    runs = runs * np.uint32(0x85EBCA77)
    return np.unique(runs ^ (runs >> np.uint32(13)))[:_MINIMA]


def _word_bytes() -> npt.NDArray[np.bool_]:
    is_word = np.zeros(256, np.bool_)
    is_word[128:] = True
    for byte in b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        is_word[byte] = True
    return is_word


_IS_WORD = _word_bytes()


# An audit holds each sketch against many.
@lru_cache(maxsize=65_536)
def _read(sketch: str) -> npt.NDArray[np.uint32]:
    try:
        data = base64.b64decode(sketch, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return np.empty(0, np.uint32)
    return np.frombuffer(data, ">u4").astype(np.uint32) if len(data) % 4 == 0 else np.empty(0, np.uint32)
