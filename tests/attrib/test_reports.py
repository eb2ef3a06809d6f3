"""What the formats of a report say, that they say the same for the same input, and that hostile text stays text."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_shapes import EVIDENCE, HOSTILE, LICENSES, SHAPES, clean, every_kind, file, finding, match, model, report

from attrib.answers import Action, Verdict
from attrib.audits.evidence import MOST_BYTES, EvidenceReader
from attrib.audits.findings import Decision, Duty, Evidence, Finding, Provenance, Settled, Standing
from attrib.audits.report import AuditReport
from attrib.audits.stored import audit_report
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.cli.reporting import FORMAT_NAMES
from attrib.config import Config, load_config
from attrib.errors import ConfigurationError, UnreadableInput
from attrib.obligations import Ask
from attrib.records import RecordKind
from attrib.reports import documents, markdown, sarif
from attrib.reports.csv import COLUMNS
from attrib.reports.documents import reproducible
from attrib.reports.formats import FORMATS
from attrib.reports.licensing import spdx_expression
from index.errors import UnknownSource
from index.matches import MatchKind, Span

SCHEMA = json.loads(Path(documents.__file__).with_name("audit.schema.json").read_text(encoding="utf-8"))
CODE = """def clamp_between(value, lowest, highest):
    if lowest > highest:
        raise ValueError("the lowest is above the highest")
    below = max(value, lowest)
    return min(below, highest)


def windows_of(items, size):
    for start in range(0, len(items) - size + 1):
        yield items[start : start + size]
"""
LICENSE = "Permission is granted under the MIT License.\nSPDX-License-Identifier: MIT\nCopyright (c) 2019 Ada Example\n"

words = st.text(st.characters(codec="utf-8"), max_size=12)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
decisions = st.builds(
    Decision, words, st.sampled_from(Settled), words, words, moments, st.none() | st.dates(date(2000, 1, 1))
)
findings = st.builds(
    lambda number, license, action, kind, verdict, **more: replace(
        finding("a/ü.py", number, license, action, kind), outcome=verdict, **more
    ),
    st.integers(0, 50),
    st.sampled_from(LICENSES),
    st.sampled_from(Action),
    st.sampled_from(MatchKind),
    st.builds(Verdict, st.sampled_from(Action), st.lists(words, max_size=2).map(tuple)),
    provenance=st.none() | st.builds(Provenance, st.sampled_from(Standing), words, words),
    duties=st.lists(st.builds(Duty, st.sampled_from(Ask), words, st.none() | words), max_size=2).map(tuple),
    decision=st.none() | decisions,
    baseline=st.booleans(),
    evidence=st.none() | st.builds(Evidence, words, words, st.booleans()),
)


def parsed(form: str, told: AuditReport) -> dict:
    document: dict = json.loads(FORMATS[form].render(told))
    return document


def test_the_command_offers_every_format() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES


@given(st.lists(findings, max_size=3), words, st.none() | moments)
def test_a_stored_report_is_told_in_every_format_as_it_was(
    found: list[Finding], root: str, at: datetime | None
) -> None:
    told = replace(report(file("a/ü.py", *found)), root=root, at=at)
    again = audit_report(json.loads(json.dumps(told.as_json())))
    assert again.as_json() == told.as_json()
    for form in FORMATS.values():
        assert form.render(again) == form.render(told)


def test_what_is_no_audit_is_refused() -> None:
    for nonsense in ({}, {"findings": 3}, {"matches": []}, {**clean().as_json(), "files": [{}]}):
        with pytest.raises(UnreadableInput):
            audit_report(nonsense)


def test_a_record_from_before_hashes_and_evidence_is_still_told() -> None:
    told = every_kind().as_json()
    for one in told["files"]:
        del one["swhid"], one["sha1"], one["sha256"]
    for one in told["findings"]:
        del one["evidence"], one["judged"], one["fingerprint"], one["decision"], one["provenance"], one["duties"]
        one["output"] = {"start_line": one["output"]["start_line"], "end_line": one["output"]["end_line"]}
    del told["at"], told["fail_on"]
    again = audit_report(told)
    for form in FORMATS.values():
        assert form.render(again)
    document = parsed("spdx", again)
    assert "files" not in document
    assert "were not kept" in document["creationInfo"]["comment"]


@pytest.mark.parametrize("form", FORMATS)
def test_two_runs_over_the_same_input_give_the_same_bytes(form: str) -> None:
    epoch = {"SOURCE_DATE_EPOCH": "1700000000"}
    one = every_kind()
    other = replace(every_kind(), id="another", seconds=77.0, at=datetime(2030, 1, 1, tzinfo=UTC))
    assert FORMATS[form].render(reproducible(one, epoch)) == FORMATS[form].render(reproducible(other, epoch))


def test_the_epoch_is_the_moment_and_what_is_none_is_refused() -> None:
    settled = reproducible(every_kind(), {"SOURCE_DATE_EPOCH": "1700000000"})
    assert documents.moment(settled) == "2023-11-14T22:13:20Z"
    assert parsed("cyclonedx", settled)["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    assert reproducible(every_kind(), {}) == every_kind()
    with pytest.raises(ConfigurationError, match="SOURCE_DATE_EPOCH"):
        reproducible(every_kind(), {"SOURCE_DATE_EPOCH": "yesterday"})


@pytest.mark.parametrize("shape", SHAPES)
def test_the_json_report_is_as_its_schema_says_and_nothing_in_it_is_left_unsaid(shape: str) -> None:
    kind = jsonschema.Draft202012Validator
    kind.check_schema(SCHEMA)
    told = parsed("json", SHAPES[shape]())
    assert [error.message for error in kind(SCHEMA, format_checker=kind.FORMAT_CHECKER).iter_errors(told)] == []
    assert [*kind(SCHEMA).iter_errors({**told, "unsaid": 1})]


@pytest.mark.parametrize("shape", SHAPES)
def test_readers_of_csv_and_of_markdown_see_a_row_for_each_finding_and_no_markup(shape: str) -> None:
    told = SHAPES[shape]()
    rows = list(csv.reader(io.StringIO(FORMATS["csv"].render(told), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len(rows) == 1 + len(told.findings)
    read = MarkdownIt("commonmark").enable("table").parse(FORMATS["markdown"].render(told))
    counted = [found for found in told.findings if not found.match.common]
    assert sum(token.type == "tr_open" for token in read) == (1 + len(counted) if counted else 0)
    inline = [child for token in read for child in token.children or ()]
    assert {one.content for one in inline if one.type == "html_inline"} <= {"<br>", "<span>", "</span>"}
    kinds = {token.type for token in [*read, *inline]}
    assert not {kind for kind in kinds if kind.startswith(("html_block", "link", "image"))}


def test_no_cell_of_the_csv_is_a_formula_and_every_finding_has_a_row() -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(every_kind()), newline="")))
    assert len(rows) == len(every_kind().findings)
    assert tuple(rows[0]) == COLUMNS
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {row["path"] for row in rows if "1+1" in row["path"]} == {"'=1+1.py"}
    assert {row["decision"] for row in rows} == {"", *(settled.value for settled in Settled)}


def test_sarif_says_what_is_an_alert_and_what_is_settled() -> None:
    (run,) = parsed("sarif", every_kind())["runs"]
    results = run["results"]
    assert len(results) == len([one for one in every_kind().findings if not one.match.common])
    levels = {one["properties"]["verdict"]: one["level"] for one in results if not one["suppressions"]}
    assert levels == {"allow": "none", "attribute": "note", "review": "warning", "block": "error"}
    settled = [one for one in results if one["suppressions"]]
    assert {one["level"] for one in settled} == {"error"}
    statuses = [one["suppressions"][0]["status"] for one in settled]
    assert sorted(statuses) == ["accepted"] * 4 + ["underReview"]
    assert {one["baselineState"] for one in results} == {"new", "unchanged"}
    identifiers = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(identifiers)) == len(identifiers)
    assert all(identifiers[one["ruleIndex"]] == one["ruleId"] for one in results)
    first = results[0]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/a%20b%23c%2520%C3%A9%26.py"
    assert first["locations"][0]["physicalLocation"]["region"]["snippet"]["text"] == EVIDENCE.ours
    assert first["relatedLocations"][0]["physicalLocation"]["region"]["snippet"]["text"] == EVIDENCE.theirs
    assert "\\[link\\](javascript:1)" in first["message"]["text"]
    assert "{{0}}" in first["message"]["text"]


def test_sarif_writes_as_many_results_as_code_scanning_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    found = [finding("a.py", n, "MIT", action) for n, action in enumerate((Action.REVIEW, Action.ALLOW, Action.BLOCK))]
    (run,) = parsed("sarif", report(file("a.py", *found)))["runs"]
    assert [one["level"] for one in run["results"]] == ["warning", "error"]
    assert "1 findings are not in this file" in json.dumps(run["invocations"])


def test_spdx_places_a_snippet_by_bytes_and_lines_counted_from_one() -> None:
    snippet = parsed("spdx", every_kind())["snippets"][0]
    bytes_, lines = snippet["ranges"]
    assert (bytes_["startPointer"]["offset"], bytes_["endPointer"]["offset"]) == (21, 80)
    assert (lines["startPointer"]["lineNumber"], lines["endPointer"]["lineNumber"]) == (3, 5)


@pytest.mark.parametrize(
    ("stated", "expression"),
    [
        ("MIT", "MIT"),
        (
            "mit or GPL-2.0-or-later with Classpath-exception-2.0",
            "MIT OR GPL-2.0-or-later WITH Classpath-exception-2.0",
        ),
        ("NOASSERTION", "NOASSERTION"),
        ("LicenseRef-Own", "LicenseRef-Own"),
    ],
)
def test_a_known_licence_keeps_its_name(stated: str, expression: str) -> None:
    assert spdx_expression(stated).expression == expression


@pytest.mark.parametrize("stated", ["ask the author", "MIT AND DocumentRef-a:LicenseRef-b", "ISC WITH AdditionRef-c"])
def test_what_the_list_does_not_know_is_a_reference_with_the_words_it_was_found_under(stated: str) -> None:
    read = spdx_expression(stated)
    (ref,) = read.refs
    assert ref.identifier in read.expression
    assert ref.name in stated
    assert spdx_expression(stated + " today").refs[0].identifier != ref.identifier or "Ref-" in stated


def test_junit_fails_by_the_verdict_that_the_audit_fails_by() -> None:
    def failing(told: AuditReport) -> set[str]:
        cases = Xml.fromstring(FORMATS["junit"].render(told)).iter("testcase")
        return {case.attrib["name"] for case in cases if case.find("failure") is not None}

    told = report(
        file("block.py", finding("block.py", 1, "MIT", Action.BLOCK)),
        file("review.py", finding("review.py", 2, "MIT", Action.REVIEW)),
        file("old.py", replace(finding("old.py", 3, "MIT", Action.BLOCK), baseline=True)),
    )
    assert failing(told) == {"block.py"}
    assert failing(replace(told, fail_on=Action.REVIEW)) == {"block.py", "review.py"}
    assert failing(replace(told, fail_on=None)) == set()


def test_a_summary_fits_a_comment_and_calls_nobody() -> None:
    many = report(*(file(f"{n}.py", finding(f"{n}.py", n, "MIT", Action.REVIEW)) for n in range(2000)))
    text = markdown.render(many)
    assert len(text) < 65_536
    assert "more, none of them stricter" in text
    told = markdown.render(every_kind())
    assert "<script" not in told.replace("\\<script", "")
    assert "<span>@</span>nobody" in told
    assert "@nobody" not in told.replace("<span>@</span>nobody", "")


@pytest.mark.parametrize("form", ["html", "markdown", "text", "junit", "csv"])
def test_nothing_hidden_reaches_who_reads_a_report(form: str) -> None:
    for told in (every_kind(), model()):
        shown = FORMATS[form].render(told).replace(told.notice, "")
        assert not {"\u202e", "\x1b", "\x07", "\udc80"} & set(shown)


def test_the_html_report_holds_no_markup_but_its_own() -> None:
    text = FORMATS["html"].render(every_kind())
    assert HOSTILE not in text
    assert "<script" not in text
    assert " src=" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_evidence_is_whole_lines_and_bounded() -> None:
    long = b"x" * (3 * MOST_BYTES) + b"\n"
    reader = EvidenceReader({"swh:1:cnt:" + "0" * 39 + "1": b"first\nsecond line\nthird\n"}.__getitem__, most=1)
    told = match(1, "MIT", Action.ATTRIBUTE)
    origin = replace(told.origins[0], reference=Span(2, 2, 8, 12))
    told = replace(told, output=Span(1, 1, 5, 3 * MOST_BYTES), origins=(origin,))
    evidence = reader.read(told, long)
    assert evidence == Evidence("x" * MOST_BYTES, "second line", cut=True)
    assert reader.read(told, long) is None, "there is no room left"
    assert EvidenceReader({}.__getitem__).read(replace(told, common=True), long) is None


def test_evidence_of_a_source_that_is_gone_is_none() -> None:
    def gone(swhid: str) -> bytes:
        raise UnknownSource(swhid)

    assert EvidenceReader(gone).read(match(1, "MIT", Action.ATTRIBUTE), b"x\n" * 50) is None


@pytest.fixture
def tree(config: Config, tmp_path: Path) -> Path:
    """A folder with a copy of what the index of `config` has."""
    for folder in ("source", "mine"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "clamp.py").write_text(CODE)
    (tmp_path / "source" / "LICENSE").write_text(LICENSE)
    with build_service(config) as service:
        service.add([str(tmp_path / "source")], purl="pkg:generic/clamp@1", license="MIT")
    return tmp_path / "mine"


def test_an_audit_keeps_lines_and_hashes_and_its_record_gives_every_format(config: Config, tree: Path) -> None:
    with build_service(config) as service:
        told = service.audit(tree)
        record = service.record(told.id)
    (found,) = told.findings
    assert found.evidence == Evidence(CODE.rstrip("\n"), CODE.rstrip("\n"))
    assert record.kind is RecordKind.AUDIT
    again = audit_report(record.answer)
    for form in FORMATS.values():
        assert form.render(again) == form.render(told)
    assert [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(told.as_json())] == []


def test_where_only_hashes_are_kept_the_record_has_no_line_of_code(config: Config, tree: Path, tmp_path: Path) -> None:
    hashes = load_config({"home": config.home, "retention": "hashes"}, {}, tmp_path)
    with build_service(hashes) as service:
        told = service.audit(tree)
        kept = audit_report(service.record(told.id).answer)
    assert told.findings[0].evidence is not None
    assert kept.findings[0].evidence is None
    assert "The lines are not kept in this report." in FORMATS["html"].render(kept)


def test_several_formats_are_written_at_once(config: Config, tree: Path, tmp_path: Path) -> None:
    targets = [tmp_path / form.file_name for form in FORMATS.values()]
    asked = [word for form, target in zip(FORMATS, targets, strict=True) for word in ("--format", form, "-o", target)]
    command = ["--home", str(config.home), "audit", str(tree), *map(str, asked)]
    environment = {"SOURCE_DATE_EPOCH": "1700000000"}
    written = []
    for _ in range(2):
        done = CliRunner().invoke(cli, command, env=environment)
        assert done.exit_code == 0, done.output
        assert done.stdout == ""
        written.append([target.read_bytes() for target in targets])
    assert written[0] == written[1]
    assert all(written[0])


def test_formats_and_files_that_do_not_go_together_are_refused(config: Config, tree: Path) -> None:
    command = ["--home", str(config.home), "audit", str(tree), "--format", "csv", "--format", "json", "-o", "x"]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 2
    assert "give each --format an --output" in done.stderr
