"""Shows the answer to a check to a person: short where nothing was found, complete where something was."""

from rich.console import Console
from rich.text import Text

from attrib.answers import AttributedMatch, AttributedOrigin, CheckAnswer
from attrib.cli.terminal import VERDICT_STYLE, plural, printable, printable_line
from index.matches import SearchStatus, Span

OTHER_ORIGINS_SHOWN = 3


def show_check(console: Console, name: str, answer: CheckAnswer) -> None:
    """Print one answer: a headline, then each match with its origin and reasons, then the notice."""
    console.print(_headline(name, answer))
    for match in answer.matches:
        console.print()
        _show_match(console, match)
    if answer.attribution.notice:
        console.print()
        show_notice(console, answer.attribution.notice)


def show_notice(console: Console, notice: str) -> None:
    """Print the notice to ship, under a heading."""
    console.print(Text("Notice to ship with this code", style="bold"))
    console.print()
    console.print(Text(printable(notice.rstrip())))


def _headline(name: str, answer: CheckAnswer) -> Text:
    searched = f"{plural(answer.index.files, 'file')} of {plural(answer.index.sources, 'source')}"
    lexemes = plural(answer.lexemes, "lexeme")
    style = VERDICT_STYLE[answer.verdict]
    if answer.status is SearchStatus.MATCHED:
        word = answer.verdict.value
        rest = f"{answer.matched_lexemes:,} of {lexemes} stand in the reference ({searched})"
    elif answer.status is SearchStatus.CLEAN:
        word, rest = "clean", f"none of its {lexemes} stands in the reference ({searched})"
    elif answer.status is SearchStatus.TOO_SHORT:
        word, style = "too short", "yellow"
        rest = (
            "it is empty"
            if answer.lexemes == 0
            else f"{lexemes} are too few to be searched, so it is not known to be clean"
        )
    else:
        word, style, rest = "not code", "yellow", "it was not searched, so it is not known to be clean"
    return Text.assemble((printable_line(name), "bold"), ": ", (word, style), f", {rest}")


def _show_match(console: Console, match: AttributedMatch) -> None:
    style = VERDICT_STYLE[match.verdict.action]
    origin = match.origins[0]
    console.print(
        Text.assemble(
            ("  ▌ ", style),
            (f"{match.kind.value} {int(match.similarity * 100)}%", "bold"),
            f"  {_lines(match.output)}, {plural(match.lexemes, 'lexeme')}",
            f", common code found in {plural(match.sources, 'source')}" if match.common else "",
        )
    )
    console.print(Text.assemble(("  ▌ ", style), (printable_line(origin.purl), "bold"), f"  {_place(origin)}"))
    console.print(
        Text.assemble(
            ("  ▌ ", style),
            printable_line(origin.license),
            (f"  ({printable_line(origin.license_evidence)})", "dim"),
            "".join(f"  © {printable_line(holder)}" for holder in origin.copyright),
        )
    )
    reasons = "; ".join(match.verdict.reasons)
    console.print(Text.assemble(("  ▌ ", style), (match.verdict.action.value, style), f": {printable_line(reasons)}"))
    for other in match.origins[1 : 1 + OTHER_ORIGINS_SHOWN]:
        console.print(
            Text(
                f"    also {printable_line(other.purl)}  {_place(other)}  {printable_line(other.license)}", style="dim"
            )
        )
    if len(match.origins) > 1 + OTHER_ORIGINS_SHOWN:
        console.print(
            Text(f"    and {plural(len(match.origins) - 1 - OTHER_ORIGINS_SHOWN, 'more place')}", style="dim")
        )


def _place(origin: AttributedOrigin) -> str:
    return f"{printable_line(origin.path)}:{origin.reference.start_line}-{origin.reference.end_line}"


def _lines(span: Span) -> str:
    return f"line {span.start_line}" if span.start_line == span.end_line else f"lines {span.start_line}-{span.end_line}"
