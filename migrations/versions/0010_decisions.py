"""Decisions about findings, and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision: a chain without entries."""
    op.create_table(
        "decision_history",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=1024), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision_history")),
    )
    op.create_index(op.f("ix_decision_history_project"), "decision_history", ["project"])
    head = op.create_table(
        "decision_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_head")),
    )
    op.bulk_insert(head, [{"id": 1, "entries": 0, "hash": "0" * 64}])


def downgrade() -> None:
    """Take the schema back to the revision before: decisions kept in the database are lost."""
    op.drop_table("decision_head")
    op.drop_index(op.f("ix_decision_history_project"), table_name="decision_history")
    op.drop_table("decision_history")
