"""The law of recognising licence texts: every SPDX text knows itself in any dress, and nothing that is not whole."""

import random
import re
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attrib.license_texts import canonical_text, known_ids, match_texts

PLACEHOLDER = re.compile(
    r"<[^<>@\n]{0,40}\b(?:year|name|owner|holders?|organi[sz]ation|author|company|date)\b[^<>\n]{0,30}>"
    r"|\[[^\[\]\n]{0,40}\b(?:yyyy|year|name|owner|holders?|organi[sz]ation|author|company)\b[^\[\]\n]{0,30}\]",
    re.IGNORECASE,
)
NAMES = ("Ann Bertram", "Corvus Systems GmbH", "the Sparrow Project", "Universidad de Quito", "2019", "1998-2026")
PREFIXES = ("# ", "// ", " * ", "-- ", ";; ", "dnl ", "REM ", "    ")


def text_of(license_id: str) -> str:
    return canonical_text(license_id) or ""


def recognised(text: str) -> set[str]:
    """Return the ids a text is taken for, none where any of it is altered."""
    matches = match_texts(text)
    if any(match.altered is not None for match in matches):
        return set()
    return {license_id for match in matches for license_id in (match.license_id, *match.also)}


def filled(text: str, chance: random.Random) -> str:
    return PLACEHOLDER.sub(lambda _: chance.choice(NAMES), text)


def rewrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), width, break_long_words=False))


def mixed(text: str, chance: random.Random) -> str:
    words = text.split()
    for number in range(75):
        words.insert(chance.randrange(len(words) + 1), f"zq{number}x")
    return " ".join(words)


@pytest.mark.parametrize("license_id", known_ids())
def test_every_text_recognises_itself(license_id: str) -> None:
    assert license_id in recognised(text_of(license_id))


ANY_ID = st.sampled_from(known_ids())
ANY_SEED = st.integers(0, 10_000)


@settings(max_examples=150, deadline=None)
@given(ANY_ID, st.integers(40, 240))
def test_in_any_width(license_id: str, width: int) -> None:
    assert license_id in recognised(rewrapped(text_of(license_id), width))


@settings(max_examples=100, deadline=None)
@given(ANY_ID, st.sampled_from((str.upper, str.lower, str.title)))
def test_in_any_case(license_id: str, recased: type[str]) -> None:
    assert license_id in recognised(recased(text_of(license_id)))


@settings(max_examples=100, deadline=None)
@given(ANY_ID, st.sampled_from(PREFIXES), st.sampled_from(("\n", "\r\n")))
def test_in_any_comment(license_id: str, prefix: str, newline: str) -> None:
    text = textwrap.indent(text_of(license_id), prefix, lambda line: True)
    assert license_id in recognised(text.replace("\n", newline))


@settings(max_examples=150, deadline=None)
@given(ANY_ID, ANY_SEED)
def test_with_its_placeholders_filled(license_id: str, seed: int) -> None:
    assert license_id in recognised(filled(text_of(license_id), random.Random(seed)))


@settings(max_examples=100, deadline=None)
@given(ANY_ID, ANY_SEED)
def test_not_with_75_words_mixed_in(license_id: str, seed: int) -> None:
    assert license_id not in recognised(mixed(text_of(license_id), random.Random(seed)))


# The first half of NLPL is its title and the address of who wrote it: its second half is all it says.
@settings(max_examples=100, deadline=None)
@given(st.sampled_from([one for one in known_ids() if one != "NLPL"]), st.booleans())
def test_not_when_cut_in_half(license_id: str, first: bool) -> None:
    words = text_of(license_id).split()
    middle = len(words) // 2
    assert license_id not in recognised(" ".join(words[:middle] if first else words[middle:]))


@pytest.mark.parametrize(
    ("license_id", "width"),
    [
        ("Kastrup", 93),
        ("ADSL", 89),
        ("Afmparse", 145),
        ("HPND-export-US", 152),
        ("Sleepycat", 124),
        ("snprintf", 152),
        ("Zeeff", 138),
        ("zlib-acknowledgement", 47),
        ("BSD-2-Clause-Darwin", 194),
    ],
)
def test_where_a_statement_and_terms_share_a_line(license_id: str, width: int) -> None:
    assert license_id in recognised(rewrapped(text_of(license_id), width))
