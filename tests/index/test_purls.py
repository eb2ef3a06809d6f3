"""Patterns of sources: read in any spelling, and refused where they name nothing."""

import pytest

from index.errors import UnusablePattern
from index.opt_outs import opt_out_pattern
from index.purls import covers, source_pattern


@pytest.mark.parametrize(
    ("text", "pattern", "purl"),
    [
        ("pkg:PyPI/My_Lib", "pkg:pypi/my-lib", "pkg:pypi/my-lib@2.0"),
        ("pkg:pypi/flask@3.1.3", "pkg:pypi/flask@3.1.3", "pkg:pypi/flask@3.1.3"),
        ("pkg:npm/@us/*", "pkg:npm/%40us/*", "pkg:npm/%40us/parser@1"),
        ("pkg:npm/@us/", "pkg:npm/%40us/", "pkg:npm/%40us/parser@1"),
        ("pkg:npm/", "pkg:npm/", "pkg:npm/chalk@5"),
        ("pkg:npm/*", "pkg:npm/*", "pkg:npm/chalk@5"),
        ("pkg:pypi/our_other_*", "pkg:pypi/our-other-*", "pkg:pypi/our-other-tool@1"),
        ("pkg:pypi/flask@3.*", "pkg:pypi/flask@3.*", "pkg:pypi/flask@3.1.3"),
        ("pkg:pypi/flask@", "pkg:pypi/flask@", "pkg:pypi/flask@3.1.3"),
        ("pkg:github/Us/Repo", "pkg:github/us/repo", "pkg:github/us/repo@main"),
    ],
)
def test_a_pattern_is_read_as_the_catalogue_spells_purls(text: str, pattern: str, purl: str) -> None:
    assert source_pattern(text) == pattern
    assert source_pattern(pattern) == pattern
    assert covers(pattern, purl)
    assert not covers(pattern, "pkg:pypi/flask-login@3.1.3")


@pytest.mark.parametrize(
    "text",
    ["", "flask", "pkg:", "pkg:*", "pkg:n*", "*", "pkg:pypi", "pkg:pypi/a b", "pkg:pypi/*a", "pkg:pypi/a\n", "x" * 600],
)
def test_what_names_no_source_is_refused(text: str) -> None:
    with pytest.raises(UnusablePattern, match="names no source: give a purl such as pkg:pypi/flask"):
        source_pattern(text)


def test_a_content_may_be_opted_out_and_is_refused_when_it_is_none() -> None:
    swhid = f"swh:1:cnt:{'0a' * 20}"
    assert opt_out_pattern(swhid) == swhid
    for text in (swhid[:-1], swhid.upper(), swhid.replace("cnt", "dir")):
        with pytest.raises(UnusablePattern):
            opt_out_pattern(text)
