"""`attrib db`: looks after the database."""

import click

from attrib.cli import options
from attrib.cli.db_backup import backup, restore
from attrib.cli.terminal import emit_json, output


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@options.as_json
@click.pass_context
def upgrade(context: click.Context, as_json: bool) -> None:
    """Bring the database to this version's schema.

    SQLite is also upgraded by itself when it is used.
    """
    from attrib import database

    config = options.settings(context, {})
    before = database.upgrade(config.database_url)
    engine = database.open_database(config.database_url)
    after = database.current_revision(engine)
    engine.dispose()
    if as_json:
        emit_json({"from": before, "to": after})
    else:
        output().print(
            f"the database is at revision {after}" + (", as it was" if before == after else f", was {before}")
        )


db.add_command(backup)
db.add_command(restore)
