"""Logging in with an OpenID Connect provider: which one, and what its people may do here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attrib.errors import ConfigurationError
from attrib.scopes import Scope, read_scopes

GROUP = "group:"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What somebody may do: `whom` is `@example.org`, `ann@example.org` or `group:NAME`."""

    whom: str
    scopes: frozenset[Scope]

    def covers(self, email: str, groups: Iterable[str]) -> bool:
        """Whether this rule is about a person with this address and these groups."""
        if self.whom.startswith(GROUP):
            return self.whom.removeprefix(GROUP) in groups
        address = email.lower()
        return address.endswith(self.whom) if self.whom.startswith("@") else address == self.whom


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """A provider, this service as it knows it, and the rules; `public_url` is where people's browsers find us."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    access: tuple[AccessRule, ...]
    public_url: str

    def scopes_of(self, email: str, groups: Iterable[str]) -> frozenset[Scope]:
        """Return all that the rules allow a person together; nothing where no rule is about them."""
        held = tuple(groups)
        return frozenset().union(*(rule.scopes for rule in self.access if rule.covers(email, held)))

    @property
    def asks_for_groups(self) -> bool:
        """Whether any rule is about a group."""
        return any(rule.whom.startswith(GROUP) for rule in self.access)


def read_access(value: Any) -> tuple[AccessRule, ...]:
    """Read rules from a table, or from a text such as `@example.org=check,generate; group:platform=admin`.

    Raises ValueError, in the words of a setting that is wrong.
    """
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(";") if part.strip()]
        value = {whom.strip(): scopes for whom, _, scopes in pairs}
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"must be a table such as {{ '@example.org' = ['check'] }}, not {value!r}")
    return tuple(_rule(whom, scopes) for whom, scopes in value.items())


def _rule(whom: str, scopes: Any) -> AccessRule:
    about_group = whom.startswith(GROUP) and len(whom) > len(GROUP)
    about_address = whom.count("@") == 1 and not whom.endswith("@") and " " not in whom
    if not about_group and not about_address:
        raise ValueError(f"must be about @example.org, ann@example.org or group:NAME, not about {whom!r}")
    names = scopes.split(",") if isinstance(scopes, str) else scopes
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"must list scopes for {whom!r}, not {scopes!r}")
    try:
        return AccessRule(whom if about_group else whom.lower(), read_scopes(names))
    except ConfigurationError as error:
        raise ValueError(f"for {whom!r}: {error}") from error
