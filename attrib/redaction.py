"""What a record keeps of code under retention "hashes": its hash, or nothing at all."""

import hashlib
from collections.abc import Mapping
from typing import Any

CODE_FIELDS = frozenset({"code", "code_with_attribution", "prompt", "suffix", "stop", "messages", "text", "content"})
"""The fields of a request or an answer that hold submitted or generated code, at whatever depth."""

PIECE_FIELDS = frozenset({"names", "logprobs"})
"""The fields that hold code name by name or token by token: the hash of so little is easily guessed."""


def code_sha256(code: bytes) -> str:
    """Return the hash a submitted text is known by: SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(code).hexdigest()


def without_code(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON object in which every text in CODE_FIELDS is its hash and every list in PIECE_FIELDS is empty."""
    return {name: _kept(name, part) for name, part in value.items()}


def _kept(name: str, part: Any) -> Any:
    if name in CODE_FIELDS:
        return _hashed(part)
    if name in PIECE_FIELDS and isinstance(part, list | tuple):
        return []
    return _walked(part)


def _walked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_code(value)
    if isinstance(value, list | tuple):
        return [_walked(part) for part in value]
    return value


def _hashed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_hashed(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _hashed(part) for name, part in value.items()}
    return "sha256:" + code_sha256(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value
