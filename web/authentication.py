"""Who asks, and whether they may: a key in the Authorization header, or the session of a login."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from attrib.errors import KeyRefused
from attrib.principal import Principal, acting
from attrib.scopes import Scope
from attrib.sessions import LoggedIn
from web import cookies
from web.current import current_access
from web.errors import Problem
from web.form_tokens import form_token
from web.permissions import Need, need_of

REALM = 'Bearer realm="attrib"'


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever sent this request; `asked` is whether anybody is asked who they are.

    `session` is the login that a cookie carries, `refusal` why a key that was shown opens nothing.
    """

    asked: bool = False
    principal: Principal | None = None
    session: LoggedIn | None = None
    refusal: str | None = None


NOBODY = Asker()
# They have to answer where the database with the keys in it does not.
_PROBES = frozenset({"health.healthz", "health.readyz"})


def identify_first(app: Flask) -> None:
    """Find out who asks, before anything else looks at a request."""
    app.before_request(_identify)
    app.context_processor(lambda: {"asker": current_asker(), "form_token": form_token})


def require_permission(app: Flask) -> None:
    """Refuse whoever may not do what they ask for, and tell programs how to show a key (RFC 6750, section 3)."""
    app.before_request(_require_permission)
    app.after_request(_challenge)


def current_asker() -> Asker:
    """Return who sent this request."""
    return cast(Asker, g.get("asker", NOBODY))


def _identify() -> None:
    # First, because the thread may have worked for somebody else before.
    acting.set(None)
    if (request.endpoint or "").endswith("static") or request.endpoint in _PROBES:
        return
    asker = _asker()
    g.asker = asker
    if asker.session is not None:
        g.form_secret = asker.session.token
    if asker.principal is not None:
        acting.set(asker.principal.name)


def _asker() -> Asker:
    access = current_access()
    if access is None or not access.asks:
        return NOBODY
    key = _bearer()
    if key is not None:
        try:
            return Asker(True, access.keys.admitted(key).principal)
        except KeyRefused as error:
            return Asker(True, refusal=str(error))
    token = cookies.read(cookies.SESSION)
    session = None if token is None else access.sessions.standing(token)
    return Asker(True) if session is None else Asker(True, session.principal, session)


def _bearer() -> str | None:
    """Return the key in the Authorization header; one of another scheme is meant for a server in front of us."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _require_permission() -> BaseResponse | None:
    asker = current_asker()
    if request.endpoint is None or not asker.asked:
        return None
    need = need_of(request.endpoint)
    if need is Need.NOTHING:
        return None
    if asker.refusal is not None:
        raise Problem("wrong-key", f"The key is refused: {asker.refusal}.")
    if asker.principal is None:
        if _reads_a_page():
            return redirect(url_for("login.show", next=iri_to_uri(request.full_path).rstrip("?")), 303)
        raise Problem("no-key", "This service answers to those who show a key or are logged in.")
    if isinstance(need, Scope) and not asker.principal.may(need):
        g.missing_scope = need
        raise Problem("missing-scope", f"{asker.principal.name!r} lacks the scope {need.value!r}, which this asks for.")
    return None


def _reads_a_page() -> bool:
    """Whether a browser asks for a page to show; a form that was sent is not lost in a redirect."""
    return request.method in ("GET", "HEAD") and "text/html" in dict(request.accept_mimetypes)


def _challenge(response: Response) -> Response:
    if response.status_code == 401:
        refused = current_asker().refusal is not None
        response.headers["WWW-Authenticate"] = REALM + (', error="invalid_token"' if refused else "")
    elif "missing_scope" in g:
        response.headers["WWW-Authenticate"] = f'{REALM}, error="insufficient_scope", scope="{g.missing_scope.value}"'
    return response
