"""What a key or a person who is logged in may do."""

from collections.abc import Iterable
from enum import StrEnum

from attrib.errors import ConfigurationError


class Scope(StrEnum):
    """One thing that may be allowed; `ADMIN` allows all the others too."""

    CHECK = "check"
    GENERATE = "generate"
    AUDIT = "audit"
    ADMIN = "admin"


def read_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of these names; raises ConfigurationError where there is none, or one that is not known."""
    given = [name.strip() for name in names]
    unknown = sorted({name for name in given if name not in set(Scope)})
    if unknown or not given:
        wrong = f"{unknown[0]!r} is no scope" if unknown else "no scope is named"
        raise ConfigurationError(f"{wrong}: give one or more of {', '.join(Scope)}")
    return frozenset(map(Scope, given))


def in_order(scopes: Iterable[Scope]) -> list[str]:
    """Return the names of scopes in the order in which they are always told."""
    held = frozenset(scopes)
    return [scope.value for scope in Scope if scope in held]
