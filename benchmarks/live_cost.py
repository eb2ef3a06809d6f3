"""What does it cost to watch an output while it is written, against checking it once when it is whole?

Run `python -m benchmarks.live_cost` after `attrib index add installed` in the same ATTRIB_HOME. Texts of several
lengths, half of them copies, come in pieces of about one token (4 bytes); after every piece it is asked whether its end
follows the reference. Printed is the processor time of the whole of it, the last search included, as a multiple of that
of one search of the whole.
"""

import argparse
import os
import random
import statistics
import sys
import time
from pathlib import Path
from sysconfig import get_path

from attrib.bootstrap import open_index
from attrib.config import load_config
from benchmarks.speed import cuts
from index.live import LiveSearch
from index.reference_index import ReferenceIndex

_PIECE = 4


def main() -> int:
    """Print the multiples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    index = open_index(load_config({}, os.environ, Path.cwd()))
    generator = random.Random(arguments.seed)
    copied, others = _files(Path(get_path("purelib"))), _files(Path(get_path("stdlib")) / "test")
    print(f"{'lexemes':>8}{'whole ms':>10}{'live ms':>10}{'multiple':>10}   (medians of {arguments.texts} texts)")
    # Compiled code is loaded before anything is timed.
    _pair(index, copied[0][:4000])
    for length in (50, 100, 200, 400, 1000):
        half = arguments.texts // 2
        texts = [*cuts(copied, half, generator, length), *cuts(others, half, generator, length)]
        pairs = [_pair(index, text) for text in texts]
        whole, live = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
        multiple = sum(live for _, live in pairs) / sum(whole for whole, _ in pairs)
        print(f"{length:>8}{whole:>10.2f}{live:>10.2f}{multiple:>10.2f}")
    return 0


def _files(root: Path) -> list[bytes]:
    return [place.read_bytes() for place in sorted(root.rglob("*.py")) if 8_000 < place.stat().st_size < 200_000]


def _pair(index: ReferenceIndex, text: bytes) -> tuple[float, float]:
    index.search(text, "Python")
    begun = time.process_time()
    index.search(text, "Python")
    whole = time.process_time() - begun
    begun = time.process_time()
    live = LiveSearch(index, "Python")
    for at in range(0, len(text), _PIECE):
        live.feed(text[at : at + _PIECE])
        _ = live.run_lexemes
    live.finish()
    return whole, time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main())
