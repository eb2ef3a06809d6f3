"""Write the next revision from what the models have and the migrated schema has not: `python -m migrations NAME`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from attrib import database


def main() -> None:
    """Migrate a throw-away database to the last revision and write down what is missing, to be read and corrected."""
    name = " ".join(sys.argv[1:])
    if not name:
        sys.exit("give the revision a name: python -m migrations add record expiry")
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'schema.db'}"
        database.upgrade(url)
        engine = database.connect(url)
        with engine.connect() as connection:
            config = database.alembic_config(connection)
            command.revision(config, name, autogenerate=True, rev_id=f"{len(_revisions()) + 1:04d}")
        engine.dispose()


def _revisions() -> list[Path]:
    return sorted((Path(__file__).parent / "versions").glob("[0-9]*.py"))


if __name__ == "__main__":
    main()
