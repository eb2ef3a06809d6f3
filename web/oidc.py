"""Logging in with an OpenID Connect provider: the authorisation code flow with PKCE.

OpenID Connect Core 1.0, sections 3.1 and 15.5.2; Discovery 1.0, section 4; RFC 7636; RFC 9207.
"""

import base64
import hmac
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from attrib.errors import ConfigurationError
from attrib.oidc_settings import OidcSettings
from attrib.principal import Principal
from web.errors import Problem
from web.form_tokens import derived

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
# Signed with a key that only the provider has: no `none`, and nothing that our own client secret could sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One browser's way to the provider and back; all that must match is derived from a secret in its cookie."""

    secret: str = field(repr=False)

    @property
    def nonce(self) -> str:
        """What the ID token must carry, so that no other login's token is taken."""
        return derived(self.secret, "nonce")

    @property
    def verifier(self) -> str:
        """What only this browser's attempt can show when the code is exchanged (PKCE)."""
        return derived(self.secret, "verifier")

    def state(self, then: str) -> str:
        """Return what the provider sends back with the code: where to go on to, signed for this browser."""
        return f"{base64.urlsafe_b64encode(then.encode()).decode()}.{derived(self.secret, f'state {then}')}"

    def then(self, state: str) -> str | None:
        """Return where to go on to; None where the state is not this browser's."""
        try:
            then = base64.urlsafe_b64decode(state.partition(".")[0]).decode()
        except ValueError:
            return None
        return then if hmac.compare_digest(self.state(then).encode(), state.encode()) else None


class Provider:
    """The provider of logins, asked anew at each login so that its new keys are known at once."""

    def __init__(self, settings: OidcSettings, redirect_uri: str) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri

    def address(self, attempt: LoginAttempt, then: str) -> str:
        """Return the provider's page that begins this attempt; raises Problem where the provider does not answer."""
        with self._client() as client:
            metadata = self._metadata(client)
            scope = "openid email"
            if self._settings.asks_for_groups and "groups" in metadata.get("scopes_supported", ()):
                scope += " groups"
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state(then),
                code_verifier=attempt.verifier,
                nonce=attempt.nonce,
                scope=scope,
            )
        return str(address)

    def principal(self, attempt: LoginAttempt, answer: Mapping[str, str]) -> tuple[Principal, str]:
        """Return whom the provider's answer vouches for, and where they wanted to go.

        Raises Problem where it is not an answer to this attempt, the provider refused, or no rule allows them anything.
        """
        then = attempt.then(answer.get("state", ""))
        if then is None:
            raise Problem("login-failed", "This answer of the provider belongs to no login of this browser.")
        if answer.get("iss", self._settings.issuer).rstrip("/") != self._settings.issuer:
            raise Problem("login-failed", "The answer came from another provider.")
        if "code" not in answer:
            raise Problem("login-failed", "The provider did not log you in.")
        claims = self._claims(attempt, answer["code"])
        return self._allowed(claims), then

    def _claims(self, attempt: LoginAttempt, code: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet

        with self._client() as client:
            metadata = self._metadata(client)
            token = client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
            )
            keys = _document(client, metadata["jwks_uri"], withhold_token=True)
            read = jwt.decode(token["id_token"], KeySet.import_key_set(cast(Any, keys)), algorithms=ALGORITHMS)
            client_id = self._settings.client_id
            expected = {"iss": metadata["issuer"], "aud": client_id}
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={name: {"essential": True, "value": value} for name, value in expected.items()},
                params={
                    "nonce": attempt.nonce,
                    "client_id": client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=LEEWAY_SECONDS)
            told = dict(claims)
            if "email" not in told and "userinfo_endpoint" in metadata:
                more = _document(client, metadata["userinfo_endpoint"])
                # Section 5.3.2: what is said of somebody else must not be used.
                told = more | told if more.get("sub") == told["sub"] else told
        return told

    def _allowed(self, claims: Mapping[str, Any]) -> Principal:
        email, groups = claims.get("email"), claims.get("groups")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise Problem("login-failed", "The provider does not vouch for your e-mail address.")
        held = [group for group in groups if isinstance(group, str)] if isinstance(groups, list) else []
        scopes = self._settings.scopes_of(email, held)
        if not scopes:
            raise Problem("login-failed", "You are logged in with the provider, but may do nothing here.")
        return Principal(email.lower(), scopes)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            from authlib.common.errors import AuthlibBaseError
            from authlib.integrations.httpx_client import OAuth2Client
            from httpx2 import HTTPError, InvalidURL
            from joserfc.errors import JoseError
        except ImportError as error:
            raise ConfigurationError("logging in with a provider needs Authlib: pip install 'attrib[oidc]'") from error
        settings = self._settings
        client = OAuth2Client(
            settings.client_id,
            settings.client_secret,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )
        try:
            with client:
                yield client
        except (AuthlibBaseError, JoseError) as error:
            log.warning("the answer of the provider of logins does not hold: %s", error)
            raise Problem("login-failed", "The provider's answer does not hold.") from error
        except (HTTPError, InvalidURL, KeyError, ValueError) as error:
            log.warning("the provider of logins does not answer as it should: %s: %s", type(error).__name__, error)
            raise Problem("login-unavailable", "The provider does not answer as OpenID Connect asks.") from error

    def _metadata(self, client: Any) -> Mapping[str, Any]:
        issuer = self._settings.issuer
        address = f"{issuer}/.well-known/openid-configuration"
        metadata = _document(client, address, withhold_token=True)
        endpoints = [metadata[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        plain = any(not str(endpoint).startswith("https://") for endpoint in endpoints)
        if str(metadata["issuer"]).rstrip("/") != issuer or (plain and issuer.startswith("https://")):
            raise ValueError("the metadata are another provider's, or lead over plain HTTP")
        return metadata


def _document(client: Any, address: str, *, withhold_token: bool = False) -> dict[str, Any]:
    """Get a JSON object; raises HTTPError or ValueError where there is none."""
    document = client.request("GET", address, withhold_token=withhold_token).raise_for_status().json()
    if not isinstance(document, dict):
        raise ValueError("the answer is no JSON object")
    return document
