"""One policy, the same verdict: in a check, a generation and an audit over a real index, in the command and the API."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from attrib.answers import Action
from attrib.audits.history import DecisionHistory
from attrib.bootstrap import build_service, open_index
from attrib.claims import ClaimStore
from attrib.cli.main import cli
from attrib.config import load_config
from attrib.database import open_database
from attrib.records import RecordStore
from attrib.service import Service
from generator.base import GenerationRequest, ModelDescription, Piece, PromptFit
from tests.index.packing import code
from web.app import create_app

CODE = code("kept")
OWNED = 'owner = "legal@example.org"\nreason = "we wrote it"\n'
LATER = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
SOON = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
PAST = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


class Recited:
    """A model that knows one text by heart."""

    def describe(self) -> ModelDescription:
        return ModelDescription("recited", "none", 0, 10_000, "cpu", "none", False)

    def stream(self, request: GenerationRequest, cancel: Any = None, guide: Any = None) -> Iterator[Piece]:
        yield Piece(0, CODE, "stop", 1)

    def fit(self, request: GenerationRequest) -> PromptFit:
        return PromptFit(1)


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with code in it that a source under MIT and one under ISC have as well."""
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ATTRIB_POLICY", raising=False)
    for name, license in (("kept", "MIT"), ("other", "ISC")):
        (tmp_path / name).mkdir()
        # Files that are the same to the last byte would count as copies of one another.
        (tmp_path / name / f"{name}_walk.py").write_text(CODE + (code("more") if name == "other" else ""))
        with build_service(load_config({"home": tmp_path / "home"}, {}, tmp_path)) as service:
            service.add([str(tmp_path / name)], purl=f"pkg:pypi/{name}@1", license=license)
    folder = tmp_path / "work"
    (folder / "src" / "tools").mkdir(parents=True)
    (folder / "src" / "tools" / "mine.py").write_text(CODE)
    monkeypatch.chdir(folder)
    return folder


def service(work: Path, policy: str) -> Service:
    (work / "attrib.toml").write_text(policy, encoding="utf-8")
    config = load_config({"home": work.parent / "home"}, {}, work)
    engine = open_database(config.database_url)
    return Service(
        config=config,
        index=open_index(config),
        records=RecordStore(engine),
        policy=config.policy,
        open_generator=Recited,  # type: ignore[arg-type]
        close=engine.dispose,
        claims=ClaimStore(engine),
        history=DecisionHistory(engine),
    )


def verdicts(work: Path, policy: str) -> tuple[Action, Action, Action]:
    """Return what check, generation and audit say of the same code."""
    with service(work, policy) as opened:
        return (
            opened.check(CODE.encode(), path="src/tools/mine.py").verdict,
            opened.generate(GenerationRequest("")).choices[0].check.verdict,
            opened.audit(work / "src").verdict,
        )


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


@pytest.mark.parametrize(
    ("policy", "action"),
    [
        ("", Action.ATTRIBUTE),
        ('[policy.licenses]\nMIT = "block"\nISC = "block"', Action.BLOCK),
        ('[policy.kinds.exact]\npermissive = "review"', Action.REVIEW),
        ("[policy.thresholds]\nlexemes = 100000", Action.ALLOW),
        ("[policy.thresholds]\ncommon_sources = 2", Action.ALLOW),
        ('[policy.licenses]\nISC = "block"', Action.REVIEW),
    ],
    ids=["none", "licence", "kind", "lexemes", "sources", "disagreement"],
)
def test_the_policy_reaches_check_generation_and_audit_alike(work: Path, policy: str, action: Action) -> None:
    assert verdicts(work, policy) == (action, action, action)


BLOCKED = f'[policy.categories]\npermissive = "block"\n[[policy.exceptions]]\naction = "allow"\n{OWNED}'


@pytest.mark.parametrize(
    "scope", ['source = "pkg:pypi/*"', 'source = "pkg:pypi/kept"\n[policy.licenses]\nISC = "allow"']
)
def test_an_exception_for_a_source_reaches_all_three(work: Path, scope: str) -> None:
    assert verdicts(work, f"{BLOCKED}expires = {LATER}\n{scope}\n") == (Action.ALLOW,) * 3
    assert verdicts(work, f"{BLOCKED}expires = {PAST}\n{scope}\n") == (Action.BLOCK,) * 3


def test_an_exception_for_a_path_holds_for_files_and_not_for_generated_code(work: Path) -> None:
    scope = 'path = "src/tools/**"'
    assert verdicts(work, f"{BLOCKED}expires = {LATER}\n{scope}\n") == (Action.ALLOW, Action.BLOCK, Action.ALLOW)


@pytest.mark.parametrize("target", [".", "src", "src/tools", "src/tools/mine.py", "{work}", "{work}/src"])
def test_a_path_means_the_same_file_from_wherever_it_is_audited(work: Path, target: str) -> None:
    with service(work, f'{BLOCKED}expires = {LATER}\npath = "src/tools/*.py"\n') as opened:
        assert opened.audit(Path(target.format(work=work))).verdict is Action.ALLOW
        assert opened.check(CODE.encode(), path="./src/tools/../tools/mine.py").verdict is Action.ALLOW
        assert opened.check(CODE.encode(), path=str(work / "src" / "tools" / "mine.py")).verdict is Action.ALLOW
        assert opened.check(CODE.encode(), path="tools/mine.py").verdict is Action.BLOCK


def test_an_ended_exception_is_said_in_the_answer(work: Path) -> None:
    with service(work, f'{BLOCKED}expires = {PAST}\nlicense = "MIT"\n') as opened:
        (match,) = opened.check(CODE.encode()).matches
    assert any("no longer counts (ask legal@example.org)" in reason for reason in match.verdict.reasons)


def test_what_is_below_a_threshold_is_told_as_asking_for_nothing(work: Path) -> None:
    (work / "attrib.toml").write_text("[policy.thresholds]\nlexemes = 100000\n")
    said = run("check", "src/tools/mine.py")
    assert said.exit_code == 0
    assert "also seen, asks for nothing" in said.stdout
    assert "the policy counts matches from 100,000 on" in said.stdout


@pytest.mark.parametrize("kind", ["check", "generate", "audit"])
def test_a_stored_answer_is_judged_anew(work: Path, kind: str) -> None:
    with service(work, "") as opened:
        if kind == "check":
            stored = opened.check(CODE.encode(), path="src/tools/mine.py").id
        elif kind == "generate":
            stored = opened.generate(GenerationRequest("")).id
        else:
            stored = opened.audit(work / "src").id
    same = run("policy", "test", stored, "--json")
    assert same.exit_code == 0
    record = json.loads(same.stdout)["record"]
    assert (record["matches"], record["changed"]) == (1, [])
    (work / "attrib.toml").write_text('[policy.licenses]\nISC = "review"\nMIT = "block"\n')
    other = run("policy", "test", stored, "--json")
    assert other.exit_code == 1
    (change,) = json.loads(other.stdout)["record"]["changed"]
    assert (change["stored"], change["now"]) == ("attribute", "block")
    assert change["path"] == {"check": "src/tools/mine.py", "generate": None, "audit": "tools/mine.py"}[kind]
    assert run("policy", "test", stored, "--fail-on", "never").exit_code == 0
    excepted = f'path = "src/**"\naction = "allow"\n{OWNED}expires = {LATER}\n'
    (work / "attrib.toml").write_text(f'[policy.licenses]\nMIT = "block"\n[[policy.exceptions]]\n{excepted}')
    assert run("policy", "test", stored).exit_code == (1 if kind == "generate" else 0)


@pytest.mark.parametrize("args", [("check", "--json", "src/tools/mine.py"), ("audit", "--format", "json", ".")])
def test_a_written_answer_is_judged_anew(work: Path, args: tuple[str, ...]) -> None:
    (work / "answer.json").write_text(run(*args).stdout)
    (work / "attrib.toml").write_text('[policy.licenses]\nISC = "block"\n')
    said = run("policy", "test", "answer.json", "--fail-on", "review")
    assert said.exit_code == 1
    assert "0 verdicts as stored, 1 changed" in said.stdout
    assert "attribute -> review  pkg:pypi/kept@1  MIT" in said.stdout
    assert "it may as well come from pkg:pypi/other@1 under ISC, which the policy blocks" in said.stdout


def test_verdicts_stay_when_a_threshold_comes_and_goes(work: Path) -> None:
    with service(work, "[policy.thresholds]\ncommon_sources = 2\n") as opened:
        stored = opened.check(CODE.encode()).id
    assert json.loads(run("policy", "test", stored, "--json").stdout)["record"]["changed"] == []
    (work / "attrib.toml").write_text("")
    (change,) = json.loads(run("policy", "test", stored, "--json").stdout)["record"]["changed"]
    assert (change["stored"], change["now"]) == ("allow", "attribute")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"print(1)\n", "is no JSON"),
        (b"[1]", "no answer of Attrib's"),
        (b'{"matches": [{}]}', "no answer of Attrib's"),
        (b'{"findings": 3}', "no answer of Attrib's"),
        (b'{"matches": [{"origins": []}]}', "no answer of Attrib's"),
        (b"{" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_answer_is_one_line(work: Path, content: bytes, said: str) -> None:
    (work / "answer.json").write_bytes(content)
    result = run("policy", "test", "answer.json")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert said in result.stderr


def test_exceptions_are_looked_through(work: Path) -> None:
    (work / "attrib.toml").write_text(
        "\n".join(
            f'[[policy.exceptions]]\n{scope}\nexpires = {expires}\naction = "allow"\n{OWNED}'
            for scope, expires in (
                ('license = "MIT"', LATER),
                ('license = "GPL-3.0-only"', SOON),
                ('source = "pkg:pypi/kept"', LATER),
                ('source = "pkg:pypi/kep"', LATER),
                ('path = "src/**"', LATER),
                ('path = "lib/**"', PAST),
                (f'swhid = "swh:1:cnt:{"0" * 40}"', LATER),
            )
        )
    )
    result = run("policy", "test", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["status"] == "wrong"
    assert [(one["state"], one["matches_nothing"]) for one in told["exceptions"]] == [
        ("counts", None),
        ("ends soon", "no code in the index is under GPL-3.0-only"),
        ("counts", None),
        ("counts", "no source in the index is pkg:pypi/kep"),
        ("counts", None),
        ("ended", "no file below the settings fits lib/**"),
        ("counts", f"the index does not hold swh:1:cnt:{'0' * 40}"),
    ]
    text = run("policy", "test").stdout
    assert f"policy.exceptions[2]  ends soon, {SOON}" in text
    assert f"policy.exceptions[6]  ended, {PAST}" in text


def test_the_settings_alone_are_tested_without_making_a_database(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRIB_HOME", str(work / "new"))
    assert run("policy", "test").exit_code == 0
    assert run("policy", "explain", "MIT").exit_code == 0
    assert not (work / "new").exists()
    (work / "attrib.toml").write_text("[policy]\nprojects = 1\n[policy.categories]\nx = 1\n")
    wrong = run("policy", "test")
    assert (wrong.exit_code, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    assert "projects" in wrong.stderr
    assert "policy.categories.x" in wrong.stderr


def test_named_licences_decide_the_exit_status(work: Path) -> None:
    assert run("policy", "test", "--spdx", "MIT", "--spdx", "mpl 2.0").exit_code == 0
    assert run("policy", "test", "--spdx", "MIT", "--spdx", "mpl 2.0", "--fail-on", "review").exit_code == 1
    assert run("policy", "test", "--spdx", "GPL-3.0-only").exit_code == 1
    assert run("policy", "test", "--spdx", "nonsense").exit_code == 2


def test_an_explanation_says_what_decides_and_why(work: Path) -> None:
    (work / "attrib.toml").write_text(
        '[policy]\nproject_license = "Apache-2.0"\n[policy.kinds.renamed]\npermissive = "review"\n'
    )
    said = run("policy", "explain", "gpl-2.0+ or mit").stdout
    assert "read as GPL-2.0-or-later OR MIT" in said
    assert (
        "MIT is chosen where GPL-2.0-or-later OR MIT offers a choice: it suits a project under Apache-2.0 best" in said
    )
    assert "if renamed  review" in said
    told = json.loads(run("policy", "explain", "MIT", "--kind", "renamed", "--json").stdout)
    assert [(one["action"], one["line"]) for one in told["decisions"]] == [
        ("review", "policy.kinds.renamed.permissive")
    ]
    told = json.loads(
        run("policy", "explain", "LGPL-2.1-or-later", "--project-license", "proprietary", "--json").stdout
    )
    (decision,) = told["decisions"]
    assert (told["verdict"], decision["line"], decision["compatibility"]["permits"]) == (
        "block",
        "policy.project_license",
        False,
    )
    assert "copied into it has to be published" in told["reasons"][0]
    wrong = run("policy", "explain", "MIT", "--project-license", "propietary")
    assert wrong.exit_code == 2
    assert "did you mean 'proprietary'?" in wrong.stderr


def test_the_api_shows_what_is_in_force(work: Path) -> None:
    policy = f'[policy]\nproject_license = "MIT"\n{BLOCKED}expires = {PAST}\nsource = "pkg:pypi/kept"\n'
    with service(work, policy) as opened:
        app = create_app(opened, load_config({"home": work.parent / "home"}, {}, work))
        told = app.test_client().get("/api/v1/policy").get_json()
    assert told["project_license"] == "MIT"
    assert (told["categories"]["permissive"], told["categories"]["copyleft"]) == ("block", "block")
    assert [(one["source"], one["state"]) for one in told["exceptions"]] == [("pkg:pypi/kept", "ended")]
    assert "owner" in told["exceptions"][0]


def test_the_notice_follows_the_choice_that_suits_the_project(work: Path, tmp_path: Path) -> None:
    (tmp_path / "dual").mkdir()
    both = code("dual")
    (tmp_path / "dual" / "walk.py").write_text(both)
    project = '[policy]\nproject_license = "GPL-2.0-only"\n'
    for policy, chosen in (("", "Apache-2.0"), (project, "GPL-2.0-or-later")):
        with service(work, policy) as opened:
            opened.add([str(tmp_path / "dual")], purl="pkg:pypi/dual@1", license="Apache-2.0 OR GPL-2.0-or-later")
            answer = opened.check(both.encode())
            (match,) = answer.as_json()["matches"]
            assert match["choice"]["license"] == chosen
            assert f"{chosen} is chosen where" in answer.attribution.notice
            record = opened.record(answer.id)
            assert record.answer["matches"][0]["choice"] == match["choice"]
