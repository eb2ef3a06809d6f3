"""`Idempotency-Key`: a request that is sent again with its key is answered from its record, not done again."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Response, g, request

from attrib.claims import Claim, EarlierClaim
from attrib.errors import DeletedRecord, NoSuchRecord
from attrib.principal import acting
from web.current import current_config, current_service
from web.errors import FieldError, Problem
from web.events import Event
from web.records import record_json

HEADER = "Idempotency-Key"
PATTERN = r"^[!-~]{1,255}$"
REPLAYED = "Idempotency-Replayed"

Replay = Callable[[str], Response]
"""Answers once more what became of a request, by the id that was answered; raises NoSuchRecord and DeletedRecord."""


def once(sent: Callable[[], bytes], do: Callable[[], Response], again: Replay) -> Response:
    """Do what was asked, or where the same was asked before under the same key, answer as then.

    `sent` is called where there is a key, and returns what two requests have in common only if they are the same.
    Raises Problem `idempotency-key-reused`, `idempotency-in-progress` and `idempotency-not-kept`. A request that is
    refused or fails frees its key.
    """
    claim = _claim(sent)
    if claim is None:
        return do()
    claims = current_service().claims
    earlier = claims.take(claim)
    if earlier is not None:
        return _replayed(earlier, again)
    try:
        response = do()
    except BaseException:
        claims.give_up(claim)
        raise
    if response.mimetype == "application/json":
        claims.answered(claim, response.get_json()["id"])
    return response


def told(events: Iterator[Event]) -> Iterator[Event]:
    """Pass events on, and keep the record of the last one, `done`, with the key of the request."""
    claim: Claim | None = g.get("claim")
    claims = current_service().claims if claim is not None else None
    finished = False
    try:
        for event in events:
            name, data = event
            if name == "done" and isinstance(data, dict) and claims is not None and claim is not None:
                claims.answered(claim, data["id"])
                finished = True
            yield event
    finally:
        if claims is not None and claim is not None and not finished:
            claims.give_up(claim)


def from_record(render: Callable[[Mapping[str, Any]], Response]) -> Replay:
    """Answer once more from the answer that a record keeps whole."""

    def again(record_id: str) -> Response:
        record = current_service().record(record_id)
        if current_config().retention != "full":
            detail = f"This was answered, and no code is kept to answer it again: its record is {record.id}."
            raise Problem("idempotency-not-kept", detail)
        return render(record_json(record)["answer"])

    return again


def _claim(sent: Callable[[], bytes]) -> Claim | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not re.fullmatch(PATTERN, key):
        detail = "must be 1 to 255 visible ASCII characters"
        raise Problem("invalid-fields", f"Wrong: {HEADER}.", fields=[FieldError((HEADER,), detail)])
    who = acting.get() or request.headers.get("Authorization", "")
    caller = hashlib.sha256(who.encode(errors="replace"))
    asked = hashlib.sha256(f"{request.method} {request.full_path}\n".encode() + sent())
    g.claim = Claim(caller.hexdigest(), key, asked.hexdigest())
    return g.claim  # type: ignore[no-any-return]


def _replayed(earlier: EarlierClaim, again: Replay) -> Response:
    if not earlier.same_request:
        raise Problem("idempotency-key-reused", "This Idempotency-Key was sent with another request before.")
    if earlier.record_id is None:
        raise Problem("idempotency-in-progress", "The request of this Idempotency-Key is at work.", retry_after=1)
    try:
        response = again(earlier.record_id)
    except (NoSuchRecord, DeletedRecord):
        detail = f"This was answered, and its record {earlier.record_id} has been deleted since."
        raise Problem("idempotency-not-kept", detail) from None
    response.headers[REPLAYED] = "true"
    return response
