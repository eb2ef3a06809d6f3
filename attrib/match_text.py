"""How a match is said in one line, wherever a person reads it as plain text."""

from attrib.answers import AttributedMatch, AttributedOrigin
from index.matches import Span

ALSO_SEEN = "also seen, asks for nothing"
NAMES_SHOWN = 8


def likeness(match: AttributedMatch) -> str:
    """Return the kind of a match and how alike both sides are, rounded down: "near 93%"."""
    return f"{match.kind.value} {int(match.similarity * 100)}%"


def exchanged_names(match: AttributedMatch) -> str:
    """Return the first names that were exchanged, the origin's first: "total -> sum, x -> y and 3 more"."""
    shown = ", ".join(f"{theirs} -> {ours}" for theirs, ours in match.names[:NAMES_SHOWN])
    more = len(match.names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def common_line(match: AttributedMatch) -> str:
    """Return all that is said of a match that asks for nothing: where it is, why it does not count, an example."""
    origin = match.origins[0]
    return f"{lines(match.output)}: {likeness(match)}; {match.verdict.reasons[0]}; as in {origin.purl} {place(origin)}"


def lines(span: Span) -> str:
    """Return the lines of a span: "line 3", "lines 3-9"."""
    return f"line {span.start_line}" if span.start_line == span.end_line else f"lines {span.start_line}-{span.end_line}"


def place(origin: AttributedOrigin) -> str:
    """Return where an origin stands in its source: "click/parser.py:180-209"."""
    return f"{origin.path}:{origin.reference.start_line}-{origin.reference.end_line}"
