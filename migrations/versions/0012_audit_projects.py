"""Audits in the background: the project whose decisions count, and the path on the server where it is no archive."""

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


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_column("audits", "path")
    op.drop_column("audits", "project")
