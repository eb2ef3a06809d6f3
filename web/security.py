"""What every request and every answer is held to: where it comes from, what it may load, its id."""

from flask import Flask, Response, request

from web import cookies, form_tokens
from web.authentication import current_asker
from web.current import current_config
from web.errors import Problem
from web.request_ids import request_id

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def guard(app: Flask) -> None:
    """Give every request an id, refuse those another site's page sent, and set the security headers."""
    app.before_request(_refuse_other_sites)
    app.after_request(_set_headers)


def _refuse_other_sites() -> None:
    """Refuse a request that changes something and was sent by another site's page (cross-site request forgery).

    Browsers say so themselves, in Sec-Fetch-Site or, over plain HTTP on a network, in Origin; neither can be set
    by a page. A caller that sends neither is no browser of today: it carries nobody's rights, or else, with the
    cookie of a session and at the login, has to send the token that stood in the form.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        ours = site in ("same-origin", "none")
    elif origin is not None:
        ours = origin in (request.host_url.rstrip("/"), current_config().public_url)
    else:
        ours = _carries_no_cookies_rights() or _stood_in_our_form()
    if not ours:
        raise Problem("cross-site", "This request was sent by a page of another site; open the form here and send it.")


def _carries_no_cookies_rights() -> bool:
    return current_asker().session is None and request.endpoint != "login.enter"


def _stood_in_our_form() -> bool:
    session = current_asker().session
    secret = cookies.read(cookies.LOGIN) if session is None else session.token
    sent = request.headers.get(form_tokens.HEADER) or request.form.get(form_tokens.FIELD, "")
    return secret is not None and form_tokens.is_token_for(secret, sent)


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id()
    # Pages and answers hold code that was sent to us in confidence.
    if request.endpoint is None or not request.endpoint.endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
