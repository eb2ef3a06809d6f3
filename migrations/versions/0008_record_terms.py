"""Records found by what they are of."""

import sqlalchemy as sa
from alembic import op

from attrib.record_terms import terms_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AT_ONCE = 200


def upgrade() -> None:
    """Bring the schema to this revision, and enter the terms of the records that are there."""
    op.create_table(
        "record_terms",
        sa.Column("field", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=op.f("fk_record_terms_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("field", "value", "record_id", name=op.f("pk_record_terms")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_record_terms_record_id"), "record_terms", ["record_id"])
    # It would be preferred to the one that holds all that a list needs.
    op.drop_index("ix_records_verdict", table_name="records")
    op.create_index("ix_records_code_hash", "records", ["code_hash"])
    op.create_index("ix_records_listed", "records", ["id", "kind", "status", "verdict", "created_at"])
    _enter_terms()


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_index("ix_records_listed", table_name="records")
    op.drop_index("ix_records_code_hash", table_name="records")
    op.create_index("ix_records_verdict", "records", ["verdict"])
    op.drop_table("record_terms")


def _enter_terms() -> None:
    records = sa.table("records", sa.column("id"), sa.column("request", sa.JSON), sa.column("answer", sa.JSON))
    terms = sa.table("record_terms", sa.column("field"), sa.column("value"), sa.column("record_id"))
    connection = op.get_bind()
    after = ""
    while True:
        some = sa.select(records).where(records.c.id > after).order_by(records.c.id).limit(_AT_ONCE)
        rows = connection.execute(some).all()
        if not rows:
            return
        after = rows[-1].id
        entered = [
            {"field": field.value, "value": value, "record_id": row.id}
            for row in rows
            for field, value in terms_of(row.request, row.answer)
        ]
        if entered:
            connection.execute(terms.insert(), entered)
