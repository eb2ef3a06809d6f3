"""A dump of a PostgreSQL database, by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from attrib.errors import DatabaseError


def dump(url: URL, snapshot: str, into: Path) -> None:
    """Dump what an exported snapshot sees (PostgreSQL's manual, "pg_dump"); raises DatabaseError."""
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={into}")


def bring_back(dumped: Path, url: URL, replace: bool) -> None:
    """Restore a dump in one transaction; `replace` drops the tables that it brings. Raises DatabaseError."""
    replacing = ("--clean", "--if-exists") if replace else ()
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", *replacing, str(dumped))


def _run(program: str, url: URL, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise DatabaseError(
            f"{program} is not here: install the client programs of PostgreSQL, "
            "or copy the database with its own tools, as docs/operating.md says"
        )
    command = [found, "--no-password", "--no-owner", "--no-privileges", f"--dbname={_conninfo(url)}", *arguments]
    # Arguments can be read by everybody on the machine, the environment cannot.
    secret = {"PGPASSWORD": url.password} if url.password else {}
    ran = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode != 0:
        # Further lines may quote rows.
        said = next((line for line in ran.stderr.splitlines() if "error" in line), f"it ended with {ran.returncode}")
        raise DatabaseError(f"{program} failed: {said.removeprefix(f'{program}: ')}")


def _conninfo(url: URL) -> str:
    """Return the URL as libpq reads it, without the password (manual, section 34.1.1.1)."""
    given = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **url.query}
    parts = {name: value for name, value in given.items() if value is not None}
    return " ".join(f"{name}='{_quoted(str(value))}'" for name, value in parts.items())


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
