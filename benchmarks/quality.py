"""What does the search find of copied code, under which treatment, at which length; and what do others find?

Run `make bench-quality`. A snippet counts as `found` when matches that raise a verdict cover half of its bytes; `seen`
also counts what is reported apart, as common or as telling too little. Of those seen: `origin` is the share whose best
origin is the right package, `tied` also counts a right package among equally good origins, `licence` the share whose
best origin has the right licence; then the error in lines at the worse end, median and 95th percentile, in the output
and in the reference. Exit status 1 when an aim is missed.
"""

import argparse
import itertools
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.corpus_texts import CorpusTexts, Hosts
from benchmarks.formatters import FormatterMissing, prettier
from benchmarks.peers import PeerFile, all_peers
from benchmarks.placements import Output
from benchmarks.quality_rows import ROWS, Row, prettier_rows
from benchmarks.reference_corpus import built_reference, foreign_files, reference_files
from benchmarks.scoring import HEADER, Score, row, score
from benchmarks.snippets import LENGTHS, Cut, Snippet, SnippetStream, passed_over, whole_statements
from benchmarks.treatments import Code
from index.matches import Match
from index.reference_index import ReferenceIndex

_TRIES_A_SNIPPET = 10
_PEER_FOREIGN = 400


@dataclass(frozen=True, slots=True)
class Case:
    """One snippet, treated and placed."""

    row: Row
    length: int
    snippet: Snippet
    output: Output


def main() -> int:
    """Print the tables; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snippets", type=int, default=150, help="snippets a cell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only the rows whose name holds this text")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--misses", type=int, default=0, help="show so many misses of each cell")
    arguments = parser.parse_args()
    index = built_reference()
    totals = index.totals()
    print(f"reference: {totals.sources} packages, {totals.files:,} files, {totals.lexemes:,} lexemes")
    texts = CorpusTexts(index, reference_files(), foreign_files())
    with ExitStack() as open_tools:
        rows = list(ROWS)
        try:
            rows += prettier_rows(open_tools.enter_context(prettier()))
        except FormatterMissing as missing:
            print(f"no rows for prettier: {missing}")
        cases = _cases(texts, [one for one in rows if arguments.only in one.name], arguments.snippets, arguments.seed)
    missed = _print_quality(index, cases, arguments.misses)
    if not arguments.no_peers:
        _print_peers(index, texts, cases, arguments.seed)
    for line in missed:
        print(f"aim missed: {line}")
    return 1 if missed else 0


def _cases(texts: CorpusTexts, rows: Sequence[Row], count: int, seed: int) -> list[Case]:
    """Return so many treated snippets of every row and length; all rows draw from the same streams of snippets."""
    hosts = Hosts(texts, seed)
    streams: dict[tuple[Cut, int, frozenset[str] | None], SnippetStream] = {}
    cases = []
    for one, length in itertools.product(rows, LENGTHS):
        place = (one.cut, length, one.languages)
        if place not in streams:
            files = [file for file in texts.reference if one.languages is None or file.language in one.languages]
            streams[place] = SnippetStream(
                files, texts.read, one.cut, length, seed, passed_over if one.cut is whole_statements else None
            )
        drawn = random.Random(f"{seed} {one.name} {length}")
        cell: list[Case] = []
        for snippet in itertools.islice(streams[place], _TRIES_A_SNIPPET * count):
            output = _treated(one, snippet, hosts, drawn)
            if output is not None:
                cell.append(Case(one, length, snippet, output))
                if len(cell) == count:
                    break
        cases += cell
    taken: Counter[str] = Counter()
    for (cut, *_), stream in streams.items():
        if cut is whole_statements:
            taken.update(stream.drawn)
    reasons = ", ".join(f"{name} {count / taken.total():.0%}" for name, count in taken.most_common())
    print(f"cuts of whole statements, taken or passed over: {reasons}")
    return cases


def _treated(one: Row, snippet: Snippet, hosts: Hosts, drawn: random.Random) -> Output | None:
    language = snippet.file.language
    text = one.treat(Code(snippet.text, language), hosts.surroundings(language), drawn)
    if text is None or not text.strip():
        return None
    return one.place(Code(text, language), drawn.choice(hosts.of(language)), drawn)


def _print_quality(index: ReferenceIndex, cases: Sequence[Case], misses: int) -> list[str]:
    """Print a table a row of treatments; return the aims that are missed."""
    times: dict[int, list[float]] = {length: [] for length in LENGTHS}
    missed: list[str] = []
    holders = index.catalog.files_of({case.snippet.file.swhid for case in cases})
    print(f"{'treatment':<44}{'lexemes':>8}{HEADER}")
    for (one, length), group in itertools.groupby(cases, key=lambda case: (case.row, case.length)):
        scores: list[Score] = []
        shown = 0
        for case in group:
            begun = time.perf_counter()
            result = index.search(case.output.text, case.snippet.file.language)
            times[length].append((time.perf_counter() - begun) * 1000)
            scores.append(score(case.snippet, holders[case.snippet.file.swhid], case.output, result))
            if not scores[-1].found and shown < misses:
                shown += 1
                _show_miss(case, scores[-1])
        print(f"{one.name:<44}{length:>8}{row(scores)}", flush=True)
        missed += one.missed(length, scores)
    for length, taken in times.items():
        if taken:
            print(f"search of {length} lexemes and what stands around them: median {statistics.median(taken):.1f} ms")
    return missed


def _show_miss(case: Case, scored: Score) -> None:
    snippet = case.snippet
    what = "common or telling too little" if scored.seen else "missed"
    print(f"--- {what}: {snippet.file.purl} {snippet.file.path}:{snippet.start_line}-{snippet.end_line}")
    print(case.output.text.decode(errors="replace"))


def _print_peers(index: ReferenceIndex, texts: CorpusTexts, cases: Sequence[Case], seed: int) -> None:
    """Print which share of the same outputs each peer finds, and which of foreign code it reports."""
    sample = {case.snippet.file.swhid: case.snippet.file for case in cases}
    files = [PeerFile(file.swhid, text, file.language) for file in sample.values() if (text := texts.read(file))]
    size = sum(len(file.text) for file in files)
    foreign = SnippetStream(texts.foreign, texts.read, whole_statements, 100, seed, passed_over)
    others = list(itertools.islice(foreign, _PEER_FOREIGN))
    print(f"\npeers, over the {len(files):,} files that the snippets come from ({size / 1e6:.1f} MB); share found")
    peers = all_peers()
    names = [f"{peer.name:>15}" for peer in peers]
    print(f"{'treatment':<44}{'lexemes':>8}{''.join(names)}")
    for peer in peers:
        peer.learn(files)
    times: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for (one, length), group in itertools.groupby(cases, key=lambda case: (case.row, case.length)):
        cell = list(group)
        shares = []
        for peer in peers:
            found = 0
            for case in cell:
                text = case.output.text.decode(errors="replace")
                begun = time.perf_counter()
                found += bool(peer.find(text, case.snippet.file.language))
                times[peer.name].append((time.perf_counter() - begun) * 1000)
            shares.append(found / len(cell))
        print(f"{one.name:<44}{length:>8}{''.join(f'{share:>15.1%}' for share in shares)}", flush=True)
    reported = [sum(bool(peer.find(other.text, other.file.language)) for other in others) for peer in peers]
    shares_reported = "".join(f"{count / len(others):>15.1%}" for count in reported)
    print(f"{f'reported of {len(others)} snippets of foreign code':<44}{100:>8}{shares_reported}")
    ours = sum(any(not match.common for match in _matches(index, other)) for other in others)
    print(f"{'  reported by Attrib, in the whole reference':<44}{100:>8}{ours / len(others):>15.1%}")
    print(f"{'median ms a query':<52}" + "".join(f"{statistics.median(times[peer.name]):>15.2f}" for peer in peers))


def _matches(index: ReferenceIndex, snippet: Snippet) -> tuple[Match, ...]:
    return index.search(snippet.text.encode(), snippet.file.language).matches


if __name__ == "__main__":
    sys.exit(main())
