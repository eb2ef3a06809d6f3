"""A database that several parts of one process have open stays that process's, whatever others do with it meanwhile."""

import subprocess
import sys
from pathlib import Path

from attrib.config import Config
from attrib.database import open_database
from attrib.records import RecordKind, RecordStore

# As any command does: opens the database, looks, and closes it as the last one that it knows of.
LOOK = "import sys; from attrib.database import open_database; from attrib.records import RecordStore\n" \
       "store = RecordStore(open_database(sys.argv[1]))\n" \
       "print([one.id for one in store.list(limit=100).records]); store.engine.dispose()"  # fmt: skip


def look(config: Config) -> str:
    command = [sys.executable, "-c", LOOK, config.database_url]
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def test_what_is_stored_while_other_commands_come_and_go_is_not_lost(config: Config) -> None:
    # A worker opens the database for its service, and once more for its keys.
    store = RecordStore(open_database(config.database_url))
    keys = open_database(config.database_url)
    saved = []
    for _ in range(3):
        for _ in range(3):
            record = store.save(
                RecordKind.CHECK, status="clean", verdict="allow", index_revision="1", request={}, answer={}
            )
            saved.append(record.id)
        seen = look(config)
        assert [one for one in saved if one not in seen] == []
        assert [one for one in saved if store.get(one).id != one] == []
    keys.dispose()
    store.engine.dispose()
    assert [one for one in saved if one not in look(config)] == []
