"""Who asks, as far as it is known, and for whom this thread is at work."""

from contextvars import ContextVar
from dataclasses import dataclass

from attrib.scopes import Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the name of a key, or the e-mail address of a person, and what they may do."""

    name: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether this is allowed; whoever administers may do everything."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


acting: ContextVar[str | None] = ContextVar("acting", default=None)
"""The name under which records are stored in this context; None where nobody was asked who they are."""
