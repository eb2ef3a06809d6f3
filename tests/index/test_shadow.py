"""What would carry a verbatim run on is known before the run is longer than the certain length."""

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index.lexer import lex
from index.reference_index import ReferenceIndex
from index.shadow import Shadow
from tests.index.test_search import NEW_CODE

SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def everything(_file) -> bool:
    return True


# Behind the first stands what many files hold, behind the second a pattern that repeats itself.
@example(start=25_506, size=1)
@example(start=25_581, size=1)
@SETTINGS
@given(start=st.integers(0, 60_000), size=st.integers(1, 9))
def test_a_run_is_told_in_time_with_what_comes_next(
    index: ReferenceIndex, site_packages: Path, start: int, size: int
) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()
    start = text.index(b"\n", start) + 1
    copied = text[start : start + 2500]
    shadow = Shadow(index, everything)
    shadow.feed(NEW_CODE)
    told = None
    for at in range(0, len(copied), size):
        barred = shadow.feed(copied[at : at + size])
        end = at + size
        if barred and told is None:
            told = len(lex(copied[:end]))
        if told is not None and end < len(copied):
            assert any(text[start + end :].lstrip().startswith(one.lstrip()) for one in barred), (start, at)
    # Comments and docstrings have no window of code of their own until enough lexemes follow.
    assert told is not None
    assert told <= index.params.certain_lexemes + 1 + size // 2


def test_nothing_is_told_of_files_that_concern_nobody(index: ReferenceIndex, site_packages: Path) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()[20_000:23_000]
    assert Shadow(index, lambda _: False).feed(text) == ()
    assert Shadow(index, everything, exclude=["pkg:pypi/click"]).feed(text) == ()
    assert Shadow(index, everything).feed(text) != ()


def test_a_run_that_is_left_is_told_no_more(index: ReferenceIndex, site_packages: Path) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()[20_000:23_000]
    shadow = Shadow(index, everything)
    assert shadow.feed(text)
    assert shadow.feed(b" quite_another ") == ()


def test_code_that_stands_elsewhere_too_is_free(index: ReferenceIndex, site_packages: Path) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()[20_000:23_000]
    swhids = set()

    def concerns(file) -> bool:
        swhids.add(file.swhid)
        return not file.path.startswith("click/")

    assert Shadow(index, concerns).feed(text) == ()
