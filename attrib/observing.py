"""What a service tells of its work to whoever measures it."""

from contextlib import AbstractContextManager, nullcontext

from attrib.answers import CheckAnswer, GenerateAnswer


class Observer:
    """Told of every check and generation once its record is stored, from several threads; this one keeps nothing."""

    def checked(self, answer: CheckAnswer, seconds: float) -> None:
        """A check has been answered."""

    def waiting(self) -> AbstractContextManager[None]:
        """A generation waits for the model's first token while the block runs."""
        return nullcontext()

    def held_back(self, seconds: float) -> None:
        """Text of a stream leaves, the oldest of it so long after it was written."""

    def generated(self, answer: GenerateAnswer, seconds: float) -> None:
        """A generation has been answered, or recorded where its reader left."""
