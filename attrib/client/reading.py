"""Reads what a server sends: JSON into data, and a stream into its lines."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from attrib.client.errors import ClientError

T = TypeVar("T")


def read(type_: type[T], told: bytes | str) -> T:
    """Read JSON; raises ClientError where it is not of that type."""
    known: Any = type_
    try:
        answer: T = _adapter(known).validate_json(told)
    except ValidationError as error:
        raise ClientError(f"the server's answer is not the API's ({error.error_count()} fields are wrong)") from None
    return answer


class Lines:
    """Cuts a stream into lines at line feeds only: JSON may hold what else ends a line in Python."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, part: bytes) -> list[str]:
        """Take in the next bytes; return the lines that they end."""
        *whole, self._rest = (self._rest + part).split(b"\n")
        return [line.decode("utf-8", "replace") for line in whole]


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)
