"""Whether anybody is asked who they are, and what is known of those who are."""

from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from attrib.keys import KeyStore
from attrib.sessions import SessionStore


class Access:
    """The keys and sessions of one database; `always` asks for a key even where none was ever made."""

    def __init__(self, engine: Engine, always: bool) -> None:
        self.keys = KeyStore(engine)
        self.sessions = SessionStore(engine)
        self._always = always
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._engine.dispose()

    @property
    def asks(self) -> bool:
        """Whether a key or a login is asked for."""
        return self._always or self.keys.any()
