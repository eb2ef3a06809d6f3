"""Audits in the background: their project, the path on the server of those that are no archive, and when they end."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("audits", sa.Column("project", sa.Text(), nullable=True))
    op.add_column("audits", sa.Column("path", sa.Text(), nullable=True))
    op.create_index(op.f("ix_audits_ended_at"), "audits", ["ended_at"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_index(op.f("ix_audits_ended_at"), table_name="audits")
    op.drop_column("audits", "path")
    op.drop_column("audits", "project")
