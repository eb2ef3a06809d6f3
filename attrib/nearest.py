"""The spelling somebody probably meant."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], likeness: float = 0.5) -> str:
    """Return " (did you mean 'x'?)" for the known name most like this one, or nothing where none is."""
    spelt = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), spelt, n=1, cutoff=likeness)
    return f" (did you mean {spelt[near[0]]!r}?)" if near else ""
