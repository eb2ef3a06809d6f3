"""How long does a search for 200 lexemes take inside a running process, and what does datasketch need for it?

Run `python -m benchmarks.check_latency` after `attrib index add installed` in the same ATTRIB_HOME. Half of the texts
are copies of indexed code, half are not. Beside it, in the same run, one core each: datasketch signing the same windows
of the same texts in Python, without any look-up.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path

from datasketch import MinHash

from attrib.bootstrap import open_index
from attrib.config import load_config
from index.lexer import lex
from index.lsh import IndexParams
from index.minhash import shingle_hashes

LEXEMES = 200
_PEER_TEXTS = 20


def main() -> int:
    """Print medians and 99th percentiles in milliseconds, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    index = open_index(load_config({}, os.environ, Path.cwd()))
    generator = random.Random(arguments.seed)
    copies = texts_of(Path(get_path("purelib")), arguments.checks // 2, generator)
    others = texts_of(Path(get_path("stdlib")) / "test", arguments.checks // 2, generator)
    others = others or texts_of(Path(get_path("stdlib")), arguments.checks // 2, generator)
    for text in copies[:5]:
        index.search(text, "Python")
    totals = index.totals()
    print(f"searches for {LEXEMES} lexemes against {totals.lexemes:,} indexed lexemes of {totals.sources} sources")
    print(f"{'':<44}{'median ms':>10}{'p99 ms':>10}")
    rows = {
        "search, code that stands in the index": _times(copies, lambda text: index.search(text, "Python")),
        "search, other code": _times(others, lambda text: index.search(text, "Python")),
        "datasketch signing the windows only": _times(copies[:_PEER_TEXTS], _sign_with_datasketch),
    }
    for name, times in rows.items():
        print(f"{name:<44}{statistics.median(times):>10.2f}{sorted(times)[int(len(times) * 0.99)]:>10.2f}")
    copied, other, peer = (statistics.median(times) for times in rows.values())
    print(
        f"a search takes {copied / peer:.2f} (copied code) and {other / peer:.2f} (other code) "
        "of the time that datasketch needs to sign the query"
    )
    return 0


def texts_of(root: Path, count: int, generator: random.Random) -> list[bytes]:
    """Return texts of exactly so many lexemes, each cut at random from another file."""
    found: list[bytes] = []
    places = [place for place in sorted(root.rglob("*.py")) if 4_000 < place.stat().st_size < 200_000]
    generator.shuffle(places)
    for place in places:
        text = place.read_bytes()
        lexemes = lex(text)
        if len(lexemes) > 2 * LEXEMES:
            start = generator.randrange(len(lexemes) - LEXEMES)
            found.append(text[int(lexemes.starts[start]) : int(lexemes.ends[start + LEXEMES - 1])])
            if len(found) == count:
                break
    return found


def _times(texts: list[bytes], check: Callable[[bytes], object]) -> list[float]:
    times = []
    for text in texts:
        begun = time.perf_counter()
        check(text)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def _sign_with_datasketch(text: bytes) -> None:
    params = IndexParams()
    view = params.exact
    shingles = shingle_hashes(lex(text).hashes, view.shingle).tolist()
    first = MinHash(num_perm=view.permutations, seed=params.seed, hashfunc=int, scheme="affine32")
    for start in range(len(shingles) - view.window + 1):
        window = first.copy()
        window.update_batch(shingles[start : start + view.window])


if __name__ == "__main__":
    sys.exit(main())
