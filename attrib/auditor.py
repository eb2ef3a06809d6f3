"""Audits of whole trees over one index: run, stored, decided about, and looked up again."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from attrib import __version__
from attrib.answers import AUDITED_ORIGINS
from attrib.audits.archive import archive_tree
from attrib.audits.background import BackgroundAudits
from attrib.audits.baselines import KnownFinding, known_findings
from attrib.audits.cache import NO_CACHE, NoCache, opened_cache
from attrib.audits.comparing import Comparison, compared
from attrib.audits.credit_files import CreditFiles
from attrib.audits.decisions import Said, decision_about, one_of
from attrib.audits.duties import Credit
from attrib.audits.evidence import EvidenceReader
from attrib.audits.findings import Settled
from attrib.audits.history import DecisionHistory, Entry
from attrib.audits.opening import EVERYTHING, Reading, open_tree
from attrib.audits.past import PastAudits
from attrib.audits.projects import kept_precedents, precedents_of
from attrib.audits.report import AuditReport
from attrib.audits.reviewing import Review, reviewed
from attrib.audits.running import AuditTools, Found, audit_files
from attrib.audits.server_paths import ServerPaths
from attrib.audits.settling import NOTHING_KNOWN, Precedents, settled
from attrib.audits.standing import Standings
from attrib.audits.store import Audit, AuditStore
from attrib.audits.stored import stored_audit
from attrib.audits.tree import AuditProgress, Tree
from attrib.config import Config
from attrib.errors import NoSuchAudit, NoSuchRecord
from attrib.policy import Policy
from attrib.policy_exceptions import today
from attrib.records import Record, RecordKind, RecordStore, new_record_id
from attrib.reference_keeper import ReferenceKeeper
from index.reference_index import ReferenceIndex

AUDIT_CACHE: Final = "audits.cache"
"""What earlier audits remember, in the data folder; may be deleted at any time."""

# An audit in the background leaves the other cores to those who wait for an answer.
_JOBS_IN_BACKGROUND: Final = 1


class Auditor(ReferenceKeeper):
    """Audits trees and keeps the reports; safe to use from several threads."""

    def __init__(
        self, config: Config, index: ReferenceIndex, policy: Policy, records: RecordStore, history: DecisionHistory
    ) -> None:
        super().__init__(config, index, policy)
        self._records = records
        self.history = history
        self.past_audits = PastAudits(records.engine)
        self._server_paths = ServerPaths(config.audit_roots)
        self.uploads = BackgroundAudits(
            partial(self.audit_tree, jobs=_JOBS_IN_BACKGROUND),
            self._opened,
            AuditStore(records.engine),
            config.audits_folder,
            most_waiting=config.audit_queue,
            most_bytes=config.max_archive_bytes,
            keep_code=config.retention == "full",
        )

    def audit(
        self,
        path: Path,
        *,
        exclude: Sequence[str] = (),
        progress: AuditProgress | None = None,
        precedents: Precedents = NOTHING_KNOWN,
        reading: Reading = EVERYTHING,
        jobs: int | None = None,
        cached: bool = True,
    ) -> AuditReport:
        """Check every file of a tree: a folder, a file, an archive, or what git keeps of a folder.

        `precedents` are what was decided about findings and which of them are known (`attrib.audits.projects`).
        `jobs` files are searched at once, by default as many as there are cores; `cached` uses what earlier audits
        remember. Raises UnreadableInput where there is no such tree, UnreadableOrigin where it is a hostile archive,
        EmptyIndex where nothing is indexed.
        """
        reading = replace(reading, ignore=(*self._config.audit_ignore, *reading.ignore))
        tree = open_tree(path, reading)
        return self.audit_tree(
            tree, exclude=exclude, progress=progress, precedents=precedents, jobs=jobs, cached=cached
        )

    def audit_tree(
        self,
        tree: Tree,
        *,
        exclude: Sequence[str] = (),
        progress: AuditProgress | None = None,
        found: Found | None = None,
        record_id: str | None = None,
        precedents: Precedents = NOTHING_KNOWN,
        jobs: int | None = None,
        cached: bool = True,
    ) -> AuditReport:
        """Check every file of an opened tree as `audit` does, and store the report; `found` gets files with findings.

        Raises EmptyIndex where nothing is indexed, and what reading the tree raises.
        """
        begun, at = time.perf_counter(), datetime.now(UTC).replace(microsecond=0)
        self._require_reference()
        excluded = (*self._config.exclude, *exclude)
        standings = Standings.of(tree.documents, self._config.audit_own)
        cache = self._audit_cache(excluded) if cached else NO_CACHE
        tools = AuditTools(
            index=self._index,
            policy=self._policy,
            excluded=excluded,
            evidence=EvidenceReader(self._index.reference_text),
            standings=standings,
            cache=cache,
            jobs=jobs or len(os.sched_getaffinity(0)),
        )
        try:
            audited, left_out = audit_files(tree, tools, progress, found)
        finally:
            cache.close()
        credit = Credit(CreditFiles(tree.documents), self._index.catalog.legal_files)
        standing = settled((*audited, *tree.given), credit, precedents, today(), whole=not tree.scope)
        state = self._state()
        report = AuditReport(
            id=record_id or new_record_id(),
            root=tree.root,
            index=state,
            files=standing.files,
            left_out=left_out,
            attribution=self._attribution(
                [finding.match for file in standing.files for finding in file.credited], state
            ),
            seconds=time.perf_counter() - begun,
            notes=standing.notes,
            at=at,
            scope=tree.scope,
            own=standings.own,
            memorisation=tree.memorisation(standing.files, state) if tree.memorisation else None,
        )
        kept = report.without_evidence() if self._config.retention == "hashes" else report
        self._records.save(
            RecordKind.AUDIT,
            record_id=report.id,
            status="incomplete" if report.incomplete else "matched" if report.findings else "clean",
            verdict=report.verdict.value,
            index_revision=report.index.revision,
            request={
                "path": tree.root,
                "scope": tree.scope,
                "exclude": list(exclude),
                "project": precedents.project,
            },
            answer=kept.as_json(AUDITED_ORIGINS),
        )
        return report

    def record(self, record_id: str) -> Record:
        """Return a stored record; raises NoSuchRecord and DeletedRecord."""
        return self._records.get(record_id)

    def decide(
        self, audit_id: str, fingerprint: str, settled: Settled, *, by: str, reason: str, until: date | None = None
    ) -> Entry:
        """Decide about a finding of a stored audit, and return the entry of that in the history.

        A fingerprint may be cut short where it stays clear. Raises NoSuchRecord, and UnreadableInput where the audit
        has no such finding or the decision is not whole.
        """
        record = self.audit_record(audit_id)
        finding = one_of(known_findings(record.answer, f"the audit {audit_id}"), fingerprint)
        decision = decision_about(finding, settled, by=by, reason=reason, until=until)
        return self.history.record(project_of_audit(record), Said(decision))

    def withdraw(self, audit_id: str, fingerprint: str, *, by: str, reason: str) -> Entry:
        """Withdraw the decision in force about a finding of a stored audit, and return the entry of that.

        Raises NoSuchFinding, NoSuchRecord where nothing is decided about it, UnreadableInput where nobody or no reason
        is named.
        """
        review = self.review(audit_id)
        decision = review.finding(fingerprint).now.decision or review.finding(fingerprint).unclear
        if decision is None:
            raise NoSuchRecord(f"nothing is decided about {fingerprint!r}")
        newest = {entry.said.decision.fingerprint: entry.said for entry in review.history}
        if decision.fingerprint not in newest or newest[decision.fingerprint].withdrawn:
            # What only the audited tree said is put on record first, so that it is known what was withdrawn.
            self.history.record(review.project, Said(decision))
        return self.history.withdraw(review.project, decision.fingerprint, by=by, reason=reason)

    def review(self, audit_id: str) -> Review:
        """Return a stored audit with what counts of its findings today; raises NoSuchAudit."""
        record = self.audit_record(audit_id)
        project = project_of_audit(record)
        return reviewed(stored_audit(record), project, self.history.entries(project), today())

    def report_now(self, audit_id: str) -> AuditReport:
        """Return the report of a stored audit with what was decided since; raises NoSuchAudit."""
        report = self.review(audit_id).report_now()
        credited = [finding.match for file in report.files for finding in file.credited]
        return replace(report, attribution=self._attribution(credited, self._state()))

    def compared(self, audit_id: str, earlier_id: str) -> Comparison:
        """Hold a stored audit against an earlier one; raises NoSuchAudit, and UnreadableInput for too old ones."""
        return compared(stored_audit(self.audit_record(audit_id)), stored_audit(self.audit_record(earlier_id)))

    def audit_before(self, audit_id: str) -> str:
        """Return the id of the audit before one of the same project; raises NoSuchAudit where there is none."""
        project = project_of_audit(self.audit_record(audit_id))
        before = self.past_audits.of_project(project, before=audit_id, limit=1)
        if not before:
            raise NoSuchAudit(f"no audit of {project} from before {audit_id} is stored: name the one to compare with")
        return before[0].id

    def audit_path(self, path: str, exclude: Sequence[str] = (), *, project: str | None = None) -> Audit:
        """Put a path on this machine into the queue of audits, as an archive that was sent.

        Raises PathNotAllowed where it may not be audited (`attrib.audits.server_paths`), and AuditQueueFull.
        """
        return self.uploads.submit_path(self._server_paths.allowed(path), exclude, project=project)

    def audit_record(self, audit_id: str) -> Record:
        """Return the record of an audit; raises NoSuchAudit, and DeletedRecord."""
        try:
            record = self.record(audit_id)
        except NoSuchRecord:
            raise NoSuchAudit(f"no audit {audit_id!r} is stored") from None
        if record.kind is not RecordKind.AUDIT:
            raise NoSuchAudit(f"no audit {audit_id!r} is stored")
        return record

    def audited_findings(self, project: str) -> tuple[KnownFinding, ...]:
        """Return the findings of the newest stored audit of a whole project, and of audits of parts of it since then.

        Raises NoSuchRecord where there is none.
        """
        found: dict[str, KnownFinding] = {}
        before: str | None = None
        while page := self.past_audits.of_project(project, before=before):
            for past in page:
                for finding in known_findings(self.record(past.id).answer, f"the audit {past.id}"):
                    found.setdefault(finding.fingerprint, finding)
                if not past.scope:
                    return tuple(found.values())
            before = page[-1].id
        if before is None:
            raise NoSuchRecord(f"no audit of {project} is stored: run `attrib audit` there first")
        return tuple(found.values())

    def _opened(self, audit: Audit, archive: Path) -> tuple[Tree, Precedents]:
        """Open what an audit in the background is of, with what was decided about its project."""
        if audit.path is None:
            return archive_tree(archive, audit.name), kept_precedents(audit.project or audit.name, self.history)
        path = self._server_paths.allowed(audit.path)
        known = precedents_of(self._server_paths.project(path, audit.project), self.history)
        return open_tree(path, Reading(ignore=self._config.audit_ignore)), known

    def _audit_cache(self, excluded: Sequence[str]) -> NoCache:
        """Open the cache of what this index answers, with all that its answers depend on."""
        depends_on = (
            __version__,
            self._config.database_url,
            *(name for _, name in self._index.catalog.segments(self._index.collections)),
            str(self._index.totals().revision),
            repr(self._index.params),
            *map(str, self._index.collections),
            *sorted(excluded),
        )
        return opened_cache(self._config.home / AUDIT_CACHE, depends_on, self._config.retention == "full")


def project_of_audit(record: Record) -> str:
    """Return what decisions about the findings of an audit are kept under: its project, or what was audited."""
    return record.request.get("project") or str(record.answer["root"])
