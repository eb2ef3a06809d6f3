"""Release dates of sources."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("sources", sa.Column("released", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take the schema back to the revision before."""
    # Rebuilding the table, as a batch would, deletes the files that refer to its rows.
    op.drop_column("sources", "released")
