"""What every request and every answer is held to: where it comes from, what it may load, its id."""

from flask import Flask, Response, request

from web.errors import Problem
from web.request_ids import request_id

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        # Bootstrap draws icons as data. Ours take their place, but a browser may try those before our sheet is there.
        "img-src 'self' data:",
        "connect-src 'self'",
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
    by a page. That needs no cookie and no secret that several workers would have to share. A caller that sends
    neither is no browser and carries nobody's rights.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = request.host_url.rstrip("/")
    if site not in (None, "same-origin", "none") or (site is None and origin is not None and origin != own):
        raise Problem("cross-site", "This request was sent by a page of another site; open the form here and send it.")


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id()
    # Pages and answers hold code that was sent to us in confidence.
    if request.endpoint is None or not request.endpoint.endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
