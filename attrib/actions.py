"""What a verdict can ask for."""

from enum import StrEnum


class Action(StrEnum):
    """What a verdict asks for, from the mildest to the strictest."""

    ALLOW = "allow"
    ATTRIBUTE = "attribute"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """0 for allow up to 3 for block."""
        return list(Action).index(self)

    @property
    def asks_for_credit(self) -> bool:
        """Whether code may be used with a notice; what is blocked may not be, with or without one."""
        return self in (Action.ATTRIBUTE, Action.REVIEW)


def strictest(actions: list[Action]) -> Action:
    """Return the strictest of the actions; allow when there are none."""
    return max(actions, key=lambda action: action.severity, default=Action.ALLOW)
