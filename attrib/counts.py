"""Counts in words."""


def plural(number: int, noun: str) -> str:
    """Return a count with its noun: "1 file", "9,120 files"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
