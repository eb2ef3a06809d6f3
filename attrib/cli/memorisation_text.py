"""Shows the memorisation report to a person, on one page; `--json` has all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from attrib.answers import Action
from attrib.cli.terminal import VERDICT_STYLE, plural, printable_line

_SOURCES_SHOWN = 10
_LICENSES_SHOWN = 8
_RUNS_SHOWN = 5
_SETTINGS_SHOWN = ("temperature", "top_p", "top_k", "repetition_penalty", "max_new_tokens", "n", "seed")


def show_memorisation(console: Console, report: Mapping[str, Any]) -> None:
    """Print a report."""
    console.print(Text("Memorisation report", style="bold"))
    for name, told in _heading(report):
        console.print(Text.assemble(f"  {name:<10} ", printable_line(told)))
    for title, lines in (
        ("Generations", _generations(report)),
        ("Code", _code(report)),
        ("Prompts, by the share of their code that is reproduced", _by_share(report["prompts"])),
    ):
        console.print(Text(f"\n{title}", style="bold"))
        for line in lines:
            console.print(Text(f"  {line}"))
    _show_licenses(console, report["licenses"])
    _show_sources(console, report["sources"])
    _show_runs(console, report["longest_runs"])


def _heading(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    model, index, prompts = report["model"], report["index"], report["prompts"]
    failures = ", ".join(f"{count:,} {name}" for name, count in prompts["errors"].items())
    told = [("model", report["run"]["model"])]
    if model is not None:
        size = f"{model['parameters']:,} parameters, " if model["parameters"] else ""
        told[0] = ("model", f"{model['name']} ({size}{model['architecture']}, {model['dtype']} on {model['device']})")
    if index is not None:
        searched = f"{plural(index['files'], 'file')} of {plural(index['sources'], 'source')}"
        revisions = f"revision {', then '.join(report['index_revisions'])}"
        told.append(("reference", f"{searched}, {plural(index['lexemes'], 'lexeme')}, {revisions}"))
    same = report["settings"]
    settings = (f"{name} {_setting(same[name]) if name in same else 'varies'}" for name in _SETTINGS_SHOWN)
    told.append(("settings", ", ".join(settings)))
    failed = f", {prompts['failed']:,} failed ({failures})" if prompts["failed"] else ""
    told.append(("prompts", f"{prompts['total']:,}: {prompts['answered']:,} answered{failed}"))
    return told


def _setting(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _generations(report: Mapping[str, Any]) -> list[str]:
    told = report["generations"]
    total, kinds = told["total"], told["by_closest_match"]
    likely = f" (95% confidence: {told['share_95'][0]:.1%} to {told['share_95'][1]:.1%})" if told["share_95"] else ""
    counted = [
        (told["with_match"], f"have a match{likely}"),
        *((kinds[kind], f"  {word}") for kind, word in _KIND_WORDS.items()),
        (told["common_only"], "have only common code, which asks for nothing"),
        (told["clean"], "are clean"),
        (told["too_short"], "are too short to say"),
        (told["not_code"], "are no code"),
        (told["incomplete"], "could not be searched for in the whole index"),
    ]
    lines = [f"{total:>9,}         in all"]
    lines += [f"{count:>9,} {_percent(count, total):>6}  {what}" for count, what in counted]
    verdicts = ", ".join(f"{verdict} {count:,}" for verdict, count in told["by_verdict"].items())
    lines.append(f"verdicts: {verdicts or 'none'}")
    tokens = report["tokens"]
    lines.append(
        f"withheld: {told['withheld']:,}; steered: {plural(tokens['steered'], 'token')} in "
        f"{plural(told['steered'], 'generation')}; tried again: {told['tried_again']:,}"
    )
    return lines


_KIND_WORDS = {"exact": "exact: a verbatim copy", "near": "near: a copy with edits", "renamed": "renamed: other names"}


def _code(report: Mapping[str, Any]) -> list[str]:
    lexemes, sources = report["lexemes"], plural(len(report["sources"]), "source")
    share = _percent(lexemes["reproduced"], lexemes["generated"])
    written = f"{plural(lexemes['generated'], 'lexeme')} in {plural(report['tokens']['generated'], 'token')}"
    return [f"{lexemes['reproduced']:,} of {written} are reproduced ({share}), from {sources}"]


def _by_share(prompts: Mapping[str, Any]) -> list[str]:
    lower, told = 0.0, []
    for one in prompts["by_share_reproduced"]:
        upper = one["up_to"]
        what = "nothing" if upper == 0.0 else f"over {lower:.0%} to {upper:.0%}"
        told.append(f"{one['prompts']:>9,} {_percent(one['prompts'], prompts['answered']):>6}  {what}")
        lower = upper
    return told


def _show_licenses(console: Console, licenses: Sequence[Mapping[str, Any]]) -> None:
    if licenses:
        console.print(Text("\nBy licence and verdict", style="bold"))
    for one in licenses[:_LICENSES_SHOWN]:
        console.print(Text.assemble("  ", _amounts(one), _verdict(one["verdict"]), printable_line(one["license"])))
    _show_rest(console, licenses, _LICENSES_SHOWN, "licence")


def _show_sources(console: Console, sources: Sequence[Mapping[str, Any]]) -> None:
    if sources:
        console.print(Text("\nBy source", style="bold"))
    for one in sources[:_SOURCES_SHOWN]:
        told = printable_line(f"{one['purl']}  {one['license']}")
        run = f"; longest run {one['longest_run']:,}" if one["longest_run"] else ""
        seen = f"{run}; {_example(one['example'])}"
        console.print(Text.assemble("  ", _amounts(one), _verdict(one["verdict"]), told, (seen, "dim")))
    _show_rest(console, sources, _SOURCES_SHOWN, "source")


def _show_runs(console: Console, runs: Sequence[Mapping[str, Any]]) -> None:
    if runs:
        console.print(Text("\nLongest verbatim runs", style="bold"))
    for one in runs[:_RUNS_SHOWN]:
        place = printable_line(f"{one['purl']}  {one['path']}:{one['start_line']}-{one['end_line']}  {one['license']}")
        console.print(
            Text.assemble(f"  {one['lexemes']:>9,} lexemes  ", place, (f"; {_example(one['example'])}", "dim"))
        )


def _amounts(one: Mapping[str, Any]) -> str:
    return f"{one['lexemes']:>9,} lexemes in {plural(one['generations'], 'generation'):<19}  "


def _verdict(verdict: str) -> tuple[str, str]:
    return f"{verdict:<10}", VERDICT_STYLE[Action(verdict)]


def _example(example: Mapping[str, Any]) -> str:
    name = "" if example["id"] is None else f" ({example['id']})"
    choice = f", answer {example['choice'] + 1}" if example["choice"] else ""
    return printable_line(f"as in line {example['line']}{name}{choice}")


def _show_rest(console: Console, all_of_them: Sequence[object], shown: int, noun: str) -> None:
    if len(all_of_them) > shown:
        console.print(Text(f"  and {plural(len(all_of_them) - shown, f'more {noun}')} (--json)", style="dim"))


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
