"""Everything that is stored of what somebody sent, wherever it lies."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text


def everything_stored(engine: Engine, home: Path) -> bytes:
    """Return the bytes of every file of the data folder, and every value of a database that lies elsewhere."""
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    return b"\n".join([*files, *(_values(engine) if engine.dialect.name != "sqlite" else ())])


def _values(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        rows = [
            row
            for table in inspect(engine).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        ]
    return [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
