"""The history of decisions: appended to, never rewritten unseen; `attrib records verify` names what is broken."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from settled_trees import MOMENT, decision, finding
from sqlalchemy import Engine, text

from attrib.audits.decisions import Said
from attrib.audits.findings import Settled
from attrib.audits.history import DecisionHistory
from attrib.cli.main import cli
from attrib.config import Config
from attrib.errors import NoSuchRecord, UnreadableInput

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ONE = decision(finding())


@pytest.fixture
def history(engine: Engine) -> DecisionHistory:
    """Five decisions of two projects."""
    history = DecisionHistory(engine)
    for number in range(5):
        project = "mine" if number % 2 == 0 else "yours"
        history.record(project, Said(replace(ONE, fingerprint=f"{number:032x}", by="Ädä", reason=f"reason {number}")))
    return history


def test_what_is_recorded_is_read_back_by_project(history: DecisionHistory) -> None:
    assert [said.decision.reason for said in history.newest("mine")] == ["reason 0", "reason 2", "reason 4"]
    again = replace(ONE, fingerprint=f"{2:032x}", settled=Settled.FALSE_POSITIVE)
    history.record("mine", Said(again))
    newest = history.newest("mine")[1].decision
    assert newest == replace(again, at=MOMENT + timedelta(seconds=1))
    assert [entry.number for entry in history.entries()] == [1, 2, 3, 4, 5, 6]
    assert history.newest("nobody's") == ()


def test_a_withdrawal_is_one_more_entry(history: DecisionHistory) -> None:
    entry = history.withdraw("mine", f"{2:032x}", by="Ben", reason="it was wrong")
    assert (entry.number, entry.said.withdrawn, entry.said.decision.by) == (6, True, "Ben")
    assert [said.withdrawn for said in history.newest("mine")] == [False, True, False]
    with pytest.raises(NoSuchRecord):
        history.withdraw("mine", f"{2:032x}", by="Ben", reason="once more")
    with pytest.raises(UnreadableInput, match="for a reason"):
        history.withdraw("mine", f"{4:032x}", by="Ben", reason=" ")
    assert history.verify().broken is None


def test_several_writers_make_one_chain(history: DecisionHistory) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: history.record("mine", Said(replace(ONE, reason=str(number)))), range(24)))
    assert history.verify().entries == 29
    assert history.verify().broken is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        (("UPDATE decision_history SET content = replace(content, 'reason 2', 'reason 9')",), "entry 3 was changed"),
        (("UPDATE decision_history SET project = 'other' WHERE number = 2",), "entry 2 was changed"),
        (("UPDATE decision_history SET hash = replace(hash, 'a', 'b') WHERE number = 4",), "entry 4 was changed"),
        (("DELETE FROM decision_history WHERE number = 1",), "entry 1 is missing"),
        (("DELETE FROM decision_history WHERE number = 3",), "entry 3 is missing"),
        (("DELETE FROM decision_history WHERE number = 5",), "entry 5 is missing"),
        (("DELETE FROM decision_history",), "entry 1 is missing"),
        (
            (
                "DELETE FROM decision_history WHERE number = 3",
                "UPDATE decision_history SET number = number - 1 WHERE number > 3",
            ),
            "entry 3 does not follow the one before it",
        ),
        (
            (
                "UPDATE decision_history SET number = 99 WHERE number = 2",
                "UPDATE decision_history SET number = 2 WHERE number = 3",
                "UPDATE decision_history SET number = 3 WHERE number = 99",
            ),
            "entry 2 does not follow the one before it",
        ),
        (("UPDATE decision_head SET entries = 4",), "entry 5 does not agree with the chain's head"),
        (("DELETE FROM decision_head",), "the head of the chain is not there"),
        (
            ("INSERT INTO decision_history SELECT 6, project, content, hash, hash FROM decision_history LIMIT 1",),
            "entry 6 does not follow",
        ),
    ],
)
def test_tampering_is_found(history: DecisionHistory, engine: Engine, tampering: tuple[str, ...], broken: str) -> None:
    assert history.verify().broken is None
    with engine.begin() as connection:
        for statement in tampering:
            connection.execute(text(statement))
    assert broken in (history.verify().broken or "")


def test_a_chain_written_anew_does_not_lead_through_what_was_noted(history: DecisionHistory, engine: Engine) -> None:
    noted = history.verify().anchor
    history.record("mine", Said(ONE))
    assert history.verify(noted).broken is None
    entries = [(entry.project, entry.said) for entry in history.entries()]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM decision_history"))
        connection.execute(text(f"UPDATE decision_head SET entries = 0, hash = '{'0' * 64}'"))
    for project, said in entries:
        history.record(project, replace(said, decision=replace(said.decision, by="Mallory")))
    assert history.verify().broken is None
    assert "does not lead through" in (history.verify(noted).broken or "")


def test_the_command_proves_it_and_says_what_is_broken(
    history: DecisionHistory, engine: Engine, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTRIB_HOME", str(config.home))
    monkeypatch.setenv("ATTRIB_DATABASE_URL", config.database_url)
    whole = CliRunner().invoke(cli, ["records", "verify", "--json"])
    assert (whole.exit_code, json.loads(whole.stdout)["entries"]) == (0, 5)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM decision_history WHERE number = 4"))
    broken = CliRunner().invoke(cli, ["records", "verify"])
    assert (broken.exit_code, broken.stdout) == (1, "broken: entry 4 is missing\n")
