"""Fingerprints of findings, by which decisions are found again after the code has moved or was laid out anew."""

import hashlib

from attrib.answers import AttributedMatch
from index.lexer import lex
from index.minhash import shingle_hashes
from index.purls import source_name

_SHINGLE = 8


def fingerprint(match: AttributedMatch, text: bytes) -> str:
    """Return what names a finding: its best origin, whatever its version, and what of it the checked text holds.

    Layout, the file's name and where in it the match stands have no part in it; `text` is the whole file. Of the runs
    of lexemes the one with the smallest hash counts: what is changed elsewhere in the match leaves it as it was.
    """
    origin = match.origins[0]
    lexemes = lex(text[match.output.start_byte : match.output.end_byte]).hashes
    least = int(shingle_hashes(lexemes, min(_SHINGLE, len(lexemes))).min()) if len(lexemes) else 0
    named = f"1\0{source_name(origin.purl)}\0{origin.path}\0{least}"
    return hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()[:32]
