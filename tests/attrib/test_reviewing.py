"""A stored audit by what was decided since: decisions reach its findings, the next audit, and are taken back again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from attrib.answers import Action
from attrib.audits.findings import Settled
from attrib.audits.projects import precedents_of, project_of
from attrib.bootstrap import build_service
from attrib.config import load_config
from attrib.errors import NoSuchAudit, NoSuchFinding, NoSuchRecord, UnreadableInput
from attrib.policy_exceptions import today
from attrib.service import Service
from tests.attrib.audited import COPIED, OWN, add_reference, write


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with build_service(load_config({"home": tmp_path / "home"}, {}, tmp_path)) as service:
        add_reference(service, tmp_path / "newest")
        yield service


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write(tmp_path / "shop", {"found.py": COPIED, "own.py": OWN})


def test_a_decision_made_since_changes_what_counts_and_not_what_was_stored(service: Service, tree: Path) -> None:
    audit = service.audit(tree)
    (before,) = service.review(audit.id).findings
    assert (before.is_open, before.is_changed, before.now) == (True, False, before.then)
    fingerprint = before.then.fingerprint
    service.decide(audit.id, fingerprint, Settled.ACCEPTED, by="Ben", reason="ours")
    review = service.review(audit.id)
    (after,) = review.findings
    assert (after.then.verdict, after.now.verdict) == (Action.ATTRIBUTE, Action.ALLOW)
    assert (after.is_open, after.is_changed) == (False, True)
    assert "Ben" in after.now.outcome.reasons[0]
    assert [entry.said.decision.by for entry in review.said_of(after)] == ["Ben"]
    assert service.record(audit.id).answer["findings"][0]["verdict"] == "attribute"


def test_what_an_audit_found_decided_is_open_again_once_it_is_withdrawn(service: Service, tree: Path) -> None:
    project = project_of(tree)
    first = service.audit(tree, precedents=precedents_of(project, service.history))
    name = first.findings[0].fingerprint
    service.decide(first.id, name, Settled.FALSE_POSITIVE, by="Ben", reason="a table")
    second = service.audit(tree, precedents=precedents_of(project, service.history))
    assert second.verdict is Action.ALLOW
    service.withdraw(second.id, name, by="Ada", reason="it is none")
    (finding,) = service.review(second.id).findings
    assert (finding.then.verdict, finding.now.verdict, finding.is_open) == (Action.ALLOW, Action.ATTRIBUTE, True)
    assert finding.now.outcome == first.findings[0].outcome
    said = service.review(second.id).said_of(finding)
    assert [(entry.said.withdrawn, entry.said.decision.by) for entry in said] == [(False, "Ben"), (True, "Ada")]
    with pytest.raises(NoSuchRecord, match="nothing is decided"):
        service.withdraw(second.id, name, by="Ada", reason="again")
    assert service.history.verify().broken is None


def test_a_decision_of_the_trees_own_file_is_put_on_record_before_it_is_withdrawn(service: Service, tree: Path) -> None:
    name = service.audit(tree).findings[0].fingerprint
    (tree / "attrib-decisions.toml").write_text(
        f'[[decision]]\nfingerprint = "{name}"\ndecision = "accepted"\nby = "Cy"\nreason = "ours"\n'
        f"at = 2026-11-01T10:00:00Z\n"
    )
    audit = service.audit(tree, precedents=precedents_of(project_of(tree), service.history))
    (finding,) = service.review(audit.id).findings
    assert (finding.now.decision.by, finding.is_changed) == ("Cy", False)
    service.withdraw(audit.id, name, by="Ada", reason="it is not")
    assert [entry.said.decision.by for entry in service.history.entries()] == ["Cy", "Ada"]
    assert service.review(audit.id).findings[0].is_open
    assert service.audit(tree, precedents=precedents_of(project_of(tree), service.history)).verdict is Action.ATTRIBUTE


def test_a_waiver_that_ended_is_to_be_decided_anew(service: Service, tree: Path) -> None:
    audit = service.audit(tree)
    name = audit.findings[0].fingerprint
    service.decide(audit.id, name, Settled.WAIVED, by="Ben", reason="soon", until=today() + timedelta(days=1))
    assert not service.review(audit.id).findings[0].is_open
    service.decide(audit.id, name, Settled.WAIVED, by="Ben", reason="soon", until=today() - timedelta(days=1))
    (finding,) = service.review(audit.id).findings
    assert (finding.is_open, finding.waiver_ended) == (True, True)


def test_one_of_two_equal_copies_that_is_decided_about_says_so_until_the_other_one_is(
    service: Service, tmp_path: Path
) -> None:
    tree = write(tmp_path / "two", {"a.py": f"{COPIED}\n\n{OWN}\n\n{COPIED}"})
    audit = service.audit(tree)
    first, second = audit.findings
    service.decide(audit.id, first.fingerprint, Settled.ACCEPTED, by="Ben", reason="ours")
    one, other = service.review(audit.id).findings
    assert (one.is_open, one.unclear.by, other.unclear) == (True, "Ben", None)
    service.decide(audit.id, second.fingerprint, Settled.ACCEPTED, by="Ben", reason="ours")
    assert [finding.is_open for finding in service.review(audit.id).findings] == [False, False]


def test_what_there_is_not_is_said(service: Service, tree: Path) -> None:
    audit = service.audit(tree)
    with pytest.raises(NoSuchFinding, match="no finding 'abc'"):
        service.withdraw(audit.id, "abc", by="Ada", reason="why")
    with pytest.raises(NoSuchAudit):
        service.review("none")
    check = service.check(COPIED.encode())
    with pytest.raises(NoSuchAudit):
        service.review(check.id)
    with pytest.raises(UnreadableInput, match="waives without end"):
        service.decide(audit.id, audit.findings[0].fingerprint, Settled.WAIVED, by="Ada", reason="why")
