"""A small OpenID Connect provider on loopback, strict about what a client must send, and able to lie."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT_ID = "attrib"
CLIENT_SECRET = "the provider knows it, too"


@dataclass
class Provider:
    """Logs in whoever `claims` says at once; `lie` changes the claims of an ID token before it is signed."""

    claims: dict[str, Any]
    issuer: str = ""
    redirect_uri: str = ""
    lie: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    signing: RSAKey | OctKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: RSAKey | OctKey | None = None
    algorithm: str = "RS256"
    metadata: dict[str, Any] = field(default_factory=dict)
    in_userinfo: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked_scopes: list[str] = field(default_factory=list)

    def app(self) -> Flask:
        """Return the provider's pages."""
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._configuration)
        app.add_url_rule("/authorize", view_func=self._authorize)
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        app.add_url_rule("/jwks", view_func=self._jwks)
        app.add_url_rule("/userinfo", view_func=self._userinfo)
        return app

    def _configuration(self) -> Response:
        return jsonify(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "scopes_supported": ["openid", "email", "groups"],
                **self.metadata,
            }
        )

    def _authorize(self) -> Any:
        asked = request.args
        if asked["client_id"] != CLIENT_ID or asked["redirect_uri"] != self.redirect_uri:
            abort(400)
        if asked["response_type"] != "code" or asked["code_challenge_method"] != "S256":
            abort(400)
        self.asked_scopes.append(asked["scope"])
        if self.refuses:
            return redirect(f"{self.redirect_uri}?{urlencode({'error': 'access_denied', 'state': asked['state']})}")
        code = f"code-{len(self.codes)}"
        self.codes[code] = {"challenge": asked["code_challenge"], "nonce": asked["nonce"]}
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return redirect(f"{self.redirect_uri}?{urlencode(answer)}")

    def _token(self) -> Any:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return jsonify({"error": "invalid_client"}), 401
        kept = self.codes.pop(request.form["code"], None)
        challenge = create_s256_code_challenge(request.form["code_verifier"])
        if kept is None or kept["challenge"] != challenge or request.form["redirect_uri"] != self.redirect_uri:
            return jsonify({"error": "invalid_grant"}), 400
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": kept["nonce"]}
        key: Any = self.signing
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, self.lie(claims | self.claims), key, algorithms=[self.algorithm])
        return jsonify({"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def _jwks(self) -> Response:
        key = self.published or self.signing
        return jsonify({"keys": [key.as_dict(private=isinstance(key, OctKey))]})

    def _userinfo(self) -> Any:
        if request.headers.get("Authorization") != "Bearer access":
            abort(401)
        return jsonify(self.in_userinfo)


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Serve a provider while the block runs."""
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
