"""What is known of the tree that is to be audited: which project it is, its decisions, its baseline."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from attrib.audits.baselines import KnownFinding, read_baseline
from attrib.audits.decision_file import DecisionFile, decision_file_of, read_decisions, write_decisions
from attrib.audits.decisions import Said, decision_about, merged
from attrib.audits.findings import Decision, Settled
from attrib.audits.history import DecisionHistory, Entry
from attrib.audits.settling import Precedents


@dataclass(frozen=True, slots=True)
class Project:
    """A tree with its decisions: `name` is what the database keeps them under, `place` where their file is."""

    name: str
    place: Path
    file: DecisionFile


def project_of(root: Path, decisions: Path | None = None) -> Project:
    """Return the project of a tree, by the decisions file in it or the one that is named.

    It is called as that file says, otherwise by the folder of the file. Raises UnreadableInput with every mistake in
    the file.
    """
    place = decision_file_of(root) if decisions is None else decisions
    file = read_decisions(place)
    return Project(file.project or str(place.resolve().parent), place, file)


def precedents_of(project: Project, history: DecisionHistory, baseline: Path | None = None) -> Precedents:
    """Return what was decided about a project's findings, and which of them are known.

    Raises UnreadableInput where the baseline cannot be read.
    """
    both = merged(project.file.decisions, history.newest(project.name))
    known = () if baseline is None else read_baseline(baseline)
    return Precedents(both.decisions, known, both.conflicts, project.name)


def kept_precedents(name: str, history: DecisionHistory) -> Precedents:
    """Return what the database alone keeps of a project: an archive that was sent is in no folder with a file."""
    return Precedents(merged((), history.newest(name)).decisions, project=name)


def decide(
    project: Project,
    history: DecisionHistory,
    finding: KnownFinding,
    settled: Settled,
    *,
    by: str,
    reason: str,
    until: date | None = None,
) -> Entry:
    """Keep a decision in the database, then in the project's file, and return its entry in the history.

    Raises UnreadableInput where it is not whole, OSError where the file cannot be written.
    """
    decision = decision_about(finding, settled, by=by, reason=reason, until=until)
    entry = history.record(project.name, Said(decision))
    write(project, history)
    return entry


def withdraw(project: Project, history: DecisionHistory, fingerprint: str, *, by: str, reason: str) -> Entry:
    """Withdraw a decision, wherever it is kept, and return the entry of that in the history.

    Raises NoSuchRecord where there is none, UnreadableInput where nobody or no reason is named.
    """
    stored = {said.decision.fingerprint for said in history.newest(project.name) if not said.withdrawn}
    for decision in project.file.decisions:
        if decision.fingerprint == fingerprint and fingerprint not in stored:
            # What only people have written is put on record first, so that it is known what was withdrawn.
            history.record(project.name, Said(decision))
    entry = history.withdraw(project.name, fingerprint, by=by, reason=reason)
    write(project, history)
    return entry


def write(project: Project, history: DecisionHistory) -> tuple[Decision, ...]:
    """Bring a project's file up to what counts, and return that; raises OSError."""
    both = merged(project.file.decisions, history.newest(project.name))
    write_decisions(project.place, project.file, both.decisions)
    return both.decisions
