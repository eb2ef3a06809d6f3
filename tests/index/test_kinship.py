"""How many unrelated sources hold the same code: somebody's work that was re-hosted is one, an idiom is many."""

import pytest

from index.kinship import unrelated_sources
from index.matches import ReferenceFile
from tests.index.places import file

CASES: dict[str, tuple[int, list[ReferenceFile]]] = {
    "a whole project vendored in ten packages": (
        1,
        [
            file("pkg:pypi/urllib3@2.2", "src/urllib3/util/retry.py"),
            *(file(f"pkg:pypi/user{n}@1", f"user{n}/_vendor/urllib3/util/retry.py") for n in range(10)),
        ],
    ),
    "a file vendored where nothing else tells": (
        1,
        [file("pkg:pypi/attrs@25", "src/attr/_make.py"), file("pkg:pypi/zebra@1", "zebra/_vendor/attr2/_make.py")],
    ),
    "a copy whose path names its upstream": (
        1,
        [file("pkg:pypi/six@1", "six.py"), file("pkg:pypi/django@1.11", "django/utils/six.py")],
    ),
    "the same file in ten packages": (
        1,
        [file(f"pkg:pypi/project{n}x@1", f"project{n}x/place{n}.py", content="one") for n in range(10)],
    ),
    "an idiom in six different projects": (
        6,
        [
            file("pkg:pypi/click@8", "src/click/types.py", url="https://github.com/pallets/click"),
            file("pkg:pypi/rich@13", "rich/text.py"),
            file("pkg:pypi/numpy@2", "numpy/_core/records.py"),
            file("pkg:pypi/httpx@1", "httpx/_models.py"),
            file("pkg:pypi/boto3@1", "boto3/session.py"),
            file("pkg:npm/chalk@5", "source/index.js"),
        ],
    ),
    "boilerplate that a generator wrote into each project anew": (
        7,
        [file(f"pkg:pypi/{name}@1", f"{name}/manage.py") for name in ("ada", "bee", "cod", "doe", "elk", "fox", "gnu")],
    ),
    "packages of one family": (
        1,
        [
            file("pkg:npm/lodash@4", "lodash.js"),
            file("pkg:npm/lodash-es@4", "debounce.js"),
            file("pkg:npm/lodash.debounce@4", "index.js"),
            file("pkg:npm/lodash.throttle@4", "index.js"),
        ],
    ),
    "versions, registries and affixes of one project": (
        1,
        [
            file("pkg:pypi/python-dateutil@2.8", "dateutil/parser.py"),
            file("pkg:pypi/python-dateutil@2.9", "dateutil/parser.py"),
            file("pkg:deb/debian/python-dateutil@2.9-1", "dateutil/parser.py"),
            file("pkg:github/dateutil/dateutil@abc", "dateutil/parser.py"),
        ],
    ),
    "plugins of one framework, without it": (
        3,
        [file(f"pkg:pypi/pytest-{name}@1", f"pytest_{name}/plugin.py") for name in ("cov", "mock", "xdist")],
    ),
    "packages that only their scope's last name has in common": (
        2,
        [file("pkg:npm/%40babel/core@7", "lib/a.js"), file("pkg:npm/%40angular/core@7", "lib/b.js")],
    ),
    "packages of one scope": (
        1,
        [file("pkg:npm/%40babel/core@7", "lib/a.js"), file("pkg:npm/%40babel/types@7", "lib/b.js")],
    ),
    "packages of one distribution": (
        2,
        [file("pkg:deb/debian/curl@8", "lib/a.c"), file("pkg:deb/debian/zlib@1", "b.c")],
    ),
    "packages of one repository": (
        1,
        [
            file("pkg:pypi/alpha@1", "alpha/a.py", url="https://github.com/some/mono"),
            file("pkg:pypi/beta@1", "beta/b.py", url="https://github.com/Some/mono.git"),
        ],
    ),
    "related through a third": (
        1,
        [
            file("pkg:pypi/alpha@1", "alpha/a.py", content="one"),
            file("pkg:pypi/beta@1", "beta/b.py", content="one"),
            file("pkg:pypi/beta@2", "beta/b.py", content="two"),
            file("pkg:pypi/gamma@2", "gamma/c.py", content="two"),
        ],
    ),
}


@pytest.mark.parametrize(("number", "files"), CASES.values(), ids=list(CASES))
def test_the_number_of_unrelated_sources(number: int, files: list[ReferenceFile]) -> None:
    assert unrelated_sources(files) == number
    assert unrelated_sources(files[::-1]) == number
