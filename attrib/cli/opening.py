"""To whom `attrib serve` opens: this machine alone, those with a key, or all."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrib.errors import ConfigurationError

if TYPE_CHECKING:
    from attrib.access import Access
    from attrib.config import Config

OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Opening:
    """The address that is listened on, whether only this machine reaches it, and whether all may come in."""

    host: str
    loopback: bool
    open_to_all: bool

    def always_asks(self, config: "Config") -> bool:
        """Whether a key or a login is asked for even where no key was ever made."""
        return config.oidc is not None or not (self.loopback or self.open_to_all)

    def require_safe(self, config: "Config", access: "Access") -> None:
        """Refuse to serve other machines where nobody could be asked for a key; raises ConfigurationError."""
        if not self.loopback and not self.open_to_all and config.oidc is None and not access.keys.any():
            raise ConfigurationError(
                f"{self.host} can be reached from other machines and there is no key to ask for: "
                "make one with `attrib keys create`, or give --open-to-all"
            )

    def trusted_hosts(self, config: "Config") -> tuple[str, ...] | None:
        """Return the host names that are answered to; None: any, where only people who log in know which are right.

        A page of another site must not be able to ask this machine under that site's own name.
        """
        public = urlsplit(config.public_url or "").hostname
        if public is not None:
            return (*OWN_NAMES, self.host, f"[{public}]" if ":" in public else public)
        return (*OWN_NAMES, self.host) if self.loopback and not self.open_to_all else None
