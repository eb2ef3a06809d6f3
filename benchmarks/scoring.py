"""How well a search answered for one copied snippet, and the row of figures for many."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.placements import Output, Piece
from benchmarks.snippets import Snippet
from index.matches import Match, ReferenceFile, SearchResult
from index.purls import source_name

_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one snippet.

    `found` raises a verdict, `seen` is also true of what is reported as common or as telling too little. `tied` also
    counts a right package that stands among equally good origins. Line errors are the larger of both ends', in lines;
    None where there is no match of the right file to measure.
    """

    found: bool
    seen: bool
    right_origin: bool
    tied: bool
    right_license: bool
    renamed: bool
    output_error: int | None
    reference_error: int | None


def score(snippet: Snippet, holders: Sequence[ReferenceFile], output: Output, result: SearchResult) -> Score:
    """Compare what a search answered with what is known; `holders` are the files that hold the snippet's content."""
    telling = [match for match in result.matches if not match.common]
    found = _covered(output.pieces, telling) >= _ENOUGH
    seen = found or _covered(output.pieces, result.matches) >= _ENOUGH
    if not seen:
        return Score(False, False, False, False, False, False, None, None)
    matches = telling if found else result.matches
    best = max(matches, key=lambda match: sum(_shared(piece, match) for piece in output.pieces))
    own = {source_name(file.purl) for file in holders}
    first = best.origins[0]
    equally_good = {
        source_name(origin.file.purl)
        for origin in best.origins
        if (origin.lexemes, origin.similarity) == (first.lexemes, first.similarity)
    }
    right = source_name(first.file.purl) in own
    return Score(
        found=found,
        seen=True,
        right_origin=right,
        tied=right or bool(own & equally_good),
        right_license=first.file.license_expression in {file.license_expression for file in holders},
        renamed=best.kind.value == "renamed",
        output_error=_output_error(output, matches),
        reference_error=_reference_error(snippet, matches),
    )


def row(scores: Sequence[Score]) -> str:
    """Return the figures of many snippets, as `HEADER` names them."""
    seen = [one for one in scores if one.seen]
    cells = [f"{len(scores):>5}", _share(scores, "found"), _share(scores, "seen")]
    cells += [_share(seen, name) for name in ("right_origin", "tied", "right_license")]
    for name in ("output_error", "reference_error"):
        errors = sorted(error for one in seen if (error := getattr(one, name)) is not None)
        cells.append(f"{statistics.median(errors):>5.0f}{errors[int(len(errors) * 0.95)]:>4}" if errors else " " * 9)
    return "".join(cells)


HEADER = f"{'n':>5}{'found':>8}{'seen':>8}{'origin':>8}{'tied':>8}{'licence':>8}{'out 50 95':>10}{'ref 50 95':>10}"


def _share(scores: Sequence[Score], name: str) -> str:
    return f"{sum(getattr(one, name) for one in scores) / len(scores):>8.1%}" if scores else " " * 8


def _covered(pieces: Sequence[Piece], matches: Sequence[Match]) -> float:
    """Return which share of the pieces' bytes the matches cover together."""
    total = sum(piece.end_byte - piece.start_byte for piece in pieces)
    covered = 0
    for piece in pieces:
        at = piece.start_byte
        for match in sorted(matches, key=lambda match: match.output.start_byte):
            begin = max(at, match.output.start_byte)
            end = min(piece.end_byte, match.output.end_byte)
            if end > begin:
                covered += end - begin
                at = end
    return covered / total


def _shared(piece: Piece, match: Match) -> int:
    return max(0, min(piece.end_byte, match.output.end_byte) - max(piece.start_byte, match.output.start_byte))


def _output_error(output: Output, matches: Sequence[Match]) -> int | None:
    """Return by how many lines the matches of a piece begin or end elsewhere than the piece, at worst."""
    errors = []
    for piece in output.pieces:
        spans = [match.output for match in matches if _shared(piece, match)]
        if spans:
            errors.append(abs(min(span.start_line for span in spans) - piece.start_line))
            errors.append(abs(max(span.end_line for span in spans) - piece.end_line))
    return max(errors, default=None)


def _reference_error(snippet: Snippet, matches: Sequence[Match]) -> int | None:
    """Return by how many lines the reference side begins or ends elsewhere than the snippet in its own file."""
    spans = [
        origin.reference
        for match in matches
        for origin in match.origins
        if origin.file.swhid == snippet.file.swhid
        and origin.reference.start_line <= snippet.end_line
        and origin.reference.end_line >= snippet.start_line
    ]
    if not spans:
        return None
    return max(
        abs(min(span.start_line for span in spans) - snippet.start_line),
        abs(max(span.end_line for span in spans) - snippet.end_line),
    )
