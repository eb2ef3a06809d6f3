"""The two cookies: who is logged in, and which browser is logging in."""

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from web.current import current_config

SESSION = "attrib-session"
LOGIN = "attrib-login"
LOGIN_SECONDS = 600


def read(name: str) -> str | None:
    """Return what a cookie of ours holds."""
    return request.cookies.get(_full_name(name)) or None


def keep(response: Response | FlaskResponse, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that no script reads and no other site's form sends; without `seconds` it ends with the browser."""
    response.set_cookie(
        _full_name(name), value, max_age=seconds, path="/", secure=_secure(), httponly=True, samesite="Lax"
    )


def drop(response: Response | FlaskResponse, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(_full_name(name), path="/", secure=_secure(), httponly=True, samesite="Lax")


def _full_name(name: str) -> str:
    # Browsers take the prefix only from a secure origin, and then no other host or path can set the cookie.
    return f"__Host-{name}" if _secure() else name


def _secure() -> bool:
    public = current_config().public_url
    return request.is_secure if public is None else public.startswith("https://")
