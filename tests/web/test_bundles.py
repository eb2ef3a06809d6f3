"""The archive that holds what has to be shipped."""

import io
import zipfile

import pytest
from recorded import CODE, checked, match

from attrib.answers import Action, GeneratedChoice, Verdict
from web.bundles import code_name


@pytest.mark.parametrize(
    ("path", "language", "name"),
    [
        ("src/finder.py", None, "finder.py"),
        ("C:\\code\\finder.py", "C", "finder.py"),
        ("../..", "Python", "code.py"),
        ("NOTICE.txt", None, "code.txt"),
        (None, "Python", "code.py"),
        (None, None, "code.txt"),
    ],
)
def test_code_is_called_as_it_was_sent_and_nothing_leads_out_of_the_folder(path, language, name):
    assert code_name(path, language) == name


def test_an_archive_holds_the_code_with_its_attribution_and_the_notice(client):
    client.post("/check", data={"code": CODE.decode(), "path": "lib/finder.py"})
    response = client.get("/records/0198-check/1/attribution.zip")
    assert response.mimetype == "application/zip"
    assert "filename=finder.py.zip" in response.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.namelist() == ["finder.py", "NOTICE.txt"]
        assert archive.read("finder.py") == client.get("/records/0198-check/1/code.txt").data
        assert archive.read("NOTICE.txt") == client.get("/records/0198-check/1/notice.txt").data
    assert client.get("/records/0198-check/1/attribution.zip").data == response.data


def test_of_withheld_code_there_is_no_archive(client, recorded):
    blocked = checked(match(verdict=Verdict(Action.BLOCK, ("not allowed",))))
    recorded.choices = [GeneratedChoice(None, None, "stop", blocked)]
    recorded.written = b"SECRET = 1"
    client.post("/generate", data={"prompt": "a"})
    assert client.get("/records/0198-generation/1/attribution.zip").status_code == 404
    assert client.get("/records/0198-generation/1/code.txt").status_code == 404
