"""The comparison: both texts whole and in order, equal lines together, differences where they are."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from attrib.comparison import RowState, compare

LINES = st.lists(
    st.sampled_from(["", "  ", "}", "return x", "  return x", "return y", "for a in b:", "é = 1"]), max_size=14
)


@settings(max_examples=200, deadline=None)
@given(LINES, LINES)
def test_every_line_of_both_sides_stands_once_and_in_order(left, right):
    rows = compare(left, right, left_start=7, right_start=3)
    assert [row.left_text for row in rows if row.left_number is not None] == left
    assert [row.right_text for row in rows if row.right_number is not None] == right
    assert [row.left_number for row in rows if row.left_number is not None] == list(range(7, 7 + len(left)))
    assert [row.right_number for row in rows if row.right_number is not None] == list(range(3, 3 + len(right)))
    for row in rows:
        both = row.left_text is not None and row.right_text is not None
        assert (row.state in (RowState.SAME, RowState.CHANGED)) == both
        if both:
            assert (row.state is RowState.SAME) == (row.left_text.strip() == row.right_text.strip())


def test_a_text_beside_itself_is_the_same_throughout():
    lines = ["def a():", "    return 1", "", "}"] * 5
    assert {row.state for row in compare(lines, [f"\t{line}" for line in lines])} == {RowState.SAME}


def test_renamed_lines_are_set_beside_each_other_with_the_names_marked():
    (row,) = compare(["    total = first + second"], ["total = first + third"])
    assert row.state is RowState.CHANGED
    assert [row.left_text[start:end] for start, end in row.left_changes] == ["second"]
    assert [row.right_text[start:end] for start, end in row.right_changes] == ["third"]


def test_an_inserted_comment_moves_nothing_else_apart():
    left = ["def f(a):", "    b = g(a)", "    return b"]
    right = ["def f(x):", "    # why", "    b = g(x)", "    return b"]
    states = [(row.left_number, row.right_number, row.state) for row in compare(left, right)]
    assert states == [
        (1, 1, RowState.CHANGED),
        (None, 2, RowState.RIGHT),
        (2, 3, RowState.CHANGED),
        (3, 4, RowState.SAME),
    ]


def _lines_of(pieces):
    return st.lists(st.lists(st.sampled_from(pieces), max_size=6).map("".join), max_size=8)


NAMES = {"waiting": "queue", "here": "u", "there": "v", "u": "here"}


def test_names_that_were_exchanged_are_no_difference():
    left = ["    here, far = waiting.popleft()", "    for there in here:", "        return far"]
    right = ["u, far = queue.popleft()", "for v in u:", "    return far"]
    rows = compare(left, right, names=NAMES)
    assert [row.state for row in rows] == [RowState.RENAMED, RowState.RENAMED, RowState.SAME]
    first = rows[0]
    assert (first.left_changes, first.right_changes) == ((), ())
    assert [(first.left_text[name.start : name.end], name.other) for name in first.left_names] == [
        ("here", "u"),
        ("waiting", "queue"),
    ]
    assert [(first.right_text[name.start : name.end], name.other) for name in first.right_names] == [
        ("u", "here"),
        ("queue", "waiting"),
    ]


def test_what_differs_beside_exchanged_names_is_still_marked():
    (row,) = compare(['waiting.append("in")'], ['queue.append("out")'], names=NAMES)
    assert row.state is RowState.CHANGED
    assert [row.left_text[start:end] for start, end in row.left_changes] == ["in"]
    assert [row.left_text[name.start : name.end] for name in row.left_names] == ["waiting"]


def test_a_word_that_was_left_as_it_is_in_a_text_is_the_same():
    rows = compare(["# waiting in here", "f(waiting)"], ["# waiting in here", "f(queue)"], names=NAMES)
    assert [row.state for row in rows] == [RowState.SAME, RowState.RENAMED]


def test_names_that_changed_places_are_told_apart():
    (row,) = compare(["here - u"], ["u - here"], names=NAMES)
    assert row.state is RowState.RENAMED
    assert [name.other for name in row.left_names] == ["u", "here"]


@settings(max_examples=200, deadline=None)
@given(
    _lines_of(["waiting", "here", "u", "v", " ", "(", "+"]),
    _lines_of(["queue", "here", "u", "v", " ", "(", "+"]),
)
def test_with_names_too_every_line_stands_once_and_marks_lie_apart(left, right):
    rows = compare(left, right, names=NAMES)
    assert [row.left_text for row in rows if row.left_number is not None] == left
    assert [row.right_text for row in rows if row.right_number is not None] == right
    for row in rows:
        for text, changes, names in (
            (row.left_text, row.left_changes, row.left_names),
            (row.right_text, row.right_changes, row.right_names),
        ):
            marks = sorted([*changes, *((name.start, name.end) for name in names)])
            assert all(0 <= start < end <= len(text) for start, end in marks)
            assert all(one[1] <= other[0] for one, other in pairwise(marks))
        assert (row.state is RowState.RENAMED) == (bool(row.left_names) and not row.left_changes + row.right_changes)
