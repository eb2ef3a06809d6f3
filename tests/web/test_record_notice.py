"""The notice of a record as a file, in each format, over the real service."""

import pytest
from recorded import CODE

from web.app import create_app

pytestmark = pytest.mark.databases("sqlite", "postgresql")

TYPES = {"text": "text/plain", "markdown": "text/markdown", "html": "text/html"}


@pytest.fixture(scope="module")
def real(service, real_config):
    """A client of the application over the real service."""
    return create_app(service, real_config).test_client()


def _checked(real, path="finder.py"):
    return real.post("/api/v1/check", json={"code": CODE.decode(), "path": path}).json


@pytest.mark.parametrize("form", TYPES)
def test_a_record_gives_its_notice_in_each_format(real, form):
    checked = _checked(real)
    response = real.get(f"/api/v1/records/{checked['id']}/notice?format={form}")
    assert response.status_code == 200
    assert response.mimetype == TYPES[form]
    assert response.headers["Content-Disposition"].startswith("attachment; filename=THIRD-PARTY-NOTICES.")
    assert "2014 The Upward Authors" in response.text
    assert "upward/walk.py" in response.text.replace("\\", "")
    if form == "text":
        assert response.text == checked["attribution"]["notice"]


def test_the_record_leads_to_them(real):
    page = real.get(f"/records/{_checked(real)['id']}").text
    assert "/notice?format=markdown" in page
    assert "/notice?format=html" in page


def test_another_format_and_another_record_are_refused(real):
    refused = real.get(f"/api/v1/records/{_checked(real)['id']}/notice?format=pdf")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "format")
    assert real.get("/api/v1/records/none/notice").status_code == 404


def test_code_that_cannot_carry_tags_comes_with_its_side_file(real):
    checked = _checked(real, "finder.unknown")
    side_file = checked["attribution"]["side_file"]
    assert side_file == "SPDX-FileCopyrightText: 2014 The Upward Authors\n\nSPDX-License-Identifier: MIT\n"
    page = real.get(f"/records/{checked['id']}").text
    assert "Tags cannot stand in this code" in page
    assert "Code with its attribution" not in page
    given = real.get(f"/records/{checked['id']}/1/side-file.license")
    assert given.text == side_file
    assert given.headers["Content-Disposition"].startswith("attachment")
