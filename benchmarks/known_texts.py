"""Write `index/known_texts.csv`: the words of licences and filler that everybody has, three in a row, as hashes.

Run `python -m benchmarks.known_texts`. The licences are those that most permissive code is under, as the SPDX list has
them.
"""

import csv
from pathlib import Path

import numpy as np

from attrib.license_texts import canonical_text
from index.known_texts import word_shingles

LICENSES = (
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-4-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
)
# The filler of typesetters, from Cicero; most people use these sentences of it.
LOREM_IPSUM = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo "
    "consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. "
    "Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum. "
    "Lorem ipsum dolor sit amet, consectetuer adipiscing elit, sed diam nonummy nibh euismod tincidunt ut laoreet "
    "dolore magna aliquam erat volutpat."
)
_A_ROW = 8


def main() -> None:
    """Write the table and say how large it is."""
    texts = [LOREM_IPSUM, *filter(None, map(canonical_text, LICENSES))]
    shingles = np.unique(np.concatenate([word_shingles(text.encode()) for text in texts]))
    target = Path(__file__).parent.parent / "index" / "known_texts.csv"
    with target.open("w", encoding="utf-8", newline="") as table:
        rows = [shingles[at : at + _A_ROW].tolist() for at in range(0, len(shingles), _A_ROW)]
        csv.writer(table, lineterminator="\n").writerows(rows)
    print(f"{len(texts)} texts, {len(shingles)} shingles written to {target.name}")


if __name__ == "__main__":
    main()
