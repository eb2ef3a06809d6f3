"""A tree of newly written files with planted copies in five languages: what an audit finds, and how exactly.

Run `python -m benchmarks.audit_mixed`. The index is that of the quality benchmarks. The new code is other people's, not
indexed, with all of its own words exchanged, so nobody wrote it. Into some of the files one copy each is planted:
verbatim, edited in one lexeme of ten, with every name renamed, or a part of a function cut at any lexeme. A copy is
found where a finding that is not common lies on it and its best origin, or one as good, holds the text. Line errors are
of the first and the last line together, on both sides. Everything found elsewhere is false, or `there`: the same
characters, spaces apart, stood in the foreign code before its words were exchanged, so that the code is not new at all
(a compiler's helper, which many packages carry). Those are told apart by the text alone, whatever was searched.
"""

import argparse
import itertools
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attrib.audits.findings import Finding
from attrib.bootstrap import build_service
from benchmarks.corpus_texts import CorpusTexts, Hosts
from benchmarks.reference_corpus import built_reference, corpus_config, foreign_files, reference_files
from benchmarks.snippets import Cut, Snippet, SnippetStream, at_any_lexeme, passed_over, whole_statements
from benchmarks.synthetic_code import rewritten
from benchmarks.treatments import Code, Treatment, lexemes_edited, renamed, untouched
from index.languages import language_named

LANGUAGES = ("Python", "JavaScript", "C", "Java", "Go")
_PIECES = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """A way of copying: how it is cut, at how many lexemes, and what is done to it."""

    name: str
    cut: Cut
    lexemes: int
    treat: Treatment


KINDS = (
    Kind("verbatim", whole_statements, 100, untouched),
    Kind("edited", whole_statements, 200, lexemes_edited(0.1)),
    Kind("renamed", whole_statements, 200, renamed(1.0, literals=False)),
    Kind("part", at_any_lexeme, 100, untouched),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the tree, with what was planted at which lines of it; nothing in a file that is new as a whole.

    `before` is its text as it was before words were exchanged.
    """

    path: str
    language: str
    text: str
    before: str
    kind: str = ""
    snippet: Snippet | None = None
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """What the audit said of one file: found, right origin and licence, line errors here and there, other findings."""

    written: Written
    found: bool
    right: bool
    licensed: bool
    ours: int | None
    theirs: int | None
    false: int
    there: int


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--copies", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    texts = CorpusTexts(built_reference(), reference_files(), foreign_files())
    files = list(_tree(texts, arguments.files, arguments.copies, arguments.seed))
    with tempfile.TemporaryDirectory() as folder, build_service(corpus_config()) as service:
        for file in files:
            Path(folder, file.path).write_text(file.text, encoding="utf-8", newline="")
        report = service.audit(Path(folder), cached=False)
        told = {file.path: file.findings for file in report.files}
        scored = [_scored(file, told.get(file.path, ())) for file in files]
    print(f"{len(files)} files, {sum(bool(file.kind) for file in files)} copies, {report.seconds:.1f} s")
    print("\n".join(_table(scored)))
    print("every mistake:")
    for one in scored:
        missed = one.written.snippet and not one.right
        if missed or one.false or one.there:
            origins = (finding.match.origins[0] for finding in told[one.written.path] if not finding.match.common)
            named = ", ".join(f"{origin.purl} {origin.path}:{origin.reference.start_line}" for origin in origins)
            print(
                f"  {one.written.path} {one.written.kind or 'new'}: {'missed; ' if missed else ''}found: {named or '-'}"
            )
    return 0


def _tree(texts: CorpusTexts, count: int, copies: int, seed: int) -> Iterator[Written]:
    drawn = random.Random(seed)
    hosts = Hosts(texts, seed)
    planted = list(_plants(texts, hosts, copies, seed, drawn))
    for number in range(count):
        kind, snippet, text = planted[number] if number < len(planted) else (None, None, "")
        name = snippet.file.language if snippet else LANGUAGES[number % len(LANGUAGES)]
        drawn_hosts = [(drawn.choice(hosts.of(name)), drawn.randrange(1 << 30)) for _ in range(_PIECES)]
        pieces = [_ended(rewritten(host.encode(), seed).decode(errors="replace")) for host, seed in drawn_hosts]
        origins = [_ended(host) for host, _ in drawn_hosts]
        place = drawn.randrange(_PIECES + 1) if snippet else 0
        start = "".join(pieces[:place]).count("\n") + 1
        path = f"file_{number:03}{_extension(name)}"
        whole, before = (_joined(parts, text, place) for parts in (pieces, origins))
        if kind is None:
            yield Written(path, name, whole, before)
        else:
            yield Written(path, name, whole, before, kind.name, snippet, start, start + text.count("\n") - 1)


def _joined(pieces: Sequence[str], text: str, place: int) -> str:
    return "".join((*pieces[:place], text, *pieces[place:]))


def _plants(
    texts: CorpusTexts, hosts: Hosts, copies: int, seed: int, drawn: random.Random
) -> Iterator[tuple[Kind, Snippet, str]]:
    """Yield so many copies, every kind in every language as often as the others."""
    cells = [(kind, language) for kind in KINDS for language in LANGUAGES]
    streams = {(kind, language): _treated(texts, hosts, kind, language, seed, drawn) for kind, language in cells}
    for kind, language in itertools.islice(itertools.cycle(cells), copies):
        snippet, text = next(streams[kind, language])
        yield kind, snippet, text if text.endswith("\n") else text + "\n"


def _treated(
    texts: CorpusTexts, hosts: Hosts, kind: Kind, language: str, seed: int, drawn: random.Random
) -> Iterator[tuple[Snippet, str]]:
    files = [file for file in texts.reference if file.language == language]
    for snippet in SnippetStream(files, texts.read, kind.cut, kind.lexemes, seed, passed_over):
        text = kind.treat(Code(snippet.text, language), hosts.surroundings(language), drawn)
        if text is not None:
            yield snippet, text


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n\n"


def _extension(name: str) -> str:
    language = language_named(name)
    return min(language.extensions, key=len) if language else ""


def _scored(file: Written, findings: Sequence[Finding]) -> Scored:
    telling = [finding for finding in findings if not finding.match.common]
    on_it = [one for one in telling if _shared(one, file) > 0]
    best = max(on_it, key=lambda one: _shared(one, file), default=None)
    there = sum(_was_there(one, file) for one in telling if one not in on_it)
    false = len(telling) - len(on_it) - there
    if best is None or file.snippet is None:
        return Scored(file, False, False, False, None, None, false, there)
    snippet, origins = file.snippet, best.match.origins
    good = [one for one in origins if one.as_good and one.swhid == snippet.file.swhid]
    ours = _error(best.match.output.start_line, best.match.output.end_line, file.start_line, file.end_line)
    theirs = [
        _error(one.reference.start_line, one.reference.end_line, snippet.start_line, snippet.end_line) for one in good
    ]
    licensed = any(one.license == snippet.file.license_expression for one in good)
    return Scored(file, True, bool(good), licensed, ours, min(theirs, default=None), false, there)


def _shared(finding: Finding, file: Written) -> int:
    output = finding.match.output
    return min(output.end_line, file.end_line) - max(output.start_line, file.start_line) + 1 if file.kind else 0


def _was_there(finding: Finding, file: Written) -> bool:
    """Tell whether the lines that a finding names were those of its origin before words were exchanged."""
    span, evidence = finding.match.output, finding.evidence
    if evidence is None or evidence.cut:
        return False
    # Lines are counted as the audit counts them, which reads CR as an end, too.
    ours = "".join(file.before.splitlines()[span.start_line - 1 : span.end_line])
    return "".join(evidence.theirs.split()) in "".join(ours.split())


def _error(start: int, end: int, true_start: int, true_end: int) -> int:
    return abs(start - true_start) + abs(end - true_end)


def _table(scored: Sequence[Scored]) -> Iterator[str]:
    names = (
        "files",
        "found",
        "recall",
        "right file",
        "licence",
        "ours",
        "worst",
        "theirs",
        "worst",
        "there",
        "false",
        "precision",
    )
    yield f"{'copies':<14}{''.join(f'{name:>11}' for name in names)}"
    planted = [one for one in scored if one.written.kind]
    groups = [(kind.name, [one for one in planted if one.written.kind == kind.name]) for kind in KINDS]
    groups += [(language, [one for one in planted if one.written.language == language]) for language in LANGUAGES]
    for name, group in (
        *groups,
        ("all copies", planted),
        ("new files", [one for one in scored if not one.written.kind]),
    ):
        found = [one for one in group if one.found]
        ours = [one.ours for one in found if one.ours is not None]
        theirs = [one.theirs for one in found if one.theirs is not None]
        copies = sum(bool(one.written.kind) for one in group)
        false = sum(one.false for one in group)
        yield (
            f"{name:<14}{len(group):>11}{len(found):>11}{_share(len(found), copies):>11}"
            f"{_share(sum(one.right for one in found), len(found)):>11}"
            f"{_share(sum(one.licensed for one in found), len(found)):>11}"
            f"{_median(ours)}{_median(theirs)}{sum(one.there for one in group):>11}{false:>11}"
            f"{_share(len(found), len(found) + false):>11}"
        )
    right, false, there = (
        sum(values) for values in zip(*((one.found, one.false, one.there) for one in scored), strict=True)
    )
    yield (
        f"precision of findings: {_share(right, right + false)}, {_share(right, right + false + there)} if what was "
        f"there before counts as false; recall: {_share(right, len(planted))}"
    )


def _median(errors: Sequence[int]) -> str:
    return f"{statistics.median(errors):>11g}{max(errors):>11}" if errors else f"{'-':>11}{'-':>11}"


def _share(some: int, of: int) -> str:
    return f"{some / of:.1%}" if of else "-"


if __name__ == "__main__":
    sys.exit(main())
