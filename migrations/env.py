"""Run by Alembic: migrates the catalogue and the records over the connection it is handed."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from attrib.access_tables import AccessBase
from attrib.audits.decision_tables import DecisionBase
from attrib.audits.store import AuditRow
from attrib.claims import ClaimRow
from attrib.record_tables import UtcDateTime
from index.tables import CatalogBase


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write a column type of ours as the plain SQL type it is, so that revisions never import the models."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    # Audits and claims stand in the metadata of the records.
    target_metadata=[
        CatalogBase.metadata,
        AccessBase.metadata,
        DecisionBase.metadata,
        *{AuditRow.metadata, ClaimRow.metadata},
    ],
    # SQLite alters a table only by rebuilding it.
    render_as_batch=True,
    transaction_per_migration=False,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
