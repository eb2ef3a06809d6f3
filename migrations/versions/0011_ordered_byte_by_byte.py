"""Names ordered byte by byte."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAMES = (
    ("sources", "purl", 512),
    ("refusals", "purl", 512),
    ("opt_outs", "pattern", 512),
    ("record_terms", "value", 500),
    ("files", "path", None),
    ("legal_files", "path", None),
    ("refusals", "path", None),
)


def upgrade() -> None:
    """Bring the schema to this revision: PostgreSQL orders names as SQLite does, and finds them by their beginning."""
    _collate("C")


def downgrade() -> None:
    """Take the schema back to the revision before."""
    _collate("default")


def _collate(collation: str) -> None:
    # SQLite compares bytes anyway.
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, length in NAMES:
        type_ = sa.Text(collation=collation) if length is None else sa.String(length, collation=collation)
        op.alter_column(table, column, type_=type_, existing_nullable=False)
