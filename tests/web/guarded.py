"""The application over recorded answers, asking for keys."""

from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import StrictUndefined
from recorded import RecordedService

from attrib.access import Access
from attrib.bootstrap import open_access
from attrib.config import Config
from attrib.scopes import Scope
from web.app import create_app


@dataclass
class Guarded:
    """The application with its keys; a client keeps cookies as a browser does."""

    app: Flask
    access: Access
    texts: dict[str, str] = field(default_factory=dict)

    def key(self, *scopes: Scope, name: str = "") -> str:
        """Make a key and return its text."""
        name = name or "-".join(scopes) or "none"
        if name not in self.texts:
            self.texts[name] = self.access.keys.create(name, frozenset(scopes))[1].text
        return self.texts[name]

    def bearer(self, *scopes: Scope) -> dict[str, str]:
        """Return the header that shows such a key."""
        return {"Authorization": f"Bearer {self.key(*scopes)}"}

    def browser(self, *scopes: Scope) -> FlaskClient:
        """Return a browser that is logged in with such a key."""
        client = self.app.test_client()
        answer = client.post("/login", data={"key": self.key(*scopes)}, headers={"Origin": "http://localhost"})
        assert answer.status_code == 303
        return client


def guarded_app(recorded: RecordedService, config: Config) -> Guarded:
    """Build it, over a database of the test's own."""
    access = open_access(config, always=False)
    app = create_app(recorded, config, access=access)  # type: ignore[arg-type]
    app.jinja_env.undefined = StrictUndefined
    return Guarded(app, access)
