"""A real PostgreSQL server for the tests, started where its programs are, and made as unlike SQLite as servers are."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.services.programs import required

# Databases of the world sort like dictionaries and show moments in the zone where they stand.
FOREIGN = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en")
SETTINGS = {
    "listen_addresses": "",
    "timezone": "Asia/Kolkata",
    # What is tested outlives the server, not the machine.
    "fsync": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
}


def programs() -> Path:
    """Return the folder that holds PostgreSQL's programs, the server's and pg_dump; skips the test without them."""
    return required("initdb", "postgresql", "usr/lib/postgresql/*/bin").resolve().parent


def _user() -> str | None:
    """Return whom the server runs as: root is refused by it, anybody else is as good as another."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


class PostgresServer:
    """One server in a folder of its own, reached through a socket in it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        if self._user is not None:
            shutil.chown(folder, self._user)
        self._run(
            "initdb", "--pgdata", str(folder / "data"), "--username=attrib", "--auth=trust", "--no-sync", *FOREIGN
        )

    def start(self) -> None:
        """Start the server, or start it again, and wait until it answers."""
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        command = [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, user=self._user, stdout=log, stderr=log, cwd=self._folder)
        for _ in range(200):
            try:
                psycopg.connect(self._conninfo("postgres")).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        """Take the server away from whoever uses it, as a crash would: nobody is waited for."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def new_database(self, template: str | None = None) -> str:
        """Create a database, empty or like another, and return its URL."""
        self._databases += 1
        name = f"attrib_{self._databases}"
        self.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return f"postgresql+psycopg://attrib@/{name}?host={self._folder}"

    def execute(self, statement: str) -> None:
        """Run a statement of the server's own."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _conninfo(self, database: str) -> str:
        return f"host={self._folder} dbname={database} user=attrib"

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, *arguments]
        ran = subprocess.run(command, user=self._user, cwd=self._folder, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr


@contextmanager
def running(programs: Path) -> Iterator[PostgresServer]:
    """Run a server for a while; its folder is a short path, for a socket's may have 107 bytes."""
    with TemporaryDirectory(prefix="attrib-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
