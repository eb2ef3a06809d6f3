"""Collections."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What is unique in a collection now and was so in the whole index before.
NAMES = {"sources": ("purl",), "contents": ("swhid",), "refusals": ("purl", "path"), "segments": None}


def upgrade() -> None:
    """Bring the schema to this revision: what is there belongs to the permissive collection."""
    for table, name in NAMES.items():
        op.add_column(table, sa.Column("collection", sa.String(length=16), nullable=True))
        op.execute(_rows(table).update().values(collection="permissive"))
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("collection", existing_type=sa.String(length=16), nullable=False)
            if name is not None:
                batch_op.drop_constraint(op.f(f"uq_{table}_{'_'.join(name)}"), type_="unique")
                batch_op.create_unique_constraint(
                    op.f(f"uq_{table}_{'_'.join(name)}_collection"), [*name, "collection"]
                )


def downgrade() -> None:
    """Take the schema back to the revision before, which holds permissive code only: all other code goes."""
    sources = _rows("sources")
    others = sa.select(sources.c.id).where(sources.c.collection != "permissive")
    for held in (_rows("files"), _rows("legal_files")):
        op.execute(held.delete().where(held.c.source_id.in_(others)))
    for own in (sources, _rows("contents"), _rows("segments"), _rows("refusals")):
        op.execute(own.delete().where(own.c.collection != "permissive"))
    op.execute("UPDATE catalog_state SET revision = revision + 1")
    for table, name in NAMES.items():
        with op.batch_alter_table(table) as batch_op:
            if name is not None:
                batch_op.drop_constraint(op.f(f"uq_{table}_{'_'.join(name)}_collection"), type_="unique")
                batch_op.create_unique_constraint(op.f(f"uq_{table}_{'_'.join(name)}"), list(name))
            batch_op.drop_column("collection")


def _rows(table: str) -> sa.TableClause:
    return sa.table(table, sa.column("id"), sa.column("source_id"), sa.column("collection"))
