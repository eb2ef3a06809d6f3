"""Rows of concurrent requests share transactions, so that they wait for the disk together and not one after another."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Engine, Insert, insert
from sqlalchemy.orm import DeclarativeBase

from attrib.errors import DatabaseError

# What is stored together: the rows for each table, those first that others refer to.
Rows = Mapping[type[DeclarativeBase], Sequence[Mapping[str, Any]]]


@dataclass(slots=True)
class _Waiting:
    """Rows whose request waits for them to be stored; once tried, they are stored unless there is a `failure`.

    It is woken when it has been tried, or when it is its turn to write.
    """

    rows: Rows
    tried: bool = False
    failure: Exception | None = None
    woken: threading.Event = field(default_factory=threading.Event)


@cache
def _insert(table: type[DeclarativeBase]) -> Insert:
    """Return the statement for a table, always the same one, so that it is compiled and looked up only once."""
    return insert(table)


class GroupCommit:
    """Inserts from several threads.

    Whoever comes while a transaction is under way waits for it, and the first of those takes the rows of all into the
    next one (as group commit is known from DeWitt and others, 1984). Nobody waits for company.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._queue: list[_Waiting] = []
        self._queueing = threading.Lock()
        self._somebody_writes = False

    def insert(self, rows: Rows) -> None:
        """Return once the rows are durably stored, or none is; raises what the database raises on them."""
        mine = _Waiting(rows)
        with self._queueing:
            self._queue.append(mine)
            wait, self._somebody_writes = self._somebody_writes, True
        if wait:
            mine.woken.wait()
        if not mine.tried:
            self._write_all()
        if mine.failure is not None:
            raise mine.failure

    def _write_all(self) -> None:
        with self._queueing:
            together, self._queue = self._queue, []
        try:
            self._write(together)
        except Exception:
            # One row's fault must not be that of the others.
            for one in together:
                self._write_alone(one)
        except BaseException:
            for one in together:
                one.failure = DatabaseError("the record was not stored, since this process was stopped.")
            raise
        finally:
            self._hand_on()
            for one in together:
                one.tried = True
                one.woken.set()

    def _hand_on(self) -> None:
        """Have the first of those that came meanwhile write for them."""
        with self._queueing:
            self._somebody_writes = bool(self._queue)
            if self._queue:
                self._queue[0].woken.set()

    def _write_alone(self, one: _Waiting) -> None:
        try:
            self._write([one])
        except Exception as failure:
            one.failure = failure

    def _write(self, waiting: list[_Waiting]) -> None:
        # Without a session: an answer waits for this, and there is nothing to keep in step with.
        with self._engine.begin() as connection:
            for table in dict.fromkeys(table for one in waiting for table in one.rows):
                if rows := [dict(row) for one in waiting for row in one.rows.get(table, ())]:
                    connection.execute(_insert(table), rows)
