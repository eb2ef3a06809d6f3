"""A renamed copy and common code beside it, from a real index to everything that a person or a script sees of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask.testing import FlaskClient

from attrib.answers import Action, AttributedMatch, CheckAnswer
from attrib.attribution import tagged_code
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config, load_config
from attrib.service import Service
from attrib.snippet_tags import read_snippets
from index.matches import MatchKind
from web.app import create_app

LEDGER = '''\
def settle(entries, limit, rounding=2):
    """Carry every entry over to the account it belongs to, oldest first."""
    balances = {}
    refused = []
    for position, entry in enumerate(sorted(entries, key=lambda entry: entry.booked)):
        account = balances.setdefault(entry.account, {"credit": 0, "debit": 0, "last": None})
        if entry.amount > limit and not entry.approved:
            refused.append((position, entry.reference, "above the limit and not approved"))
            continue
        side = "credit" if entry.amount >= 0 else "debit"
        account[side] = round(account[side] + abs(entry.amount), rounding)
        account["last"] = max(account["last"] or entry.booked, entry.booked)
    totals = {name: round(sides["credit"] - sides["debit"], rounding) for name, sides in balances.items()}
    return totals, refused
'''
RENAMED = '''\
def weigh(parcels, heaviest, digits=3):
    """Put the parcels on the scales, and turn away what nobody has sealed."""
    scales = {}
    left = []
    for number, parcel in enumerate(sorted(parcels, key=lambda parcel: parcel.arrived)):
        scale = scales.setdefault(parcel.scale, {"up": 0, "down": 0, "when": None})
        if parcel.weight > heaviest and not parcel.sealed:
            left.append((number, parcel.sender, "too heavy"))
            continue
        way = "up" if parcel.weight >= 0 else "down"
        scale[way] = round(scale[way] + abs(parcel.weight), digits)
        scale["when"] = max(scale["when"] or parcel.arrived, parcel.arrived)
    sums = {town: round(ways["up"] - ways["down"], digits) for town, ways in scales.items()}
    return sums, left
'''
SPREAD = """\
def shortest_hops(neighbours, origin, destination):
    frontier, seen = [(origin, 0)], {origin}
    while frontier:
        station, hops = frontier.pop(0)
        if station == destination:
            return hops
        for candidate in neighbours.get(station, ()):
            if candidate not in seen:
                seen.add(candidate)
                frontier.append((candidate, hops + 1))
    raise LookupError(f"{destination} cannot be reached from {origin}")
"""
PLAIN = """\
class Handle:
    def __init__(self, name, value, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.name = name
        self.value = value

    def close(self):
        return None
"""
OTHERS = ("apple", "birch", "cedar", "elm", "fir", "hazel", "oak")
LICENSE = """MIT License

Copyright (c) 2019 Ada Example

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.
"""
# What is common stands first, so that its place in what is shown is no accident of the order of lines.
CODE = f"{SPREAD}\n\n{RENAMED}\n\n{PLAIN}"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Settings of a home of this module's own."""
    folder = tmp_path_factory.mktemp("renamed")
    return load_config({"home": folder / "home"}, {}, folder)


@pytest.fixture(scope="module")
def service(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A real index: the ledger in one source, the spread function in seven that have nothing to do with each other."""
    with build_service(config) as service:
        for name in ("ledger", *OTHERS):
            folder = tmp_path_factory.mktemp(name)
            (folder / "LICENSE").write_text(LICENSE)
            if name == "ledger":
                (folder / "ledger.py").write_text(LEDGER)
                (folder / "handle.py").write_text(PLAIN)
            else:
                (folder / f"{name}.py").write_text(f"{SPREAD}\n{name} = 1\n")
            service.add([str(folder)], purl=f"pkg:generic/{name}@1")
        yield service


@pytest.fixture(scope="module")
def answer(service: Service) -> CheckAnswer:
    return service.check(CODE.encode(), language="Python")


@pytest.fixture(scope="module")
def client(service: Service, config: Config) -> FlaskClient:
    return create_app(service, config).test_client()


def one(matches: tuple[AttributedMatch, ...], start: str) -> AttributedMatch:
    """Return the only match that begins on the line of `start`."""
    line = CODE[: CODE.index(start)].count("\n") + 1
    (found,) = [match for match in matches if match.output.start_line == line]
    return found


def test_the_service_tells_names_and_why_common_code_asks_for_nothing(answer: CheckAnswer) -> None:
    renamed = one(answer.matches, "def weigh(")
    assert (renamed.kind, renamed.common, renamed.verdict.action) == (MatchKind.RENAMED, False, Action.ATTRIBUTE)
    assert renamed.names[:4] == (
        ("settle", "weigh"),
        ("entries", "parcels"),
        ("limit", "heaviest"),
        ("rounding", "digits"),
    )
    spread, plain = one(answer.matches, "def shortest_hops("), one(answer.matches, "class Handle")
    assert spread.verdict.action is plain.verdict.action is Action.ALLOW
    assert spread.verdict.reasons == ("stands in 7 unrelated sources, so it is common",)
    bits = int(plain.information_bits)
    assert plain.verdict.reasons == (f"says too little to tell a copy ({bits} bits, in 1 source)",)
    assert spread.common
    assert plain.common
    assert spread.names == plain.names == ()


def test_a_renamed_copy_stands_in_the_notice_as_modified_and_common_code_does_not(answer: CheckAnswer) -> None:
    assert answer.verdict is Action.ATTRIBUTE
    assert "pkg:generic/ledger@1" in answer.attribution.notice
    assert "Changes: the code was modified" in answer.attribution.notice
    assert not [name for name in OTHERS if f"pkg:generic/{name}@1" in answer.attribution.notice]


def test_a_renamed_copy_gets_its_tags_and_common_code_gets_none(answer: CheckAnswer) -> None:
    tagged = tagged_code(CODE, answer, "", None)
    (snippet,) = read_snippets(tagged)
    assert (snippet.license_expression, snippet.copyright) == ("MIT", ("2019 Ada Example",))
    assert tagged.splitlines()[snippet.start_line - 1 : snippet.end_line] == RENAMED.splitlines()


def test_the_api_answers_with_the_map_of_names(client: FlaskClient) -> None:
    body = client.post("/api/v1/check", json={"code": CODE, "language": "Python"}).get_json()
    by_kind = {match["kind"]: match for match in body["matches"]}
    assert {"origin": "balances", "output": "scales"} in by_kind["renamed"]["names"]
    assert by_kind["exact"]["names"] == []
    assert {match["common"]: match["verdict"] for match in body["matches"]} == {True: "allow", False: "attribute"}


def _told(config: Config, *args: str, stdin: str | None = None) -> str:
    result = CliRunner().invoke(cli, ["--home", str(config.home), *args], input=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_shows_the_names_and_tells_common_code_apart_below(service: Service, config: Config) -> None:
    told = _told(config, "check", "--language", "python", stdin=CODE)
    asking, apart = told.split("  also seen, asks for nothing\n")
    apart = apart.split("\n\n")[0]
    assert re.search(r"renamed \d+%  lines 14-27", asking)
    assert "other names: settle -> weigh, entries -> parcels, " in asking
    assert " more\n" in asking.split("other names: ")[1]
    assert "apple" not in asking
    first, second = apart.splitlines()
    # Of equal places the shortest path is named first.
    assert "exact 100%; stands in 7 unrelated sources, so it is common; as in pkg:generic/elm@1 elm.py:1-11" in first
    assert "says too little to tell a copy" in second
    assert "ledger" not in first


def test_an_audit_shows_the_same(service: Service, config: Config, tmp_path: Path) -> None:
    (tmp_path / "mixed.py").write_text(CODE)
    told = _told(config, "audit", str(tmp_path))
    asking, apart = told.split("\nalso seen, asks for nothing\n")
    assert re.search(r"lines 14-27: attribute, renamed \d+%", asking)
    assert "other names: settle -> weigh, " in asking
    assert "apple" not in asking
    assert "mixed.py lines 1-11: exact 100%; stands in 7 unrelated sources" in apart
    report = json.loads(_told(config, "audit", str(tmp_path), "--format", "json"))
    (finding,) = [finding for finding in report["findings"] if finding["verdict"] == "attribute"]
    assert finding["names"][0] == {"origin": "settle", "output": "weigh"}


def _page(client: FlaskClient) -> BeautifulSoup:
    response = client.post(
        "/check", data={"code": CODE, "language": "Python"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    return BeautifulSoup(client.get(response.headers["Location"]).data, "html.parser")


def test_the_page_shows_exchanged_names_as_the_same_thing(client: FlaskClient) -> None:
    soup = _page(client)
    (renamed,) = [match for match in soup.select("details.match") if "Copy with other names" in match.h4.text]
    assert "written with other names" in renamed.p.text
    pairs = [[cell.text for cell in row.select("td")] for row in renamed.select(".names tbody tr")]
    assert pairs[0] == ["weigh", "settle"]
    assert ["scales", "balances"] in pairs
    rows = {row.select("td")[1].text.strip(): row for row in renamed.select(".compare tbody tr")}
    named = rows["scales = {}"]
    assert named["class"] == ["renamed"]
    assert [cell.text.strip() for cell in named.select("td")][2:] == ["=", "3", "balances = {}"]
    assert [(mark.text, mark["title"]) for mark in named.select(".exchanged")] == [
        ("scales", "balances in the reference"),
        ("balances", "scales in this code"),
    ]
    assert named.find("em") is None
    # What differs beside the names is still a difference.
    literal = rows['way = "up" if parcel.weight >= 0 else "down"']
    assert literal["class"] == ["changed"]
    assert [mark.text for mark in literal.select("em")] == ["up", "down", "credit", "debit"]


def test_the_page_folds_common_matches_away(client: FlaskClient) -> None:
    soup = _page(client)
    (folded,) = [one for one in soup.select("details") if "Also seen, asks for nothing: 2 matches" in one.summary.text]
    assert not folded.has_attr("open")
    inside = folded.select("details.match")
    assert ["stands in 7 unrelated sources" in match.text for match in inside] == [True, False]
    assert len(soup.select("details.match")) == 3
    numbers = [match.select_one(".tally").text for match in soup.select("details.match")]
    assert numbers == ["1", "2", "3"]
    marked = {row.select_one(".number").text: row["class"] for row in soup.select("tr.marked")}
    assert "common" in marked["1"]
    assert "attribute" in marked[str(SPREAD.count("\n") + 3)]
