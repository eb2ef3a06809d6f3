"""What a search says of where code stands: the origin first, copies after it, and what is common."""

from collections.abc import Callable
from datetime import date

import pytest

from index.entries import AdmittedFile, AdmittedSource
from index.queries import MOST_FILES_OF_A_CONTENT
from index.ranking import COMMON_SOURCES, MOST_ORIGINS
from index.reference_index import ReferenceIndex
from index.writer import content_swhid
from tests.index.upkeep import code

Add = Callable[..., None]


@pytest.fixture
def index(index_of_one: ReferenceIndex) -> ReferenceIndex:
    return index_of_one


@pytest.fixture
def add(index: ReferenceIndex) -> Add:
    def write(purl: str, files: dict[str, str], released: date | None = None, license: str = "MIT") -> None:
        with index.writer() as writer:
            admitted = []
            for path, text in files.items():
                swhid = content_swhid(text.encode())
                if writer.missing([swhid]):
                    assert writer.add_content(swhid, text.encode(), "Python")
                admitted.append(AdmittedFile(path, swhid, license, "said so", ()))
            source = AdmittedSource(purl, None, license, "said so", (), (), tuple(admitted), (), purl, released)
            writer.add_source(source)

    return write


def test_upstream_comes_before_those_who_vendored_it(index: ReferenceIndex, add: Add) -> None:
    add("pkg:pypi/aaa@1", {"aaa/_vendor/timber/saw.py": "# vendored\n" + code(1)}, date(2019, 1, 1))
    add("pkg:pypi/bbb@1", {"bbb/packages/timber/saw.py": code(1)}, date(2018, 1, 1))
    add("pkg:pypi/timber@3", {"src/timber/saw.py": code(1)}, date(2024, 5, 6))
    (match,) = index.search(code(1).encode(), "Python").matches
    assert [origin.file.purl for origin in match.origins] == ["pkg:pypi/timber@3", "pkg:pypi/bbb@1", "pkg:pypi/aaa@1"]
    assert match.origins[0].file.released == date(2024, 5, 6)
    assert (match.sources, match.unrelated_sources, match.common) == (3, 1, False)


def test_a_project_in_ten_packages_is_somebodys_work(index: ReferenceIndex, add: Add) -> None:
    for number in range(10):
        add(f"pkg:pypi/host{number}x@1", {f"host{number}x/thing.py": code(2)})
    (match,) = index.search(code(2).encode(), "Python").matches
    assert (match.sources, match.unrelated_sources, match.common) == (10, 1, False)


def test_an_idiom_in_as_many_projects_as_it_takes_is_common(index: ReferenceIndex, add: Add) -> None:
    names = ("ledger", "parcel", "harbour", "meadow", "copper", "lantern", "thicket")
    for count, name in enumerate(names[:COMMON_SOURCES], start=1):
        add(f"pkg:pypi/{name}@1", {f"{name}/{name}s.py": f"{code(10 + count)}\n\n{code(3)}\n\n{code(30 + count)}"})
        (match,) = index.search(code(3).encode(), "Python").matches
        assert (match.sources, match.unrelated_sources, match.common) == (count, count, count == COMMON_SOURCES)


def test_of_very_many_files_the_likely_ones_are_kept(index: ReferenceIndex, add: Add) -> None:
    many = range(MOST_FILES_OF_A_CONTENT + 100)
    add("pkg:pypi/copies@1", {f"deps/third_party/n{number}/saw.py": code(4) for number in many})
    add("pkg:pypi/undated@1", {f"undated/n{number}.py": code(4) for number in many})
    add("pkg:pypi/timber@3", {"src/timber/saw.py": code(4)}, date(2024, 5, 6))
    (match,) = index.search(code(4).encode(), "Python").matches
    assert match.origins[0].file.purl == "pkg:pypi/timber@3"
    assert len(match.origins) == MOST_ORIGINS
    assert {origin.file.purl for origin in match.origins} == {"pkg:pypi/timber@3", "pkg:pypi/undated@1"}
