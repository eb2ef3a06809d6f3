"""Shows the answer to a check to a person: short where nothing was found, complete where something was."""

from rich.console import Console
from rich.text import Text

from attrib.answers import AttributedMatch, CheckAnswer
from attrib.cli.terminal import VERDICT_STYLE, printable, printable_line
from attrib.counts import plural
from attrib.match_text import ALSO_SEEN, common_line, exchanged_names, likeness, lines, place
from attrib.side_files import SIDE_FILE_SUFFIX
from index.matches import SearchStatus

OTHER_ORIGINS_SHOWN = 3


def show_check(console: Console, name: str, answer: CheckAnswer) -> None:
    """Print one answer: a headline, each match with its origin and reasons, what is common in short, the notice."""
    console.print(_headline(name, answer))
    for match in answer.matches:
        if not match.common:
            console.print()
            _show_match(console, match)
    common = [match for match in answer.matches if match.common]
    if common:
        console.print()
        console.print(Text(f"  {ALSO_SEEN}", style="dim"))
        for match in common:
            console.print(Text(f"    {printable_line(common_line(match))}", style="dim"))
    if answer.attribution.notice:
        console.print()
        show_notice(console, answer.attribution.notice)
    if answer.attribution.side_file is not None:
        console.print()
        console.print(Text(f"Tags cannot stand in it; beside it, as FILE{SIDE_FILE_SUFFIX}:", style="bold"))
        console.print()
        console.print(Text(printable(answer.attribution.side_file.rstrip())))


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
    elif answer.status is SearchStatus.INCOMPLETE:
        word = f"incomplete, {answer.verdict.value}"
        rest = (
            f"part of the index could not be asked: {answer.matched_lexemes:,} of {lexemes} are known to stand in the "
            "reference, and more may; check again, or see `attrib doctor`"
        )
    else:
        word, style, rest = "not code", "yellow", "it was not searched, so it is not known to be clean"
    return Text.assemble((printable_line(name), "bold"), ": ", (word, style), f", {rest}")


def _show_match(console: Console, match: AttributedMatch) -> None:
    style = VERDICT_STYLE[match.verdict.action]
    origin = match.origins[0]
    copyright = "".join(f"  © {printable_line(holder)}" for holder in origin.copyright)
    told = [
        ((likeness(match), "bold"), f"  {lines(match.output)}, {plural(match.lexemes, 'lexeme')}"),
        ((printable_line(origin.purl), "bold"), f"  {printable_line(place(origin))}"),
        (printable_line(origin.license), (f"  ({printable_line(origin.license_evidence)})", "dim"), copyright),
    ]
    if match.names:
        told.append((f"other names: {printable_line(exchanged_names(match))}",))
    reasons = printable_line("; ".join(match.verdict.reasons))
    told.append(((match.verdict.action.value, style), f": {reasons}"))
    for line in told:
        console.print(Text.assemble(("  ▌ ", style), *line))
    for other in match.origins[1 : 1 + OTHER_ORIGINS_SHOWN]:
        also = "  ".join(printable_line(part) for part in (other.purl, place(other), other.license))
        console.print(Text(f"    also {also}", style="dim"))
    if len(match.origins) > 1 + OTHER_ORIGINS_SHOWN:
        console.print(
            Text(f"    and {plural(len(match.origins) - 1 - OTHER_ORIGINS_SHOWN, 'more place')}", style="dim")
        )
