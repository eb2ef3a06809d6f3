"""`attrib decide`: what a person decides about a finding, kept in the database and in attrib-decisions.toml."""

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from attrib.audits.findings import Settled
from attrib.cli import options
from attrib.cli.terminal import emit_json, notes, output, printable_line

if TYPE_CHECKING:
    from attrib.audits.baselines import KnownFinding
    from attrib.audits.findings import Decision
    from attrib.audits.projects import Project
    from attrib.service import Service


def _day(context: click.Context, option: click.Parameter, moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@click.command()
@click.argument("fingerprint", required=False)
@click.option("--as", "settled", type=click.Choice([one.value for one in Settled]), help="What is decided.")
@click.option("--reason", default="", help="Why.")
@click.option("--by", metavar="NAME", help="By whom; otherwise the user who is logged in.")
@click.option(
    "--until",
    type=click.DateTime(("%Y-%m-%d",)),
    callback=_day,
    metavar="DAY",
    help="The last day of a waiver, such as 2027-03-31.",
)
@click.option("--withdraw", is_flag=True, help="Take the decision back.")
@click.option(
    "--list", "listing", is_flag=True, help="List what is decided; with FINGERPRINT, what was ever said of it."
)
@click.option(
    "--in",
    "root",
    type=click.Path(path_type=Path, exists=True),
    default=Path(),
    show_default=True,
    help="The tree that was audited.",
)
@click.option("--decisions", type=click.Path(path_type=Path), help="Its decisions file, where that has another place.")
@click.option(
    "--report", type=click.Path(path_type=Path), help="A JSON report that has the finding; otherwise a stored audit."
)
@options.as_json
@click.pass_context
def decide(
    context: click.Context,
    fingerprint: str | None,
    settled: str | None,
    reason: str,
    by: str | None,
    until: date | None,
    withdraw: bool,
    listing: bool,
    root: Path,
    decisions: Path | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Decide about a finding of an audit, named by its fingerprint or the beginning of it."""
    if (settled is not None) + withdraw + listing != 1:
        raise click.UsageError("give one of --as, --withdraw and --list")
    if fingerprint is None and not listing:
        raise click.UsageError("name the finding by its FINGERPRINT, which the audit shows")
    from attrib.audits import projects
    from attrib.bootstrap import build_service

    project = projects.project_of(root, decisions)
    with build_service(options.settings(context, {})) as service:
        if listing:
            _list(project, service, fingerprint, as_json)
            return
        name = str(fingerprint)
        if settled is None:
            entry = projects.withdraw(
                project, service.history, _decided(project, service, name), by=_who(by), reason=reason
            )
        else:
            finding = _finding(project, service, name, report)
            entry = projects.decide(
                project, service.history, finding, Settled(settled), by=_who(by), reason=reason, until=until
            )
    if as_json:
        emit_json(entry.as_json())
    else:
        decision = entry.said.decision
        what = "withdrawn" if entry.said.withdrawn else decision.settled.value
        notes().print(printable_line(f"{decision.fingerprint} {what}: entry {entry.number}, and in {project.place}"))


def _who(by: str | None) -> str:
    if by:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise click.UsageError("nobody is logged in here: name yourself with --by") from error


def _finding(project: "Project", service: "Service", name: str, report: Path | None) -> "KnownFinding":
    from attrib.audits.baselines import read_baseline
    from attrib.audits.decisions import one_of

    return one_of(service.audited_findings(project.name) if report is None else read_baseline(report), name)


def _decided(project: "Project", service: "Service", name: str) -> str:
    from attrib.audits.decisions import decided_as
    from attrib.audits.projects import precedents_of

    return decided_as(precedents_of(project, service.history).decisions, name).fingerprint


def _list(project: "Project", service: "Service", name: str | None, as_json: bool) -> None:
    from attrib.audits.projects import precedents_of

    known = precedents_of(project, service.history)
    told = [entry for entry in service.history.entries(project.name) if name and _is_of(entry.said.decision, name)]
    counting = [decision for decision in known.decisions if name is None or _is_of(decision, name)]
    if as_json:
        emit_json(
            {
                "project": project.name,
                "file": str(project.place),
                "decisions": [decision.as_json() | {"path": decision.path} for decision in counting],
                "history": [entry.as_json() for entry in told],
                "conflicts": list(known.notes),
            }
        )
        return
    for decision in counting:
        output().print(Text(printable_line(_line(decision))))
    for entry in told:
        what = "withdrawn" if entry.said.withdrawn else "decided"
        output().print(Text(printable_line(f"  entry {entry.number}, {what}: {_line(entry.said.decision)}")))
    for note in known.notes:
        notes().print(printable_line(note))
    if not counting:
        notes().print("nothing is decided here")


def _is_of(decision: "Decision", name: str) -> bool:
    return decision.fingerprint.startswith(name)


def _line(decision: "Decision") -> str:
    until = f" until {decision.until.isoformat()}" if decision.until else ""
    where = f" {decision.path}" if decision.path else ""
    return (
        f"{decision.fingerprint} {decision.settled.value}{until}{where}"
        f" ({decision.by}, {decision.at.date().isoformat()}): {decision.reason}"
    )
