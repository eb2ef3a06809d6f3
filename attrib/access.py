"""Whether anybody is asked who they are, and what is known of those who are."""

from dataclasses import dataclass

from sqlalchemy import Engine

from attrib.keys import KeyStore
from attrib.sessions import SessionStore


@dataclass(frozen=True, slots=True)
class Access:
    """The keys and sessions of one database; `always` asks for a key even where none was ever made."""

    keys: KeyStore
    sessions: SessionStore
    always: bool

    @property
    def asks(self) -> bool:
        """Whether a key or a login is asked for."""
        return self.always or self.keys.any()


def access_over(engine: Engine, always: bool) -> Access:
    """Return the access to what is served over this database."""
    return Access(KeyStore(engine), SessionStore(engine), always)
