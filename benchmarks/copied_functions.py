"""Is a function cut from an indexed package found, and said to come from the right place?

Run `python -m benchmarks.copied_functions` after `attrib index add installed` in the same ATTRIB_HOME. For each
treatment it prints the share of functions that were matched, whose best origin is the right package, under the
licence the catalogue has for that file, and whose reference lines are those of the function. `tied` also counts those
whose package is among the equally close origins but not the first: the same text stands in several packages.
"""

import argparse
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path

from attrib.bootstrap import open_index
from attrib.config import load_config
from benchmarks.code_cuts import CutFunction, as_it_stands, reindented, sample_functions, with_crlf, without_comments
from index.matches import Match, MatchOrigin, SearchResult
from index.purls import source_name
from index.reference_index import ReferenceIndex
from index.writer import content_swhid

TREATMENTS: dict[str, Callable[[str], str]] = {
    "as it stands": as_it_stands,
    "re-indented": reindented,
    "CRLF": with_crlf,
    "comments removed": without_comments,
}
MUST_BE_CERTAIN = ("as it stands", "re-indented", "CRLF")


def main() -> int:
    """Print the table; 1 when a treatment that must be certain is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=300)
    parser.add_argument("--lines", type=int, default=12, help="length of the shortest function")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    index = open_index(load_config({}, os.environ, Path.cwd()))
    files = _indexed_files(index)
    functions = sample_functions(files, arguments.functions, arguments.lines, random.Random(arguments.seed))
    print(f"{len(functions)} functions of {arguments.lines} lines or more, each from another of {len(files)} files")
    print(f"{'treatment':<18}{'matched':>9}{'package':>9}{'tied':>9}{'licence':>9}{'lines':>9}")
    certain = True
    for name, treat in TREATMENTS.items():
        scores = [_score(index, function, treat) for function in functions]
        shares = [sum(column) / len(scores) for column in zip(*scores, strict=True)]
        print(f"{name:<18}" + "".join(f"{share:>9.1%}" for share in shares))
        certain = certain and (name not in MUST_BE_CERTAIN or min(shares) == 1.0)
    return 0 if certain else 1


def _indexed_files(index: ReferenceIndex) -> list[tuple[str, Path]]:
    """Return path and place of the Python files of this environment that the index holds as they are now."""
    root = Path(get_path("purelib"))
    found = [(place.relative_to(root).as_posix(), place) for place in sorted(root.rglob("*.py"))]
    swhids = {content_swhid(place.read_bytes()): (path, place) for path, place in found}
    return [swhids[swhid] for swhid in sorted(index.catalog.known_contents(swhids))]


def _score(
    index: ReferenceIndex, function: CutFunction, treat: Callable[[str], str]
) -> tuple[bool, bool, bool, bool, bool]:
    result = index.search(treat(function.text).encode(), "Python")
    right = index.catalog.files_of([content_swhid(_whole(function))])
    files = next(iter(right.values()))
    longest = _longest(result)
    if longest is None:
        print(f"  missed: {function.path}:{function.start_line} ({result.lexemes} lexemes)", file=sys.stderr)
        return False, False, False, False, False
    best = longest.origins[0]
    own = {source_name(file.purl) for file in files}
    closest = {source_name(one.file.purl) for one in longest.origins if one.similarity == best.similarity}
    package = source_name(best.file.purl) in own
    tied = bool(own & closest)
    licences = {file.license_expression for file in files}
    if not package:
        print(f"  {function.path}:{function.start_line} is said to come from {best.file.purl}", file=sys.stderr)
    return True, package, tied, best.file.license_expression in licences, _right_lines(index, best, function)


def _right_lines(index: ReferenceIndex, best: MatchOrigin, function: CutFunction) -> bool:
    """Hold that the lines of the best origin are the function's, or hold the same text in another place."""
    span = best.reference
    if (best.file.path, span.start_line, span.end_line) == (function.path, function.start_line, function.end_line):
        return True
    lines = index.reference_text(best.file.swhid).decode(errors="replace").splitlines()
    return _words("\n".join(lines[span.start_line - 1 : span.end_line])) == _words(function.text)


def _words(text: str) -> list[str]:
    return text.split()


def _whole(function: CutFunction) -> bytes:
    return (Path(get_path("purelib")) / function.path).read_bytes()


def _longest(result: SearchResult) -> Match | None:
    return max(result.matches, key=lambda match: match.lexemes, default=None)


if __name__ == "__main__":
    sys.exit(main())
