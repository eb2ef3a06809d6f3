"""Makes the examples that the reference at /docs shows: asks a real server, and keeps what it was asked and answered.

python -m benchmarks.api_examples --write     # into web/examples.json
python -m benchmarks.api_examples             # to standard output
"""

import argparse
import io
import json
import sys
import tempfile
import time
import uuid
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.api_fuzz import served

CODE = """def find_up(start, name):
    current = os.path.abspath(start)
    while True:
        candidate = os.path.join(current, name)
        if os.path.exists(candidate):
            return candidate
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent
"""
PROMPT = "def area(width, height):\n"
LONGEST_TEXT = 2_000
WRITE = {"max_new_tokens": 16, "seed": 1}
OPENAI = {"model": "embedded", "max_tokens": 16, "temperature": 0}

# (operation, title, method, path, headers besides the content type, body)
ASKED: list[tuple[str, str, str, str, dict[str, str], Any]] = [
    ("check", "A copy with another name", "POST", "/api/v1/check", {}, {"code": CODE, "path": "finder.py"}),
    ("check", "A field is wrong", "POST", "/api/v1/check", {}, {"code": 1, "colour": "red"}),
    (
        "check_batch",
        "Two lines, one of them wrong",
        "POST",
        "/api/v1/check/batch",
        {},
        '{"id": "first", "code": "x = 1"}\n{"id": "second", "code": "x", "language": "klingon"}\n',
    ),
    ("generate", "At once", "POST", "/api/v1/generate", {}, {"prompt": PROMPT, **WRITE}),
    ("generate", "As it is written", "POST", "/api/v1/generate", {}, {"prompt": PROMPT, **WRITE, "stream": True}),
    ("record", "A check", "GET", "/api/v1/records/{id}", {}, None),
    ("record", "Nothing is stored under that id", "GET", "/api/v1/records/none", {}, None),
    ("notice", "As text", "GET", "/api/v1/records/{id}/notice", {}, None),
    ("origins", "Of the first match", "GET", "/api/v1/records/{id}/matches/0/origins?limit=1", {}, None),
    ("sources", "The first page", "GET", "/api/v1/sources?q=upward&limit=1", {}, None),
    ("source", "By its purl", "GET", "/api/v1/sources/pkg:pypi/upward@2.1.0", {}, None),
    ("policy", "The rules in force", "GET", "/api/v1/policy", {}, None),
    ("license", "A choice of two", "GET", "/api/v1/licenses/MIT", {}, None),
    ("detect_license", "A tag", "POST", "/api/v1/licenses/detect", {}, {"text": "# SPDX-License-Identifier: ISC\n"}),
    ("openai_models", "The one that is served", "GET", "/v1/models", {}, None),
    ("openai_model", "By its name", "GET", "/v1/models/embedded", {}, None),
    ("openai_completions", "A continuation", "POST", "/v1/completions", {}, {"prompt": PROMPT, **OPENAI}),
    (
        "openai_chat",
        "A conversation",
        "POST",
        "/v1/chat/completions",
        {},
        {"messages": [{"role": "user", "content": "Sort a list."}], **OPENAI},
    ),
    (
        "openai_fim",
        "What stands between the two",
        "POST",
        "/v1/fim/completions",
        {},
        {"prompt": "def area(", "suffix": "    return width * height\n", **OPENAI},
    ),
    ("health_healthz", "It answers", "GET", "/healthz", {}, None),
    ("health_readyz", "It is ready", "GET", "/readyz", {}, None),
    ("health_metrics", "For Prometheus", "GET", "/metrics", {}, None),
    ("records", "The newest", "GET", "/api/v1/records?limit=1", {}, None),
    ("audits_submit", "Without an archive", "POST", "/api/v1/audits", {}, "--edge--\r\n"),
    ("audits_audits", "The first page", "GET", "/api/v1/audits?limit=1", {}, None),
    ("audits_audit", "There is no such audit", "GET", "/api/v1/audits/none", {}, None),
    ("audits_cancel", "There is no such audit", "POST", "/api/v1/audits/none/cancel", {}, None),
    ("audits_report", "There is no such audit", "GET", "/api/v1/audits/none/report?format=json", {}, None),
    (
        "server_paths_submit",
        "No folder may be audited here",
        "POST",
        "/api/v1/audits/server-path",
        {},
        {"path": "/srv/code/shop", "project": "shop"},
    ),
    (
        "decisions_decide",
        "It is waived",
        "POST",
        "/api/v1/audits/{audit}/findings/{fingerprint}/decision",
        {},
        {"decision": "waived", "until": "2099-03-31", "reason": "is replaced in spring", "by": "Ben"},
    ),
    ("decisions_finding", "What counts now", "GET", "/api/v1/audits/{audit}/findings/{fingerprint}", {}, None),
    (
        "decisions_withdraw",
        "It is taken back",
        "DELETE",
        "/api/v1/audits/{audit}/findings/{fingerprint}/decision?reason=it%20stays&by=Ada",
        {},
        None,
    ),
    ("decisions_compare", "Since the audit before", "GET", "/api/v1/audits/{audit}/compare/{earlier}", {}, None),
    ("deleting_record", "A record", "DELETE", "/api/v1/records/{id}", {}, None),
    ("record", "It was deleted", "GET", "/api/v1/records/{id}", {}, None),
]


def made(address: str) -> list[dict[str, Any]]:
    """Ask everything once and return what was asked and answered."""
    examples: list[dict[str, Any]] = []
    id = ""
    known = two_audits(address)
    for operation, title, method, path, headers, body in ASKED:
        for name, value in (known | {"{id}": id}).items():
            path = path.replace(name, value)
        request = {"method": method, "path": path, "headers": dict(headers), "body": body}
        if not id:
            request["headers"]["Idempotency-Key"] = str(uuid.uuid4())
        answer = asked(address, request)
        answer["body"] = _shortened(answer["body"])
        id = id or answer["body"]["id"]
        examples.append({"operation": operation, "title": title, "request": request, "answer": answer})
    return examples


def two_audits(address: str) -> dict[str, str]:
    """Have a new project audited twice; return what stands for both audits and the finding of the second in a path."""
    project = f"shop-{uuid.uuid4()}"
    earlier, audit = (_audited(address, code, project) for code in ("x = 1\n", CODE))
    report = httpx2.get(f"{address}/api/v1/audits/{audit}/report").json()
    return {"{earlier}": earlier, "{audit}": audit, "{fingerprint}": report["findings"][0]["fingerprint"]}


def _audited(address: str, code: str, project: str) -> str:
    """Have an archive of one file audited, and return the id of the audit that is done."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("shop/finder.py", code)
    sent = httpx2.post(
        f"{address}/api/v1/audits",
        data={"project": project},
        files={"archive": ("shop.zip", packed.getvalue())},
        timeout=60,
    )
    id: str = sent.json()["id"]
    while (audit := httpx2.get(f"{address}/api/v1/audits/{id}").json())["state"] != "done":
        if audit["state"] not in ("queued", "running"):
            raise RuntimeError(f"the audit of the examples is {audit['state']}")
        time.sleep(0.05)
    return id


def _shortened(body: Any) -> Any:
    """Return a long text cut after a line, such as all that Prometheus is told."""
    if not isinstance(body, str) or len(body) <= LONGEST_TEXT:
        return body
    return body[: body.rindex("\n", 0, LONGEST_TEXT) + 1] + "[...]\n"


def asked(address: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send one request and return its answer; the content type is added to what is sent."""
    body = request["body"]
    if body is not None:
        request["headers"]["Content-Type"] = _sent_as(body)
    content = body if isinstance(body, str) or body is None else json.dumps(body)
    response = httpx2.request(
        request["method"], address + request["path"], headers=request["headers"], content=content, timeout=60
    )
    media = response.headers.get("Content-Type", "").split(";")[0]
    shown = response.json() if media.endswith("json") and not media.endswith("x-ndjson") else response.text
    return {"status": response.status_code, "type": media, "body": shown}


def _sent_as(body: Any) -> str:
    if not isinstance(body, str):
        return "application/json"
    return "multipart/form-data; boundary=edge" if body.startswith("--edge") else "application/x-ndjson"


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into web/examples.json")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address:
        text = json.dumps(made(address), indent=1, ensure_ascii=False) + "\n"
    if parser.parse_args().write:
        Path(str(files("web").joinpath("examples.json"))).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
