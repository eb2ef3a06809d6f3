"""The file attrib-decisions.toml: decisions about findings, for people to review where they review the code.

It is written the same whatever the order in which decisions were made. Comments of people are kept: those above the
first decision, and those directly above or inside one, which move with it.
"""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from attrib.audits.decisions import mistakes_of
from attrib.audits.findings import Decision, Settled
from attrib.audits.fingerprints import is_sketch
from attrib.errors import UnreadableInput
from attrib.nearest import nearest

DECISIONS_FILE: Final = "attrib-decisions.toml"
_HEAD: Final = "# What was decided about findings of `attrib audit`. Written by `attrib decide`; edit it as you like.\n"
_TABLE: Final = re.compile(r"^\s*\[\[\s*decision\s*\]\]\s*(?:#.*)?$")
_REQUIRED: Final = ("fingerprint", "decision", "by", "reason", "at")
_FIELDS: Final = (*_REQUIRED, "until", "path", "source", "sketch")


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """What a decisions file holds; `project` is None where it names none, `comments` are the lines kept by fingerprint.

    `head` are the comment lines at its top.
    """

    decisions: tuple[Decision, ...] = ()
    project: str | None = None
    head: str = _HEAD
    comments: Mapping[str, str] | None = None


def decision_file_of(root: Path) -> Path:
    """Return where the decisions about a tree are: in it, or in a folder around it up to the one under version control.

    Where there is no such file yet, it is the place for one.
    """
    here = root if root.is_dir() else root.parent
    for folder in (here, *here.resolve().parents):
        if (folder / DECISIONS_FILE).is_file():
            return folder / DECISIONS_FILE
        if (folder / ".git").exists():
            return folder / DECISIONS_FILE
    return here / DECISIONS_FILE


def read_decisions(path: Path) -> DecisionFile:
    """Read a decisions file; one that is not there holds none.

    Raises UnreadableInput that says every mistake in it, each with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return DecisionFile()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"{path}: cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableInput(f"{path}: is not valid TOML: {error}.") from error
    reader = _Reader(text)
    read = reader.read(table)
    if reader.mistakes:
        raise UnreadableInput(f"{path}: {'; '.join(reader.mistakes)}.")
    return read


def written(file: DecisionFile, decisions: Iterable[Decision]) -> str:
    """Return the text of a file that holds these decisions in place of its own."""
    comments = file.comments or {}
    parts = [file.head]
    if file.project is not None:
        parts.append(f"project = {_quoted(file.project)}\n")
    for decision in sorted(decisions, key=lambda one: (one.path, one.fingerprint)):
        fields = {
            "fingerprint": _quoted(decision.fingerprint),
            "decision": _quoted(decision.settled.value),
            "by": _quoted(decision.by),
            "reason": _quoted(decision.reason),
            "at": decision.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "until": decision.until.isoformat() if decision.until else "",
            "path": _quoted(decision.path) if decision.path else "",
            "source": _quoted(decision.source) if decision.source else "",
            "sketch": _quoted(decision.sketch) if decision.sketch else "",
        }
        lines = "".join(f"{name} = {value}\n" for name, value in fields.items() if value)
        parts.append(f"{comments.get(decision.fingerprint, '')}[[decision]]\n{lines}")
    return "\n".join(parts)


def write_decisions(path: Path, file: DecisionFile, decisions: Iterable[Decision]) -> None:
    """Write a file at once, whole or not at all; raises OSError."""
    text = written(file, decisions)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class _Reader:
    """Reads the parsed file beside its text, which knows the lines; `mistakes` are all that were found."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [number for number, line in enumerate(self._lines) if _TABLE.match(line)]
        self.mistakes: list[str] = []

    def read(self, table: Mapping[str, Any]) -> DecisionFile:
        for name in table:
            if name not in ("project", "decision"):
                self._say(self._line_of(name, 0, len(self._lines)), f"unknown {name!r}{nearest(name, ('decision',))}")
        project = table.get("project")
        if project is not None and (not isinstance(project, str) or not project.strip()):
            self._say(self._line_of("project", 0, len(self._lines)), f"project must be a text, not {project!r}")
            project = None
        given = table.get("decision", [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self._say(1, "decisions are written as [[decision]]")
            given = []
        if len(given) != len(self._starts):
            # A text of several lines holds what looks like a table, or they are written in another way.
            self._starts = [0] * len(given)
        decisions, comments = [], {}
        seen: dict[str, int] = {}
        for number, one in enumerate(given):
            line = self._starts[number] + 1
            decision = self._decision(one, number)
            if decision is None:
                continue
            if decision.fingerprint in seen:
                self._say(line, f"{decision.fingerprint} is decided in line {seen[decision.fingerprint]} already")
            seen[decision.fingerprint] = line
            decisions.append(decision)
            comments[decision.fingerprint] = self._comments(number)
        return DecisionFile(tuple(decisions), project, self._head(), comments)

    def _decision(self, given: Mapping[str, Any], number: int) -> Decision | None:
        start, end = self._starts[number], self._end(number)
        before = len(self.mistakes)
        for name in given:
            if name not in _FIELDS:
                self._say(self._line_of(name, start, end), f"unknown {name!r}{nearest(name, _FIELDS)}")
        missing = [name for name in _REQUIRED if name not in given]
        if missing:
            self._say(start + 1, f"the decision has no {', '.join(missing)}")
        texts = {name: self._text(given, name, start, end) for name in _FIELDS if name not in ("at", "until")}
        kinds = [settled.value for settled in Settled]
        if "decision" in given and texts["decision"] not in kinds:
            hint = nearest(texts["decision"], kinds)
            self._say(self._line_of("decision", start, end), f"decision must be one of {', '.join(kinds)}{hint}")
        at, until = given.get("at", datetime.min.replace(tzinfo=UTC)), given.get("until")
        if not isinstance(at, datetime) or at.tzinfo is None:
            self._say(self._line_of("at", start, end), f"at must be a moment such as 2026-11-24T16:00:00Z, not {at!s}")
        if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
            self._say(self._line_of("until", start, end), f"until must be a day such as 2027-03-31, not {until!r}")
        if not is_sketch(texts["sketch"]):
            self._say(self._line_of("sketch", start, end), "sketch is not one that an audit shows: leave it out")
        if len(self.mistakes) > before:
            return None
        decision = Decision(
            fingerprint=texts["fingerprint"],
            settled=Settled(texts["decision"]),
            by=texts["by"],
            reason=texts["reason"],
            at=at.astimezone(UTC).replace(microsecond=0),
            until=until,
            sketch=texts["sketch"],
            source=texts["source"],
            path=texts["path"],
        )
        for mistake in mistakes_of(decision):
            self._say(start + 1, f"the decision {mistake}")
        return decision

    def _text(self, given: Mapping[str, Any], name: str, start: int, end: int) -> str:
        value = given.get(name, "")
        if isinstance(value, str):
            return value.strip()
        self._say(self._line_of(name, start, end), f"{name} must be a text, not {value!r}")
        return ""

    def _say(self, line: int, mistake: str) -> None:
        self.mistakes.append(f"line {line}: {mistake}")

    def _line_of(self, name: str, start: int, end: int) -> int:
        field = re.compile(rf"^\s*[\"']?{re.escape(name)}[\"']?\s*=")
        return next((n + 1 for n in range(start, end) if field.match(self._lines[n])), start + 1)

    def _end(self, number: int) -> int:
        return self._starts[number + 1] if number + 1 < len(self._starts) else len(self._lines)

    def _above(self, number: int) -> int:
        """Return the first of the comment lines directly above a decision."""
        first = self._starts[number]
        while first and self._lines[first - 1].lstrip().startswith("#"):
            first -= 1
        return first

    def _comments(self, number: int) -> str:
        start = self._starts[number]
        stop = self._above(number + 1) if number + 1 < len(self._starts) else len(self._lines)
        above = self._lines[self._above(number) : start]
        inside = [line for line in self._lines[start + 1 : stop] if line.lstrip().startswith("#")]
        return "".join(f"{line.strip()}\n" for line in (*above, *inside))

    def _head(self) -> str:
        stop = self._above(0) if self._starts else len(self._lines)
        lines: Sequence[str] = [line.strip() for line in self._lines[:stop] if line.lstrip().startswith("#")]
        return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    # A basic string of TOML is escaped as one of JSON is, but for DEL; a lone surrogate is no text at all.
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
