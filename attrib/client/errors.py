"""What can go wrong in asking a server: one base, and the problem inside where the server told it."""

from attrib.client.answers import Problem
from attrib.errors import AttribError

__all__ = ("ApiError", "ClientError", "Problem", "Unreachable")


class ClientError(AttribError):
    """Base of all errors of the client."""


class Unreachable(ClientError):
    """The server did not answer, or not in time, or broke off."""


class ApiError(ClientError):
    """The server refused the request; `problem` says why and what to do about it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.title}: {problem.detail}" if problem.detail else problem.title)
        self.problem = problem
