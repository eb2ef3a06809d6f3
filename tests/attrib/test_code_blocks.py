"""The code in an answer in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrib.code_blocks import code_blocks, code_of


def test_blocks_are_taken_out_with_their_language():
    text = "Here:\n```python\nx = 1\n```\nand\n~~~ js title=a\ny()\n~~~\n"
    assert [(block.language, block.code) for block in code_blocks(text)] == [("python", "x = 1\n"), ("js", "y()\n")]
    assert code_of(text) == ("x = 1\n\ny()\n", "python")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\nopen to the end", "open to the end\n"),
        ("````\n```\ninner\n```\n````", "```\ninner\n```\n"),
        ("no fence at all", "no fence at all"),
        ("``` not ` a fence\nx", "``` not ` a fence\nx"),
        ("   ```\nindented\n   ```", "indented\n"),
    ],
)
def test_fences_are_those_of_commonmark(text, code):
    assert code_of(text)[0] == code


@given(st.lists(st.text(alphabet="ab\n~ x", max_size=20), max_size=4))
def test_what_is_fenced_comes_back_whole(codes):
    codes = [code.strip("\n") for code in codes]
    text = "words\n" + "".join(f"`````\n{code}\n`````\nwords\n" for code in codes)
    assert [block.code for block in code_blocks(text)] == [f"{code}\n" for code in codes]
