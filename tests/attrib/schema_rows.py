"""Rows for the tables of any revision, put in and read without the models, which only know the last one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import MetaData, Table, insert, inspect, select

from attrib import database

Row = Mapping[str, Any]
MOMENT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
ORIGIN = {"purl": "pkg:pypi/a@1", "license": "MIT", "path": "a.py"}

# One row of each table, every column of any revision given; those that a revision lacks are left out.
ROWS: Mapping[str, Row] = {
    "catalog_state": {"id": 1, "revision": 7, "parameters": {}},
    "legal_texts": {"sha256": "ab", "compressed": b"\x00\xff"},
    "segments": {"id": 1, "name": "one", "contents": 1, "lexemes": 50, "bytes": 900, "added_at": MOMENT,
                 "collection": "permissive"},
    "contents": {"id": 1, "swhid": "swh:1:cnt:1", "segment_id": 1, "ordinal": 0, "lexemes": 50, "bytes": 300,
                 "collection": "permissive"},
    "sources": {"id": 1, "purl": "pkg:pypi/a@1", "url": None, "license_expression": "MIT",
                "license_evidence": "said so", "copyright": ["Copyright 2026 A"], "digest": "d", "files": 1,
                "lexemes": 50, "left_out": [], "added_at": MOMENT, "released": date(2025, 12, 4),
                "collection": "permissive"},
    "files": {"id": 1, "source_id": 1, "content_id": 1, "path": "a.py", "license_expression": "MIT",
              "license_evidence": "said so", "copyright": []},
    "legal_files": {"id": 1, "source_id": 1, "kind": "license", "path": "LICENSE", "sha256": "ab"},
    "refusals": {"id": 1, "purl": "pkg:pypi/a@1", "path": "b.py", "reason": "GPL-2.0-only is copyleft",
                 "whole_source": False, "collection": "permissive"},
    "opt_outs": {"pattern": "pkg:pypi/b", "reason": "asked", "since": MOMENT},
    "records": {"id": "01900000-0000-7000-8000-000000000001", "kind": "check", "created_at": MOMENT,
                "status": "matched", "verdict": "attribute", "index_revision": "7", "model": None,
                "request": {"path": "caf\udce9.py"}, "answer": {"matches": [{"origins": [ORIGIN]}]},
                "terms": "a.py", "code_hash": "cd", "code": b"x = 1\n\x00\xff", "principal": "ann"},
    "record_terms": {"field": "purl", "value": "pkg:pypi/a@1", "record_id": "01900000-0000-7000-8000-000000000001"},
    "deleted_records": {"id": "01900000-0000-7000-8000-000000000002", "deleted_at": MOMENT},
    "api_keys": {"id": "k", "name": "ci", "sha256": "ef", "scopes": ["check"], "created_at": MOMENT,
                 "expires_at": None, "revoked_at": None, "last_used_at": MOMENT},
    "sessions": {"token_sha256": "12", "name": "ci", "scopes": None, "key_id": "k", "created_at": MOMENT,
                 "seen_at": MOMENT},
    "claims": {"caller": "c", "key": "one", "fingerprint": "34", "created_at": MOMENT,
               "record_id": "01900000-0000-7000-8000-000000000001"},
    "audits": {"id": "01900000-0000-7000-8000-000000000003", "state": "done", "name": "a.zip", "size": 9,
               "exclude": [], "created_at": MOMENT, "started_at": MOMENT, "ended_at": MOMENT, "worker": "w",
               "beat_at": MOMENT, "files_done": 2, "files": 2, "cancelling": False, "reason": None,
               "verdict": "allow", "totals": {"files": 2}},
    "audited_texts": {"record_id": "01900000-0000-7000-8000-000000000001", "number": 0, "compressed": b"\x28\xb5"},
    "decision_history": {"number": 1, "project": "p", "content": "{}", "previous": "0", "hash": "1"},
}  # fmt: skip


def tables(url: str) -> set[str]:
    """Return the tables of a database."""
    engine = database.connect(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def fill(url: str, rows: Iterable[tuple[str, Row]]) -> None:
    """Put rows into tables, in one transaction and in their order."""
    engine = database.connect(url)
    try:
        with engine.begin() as connection:
            for name, row in rows:
                table = Table(name, MetaData(), autoload_with=connection)
                given = {column: value for column, value in row.items() if column in table.columns}
                connection.execute(insert(table).values(given))
    finally:
        engine.dispose()


def read(url: str, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of tables, in the order of their keys; moments in UTC."""
    engine = database.connect(url)
    try:
        with engine.connect() as connection:
            found = {}
            for name in names:
                table = Table(name, MetaData(), autoload_with=connection)
                rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
                found[name] = [{column: _value(value) for column, value in row.items()} for row in rows]
            return found
    finally:
        engine.dispose()


def columns(rows: Sequence[Row], names: Iterable[str]) -> list[dict[str, Any]]:
    """Return rows with those columns only."""
    wanted = set(names)
    return [{column: value for column, value in row.items() if column in wanted} for row in rows]


def _value(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
