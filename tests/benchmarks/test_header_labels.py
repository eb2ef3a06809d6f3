import csv
from collections import Counter
from pathlib import Path

import pytest

from attrib.licenses import canonical

TABLES = Path(__file__).parents[2] / "benchmarks"


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_labels_of_headers_are_canonical_or_say_that_there_is_none() -> None:
    for row in rows("license_headers.csv"):
        assert row["label"] == "NONE" or canonical(row["label"]).expression == row["label"], row


@pytest.mark.parametrize(("name", "fewest"), [("license_headers.csv", 150), ("copyright_statements.csv", 120)])
def test_tables_are_broad_and_name_each_file_once(name: str, fewest: int) -> None:
    table = rows(name)
    files = Counter((row["purl"], row["path"]) for row in table)
    packages = Counter(row["purl"] for row in table)
    assert len(table) == len(files) >= fewest
    assert all(len(row["sha256"]) == 64 for row in table)
    if name == "license_headers.csv":
        assert len(packages) >= 100
        assert max(packages.values()) <= 4


def test_statements_of_the_table_are_single_lines_without_what_every_statement_has() -> None:
    for row in rows("copyright_statements.csv"):
        for statement in row["statements"].split("\n") if row["statements"] else []:
            assert statement == statement.strip() != ""
            assert not statement.lower().startswith(("copyright", "(c)", "©")), row
