"""Is code that other people wrote left in peace? Every report on code that is not indexed, judged by a person.

Run `python -m benchmarks.human_code`. Snippets of whole lines are cut from the foreign packages, with licence headers,
imports and tables. Every match that raises a verdict is a report, and has a label in `human_code_labels.csv`: `copy`
(the same code, taken from the reference), `common ancestor` (both took it from elsewhere), `generated` (both came out
of the same generator), `idiom` (everybody writes it so) or `false` (not the same code). The last two are false
accusations. A report without a label is shown side by side; exit status 1 then, and when too many are false.
"""

import argparse
import csv
import difflib
import hashlib
import itertools
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus_texts import CorpusTexts
from benchmarks.reference_corpus import CodeFile, built_reference, foreign_files, reference_files
from benchmarks.snippets import Snippet, SnippetStream, whole_statements
from index.matches import Match
from index.reference_index import ReferenceIndex

LABELS = Path(__file__).with_name("human_code_labels.csv")
FALSE_LABELS = frozenset(("idiom", "false"))
ALL_LABELS = frozenset(("copy", "common ancestor", "generated")) | FALSE_LABELS
_COLUMNS = ("snippet", "origin", "label", "reason")
# How many snippets of which length.
_CELLS = ((65, 0.3), (100, 0.3), (200, 0.25), (400, 0.15))
_TRIES_A_SNIPPET = 5
_MOST_FALSE = 0.001
_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Report:
    """A match that raises a verdict on a snippet of foreign code."""

    snippet: Snippet
    match: Match

    @property
    def key(self) -> tuple[str, str]:
        """What a label is kept by: the snippet by place and text, and the origin that is named first."""
        one, origin = self.snippet, self.match.origins[0].file
        return snippet_id(one), f"{origin.purl} {origin.path}"


def main() -> int:
    """Print the labels' counts and what has none; 1 where something is unlabelled or too much is false."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snippets", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", choices=("unlabelled", "all", "none"), default="unlabelled")
    arguments = parser.parse_args()
    index = built_reference()
    texts = CorpusTexts(index, reference_files(), foreign_files())
    snippets = list(human_snippets(texts, arguments.snippets, arguments.seed))
    reports, apart = _reports(index, snippets)
    labels = read_labels()
    packages = len({snippet.file.purl for snippet in snippets})
    languages = len({snippet.file.language for snippet in snippets})
    print(f"{len(snippets)} snippets of human code from {packages} packages in {languages} languages")
    print(f"  {apart:>6} have only matches that are reported apart, as common or telling too little")
    print(f"  {len({report.key[0] for report in reports}):>6} have a report that raises the verdict")
    counts: Counter[str] = Counter()
    accused: dict[str, str] = {}
    for report in reports:
        label, reason = labels.get(report.key, ("unlabelled", ""))
        counts[label] += 1
        if label in FALSE_LABELS:
            accused[report.key[0]] = report.snippet.file.language
        if arguments.show == "all" or (arguments.show == "unlabelled" and label == "unlabelled"):
            _show(texts, report, label, reason)
    for label, count in counts.most_common():
        print(f"  {count:>6} reports: {label}")
    rate = len(accused) / len(snippets)
    print(f"falsely accused (idiom or false): {len(accused)} of {len(snippets)} snippets, {rate * 1000:.2f} in 1,000")
    of_language = Counter(snippet.file.language for snippet in snippets)
    for language, count in Counter(accused.values()).most_common():
        print(f"  {count:>6} of {of_language[language]:>5} in {language}")
    return 1 if counts["unlabelled"] or rate > _MOST_FALSE else 0


def human_snippets(texts: CorpusTexts, count: int, seed: int) -> Iterator[Snippet]:
    """Yield snippets of foreign code at several lengths, no two of which overlap or have one text."""
    taken: dict[CodeFile, list[Snippet]] = defaultdict(list)
    known: set[str] = set()
    for length, share in _CELLS:
        stream = SnippetStream(texts.foreign, texts.read, whole_statements, length, seed)
        wanted = round(count * share)
        for snippet in itertools.islice(stream, _TRIES_A_SNIPPET * wanted):
            beside = taken[snippet.file]
            if snippet.text in known or any(snippet.overlaps(other) for other in beside):
                continue
            known.add(snippet.text)
            beside.append(snippet)
            yield snippet
            wanted -= 1
            if not wanted:
                break


def snippet_id(snippet: Snippet) -> str:
    """Name a snippet by its place and the beginning of its text's SHA-256."""
    digest = hashlib.sha256(snippet.text.encode()).hexdigest()[:12]
    return f"{snippet.file.purl} {snippet.file.path}:{snippet.start_line} {digest}"


def read_labels(path: Path = LABELS) -> dict[tuple[str, str], tuple[str, str]]:
    """Return label and reason by snippet and origin; raises ValueError for a label that is none."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        if row["label"] not in ALL_LABELS or not row["reason"].strip():
            raise ValueError(f"{path.name}: {row['snippet']} has no known label or no reason")
    return {(row["snippet"], row["origin"]): (row["label"], row["reason"]) for row in rows}


def _reports(index: ReferenceIndex, snippets: Sequence[Snippet]) -> tuple[list[Report], int]:
    """Return the matches that raise a verdict, and how many snippets have none but such as are reported apart."""
    reports: list[Report] = []
    apart = 0
    for snippet in snippets:
        matches = index.search(snippet.text.encode(), snippet.file.language).matches
        telling = [Report(snippet, match) for match in matches if not match.common]
        reports += telling
        apart += bool(matches) and not telling
    return reports, apart


def _show(texts: CorpusTexts, report: Report, label: str, reason: str) -> None:
    """Print both sides, lines that are alike beside each other."""
    match, origin = report.match, report.match.origins[0]
    print(f"\n=== {label} {reason}".rstrip())
    print(f"{report.key[0]}\n{report.key[1]}:{origin.reference.start_line}-{origin.reference.end_line}")
    print(
        f"{match.kind.value} {match.similarity:.0%}, {match.lexemes} of {report.snippet.lexemes} lexemes, "
        f"{match.information_bits:.0f} bits, {match.sources} sources, {origin.file.license_expression}"
    )
    ours = _lines(report.snippet.text, match.output.start_line, match.output.end_line)
    theirs = _lines(
        texts.index.reference_text(origin.file.swhid).decode(errors="replace"),
        origin.reference.start_line,
        origin.reference.end_line,
    )
    compared = difflib.SequenceMatcher(None, _bare(ours), _bare(theirs), autojunk=False)
    for tag, a, b, c, d in compared.get_opcodes():
        for left, right in itertools.zip_longest(ours[a:b], theirs[c:d], fillvalue=""):
            print(f"{' ' if tag == 'equal' else '|'} {left[:_WIDTH]:<{_WIDTH}} {right[:_WIDTH]}")


def _bare(lines: Sequence[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def _lines(text: str, first: int, last: int) -> list[str]:
    return [line.expandtabs(4).rstrip() for line in text.replace("\r\n", "\n").split("\n")[first - 1 : last]]


if __name__ == "__main__":
    sys.exit(main())
