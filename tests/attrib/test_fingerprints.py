"""Fingerprints over real code: the same after moving and laying out anew, different for different copies."""

import ast
import inspect
import json
import textwrap
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations
from types import FunctionType

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st
from settled_trees import NEWEST, ROUTE, decision, finding

from attrib.audits.decisions import alike
from attrib.audits.findings import Finding, Settled
from attrib.audits.fingerprints import fingerprint, is_fingerprint, is_sketch, known_share, numbered, unnumbered
from attrib.audits.precedents import fitted

MODULES = (ast, inspect, json, textwrap, json.decoder, json.encoder)


def functions() -> list[str]:
    """Return functions of the standard library, long enough to be found as copies."""
    seen = {}
    for module in MODULES:
        for _, one in inspect.getmembers(module, lambda member: isinstance(member, FunctionType)):
            try:
                code = textwrap.dedent(inspect.getsource(one))
            except (OSError, TypeError):
                continue
            if one.__module__ == module.__name__ and 12 <= code.count("\n") <= 80:
                seen[code] = None
    return list(seen)


FUNCTIONS = functions()
some_code = st.sampled_from(FUNCTIONS)


def moved(code: str, before: str, after: str) -> Finding:
    """Return the finding of a code that stands between other code."""
    alone = finding(code)
    span = alone.match.output
    shift = len(before.encode())
    output = replace(span, start_byte=span.start_byte + shift, end_byte=span.end_byte + shift)
    match = replace(alone.match, output=output)
    found = fingerprint(match, (before + code + after).encode())
    return replace(alone, match=match, fingerprint=found.name, sketch=found.sketch)


def test_there_is_enough_real_code() -> None:
    assert len(FUNCTIONS) > 60


@given(some_code, some_code, some_code, st.sampled_from(("b.py", "src/a.py")))
def test_lines_around_and_the_name_of_the_file_have_no_part_in_it(
    code: str, before: str, after: str, path: str
) -> None:
    there = replace(moved(code, before, after), path=path)
    assert (there.fingerprint, there.sketch) == (finding(code).fingerprint, finding(code).sketch)


@given(some_code, st.sampled_from((40, 79, 140)), st.booleans())
def test_another_layout_has_no_part_in_it(code: str, width: int, crlf: bool) -> None:
    laid_out = black.format_str(code, mode=black.Mode(line_length=width))
    laid_out = textwrap.indent(laid_out, "\t")
    if crlf:
        laid_out = laid_out.replace("\n", "\r\n")
    before, now = finding(code), finding(laid_out)
    assert known_share(now.sketch, before.sketch) > 0.8
    assert now.fingerprint == before.fingerprint or "'" in code


@given(some_code, st.data())
def test_a_line_changed_leaves_it_known(code: str, data: st.DataObject) -> None:
    lines = code.split("\n")
    number = data.draw(st.integers(0, len(lines) - 2))
    lines[number] = "    replaced = by_something(else_altogether, 17)"
    assert known_share(finding("\n".join(lines)).sketch, finding(code).sketch) >= 0.5


def test_names_of_different_copies_differ() -> None:
    found = {code: finding(code) for code in FUNCTIONS}
    for one, other in combinations(FUNCTIONS, 2):
        # json.dump and json.dumps, for instance, are the same for the most part.
        known = max(
            known_share(found[one].sketch, found[other].sketch), known_share(found[other].sketch, found[one].sketch)
        )
        if known >= 0.5 or found[one].fingerprint == found[other].fingerprint:
            shorter = min(len(one.split()), len(other.split()))
            matcher = SequenceMatcher(None, one.split(), other.split(), autojunk=False)
            assert sum(block.size for block in matcher.get_matching_blocks()) > 0.4 * shorter
    assert finding(purl="pkg:generic/other@1").fingerprint != finding().fingerprint
    assert finding(purl="pkg:generic/newest@2").fingerprint == finding().fingerprint


def test_code_that_shrank_is_known_and_code_that_grew_is_not() -> None:
    whole = "\n".join(FUNCTIONS[:4])
    assert known_share(finding(FUNCTIONS[0]).sketch, finding(whole).sketch) == 1.0
    assert known_share(finding(whole).sketch, finding(FUNCTIONS[0]).sketch) < 0.5


@given(st.text(max_size=200))
def test_any_text_has_one(code: str) -> None:
    found = finding(code.encode("utf-8", "replace").decode())
    assert is_fingerprint(found.fingerprint)
    assert is_sketch(found.sketch)
    assert known_share(found.sketch, found.sketch) in (0.0, 1.0)


@given(st.lists(st.sampled_from(("a" * 32, "b" * 32, "c" * 32))))
def test_equal_names_are_told_apart(names: list[str]) -> None:
    told = numbered(names)
    assert len(set(told)) == len(told)
    assert [unnumbered(name) for name in told] == names
    assert all(is_fingerprint(name) for name in told)


@pytest.mark.parametrize("text", ["", "a" * 31, "A" * 32, "a" * 32 + "-1", "a" * 32 + "-x", "g" * 32])
def test_what_is_no_name(text: str) -> None:
    assert not is_fingerprint(text)


@given(st.text())
def test_a_hostile_sketch_is_read_as_none(text: str) -> None:
    assert 0.0 <= known_share(text, finding().sketch) <= 1.0
    assert 0.0 <= known_share(finding().sketch, text) <= 1.0


def held(findings: list[Finding], *decisions: object) -> list[bool]:
    return [one is not None for one in fitted(findings, decisions, alike).known]  # type: ignore[type-var, arg-type]


def test_a_decision_is_about_one_copy_and_follows_it() -> None:
    first, second = finding(path="a.py"), finding(path="b.py")
    about_b = decision(second)
    assert held([first, second], about_b) == [False, True]
    renamed = replace(second, path="moved/b.py")
    assert held([first, renamed], about_b) == [False, True]
    assert held([finding(path="c.py")], about_b) == [True]
    assert held([finding(ROUTE, path="b.py")], about_b) == [False]
    assert held([finding(path="b.py", purl="pkg:generic/other@1")], about_b) == [False]


def test_where_nobody_can_say_which_copy_is_meant_it_is_none() -> None:
    copies = [finding(path="x.py"), finding(path="y.py")]
    one, other = decision(finding(path="a.py")), decision(finding(path="b.py"))
    found = fitted(copies, [one], alike)
    assert found.known == (None, None)
    assert found.ambiguous == (one,)
    other = replace(other, fingerprint=f"{other.fingerprint}-2")
    assert held(copies, one, other) == [True, True]
    assert held(copies, one, replace(other, settled=Settled.FALSE_POSITIVE)) == [False, False]


def test_code_split_by_an_edit_keeps_its_decision_in_both_parts() -> None:
    whole = finding(FUNCTIONS[0] + FUNCTIONS[1])
    parts = [finding(FUNCTIONS[0]), finding(FUNCTIONS[1])]
    assert held(parts, decision(whole)) == [True, True]
    assert held([parts[0], replace(parts[1], path="b.py")], decision(whole)) == [True, False]
    assert held([parts[0], parts[0]], decision(whole)) == [False, False]


def test_a_decision_written_by_hand_needs_only_the_name() -> None:
    by_hand = replace(decision(finding(NEWEST)), sketch="", source="", path="")
    assert held([finding(NEWEST), finding(ROUTE)], by_hand) == [True, False]
