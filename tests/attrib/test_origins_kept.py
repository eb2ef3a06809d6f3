"""An answer has the first origins of a match, its record all of them, an audit's record more than its answer."""

from pathlib import Path

import pytest

from attrib.answers import ANSWERED_ORIGINS, AUDITED_ORIGINS
from attrib.bootstrap import build_service
from attrib.config import Config
from tests.index.packing import code

pytestmark = pytest.mark.databases("sqlite", "postgresql")

COPIES = AUDITED_ORIGINS + 20


def test_records_keep_the_origins_that_an_answer_leaves_out(config: Config, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(COPIES):
        (source / f"copy{number:03}.py").write_text(code("kept"))
    mine = tmp_path / "mine.py"
    mine.write_text(code("kept"))
    with build_service(config) as service:
        service.add([str(source)], purl="pkg:pypi/kept@1", license="MIT")
        check = service.check(mine.read_bytes(), path="mine.py")
        audit = service.audit(mine)
        kept = service.record(check.id).answer["matches"]
        audited = service.record(audit.id).answer["findings"]
    for shown in (check.as_json()["matches"], audit.as_json()["findings"], kept, audited):
        assert [one["origins_total"] for one in shown] == [COPIES]
    assert len(check.as_json()["matches"][0]["origins"]) == ANSWERED_ORIGINS
    assert len(audit.as_json()["findings"][0]["origins"]) == ANSWERED_ORIGINS
    assert len(kept[0]["origins"]) == COPIES
    assert len(audited[0]["origins"]) == AUDITED_ORIGINS
    assert kept[0]["origins"][:ANSWERED_ORIGINS] == check.as_json()["matches"][0]["origins"]
