"""What is sent for each call and how its answer is read; the two clients only differ in how they wait."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

from attrib.client.answers import BatchAnswer, Check, Generation, Problem, Record, Source, SourcePage
from attrib.client.audit_answers import Comparison, ReviewedFinding
from attrib.client.errors import ApiError, ClientError
from attrib.client.reading import read

T = TypeVar("T")

SENT_AT_ONCE = 48 * 1024
"""Bytes of a batch that are sent before its answers are read: what the buffers of a connection hold in any case."""

NoticeFormat = Literal["text", "markdown", "html"]


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """How code is generated; the fields and their defaults are those of `POST /api/v1/generate`."""

    suffix: str | None = None
    max_new_tokens: int = 256
    n: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    language: str | None = None
    exclude: tuple[str, ...] = ()
    mode: Literal["complete", "instruct"] = "complete"
    logprobs: int | None = None
    time_limit: float | None = None
    overlong: Literal["refuse", "cut"] = "refuse"


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One check of a batch; its answer repeats `id`."""

    code: str
    path: str | None = None
    language: str | None = None
    exclude: tuple[str, ...] = ()
    id: str | int | None = None


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and how its answer is read. `repeatable` tells that it may be sent again after a lost connection."""

    method: str
    path: str
    read: Callable[[bytes], T]
    query: dict[str, str | int] = field(default_factory=dict)
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    repeatable: bool = True


def check(code: str, path: str | None, language: str | None, exclude: Sequence[str], key: str | None) -> Call[Check]:
    """Check code; without a key of its own the call gets one, so that a lost answer does not make it happen twice."""
    body = {"code": code, "path": path, "language": language, "exclude": list(exclude)}
    return _creating("/api/v1/check", body, Check, key)


def generate(prompt: str, options: GenerateOptions, key: str | None) -> Call[Generation]:
    """Generate, and answer at once."""
    return _creating("/api/v1/generate", {"prompt": prompt, **asdict(options)}, Generation, key)


def stream(prompt: str, options: GenerateOptions) -> Call[bytes]:
    """Generate, and answer in events."""
    body = {"prompt": prompt, **asdict(options), "stream": True}
    return Call("POST", "/api/v1/generate", bytes, body=_json(body), headers=_JSON, repeatable=False)


def batches(items: Iterable[BatchItem | str]) -> Iterator[Call[bytes]]:
    """Cut a batch into requests, each with as many lines as may be sent before an answer is read."""
    lines: list[bytes] = []
    for item in items:
        line = _json(asdict(item if isinstance(item, BatchItem) else BatchItem(item))) + b"\n"
        if lines and sum(map(len, lines)) + len(line) > SENT_AT_ONCE:
            yield _batch(lines)
            lines = []
        lines.append(line)
    if lines:
        yield _batch(lines)


def record(id: str) -> Call[Record]:
    """Return a stored record."""
    return Call("GET", f"/api/v1/records/{quote(id, safe='')}", partial(read, Record))


def notice(id: str, form: NoticeFormat) -> Call[str]:
    """Return the notice of a record."""
    path = f"/api/v1/records/{quote(id, safe='')}/notice"
    return Call("GET", path, lambda body: body.decode(), query={"format": form})


def sources(q: str, collection: str | None, cursor: str | None, limit: int = 200) -> Call[SourcePage]:
    """Return a page of the sources."""
    query: dict[str, str | int] = {"q": q, "limit": limit}
    query |= {name: value for name, value in (("collection", collection), ("cursor", cursor)) if value is not None}
    return Call("GET", "/api/v1/sources", partial(read, SourcePage), query=query)


def source(purl: str) -> Call[Source]:
    """Return one source."""
    return Call("GET", f"/api/v1/sources/{quote(purl, safe='')}", partial(read, Source))


def license(expression: str) -> Call[dict[str, Any]]:
    """Return what is known of a licence, as JSON."""
    return Call("GET", f"/api/v1/licenses/{quote(expression, safe='')}", partial(read, dict[str, Any]))


def finding(audit_id: str, fingerprint: str) -> Call[ReviewedFinding]:
    """Return a finding of an audit with what was decided about it."""
    return Call("GET", _finding(audit_id, fingerprint), partial(read, ReviewedFinding))


def decide(
    audit_id: str, fingerprint: str, decision: str, reason: str, until: str | None, by: str | None
) -> Call[ReviewedFinding]:
    """Decide about a finding; sent twice, the decision stands twice in the history and is the same."""
    body = {"decision": decision, "reason": reason, "until": until, "by": by}
    path = _finding(audit_id, fingerprint) + "/decision"
    return Call("POST", path, partial(read, ReviewedFinding), body=_json(body), headers=_JSON, repeatable=False)


def withdraw(audit_id: str, fingerprint: str, reason: str, by: str | None) -> Call[ReviewedFinding]:
    """Withdraw the decision about a finding."""
    query: dict[str, str | int] = {"reason": reason}
    if by is not None:
        query["by"] = by
    path = _finding(audit_id, fingerprint) + "/decision"
    return Call("DELETE", path, partial(read, ReviewedFinding), query=query, repeatable=False)


def compare(audit_id: str, earlier: str) -> Call[Comparison]:
    """Hold an audit against an earlier one."""
    path = f"/api/v1/audits/{quote(audit_id, safe='')}/compare/{quote(earlier, safe='')}"
    return Call("GET", path, partial(read, Comparison))


def read_batch_line(line: str, before: int) -> BatchAnswer:
    """Read a line of a batch's answer, counted from the first line of all its requests."""
    answer = read(BatchAnswer, line)
    return BatchAnswer(answer.line + before, answer.id, answer.check, answer.problem)


def refused(status: int, body: bytes, said: str) -> ApiError:
    """Return the error of an answer that is none; one that is no problem+json, from a proxy perhaps, by its status."""
    try:
        return ApiError(read(Problem, body))
    except ClientError:
        return ApiError(Problem("about:blank", said or "The server refused the request", status))


def _creating(path: str, body: dict[str, Any], answer: type[T], key: str | None) -> Call[T]:
    headers = _JSON | {"Idempotency-Key": key or uuid.uuid4().hex}
    return Call("POST", path, partial(read, answer), body=_json(body), headers=headers)


def _batch(lines: list[bytes]) -> Call[bytes]:
    headers = {"Content-Type": "application/x-ndjson"}
    return Call("POST", "/api/v1/check/batch", bytes, body=b"".join(lines), headers=headers, repeatable=False)


def _finding(audit_id: str, fingerprint: str) -> str:
    return f"/api/v1/audits/{quote(audit_id, safe='')}/findings/{quote(fingerprint, safe='')}"


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


_JSON = {"Content-Type": "application/json"}
