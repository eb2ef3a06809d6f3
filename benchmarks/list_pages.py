"""How long do the start page and the lists take over a large index and many records?

Run `python -m benchmarks.list_pages`. A throw-away home is filled with files of this Python's own library as packages
(1,000,000 lexemes and more) and with 100,000 records, each with an answer of the size of a real one. Then the pages are
asked for through the application, the first time and after.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from sysconfig import get_path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from attrib.bootstrap import build_service
from attrib.config import load_config
from attrib.record_tables import RecordRow, RecordTermRow
from attrib.record_terms import terms_of
from attrib.records import RecordKind, new_record_id
from attrib.service import Service
from web.app import create_app

FILES_OF_A_PACKAGE = 12
AT_ONCE = 2_000
CODE = b"def twice(value):\n    return value + value\n"


def main() -> int:
    """Print a line a page: milliseconds of the first time and the median of those after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--lexemes", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = load_config({"home": Path(folder) / "home"}, {}, Path(folder))
        with build_service(config) as service:
            _add_packages(service, Path(folder) / "packages", arguments.lexemes)
            _add_records(service, arguments.records)
            totals = service.stats()
            size = (config.home / "attrib.db").stat().st_size
            print(
                f"{totals.lexemes:,} lexemes in {totals.files:,} files of {totals.sources:,} sources; "
                f"{arguments.records:,} records, a database of {size / 1e6:,.0f} MB"
            )
            client = create_app(service, config).test_client()
            purl = service.overview().sources[0].purl
            print(f"{'':<58}{'first ms':>10}{'median ms':>11}")
            for name, address in {
                "the start page": "/",
                "records": "/records",
                "records of one verdict": "/records?verdict=block",
                "records, a word that few have": "/records?q=module_99.py",
                "records, a word that none has": "/records?q=nothing-like-it",
                "records of a licence, a source and a week": f"/records?license=MIT&source={purl}&since={_week()}",
                "sources": "/sources",
                "sources of an ecosystem and a kind of licence": "/sources?ecosystem=pypi&category=permissive",
                "a source": f"/sources/{purl}",
            }.items():
                times = [_milliseconds(client, address) for _ in range(arguments.times)]
                print(f"{name:<58}{times[0]:>10.1f}{statistics.median(times[1:]):>11.1f}")
    return 0


def _milliseconds(client: FlaskClient, address: str) -> float:
    begun = time.perf_counter()
    response = client.get(address)
    elapsed = (time.perf_counter() - begun) * 1000
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return elapsed


def _week() -> str:
    return (datetime.now(UTC) - timedelta(days=7)).date().isoformat()


def _add_packages(service: Service, folder: Path, lexemes: int) -> None:
    paths = iter(sorted(Path(get_path("stdlib")).rglob("*.py")))
    number = 0
    while service.stats().lexemes < lexemes and (some := list(islice(paths, FILES_OF_A_PACKAGE))):
        place = folder / f"package{number}"
        place.mkdir(parents=True)
        for path in some:
            (place / f"{path.parent.name}_{path.name}").write_bytes(path.read_bytes())
        license = ("MIT", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC")[number % 5]
        service.add([str(place)], purl=f"pkg:pypi/package{number}@1.0", license=license)
        number += 1


def _add_records(service: Service, count: int) -> None:
    sources = service.overview().sources
    answered = service.check(CODE)
    now = datetime.now(UTC)
    engine = service.record_search.engine
    with engine.connect() as connection:
        shape = dict(connection.execute(select(RecordRow.__table__).where(RecordRow.id == answered.id)).one()._mapping)
    for begin in range(0, count, AT_ONCE):
        rows, terms = [], []
        for number in range(begin, min(begin + AT_ONCE, count)):
            source = sources[number % len(sources)]
            verdict = ("allow", "attribute", "attribute", "review", "block")[number % 5]
            answer = _answer(source.purl, source.license_expression, verdict)
            id = new_record_id()
            request: dict[str, Any] = {"path": f"project/module_{number % 1000}.py", "language": None, "exclude": []}
            made = now - timedelta(minutes=(count - number) * 60 * 24 * 40 / count)
            changes = {"id": id, "created_at": made, "request": request, "answer": answer, "terms": request["path"]}
            rows.append(shape | changes | {"verdict": verdict, "status": "matched" if number % 3 else "clean"})
            terms += [{"field": field, "value": value, "record_id": id} for field, value in terms_of(request, answer)]
        with engine.begin() as connection:
            connection.execute(insert(RecordRow), rows)
            connection.execute(insert(RecordTermRow), terms)
    with engine.connect() as connection:
        counted = connection.scalar(select(func.count()).where(RecordRow.kind == RecordKind.CHECK.value))
    if counted != count + 1:
        raise RuntimeError(f"{counted} records are there")


def _answer(purl: str, license: str, verdict: str) -> dict[str, Any]:
    origin = {"purl": purl, "license": license, "path": "somewhere/in/a/package.py", "swhid": "swh:1:cnt:" + "0" * 40}
    match = {"kind": "exact", "origins": [origin] * 12, "verdict": verdict, "reasons": ["it asks for its notice"] * 3}
    return {"matches": [match], "attribution": {"notice": "A notice of some length. " * 120}}


if __name__ == "__main__":
    sys.exit(main())
