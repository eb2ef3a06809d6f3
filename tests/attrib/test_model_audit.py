"""What a model wrote, audited as any tree is: findings, decisions, withheld texts, figures, and hostile lines."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from attrib.answers import Action
from attrib.audits.findings import Settled
from attrib.audits.generations import LONGEST_LINE, Answered, read_generations
from attrib.audits.projects import decide, precedents_of, project_of
from attrib.audits.report import AuditReport
from attrib.audits.stored import stored_audit
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config
from attrib.errors import UnreadableInput
from attrib.reports.formats import FORMATS
from attrib.service import Service
from tests.attrib.audited import COPIED, OWN, PURL, add_reference

SCHEMA = json.loads((Path(stored_audit.__code__.co_filename).parents[1] / "reports" / "audit.schema.json").read_text())
RUN = {"model": "some-model", "steering": "off"}
MODEL = {
    "name": "some-model",
    "architecture": "A",
    "parameters": 5,
    "positions": None,
    "device": "cpu",
    "dtype": "float32",
    "fills_in_middle": False,
}


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        yield service


def checked(service: Service, code: str, verdict: str | None = None) -> dict[str, Any]:
    """Return the check of a code, all its matches with another verdict where one is given."""
    check: dict[str, Any] = json.loads(json.dumps(service.check(code.encode(), language="Python").as_json()))
    if verdict is not None:
        check["verdict"] = verdict
        check["matches"] = [match | {"verdict": verdict, "reasons": ["so it is"]} for match in check["matches"]]
    return check


def batch_line(number: int, name: str | int | None, *choices: tuple[str | None, dict[str, Any]]) -> dict[str, Any]:
    told = {"line": number, "id": name, "input": {}, "settings": {"language": "Python", "seed": number}, "run": RUN}
    if not choices:
        return told | {"error": {"type": "PromptTooLong", "message": "too long"}}
    written = [
        {"code": code, "steered_tokens": 1, "attempts": 1, "check": check, "finish_reason": "stop"}
        for code, check in choices
    ]
    usage = {"prompt_tokens": 3, "completion_tokens": 40}
    return told | {"answer": {"id": f"r{number}", "model": MODEL, "choices": written, "usage": usage}}


def written(folder: Path, *lines: object, name: str = "out.jsonl") -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def run(config: Config, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(config.home), *arguments])


def statuses(report: AuditReport) -> dict[str, str]:
    return {file.path: file.status.value for file in report.files}


def test_results_of_a_batch_are_audited_with_withheld_texts_never_clean(service: Service, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        batch_line(1, "Task/1", (COPIED, checked(service, COPIED)), (OWN, checked(service, OWN))),
        batch_line(2, "Task/2", (None, checked(service, COPIED, "block"))),
        batch_line(3, "Task/3", (None, checked(service, OWN))),
        batch_line(4, "Task/4"),
    )
    report = service.audit(path)
    assert statuses(report) == {
        "Task/1/choice-0.py": "matched",
        "Task/1/choice-1.py": "clean",
        "Task/2/choice-0.py": "matched",
    }
    assert dict(report.left_out) == {
        "Task/3/choice-0.py": "withheld: its code is not in the results",
        "Task/4": "the prompt has no answer: PromptTooLong",
    }
    copied, withheld = report.findings
    assert copied.match.origins[0].purl == withheld.match.origins[0].purl == PURL
    assert (copied.evidence is not None, withheld.evidence) == (True, None)
    assert (copied.verdict, withheld.verdict, report.verdict) == (Action.ATTRIBUTE, Action.BLOCK, Action.BLOCK)
    assert "withheld" in withheld.outcome.reasons[-1]
    assert report.scope == "generations of some-model"
    told = report.memorisation
    assert told is not None
    assert told["model"]["name"] == "some-model"
    assert told["prompts"]["errors"] == {"PromptTooLong": 1}
    assert (told["generations"]["total"], told["generations"]["clean"], told["generations"]["withheld"]) == (3, 1, 1)
    assert told["generations"]["by_verdict"] == {"allow": 1, "attribute": 1, "block": 1}
    assert [one["purl"] for one in told["sources"]] == [PURL]
    assert told["longest_runs"][0]["example"] == {"line": 1, "id": "Task/1", "choice": 0, "record": "r1"}


def test_its_record_gives_every_format_as_it_was(service: Service, tmp_path: Path) -> None:
    blocked = checked(service, COPIED, "block")
    path = written(tmp_path, batch_line(1, "a", (COPIED, blocked)), batch_line(2, None, (None, blocked)))
    report = service.audit(path)
    record = service.record(report.id)
    assert (record.request["scope"], record.verdict) == ("generations of some-model", "block")
    again = stored_audit(record)
    for name, form in FORMATS.items():
        assert form.render(again) == form.render(report), name
    assert [*jsonschema.Draft202012Validator(SCHEMA).iter_errors(json.loads(FORMATS["json"].render(report)))] == []
    for name in ("text", "html", "markdown"):
        assert "have a match (95% confidence: 34.2% to 100.0%)" in FORMATS[name].render(report)
    listed = json.loads(FORMATS["spdx"].render(report))
    assert [file["fileName"] for file in listed["files"]] == ["./a/choice-0.py"]


def test_code_generated_elsewhere_needs_no_more_than_code(config: Config, service: Service, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"task_id": "T/0", "completion": COPIED, "language": "py", "model": "m"},
        {"task_id": "T/0", "completion": OWN, "language": "py", "model": "m"},
        {"id": 7, "code": COPIED, "model": "m"},
        {"code": None, "model": "m"},
        name="samples.ndjson.gz",
    )
    report = service.audit(path)
    assert statuses(report) == {"T/0/choice-0.py": "matched", "T/0/choice-1.py": "clean", "7/choice-0": "matched"}
    assert dict(report.left_out) == {"line-4/choice-0": "withheld: its code is not in the results"}
    told = report.memorisation
    assert told is not None
    assert told["prompts"]["with_match"] == {"all": 1, "some": 1, "none": 0}
    assert "model" in FORMATS["text"].render(report)
    failed = run(config, "audit", str(path), "--fail-on", "attribute")
    assert failed.exit_code == 1, failed.output
    assert run(config, "audit", str(path), "--fail-on", "block").exit_code == 0


def test_decisions_and_baselines_hold_also_for_what_is_withheld(
    config: Config, service: Service, tmp_path: Path
) -> None:
    blocked = checked(service, COPIED, "block")
    path = written(tmp_path, batch_line(1, "a", (COPIED, blocked)), batch_line(2, "b", (None, blocked)))
    service.audit(path, precedents=precedents_of(project_of(path), service.history))
    project = project_of(path)
    for finding in service.audited_findings(project.name):
        decide(project, service.history, finding, Settled.ACCEPTED, by="Ada", reason="known")
    # The same lines in another order, others before them.
    path = written(tmp_path, {**batch_line(1, "z", (OWN, checked(service, OWN)))}, batch_line(2, "b", (None, blocked)))
    report = service.audit(path, precedents=precedents_of(project_of(path), service.history))
    (withheld,) = report.findings
    assert withheld.decision is not None
    assert (withheld.verdict, report.notes) == (Action.ALLOW, ())
    baseline = tmp_path / "known.json"
    first = run(
        config, "audit", str(path), "--write-baseline", str(baseline), "--decisions", str(tmp_path / "none.toml")
    )
    assert first.exit_code in (0, 1)
    (again,) = service.audit(path, precedents=precedents_of(project_of(path), service.history, baseline)).findings
    assert again.baseline


HOSTILE = (
    ("not json", "it is not JSON"),
    ('{"code": "x"', "it is not JSON"),
    ("[1]", "it is no JSON object"),
    ("[" * 5000, "it is not JSON"),
    ('{"code": NaN}', "it is not JSON"),
    ({"id": "a"}, "neither code nor completion"),
    ({"code": 3}, "code: input should be a valid string"),
    ({"code": "x", "language": "klingon"}, "language 'klingon' is none"),
    ({"code": "x", "id": ""}, "its id must have from 1 to 200 characters"),
    ({"code": "x", "id": "y" * 300}, "its id must have from 1 to 200 characters"),
    ({"code": "x", "model": "another"}, "another run or model"),
    ({"run": {}, "settings": {}, "id": 1}, "run.model is missing"),
    ({"run": RUN, "settings": {}, "id": 1, "answer": {"id": "r"}}, "answer.model: field required"),
)


@pytest.mark.parametrize(("line", "said"), HOSTILE, ids=[said for _, said in HOSTILE])
def test_a_line_that_cannot_be_used_is_told_and_the_others_are_audited(
    service: Service, tmp_path: Path, line: object, said: str
) -> None:
    path = written(tmp_path, {"code": COPIED, "language": "python"}, line, {"code": OWN})
    report = service.audit(path)
    assert list(statuses(report).values()) == ["matched", "clean"]
    ((place, reason),) = report.left_out
    assert place == "line-2"
    assert said in reason
    assert report.memorisation is not None
    assert report.memorisation["prompts"]["errors"] == {"unusable line": 1}


def test_a_stored_check_that_is_none_does_not_become_a_finding(service: Service, tmp_path: Path) -> None:
    blocked = checked(service, COPIED, "block")
    (match,) = blocked["matches"]
    for broken in (
        match | {"origins": []},
        match | {"output": {"start_line": 9, "end_line": 3}},
        match | {"origins": [match["origins"][0] | {"purl": 3}]},
        {**match, "kind": "stolen"},
        {**match, "lexemes": "many"},
    ):
        wrong = batch_line(1, "a", (None, blocked | {"matches": [broken]}))
        report = service.audit(written(tmp_path, wrong, batch_line(2, "b", (OWN, checked(service, OWN)))))
        assert statuses(report) == {"b/choice-0.py": "clean"}
        assert report.left_out[0][0] == "line-1"


def test_a_line_without_end_is_passed_over_in_little_memory(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"code": "' + b"x" * (LONGEST_LINE + 10) + b'"}\n')
        file.write(json.dumps({"code": COPIED}).encode() + b"\n")
    report = service.audit(path)
    assert report.left_out == (("line-1", f"the line cannot be used: it is longer than {LONGEST_LINE:,} bytes"),)
    assert list(statuses(report)) == ["line-2/choice-0"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"garbage\n", b"\x1f\x8bgarbage", b'{"prompt": "x"}\n'])
def test_a_file_without_generations_is_refused_in_one_line(config: Config, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(content)
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        with pytest.raises(UnreadableInput):
            service.audit(tmp_path / "x.jsonl")
    refused = run(config, "audit", str(tmp_path / "x.jsonl"))
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


def paths(folder: Path, ids: list[str]) -> list[str]:
    lines = read_generations(written(folder, *({"id": one, "code": ""} for one in ids)))
    return [one.path for line in lines if isinstance(line, Answered) for one in line.generations]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../x", "%2E%2E/%2E%2E/x/choice-0"),
        ("/etc/passwd", "%/etc/passwd/choice-0"),
        ("a/./b\n", "a/%2E/b%0A/choice-0"),
        ("HumanEval/0", "HumanEval/0/choice-0"),
        ("\u202e\ud800", "%E2%80%AE%5Cud800/choice-0"),
    ],
)
def test_an_odd_name_stays_below_the_root(tmp_path: Path, name: str, path: str) -> None:
    assert paths(tmp_path, [name]) == [path]


@given(st.lists(st.text(min_size=1, max_size=12) | st.text("/.%a", min_size=1, max_size=5), max_size=6, unique=True))
def test_no_two_generations_have_one_path_and_none_leaves_the_root(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str]
) -> None:
    told = paths(tmp_path_factory.mktemp("ids"), ids)
    assert len(set(told)) == len(told) == len(ids)
    for path in told:
        assert not path.startswith("/")
        assert path.isascii()
        assert path.isprintable()
        assert not {"", ".", ".."} & set(path.split("/"))


def test_what_is_ignored_is_told_and_not_counted(config: Config, service: Service, tmp_path: Path) -> None:
    path = written(tmp_path, {"id": "a", "code": COPIED}, {"id": "b", "code": OWN})
    done = run(config, "audit", str(path), "--ignore", "a/", "--format", "json")
    told = json.loads(done.stdout)
    assert [file["path"] for file in told["files"]] == ["b/choice-0"]
    assert told["memorisation"]["generations"]["total"] == 1
    assert told["left_out"] == [{"path": "a/choice-0", "reason": "left out by --ignore or the settings"}]
