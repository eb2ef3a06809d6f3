"""Every parameter set that is offered keeps its promise: a verbatim run of its length is seen, wherever it stands."""

import random
from pathlib import Path

import pytest

from attrib.database import open_database
from attrib.ingest import ingest
from attrib.policy import Policy
from index.lexer import lex
from index.lsh import PARAMETER_SETS
from index.origins.installed import InstalledOrigin
from index.reference_index import ReferenceIndex
from index.writer import content_swhid
from tests.index.test_search import NEW_CODE


@pytest.mark.parametrize("name", PARAMETER_SETS)
def test_a_verbatim_run_of_the_certain_length_is_seen_anywhere(name: str, tmp_path: Path, site_packages: Path) -> None:
    params = PARAMETER_SETS[name]
    index = ReferenceIndex(tmp_path / "index", open_database(f"sqlite:///{tmp_path}/attrib.db"), params)
    ingest(index, [InstalledOrigin(["click", "pygments"])], Policy())
    places = [place for package in ("click", "pygments") for place in sorted((site_packages / package).rglob("*.py"))]
    texts = {content_swhid(text): text for text in (place.read_bytes() for place in places)}
    held = [text for swhid, text in texts.items() if index.catalog.known_contents([swhid])]
    chance = random.Random(7)
    run = params.certain_lexemes
    tried = 0
    for text in chance.choices(held, k=150):
        lexemes = lex(text)
        # The lexeme at either end may fold with its neighbour in the query, so both stand inside the cut.
        if len(lexemes) < run + 2:
            continue
        start = chance.randrange(len(lexemes) - run - 1)
        cut = text[int(lexemes.starts[start]) : int(lexemes.ends[start + run + 1])]
        before = NEW_CODE[: chance.randrange(len(NEW_CODE))]
        query = before + b"\nmarker_one\n" + cut + b"\nmarker_two\n" + NEW_CODE
        begin = query.index(cut)
        assert any(
            match.output.start_byte < begin + len(cut) and match.output.end_byte > begin
            for match in index.search(query, "Python").matches
        ), cut
        tried += 1
    assert tried > 100
