"""Proof that a form was on a page of ours, for browsers that do not say which page sent it."""

import hashlib
import hmac
import secrets

from flask import g
from markupsafe import Markup

FIELD = "form_token"
HEADER = "X-Form-Token"
SALT_LENGTH = 16


def token_for(secret: str) -> str:
    """Return a token that only whoever knows the secret can make; another each time.

    A token that stayed the same could be guessed piece by piece from the lengths of compressed pages (BREACH).
    """
    salt = secrets.token_urlsafe(SALT_LENGTH)[:SALT_LENGTH]
    return salt + _signed(secret, salt)


def is_token_for(secret: str, token: str) -> bool:
    """Whether a token was made with this secret."""
    salt, signed = token[:SALT_LENGTH], token[SALT_LENGTH:]
    return hmac.compare_digest(signed.encode(), _signed(secret, salt).encode())


def derived(secret: str, purpose: str) -> str:
    """Return a second secret, which tells nothing of the first, for one purpose."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def form_token() -> Markup:
    """Return the hidden field that every form of a page has; nothing where no cookie carries rights."""
    secret: str | None = g.get("form_secret")
    if secret is None:
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token_for(secret))


def _signed(secret: str, salt: str) -> str:
    return derived(secret, f"form {salt}")
