"""Two audits beside each other: what is new, what is gone, and what is the same code, moved or edited."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attrib.answers import Action
from attrib.audits.comparing import compared
from attrib.audits.findings import Settled
from attrib.audits.projects import precedents_of, project_of
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import load_config
from attrib.service import Service
from tests.attrib.audited import COPIED, OWN, PURL, add_reference, write


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with build_service(load_config({"home": tmp_path / "home"}, {}, tmp_path)) as service:
        add_reference(service, tmp_path / "newest")
        yield service


def test_moved_code_is_unchanged_and_only_what_came_or_went_is_told(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"a.py": COPIED, "b.py": OWN})
    first = service.audit(tree)
    write(tree, {"a.py": f"{OWN}\n\n{COPIED}"})
    second = service.audit(tree)
    moved = service.compared(second.id, first.id)
    ((kept,), new, gone) = moved.unchanged, moved.new, moved.gone
    assert (new, gone, kept.is_judged_anew) == ((), (), False)
    assert kept.now.match.output.start_line > kept.before.match.output.start_line
    write(tree, {"a.py": OWN, "c.py": "x = 1\n"})
    third = service.audit(tree)
    over = service.compared(third.id, second.id)
    assert (over.new, over.unchanged) == ((), ())
    assert [finding.fingerprint for finding in over.gone] == [first.findings[0].fingerprint]
    back = service.compared(first.id, third.id).as_json()
    assert back["totals"] == {"new": 1, "gone": 0, "unchanged": 0, "judged_anew": 0}
    assert (back["new"][0]["path"], back["new"][0]["purl"], back["audit"]["id"]) == ("a.py", PURL, first.id)


def test_of_equal_copies_as_many_as_there_were_are_unchanged(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"a.py": COPIED})
    first = service.audit(tree)
    write(tree, {"a.py": f"{COPIED}\n\n{OWN}\n\n{COPIED}"})
    second = service.audit(tree)
    assert len(second.findings) == 2
    more, fewer = compared(second, first), compared(first, second)
    assert (len(more.unchanged), len(more.new), len(more.gone)) == (1, 1, 0)
    assert (len(fewer.unchanged), len(fewer.new), len(fewer.gone)) == (1, 0, 1)
    assert [len(part) for part in (compared(second, second).unchanged, compared(second, second).new)] == [2, 0]


def test_a_verdict_that_a_decision_changed_is_told(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"a.py": COPIED})
    first = service.audit(tree)
    service.decide(first.id, first.findings[0].fingerprint, Settled.ACCEPTED, by="Ben", reason="ours")
    second = service.audit(tree, precedents=precedents_of(project_of(tree), service.history))
    (kept,) = service.compared(second.id, first.id).unchanged
    assert (kept.before.verdict, kept.now.verdict, kept.is_judged_anew) == (Action.ATTRIBUTE, Action.ALLOW, True)


def test_earlier_audits_of_a_project_are_found_without_their_reports(service: Service, tmp_path: Path) -> None:
    tree, other = write(tmp_path / "tree", {"a.py": COPIED}), write(tmp_path / "other", {"a.py": OWN})
    first, elsewhere, second = service.audit(tree), service.audit(other), service.audit(tree)
    assert [one.id for one in service.past_audits.of_project(str(tree))] == [second.id, first.id]
    assert [one.id for one in service.past_audits.of_project(str(tree), before=second.id)] == [first.id]
    assert [one.id for one in service.past_audits.newest(2)] == [second.id, elsewhere.id]
    assert service.past_audits.of_project(str(tree))[0].verdict == "attribute"


def test_the_command_compares_with_the_audit_before_or_with_the_one_that_is_named(
    service: Service, tmp_path: Path
) -> None:
    tree = write(tmp_path / "tree", {"a.py": OWN})
    first = service.audit(tree)
    write(tree, {"a.py": COPIED})
    second = service.audit(tree)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--home", str(tmp_path / "home"), "records", "compare", *arguments])

    shown = run(second.id)
    assert (shown.exit_code, shown.stdout.splitlines()) == (
        0,
        [
            f"1 new finding, 0 gone, 0 unchanged since {first.id}",
            f"new   attribute  a.py:1-23  {PURL} (MIT)",
        ],
    )
    told = json.loads(run(first.id, second.id, "--json").stdout)
    assert told == service.compared(first.id, second.id).as_json()
    assert (told["totals"]["gone"], told["earlier"]["id"]) == (1, second.id)
    for arguments, why in (((first.id,), "name the one to compare with"), (("none", first.id), "no audit 'none'")):
        refused = run(*arguments)
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
        assert why in refused.stderr
