"""Which origin comes first: situations as they are found in packages, each with the place a person would name."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.origin_ranking import Place, ranked
from tests.index.places import place

# The right order; what comes first is what a person would name as the origin.
CASES: dict[str, list[Place]] = {
    "one file vendored by several": [
        place("pkg:pypi/six@1.17.0", "six.py", released="2024-12-04"),
        place("pkg:pypi/setuptools@65.0.0", "setuptools/_vendor/six.py", released="2022-07-01"),
        place("pkg:pypi/pip@23.0", "src/pip/_vendor/six.py", released="2023-01-30"),
    ],
    "a package vendored by several, older than the upstream that is indexed": [
        place("pkg:pypi/packaging@26.3", "src/packaging/version.py", released="2026-08-04"),
        place("pkg:pypi/pip@24.0", "src/pip/_vendor/packaging/version.py", released="2024-02-03"),
        place("pkg:pypi/setuptools@70.0", "setuptools/_vendor/packaging/version.py", released="2024-05-21"),
    ],
    "vendored where the folder is not called a vendor folder": [
        place("pkg:pypi/urllib3@2.2.0", "src/urllib3/util/retry.py", released="2024-01-30"),
        place("pkg:pypi/requests@2.6.0", "requests/packages/urllib3/util/retry.py", released="2015-03-14"),
    ],
    "one file kept among one's own": [
        place("pkg:pypi/six@1.17.0", "six.py", released="2024-12-04"),
        place("pkg:pypi/django@1.11", "django/utils/six.py", released="2017-04-04"),
        place("pkg:pypi/urllib3@1.26.0", "src/urllib3/packages/six.py", released="2020-11-10"),
    ],
    "one file taken over under another name": [
        place("pkg:pypi/tomli@2.0.1", "src/tomli/_parser.py"),
        place("pkg:pypi/mypkg@1", "config_reader/toml_support.py"),
    ],
    "nobody's path names the project, but those who vendored it do": [
        place("pkg:pypi/attrs@25.0", "src/attr/_make.py", released="2025-01-01"),
        place("pkg:pypi/aardvark@1", "classes/make.py", released="2019-01-01"),
        place("pkg:pypi/zebra@1", "zebra/_vendor/attr/_make.py", released="2018-01-01"),
    ],
    "a wrapped copy in the modules of a bundle": [
        place("pkg:npm/lodash@4.17.21", "_baseClone.js"),
        place("pkg:npm/some-app@1.0.0", "node_modules/lodash/_baseClone.js"),
    ],
    "a scoped package, vendored with its scope": [
        place("pkg:npm/%40babel/traverse@7.20.0", "lib/path/index.js"),
        place("pkg:npm/bundler@1.0.0", "compiled/babel/lib/path/index.js"),
        place("pkg:npm/kit@1.0.0", "node_modules/@babel/traverse/lib/path/index.js"),
    ],
    "a package of one method, and the whole it was built from": [
        place("pkg:npm/lodash@4.17.21", "lodash.js", released="2021-02-20"),
        place("pkg:npm/lodash.debounce@4.0.8", "index.js", released="2016-08-13"),
    ],
    "the module form is closer than the whole": [
        place("pkg:npm/lodash-es@4.17.21", "debounce.js"),
        place("pkg:npm/lodash@4.17.21", "debounce.js", lexemes=185, similarity=0.9),
    ],
    "source and bundle of one package": [
        place("pkg:npm/preact@10.0.0", "src/render.js", similarity=0.97),
        place("pkg:npm/preact@10.0.0", "dist/render.js"),
    ],
    "a bundle of somebody else": [
        place("pkg:npm/clsx@2.0.0", "src/index.js"),
        place("pkg:npm/aa-widgets@1.0.0", "dist/index.js"),
    ],
    "upstream's only file is a built one": [
        place("pkg:npm/jquery@3.7.0", "dist/jquery.js"),
        place("pkg:npm/a-theme@1.0.0", "assets/scripts/site.js"),
    ],
    "a fork under another name that kept the folder": [
        place("pkg:pypi/urllib3@2.2.0", "src/urllib3/response.py", released="2024-01-30"),
        place("pkg:pypi/urllib3-future@2.1.0", "src/urllib3/response.py", released="2023-11-01"),
    ],
    "a real tie between two projects is told by the date": [
        place("pkg:pypi/numpy@2.1.0", "numpy/_utils/_pep440.py", released="2024-08-18"),
        place("pkg:pypi/scipy@1.15.0", "scipy/_lib/_pep440.py", released="2025-01-03"),
    ],
    "a real tie without dates is told by the shorter path": [
        place("pkg:pypi/scipy@1.15.0", "scipy/_lib/_pep440.py"),
        place("pkg:pypi/numpy@2.1.0", "numpy/_utils/_pep440.py"),
    ],
    "a test helper that another project made its own": [
        place("pkg:pypi/numpy@2.1.0", "numpy/_pytesttester.py", released="2024-08-18"),
        place("pkg:pypi/scipy@1.11.0", "scipy/_lib/_testutils.py", similarity=0.97, released="2023-06-25"),
    ],
    "the longer of two that nothing else tells apart": [
        place("pkg:pypi/scipy@1.15.0", "scipy/_lib/_pep440.py", lexemes=200),
        place("pkg:pypi/numpy@2.1.0", "numpy/_lib/_pep440.py", lexemes=199),
    ],
    "two versions of one project": [
        place("pkg:pypi/flask@2.0.0", "src/flask/app.py", released="2021-05-11"),
        place("pkg:pypi/flask@3.0.0", "src/flask/app.py", released="2023-09-30"),
    ],
    "the copy was changed, and it is the copy that was copied": [
        place("pkg:pypi/pip@26.3", "src/pip/_vendor/requests/packages.py"),
        place("pkg:pypi/requests@2.34.2", "src/requests/packages.py", lexemes=185, similarity=0.85),
    ],
    "what is unchanged comes before what was renamed, however long": [
        place("pkg:pypi/small@1", "other/name.py", lexemes=150),
        place("pkg:pypi/big@1", "src/big/name.py", lexemes=300, renamed=True),
    ],
    "no more than 5% shorter is as long": [
        place("pkg:pypi/itsdangerous@2.2.0", "src/itsdangerous/signer.py", lexemes=192, similarity=0.96),
        place("pkg:pypi/aa@1", "aa/_vendor/itsdangerous/signer.py"),
    ],
    "exact before alike": [
        place("pkg:pypi/yy@2", "yy/a.py", released="2024-01-01"),
        place("pkg:pypi/xx@1", "xx/a.py", similarity=0.96, released="2020-01-01"),
    ],
    "a known date before none": [
        place("pkg:pypi/yy@2", "yy/longer.py", released="2024-01-01"),
        place("pkg:pypi/xx@1", "xx/a.py"),
    ],
    "one project in two registries": [
        place("pkg:pypi/six@1.17.0", "six.py", released="2024-12-04"),
        place("pkg:deb/debian/six@1.17.0-1", "six.py", released="2024-12-20"),
    ],
    "a namespace that is written as folders": [
        place("pkg:pypi/zope.interface@6.0", "src/zope/interface/adapter.py"),
        place("pkg:pypi/copies@1", "adapter.py"),
    ],
}


@pytest.mark.parametrize("right", CASES.values(), ids=list(CASES))
def test_the_origin_that_a_person_would_name_comes_first(right: list[Place]) -> None:
    for shuffled in permutations(right):
        assert [shuffled[number] for number in ranked(shuffled)] == right


def test_a_name_that_happens_to_be_a_folder_makes_nobody_a_copy() -> None:
    flask = place("pkg:pypi/flask@3", "src/flask/config.py", released="2023-01-01")
    other = place("pkg:pypi/config@1", "config/reading.py", released="2024-01-01")
    assert ranked([other, flask]) == [1, 0]


NAMES = st.sampled_from(["six", "urllib3", "lodash", "zope.interface", "flask"])
PATHS = st.lists(st.sampled_from(["src", "_vendor", "six", "urllib3", "dist", "util", "zope"]), max_size=3)
PLACES = st.builds(
    lambda name, folders, file, lexemes, day: place(
        f"pkg:pypi/{name}@1", "/".join([*folders, file]), lexemes, released=day
    ),
    NAMES,
    PATHS,
    st.sampled_from(["six.py", "index.js", "retry.py"]),
    st.integers(150, 200),
    st.sampled_from([None, "2020-01-01", "2024-01-01"]),
)


@given(st.lists(PLACES, min_size=1, max_size=8, unique_by=lambda one: (one.file.purl, one.file.path)), st.randoms())
def test_the_order_does_not_depend_on_how_the_places_were_found(places: list[Place], random) -> None:
    shuffled = list(places)
    random.shuffle(shuffled)
    assert [places[number] for number in ranked(places)] == [shuffled[number] for number in ranked(shuffled)]
