"""Numbers of lines as a person writes them."""

from collections.abc import Iterable


def line_ranges(numbers: Iterable[int]) -> str:
    """Return ascending line numbers with runs joined: "line 3", "lines 1, 4-9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    several = len(runs) > 1 or any(first != last for first, last in runs)
    told = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    return f"line{'s' if several else ''} {told}"
