"""What a person who asks "was this copied?" is told."""

import random
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.code_cuts import reindented, sample_functions, with_crlf, without_comments
from index.lexer import lex
from index.live import LiveSearch
from index.matches import MatchKind, SearchStatus
from index.purls import covers, source_name
from index.reference_index import ReferenceIndex
from index.writer import content_swhid
from tests.index.conftest import PACKAGES

NEW_CODE = b'''
async def rainfall(stations, since, until=None):
    """Sum what fell at every station, wettest first."""
    fallen = {}
    async for reading in stations.readings(since, until):
        if reading.depth_mm is None or reading.suspect:
            continue
        fallen[reading.station] = fallen.get(reading.station, 0.0) + reading.depth_mm
    wettest = sorted(fallen, key=fallen.__getitem__, reverse=True)
    return [(station.title(), round(fallen[station] / 25.4, 2)) for station in wettest]
'''


@pytest.fixture(scope="session")
def sources(site_packages: Path) -> list[tuple[str, Path]]:
    return [
        (place.relative_to(site_packages).as_posix(), place)
        for package in PACKAGES
        for place in sorted((site_packages / package).rglob("*.py"))
    ]


def test_a_copied_function_is_found_with_its_source_and_lines(
    index: ReferenceIndex, sources: list[tuple[str, Path]]
) -> None:
    functions = sample_functions(sources, 40, 12, random.Random(3))
    for function in functions:
        for treat in (str, reindented, with_crlf):
            result = index.search(treat(function.text).encode(), "Python")
            assert result.status is SearchStatus.MATCHED, function
            best = max(result.matches, key=lambda match: match.lexemes).origins[0]
            assert best.file.path == function.path
            assert (best.reference.start_line, best.reference.end_line) == (function.start_line, function.end_line)
            assert best.file.license_expression in ("BSD-3-Clause", "MIT")


def test_a_function_without_its_comments_is_found(index: ReferenceIndex, sources: list[tuple[str, Path]]) -> None:
    for function in sample_functions(sources, 25, 12, random.Random(4)):
        result = index.search(without_comments(function.text).encode(), "Python")
        assert function.path in {origin.file.path for match in result.matches for origin in match.origins}, function


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_verbatim_run_of_the_certain_length_is_seen_anywhere_in_the_query(
    index: ReferenceIndex, sources: list[tuple[str, Path]], data: st.DataObject
) -> None:
    path, place = data.draw(st.sampled_from(sources))
    text = place.read_bytes()
    lexemes = lex(text)
    run = index.params.certain_lexemes
    # The lexeme at either end may fold with its neighbour in the query, so both stand inside the cut.
    if len(lexemes) < run + 2:
        return
    start = data.draw(st.integers(0, len(lexemes) - run - 2))
    cut = text[int(lexemes.starts[start]) : int(lexemes.ends[start + run + 1])]
    before = NEW_CODE[: data.draw(st.integers(0, len(NEW_CODE)))]
    query = before + b"\nmarker_one\n" + cut + b"\nmarker_two\n" + NEW_CODE
    result = index.search(query, "Python")
    # A file that was refused or left out is not there; every other one is.
    admitted = {file.path for files in index.catalog.files_of([content_swhid(text)]).values() for file in files}
    if not admitted:
        return
    covered = range(query.index(cut), query.index(cut) + len(cut))
    assert any(
        match.output.start_byte < covered.stop and match.output.end_byte > covered.start for match in result.matches
    ), (path, start)


def test_new_code_is_clean(index: ReferenceIndex) -> None:
    result = index.search(NEW_CODE, "Python")
    assert result.status is SearchStatus.CLEAN
    assert result.matches == ()
    assert result.lexemes > 100


@pytest.mark.parametrize("text", [b"", b"   \n", b"x = 1\n", b"import os\nimport sys\n"])
def test_what_is_too_short_is_not_called_clean(index: ReferenceIndex, text: bytes) -> None:
    assert index.search(text).status is SearchStatus.TOO_SHORT


def test_binary_is_not_code(index: ReferenceIndex) -> None:
    assert index.search(b"\x7fELF\x00\x01" * 100).status is SearchStatus.NOT_CODE


def test_one_very_long_line_is_searched(index: ReferenceIndex, site_packages: Path) -> None:
    copied = (site_packages / "click" / "utils.py").read_bytes()[2000:6000].replace(b"\n", b" ")
    line = b"x = [" + b"1, " * 1_600_000 + b"] ; " + copied
    result = index.search(line)
    assert any("click" in origin.file.purl for match in result.matches for origin in match.origins)


def test_edits_make_a_near_match_with_its_similarity(index: ReferenceIndex, site_packages: Path) -> None:
    text = (site_packages / "click" / "decorators.py").read_text()
    start = text.index("def make_pass_decorator(")
    body = text[start : text.index("\ndef ", start + 10)]
    assert body.count("object_type") > 3
    edited = body.replace("object_type", "wanted_type")
    result = index.search(edited.encode(), "Python")
    (match,) = [match for match in result.matches if match.lexemes > 60]
    assert match.kind is MatchKind.NEAR
    assert 0.7 < match.similarity < 1.0
    assert match.origins[0].file.path == "click/decorators.py"


def test_spans_leave_out_the_code_around_the_copy(index: ReferenceIndex, site_packages: Path) -> None:
    lines = (site_packages / "werkzeug" / "urls.py").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("def iri_to_uri"))
    copied = textwrap.dedent("\n".join(lines[start : start + 20]))
    before, after = NEW_CODE.decode().strip("\n"), NEW_CODE.decode().strip("\n")
    result = index.search(f"{before}\n\n\n{copied}\n\n\n{after}\n".encode(), "Python")
    (match,) = result.matches
    first = before.count("\n") + 4
    last = first + len(copied.rstrip().splitlines()) - 1
    assert (match.output.start_line, match.output.end_line) == (first, last)


def test_excluded_sources_are_not_reported(index: ReferenceIndex, site_packages: Path) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()[10_000:14_000]
    assert index.search(text, "Python").status is SearchStatus.MATCHED
    left = index.search(text, "Python", exclude=["pkg:pypi/click"])
    assert not any("click" in origin.file.purl for match in left.matches for origin in match.origins)
    assert index.search(text, "Python", exclude=["pkg:pypi/flask"]).status is SearchStatus.MATCHED


@pytest.mark.parametrize(
    ("pattern", "purl", "covered"),
    [
        ("pkg:pypi/click", "pkg:pypi/click@8.1", True),
        ("pkg:pypi/click@8.1", "pkg:pypi/click@8.1", True),
        ("pkg:pypi/click", "pkg:pypi/click-plugins@1.0", False),
        ("pkg:pypi/", "pkg:pypi/click@8.1", True),
        ("pkg:pypi/cli*", "pkg:pypi/click@8.1", True),
        ("pkg:npm/%40acme/", "pkg:npm/%40acme/tool@1", True),
        ("pkg:npm/click", "pkg:pypi/click@8.1", False),
    ],
)
def test_patterns_cover_whole_names(pattern: str, purl: str, covered: bool) -> None:
    assert covers(pattern, purl) is covered


def test_a_source_name_has_no_version() -> None:
    assert source_name("pkg:pypi/torch@2.13.0%2Bcpu?x=y#z") == "pkg:pypi/torch"
    assert source_name("pkg:npm/%40scope/name@1.0") == "pkg:npm/%40scope/name"


@given(st.lists(st.integers(1, 400), max_size=12), st.integers(0, 20_000))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_live_search_ends_as_the_search_of_the_whole(
    index: ReferenceIndex, site_packages: Path, sizes: list[int], start: int
) -> None:
    text = NEW_CODE + (site_packages / "click" / "core.py").read_bytes()[start : start + 2000]
    live = LiveSearch(index, "Python")
    at = 0
    for size in sizes:
        live.feed(text[at : at + size])
        at += size
    live.feed(text[at:])
    assert live.finish() == index.search(text, "Python")


def test_a_live_search_knows_open_matches_before_the_end(index: ReferenceIndex, site_packages: Path) -> None:
    live = LiveSearch(index, "Python")
    for line in (site_packages / "click" / "core.py").read_bytes()[20_000:24_000].splitlines(keepends=True):
        live.feed(line)
    assert live.open_matches


def test_a_live_search_follows_a_verbatim_run_as_soon_as_it_is_certain(
    index: ReferenceIndex, site_packages: Path
) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()
    start = text.index(b"def make_context(")
    copied = text[start : start + 3000]
    live = LiveSearch(index, "Python")
    live.feed(NEW_CODE)
    assert live.open_runs == ()
    seen = None
    for at in range(0, len(copied), 7):
        live.feed(copied[at : at + 7])
        lexemes = len(lex(copied[: at + 7]))
        if live.open_runs and seen is None:
            seen = lexemes
        if seen is not None:
            (run, *_) = live.open_runs
            assert run.files[0].path == "click/core.py"
            assert lexemes - 18 <= run.lexemes <= lexemes + 2
            assert text[run.reference.end_byte :].startswith(run.continuation)
    assert seen is not None
    assert seen <= index.params.certain_lexemes + 44
    live.feed(b"\nsomething_else = entirely + different\n")
    assert live.open_runs == ()


def test_a_live_search_leaves_excluded_sources_out(index: ReferenceIndex, site_packages: Path) -> None:
    live = LiveSearch(index, "Python", exclude=["pkg:pypi/click"])
    live.feed((site_packages / "click" / "core.py").read_bytes()[20_000:24_000])
    assert live.open_runs == ()
    assert live.open_matches == ()
