"""Decisions: what each makes of a finding, the file they are reviewed in, and the command they are made with."""

import json
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from audited import git
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from settled_trees import MOMENT, NEWEST, ROUTE, audited, decision, finding, indexed

from attrib.answers import Action
from attrib.audits.baselines import known_findings, read_baseline
from attrib.audits.decision_file import DECISIONS_FILE, DecisionFile, decision_file_of, read_decisions, written
from attrib.audits.decisions import Said, decided, merged
from attrib.audits.findings import Decision, Duty, Settled
from attrib.cli.main import cli
from attrib.config import Config
from attrib.errors import NoSuchRecord, UnreadableInput
from attrib.obligations import Ask
from attrib.service import Service

TODAY = date(2026, 11, 24)
MET = Duty(Ask.INCLUDE_TEXT, "keep the text of MIT", "LICENSES/MIT.txt")


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Service:
    return indexed(config, tmp_path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with two copies under MIT and one under Apache-2.0."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.py").write_text(f"import os\n\n\n{NEWEST}")
    (tree / "b.py").write_text(NEWEST)
    (tree / "c.py").write_text(ROUTE)
    return tree


def run(config: Config, *args: object) -> Result:
    return CliRunner().invoke(cli, ["--home", str(config.home), *map(str, args)])


@pytest.mark.parametrize("action", [Action.ATTRIBUTE, Action.REVIEW, Action.BLOCK])
def test_what_each_decision_makes_of_a_finding(action: Action) -> None:
    found = finding(action=action)
    with_credit = replace(found, duties=(MET,))
    waiver = replace(decision(found, Settled.WAIVED), until=TODAY)
    for about, one, allowed, said in (
        (found, decision(found), True, "accepted by Ada on 2026-11-24: we may"),
        (found, decision(found, Settled.FALSE_POSITIVE), True, "found to be no copy by Ada"),
        (found, waiver, True, "waived until 2026-11-24 by Ada"),
        (found, replace(waiver, until=TODAY - timedelta(1)), False, "its waiver ended on 2026-11-23"),
        (found, decision(found, Settled.REWRITTEN), False, "said to be rewritten, and stands here still"),
        (found, decision(found, Settled.ATTRIBUTED), False, "but the credit is missing"),
        (with_credit, decision(found, Settled.ATTRIBUTED), True, "attributed by Ada"),
        (replace(with_credit, duties=(MET, replace(MET, met_in=None))), decision(found, Settled.ATTRIBUTED), False,
         "the credit is missing: keep the text of MIT"),
    ):  # fmt: skip
        told = decided(about, one, TODAY)
        assert told.verdict is (Action.ALLOW if allowed else action)
        assert said in told.outcome.reasons[-1]
        assert allowed or told.outcome.reasons[0] == "why"
        assert told.decision == one


def test_an_audit_knows_what_was_decided_after_the_tree_was_edited(service: Service, tree: Path) -> None:
    first = {found.path: found for found in audited(service, tree).findings}
    assert {found.verdict for found in first.values()} == {Action.ATTRIBUTE}
    assert first["a.py"].fingerprint + "-2" == first["b.py"].fingerprint
    report = service.audit(tree)
    service.decide(report.id, first["c.py"].fingerprint[:9], Settled.ACCEPTED, by="Ada", reason="we asked them")
    assert audited(service, tree).verdict is Action.ATTRIBUTE  # That audit was of no project.
    (tree / DECISIONS_FILE).write_text(
        written(DecisionFile(), [decision(first["b.py"], Settled.FALSE_POSITIVE), _about_route(first["c.py"])])
    )
    (tree / "sub").mkdir()
    (tree / "c.py").rename(tree / "sub" / "d.py")
    (tree / "sub" / "d.py").write_text(
        "import re\n\n\n" + ROUTE.replace("fallback", "otherwise", 1).replace("    ", "\t")
    )
    (tree / "b.py").write_text("import os, sys\n\n\n" + NEWEST + "\n\nprint(newest(*sys.argv[1:]))\n")
    now = {found.path: found for found in audited(service, tree).findings}
    assert {path: found.verdict.value for path, found in now.items()} == {
        "a.py": "attribute", "b.py": "allow", "sub/d.py": "allow"
    }  # fmt: skip
    (tree / "b.py").unlink()
    gone = audited(service, tree)
    # The copy in a.py was there before and was not decided about; nobody can tell it from one that moved, but its name.
    assert [found.path for found in gone.findings if found.decision is None] in (["a.py"], [])
    (tree / "sub" / "d.py").unlink()
    assert any("fits nothing here any more" in note for note in audited(service, tree).notes)


def _about_route(found: object) -> Decision:
    return replace(decision(found), source="pkg:generic/route")  # type: ignore[arg-type]


def test_of_file_and_database_the_newest_counts_and_that_is_said() -> None:
    one = decision(finding())
    later = replace(one, settled=Settled.FALSE_POSITIVE, at=MOMENT + timedelta(hours=1), by="Ben")
    assert merged([one], []).decisions == (one,)
    assert merged([], [Said(one)]).decisions == (one,)
    assert merged([one], [Said(one)]).conflicts == ()
    for of_file, of_database in ((one, later), (later, one)):
        both = merged([of_file], [Said(of_database)])
        assert both.decisions == (later,)
        assert f"{'the file' if of_file is later else 'the database'} is newer and counts" in both.conflicts[0]
    assert merged([one], [Said(later, withdrawn=True)]).decisions == ()
    assert merged([later], [Said(one, withdrawn=True)]).decisions == (later,)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(lambda text: " ".join(text.split()) or "x")


@given(
    st.lists(
        st.builds(
            Decision,
            fingerprint=st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}"),
            settled=st.sampled_from([one for one in Settled if one is not Settled.WAIVED]),
            by=texts,
            reason=texts,
            at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
                lambda moment: moment.replace(microsecond=0)
            ),
            path=texts,
            sketch=st.just(finding().sketch),
        ),
        unique_by=lambda one: one.fingerprint,
        max_size=5,
    ),
    st.randoms(),
)
def test_what_is_written_is_read_back_whatever_people_write(decisions: list[Decision], random: object) -> None:
    text = written(DecisionFile(), decisions)
    shuffled = list(decisions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert written(DecisionFile(), shuffled) == text
    table = tomllib.loads(text)
    assert sorted(one["reason"] for one in table.get("decision", [])) == sorted(one.reason for one in decisions)


def test_comments_of_people_stay_and_move_with_their_decision(tmp_path: Path) -> None:
    file = tmp_path / DECISIONS_FILE
    one, other = decision(finding(path="b.py")), decision(finding(ROUTE, path="a.py"))
    text = written(DecisionFile(), [one])
    text = text.replace("[[decision]]", "# Ask Ben again in spring.\n[[decision]]").replace("reason", "# long\nreason")
    file.write_text("# SPDX-License-Identifier: MIT\n" + text)
    read = read_decisions(file)
    assert read.decisions == (one,)
    again = written(read, [one, other])
    assert again.index("a.py") < again.index("# Ask Ben again in spring.\n# long\n[[decision]]") < again.index("b.py")
    assert again.startswith("# SPDX-License-Identifier: MIT\n# What was decided")
    file.write_text(again)
    assert written(read_decisions(file), [other, one]) == again


def test_every_mistake_in_the_file_is_told_with_its_line(config: Config, service: Service, tree: Path) -> None:
    (tree / DECISIONS_FILE).write_text(
        'projekt = "x"\n\n[[decision]]\nfingerprint = "abc"\ndecision = "acepted"\nby = "Ada"\nat = 2026-11-24\n\n'
        f'[[decision]]\nfingerprint = "{"a" * 32}"\ndecision = "waived"\nby = ""\nreason = "r"\n'
        "at = 2026-11-24T12:00:00Z\nuntill = 2027-01-01\n\n"
        f'[[decision]]\nfingerprint = "{"b" * 32}"\ndecision = "accepted"\nby = "A"\nreason = 7\n'
        'at = 2026-11-24T12:00:00Z\nuntil = 2027-01-01\nsketch = "?"\n'
    )
    result = run(config, "audit", tree)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    for said in (
        "line 1: unknown 'projekt'",
        "line 3: the decision has no reason",
        "line 5: decision must be one of accepted, attributed, rewritten, false_positive, waived (did you mean",
        "line 7: at must be a moment",
        "line 15: unknown 'untill' (did you mean 'until'?)",
        "line 21: reason must be a text",
        "line 24: sketch",
    ):
        assert said in result.stderr
    (tree / DECISIONS_FILE).write_text("[[decision]\n")
    assert "is not valid TOML" in run(config, "audit", tree).stderr


def test_a_file_with_whole_but_senseless_decisions_is_refused(tmp_path: Path) -> None:
    file = tmp_path / DECISIONS_FILE
    waived = replace(decision(finding()), settled=Settled.WAIVED)
    file.write_text(written(DecisionFile(), [waived, replace(decision(finding(ROUTE)), until=TODAY, by=" ")]))
    with pytest.raises(UnreadableInput, match=r"waives without end.*only a waiver has") as refused:
        read_decisions(file)
    assert "does not say by whom" in str(refused.value)
    file.write_text(written(DecisionFile(), [decision(finding())]) * 2)
    with pytest.raises(UnreadableInput, match=r"line 14: .* is decided in line 3 already"):
        read_decisions(file)


def test_the_file_is_that_of_the_tree_or_of_the_repository_around_it(tmp_path: Path) -> None:
    (tmp_path / "work" / "src").mkdir(parents=True)
    assert decision_file_of(tmp_path / "work" / "src") == tmp_path / "work" / "src" / DECISIONS_FILE
    (tmp_path / "work" / ".git").mkdir()
    assert decision_file_of(tmp_path / "work" / "src") == tmp_path / "work" / DECISIONS_FILE


def test_decided_listed_withdrawn_on_the_command_line(config: Config, service: Service, tree: Path) -> None:
    assert run(config, "audit", tree, "--fail-on", "attribute").exit_code == 1
    report = json.loads(run(config, "audit", tree, "--format", "json").stdout)
    names = {one["path"]: one["fingerprint"] for one in report["findings"]}
    for path, settled in (("a.py", "accepted"), ("b.py", "waived"), ("c.py", "false_positive")):
        until = ("--until", "2999-01-01") if settled == "waived" else ()
        done = run(
            config,
            "decide",
            names[path],
            "--as",
            settled,
            "--reason",
            f"of {path}",
            "--by",
            "Ada",
            "--in",
            tree,
            *until,
        )
        assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert run(config, "audit", tree, "--fail-on", "attribute").exit_code == 0
    listed = json.loads(run(config, "decide", "--list", "--in", tree, "--json").stdout)
    assert [one["decision"] for one in sorted(listed["decisions"], key=lambda one: one["path"])] == [
        "accepted", "waived", "false_positive"
    ]  # fmt: skip
    assert [one.path for one in read_decisions(tree / DECISIONS_FILE).decisions] == ["a.py", "b.py", "c.py"]
    gone = run(config, "decide", names["c.py"][:10], "--withdraw", "--reason", "no", "--by", "Ben", "--in", tree)
    assert gone.exit_code == 0
    assert [one.path for one in read_decisions(tree / DECISIONS_FILE).decisions] == ["a.py", "b.py"]
    assert run(config, "audit", tree, "--fail-on", "attribute").exit_code == 1
    history = json.loads(run(config, "decide", names["c.py"], "--list", "--in", tree, "--json").stdout)["history"]
    assert [(entry["what"], entry["by"]) for entry in history] == [("decided", "Ada"), ("withdrawn", "Ben")]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--as", "accepted", "--reason", "r"), "name the finding"),
        (("abc",), "give one of --as"),
        (("abc", "--list", "--withdraw"), "give one of --as"),
        (("0000", "--as", "accepted", "--reason", "r"), "no finding here has the fingerprint"),
        (("NAME", "--as", "accepted"), "gives no reason"),
        (("NAME", "--as", "waived", "--reason", "r"), "waives without end"),
        (("NAME", "--as", "accepted", "--reason", "r", "--until", "2027-01-01"), "only a waiver has"),
        (("NAME", "--withdraw", "--reason", "r"), "no decision here"),
    ],
)
def test_wrong_use_is_one_line(config: Config, service: Service, tree: Path, args: tuple[str, ...], said: str) -> None:
    found = next(one for one in audited(service, tree).findings if one.path == "c.py")
    given = [found.fingerprint if arg == "NAME" else arg for arg in args]
    result = run(config, "decide", *given, "--in", tree, "--by", "Ada")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert said in result.stderr
    assert not (tree / DECISIONS_FILE).exists()


def test_the_web_decides_about_a_stored_audit(service: Service, tree: Path) -> None:
    report = audited(service, tree)
    found = report.findings[0]
    entry = service.decide(report.id, found.fingerprint, Settled.ACCEPTED, by="Ada", reason="we may")
    assert entry.project == str(tree)
    now = audited(service, tree)
    assert (now.findings[0].verdict, now.findings[1].verdict) == (Action.ALLOW, Action.ATTRIBUTE)
    assert service.record(now.id).answer["findings"][0]["decision"]["by"] == "Ada"
    with pytest.raises(NoSuchRecord):
        service.decide(service.check(NEWEST.encode()).id, found.fingerprint, Settled.ACCEPTED, by="A", reason="r")
    with pytest.raises(UnreadableInput, match="findings begin with"):
        service.decide(report.id, found.fingerprint[:4], Settled.ACCEPTED, by="A", reason="r")


@pytest.mark.parametrize(
    ("settled", "named"),
    [(Settled.ACCEPTED, False), (Settled.FALSE_POSITIVE, False), (Settled.ATTRIBUTED, True)],
)
def test_what_is_cleared_is_in_no_notice(
    config: Config, service: Service, tree: Path, settled: Settled, named: bool
) -> None:
    for found in audited(service, tree).findings:
        if "route" in found.match.origins[0].purl:
            about = ("--as", settled.value, "--reason", "r", "--by", "Ada", "--in", tree)
            run(config, "decide", found.fingerprint, *about)
    report = audited(service, tree)
    stored = run(config, "notice", "--record", report.id).stdout
    assert stored == run(config, "notice", tree).stdout == report.notice
    assert "pkg:generic/newest@1" in stored
    assert ("pkg:generic/route@2" in stored) is named


def test_an_audit_of_a_part_says_nothing_of_decisions_about_the_rest(
    config: Config, service: Service, tree: Path
) -> None:
    git(tree, "init", "-q")
    git(tree, "add", "a.py")
    git(tree, "commit", "-qm", "first")
    first = audited(service, tree)
    about = next(found for found in first.findings if found.path == "a.py")
    run(config, "decide", about.fingerprint, "--as", "accepted", "--reason", "r", "--by", "Ada", "--in", tree)
    since = run(config, "audit", tree, "--since", "HEAD", "--format", "json")
    told = json.loads(since.stdout)
    assert {found["path"] for found in told["findings"]} == {"b.py", "c.py"}
    assert (told["notes"], since.stderr) == ([], "")
    # What only the audit of the whole tree has seen can be decided about still.
    by_ben = ("--reason", "r", "--by", "Ben", "--in", tree)
    assert run(config, "decide", about.fingerprint, "--withdraw", *by_ben).exit_code == 0
    assert run(config, "decide", about.fingerprint, "--as", "accepted", *by_ben).exit_code == 0


def test_what_a_baseline_knows_does_not_fail(config: Config, service: Service, tree: Path, tmp_path: Path) -> None:
    baseline, report = tmp_path / "baseline.json", tmp_path / "report.json"
    (tree / "c.py").rename(tmp_path / "c.py")
    run(config, "audit", tree, "--write-baseline", baseline, "--format", "json", "--output", report)
    again = baseline.read_bytes()
    run(config, "audit", tree, "--write-baseline", baseline)
    assert baseline.read_bytes() == again
    for known in (baseline, report):
        same = run(config, "audit", tree, "--baseline", known, "--fail-on", "attribute")
        assert same.exit_code == 0, same.stderr
        assert (
            run(config, "audit", tree, "--baseline", known, "--fail-on", "attribute", "--fail-on-known").exit_code == 1
        )
    (tmp_path / "c.py").rename(tree / "c.py")
    new = run(config, "audit", tree, "--baseline", baseline, "--fail-on", "attribute", "--format", "json")
    assert new.exit_code == 1
    assert {one["path"]: one["baseline"] for one in json.loads(new.stdout)["findings"]} == {
        "a.py": True, "b.py": True, "c.py": False
    }  # fmt: skip
    known = json.loads(again)
    for one in known["findings"]:
        one["verdict"] = "allow"
    baseline.write_text(json.dumps(known))
    assert run(config, "audit", tree, "--baseline", baseline, "--fail-on", "attribute").exit_code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "has no list of findings"),
        ('{"findings": [{}, 7]}', "finding 1 cannot be read .*; finding 2 cannot be read"),
        ('{"attrib_baseline": 9, "findings": []}', "newer version"),
    ],
)
def test_a_baseline_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(UnreadableInput, match=said):
        read_baseline(tmp_path / "b.json")


def test_a_report_of_an_audit_is_a_baseline(service: Service, tree: Path) -> None:
    report = audited(service, tree)
    assert [known.fingerprint for known in known_findings(report.as_json(), "it")] == [
        found.fingerprint for found in report.findings
    ]
