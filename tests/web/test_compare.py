"""The comparison: both texts whole and in order, equal lines together, differences where they are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from web.compare import RowState, compare

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
