"""Audits of archives that were sent: they wait in the database, and one thread of each process runs them in turn."""

import atexit
import logging
import os
import shutil
import socket
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

import zstandard
from sqlalchemy.exc import SQLAlchemyError

from attrib.audits.archive import require_archive
from attrib.audits.report import AuditReport
from attrib.audits.running import Found
from attrib.audits.settling import Precedents
from attrib.audits.store import Audit, AuditState, AuditStore
from attrib.audits.tree import AuditProgress, Tree
from attrib.errors import AttribError, AuditQueueFull, UnreadableInput
from attrib.records import new_record_id
from index.errors import ReferenceIndexError, UnreadableOrigin

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
LOOK_SECONDS = 5.0
"""How often a process without work looks for audits that others left in the queue."""

UNEXPECTED = "The audit met an error that it did not expect; the log says where."


class RunAudit(Protocol):
    """Audits a tree and stores the report under an id."""

    def __call__(
        self,
        tree: Tree,
        *,
        exclude: Sequence[str],
        progress: AuditProgress,
        found: Found,
        record_id: str,
        precedents: Precedents,
    ) -> AuditReport:
        """Return the report, whose record is stored by then."""
        ...


OpenAudit = Callable[[Audit, Path], tuple[Tree, Precedents]]
"""Opens what an audit is of, an archive where it lies or a path on the server, with what was decided about it."""


class BackgroundAudits:
    """Takes archives in and audits them one after another; the archives lie in `folder` until they are through.

    `keep_code` says whether the files with findings are kept beside the report.
    """

    def __init__(
        self,
        run: RunAudit,
        opened: OpenAudit,
        store: AuditStore,
        folder: Path,
        *,
        most_waiting: int,
        most_bytes: int,
        keep_code: bool,
    ) -> None:
        self.store = store
        self._run = run
        self._opened = opened
        self._folder = folder
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._keep_code = keep_code
        self._worker = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(
        self, archive: IO[bytes], name: str, exclude: Sequence[str] = (), *, project: str | None = None
    ) -> Audit:
        """Put an archive into the queue and return its audit; its project is called as it is where none is named.

        Raises AuditQueueFull, and UnreadableInput where it is too large or no archive.
        """
        self._require_room()
        audit_id = new_record_id()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._place(audit_id)
        try:
            size = self._receive(archive, place)
            require_archive(place, name)
            self.store.add(audit_id, name, size, exclude, project=project or name)
        except BaseException as error:
            place.unlink(missing_ok=True)
            if isinstance(error, UnreadableOrigin):
                raise UnreadableInput(str(error)) from error
            raise
        return self._begun(audit_id)

    def submit_path(self, path: Path, exclude: Sequence[str] = (), *, project: str | None = None) -> Audit:
        """Put a path on the server into the queue and return its audit; raises AuditQueueFull."""
        self._require_room()
        audit_id = new_record_id()
        self.store.add(audit_id, str(path), 0, exclude, project=project, path=str(path))
        return self._begun(audit_id)

    def cancel(self, audit_id: str) -> Audit:
        """End an audit that waits, and ask one that runs to end; raises NoSuchRecord."""
        audit = self.store.cancel(audit_id)
        if audit.state is AuditState.CANCELLED:
            self._place(audit_id).unlink(missing_ok=True)
        return audit

    def start(self) -> None:
        """Begin to run what is in the queue, if this process has not begun."""
        with self._starting:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._work, name="audits", daemon=True)
                self._thread.start()
                # A server's process ends without anybody closing the service.
                atexit.register(self.stop)

    def stop(self, seconds: float = 10.0) -> None:
        """Put what runs back into the queue, for the next process, and end."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)
            atexit.unregister(self.stop)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                for audit_id in self.store.interrupt_silent():
                    self._place(audit_id).unlink(missing_ok=True)
                audit = self._claimed()
                if audit is not None:
                    self._perform(audit)
                    continue
            except (SQLAlchemyError, OSError) as error:
                # A full or read-only disk, or a database that is away: the next look may go better.
                log.error("the queue of audits cannot be worked at: %s", type(error).__name__)
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()

    def _claimed(self) -> Audit | None:
        for audit_id in self.store.queued():
            # Processes on other machines have folders of their own.
            if self._is_here(audit_id) and (audit := self.store.claim(audit_id, self._worker)) is not None:
                return audit
        return None

    def _is_here(self, audit_id: str) -> bool:
        return self._place(audit_id).exists() or self.store.get(audit_id).path is not None

    def _perform(self, audit: Audit) -> None:
        place = self._place(audit.id)
        texts: dict[int, bytes] = {}

        def found(number: int, content: bytes) -> None:
            if self._keep_code:
                texts[number] = zstandard.compress(content)

        try:
            with _Pulse(self.store, audit.id, self._stopping) as pulse:
                tree, precedents = self._opened(audit, place)
                report = self._run(
                    tree,
                    exclude=audit.exclude,
                    progress=pulse.progress,
                    found=found,
                    record_id=audit.id,
                    precedents=precedents,
                )
                self.store.keep_text(report.id, texts)
        except _Stopped:
            if self._stopping.is_set():
                self.store.give_back(audit.id)
                return
            self.store.end(audit.id, AuditState.CANCELLED)
        except (AttribError, ReferenceIndexError) as error:
            self.store.end(audit.id, AuditState.FAILED, reason=str(error))
        except Exception as error:
            # Its message may hold code, so only its place is told.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("audit %s failed with %s at\n%s", audit.id, type(error).__name__, frames)
            self.store.end(audit.id, AuditState.FAILED, reason=UNEXPECTED)
        else:
            self.store.end(audit.id, AuditState.DONE, verdict=report.verdict.value, totals=report.totals())
        place.unlink(missing_ok=True)

    def _require_room(self) -> None:
        waiting = self.store.count(AuditState.QUEUED)
        if waiting >= self._most_waiting:
            raise AuditQueueFull(f"{waiting:,} audits wait already: ask again when some are through.")

    def _begun(self, audit_id: str) -> Audit:
        self.start()
        self._wake.set()
        return self.store.get(audit_id)

    def _receive(self, archive: IO[bytes], place: Path) -> int:
        """Write an archive down for its owner's eyes only and return its size."""
        descriptor = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            shutil.copyfileobj(archive, file)
            size = file.tell()
        if size > self._most_bytes:
            raise UnreadableInput(
                f"the archive is {size:,} bytes and at most {self._most_bytes:,} are taken: "
                "send it in parts, or raise max_archive_bytes."
            )
        return size

    def _place(self, audit_id: str) -> Path:
        return self._folder / f"{audit_id}.archive"


class _Stopped(Exception):
    """The audit is to end before it is through."""


class _Pulse:
    """Gives signs of life while an audit runs, writes down how far it is, and ends it when it is cancelled."""

    def __init__(self, store: AuditStore, audit_id: str, stopping: threading.Event) -> None:
        self._store = store
        self._audit_id = audit_id
        self._stopping = stopping
        self._far: tuple[int, int | None] = (0, None)
        self._ended = threading.Event()
        self._cancelled = False
        self._thread = threading.Thread(target=self._beat, name="audit-pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        try:
            self._store.beat(self._audit_id, *self._far)
        except SQLAlchemyError:
            log.warning("the last progress of audit %s was not written", self._audit_id)

    def progress(self, done: int, total: int) -> None:
        """Note how far the audit is; raises _Stopped where it is to end."""
        self._far = (done, total)
        if self._cancelled or self._stopping.is_set():
            raise _Stopped

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                if not self._store.beat(self._audit_id, *self._far):
                    self._cancelled = True
            except SQLAlchemyError as error:
                log.warning("a sign of life of audit %s was not written: %s", self._audit_id, type(error).__name__)
