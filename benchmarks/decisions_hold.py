"""Which decisions hold after a tree was edited, and which are carried over to code that they are not about?

Run `python -m benchmarks.decisions_hold`. Copies from indexed packages are planted into files of other people's code,
the tree is audited, and every finding is accepted. Then the tree is edited in one way, and strangers are put into it:
other code of the same files (unless it is the same code for the most part, as that of sibling classes is), and second
copies of planted code (not where files are renamed: nobody could tell which of two equal copies in new files is the old
one, and then a decision is used for neither). Audited again, every finding at a copy must have its decision, and
strangers none, but for one in a hundred. Exit status 1 when an aim is missed.
"""

import argparse
import itertools
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

from attrib.audits.baselines import KnownFinding
from attrib.audits.decisions import decision_about
from attrib.audits.findings import Decision, Finding, Settled
from attrib.audits.fingerprints import unnumbered
from attrib.audits.settling import Precedents
from attrib.bootstrap import build_service
from attrib.service import Service
from benchmarks.corpus_texts import CorpusTexts, Hosts
from benchmarks.formatters import PRETTIER_PARSERS, FormatterMissing, by_black, prettier
from benchmarks.placements import inside
from benchmarks.reference_corpus import built_reference, corpus_config, foreign_files, reference_files
from benchmarks.snippets import LENGTHS, Snippet, SnippetStream, passed_over, whole_statements
from benchmarks.treatments import (
    Code,
    Surroundings,
    Treatment,
    comments_stripped,
    lexemes_edited,
    reindented,
    statements_removed,
    untouched,
)
from index.languages import language_named
from index.purls import source_name

_STRANGER = "stranger"
_TRIES = 5
_ROW = 3
# An edit that takes most of a copy away leaves a second copy that is more like what was decided.
_MOST_WRONG = 0.01


@dataclass(frozen=True, slots=True)
class Planted:
    """A copy in a tree: its number, which its file keeps in its name, the code around it, other code of its origin."""

    number: int
    snippet: Snippet
    host: str
    other: Snippet | None


@dataclass(frozen=True, slots=True)
class Edit:
    """What is done to a tree: to the copies, to the code around them, to the names; `aim` is the share to be held.

    `only` are the languages that it can be done to.
    """

    name: str
    aim: float
    treat: Treatment = untouched
    other_place: bool = False
    near: bool = False
    renamed: bool = False
    only: frozenset[str] | None = None


@dataclass(slots=True)
class Tally:
    """What came of one edit: copies, those with a finding still, those held, held by name, wrongly carried over."""

    copies: int = 0
    found: int = 0
    held: int = 0
    by_name: int = 0
    strangers: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Print the table; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=30, help="copies of each length")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true", help="name every decision that is lost or wrongly used")
    parser.add_argument("--only", default="", help="only the edits whose name holds this text")
    arguments = parser.parse_args()
    texts = CorpusTexts(built_reference(), reference_files(), foreign_files())
    hosts = Hosts(texts, arguments.seed)
    planted = list(_planted(texts, hosts, arguments.copies, arguments.seed))
    missed = False
    with ExitStack() as open_tools:
        edits = list(_EDITS)
        try:
            tool = open_tools.enter_context(prettier())
            edits.insert(4, Edit("reformatted by prettier", 0.98, treat=tool, only=frozenset(PRETTIER_PARSERS)))
        except FormatterMissing as missing:
            print(f"no row for prettier: {missing}")
        service = open_tools.enter_context(build_service(corpus_config()))
        decisions = _decisions(service, planted)
        languages = len({one.snippet.file.language for one in planted})
        print(f"{len(planted)} copies in {languages} languages, {len(decisions)} decisions")
        print(
            f"{'edit':<40}{'copies':>8}{'found':>8}{'held':>8}{'share':>8}{'by name':>9}{'strangers':>11}{'wrong':>7}"
        )
        for edit in (edit for edit in edits if arguments.only in edit.name):
            tally = _after(edit, planted, hosts, decisions, service)
            share = tally.held / tally.found if tally.found else 1.0
            print(
                f"{edit.name:<40}{tally.copies:>8}{tally.found:>8}{tally.held:>8}{share:>8.1%}{tally.by_name:>9}"
                f"{tally.strangers:>11}{tally.wrong:>7}",
                flush=True,
            )
            missed |= share < edit.aim or tally.wrong > _MOST_WRONG * tally.strangers
            if arguments.faults:
                print("".join(f"    {fault}\n" for fault in tally.faults), end="")
    return int(missed)


_EDITS: Sequence[Edit] = (
    Edit("nothing", 1.0),
    Edit("lines moved", 1.0, other_place=True),
    Edit("file renamed", 1.0, renamed=True),
    Edit("reformatted by black", 0.98, treat=by_black, only=frozenset({"Python"})),
    Edit("indented anew, in a file renamed", 0.98, treat=reindented, renamed=True),
    Edit("edited near", 0.98, near=True),
    Edit("comments stripped", 0.9, treat=comments_stripped),
    Edit("2% of the lexemes edited", 0.95, treat=lexemes_edited(0.02)),
    Edit("5% of the lexemes edited", 0.9, treat=lexemes_edited(0.05)),
    Edit("one statement in five removed", 0.9, treat=statements_removed),
    Edit("moved, renamed, edited near, 2% edited", 0.9, lexemes_edited(0.02), True, True, True),
)


def _planted(texts: CorpusTexts, hosts: Hosts, count: int, seed: int) -> Iterator[Planted]:
    drawn = random.Random(seed)
    number = 0
    for length in LENGTHS[1:]:
        stream = SnippetStream(texts.reference, texts.read, whole_statements, length, seed, passed_over)
        for snippet in itertools.islice(stream, count):
            host = drawn.choice(hosts.of(snippet.file.language))
            yield Planted(number, snippet, host, _other(snippet, texts, length, drawn))
            number += 1


def _other(snippet: Snippet, texts: CorpusTexts, length: int, drawn: random.Random) -> Snippet | None:
    content = texts.read(snippet.file)
    for _ in range(_TRIES if content else 0):
        other = whole_statements(snippet.file, content or "", length, drawn)
        if other is not None and not other.overlaps(snippet):
            return other
    return None


def _decisions(service: Service, planted: Sequence[Planted]) -> tuple[Decision, ...]:
    """Accept everything that is found at the copies of the tree as it was."""
    files = {_path(one, _DEEDLESS): _text(one, _DEEDLESS, one.snippet.text) for one in planted}
    return tuple(
        decision_about(_known(found), Settled.ACCEPTED, by="benchmark", reason="planted")
        for found in _audited(service, files, ())
        if not found.match.common
    )


_DEEDLESS = Edit("nothing", 1.0)


def _after(
    edit: Edit, planted: Sequence[Planted], hosts: Hosts, decisions: Sequence[Decision], service: Service
) -> Tally:
    drawn = random.Random(edit.name)
    files: dict[str, bytes] = {}
    copies: dict[int, str] = {}
    for one in planted:
        language = one.snippet.file.language
        if edit.only is None or language in edit.only:
            around: Surroundings = hosts.surroundings(language)
            treated = edit.treat(Code(one.snippet.text, language), around, drawn)
            if treated is not None:
                copies[one.number] = _path(one, edit)
                files[_path(one, edit)] = _text(one, edit, treated)
    strangers = _strangers([one for one in planted if one.number in copies], not edit.renamed)
    tally = Tally(copies=len(copies), strangers=len(strangers))
    about = [decision for decision in decisions if _number(decision.path) in copies]
    sources = {(_number(decision.path), decision.source): decision for decision in about}
    found: set[tuple[int, str]] = set()
    held: set[tuple[int, str]] = set()
    named: set[tuple[int, str]] = set()
    for finding in _audited(service, files | strangers, about):
        number, source = _number(finding.path), source_name(finding.match.origins[0].purl)
        if finding.decision is not None and _number(finding.decision.path) != number:
            tally.wrong += 1
            tally.faults.append(f"{finding.decision.path} used for {finding.path}, {finding.match.origins[0].path}")
        if (number, source) not in sources:
            continue
        found.add((number, source))
        if finding.decision is not None and _number(finding.decision.path) == number:
            held.add((number, source))
        if unnumbered(finding.fingerprint) == unnumbered(sources[number, source].fingerprint):
            named.add((number, source))
    tally.faults += [f"lost: {sources[one].path} of {sources[one].source}" for one in sorted(found - held)]
    tally.found, tally.held, tally.by_name = len(found), len(held), len(named)
    return tally


def _strangers(planted: Sequence[Planted], second_copies: bool) -> dict[str, bytes]:
    """Return files with other code of the origins, and with second copies of every third planted code."""
    files = {}
    for one in planted:
        path = f"{_STRANGER}s/{{}}/{_STRANGER}_{one.number}.{_extension(one)}"
        if one.other is not None and not any(_alike(one.other, each.snippet) for each in planted):
            files[path.format("other")] = _text(one, _DEEDLESS, one.other.text)
        if second_copies and one.number % 3 == 0:
            files[path.format("second")] = _text(one, _DEEDLESS, one.snippet.text)
    return files


def _alike(one: Snippet, other: Snippet) -> bool:
    """Tell whether two cuts of one package have most of their words in a row in common: that is no other code."""
    if one.file.purl != other.file.purl:
        return False
    words, others = re.findall(r"\w+", one.text), re.findall(r"\w+", other.text)
    blocks = SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= _ROW) > len(words) / 2


def _text(one: Planted, edit: Edit, code: str) -> bytes:
    """Return the file of a copy, which stands at a place of the host that its number, and a move, decide."""
    host = one.host
    place = random.Random(f"{one.number} {edit.other_place}")
    if edit.near:
        host = "\n".join(line for number, line in enumerate(host.split("\n")) if number % 4 != 1)
    output = inside(Code(code, one.snippet.file.language), host, place)
    return output.text if output else code.encode()


def _path(one: Planted, edit: Edit) -> str:
    name = f"copy_{one.number}.{_extension(one)}"
    return f"moved/to/another_{name}" if edit.renamed else f"src/{name}"


def _extension(one: Planted) -> str:
    language = language_named(one.snippet.file.language)
    return language.extensions[0].lstrip(".") if language and language.extensions else "txt"


def _number(path: str) -> int:
    """Return the number of the copy in a file; -1 for a stranger."""
    name = PurePosixPath(path).stem
    return -1 if name.startswith(_STRANGER) else int(name.rpartition("_")[2])


def _audited(service: Service, files: Mapping[str, bytes], decisions: Sequence[Decision]) -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            place = Path(folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        report = service.audit(Path(folder), precedents=Precedents(tuple(decisions)))
    return [finding for finding in report.findings if not finding.match.common]


def _known(finding: Finding) -> KnownFinding:
    source = source_name(finding.match.origins[0].purl)
    return KnownFinding(finding.fingerprint, finding.sketch, source, finding.path, finding.verdict)


if __name__ == "__main__":
    sys.exit(main())
