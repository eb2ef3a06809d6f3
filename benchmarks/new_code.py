"""Is code that was not copied left in peace?

Run `python -m benchmarks.new_code` after `attrib index add installed` in the same ATTRIB_HOME. Functions come from code
that is not indexed: Python's standard library, and the installed packages whose licence was refused. Left out are
distutils, which setuptools ships whole, and the codecs, which repeat one function some eighty times. Every report is
listed with where it is said to come from, so that it can be judged: a real copy, or a false accusation.
"""

import argparse
import os
import random
import sys
from collections import Counter
from importlib.metadata import distribution
from pathlib import Path
from sysconfig import get_path

from attrib.attribution import attribute, verdict_of
from attrib.bootstrap import open_index
from attrib.config import load_config
from attrib.policy import Policy
from benchmarks.code_cuts import sample_functions
from index.matches import SearchStatus
from index.reference_index import ReferenceIndex

_LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "lib2to3", "ensurepip", "distutils", "encodings"}


def main() -> int:
    """Print how many functions are clean, and every one that is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=400)
    parser.add_argument("--lines", type=int, default=8, help="length of the shortest function")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    index = open_index(load_config({}, os.environ, Path.cwd()))
    files = [*_refused_files(index), *_library_files()]
    functions = sample_functions(files, arguments.functions, arguments.lines, random.Random(arguments.seed))
    statuses: Counter[str] = Counter()
    accused = []
    for function in functions:
        result = index.search(function.text.encode(), "Python")
        matches = [attribute(match, Policy()) for match in result.matches]
        accuses = verdict_of(matches).severity > 0
        if result.status is SearchStatus.MATCHED:
            statuses["reported, verdict raised" if accuses else "reported as common or low information"] += 1
        else:
            statuses[result.status.value] += 1
        accused += [(function, match) for match in matches if match.verdict.action.severity > 0]
    print(f"{len(functions)} functions of {arguments.lines} lines or more from {len(files)} files that are not indexed")
    for status, count in statuses.most_common():
        print(f"  {status:<40}{count:>5}{count / len(functions):>8.1%}")
    print("every report that raises the verdict:")
    for function, match in accused:
        origin = match.origins[0]
        print(
            f"  {function.path}:{function.start_line} lines {match.output.start_line}-{match.output.end_line}, "
            f"{match.kind.value} {match.similarity:.0%}, {match.information_bits:.0f} bits <- "
            f"{origin.purl} {origin.path}:{origin.reference.start_line}-{origin.reference.end_line}"
        )
    return 0


def _library_files() -> list[tuple[str, Path]]:
    root = Path(get_path("stdlib"))
    return [
        (f"stdlib/{place.relative_to(root).as_posix()}", place)
        for place in sorted(root.rglob("*.py"))
        if not _LEFT_OUT & set(place.parts)
    ]


def _refused_files(index: ReferenceIndex) -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    for refusal in index.catalog.refusals():
        if refusal.path or not refusal.purl.startswith("pkg:pypi/"):
            continue
        shipped = distribution(refusal.purl.removeprefix("pkg:pypi/").partition("@")[0])
        found += [(str(path), Path(str(path.locate()))) for path in shipped.files or () if path.suffix == ".py"]
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main())
