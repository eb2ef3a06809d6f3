"""Every question that is asked all the time is answered through an index, on both databases."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from attrib import database
from benchmarks.query_plans import QUESTIONS, Plan, fill, plans

pytestmark = pytest.mark.databases("sqlite", "postgresql")

RECORDS = 20_000
# PostgreSQL's and SQLite's word for reading a table from its beginning to its end, without an index.
WHOLE_TABLE = re.compile(r"(Seq Scan on|SCAN) (records|record_terms|audits|claims|sources|files|contents)\b(?!.*INDEX)")
# Whoever counts all terms may read all terms.
COUNTED = {"the licences of all records": "record_terms"}


@pytest.fixture(scope="module")
def filled(new_database: Callable[[], str]) -> Iterator[Engine]:
    engine = database.open_database(new_database())
    fill(engine, RECORDS)
    yield engine
    engine.dispose()


def test_no_question_reads_a_whole_table(filled: Engine) -> None:
    found = list(plans(filled))
    assert {plan.question for plan in found} == {*QUESTIONS}
    assert [plan for plan in found if _reads_a_table(plan)] == []


def _reads_a_table(plan: Plan) -> bool:
    tables = {found[2] for step in plan.steps if (found := WHOLE_TABLE.search(step))}
    return bool(tables - {COUNTED.get(plan.question)})
