"""What came of making one thing break, many times."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault and how often it was made.

    `lost` counts what was acknowledged and is not there, `wrong` answers that are neither true nor a refusal, and
    `unhealed` the times after which doing it again did not give what an undisturbed run gives. `healing_seconds` is the
    longest that took. `skipped` says why nothing was tried.
    """

    fault: str
    tried: int
    lost: int = 0
    wrong: int = 0
    unhealed: int = 0
    healing_seconds: float = 0.0
    skipped: str = ""

    @property
    def held(self) -> bool:
        """Whether it was tried, and nothing came of it."""
        return not self.skipped and self.tried > 0 and not (self.lost or self.wrong or self.unhealed)


def table(rows: list[FaultRow]) -> str:
    """Return the rows as text."""
    head = f"{'fault':<58}{'tried':>7}{'lost':>6}{'wrong answers':>15}{'unhealed':>10}{'time to heal':>14}"
    return "\n".join([head, *map(_line, rows)])


def _line(row: FaultRow) -> str:
    if row.skipped:
        return f"{row.fault:<58}  skipped: {row.skipped}"
    healing = f"{row.healing_seconds:.2f} s"
    return f"{row.fault:<58}{row.tried:>7}{row.lost:>6}{row.wrong:>15}{row.unhealed:>10}{healing:>14}"
