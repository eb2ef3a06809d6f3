"""The memorisation of a model for a person to read: sections of rows, the same at a terminal and in every report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from attrib.counts import plural
from attrib.notices.document import plain_line

_SOURCES_SHOWN: Final = 10
_LICENSES_SHOWN: Final = 8
_RUNS_SHOWN: Final = 5
_SETTINGS_SHOWN: Final = ("temperature", "top_p", "top_k", "repetition_penalty", "max_new_tokens", "n", "seed")
_KIND_WORDS: Final = {
    "exact": "exact: a verbatim copy",
    "near": "near: a copy with edits",
    "renamed": "renamed: other names",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line: figures that stand under one another, a verdict, what it is about, where it is seen; each may be ''."""

    what: str
    figures: str = ""
    verdict: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title; `rest` says how many more there are."""

    title: str
    rows: tuple[Line, ...]
    rest: str = ""


def sections(told: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return what `memorisation_json` tells, without the sections that have nothing to tell."""
    every = (
        Section("Memorisation report", tuple(_heading(told))),
        Section("Generations", tuple(_generations(told))),
        Section("Code", (Line(code_reproduced(told)),)),
        Section("Prompts, by the share of their code that is reproduced", tuple(_by_share(told["prompts"]))),
        _licenses(told["licenses"]),
        _sources(told["sources"]),
        _runs(told["longest_runs"]),
    )
    return tuple(section for section in every if section.rows)


def share_with_match(told: Mapping[str, Any]) -> str:
    """Return how many generations have a match, and how sure that share is, in one sentence."""
    counted = told["generations"]
    likely = _interval(counted["share_95"])
    return f"{counted['with_match']:,} of {plural(counted['total'], 'generation')} have a match{likely}"


def code_reproduced(told: Mapping[str, Any]) -> str:
    """Return how much of the code is reproduced, and from how many sources, in one sentence."""
    lexemes, tokens = told["lexemes"], told["tokens"]["generated"]
    written = plural(lexemes["generated"], "lexeme") + (f" in {plural(tokens, 'token')}" if tokens else "")
    share = _percent(lexemes["reproduced"], lexemes["generated"])
    sources = plural(len(told["sources"]), "source")
    return f"{lexemes['reproduced']:,} of {written} are reproduced ({share}), from {sources}"


def line_text(row: Line) -> str:
    """Return a row as one line of plain text."""
    told = (row.figures and f"{row.figures}  ") + (row.verdict and f"{row.verdict:<10}") + plain_line(row.what)
    return told + (row.seen and f"; {plain_line(row.seen)}")


def _heading(told: Mapping[str, Any]) -> Iterator[Line]:
    model, index, prompts = told["model"], told["index"], told["prompts"]
    name = told["run"]["model"] if told["run"] else "none"
    if model is not None:
        size = f"{model['parameters']:,} parameters, " if model["parameters"] else ""
        name = f"{model['name']} ({size}{model['architecture']}, {model['dtype']} on {model['device']})"
    yield _named("model", name)
    if index is not None:
        searched = f"{plural(index['files'], 'file')} of {plural(index['sources'], 'source')}"
        revisions = f"revision {', then '.join(told['index_revisions'])}"
        yield _named("reference", f"{searched}, {plural(index['lexemes'], 'lexeme')}, {revisions}")
    same, varying = told["settings"], told["varying_settings"]
    settings = [
        f"{name} {_setting(same[name]) if name in same else 'varies'}"
        for name in _SETTINGS_SHOWN
        if name in same or name in varying
    ]
    if settings:
        yield _named("settings", ", ".join(settings))
    failures = ", ".join(f"{count:,} {name}" for name, count in prompts["errors"].items())
    failed = f", {prompts['failed']:,} failed ({failures})" if prompts["failed"] else ""
    yield _named("prompts", f"{prompts['total']:,}: {prompts['answered']:,} answered{failed}")


def _named(name: str, what: str) -> Line:
    return Line(what, figures=f"{name:<9}")


def _setting(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _generations(told: Mapping[str, Any]) -> Iterator[Line]:
    counted = told["generations"]
    total, kinds = counted["total"], counted["by_closest_match"]
    yield Line("in all", figures=f"{total:>9,} {'':>6}")
    yield _counted(counted["with_match"], total, f"have a match{_interval(counted['share_95'])}")
    for kind, word in _KIND_WORDS.items():
        # They stand indented under what they are kinds of.
        yield Line(word, figures=f"{_figures(kinds[kind], total)}  ")
    for count, what in (
        (counted["common_only"], "have only common code, which asks for nothing"),
        (counted["clean"], "are clean"),
        (counted["too_short"], "are too short to say"),
        (counted["not_code"], "are no code"),
        (counted["incomplete"], "could not be searched for in the whole index"),
    ):
        yield _counted(count, total, what)
    verdicts = ", ".join(f"{verdict} {count:,}" for verdict, count in counted["by_verdict"].items())
    yield Line(f"verdicts: {verdicts or 'none'}")
    yield Line(
        f"withheld: {counted['withheld']:,}; steered: {plural(told['tokens']['steered'], 'token')} in "
        f"{plural(counted['steered'], 'generation')}; tried again: {counted['tried_again']:,}"
    )


def _interval(share: Sequence[float] | None) -> str:
    return f" (95% confidence: {share[0]:.1%} to {share[1]:.1%})" if share else ""


def _counted(count: int, total: int, what: str) -> Line:
    return Line(what, figures=_figures(count, total))


def _figures(count: int, total: int) -> str:
    return f"{count:>9,} {_percent(count, total):>6}"


def _by_share(prompts: Mapping[str, Any]) -> Iterator[Line]:
    lower = 0.0
    for one in prompts["by_share_reproduced"]:
        upper = one["up_to"]
        what = "nothing" if upper == 0.0 else f"over {lower:.0%} to {upper:.0%}"
        yield _counted(one["prompts"], prompts["answered"], what)
        lower = upper


def _licenses(licenses: Sequence[Mapping[str, Any]]) -> Section:
    rows = (Line(one["license"], _amounts(one), one["verdict"]) for one in licenses[:_LICENSES_SHOWN])
    return Section("By licence and verdict", tuple(rows), _rest(licenses, _LICENSES_SHOWN, "licence"))


def _sources(sources: Sequence[Mapping[str, Any]]) -> Section:
    rows = []
    for one in sources[:_SOURCES_SHOWN]:
        run = f"longest run {one['longest_run']:,}; " if one["longest_run"] else ""
        what = f"{one['purl']}  {one['license']}"
        rows.append(Line(what, _amounts(one), one["verdict"], f"{run}{_example(one['example'])}"))
    return Section("By source", tuple(rows), _rest(sources, _SOURCES_SHOWN, "source"))


def _runs(runs: Sequence[Mapping[str, Any]]) -> Section:
    rows = []
    for one in runs[:_RUNS_SHOWN]:
        place = f"{one['purl']}  {one['path']}:{one['start_line']}-{one['end_line']}  {one['license']}"
        rows.append(Line(place, f"{one['lexemes']:>9,} lexemes", seen=_example(one["example"])))
    return Section("Longest verbatim runs", tuple(rows))


def _amounts(one: Mapping[str, Any]) -> str:
    return f"{one['lexemes']:>9,} lexemes in {plural(one['generations'], 'generation'):<19}"


def _example(example: Mapping[str, Any]) -> str:
    name = "" if example["id"] is None else f" ({example['id']})"
    choice = f", answer {example['choice'] + 1}" if example["choice"] else ""
    return f"as in line {example['line']}{name}{choice}"


def _rest(every: Sequence[object], shown: int, noun: str) -> str:
    return f"and {plural(len(every) - shown, f'more {noun}')} (JSON)" if len(every) > shown else ""


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
