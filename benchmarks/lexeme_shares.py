"""Count the commonest lexemes of the installed packages' code and write `index/lexeme_shares.csv`.

Run `python -m benchmarks.lexeme_shares`; the file is a table of facts (lexeme, share) that helps a small index out.
"""

import csv
import random
import re
import sys
from collections import Counter
from pathlib import Path

from index.languages import language_of

_LEXEME = re.compile(rb"[0-9A-Za-z_\x80-\xff]+|([^\s0-9A-Za-z_\x80-\xff])(?:\s*\1)*")
_LEAST_SHARE = 2.0**-13
_SAMPLE_BYTES = 60_000_000


def main() -> None:
    """Write the table and say how much was counted."""
    files = [path for path in Path(sys.prefix).rglob("*") if path.is_file() and language_of(path.name)]
    random.Random(1).shuffle(files)
    counts: Counter[bytes] = Counter()
    read = 0
    for path in files:
        text = path.read_bytes()
        if len(text) > 500_000:
            continue
        counts.update(match.group(1) or match.group(0) for match in _LEXEME.finditer(text))
        read += len(text)
        if read > _SAMPLE_BYTES:
            break
    total = counts.total()
    rows = [
        (lexeme.decode(), f"{count / total:.6f}")
        for lexeme, count in counts.most_common()
        if count / total >= _LEAST_SHARE and lexeme.isascii()
    ]
    target = Path(__file__).parent.parent / "index" / "lexeme_shares.csv"
    with target.open("w", encoding="utf-8", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows(rows)
    print(f"{total} lexemes of {read} bytes counted, {len(rows)} lexemes written to {target.name}")


if __name__ == "__main__":
    main()
