"""Requests say which field is wrong; pieces become completions."""

import pytest

from generator.base import Completion, GenerationRequest, Piece, gather
from generator.errors import GeneratorError, InvalidRequest


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_new_tokens", 0),
        ("n", 0),
        ("n", 65),
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("top_p", 0.0),
        ("top_p", 1.5),
        ("top_k", -1),
        ("repetition_penalty", 0.0),
        ("seed", -1),
        ("stop", ("",)),
        ("stop", "text"),
    ],
)
def test_a_field_out_of_range_is_named(field, value):
    with pytest.raises(InvalidRequest, match=rf"^{field} is .* it must be .*\.$") as caught:
        GenerationRequest("x", **{field: value})
    assert isinstance(caught.value, GeneratorError)
    assert isinstance(caught.value, ValueError)


def test_a_request_cannot_be_changed():
    request = GenerationRequest("x")
    with pytest.raises(AttributeError):
        request.n = 2


def test_pieces_of_several_choices_are_put_together_in_order():
    pieces = [Piece(1, "b", None, 1), Piece(0, "a", None, 1), Piece(0, "", "stop", 1), Piece(1, "c", "length", 2)]
    assert gather(pieces) == (Completion("a", "stop", 2), Completion("bc", "length", 3))
