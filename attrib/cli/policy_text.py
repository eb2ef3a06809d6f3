"""What `attrib policy` prints for a person; each function takes what --json would give."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from attrib.answers import Action
from attrib.cli.terminal import VERDICT_STYLE, printable_line
from attrib.counts import plural

STATE_STYLE = {"counts": "green", "ends soon": "yellow", "ended": "bold red"}


def show_explanation(console: Console, told: Mapping[str, Any]) -> None:
    """Print one licence: what is done, what kind of licence it is, which line decided, why, and for other kinds."""
    console.print(Text.assemble((printable_line(told["license"]), "bold"), ": ", _action(told["verdict"])))
    rows = [
        ("read", told["read_as"]),
        ("category", told["category"]),
        ("project", told["project_license"] or "not set"),
    ]
    for decision in told["decisions"]:
        rows.append(("decided", _decided(decision)))
        answer = decision["compatibility"]
        if answer is not None and not any(answer["reason"] in reason for reason in told["reasons"]):
            rows.append(("compatible", f"{answer['action']}: {answer['reason']} ({answer['section']})"))
    rows += [("because", reason) for reason in told["reasons"]]
    others = {kind: action for kind, action in told["by_kind"].items() if action != told["verdict"]}
    rows += [("if " + kind, action) for kind, action in others.items() if told["kind"] is None]
    for name, value in rows:
        if value is not None:
            console.print(Text.assemble((f"  {name:12}", "dim"), printable_line(value)))


def show_test(console: Console, told: Mapping[str, Any]) -> None:
    """Print what is in force, every exception with how it stands, the licences, and what would change."""
    project = told["policy"]["project_license"]
    console.print(Text.assemble(("project licence  ", "dim"), printable_line(project or "not set")))
    _show_exceptions(console, told["exceptions"])
    console.print()
    widest = max(len(one["license"]) for one in told["licenses"])
    for one in told["licenses"]:
        lines = ", ".join(dict.fromkeys(decision["line"] for decision in one["decisions"]))
        console.print(
            Text.assemble(
                f"{printable_line(one['license']):{widest}}  ", _action(one["verdict"], 9), "  ", (lines, "dim")
            )
        )
    if told["record"] is not None:
        console.print()
        _show_changes(console, told["record"])


def _show_exceptions(console: Console, exceptions: Iterable[Mapping[str, Any]]) -> None:
    for one in exceptions:
        what = ", ".join(one[name] for name in ("license", "source", "path", "swhid") if one[name] is not None)
        console.print(
            Text.assemble(
                f"{one['line']}  ",
                (f"{one['state']}, {one['expires']}", STATE_STYLE[one["state"]]),
                printable_line(f"  {one['action']} for {what} ({one['owner']}: {one['reason']})"),
            )
        )
        if one["matches_nothing"] is not None:
            console.print(Text(f"  {printable_line(one['matches_nothing'])}", style="yellow"))


def _show_changes(console: Console, record: Mapping[str, Any]) -> None:
    changed = record["changed"]
    same = record["matches"] - len(changed)
    console.print(f"{plural(same, 'verdict')} as stored, {len(changed):,} changed")
    for one in changed:
        where = f"{one['path'] or 'the code'} lines {one['start_line']}-{one['end_line']}"
        console.print(
            Text.assemble(
                f"{printable_line(where)}: ",
                _action(one["stored"]),
                " -> ",
                _action(one["now"]),
                f"  {printable_line(one['purl'])}  {printable_line(one['license'])}",
            )
        )
        console.print(Text(f"  {printable_line('; '.join(one['reasons']))}", style="dim"))


def _decided(decision: Mapping[str, Any]) -> str:
    return f"{decision['license']} is {decision['action']} by {decision['line']}"


def _action(name: str, width: int = 0) -> tuple[str, str]:
    return f"{name:{width}}", VERDICT_STYLE[Action(name)]
