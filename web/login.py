"""Logging in and out: with a key, or with an OpenID Connect provider."""

import re
import secrets

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from attrib.access import Access
from attrib.errors import KeyRefused
from attrib.keys import ApiKey
from attrib.principal import Principal
from web import cookies
from web.authentication import current_asker
from web.current import current_access, current_config
from web.errors import Problem
from web.oidc import LoginAttempt, Provider

blueprint = Blueprint("login", __name__, url_prefix="/login")

# A path of our own: browsers read // and /\ as the beginning of another host.
OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@blueprint.get("")
def show() -> BaseResponse:
    """Show the form that asks for a key, and the way to the provider where there is one."""
    if not current_asker().asked:
        return redirect(_next(), 303)
    return _form(200)


@blueprint.post("")
def enter() -> BaseResponse:
    """Log in with a key, or show the form again with why not."""
    try:
        key = _access().keys.admitted(request.form.get("key", "").strip())
    except KeyRefused as error:
        return _form(401, str(error))
    return _begun(key, _next())


@blueprint.post("/out")
def leave() -> BaseResponse:
    """Log out: the session ends for whoever has its cookie."""
    _end_session()
    response = redirect(url_for("login.show"), 303)
    cookies.drop(response, cookies.SESSION)
    return response


@blueprint.get("/provider")
def to_provider() -> BaseResponse:
    """Lead to the provider of logins."""
    attempt = LoginAttempt(secrets.token_urlsafe(32))
    response = redirect(_provider().address(attempt, _next()), 303)
    cookies.keep(response, cookies.LOGIN, attempt.secret, cookies.LOGIN_SECONDS)
    return response


@blueprint.get("/provider/back")
def from_provider() -> BaseResponse:
    """Log in whom the provider vouches for, if the rules allow them anything."""
    secret = cookies.read(cookies.LOGIN)
    if secret is None:
        raise Problem("login-failed", "The login took too long, or began in another browser.")
    principal, then = _provider().principal(LoginAttempt(secret), request.args)
    response = _begun(principal, _safe(then))
    cookies.drop(response, cookies.LOGIN)
    return response


def _begun(who: ApiKey | Principal, then: str) -> BaseResponse:
    """Begin a session under a token that nobody had before (session fixation), and end the one there was."""
    _end_session()
    response = redirect(then, 303)
    cookies.keep(response, cookies.SESSION, _access().sessions.begin(who).token)
    return response


def _end_session() -> None:
    token, access = cookies.read(cookies.SESSION), current_access()
    if token is not None and access is not None:
        access.sessions.end(token)


def _form(status: int, error: str | None = None) -> Response:
    # Without a session, the form's token is made with a secret of this browser alone.
    secret = cookies.read(cookies.LOGIN) or secrets.token_urlsafe(32)
    g.setdefault("form_secret", secret)
    page = render_template("login.html", error=error, next=_next(), provider=current_config().oidc is not None)
    response = make_response(page, status)
    cookies.keep(response, cookies.LOGIN, secret, cookies.LOGIN_SECONDS)
    return response


def _next() -> str:
    return _safe(request.values.get("next", ""))


def _safe(path: str) -> str:
    """Return a path of ours to go on to; anything that could lead to another site leads to the start."""
    return path if OWN_PATH.fullmatch(path) else "/"


def _access() -> Access:
    access = current_access()
    if access is None or not access.asks:
        raise Problem("login-failed", "Nobody is asked who they are here.")
    return access


def _provider() -> Provider:
    settings = current_config().oidc
    if settings is None:
        raise Problem("not-found", "This service has no provider of logins.")
    return Provider(settings, settings.public_url + url_for("login.from_provider"))
