"""Where does the time of a check and of a build go?

Run `python -m benchmarks.where_time_goes`; the reference is `benchmarks.large_reference`. Each row is a stage with its
share of the whole, by Python's own profiler, which makes Python look dearer and compiled code cheaper than they are.
"""

import argparse
import cProfile
import os
import pstats
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from sysconfig import get_path

from benchmarks.large_reference import large_reference, reference_texts
from benchmarks.speed import build, cuts

_CHECK = {
    "keys of both views": "query_keys",
    "look-up of postings": "lookup",
    "hits to candidates": "_clusters",
    "reading and lexing reference text": "excerpt",
    "of it decompressing": "<method 'decompress' of 'zstandard.backend_c.ZstdDecompressor' objects>",
    "what can be dropped unaligned": "is_worth_aligning",
    "weighing: comments, imports": "weighed_side",
    "aligning": "aligned_blocks",
    "renamed passages": "renamed_passages",
    "files and licences of what was found": "files_of",
    "ranking": "grouped_matches",
}
_BUILD = {
    "lexing": "lex",
    "keys of both views": "reference_keys",
    "of it signatures": "_signatures",
    "compressing texts": "<method 'compress' of 'zstandard.backend_c.ZstdCompressor' objects>",
    "sorting and writing postings": "sections",
    "syncing to disk": "<built-in method posix.fsync>",
    "the catalogue's transaction": "commit",
}


def main() -> int:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=600)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    index = large_reference()
    library = [place for place in sorted(Path(get_path("stdlib")).rglob("*.py")) if "site-packages" not in place.parts]
    others = [place.read_bytes() for place in library if place.stat().st_size > 3_000]
    copies = [text for text, _ in reference_texts(index, 40_000_000, every=7)]
    texts = [
        *cuts(copies, arguments.checks // 2, random.Random(1)),
        *cuts(others, arguments.checks // 2, random.Random(1)),
    ]

    def check() -> None:
        for text in texts:
            index.search(text, "Python")

    material = reference_texts(index, 30_000_000, every=5)
    for name, run, stages in (("a check", check, _CHECK), ("a build", lambda: build(material), _BUILD)):
        run()
        _shares(name, run, stages)
    return 0


def _shares(name: str, run: Callable[[], None], stages: Mapping[str, str]) -> None:
    profile = cProfile.Profile()
    profile.runcall(run)
    found = pstats.Stats(profile)
    rows: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = found.stats  # type: ignore[attr-defined]
    whole = max(row[3] for row in rows.values())
    print(f"{name}: share of its time")
    for stage, function in stages.items():
        spent = max((row[3] for (_, _, called), row in rows.items() if called == function), default=0.0)
        print(f"  {stage:<40}{spent / whole:>7.1%}")


if __name__ == "__main__":
    sys.exit(main())
