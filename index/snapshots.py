"""Reads of one moment: what one transaction reads was true at the same time, whatever others write meanwhile."""

from sqlalchemy import Engine


def of_one_moment(engine: Engine) -> Engine:
    """Return the engine for reading alone, in transactions that each see one state of the database.

    SQLite's do anyway. PostgreSQL's see what others commit between two statements, unless they are told not to
    (manual, section 13.2.2). They only read, so no two of them can be in each other's way.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")
