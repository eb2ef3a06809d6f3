"""What a model wrote, as a tree that is audited: every generation is a file of it, and none is written to disk."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from attrib.answers import AttributedMatch, Verdict
from attrib.audits.findings import Finding
from attrib.audits.fingerprints import placed_fingerprint
from attrib.audits.generations import Answered, CheckLine, Generation, Unusable, read_generations
from attrib.audits.ignoring import Rules
from attrib.audits.memorised import memorised
from attrib.audits.report import AuditedFile
from attrib.audits.tree import Tree, TreeFile
from attrib.errors import UnreadableInput
from attrib.stored_matches import stored_match
from index.languages import LARGEST_FILE
from index.matches import SearchStatus

WITHHELD: Final = "withheld: its code is not in the results"
_FOUND_THEN: Final = "the code is withheld; this is what was found when it was written"
_MOST_COMPLAINTS: Final = 5


def generations_tree(path: Path, rules: Rules) -> Tree:
    """Return the generations of a file; a withheld one is given with what its check found, for its code is not there.

    The file is gone through once here, once as its files are, and once more for the figures. Raises UnreadableInput
    where no line can be used.
    """
    count = 0
    given: list[AuditedFile] = []
    unusable: list[Unusable] = []
    model = ""
    for line in read_generations(path):
        if isinstance(line, Unusable):
            unusable.append(line)
            count += 1
            continue
        model = str(line.run["model"])
        count += line.error is not None
        for generation in line.generations:
            known = None if rules(generation.path) else _withheld(generation)
            if known is None:
                count += 1
            else:
                given.append(known)
    if not model:
        raise UnreadableInput(_no_generations(path, unusable))
    return Tree(
        root=str(path),
        count=count,
        files=_Files(path, rules),
        scope=f"generations of {model}",
        given=tuple(given),
        memorisation=partial(memorised, path),
    )


class _Files:
    """The files of the tree in the order of the lines, read anew each time."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self._path = path
        self._rules = rules

    def __iter__(self) -> Iterator[TreeFile]:
        for line in read_generations(self._path):
            if isinstance(line, Unusable):
                yield self._left_out(f"line-{line.line}", f"the line cannot be used: {line.reason}")
            elif line.error is not None:
                yield self._left_out(line.folder, f"the prompt has no answer: {line.error}")
            else:
                yield from self._generated(line)

    def _generated(self, line: Answered) -> Iterator[TreeFile]:
        for generation in line.generations:
            code = generation.code
            reason = self._rules(generation.path)
            if code is None:
                if reason or _withheld(generation) is None:
                    yield self._left_out(generation.path, reason or WITHHELD)
                continue
            if len(code) > LARGEST_FILE:
                reason = f"larger than {LARGEST_FILE // (1024 * 1024)} MB"
            yield self._file(generation.path, reason, code, generation.language)

    def _left_out(self, path: str, reason: str) -> TreeFile:
        return self._file(path, reason, b"", "")

    def _file(self, path: str, reason: str | None, code: bytes, language: str) -> TreeFile:
        # A language that nobody says is none: what was generated is searched all the same.
        return TreeFile(path, self._path / path, reason, lambda: code, str, language=language)


def _withheld(generation: Generation) -> AuditedFile | None:
    """Return a generation whose code is not there as it was found then; None where nothing is said to be in it."""
    check = generation.check
    if generation.code is not None or check is None or check["status"] is not SearchStatus.MATCHED:
        return None
    findings = tuple(_finding(generation.path, match) for match in _matches(check))
    if all(finding.match.common for finding in findings):
        return None
    return AuditedFile(
        path=generation.path,
        status=check["status"],
        language=generation.language or None,
        lexemes=check["lexemes"],
        matched_lexemes=check["matched_lexemes"],
        findings=findings,
    )


def _matches(check: CheckLine) -> Iterator[AttributedMatch]:
    told: Any
    for told in check["matches"]:
        yield stored_match(told)


def _finding(path: str, match: AttributedMatch) -> Finding:
    outcome: Verdict = replace(match.verdict, reasons=(*match.verdict.reasons, _FOUND_THEN))
    return Finding(path=path, match=match, outcome=outcome, fingerprint=placed_fingerprint(match).name)


def _no_generations(path: Path, unusable: list[Unusable]) -> str:
    why = "; ".join(f"line {line.line}: {line.reason}" for line in unusable[:_MOST_COMPLAINTS])
    return (
        f"{path} has no generations{f' ({why})' if why else ''}: give the results of a batch, "
        'or one JSON object a line, {"id": "...", "code": "..."}'
    )
