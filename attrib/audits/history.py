"""The history of decisions: an append-only chain, in which no entry can be changed, removed or moved unseen.

Each entry carries the hash of the one before it (Haber and Stornetta 1991, "How to time-stamp a digital document").
The chain's head is kept apart, so that entries cut off its end are missed as well. Who can write the database can
write the whole chain anew: against that its head is written down elsewhere, and held against it later.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update

from attrib.audits.decision_tables import DecisionHeadRow, DecisionRow
from attrib.audits.decisions import Said
from attrib.audits.findings import Decision, Settled
from attrib.errors import NoSuchRecord, UnreadableInput
from index.snapshots import of_one_moment

_BEGINNING: Final = "0" * 64
_DECIDED, _WITHDRAWN = "decided", "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what was said about a finding of a project, at which place of the chain."""

    number: int
    project: str
    said: Said
    hash: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as `attrib decide --list --json` shows it."""
        what = _WITHDRAWN if self.said.withdrawn else _DECIDED
        decision = self.said.decision.as_json() | {"path": self.said.decision.path, "source": self.said.decision.source}
        return {"number": self.number, "project": self.project, "what": what, **decision, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look through the chain came to: its length and head, and what is wrong with the first broken entry."""

    entries: int
    head: str
    broken: str | None = None

    @property
    def anchor(self) -> str:
        """What to write down elsewhere, so that the chain can be held against it later."""
        return f"{self.entries}:{self.head}"


class DecisionHistory:
    """The decisions of one database, of all of its projects."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = of_one_moment(engine)

    def record(self, project: str, said: Said) -> Entry:
        """Append what was said, durably, and return its entry.

        It is later than what it replaces, by a second at least: that is what tells which of two counts.
        """
        earlier = {one.decision.fingerprint: one.decision.at for one in self.newest(project)}
        before = earlier.get(said.decision.fingerprint)
        if before is not None and said.decision.at <= before:
            said = replace(said, decision=replace(said.decision, at=before + timedelta(seconds=1)))
        # A second writer waits, so that no two entries follow the same one.
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            return _appended(connection, project, said)

    def withdraw(self, project: str, fingerprint: str, *, by: str, reason: str) -> Entry:
        """Append that a decision no longer holds.

        Raises NoSuchRecord where there is none, UnreadableInput where nobody or no reason is named.
        """
        if not by.strip() or not reason.strip():
            raise UnreadableInput("a decision is withdrawn by somebody, for a reason: name both.")
        standing = {said.decision.fingerprint: said for said in self.newest(project)}
        said = standing.get(fingerprint)
        if said is None or said.withdrawn:
            raise NoSuchRecord(f"no decision about {fingerprint!r} is stored for {project}")
        now = datetime.now(UTC).replace(microsecond=0)
        decision = replace(said.decision, by=by.strip(), reason=reason.strip(), at=now)
        return self.record(project, Said(decision, withdrawn=True))

    def newest(self, project: str) -> tuple[Said, ...]:
        """Return the newest word about each finding of a project, in the order of fingerprints."""
        newest = {entry.said.decision.fingerprint: entry.said for entry in self.entries(project)}
        return tuple(newest[fingerprint] for fingerprint in sorted(newest))

    def entries(self, project: str | None = None) -> Iterator[Entry]:
        """Yield the entries, oldest first, of one project or of all."""
        wanted = select(DecisionRow).order_by(DecisionRow.number)
        if project is not None:
            wanted = wanted.where(DecisionRow.project == _storable(project))
        with self._reading.connect() as connection:
            for row in connection.execute(wanted):
                yield _entry(row.number, row.content, row.hash)

    def verify(self, anchor: str | None = None) -> Proof:
        """Look through the chain, and through its beginning up to an anchor that was written down before."""
        with self._reading.connect() as connection:
            head = connection.execute(select(DecisionHeadRow.entries, DecisionHeadRow.hash)).one_or_none()
            previous, count, anchored = _BEGINNING, 0, anchor is None or anchor == f"0:{_BEGINNING}"
            rows = connection.execution_options(yield_per=1000).execute(
                select(DecisionRow).order_by(DecisionRow.number)
            )
            for row in rows:
                wrong = _fault(row, count + 1, previous)
                if wrong is not None:
                    return Proof(count, previous, wrong)
                previous, count = row.hash, count + 1
                anchored = anchored or anchor == f"{count}:{previous}"
        if head is None:
            return Proof(count, previous, "the head of the chain is not there")
        if (head.entries, head.hash) != (count, previous):
            return Proof(count, previous, _at_the_end(head.entries, count))
        if not anchored:
            return Proof(count, previous, f"the chain does not lead through {anchor}: it was written anew, or cut")
        return Proof(count, previous)


def _at_the_end(expected: int, count: int) -> str:
    if expected > count:
        return f"entry {count + 1} is missing: the chain ends after {count}, and its head is entry {expected}"
    return f"entry {max(count, 1)} does not agree with the chain's head, which is entry {expected}"


def _fault(row: Any, number: int, previous: str) -> str | None:
    if row.number != number:
        return f"entry {number} is missing"
    if row.previous != previous:
        return f"entry {number} does not follow the one before it"
    if row.hash != _hash(previous, row.content):
        return f"entry {number} was changed: its hash is not that of its content"
    try:
        content = json.loads(row.content)
        if (content["number"], content["project"]) != (row.number, row.project):
            return f"entry {number} was changed: it says to be entry {content['number']} of {content['project']}"
        _entry(row.number, row.content, row.hash)
    except (ValueError, KeyError, TypeError):
        return f"entry {number} cannot be read"
    return None


def _appended(connection: Connection, project: str, said: Said) -> Entry:
    head = connection.execute(select(DecisionHeadRow.entries, DecisionHeadRow.hash).with_for_update()).one()
    number = head.entries + 1
    content = json.dumps(
        {
            "number": number,
            "project": _storable(project),
            "what": _WITHDRAWN if said.withdrawn else _DECIDED,
            **_content_of(said.decision),
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    row = {
        "number": number,
        "project": _storable(project),
        "content": content,
        "previous": head.hash,
        "hash": _hash(head.hash, content),
    }
    connection.execute(insert(DecisionRow).values(row))
    connection.execute(update(DecisionHeadRow).values(entries=number, hash=row["hash"]))
    return _entry(number, content, str(row["hash"]))


def _hash(previous: str, content: str) -> str:
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def _content_of(decision: Decision) -> dict[str, Any]:
    return {
        "fingerprint": decision.fingerprint,
        "decision": decision.settled.value,
        "by": _storable(decision.by),
        "reason": _storable(decision.reason),
        "at": decision.at.astimezone(UTC).isoformat(),
        "until": decision.until.isoformat() if decision.until else None,
        "sketch": decision.sketch,
        "source": _storable(decision.source),
        "path": _storable(decision.path),
    }


def _entry(number: int, content: str, hash: str) -> Entry:
    given = json.loads(content)
    decision = _from_content(given, datetime.fromisoformat(given["at"]))
    return Entry(number, given["project"], Said(decision, given["what"] == _WITHDRAWN), hash)


def _from_content(given: dict[str, Any], at: datetime) -> Decision:
    return Decision(
        fingerprint=given["fingerprint"],
        settled=Settled(given["decision"]),
        by=given["by"],
        reason=given["reason"],
        at=at,
        until=date.fromisoformat(given["until"]) if given["until"] else None,
        sketch=given["sketch"],
        source=given["source"],
        path=given["path"],
    )


def _storable(text: str) -> str:
    # A name that is not UTF-8 has lone surrogates in it, which no database stores.
    return text.encode("utf-8", "replace").decode()
