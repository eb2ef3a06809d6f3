"""What is a licence file, and what does a source file say of itself? Ours and ScanCode's answers, against a person's.

Run `python -m benchmarks.license_detection`; `--install` first makes an environment in `.bench` for every peer that
has none. Every labelled file is fetched once. Each tool gets the same bytes,
one file after another in one process whose index is loaded already, and its time for a file is the processor time of
reading and judging it, so that other work on the machine does not count. Of a source file all get the first 12 kB.
Exit status 1 where ours has fewer right than ScanCode, is not 20 times as fast, or calls copyleft permissive.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attrib.detection import LicenseFinding, detect_file_license, folder_finding
from benchmarks.license_rows import HEAD_BYTES, LabelledFile, Table, present, read_rows
from benchmarks.license_verdicts import Verdict, called_permissive, verdict
from benchmarks.peer_environments import install, program_of
from benchmarks.reference_corpus import BENCH
from index.origins.base import LegalKind
from index.origins.legal import legal_file

OURS = "attrib"
SCANCODE = "scancode"
PEERS = (SCANCODE, "askalono")
LEAST_SPEEDUP = 20
_WORKER = Path(__file__).with_name("license_peers.py")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool says of a file (None: nothing), and the seconds of processor time it took."""

    expression: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Answers:
    """A tool's answers in the order of the rows, and the seconds it took to get ready."""

    tool: str
    ready: float
    answers: tuple[Answer, ...]

    @property
    def seconds(self) -> float:
        """Processor time of all files."""
        return sum(answer.seconds for answer in self.answers)

    @property
    def median(self) -> float:
        """Processor time of the file in the middle."""
        return statistics.median(answer.seconds for answer in self.answers)


def main() -> int:
    """Print a table for each table of labels, and every disagreement with it; 1 where a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", default=f"{OURS},{SCANCODE},askalono", help="which tools, with commas")
    parser.add_argument("--table", default=",".join(table for table in Table if table.path.exists()))
    parser.add_argument("--install", action="store_true", help="make environments for peers that have none")
    arguments = parser.parse_args()
    tools = arguments.tool.split(",")
    for tool in tools:
        if tool in PEERS and not program_of(tool).exists():
            if not arguments.install:
                parser.error(f"{tool} is not installed in {BENCH.name}: give --install, or leave it out of --tool.")
            install(tool)
        elif tool != OURS and tool not in PEERS:
            parser.error(f"{tool} is none of {OURS}, {', '.join(PEERS)}.")
    holds = [_measured(Table(name), tools) for name in arguments.table.split(",")]
    return 0 if all(holds) else 1


def _measured(table: Table, tools: Sequence[str]) -> bool:
    labelled = read_rows(table)
    rows = present(labelled)
    packages = len({row.purl for row in rows})
    print(f"{table}: {len(rows)} of {len(labelled)} labelled files, of {packages} packages")
    places = [_place(row, table) for row in rows]
    measured = [_ours(rows, table) if tool == OURS else _peer(tool, places) for tool in tools]
    verdicts = {one.tool: _verdicts(rows, one, table) for one in measured}
    for line in _table(rows, measured, verdicts):
        print(line)
    print("what is not as labelled:")
    for number, row in enumerate(rows):
        wrong = [
            f"{one.tool} {one.answers[number].expression or 'nothing'} ({verdicts[one.tool][number]}"
            f"{', too mild' if called_permissive(row.label, one.answers[number].expression) else ''})"
            for one in measured
            if verdicts[one.tool][number] is not Verdict.RIGHT
        ]
        if wrong:
            note = f" ({row.note})" if row.note else ""
            print(f"  {row.purl} {row.path}: {row.label}{note}", *wrong, sep="\n      ")
    return _holds({one.tool: one for one in measured}, verdicts, rows)


def _place(row: LabelledFile, table: Table) -> Path:
    if table.of_files:
        return row.place
    row.head_place.parent.mkdir(exist_ok=True)
    row.head_place.write_bytes(row.place.read_bytes()[:HEAD_BYTES])
    return row.head_place


def _ours(rows: Sequence[LabelledFile], table: Table) -> Answers:
    ask: Callable[[LabelledFile], LicenseFinding | None] = _of_file if table.of_files else _of_head
    begun = time.perf_counter()
    folder_finding([legal_file("LICENSE", LegalKind.LICENSE, b"Licensed under the MIT licence.")])
    ready = time.perf_counter() - begun
    answers = []
    for row in rows:
        begun = time.process_time()
        finding = ask(row)
        seconds = time.process_time() - begun
        answers.append(Answer(finding.expression if finding is not None and finding.settled else None, seconds))
    return Answers(OURS, ready, tuple(answers))


def _of_file(row: LabelledFile) -> LicenseFinding:
    return folder_finding([legal_file(row.path, LegalKind.LICENSE, row.place.read_bytes())])


def _of_head(row: LabelledFile) -> LicenseFinding | None:
    return detect_file_license(row.path, row.head_place.read_bytes())


def _peer(tool: str, places: Sequence[Path]) -> Answers:
    asked = subprocess.run(
        [program_of(tool), "-W", "ignore", _WORKER, tool],
        input="\n".join(map(str, places)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    first, *rest = map(json.loads, asked.stdout.splitlines())
    return Answers(tool, first["ready"], tuple(Answer(one["answer"], one["seconds"]) for one in rest))


def _verdicts(rows: Sequence[LabelledFile], one: Answers, table: Table) -> list[Verdict]:
    return [
        verdict(row.label, answer.expression, text_alone=table.of_files)
        for row, answer in zip(rows, one.answers, strict=True)
    ]


def _table(
    rows: Sequence[LabelledFile], measured: Sequence[Answers], verdicts: dict[str, list[Verdict]]
) -> Iterator[str]:
    columns = (*Verdict, "too mild", "median ms", "total s", "ready s")
    yield f"{'':<10}{''.join(f'{name:>10}' for name in columns)}"
    for one in measured:
        counts = Counter(verdicts[one.tool])
        yield (
            f"{one.tool:<10}{''.join(f'{counts[name]:>10}' for name in Verdict)}{_too_mild(rows, one):>10}"
            f"{one.median * 1000:>10.2f}{one.seconds:>10.2f}{one.ready:>10.1f}"
        )


def _too_mild(rows: Sequence[LabelledFile], one: Answers) -> int:
    """Count the files under copyleft or a restricted licence that a tool calls permissive."""
    return sum(called_permissive(row.label, answer.expression) for row, answer in zip(rows, one.answers, strict=True))


def _holds(measured: dict[str, Answers], verdicts: dict[str, list[Verdict]], rows: Sequence[LabelledFile]) -> bool:
    ours, other = measured.get(OURS), measured.get(SCANCODE)
    if ours is None:
        return True
    claims = {"copyleft is never called permissive": _too_mild(rows, ours) == 0}
    if other is not None:
        right = {tool: Counter(verdicts[tool])[Verdict.RIGHT] for tool in (OURS, SCANCODE)}
        ratio, median = other.seconds / ours.seconds, other.median / ours.median
        claims[f"as many right as ScanCode: {right[OURS]} and {right[SCANCODE]}"] = right[OURS] >= right[SCANCODE]
        claims[f"{LEAST_SPEEDUP} times its speed: {ratio:.0f} times in total, {median:.0f} times for the median"] = (
            ratio >= LEAST_SPEEDUP
        )
    for claim, true in claims.items():
        print(f"{'holds' if true else 'FAILS'}: {claim}")
    return all(claims.values())


if __name__ == "__main__":
    sys.exit(main())
