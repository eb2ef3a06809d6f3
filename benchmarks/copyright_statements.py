"""Which copyright statements stand in a file? Ours and ScanCode's answers, against those a person would copy from it.

Run `python -m benchmarks.copyright_statements`. Every file of `copyright_statements.csv` is fetched once; both tools
get the same bytes, of a source file the first 12 kB, one file after another in one process that is warm. `--scancode`
names the Python of an environment with ScanCode; without one only ours is measured. A statement is exact where it has
the same words in the same order; 'copyright', 'by', signs, rights and accents do not count, for the tools write them
differently. Exit status 1 where ours has fewer exact than ScanCode, or more extra.
"""

import argparse
import csv
import json
import re
import statistics
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attrib.copyrights import copyright_statements
from benchmarks.license_rows import HEAD_BYTES, LabelledFile, present
from benchmarks.reference_corpus import BENCH
from index.origins.legal import legal_kind

TABLE = Path(__file__).with_name("copyright_statements.csv")
_WORKER = Path(__file__).with_name("copyright_peer.py")
_SAID_DIFFERENTLY = re.compile(r"\b(?:all|some) rights reserved\b|\bcopyright(?:ed)?\b|\(c\)|\bby\b")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A file and the statements that a person would copy from it."""

    file: LabelledFile
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool finds in a file, and the seconds of processor time it took."""

    statements: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Score:
    """How what is found stands to what is labelled: statements, by their own words."""

    exact: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def main() -> int:
    """Print exact, missing and extra statements of each tool, and every difference; 1 where ours is behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scancode", type=Path, default=BENCH / "scancode-venv" / "bin" / "python", metavar="PYTHON")
    arguments = parser.parse_args()
    labelled = read_table()
    here = {row.sha256 for row in present([one.file for one in labelled])}
    rows = [one for one in labelled if one.file.sha256 in here]
    places = [_place(one.file) for one in rows]
    print(f"{len(rows)} of {len(labelled)} files, {sum(len(one.statements) for one in rows)} statements")
    found = {"attrib": [_ours(place) for place in places]}
    if arguments.scancode.exists():
        found["scancode"] = _scancode(arguments.scancode, places)
    scores = {
        tool: [score(one.statements, answer.statements) for one, answer in zip(rows, answers, strict=True)]
        for tool, answers in found.items()
    }
    print(f"{'':<10}{'exact':>8}{'missing':>9}{'extra':>8}{'files all exact':>17}{'median ms':>11}{'total s':>9}")
    for tool, each in scores.items():
        seconds = [answer.seconds for answer in found[tool]]
        print(
            f"{tool:<10}{sum(one.exact for one in each):>8}{sum(len(one.missing) for one in each):>9}"
            f"{sum(len(one.extra) for one in each):>8}{sum(not one.missing and not one.extra for one in each):>17}"
            f"{statistics.median(seconds) * 1000:>11.2f}{sum(seconds):>9.2f}"
        )
    for number, one in enumerate(rows):
        lines = [
            f"      {tool} {word} {statement}"
            for tool, each in scores.items()
            for word, statements in (("misses", each[number].missing), ("adds", each[number].extra))
            for statement in statements
        ]
        if lines:
            print(f"  {one.file.purl} {one.file.path}", *lines, sep="\n")
    return 0 if "scancode" not in scores or _level(scores["attrib"], scores["scancode"]) else 1


def read_table(path: Path = TABLE) -> list[Labelled]:
    """Return the rows of the table; `statements` are lines of one cell, none where a person would copy nothing."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                LabelledFile(row["purl"], row["path"], row["sha256"], label="", note=""),
                tuple(row["statements"].split("\n")) if row["statements"] else (),
            )
            for row in csv.DictReader(file)
        ]


def score(wanted: Sequence[str], found: Sequence[str]) -> Score:
    """Hold statements against those a person would copy, each once, whatever their order."""
    ours = {_words(statement): statement for statement in found}
    theirs = {_words(statement): statement for statement in wanted}
    return Score(
        len(ours.keys() & theirs.keys()),
        tuple(statement for words, statement in theirs.items() if words not in ours),
        tuple(statement for words, statement in ours.items() if words not in theirs),
    )


def _words(statement: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKD", statement.lower()).encode("ascii", "ignore").decode()
    return tuple(re.findall(r"\w+", _SAID_DIFFERENTLY.sub(" ", folded)))


def _place(file: LabelledFile) -> Path:
    if legal_kind(file.path) is not None:
        return file.place
    file.head_place.parent.mkdir(exist_ok=True)
    file.head_place.write_bytes(file.place.read_bytes()[:HEAD_BYTES])
    return file.head_place


def _ours(place: Path) -> Found:
    begun = time.process_time()
    statements = copyright_statements(place.read_bytes().decode(errors="replace"))
    return Found(statements, time.process_time() - begun)


def _scancode(python: Path, places: Sequence[Path]) -> list[Found]:
    asked = subprocess.run(
        [python, "-W", "ignore", _WORKER],
        input="\n".join(map(str, places)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answers = map(json.loads, asked.stdout.splitlines())
    return [Found(tuple(answer["statements"]), answer["seconds"]) for answer in answers]


def _level(ours: Sequence[Score], theirs: Sequence[Score]) -> bool:
    exact = sum(one.exact for one in ours) >= sum(one.exact for one in theirs)
    extra = sum(len(one.extra) for one in ours) <= sum(len(one.extra) for one in theirs)
    print(f"{'holds' if exact and extra else 'FAILS'}: as many exact as ScanCode, and no more extra")
    return exact and extra


if __name__ == "__main__":
    sys.exit(main())
