"""A file that is sent is not written to a temporary one."""

import tempfile
from io import BytesIO

import pytest
from flask import Flask, request


def test_a_large_file_of_a_form_touches_no_temporary_file(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(f"werkzeug.formparser.{name}", lambda *a, **k: made.append(a) or BytesIO(), raising=False)
        monkeypatch.setattr(tempfile, name, lambda *a, **k: made.append(a) or BytesIO())
    content = b"value = 1\n" * 100_000

    @app.post("/read-it")
    def read_it() -> dict[str, int]:
        return {"bytes": len(request.files["file"].read())}

    answer = app.test_client().post("/read-it", data={"file": (BytesIO(content), "mine.py")})
    assert answer.get_json() == {"bytes": len(content)}
    assert made == []
