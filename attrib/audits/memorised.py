"""The memorisation of a model, told from the audit of what it wrote: the figures of a batch's report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from attrib.answers import IndexState
from attrib.audits.generations import Answered, Generation, Unusable, read_generations
from attrib.audits.report import AuditedFile
from attrib.memorisation import Memorisation
from attrib.memorisation_report import memorisation_json

_UNUSABLE: Final = "unusable line"


def memorised(path: Path, files: Iterable[AuditedFile], index: IndexState) -> Mapping[str, Any]:
    """Return the figures of a file of generations that was audited, each generation as the audit found it.

    Generations that the audit left out are not counted. Raises UnreadableInput as reading the file does.
    """
    audited = {file.path: file for file in files}
    told = Memorisation()
    prompts: dict[str | int, list[Answered]] = {}
    for line in read_generations(path):
        if isinstance(line, Unusable):
            told.fail(_UNUSABLE)
        else:
            kept = tuple(map(_without_code, (one for one in line.generations if one.path in audited)))
            prompts.setdefault(line.prompt, []).append(replace(line, generations=kept))
    for lines in prompts.values():
        if lines[0].error is not None or any(line.generations for line in lines):
            told.add(_line(lines, audited, index))
    return memorisation_json(told)


def _without_code(generation: Generation) -> Generation:
    """Return a generation with what the figures need, so that the code of a whole file is not held."""
    return generation if generation.code is None else replace(generation, code=b"", check=None)


def _line(lines: Sequence[Answered], audited: Mapping[str, AuditedFile], index: IndexState) -> dict[str, Any]:
    """Return the lines of one prompt as the one line that a batch would have of it."""
    first = lines[0]
    told = {"line": first.line, "id": first.id, "settings": first.settings, "run": first.run}
    if first.error is not None:
        return told | {"error": {"type": first.error}}
    choices = [_choice(one, audited[one.path], index) for line in lines for one in line.generations]
    usage = {"completion_tokens": sum(line.tokens for line in lines)}
    return told | {"answer": {"id": first.record, "model": first.model, "choices": choices, "usage": usage}}


def _choice(generation: Generation, file: AuditedFile, index: IndexState) -> dict[str, Any]:
    check = {
        "status": file.status,
        "verdict": file.verdict,
        "lexemes": file.lexemes,
        "matched_lexemes": file.matched_lexemes,
        "matches": [finding.as_json(1) for finding in file.findings],
        "index": generation.check["index"] if generation.check else index.as_json(),
    }
    return {
        "code": generation.code,
        "steered_tokens": generation.steered_tokens,
        "attempts": generation.attempts,
        "check": check,
    }
