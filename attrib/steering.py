"""Keeps a generator from reproducing what the policy blocks: what would carry a copy on is barred, nothing else."""

from collections.abc import Callable, Iterable
from typing import Literal

from attrib.answers import Action
from index.matches import ReferenceFile
from index.reference_index import ReferenceIndex
from index.shadow import Shadow

Steering = Literal["off", "on", "retry"]


class SourceGuide:
    """A guide for the choices of one request; `action_of` says what the policy does about a licence expression.

    Only sources that are blocked are steered away from, and only once the output has followed one for a window of the
    index: what merely asks for attribution is written as it comes.
    """

    def __init__(
        self, index: ReferenceIndex, action_of: Callable[[str], Action], choices: int, exclude: Iterable[str] = ()
    ) -> None:
        self._action_of = action_of
        self._shadows = [Shadow(index, self._is_blocked, exclude) for _ in range(choices)]
        self._actions: dict[str, bool] = {}

    def barred(self, choice: int, text: str) -> tuple[str, ...]:
        """Take in what a choice has written since it was last asked; return the texts that must not come next."""
        told = self._shadows[choice].feed(text.encode(errors="surrogatepass"))
        return tuple(one.decode(errors="ignore") for one in told)

    def _is_blocked(self, file: ReferenceFile) -> bool:
        expression = file.license_expression
        if expression not in self._actions:
            self._actions[expression] = self._action_of(expression) is Action.BLOCK
        return self._actions[expression]
